import type {TSchema} from 'typebox';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {Rule, Scalar, Wire} from './schema.ts';

// The JSON form of a message, by the rules of the original's parser: lenient about what it may not know, strict about
// what a message cannot do without. One walk over the schema each way; the schema is the table.

type Described = {
  readonly wire?: Scalar | 'message';
  readonly rule?: Rule;
  readonly of?: Described;
  readonly fallback?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Described>>;
};

type Fields = Record<string, unknown>;

/** Decoded, `undefined` for "as if it had not been sent", or what is wrong and where. */
type Decoded = Result<unknown, string>;

const UNSET = ok(undefined);
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a message from parsed JSON. Unknown fields are ignored. `null` and an unknown enum name read as unset. Numbers
 * and booleans may be strings. One object stands for a list of one.
 *
 * @returns the message, defaults not filled in, or one sentence that names the field that is wrong or missing
 */
export function decodeJson<S extends TSchema>(schema: S, value: unknown): Result<Wire<S>, string> {
  const decoded = decodeValue(schema as Described, value, '');
  return decoded.ok ? ok(decoded.value as Wire<S>) : decoded;
}

function decodeValue(schema: Described, value: unknown, path: string): Decoded {
  switch (schema.wire) {
    case 'message':
      return decodeMessage(schema, value, path);
    case 'enum':
      return decodeEnum(schema, value, path);
    case 'string':
      return typeof value === 'string' ? ok(value) : wrong(path, 'a string', value);
    case 'bytes':
      return typeof value === 'string' && isBase64(value) ? ok(value) : wrong(path, 'base64', value);
    case 'bool':
      return decodeBool(value, path);
    case 'double':
      return decodeNumber(value, path, Number.NEGATIVE_INFINITY, false);
    case 'int32':
      return decodeNumber(value, path, -(2 ** 31), true);
    case 'int64':
      return decodeNumber(value, path, -(2 ** 63), true);
    case 'uint32':
    case 'uint64':
      return decodeNumber(value, path, 0, true);
    default:
      throw new Error(`not a wire schema at ${path}`);
  }
}

function decodeMessage(schema: Described, value: unknown, path: string): Decoded {
  if (!isObject(value)) return wrong(path, 'an object', value);
  const message: Fields = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    const decoded = decodeField(field, Object.hasOwn(value, name) ? value[name] : undefined, at);
    if (!decoded.ok) return decoded;
    if (decoded.value !== undefined) message[name] = decoded.value;
    else if (field.rule === 'required') return err(`Missing required field '${at}'`);
  }
  return ok(message);
}

function decodeField(field: Described, value: unknown, path: string): Decoded {
  if (value === undefined || value === null) return UNSET;
  const inner = field.of ?? field;
  if (field.rule === 'list') return decodeList(inner, value, path);
  if (field.rule === 'map') return decodeMap(inner, value, path);
  return decodeValue(inner, value, path);
}

function decodeList(item: Described, value: unknown, path: string): Decoded {
  const items: unknown[] = [];
  const entries = Array.isArray(value) ? value : [value];
  for (const [index, entry] of entries.entries()) {
    if (entry === null) continue;
    const decoded = decodeValue(item, entry, `${path}[${index}]`);
    if (!decoded.ok) return decoded;
    if (decoded.value !== undefined) items.push(decoded.value);
  }
  return ok(items);
}

function decodeMap(item: Described, value: unknown, path: string): Decoded {
  if (!isObject(value)) return wrong(path, 'an object', value);
  const entries: [string, unknown][] = [];
  for (const [key, entry] of Object.entries(value)) {
    if (entry === null) continue;
    const decoded = decodeValue(item, entry, `${path}.${key}`);
    if (!decoded.ok) return decoded;
    entries.push([key, decoded.value]);
  }
  return ok(Object.fromEntries(entries));
}

function decodeEnum(schema: Described, value: unknown, path: string): Decoded {
  if (typeof value !== 'string') return wrong(path, 'a name', value);
  return schema.enum?.includes(value) === true ? ok(value) : UNSET;
}

function decodeBool(value: unknown, path: string): Decoded {
  if (value === true || value === 'true') return ok(true);
  if (value === false || value === 'false') return ok(false);
  return wrong(path, 'true or false', value);
}

function decodeNumber(value: unknown, path: string, least: number, whole: boolean): Decoded {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) return wrong(path, 'a number', value);
  if (whole && !Number.isFinite(number)) return wrong(path, 'a whole number', value);
  const result = whole ? Math.trunc(number) : number;
  return result < least ? wrong(path, `a number of at least ${least}`, value) : ok(result);
}

const isBase64 = (value: string): boolean => /^[A-Za-z0-9+/_-]*={0,2}$/.test(value);

const wrong = (path: string, wanted: string, value: unknown): {readonly ok: false; readonly error: string} =>
  err(`Expected ${wanted} for '${path}', got ${describe(value)}`);

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  return String(JSON.stringify(value)).slice(0, 60);
}

/**
 * Writes a message as plain JSON data: scalars with a default appear even when unset, empty maps and most empty lists do not,
 * infinite numbers are the strings `Infinity` and `-Infinity`.
 */
export function encodeJson<S extends TSchema>(schema: S, value: Wire<S>): unknown {
  return encodeValue(schema as Described, value);
}

function encodeValue(schema: Described, value: unknown): unknown {
  if (schema.wire === 'message' && isObject(value)) return encodeMessage(schema, value);
  if (schema.wire === 'double' && typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

function encodeMessage(schema: Described, value: Fields): Fields {
  const out: Fields = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const encoded = encodeField(field, value[name]);
    if (encoded !== undefined) out[name] = encoded;
  }
  return out;
}

function encodeField(field: Described, value: unknown): unknown {
  if (value === undefined) return field.fallback;
  const inner = field.of ?? field;
  if (field.rule === 'list') {
    return Array.isArray(value) && value.length > 0 ? value.map(item => encodeValue(inner, item)) : field.fallback;
  }
  if (field.rule === 'map' && isObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, encodeValue(inner, item)] as const);
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  return encodeValue(inner, value);
}
