import {err, ok, type Result} from '../../lib/result.ts';
import {valueAt} from './fields.ts';
import type {ApiObject} from './object.ts';
import type {Kind} from './kinds.ts';
import {labelValueProblems, qualifiedNameProblems} from './names.ts';

export type Predicate = (object: ApiObject) => boolean;

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

/** A word, one of `= == != > < ! , ( )`, or '' at the end. */
type Token = string;

const SYMBOLS = ['=', '==', '!=', '>', '<', '!', ',', '(', ')'];
const EXPECTED_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/** Label selectors, equality- and set-based: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>3`. An empty one matches all. */
export function parseLabelSelector(text: string): Result<Predicate, string> {
  const tokens = tokenize(text);
  const requirements: Requirement[] = [];
  if (tokens[0] === '') return ok(() => true);
  for (;;) {
    const token = tokens[0] ?? '';
    if (token !== '!' && !isWord(token)) return err(`found '${token}', expected: !, identifier, or 'end of string'`);
    const requirement = parseRequirement(tokens);
    if (!requirement.ok) return err(`unable to parse requirement: ${requirement.error}`);
    requirements.push(requirement.value);
    const separator = tokens.shift() ?? '';
    if (separator === '') break;
    if (separator !== ',') return err(`found '${separator}', expected: ',' or 'end of string'`);
    const next = tokens[0] ?? '';
    if (next !== '!' && !isWord(next)) return err(`found '${next}', expected: identifier after ','`);
  }
  return ok(object => requirements.every(holds => holds(object.metadata.labels ?? {})));
}

/** Runs of symbols are read greedily: `===` is `==` and `=`. */
function tokenize(text: string): Token[] {
  const tokens = text.match(/==|!=|[=><!,()]|[^\s=><!,()]+/g) ?? [];
  return [...tokens, ''];
}

const isWord = (token: Token): boolean => token !== '' && !SYMBOLS.includes(token);

/** Takes the tokens of one requirement off the list. */
function parseRequirement(tokens: Token[]): Result<Requirement, string> {
  const negated = tokens[0] === '!';
  if (negated) tokens.shift();
  const key = tokens.shift() ?? '';
  if (!isWord(key)) return err(`found '${key}', expected: identifier`);
  const [problem] = qualifiedNameProblems(key);
  if (problem !== undefined) return err(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problem}`);
  if (negated) return ok(labels => !Object.hasOwn(labels, key));
  if (tokens[0] === '' || tokens[0] === ',') return ok(labels => Object.hasOwn(labels, key));
  const operator = tokens.shift() ?? '';
  const values = operator === 'in' || operator === 'notin' ? parseSet(tokens) : parseValue(tokens, operator);
  if (!values.ok) return values;
  const wrong = valuesProblem(key, operator, values.value);
  return wrong === undefined ? ok(requirementOf(key, operator, values.value)) : err(wrong);
}

function parseSet(tokens: Token[]): Result<readonly string[], string> {
  const open = tokens.shift() ?? '';
  if (open !== '(') return err(`found '${open}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    const token = tokens.shift() ?? '';
    if (isWord(token)) values.push(token);
    else if (token === ',' || token === ')') values.push('');
    else return err(`found '${token}', expected: ',', ')' or identifier`);
    if (token === ')') return ok(values);
    if (token === ',') continue;
    const next = tokens.shift() ?? '';
    if (next === ')') return ok(values);
    if (next !== ',') return err(`found '${next}', expected: ',' or ')'`);
  }
}

function parseValue(tokens: Token[], operator: Token): Result<readonly string[], string> {
  if (!['=', '==', '!=', '>', '<'].includes(operator)) {
    return err(`found '${operator}', expected: ${EXPECTED_OPERATORS}`);
  }
  const token = tokens[0] ?? '';
  if (token === '' || token === ',') return ok(['']);
  if (!isWord(token)) return err(`found '${token}', expected: identifier`);
  tokens.shift();
  return ok([token]);
}

function valuesProblem(key: string, operator: string, values: readonly string[]): string | undefined {
  if ((operator === '>' || operator === '<') && !/^[+-]?\d+$/.test(values[0] ?? '')) {
    const why = "for 'Gt', 'Lt' operators, the value must be an integer";
    return `values[0]: Invalid value: ${JSON.stringify(values[0])}: ${why}`;
  }
  for (const [index, value] of values.entries()) {
    const [problem] = labelValueProblems(value);
    if (problem !== undefined) return `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`;
  }
  return undefined;
}

function requirementOf(key: string, operator: string, values: readonly string[]): Requirement {
  const has: Requirement = labels => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '');
  switch (operator) {
    case '!=':
    case 'notin':
      return labels => !has(labels);
    case '>':
      return labels => Object.hasOwn(labels, key) && Number(labels[key]) > Number(values[0]);
    case '<':
      return labels => Object.hasOwn(labels, key) && Number(labels[key]) < Number(values[0]);
    default:
      return has;
  }
}

export type FieldTerm = {readonly field: string; readonly negated: boolean; readonly value: string};

/** Field selectors: `metadata.name=x,status.phase!=Running`; `\,` `\=` and `\\` escape. */
export function parseFieldSelector(text: string, kind: Kind): Result<readonly FieldTerm[], string> {
  const terms: FieldTerm[] = [];
  for (const part of text.split(/(?<!\\),/).filter(part => part !== '')) {
    const match = /^((?:[^=!\\]|\\.)+)(!=|==|=)(.*)$/s.exec(part);
    if (match === null) return err(`invalid selector: '${text}'; can't understand '${part}'`);
    const field = match[1] ?? '';
    const value = match[3] ?? '';
    const escape = /\\(?![\\,=])(.?)/.exec(value.replaceAll('\\\\', ''));
    if (escape !== null) return err(`invalid field selector: invalid escape sequence: \\${escape[1] ?? ''}`);
    if (!supported(kind, field)) return err(unsupportedField(kind, field));
    terms.push({field, negated: match[2] === '!=', value: value.replace(/\\([\\,=])/g, '$1')});
  }
  return ok(terms);
}

/** Kinds without selectable fields of their own have words of their own. */
const unsupportedField = ({custom, selectableFields}: Kind, field: string): string =>
  custom || selectableFields.length > 0
    ? `field label not supported: ${field}`
    : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;

const supported = (kind: Kind, field: string): boolean =>
  field === 'metadata.name' ||
  (field === 'metadata.namespace' && kind.namespaced) ||
  kind.selectableFields.includes(field);

export const matchesFields =
  (terms: readonly FieldTerm[]): Predicate =>
  object =>
    terms.every(({field, negated, value}) => (fieldText(object, field) === value) !== negated);

/** What a field selector compares: absent fields are ''. */
function fieldText(object: ApiObject, field: string): string {
  if (field === 'source') return text(valueAt(object, 'source', 'component') ?? object['reportingComponent']);
  if (field === 'name') return object.metadata.name;
  if (field === 'spec.hostNetwork' || field === 'spec.unschedulable') {
    return String(valueAt(object, ...field.split('.')) ?? false);
  }
  return text(valueAt(object, ...field.split('.')));
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
