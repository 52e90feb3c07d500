import {RE2JS} from 're2js';
import {ruleCauses} from './cel.ts';
import {duplicate, invalid, notSupported, required, tooLong, tooMany, typeInvalid} from './cause.ts';
import {hasFormat} from './format.ts';
import {canonicalJson, isObject, type JsonObject, type JsonValue} from './json.ts';
import {memberSchema, type Schema, type StatusCause} from './schema.ts';

/** What others found, in the places where a real server has it. */
export type Findings = {readonly before: readonly StatusCause[]; readonly afterValues: readonly StatusCause[]};

/**
 * Checks an object, already defaulted and pruned, against its schema, list types and CEL rules, with the messages of a
 * real server. CEL rules run only on what has the right form.
 *
 * @param oldObject what an update replaces: transition rules (`oldSelf`) compare with it
 * @param part      of a write to the status, values and their paths are those of the status alone
 * @returns         the findings and what it found itself; nothing when the object is fine
 */
export function validateObject(
  schema: Schema,
  object: JsonObject,
  oldObject: JsonObject | undefined,
  part: 'all' | 'status' = 'all',
  {before, afterValues}: Findings = {before: [], afterValues: []},
): readonly StatusCause[] {
  const values = part === 'status' ? statusCauses(schema, object) : valueCauses(schema, object, '');
  const causes = [...before, ...values, ...afterValues, ...listTypeCauses(schema, object, '')];
  return [...causes, ...ruleCauses(schema, object, oldObject, causes)];
}

function statusCauses(schema: Schema, {status}: JsonObject): StatusCause[] {
  const known = memberSchema(schema, 'status');
  if (known === undefined || status === undefined) return [];
  return valueCauses(known, status, '').map(cause => ({
    ...cause,
    field: cause.field === '<nil>' ? 'status' : `status.${cause.field}`,
  }));
}

export const childPath = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function allowedTypes(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
}

/** What is wrong with `value` and everything below it. */
export function valueCauses(schema: Schema, value: JsonValue, path: string): StatusCause[] {
  const wrongType = typeCause(schema, value, path);
  if (wrongType !== undefined) return [wrongType];
  if (value === null) return [];
  return [
    ...compositionCauses(schema, value, path),
    ...ownCauses(schema, value, path),
    ...enumCauses(schema, value, path),
    ...childCauses(schema, value, path),
  ];
}

function typeCause(schema: Schema, value: JsonValue, path: string): StatusCause | undefined {
  const types = allowedTypes(schema);
  const actual = typeOf(value);
  if (types.length === 0 || types.includes(actual)) return undefined;
  if (actual === 'null' && schema.nullable === true) return undefined;
  if (actual === 'integer' && types.includes('number')) return undefined;
  return typeInvalid(path, actual, `${path} in body must be of type ${types.join(',')}: "${actual}"`);
}

function enumCauses(schema: Schema, value: JsonValue, path: string): StatusCause[] {
  if (schema.enum === undefined || schema.enum.length === 0) return [];
  const wanted = canonicalJson(value);
  return schema.enum.some(item => canonicalJson(item) === wanted) ? [] : [notSupported(path, value, schema.enum)];
}

function ownCauses(schema: Schema, value: JsonValue, path: string): StatusCause[] {
  if (typeof value === 'string') return stringCauses(schema, value, path);
  if (typeof value === 'number') return numberCauses(schema, value, path);
  if (Array.isArray(value)) return countCauses(value.length, schema.minItems, schema.maxItems, 'items', path);
  if (!isObject(value)) return [];
  const count = Object.keys(value).length;
  return countCauses(count, schema.minProperties, schema.maxProperties, 'properties', path);
}

const patterns = new Map<string, RE2JS>();

/** RE2's syntax, as in Kubernetes, in time linear in the text. A pattern that is none was refused with its CRD. */
function patternOf(source: string): RE2JS {
  const compiled = patterns.get(source) ?? RE2JS.compile(source);
  patterns.set(source, compiled);
  return compiled;
}

function stringCauses(schema: Schema, value: string, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) causes.push(tooLong(path, schema.maxLength));
  if (schema.minLength !== undefined && length < schema.minLength) {
    causes.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && schema.pattern !== '' && !patternOf(schema.pattern).test(value)) {
    causes.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  return [...causes, ...formatCauses(schema, value, path)];
}

function numberCauses(schema: Schema, value: number, path: string): StatusCause[] {
  const {multipleOf} = schema;
  const [minimum, maximum] = [schema.minimum, schema.maximum].map(limit => limitFor(value, limit));
  const causes: StatusCause[] = [];
  const refuse = (detail: string) => causes.push(invalid(path, value, `${path} in body should be ${detail}`));
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true && value >= maximum) refuse(`less than ${maximum}`);
    else if (value > maximum) refuse(`less than or equal to ${maximum}`);
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true && value <= minimum) refuse(`greater than ${minimum}`);
    else if (value < minimum) refuse(`greater than or equal to ${minimum}`);
  }
  if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(value, multipleOf)) {
    refuse(`a multiple of ${multipleOf}`);
  }
  return [...causes, ...formatCauses(schema, value, path)];
}

