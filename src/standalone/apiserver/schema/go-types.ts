import {componentName} from './builtin.ts';
import {hasFormat} from './format.ts';
import {isObject, type JsonValue} from './json.ts';
import {memberSchema, type Schema} from './schema.ts';

const QUANTITY = /^[+-]?[0-9.]+(?:[eEinumkKMGTP]+[-+]?[0-9]*|[-+][0-9]*)?$/;

/** Kubernetes's words for it. */
const QUANTITY_AS_TOLD = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';

/** Where a value stands: the innermost Go struct, and the fields from the outermost one, list indexes left out. */
type Place = {readonly struct: string; readonly path: string};

/**
 * The first value that a Go decoder of this type would refuse, in a real server's words. Built-in kinds and the metadata
 * of all kinds are Go structs there: a wrong type is no question of validation but the end of decoding.
 *
 * @returns undefined when everything can be decoded
 */
export const decodingProblem = (schema: Schema, value: JsonValue, struct: string): string | undefined =>
  problemAt(schema, value, {struct, path: ''});

function problemAt(schema: Schema, value: JsonValue, place: Place): string | undefined {
  if (value === null || schema['x-kubernetes-preserve-unknown-fields'] === true) return undefined;
  const name = structName(schema);
  if (name === 'Quantity') return quantityProblem(value);
  if (name === 'IntOrString') return undefined;
  if (jsonType(value) !== wantedJsonType(schema)) return mismatch(schema, value, place);
  if (typeof value === 'string') return textProblem(schema, value, place);
  return childProblem(schema, value, place);
}

function childProblem(schema: Schema, value: JsonValue, place: Place): string | undefined {
  if (Array.isArray(value)) {
    const {items = {}} = schema;
    return first(value, item => problemAt(items, item, place));
  }
  if (!isObject(value)) return undefined;
  return first(Object.entries(value), ([key, child]) => {
    const member = memberSchema(schema, key);
    return member === undefined ? undefined : problemAt(member, child, inside(schema, place, key));
  });
}

/** The keys of a map are no fields. */
function inside(schema: Schema, {struct, path}: Place, key: string): Place {
  if (schema.properties === undefined) return {struct, path};
  return {struct: structName(schema) ?? struct, path: path === '' ? key : `${path}.${key}`};
}

function first<T>(items: readonly T[], problem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const jsonType = (value: JsonValue): string =>
  value === null ? 'null' : typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value;

/** Any JSON may stand where the schema names no type. */
function wantedJsonType({type}: Schema): string | undefined {
  if (type === 'integer') return 'number';
  return type === 'boolean' ? 'bool' : type;
}

const mismatch = (schema: Schema, value: JsonValue, {struct, path}: Place): string =>
  `json: cannot unmarshal ${jsonType(value)} into Go struct field ${struct}.${path} of type ${goType(schema)}`;

function goType(schema: Schema): string {
  switch (schema.type) {
    case 'integer':
      return schema.format ?? 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'array':
      return `[]${goType(schema.items ?? {})}`;
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? `map[string]${goType(schema.additionalProperties)}`
        : `v1.${structName(schema) ?? 'Object'}`;
    default:
      return 'string';
  }
}

/** `io.k8s.api.core.v1.Container` → `Container`. */
const structName = (schema: Schema): string | undefined => componentName(schema)?.split('.').at(-1);

function textProblem({format}: Schema, text: string, {path}: Place): string | undefined {
  if (format === 'byte' && !hasFormat('byte', text)) return `illegal base64 data at input byte ${badBase64At(text)}`;
  if (format !== 'date-time' || hasFormat('date-time', text)) return undefined;
  const layout = MICRO_TIMES.test(path) ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
  return `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"`;
}

/** Fields of type MicroTime; all other times are in whole seconds. */
const MICRO_TIMES = /(^|[.])(renewTime|acquireTime|eventTime|lastObservedTime)$/;

function badBase64At(text: string): number {
  const at = text.search(/[^A-Za-z0-9+/]/);
  return at === -1 ? text.length : at;
}

function quantityProblem(value: JsonValue): string | undefined {
  if (typeof value === 'number' || (typeof value === 'string' && QUANTITY.test(value))) return undefined;
  return `quantities must match the regular expression '${QUANTITY_AS_TOLD}'`;
}
