import {err, ok, type Result} from '../../../lib/result.ts';
import {canonicalJson, isObject, type JsonObject, type JsonValue, setMember} from '../schema/json.ts';
import {memberSchema, type Schema} from '../schema/schema.ts';
import type {PatchError} from './json.ts';

/**
 * Strategic merge patch, for built-in kinds: lists with a merge strategy are merged by key, and the directives `$patch`,
 * `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…` are obeyed. Neither argument is changed.
 */
export function applyStrategicPatch(
  schema: Schema,
  target: JsonObject,
  patch: JsonObject,
): Result<JsonObject, PatchError> {
  try {
    return ok(mergeMap(schema, target, patch));
  } catch (error) {
    if (error instanceof BadPatch) return err({kind: 'failed', message: error.message});
    throw error;
  }
}

/** Unwinds the recursion; never leaves this file. */
class BadPatch extends Error {}

const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

function mergeMap(schema: Schema | undefined, target: JsonObject, patch: JsonObject): JsonObject {
  const {$patch: directive, $retainKeys: retain, ...changes} = patch;
  if (directive === 'replace') return withoutDirectives(changes);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw new BadPatch(`unknown patch type: ${String(directive)}`);
  const merged = retain === undefined ? {...target} : retained(target, retain, changes);
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(DELETE_FROM)) deleteFrom(merged, key.slice(DELETE_FROM.length), value);
    else if (key.startsWith(ORDER)) reorderOnly(schema, merged, key.slice(ORDER.length), changes);
    else if (value === null) delete merged[key];
    else setMember(merged, key, mergeMember(schema, key, merged[key], value, changes[`${ORDER}${key}`]));
  }
  return merged;
}

function retained(target: JsonObject, retain: JsonValue, changes: JsonObject): JsonObject {
  if (!Array.isArray(retain)) throw new BadPatch('$retainKeys must be a list');
  for (const key of Object.keys(changes)) {
    if (!key.startsWith('$') && changes[key] !== null && !retain.includes(key)) {
      throw new BadPatch(`${JSON.stringify(key)} is not in $retainKeys`);
    }
  }
  return Object.fromEntries(Object.entries(target).filter(([key]) => retain.includes(key)));
}

function deleteFrom(merged: JsonObject, key: string, values: JsonValue): void {
  const list = merged[key];
  if (!Array.isArray(values)) throw new BadPatch(`${DELETE_FROM}${key} must be a list`);
  if (!Array.isArray(list)) return;
  const gone = new Set(values.map(canonicalJson));
  setMember(
    merged,
    key,
    list.filter(item => !gone.has(canonicalJson(item))),
  );
}

/** An order for a list that the patch does not change otherwise. */
function reorderOnly(schema: Schema | undefined, merged: JsonObject, key: string, changes: JsonObject): void {
  const list = merged[key];
  if (key in changes || !Array.isArray(list)) return;
  const order = changes[`${ORDER}${key}`];
  setMember(merged, key, mergeList(schema && memberSchema(schema, key), list, [], order));
}

function mergeMember(
  schema: Schema | undefined,
  key: string,
  before: JsonValue | undefined,
  value: JsonValue,
  order: JsonValue | undefined,
): JsonValue {
  const child = schema && memberSchema(schema, key);
  if (isObject(value)) return mergeMap(child, isObject(before) ? before : {}, value);
  if (!Array.isArray(value) || !strategies(child).includes('merge')) return withoutDirectives(value);
  return mergeList(child, Array.isArray(before) ? before : [], value, order);
}

const strategies = (schema: Schema | undefined): readonly string[] =>
  (schema?.['x-kubernetes-patch-strategy'] ?? '').split(',');

function withoutDirectives<T extends JsonValue>(value: T): T;
function withoutDirectives(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(item => withoutDirectives(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => !key.startsWith('$') && member !== null)
      .map(([key, member]) => [key, withoutDirectives(member)]),
  );
}

function mergeList(
  schema: Schema | undefined,
  before: readonly JsonValue[],
  patch: readonly JsonValue[],
  order: JsonValue | undefined,
): JsonValue[] {
  const mergeKey = schema?.['x-kubernetes-patch-merge-key'];
  const identify = mergeKey === undefined ? canonicalJson : (item: JsonValue) => identityBy(mergeKey, item);
  const merged = mergeKey === undefined ? union(before, patch) : mergeByKey(schema?.items, mergeKey, before, patch);
  return Array.isArray(order) ? ordered(merged, before.map(identify), order.map(identify), identify) : merged;
}

function identityBy(mergeKey: string, item: JsonValue): string {
  const value = isObject(item) ? item[mergeKey] : undefined;
  if (value === undefined)
    throw new BadPatch(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  return canonicalJson(value);
}

function union(before: readonly JsonValue[], patch: readonly JsonValue[]): JsonValue[] {
  const byText = new Map([...before, ...patch].map(item => [canonicalJson(item), item]));
  return [...byText.values()];
}

function mergeByKey(
  items: Schema | undefined,
  mergeKey: string,
  before: readonly JsonValue[],
  patch: readonly JsonValue[],
): JsonValue[] {
  const directives = patch.map(item => (isObject(item) ? item['$patch'] : undefined));
  const changes = patch.filter((_, index) => directives[index] !== 'replace');
  const base = directives.includes('replace') ? [] : before;
  const merged = new Map(base.map(item => [identityBy(mergeKey, item), item]));
  for (const change of changes) {
    const identity = identityBy(mergeKey, change);
    const known = merged.get(identity);
    if (!isObject(change)) continue;
    if (change['$patch'] === 'delete') merged.delete(identity);
    else merged.set(identity, mergeMap(items, isObject(known) ? known : {}, change));
  }
  return [...merged.values()];
}

/**
 * Items named in `order` come in that order; the others keep their place among them as far as the old order of the
 * live list says so.
 */
function ordered(
  merged: readonly JsonValue[],
  oldOrder: readonly string[],
  order: readonly string[],
  identify: (item: JsonValue) => string,
): JsonValue[] {
  const rank = new Map(order.map((identity, index) => [identity, index]));
  const oldRank = new Map(oldOrder.map((identity, index) => [identity, index]));
  const isNamed = (item: JsonValue): boolean => rank.has(identify(item));
  const named = merged.filter(isNamed).sort((a, b) => (rank.get(identify(a)) ?? 0) - (rank.get(identify(b)) ?? 0));
  const rest = merged.filter(item => !isNamed(item));
  const result: JsonValue[] = [];
  let next = 0;
  for (const item of named) {
    const place = oldRank.get(identify(item)) ?? -1;
    for (let other = rest[next]; other !== undefined; other = rest[++next]) {
      if ((oldRank.get(identify(other)) ?? Infinity) >= place) break;
      result.push(other);
    }
    result.push(item);
  }
  return result.concat(rest.slice(next));
}
