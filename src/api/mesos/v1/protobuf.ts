import type {TSchema} from 'typebox';
import {fromBase64, toBase64} from '../../../lib/base64.ts';
import {checkLimit, explainTooMuch} from '../../../lib/limits.ts';
import {signed, unsigned, WIRE, WireReader, WireWriter, type Bits} from '../../../lib/protobuf-wire.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Rule, Scalar, Wire} from './schema.ts';

// The protobuf form of a message, from the same schema as its JSON form. One walk each way.

type Described = {
  readonly wire?: Scalar | 'message';
  readonly rule?: Rule;
  readonly number?: number;
  readonly of?: Described;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly properties?: Readonly<Record<string, Described>>;
};

type Fields = Record<string, unknown>;
type Field = {
  readonly name: string;
  readonly number: number;
  readonly rule: Rule;
  readonly type: Described;
};

/** A message's fields in the order of their numbers, and by them. */
type Layout = {readonly fields: readonly Field[]; readonly byNumber: ReadonlyMap<number, Field>};

const layouts = new WeakMap<Described, Layout>();

function layoutOf(schema: Described): Layout {
  const known = layouts.get(schema);
  if (known !== undefined) return known;
  const fields = Object.entries(schema.properties ?? {})
    .map(([name, {number = 0, rule = 'optional', of: type = {}}]) => ({name, number, rule, type}))
    .sort((a, b) => a.number - b.number);
  const layout = {fields, byNumber: new Map(fields.map(field => [field.number, field]))};
  layouts.set(schema, layout);
  return layout;
}

const enumNames = new WeakMap<Described, ReadonlyMap<number, string>>();

/** Several names of one number: the first is read. */
function nameOf(schema: Described, number: number): string | undefined {
  let names = enumNames.get(schema);
  if (names === undefined) {
    names = new Map(
      Object.entries(schema.numbers ?? {})
        .map(([name, value]) => [value, name] as const)
        .reverse(),
    );
    enumNames.set(schema, names);
  }
  return names.get(number);
}

/**
 * Reads a message from protobuf. Unknown fields, fields laid out in another way than the schema says and unknown enum
 * values read as unset. What occurs twice is merged, as protobuf has it. The schema bounds the depth; how many fields
 * there may be is `protobufValues` of the table of limits.
 *
 * @param bytes already bounded in length
 * @returns     the message, defaults not filled in, or one sentence that says what is wrong or missing
 */
export function decodeProtobuf<S extends TSchema>(schema: S, bytes: Uint8Array): Result<Wire<S>, string> {
  const decoder = new Decoder();
  const message: Fields = {};
  const failure =
    decoder.message(schema as Described, bytes, message) ?? missingField(schema as Described, message, '');
  return failure === undefined ? ok(message as Wire<S>) : err(failure);
}

const text = new TextDecoder();

/** Each method returns what is wrong, or undefined. */
class Decoder {
  #values = 0;

  message(schema: Described, bytes: Uint8Array, into: Fields): string | undefined {
    const {byNumber} = layoutOf(schema);
    const reader = new WireReader(bytes);
    while (!reader.atEnd) {
      const tag = reader.tag();
      if (!tag.ok) return tag.error;
      const problem = this.#count() ?? this.#field(byNumber.get(tag.value.number), tag.value.wire, reader, into);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #count(): string | undefined {
    const tooMuch = checkLimit('protobufValues', ++this.#values);
    return tooMuch === undefined ? undefined : explainTooMuch({...tooMuch, atLeast: true});
  }

  #field(field: Field | undefined, wire: number, reader: WireReader, into: Fields): string | undefined {
    const expected = field?.rule === 'map' ? WIRE.bytes : field && wireOf(field.type);
    const packed = field?.rule === 'list' && wire === WIRE.bytes && expected !== WIRE.bytes;
    if (field === undefined || (wire !== expected && !packed)) {
      const skipped = reader.skip(wire);
      return skipped.ok ? undefined : skipped.error;
    }
    if (packed) return this.#packed(field, reader, into);
    return expected === WIRE.bytes ? this.#bytes(field, reader, into) : this.#number(field, reader, into);
  }

  #packed(field: Field, reader: WireReader, into: Fields): string | undefined {
    const bytes = reader.bytes();
    if (!bytes.ok) return bytes.error;
    const items = new WireReader(bytes.value);
    while (!items.atEnd) {
      const problem = this.#count() ?? this.#number(field, items, into);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #number(field: Field, reader: WireReader, into: Fields): string | undefined {
    const read = field.type.wire === 'double' ? reader.double() : reader.varint();
    if (!read.ok) return read.error;
    const value = typeof read.value === 'number' ? read.value : scalarOf(field.type, read.value);
    if (value !== undefined) put(field, value, into);
    return undefined;
  }

  #bytes(field: Field, reader: WireReader, into: Fields): string | undefined {
    const bytes = reader.bytes();
    if (!bytes.ok) return bytes.error;
    if (field.rule === 'map') return this.#entry(field, bytes.value, into);
    if (field.type.wire === 'string') put(field, text.decode(bytes.value), into);
    else if (field.type.wire === 'bytes') put(field, toBase64(bytes.value), into);
    else {
      const before = field.rule === 'list' ? undefined : into[field.name];
      const value = isFields(before) ? before : {};
      const problem = this.message(field.type, bytes.value, value);
      if (problem !== undefined) return problem;
      if (value !== before) put(field, value, into);
    }
    return undefined;
  }

