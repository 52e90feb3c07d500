import {cloneJson, isObject, type JsonObject, type JsonValue, setMember} from './json.ts';
import {memberSchema, type Schema} from './schema.ts';

/**
 * Fills in the schema's defaults, in place: also inside nested objects, items and additional properties that are
 * already there. A null that may not be null gives way to a default, as on a real server.
 */
export function defaultObject(schema: Schema, object: JsonObject): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && isMissing(property, object, key)) {
      setMember(object, key, cloneJson(property.default));
    }
  }
  for (const key of Object.keys(object)) {
    const child = memberSchema(schema, key);
    const value = object[key];
    if (child === undefined || value === undefined) continue;
    if (value === null && child.default !== undefined && child.nullable !== true) {
      setMember(object, key, cloneJson(child.default));
    } else {
      defaultValue(child, value);
    }
  }
}

const isMissing = (property: Schema, object: JsonObject, key: string): boolean =>
  !Object.hasOwn(object, key) || (object[key] === null && property.nullable !== true);

function defaultValue(schema: Schema, value: JsonValue): void {
  if (isObject(value)) defaultObject(schema, value);
  if (!Array.isArray(value) || schema.items === undefined) return;
  const {items} = schema;
  value.forEach((item, index) => {
    if (item === null && items.default !== undefined && items.nullable !== true)
      value[index] = cloneJson(items.default);
    else defaultValue(items, item);
  });
}
