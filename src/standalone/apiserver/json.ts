/** A decoded JSON object. */
export type JsonObject = {[field: string]: unknown};

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value under a chain of field names; undefined as soon as one is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const field of path) {
    if (!isObject(at) || !Object.hasOwn(at, field)) return undefined;
    at = at[field];
  }
  return at;
}

export const stringAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
};

export const objectAt = (value: unknown, ...path: readonly string[]): JsonObject | undefined => {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : undefined;
};

export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** Objects of an array, whatever else is in it. */
export const objectsAt = (value: unknown, ...path: readonly string[]): readonly JsonObject[] =>
  listAt(value, ...path).filter(isObject);

export const stringsAt = (value: unknown, ...path: readonly string[]): readonly string[] =>
  listAt(value, ...path).filter(item => typeof item === 'string');

/** Sets a nested value; objects on the way are made. Paths through anything else than objects change nothing. */
export function setAt(target: JsonObject, path: readonly string[], value: unknown): void {
  let at = target;
  for (const field of path.slice(0, -1)) {
    const next = at[field] ?? {};
    if (!isObject(next)) return;
    at[field] = next;
    at = next;
  }
  const last = path.at(-1);
  if (last === undefined) return;
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** A deep copy of JSON data; several times faster than structuredClone. */
export function clone<T>(value: T): T;
export function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(item => clone(item));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const field of Object.keys(value)) copy[field] = clone(value[field]);
  return copy;
}

/** Whether two JSON values are the same; the order of fields does not matter, a field set to undefined is absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const fields = Object.keys(a).filter(field => a[field] !== undefined);
  if (fields.length !== Object.keys(b).filter(field => b[field] !== undefined).length) return false;
  return fields.every(field => Object.hasOwn(b, field) && equal(a[field], b[field]));
}

/** A shallow copy without some fields. */
export function without(object: JsonObject, ...fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}
