import {type Environment, Optional} from '@marcbachmann/cel-js';
import {err, ok, type Result} from '../../../lib/result.ts';
import {duplicate, forbidden, invalid, required} from './cause.ts';
import {CEL_BASE} from './cel-library.ts';
import {withOurMatches, withTheirMatches} from './cel-matches.ts';
import {type CelTypes, declareType, toCel} from './cel-value.ts';
import {canonicalJson, equalJson, isObject, type JsonObject, type JsonValue} from './json.ts';
import {memberSchema, type CauseReason, type Schema, type StatusCause, type ValidationRule} from './schema.ts';

/** Those which say that the object has not the form that rules count on. */
const BLOCKING = new Set<CauseReason>([
  'FieldValueTypeInvalid',
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueTooLong',
  'FieldValueTooMany',
]);
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/**
 * Runs every `x-kubernetes-validations` of the schema. Rules were compiled once per schema.
 *
 * @param found what is wrong with the object otherwise: when that keeps the rules from running, the answer says so
 */
export function ruleCauses(
  schema: Schema,
  object: JsonObject,
  oldObject: JsonObject | undefined,
  found: readonly StatusCause[],
): readonly StatusCause[] {
  if (!hasRules(schema)) return [];
  return found.some(({reason}) => BLOCKING.has(reason))
    ? [invalid('', null, NOT_CHECKED)]
    : nodeCauses(schema, object, oldObject, '');
}

export type RuleError = {readonly part: 'rule' | 'messageExpression'; readonly message: string};

/** Compiles a schema's own rules, for the check of a CRD; one entry per rule. */
export const compileRules = (schema: Schema): readonly Result<unknown, RuleError>[] => programsOf(schema).rules;

type Program = {
  readonly rule: ValidationRule;
  readonly usesOldSelf: boolean;
  readonly run: Evaluate;
  readonly message: Evaluate | undefined;
};
type Evaluate = (context: Record<string, unknown>) => unknown;
type Programs = {
  readonly types: CelTypes;
  readonly visible: Schema;
  readonly rules: readonly Result<Program, RuleError>[];
};

const programs = new WeakMap<Schema, Programs>();
const subtreesWithRules = new WeakMap<Schema, boolean>();

/** Whether there is any rule below. Built-in schemas may be cyclic, hence the mark before the descent. */
function hasRules(schema: Schema): boolean {
  const known = subtreesWithRules.get(schema);
  if (known !== undefined) return known;
  subtreesWithRules.set(schema, false);
  const {properties = {}, additionalProperties, items, allOf = []} = schema;
  const children = [...Object.values(properties), ...allOf];
  if (typeof additionalProperties === 'object') children.push(additionalProperties);
  if (items !== undefined) children.push(items);
  const own = (schema['x-kubernetes-validations'] ?? []).length > 0;
  const found = children.map(hasRules).includes(true) || own;
  subtreesWithRules.set(schema, found);
  return found;
}

function programsOf(schema: Schema): Programs {
  const known = programs.get(schema);
  if (known !== undefined) return known;
  const rules = schema['x-kubernetes-validations'] ?? [];
  const types: CelTypes = {env: CEL_BASE.clone(), classes: new Map()};
  const visible = visibleToRules(schema);
  const self = declareType(types, visible);
  const plain = types.env.registerVariable('self', self).clone();
  const optional = plain.clone().registerVariable('oldSelf', `optional<${self}>`);
  const compared = plain.clone().registerVariable('oldSelf', self);
  const compiled = {
    types,
    visible,
    rules: rules.map(rule => compile(rule.optionalOldSelf === true ? optional : compared, rule)),
  };
  programs.set(schema, compiled);
  return compiled;
}

/** Of metadata, rules at the root see the name only. */
function visibleToRules(schema: Schema): Schema {
  if (schema['x-kubernetes-group-version-kind'] === undefined) return schema;
  const text: Schema = {type: 'string'};
  const metadata: Schema = {type: 'object', properties: {name: text, generateName: text}};
  return {...schema, properties: {...schema.properties, metadata}};
}

function compile(env: Environment, rule: ValidationRule): Result<Program, RuleError> {
  const run = expression(env, rule.rule, 'bool');
  if (!run.ok) return err({part: 'rule', message: run.error});
  const text = rule.messageExpression;
  const message = text === undefined || text === '' ? undefined : expression(env, text, 'string');
  if (message?.ok === false) return err({part: 'messageExpression', message: message.error});
  return ok({rule, usesOldSelf: mentionsOldSelf(rule.rule), run: run.value, message: message?.value});
}

