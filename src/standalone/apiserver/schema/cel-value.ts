import {Environment} from '@marcbachmann/cel-js';
import {isObject, type JsonObject, type JsonValue} from './json.ts';
import {memberSchema, preservesUnknown, type Schema} from './schema.ts';

/** One class per object schema, so that the engine tells its type by the value. */
type MessageClass = new (fields: Record<string, unknown>) => object;

/** The CEL types made of one schema, and the environment that knows them. */
export type CelTypes = {readonly env: Environment; readonly classes: Map<Schema, MessageClass>};

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** How a property is spelled in rules: Kubernetes escapes what is no CEL identifier. */
export function escapedName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** Declares the CEL type of `schema`, nested ones first, and returns its name. */
export function declareType(types: CelTypes, schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'dyn';
  switch (schema.type) {
    case 'string':
      return stringType(schema.format ?? '');
    case 'integer':
      return 'int';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'array':
      return schema.items === undefined ? 'list<dyn>' : `list<${declareType(types, schema.items)}>`;
    case 'object':
      return objectType(types, schema);
    default:
      return 'dyn';
  }
}

function stringType(format: string): string {
  if (format === 'date-time' || format === 'date') return 'google.protobuf.Timestamp';
  if (format === 'duration') return 'google.protobuf.Duration';
  return format === 'byte' ? 'bytes' : 'string';
}

function objectType(types: CelTypes, schema: Schema): string {
  const {properties, additionalProperties} = schema;
  if (properties === undefined || Object.keys(properties).length === 0) {
    if (typeof additionalProperties === 'object') return `map<string, ${declareType(types, additionalProperties)}>`;
    if (preservesUnknown(schema)) return 'dyn';
  }
  return declareMessage(types, schema, properties ?? {});
}

function declareMessage(types: CelTypes, schema: Schema, properties: Readonly<Record<string, Schema>>): string {
  const fields: Record<string, string> = {};
  for (const [name, property] of Object.entries(properties)) fields[escapedName(name)] = declareType(types, property);
  const name = `object${types.classes.size}`;
  const Message = class {
    constructor(values: Record<string, unknown>) {
      Object.assign(this, values);
    }
  };
  types.classes.set(schema, Message);
  types.env.registerType(name, {ctor: Message, fields});
  types.env.registerOperator(`${name} == ${name}`, (a: unknown, b: unknown) => equalValues(a, b));
  return name;
}

/** Equality of converted values. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size && left.every(([key, value]) => right.has(key) && equalValues(value, right.get(key)))
  );
}

const durations = new Environment().registerVariable('text', 'string').parse('duration(text)');

/** A JSON value as the CEL value its schema says. A null member counts as absent. */
export function toCel(types: CelTypes, schema: Schema, value: JsonValue): unknown {
  if (Array.isArray(value)) {
    const {items} = schema;
    return value.map(item => (items === undefined ? untyped(item) : toCel(types, items, item)));
  }
  if (isObject(value)) return objectToCel(types, schema, value);
  if (typeof value === 'number') {
    return schema.type === 'integer' || (schema.type !== 'number' && Number.isInteger(value)) ? BigInt(value) : value;
  }
  return typeof value === 'string' ? stringToCel(schema, value) : value;
}

function stringToCel(schema: Schema, value: string): unknown {
  if (schema.type !== 'string') return value;
  switch (stringType(schema.format ?? '')) {
    case 'google.protobuf.Timestamp':
      return new Date(value);
    case 'google.protobuf.Duration':
      return durations({text: value});
    case 'bytes':
      return Uint8Array.from(Buffer.from(value, 'base64'));
    default:
      return value;
  }
}

function objectToCel(types: CelTypes, schema: Schema, object: JsonObject): unknown {
  const Message = types.classes.get(schema);
  if (Message === undefined) {
    const {additionalProperties} = schema;
    if (typeof additionalProperties !== 'object') return untyped(object);
    return mapMembers(object, member => toCel(types, additionalProperties, member));
  }
  const fields: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(object)) {
    const property = memberSchema(schema, key);
    if (property !== undefined && member !== null) fields[escapedName(key)] = toCel(types, property, member);
  }
  return new Message(fields);
}

function untyped(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(untyped);
  if (isObject(value)) return mapMembers(value, untyped);
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

const mapMembers = (object: JsonObject, convert: (member: JsonValue) => unknown): Map<string, unknown> =>
  new Map(Object.entries(object).map(([key, member]) => [key, convert(member)]));
