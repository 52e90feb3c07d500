import {limitOf, type LimitName, type TooMuch} from '../../lib/limits.ts';
import {isObject, type JsonObject, type JsonValue} from './schema/json.ts';

/** The limits of an object, or of its bookkeeping, which names each field of it once for each manager. */
type Bounds = {readonly members: LimitName; readonly values: LimitName};
const OBJECT: Bounds = {members: 'objectMembers', values: 'objectValues'};
const BOOKKEEPING: Bounds = {members: 'jsonMembers', values: 'jsonValues'};

/**
 * Measures an object, or a patch of one, before work is done on it: patches and aliases can make more of a small body.
 *
 * @returns the first limit that is exceeded
 */
export function checkBounds(value: JsonValue): TooMuch | undefined {
  if (!isObject(value) || !isObject(value['metadata'])) return measure(value, OBJECT);
  const {managedFields, ...metadata} = value['metadata'];
  return measure({...value, metadata}, OBJECT) ?? checkBookkeeping(managedFields);
}

/** Managers come and go with writes: what they own together is limited too. */
export const checkBookkeeping = (managedFields: JsonValue | undefined): TooMuch | undefined =>
  measure(managedFields ?? null, BOOKKEEPING);

/** Needs no stack, ends as soon as a limit is exceeded, and counts what is shared as often as it appears. */
function measure(value: JsonValue, {members, values}: Bounds): TooMuch | undefined {
  let count = 0;
  let bytes = 0;
  // Containers that are still to be walked, with their depth.
  const open: [JsonObject | JsonValue[], number][] = [];
  const visit = (child: JsonValue, depth: number): void => {
    if (typeof child === 'object' && child !== null) open.push([child, depth]);
    bytes += typeof child === 'string' ? child.length + 2 : 2;
  };
  visit(value, 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [container, depth] = next;
    if (depth > limitOf('jsonDepth')) return tooMuch('jsonDepth', depth);
    const size = Array.isArray(container) ? container.length : Object.keys(container).length;
    if (size > limitOf(members) && !Array.isArray(container)) return tooMuch(members, size);
    count += size;
    if (count > limitOf(values)) return tooMuch(values, count);
    for (const [key, child] of Object.entries(container)) {
      // A text is at least as long in bytes as in characters.
      if (!Array.isArray(container)) bytes += key.length + 3;
      visit(child, depth + 1);
    }
    if (bytes > limitOf('objectBytes')) return tooMuch('objectBytes', bytes);
  }
  return undefined;
}

/** The walk stops where the limit is: there may be more. */
const tooMuch = (limit: LimitName, found: number): TooMuch => ({kind: 'too-much', limit, found, atLeast: true});
