import {limitOf} from '../../../lib/limits.ts';
import {isObject, type JsonObject, type JsonValue} from './json.ts';
import {memberSchema, preservesUnknown, type Schema} from './schema.ts';

/**
 * Removes, in place, what the schema does not know, and nulls that mean nothing.
 *
 * @returns the paths removed, as field validation reports them: `spec.foo`, `spec.ports[0].foo`; sorted
 */
export function pruneObject(schema: Schema, object: JsonObject): readonly string[] {
  const removed: string[] = [];
  pruneMembers(schema, object, '', removed);
  return removed.sort().slice(0, limitOf('errorsListed'));
}

/** The words of field validation for a pruned or repeated field. */
export const unknownField = (path: string): string => `unknown field ${JSON.stringify(path)}`;
export const duplicateField = (path: string): string => `duplicate field ${JSON.stringify(path)}`;

const EMBEDDED = new Set(['apiVersion', 'kind', 'metadata']);

function pruneMembers(schema: Schema, object: JsonObject, path: string, removed: string[]): void {
  const keepsAll = preservesUnknown(schema);
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  for (const [key, value] of Object.entries(object)) {
    const childPath = path === '' ? key : `${path}.${key}`;
    const child = memberSchema(schema, key);
    if (value === null && child?.['x-null-is-absent'] === true) {
      delete object[key];
    } else if (child !== undefined) {
      pruneValue(child, value, childPath, removed);
    } else if (!keepsAll && !(embedded && EMBEDDED.has(key))) {
      delete object[key];
      removed.push(childPath);
    }
  }
}

function pruneValue(schema: Schema, value: JsonValue, path: string, removed: string[]): void {
  if (isObject(value)) pruneMembers(schema, value, path, removed);
  if (!Array.isArray(value) || schema.items === undefined) return;
  const {items} = schema;
  value.forEach((item, index) => {
    pruneValue(items, item, `${path}[${index}]`, removed);
  });
}
