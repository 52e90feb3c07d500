import {isObject, type JsonObject, type JsonValue, setMember} from './schema/json.ts';

/** The value under a chain of field names; undefined as soon as one is missing. */
export function valueAt(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let at = value;
  for (const field of path) {
    if (!isObject(at) || !Object.hasOwn(at, field)) return undefined;
    at = at[field];
  }
  return at;
}

export const stringAt = (value: JsonValue | undefined, ...path: readonly string[]): string | undefined => {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

export const numberAt = (value: JsonValue | undefined, ...path: readonly string[]): number | undefined => {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
};

export const objectAt = (value: JsonValue | undefined, ...path: readonly string[]): JsonObject | undefined => {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : undefined;
};

export const listAt = (value: JsonValue | undefined, ...path: readonly string[]): readonly JsonValue[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** Objects of an array, whatever else is in it. */
export const objectsAt = (value: JsonValue | undefined, ...path: readonly string[]): readonly JsonObject[] =>
  listAt(value, ...path).filter(isObject);

export const stringsAt = (value: JsonValue | undefined, ...path: readonly string[]): readonly string[] =>
  listAt(value, ...path).filter(item => typeof item === 'string');

/** Sets a nested value; objects on the way are made. Paths through anything else than objects change nothing. */
export function setAt(target: JsonObject, path: readonly string[], value: JsonValue | undefined): void {
  let at = target;
  for (const field of path.slice(0, -1)) {
    const next = at[field] ?? {};
    if (!isObject(next)) return;
    setMember(at, field, next);
    at = next;
  }
  const last = path.at(-1);
  if (last === undefined) return;
  if (value === undefined) delete at[last];
  else setMember(at, last, value);
}
