import type {Kind} from '../kinds.ts';
import {invalid} from '../schema/cause.ts';
import {isObject, type JsonObject, type JsonValue, memberOf} from '../schema/json.ts';
import type {StatusCause} from '../schema/schema.ts';

const MAX_INT32 = 2 ** 31 - 1;

/**
 * What is wrong with the replicas and the selector that a definition's scale subresource points at, in the words of a
 * real server, which name the path with its leading dot.
 *
 * @param part a write to the status is not asked for the spec
 */
export function scaleCauses({scale}: Kind, object: JsonObject, part: 'all' | 'status'): readonly StatusCause[] {
  if (scale === undefined) return [];
  return [
    ...(part === 'status' ? [] : replicasCauses(object, scale.specReplicasPath)),
    ...replicasCauses(object, scale.statusReplicasPath),
    ...(scale.labelSelectorPath === undefined ? [] : selectorCauses(object, scale.labelSelectorPath)),
  ];
}

function replicasCauses(object: JsonObject, path: string): StatusCause[] {
  const found = lookUp(object, path);
  if (found.value === undefined) return [];
  if (!found.reached) return [invalid(path, 0, accessorError(path, found.value, 'map[string]interface{}'))];
  const {value} = found;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalid(path, 0, accessorError(path, value, 'int64'))];
  }
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > MAX_INT32 ? [invalid(path, value, `should be less than or equal to ${MAX_INT32}`)] : [];
}

function selectorCauses(object: JsonObject, path: string): StatusCause[] {
  const {value, reached} = lookUp(object, path);
  if (value === undefined || (reached && typeof value === 'string')) return [];
  return [invalid(path, '', accessorError(path, value, reached ? 'string' : 'map[string]interface{}'))];
}

/** The value at the end of a path, or the one on the way that is no object. */
function lookUp(object: JsonObject, path: string): {value: JsonValue | undefined; reached: boolean} {
  let value: JsonValue | undefined = object;
  for (const step of path.replace(/^\./, '').split('.')) {
    if (value !== undefined && !isObject(value)) return {value, reached: false};
    value = memberOf(value, step);
  }
  return {value, reached: true};
}

const accessorError = (path: string, value: JsonValue, wanted: string): string =>
  `${path} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${wanted}`;

function goType(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

/** As Go prints a value with %v. */
function goText(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).toSorted();
  return `map[${members.map(key => `${key}:${goText(value[key] ?? null)}`).join(' ')}]`;
}