/** Go compares whole numbers with a whole limit: a weight of 0 is not below a minimum of 0.5. */
const limitFor = (value: number, limit: number | undefined): number | undefined =>
  limit === undefined || !Number.isInteger(value) ? limit : Math.trunc(limit);

const isMultiple = (value: number, factor: number): boolean => {
  const ratio = value / factor;
  return Math.abs(ratio - Math.round(ratio)) < 1e-9;
};

function formatCauses(schema: Schema, value: string | number, path: string): StatusCause[] {
  const {format} = schema;
  if (format === undefined || format === '' || hasFormat(format, value)) return [];
  return [typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`)];
}

function countCauses(
  count: number,
  min: number | undefined,
  max: number | undefined,
  things: string,
  path: string,
): StatusCause[] {
  if (max !== undefined && count > max) return [tooMany(path, count, max)];
  if (min !== undefined && count < min) {
    // A real server shows the items that are there, but of properties how many it wants.
    return [invalid(path, things === 'items' ? count : min, `${path} in body should have at least ${min} ${things}`)];
  }
  return [];
}

function childCauses(schema: Schema, value: JsonValue, path: string): StatusCause[] {
  if (Array.isArray(value)) {
    const {items} = schema;
    return items === undefined ? [] : value.flatMap((item, index) => valueCauses(items, item, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  // What has a default is never missing: this counts for defaults that leave nested ones to be filled in.
  const missing = (schema.required ?? []).filter(
    key => !Object.hasOwn(value, key) && memberSchema(schema, key)?.default === undefined,
  );
  return [
    ...missing.map(key => required(childPath(path, key))),
    ...Object.entries(value).flatMap(([key, child]) => {
      const property = memberSchema(schema, key);
      return property === undefined ? [] : valueCauses(property, child, childPath(path, key));
    }),
  ];
}

function compositionCauses(schema: Schema, value: JsonValue, path: string): StatusCause[] {
  const {allOf = [], anyOf = [], oneOf = [], not} = schema;
  const causes: StatusCause[] = [];
  const refuse = (detail: string) => causes.push(invalid('', '', `${JSON.stringify(path)} must ${detail}`));
  if (anyOf.length > 0) {
    const tried = anyOf.map(option => valueCauses(option, value, path));
    if (tried.every(errors => errors.length > 0)) {
      refuse('validate at least one schema (anyOf)');
      causes.push(...shortest(tried));
    }
  }
  if (oneOf.length > 0) {
    const tried = oneOf.map(option => valueCauses(option, value, path));
    const valid = tried.filter(errors => errors.length === 0).length;
    if (valid === 0) {
      refuse('validate one and only one schema (oneOf). Found none valid');
      causes.push(...shortest(tried));
    } else if (valid > 1) refuse(`validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
  }
  const all = allOf.flatMap(option => valueCauses(option, value, path));
  if (all.length > 0) {
    causes.push(...all);
    refuse('validate all the schemas (allOf)');
  }
  if (not !== undefined && valueCauses(not, value, path).length === 0) refuse('not validate the schema (not)');
  return causes;
}

/** The alternative that came closest tells most. */
const shortest = (tried: readonly StatusCause[][]): StatusCause[] =>
  tried.reduce((best, errors) => (errors.length < best.length ? errors : best), tried[0] ?? []);

/** Items of a set, and keys of a map list, are unique. */
function listTypeCauses(schema: Schema, value: JsonValue, path: string): StatusCause[] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, child]) => {
      const property = memberSchema(schema, key);
      return property === undefined ? [] : listTypeCauses(property, child, childPath(path, key));
    });
  }
  if (!Array.isArray(value)) return [];
  const {items} = schema;
  const below = items === undefined ? [] : value.flatMap((item, at) => listTypeCauses(items, item, `${path}[${at}]`));
  return [...repeated(schema, value, path), ...below];
}

function repeated(schema: Schema, list: readonly JsonValue[], path: string): StatusCause[] {
  // Lists of built-in kinds are checked by hand, and some of them not at all.
  if (schema['x-null-is-absent'] === true) return [];
  const identify = identityOf(schema);
  if (identify === undefined) return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const identity = identify(item);
    const text = canonicalJson(identity);
    if (seen.has(text)) return [duplicate(`${path}[${index}]`, identity)];
    seen.add(text);
    return [];
  });
}

function identityOf(schema: Schema): ((item: JsonValue) => JsonValue) | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return item => item;
  if (schema['x-kubernetes-list-type'] !== 'map') return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return item => {
    if (!isObject(item)) return item;
    return Object.fromEntries(keys.flatMap(key => (item[key] === undefined ? [] : [[key, item[key]]])));
  };
}