const mentionsOldSelf = (rule: string): boolean =>
  /\boldSelf\b/.test(rule.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""'));

function expression(env: Environment, text: string, wanted: 'bool' | 'string'): Result<Evaluate, string> {
  const rule = withOurMatches(text);
  const checked = env.check(rule);
  if (!checked.valid) return err(`compilation failed: ERROR: ${summaryOf(checked.error)}`);
  if (checked.type !== wanted && checked.type !== 'dyn') return err(`must evaluate to a ${wanted}`);
  const parsed = env.parse(rule);
  return ok(context => parsed(context));
}

/** The engine's message without its picture of the source. */
function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  return withTheirMatches(summary.split('\n')[0] ?? '').replace(/^No such/, 'no such');
}

function nodeCauses(schema: Schema, value: JsonValue, old: JsonValue | undefined, path: string): StatusCause[] {
  if (value === null || !hasRules(schema)) return [];
  return [
    ...ownRuleCauses(schema, value, old, path),
    ...(schema.allOf ?? []).flatMap(part => nodeCauses(part, value, old, path)),
    ...(Array.isArray(value) ? itemCauses(schema, value, old, path) : memberCauses(schema, value, old, path)),
  ];
}

function itemCauses(schema: Schema, list: readonly JsonValue[], old: JsonValue | undefined, path: string) {
  const {items} = schema;
  if (items === undefined) return [];
  const counterpart = oldItems(schema, old);
  return list.flatMap((item, index) => nodeCauses(items, item, counterpart(item), `${path}[${index}]`));
}

function memberCauses(schema: Schema, value: JsonValue, old: JsonValue | undefined, path: string): StatusCause[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const property = memberSchema(schema, key);
    const before = isObject(old) && Object.hasOwn(old, key) ? old[key] : undefined;
    return property === undefined ? [] : nodeCauses(property, child, before, path === '' ? key : `${path}.${key}`);
  });
}

/** Only items of a map list have an older self: the one with the same keys. */
function oldItems(schema: Schema, old: JsonValue | undefined): (item: JsonValue) => JsonValue | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return () => undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const identify = (item: JsonValue): string =>
    canonicalJson(keys.map(key => (isObject(item) ? (item[key] ?? null) : null)));
  const known = new Map(old.map(item => [identify(item), item]));
  return item => known.get(identify(item));
}

function ownRuleCauses(schema: Schema, value: JsonValue, old: JsonValue | undefined, path: string): StatusCause[] {
  if ((schema['x-kubernetes-validations'] ?? []).length === 0) return [];
  const {types, visible, rules} = programsOf(schema);
  const self = toCel(types, visible, value);
  const before = old === undefined || old === null ? undefined : toCel(types, visible, old);
  return rules.flatMap(compiled => {
    if (!compiled.ok) return [invalid(path, typeName(schema), `rule compile error: ${compiled.error.message}`)];
    const program = compiled.value;
    const optional = program.rule.optionalOldSelf === true;
    if (program.usesOldSelf && before === undefined && !optional) return [];
    const oldSelf = optional ? (before === undefined ? Optional.none() : Optional.of(before)) : before;
    // What an update leaves alone is not refused by a rule that came later.
    const ratcheted = !program.usesOldSelf && old !== undefined && equalJson(value, old);
    return ratcheted ? [] : programCauses(program, schema, value, {self, oldSelf}, path);
  });
}

const typeName = (schema: Schema): string => schema.type ?? '';

function programCauses(
  program: Program,
  schema: Schema,
  value: JsonValue,
  context: Record<string, unknown>,
  path: string,
): StatusCause[] {
  const {rule} = program;
  try {
    if (program.run(context) === true) return [];
  } catch (error) {
    return [invalid(path, typeName(schema), `${summaryOf(error)} evaluating rule: ${messageOf(rule)}`)];
  }
  // Of objects and lists a real server shows nothing.
  const shown = typeof value === 'object' ? undefined : value;
  return [causeFor(rule, fieldOf(rule, path), shown, detailOf(program, context))];
}

const messageOf = (rule: ValidationRule): string =>
  rule.message === undefined || rule.message === '' ? `failed rule: ${rule.rule.trim()}` : rule.message.trim();

function detailOf(program: Program, context: Record<string, unknown>): string {
  try {
    const text = program.message?.(context);
    if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim();
  } catch {
    // A message that cannot be made falls back to the constant one, as on a real server.
  }
  return messageOf(program.rule);
}

function fieldOf(rule: ValidationRule, path: string): string {
  const below = (rule.fieldPath ?? '')
    .replace(/^\./, '')
    .replace(/\['([^']*)'\]/g, '.$1')
    .replace(/^\./, '');
  if (below === '') return path;
  return path === '' ? below : `${path}.${below}`;
}

function causeFor(rule: ValidationRule, field: string, value: JsonValue | undefined, detail: string): StatusCause {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
    case 'FieldValueInvalid':
    case undefined:
      return invalid(field, value, detail);
    default:
      return rule.reason satisfies never;
  }
}