  /** A map is a list of messages `{key#1, value#2}`; of two with one key the last counts. */
  #entry(field: Field, bytes: Uint8Array, into: Fields): string | undefined {
    const entry: Fields = {};
    const problem = this.message(entryOf(field.type), bytes, entry);
    if (problem !== undefined) return problem;
    const {key = '', value = field.type.wire === 'message' ? {} : undefined} = entry;
    const before = into[field.name];
    const map = isFields(before) ? before : {};
    if (value !== undefined) define(map, String(key), value);
    into[field.name] = map;
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** As an own property, whatever its name. */
const define = (map: Fields, key: string, value: unknown): unknown =>
  Object.defineProperty(map, key, {value, enumerable: true, configurable: true, writable: true});

function put({name, rule}: Field, value: unknown, into: Fields): void {
  if (rule !== 'list') into[name] = value;
  else {
    const list = into[name];
    if (Array.isArray(list)) list.push(value);
    else into[name] = [value];
  }
}

const entries = new WeakMap<Described, Described>();

function entryOf(type: Described): Described {
  const entry = entries.get(type) ?? {
    wire: 'message',
    properties: {
      key: {number: 1, rule: 'optional', of: {wire: 'string'}},
      value: {number: 2, rule: 'optional', of: type},
    },
  };
  entries.set(type, entry);
  return entry;
}

function wireOf({wire}: Described): number {
  switch (wire) {
    case 'message':
    case 'string':
    case 'bytes':
      return WIRE.bytes;
    case 'double':
      return WIRE.fixed64;
    default:
      return WIRE.varint;
  }
}

function scalarOf(type: Described, bits: Bits): unknown {
  switch (type.wire) {
    case 'bool':
      return bits.low !== 0 || bits.high !== 0;
    case 'enum':
      return nameOf(type, bits.low | 0);
    case 'int32':
      return bits.low | 0;
    case 'uint32':
      return bits.low;
    case 'int64':
      return signed(bits);
    default:
      return unsigned(bits);
  }
}

function missingField(schema: Described, message: Fields, path: string): string | undefined {
  for (const {name, rule, type} of layoutOf(schema).fields) {
    const at = path === '' ? name : `${path}.${name}`;
    const value = message[name];
    if (value === undefined && rule === 'required') return `Missing required field '${at}'`;
    if (value === undefined || type.wire !== 'message') continue;
    const items = rule === 'list' || rule === 'map' ? Object.entries(value as Fields) : [['', value] as const];
    for (const [key, item] of items) {
      const itemAt = rule === 'list' ? `${at}[${key}]` : rule === 'map' ? `${at}.${key}` : at;
      const missing = missingField(type, item as Fields, itemAt);
      if (missing !== undefined) return missing;
    }
  }
  return undefined;
}

/** Writes a message as protobuf: fields in the order of their numbers, what is unset not at all. */
export function encodeProtobuf<S extends TSchema>(schema: S, value: Wire<S>): Uint8Array {
  const writer = new WireWriter();
  writeMessage(writer, schema as Described, value as Fields);
  return writer.finish();
}

/** From the last field to the first: the writer goes backwards. */
function writeMessage(writer: WireWriter, schema: Described, message: Fields): void {
  for (const field of layoutOf(schema).fields.toReversed()) {
    const value = message[field.name];
    if (value === undefined) continue;
    if (field.rule === 'list') for (const item of (value as unknown[]).toReversed()) writeField(writer, field, item);
    else if (field.rule === 'map') writeMap(writer, field, value as Fields);
    else writeField(writer, field, value);
  }
}

function writeMap(writer: WireWriter, field: Field, map: Fields): void {
  const type = entryOf(field.type);
  for (const [key, value] of Object.entries(map).toReversed()) writeField(writer, {...field, type}, {key, value});
}

const utf8 = new TextEncoder();

function writeField(writer: WireWriter, {number, type}: Field, value: unknown): void {
  const before = writer.length;
  switch (type.wire) {
    case 'message':
      writeMessage(writer, type, value as Fields);
      break;
    case 'string':
      writer.raw(utf8.encode(String(value)));
      break;
    case 'bytes':
      writer.raw(fromBase64(String(value)));
      break;
    case 'double':
      writer.double(Number(value));
      break;
    case 'enum':
      writer.varint(type.numbers?.[String(value)] ?? 0);
      break;
    default:
      writer.varint(Number(value));
  }
  const wire = wireOf(type);
  if (wire === WIRE.bytes) writer.varint(writer.length - before);
  writer.tag(number, wire);
}
