import {err, ok, type Result} from '../../lib/result.ts';
import {valueAt} from './fields.ts';
import type {ApiObject} from './object.ts';
import type {Kind} from './kinds.ts';

export type Predicate = (object: ApiObject) => boolean;

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

const KEY = /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Label selectors, equality- and set-based: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>3`. An empty one matches all. */
export function parseLabelSelector(text: string): Result<Predicate, string> {
  const requirements: Requirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part);
    if (!requirement.ok) return requirement;
    requirements.push(requirement.value);
  }
  return ok(object => requirements.every(holds => holds(object.metadata.labels ?? {})));
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^(]*\))/).map(part => part.trim());
}

function parseRequirement(part: string): Result<Requirement, string> {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  const pair = /^([^\s=!<>]+)\s*(==|=|!=|>|<)\s*(\S*)$/.exec(part);
  const exists = /^(!?)\s*([^\s=!<>(),]+)$/.exec(part);
  const [key, values, requirement] = set
    ? [set[1] ?? '', (set[3] ?? '').split(',').map(value => value.trim()), setRequirement]
    : pair
      ? [pair[1] ?? '', [pair[3] ?? ''], pairRequirement]
      : [exists?.[2] ?? '', [], existsRequirement];
  if (set === null && pair === null && exists === null) return err(`unable to parse requirement: found '${part}'`);
  if (!KEY.test(key))
    return err(
      `unable to parse requirement: <nil>: Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
    );
  const wrong = values.find(value => !VALUE.test(value) || value.length > 63);
  if (wrong !== undefined)
    return err(
      `unable to parse requirement: values[0][${key}]: Invalid value: "${wrong}": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
    );
  return ok(requirement(key, (set ?? pair)?.[2] ?? exists?.[1] ?? '', values));
}

const setRequirement =
  (key: string, operator: string, values: readonly string[]): Requirement =>
  labels => {
    const value = labels[key];
    const contained = value !== undefined && values.includes(value);
    return operator === 'in' ? contained : !contained;
  };

function pairRequirement(key: string, operator: string, values: readonly string[]): Requirement {
  const wanted = values[0] ?? '';
  switch (operator) {
    case '!=':
      return labels => labels[key] !== wanted;
    case '>':
      return labels => labels[key] !== undefined && Number(labels[key]) > Number(wanted);
    case '<':
      return labels => labels[key] !== undefined && Number(labels[key]) < Number(wanted);
    default:
      return labels => labels[key] === wanted;
  }
}

const existsRequirement =
  (key: string, not: string): Requirement =>
  labels =>
    Object.hasOwn(labels, key) !== (not === '!');

export type FieldTerm = {readonly field: string; readonly negated: boolean; readonly value: string};

/** Field selectors: `metadata.name=x,status.phase!=Running`; `\,` `\=` and `\\` escape. */
export function parseFieldSelector(text: string, kind: Kind): Result<readonly FieldTerm[], string> {
  const terms: FieldTerm[] = [];
  for (const part of text.split(/(?<!\\),/).filter(part => part !== '')) {
    const match = /^((?:[^=!\\]|\\.)+)(!=|==|=)(.*)$/s.exec(part);
    if (match === null) return err(`invalid selector: '${text}'; can't understand '${part}'`);
    const field = match[1] ?? '';
    if (!supported(kind, field)) return err(`field label not supported: ${field}`);
    terms.push({field, negated: match[2] === '!=', value: (match[3] ?? '').replace(/\\([\\,=])/g, '$1')});
  }
  return ok(terms);
}

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
