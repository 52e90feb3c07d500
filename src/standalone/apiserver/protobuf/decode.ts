import {err, ok, type Result} from '../../../lib/result.ts';
import {isObject, type JsonObject, type JsonValue, setMember, stringAt} from '../schema/json.ts';
import {type Message, MESSAGES, messageOf} from './messages.ts';
import {BadMessage, wireFields} from './wire.ts';

/** Every Kubernetes protobuf body starts with these four bytes. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/**
 * Decodes a body of type `application/vnd.kubernetes.protobuf` into what the same object is in JSON. Reads the kinds
 * that kubectl posts in no other form, and a few more.
 *
 * @returns the object, or why it cannot be read
 */
export function decodeProtobuf(body: Uint8Array): Result<JsonObject, string> {
  if (!MAGIC.every((byte, index) => body[index] === byte)) {
    return err('provided data does not appear to be a protobuf message, expected prefix k8s');
  }
  try {
    return decodeEnvelope(body.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof BadMessage) return err(`protobuf: ${error.message}`);
    throw error;
  }
}

function decodeEnvelope(bytes: Uint8Array): Result<JsonObject, string> {
  const envelope = decodeMessage(named('Unknown'), 'Unknown', bytes);
  const apiVersion = stringAt(envelope['typeMeta'], 'apiVersion') ?? '';
  const kind = stringAt(envelope['typeMeta'], 'kind') ?? '';
  const message = messageOf(apiVersion, kind);
  if (message === undefined)
    return err(`protobuf bodies of kind ${kind} in ${apiVersion} are not supported: send JSON`);
  // The last one wins, as protobuf has it.
  let raw: bigint | Uint8Array = new Uint8Array();
  for (const field of wireFields(bytes)) if (field.number === 2) raw = field.value;
  return ok({apiVersion, kind, ...decodeMessage(message, kind, asBytes(raw))});
}

function named(name: string): Message {
  const message = MESSAGES.get(name);
  if (message === undefined) throw new Error(`no message ${name}`);
  return message;
}

function decodeMessage(message: Message, messageName: string, bytes: Uint8Array): JsonObject {
  const object: JsonObject = {};
  for (const {number, value} of wireFields(bytes)) {
    const field = message.get(number);
    if (field === undefined) throw new BadMessage(`field ${number} of ${messageName} is not supported: send JSON`);
    setField(object, field.name, field.type, value);
  }
  return object;
}

function setField(object: JsonObject, name: string, type: string, value: bigint | Uint8Array): void {
  const repeated = /^\[(.+)\]$/.exec(type)?.[1];
  const mapped = /^\{(.+)\}$/.exec(type)?.[1];
  if (repeated !== undefined) {
    const list = arrayAt(object, name);
    for (const item of itemsOf(repeated, value)) list.push(item);
  } else if (mapped !== undefined) {
    const [key, member] = entryOf(mapped, asBytes(value));
    setMember(mapAt(object, name), key, member);
  } else if (type.startsWith('inline:')) {
    const inlined = type.slice('inline:'.length);
    Object.assign(object, decodeMessage(named(inlined), inlined, asBytes(value)));
  } else if (type !== 'skip' && type !== 'raw') {
    const decoded = decodeValue(type, value);
    if (decoded !== undefined) setMember(object, name, decoded);
  }
}

/** Filled in place: to copy it for each item would take the square of its length. */
function arrayAt(object: JsonObject, name: string): JsonValue[] {
  const known = object[name];
  if (Array.isArray(known)) return known;
  const list: JsonValue[] = [];
  object[name] = list;
  return list;
}

function mapAt(object: JsonObject, name: string): JsonObject {
  const known = object[name];
  if (isObject(known)) return known;
  const map: JsonObject = {};
  object[name] = map;
  return map;
}

/** An item that is empty still counts; numbers may come packed. */
function itemsOf(type: string, value: bigint | Uint8Array): JsonValue[] {
  if (type === 'int' && typeof value !== 'bigint') return [...packed(value)].map(Number);
  return [decodeValue(`${type}${type === 'string' || type === 'int' ? '?' : ''}`, value) ?? {}];
}

function* packed(bytes: Uint8Array): Generator<bigint> {
  // Packed integers are bare varints: a field of number 0 per item, as far as reading them goes.
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    yield BigInt.asIntN(64, value);
    [value, shift] = [0n, 0n];
  }
}

function entryOf(type: string, bytes: Uint8Array): readonly [string, JsonValue] {
  let key = '';
  let value: JsonValue | undefined;
  for (const field of wireFields(bytes)) {
    if (field.number === 1) key = utf8(asBytes(field.value));
    if (field.number === 2) value = decodeValue(type === 'string' ? 'string?' : type, field.value);
  }
  return [key, value ?? ''];
}

function asBytes(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new BadMessage('a number stands where bytes were expected');
  return value;
}

const decoder = new TextDecoder('utf-8', {fatal: true});

function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new BadMessage('text is not UTF-8');
  }
}

const integer = (value: bigint | Uint8Array): number => {
  if (typeof value !== 'bigint') throw new BadMessage('bytes stand where a number was expected');
  return Number(BigInt.asIntN(64, value));
};

/** @returns undefined for an empty value that means absent */
function decodeValue(type: string, value: bigint | Uint8Array): JsonValue | undefined {
  switch (type) {
    case 'string':
      return utf8(asBytes(value)) || undefined;
    case 'string?':
      return utf8(asBytes(value));
    case 'int':
      return integer(value) || undefined;
    case 'int?':
      return integer(value);
    case 'bool':
      return integer(value) !== 0 || undefined;
    case 'bool?':
      return integer(value) !== 0;
    case 'bytes':
      return Buffer.from(asBytes(value)).toString('base64');
    case 'json':
      return decodeJson(asBytes(value));
    case 'time':
    case 'microtime':
      return decodeTime(asBytes(value), type === 'microtime');
    case 'quantity':
      return stringAt(decodeMessage(named('Quantity'), 'Quantity', asBytes(value)), 'string') ?? '0';
    case 'intOrString':
      return decodeIntOrString(asBytes(value));
    default:
      return decodeObject(type, asBytes(value));
  }
}

function decodeObject(type: string, bytes: Uint8Array): JsonValue {
  const object = decodeMessage(named(type), type, bytes);
  return type === 'FieldsV1' ? (object['Raw'] ?? {}) : object;
}

function decodeJson(bytes: Uint8Array): JsonValue {
  try {
    const value: JsonValue = JSON.parse(utf8(bytes));
    return value;
  } catch {
    throw new BadMessage('fieldsV1 is not JSON');
  }
}

function decodeIntOrString(bytes: Uint8Array): JsonValue {
  const {type = 0, intVal = 0, strVal = ''} = decodeMessage(named('IntOrString'), 'IntOrString', bytes);
  return type === 0 ? intVal : strVal;
}

/** A time that was never set is an empty message. */
function decodeTime(bytes: Uint8Array, micro: boolean): string | undefined {
  if (bytes.length === 0) return undefined;
  let [seconds, nanos] = [0, 0];
  for (const {number, value} of wireFields(bytes)) {
    if (number === 1) seconds = integer(value);
    if (number === 2) nanos = integer(value);
  }
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new BadMessage('time out of range');
  const whole = date.toISOString().slice(0, 19);
  return micro ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`;
}
