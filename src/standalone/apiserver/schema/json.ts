/** What JSON.parse yields. Mutable, because objects are defaulted, pruned and patched in place. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = {[key: string]: JsonValue};

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a text is no JSON (`message`: the parser's), in the words of Go's decoder as far as they can be had. */
export function inGoWords(text: string, message: string): string {
  const token = /^Unexpected token '(.)'/.exec(message)?.[1];
  if (token !== undefined) return `invalid character '${token}' looking for beginning of value`;
  return isAtEnd(text, message) ? END : message;
}

/** Whether the text is a beginning of JSON, and what is wrong with it is that it stops. */
function isAtEnd(text: string, message: string): boolean {
  const position = /at position (\d+)/.exec(message)?.[1];
  return position === undefined ? message.startsWith('Unexpected end') : Number(position) >= text.length;
}

const END = 'unexpected end of JSON input';

/** `value[key]` when both are what one hopes for. Never looks at the prototype. */
export const objectAt = (value: JsonValue | undefined, key: string): JsonObject | undefined => {
  const child = memberOf(value, key);
  return isObject(child) ? child : undefined;
};

export const stringAt = (value: JsonValue | undefined, key: string): string | undefined => {
  const child = memberOf(value, key);
  return typeof child === 'string' ? child : undefined;
};

export const memberOf = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** Sets a member even when the key is `__proto__`, which plain assignment would swallow. */
export function setMember(object: JsonObject, key: string, value: JsonValue): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, {value, writable: true, enumerable: true, configurable: true});
}

export function cloneJson<T extends JsonValue>(value: T): T;
export function cloneJson(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(item => cloneJson(item));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, child] of Object.entries(value)) setMember(copy, key, cloneJson(child));
  return copy;
}

/** Deep equality; the order of keys does not matter. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && equalJson(a[key], b[key]));
}

/** One spelling per value: keys sorted at every depth. For hashing, set semantics and map keys. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map(key => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`).join(',')}}`;
}
