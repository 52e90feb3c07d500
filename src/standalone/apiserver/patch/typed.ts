import {equalJson, isObject, type JsonObject, type JsonValue, setMember} from '../schema/json.ts';
import {memberSchema, type Schema} from '../schema/schema.ts';
import {type FieldSet, fieldElement, insertPath, keyElement, valueElement} from './field-set.ts';

// Values as structured merge sees them: granular objects and associative lists are walked, everything else is one
// leaf. Where the schema says nothing, objects are granular and lists are atomic.
// @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy

/** A list whose items have no usable key: such an object cannot be applied. */
export class BadList extends Error {}

type Items = ReadonlyMap<string, JsonValue>;

const isGranular = (schema: Schema | undefined, value: JsonValue | undefined): value is JsonObject =>
  isObject(value) && schema?.['x-kubernetes-map-type'] !== 'atomic';

const isAssociative = (schema: Schema | undefined, value: JsonValue | undefined): value is JsonValue[] =>
  Array.isArray(value) && ['map', 'set'].includes(schema?.['x-kubernetes-list-type'] ?? '');

/** Items by path element; of repeated ones the first counts. */
function itemsOf(schema: Schema | undefined, list: readonly JsonValue[]): Items {
  const items = new Map<string, JsonValue>();
  for (const item of list) {
    const element = itemElement(schema, item);
    if (!items.has(element)) items.set(element, item);
  }
  return items;
}

function itemElement(schema: Schema | undefined, item: JsonValue): string {
  if (schema?.['x-kubernetes-list-type'] === 'set') return valueElement(item);
  if (!isObject(item)) throw new BadList('associative list with keys may not have non-map elements');
  const keys: JsonObject = {};
  for (const key of schema?.['x-kubernetes-list-map-keys'] ?? []) {
    const value = item[key] ?? schema?.items?.properties?.[key]?.default;
    if (value !== undefined) setMember(keys, key, value);
  }
  if (Object.keys(keys).length > 0) return keyElement(keys);
  const wanted = (schema?.['x-kubernetes-list-map-keys'] ?? []).join(', ');
  throw new BadList(`associative list with keys has an element that omits key field ${JSON.stringify(wanted)}`);
}

const isStructField = (schema: Schema | undefined, key: string): boolean =>
  Object.hasOwn(schema?.properties ?? {}, key);
const childOf = (schema: Schema | undefined, key: string): Schema | undefined => schema && memberSchema(schema, key);
const isEmpty = (value: JsonValue | undefined): boolean => value == null || Object.keys(value).length === 0;

/** Every path that somebody who applies `value` owns. */
export function fieldSetOf(schema: Schema | undefined, value: JsonObject): FieldSet {
  const set: FieldSet = new Map();
  collect(schema, value, [], set);
  return set;
}

function collect(schema: Schema | undefined, value: JsonValue, path: readonly string[], set: FieldSet): void {
  if (isGranular(schema, value)) {
    for (const [key, member] of Object.entries(value)) {
      const below = [...path, fieldElement(key)];
      collect(childOf(schema, key), member, below, set);
      if (member === null || (isObject(member) && isEmpty(member)) || !isStructField(schema, key))
        insertPath(set, below);
    }
  } else if (isAssociative(schema, value)) {
    for (const [element, item] of itemsOf(schema, value)) {
      collect(schema?.items, item, [...path, element], set);
      insertPath(set, [...path, element]);
    }
  } else {
    insertPath(set, path);
  }
}

export type Comparison = {readonly added: FieldSet; readonly modified: FieldSet; readonly removed: FieldSet};

/** Which paths differ. `before` is `{}` for a creation. */
export function compareObjects(schema: Schema | undefined, before: JsonObject, after: JsonObject): Comparison {
  const comparison: Comparison = {added: new Map(), modified: new Map(), removed: new Map()};
  compare(schema, before, after, [], comparison);
  return comparison;
}

type MaybeValue = JsonValue | undefined;

function compare(
  schema: Schema | undefined,
  before: MaybeValue,
  after: MaybeValue,
  path: readonly string[],
  into: Comparison,
): void {
  const pairs = walkable(schema, before, after) ? memberPairs(schema, before, after) : undefined;
  if (pairs === undefined) {
    if (!equalJson(before, after)) note(before, after, path, into);
    return;
  }
  for (const {element, child, left, right} of pairs) compare(child, left, right, [...path, element], into);
  if (path.length > 0 && (before === undefined || after === undefined)) note(before, after, path, into);
}

function note(before: MaybeValue, after: MaybeValue, path: readonly string[], into: Comparison): void {
  insertPath(before === undefined ? into.added : after === undefined ? into.removed : into.modified, path);
}

/** Both sides are of one walkable form, or missing; two empty sides are a leaf. */
function walkable(schema: Schema | undefined, before: MaybeValue, after: MaybeValue): boolean {
  if (isEmpty(before) && isEmpty(after)) return false;
  const fits = (holds: typeof isGranular | typeof isAssociative): boolean =>
    [before, after].every(value => value == null || holds(schema, value));
  return fits(isGranular) || fits(isAssociative);
}

type Pair = {readonly element: string; readonly child: Schema | undefined; left: MaybeValue; right: MaybeValue};

function memberPairs(schema: Schema | undefined, before: MaybeValue, after: MaybeValue): Pair[] {
  const pairs = new Map<string, Pair>();
  const visit = (value: MaybeValue, side: 'left' | 'right'): void => {
    for (const [element, child, member] of members(schema, value)) {
      const pair = pairs.get(element) ?? {element, child, left: undefined, right: undefined};
      pair[side] = member;
      pairs.set(element, pair);
    }
  };
  visit(before, 'left');
  visit(after, 'right');
  return [...pairs.values()];
}

function members(
  schema: Schema | undefined,
  value: MaybeValue,
): readonly (readonly [string, Schema | undefined, JsonValue])[] {
  if (Array.isArray(value)) return [...itemsOf(schema, value)].map(([element, item]) => [element, schema?.items, item]);
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, member]) => [fieldElement(key), childOf(schema, key), member]);
}

/** `live` with everything of `applied` on top. Neither is changed. */
export function mergeObjects(schema: Schema | undefined, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = {...live};
  for (const [key, value] of Object.entries(applied)) {
    setMember(merged, key, mergeValues(childOf(schema, key), Object.hasOwn(live, key) ? live[key] : undefined, value));
  }
  return merged;
}

function mergeValues(schema: Schema | undefined, live: MaybeValue, applied: JsonValue): JsonValue {
  if (live === undefined) return applied;
  if (isGranular(schema, live) && isGranular(schema, applied)) return mergeObjects(schema, live, applied);
  if (isAssociative(schema, live) && isAssociative(schema, applied)) return mergeLists(schema, live, applied);
  return applied;
}

/** Applied items keep the order of the applied list; those of others stay before the item they preceded. */
function mergeLists(
  schema: Schema | undefined,
  live: readonly JsonValue[],
  applied: readonly JsonValue[],
): JsonValue[] {
  const [liveItems, appliedItems] = [itemsOf(schema, live), itemsOf(schema, applied)];
  if (appliedItems.size < applied.length) throw new BadList('duplicate entries for the key of an associative list');
  const order = [...liveItems.keys()];
  const placeOf = new Map(order.map((element, place) => [element, place]));
  const result: JsonValue[] = [];
  // Live items before this place are behind us.
  let next = 0;
  const flushUntil = (stop: (element: string) => boolean): void => {
    for (let element = order[next]; element !== undefined && !stop(element); element = order[++next]) {
      const item = liveItems.get(element);
      if (item !== undefined && !appliedItems.has(element)) result.push(item);
    }
  };
  for (const [element, item] of appliedItems) {
    if ((placeOf.get(element) ?? -1) >= next) {
      flushUntil(other => other === element);
      next++;
    } else if (!liveItems.has(element)) flushUntil(other => appliedItems.has(other));
    result.push(mergeValues(schema?.items, liveItems.get(element), item));
  }
  flushUntil(() => false);
  return result;
}

/** `value` without the paths of `set`. A container that is not in the set itself stays, even when it becomes empty. */
export function removeFields(schema: Schema | undefined, value: JsonObject, set: FieldSet): JsonObject {
  const kept: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const node = set.get(fieldElement(key));
    if (node?.member !== true) setMember(kept, key, removeBelow(childOf(schema, key), member, node?.children));
  }
  return kept;
}

function removeBelow(schema: Schema | undefined, value: JsonValue, set: FieldSet | undefined): JsonValue {
  if (set === undefined) return value;
  if (isGranular(schema, value)) return removeFields(schema, value, set);
  if (!isAssociative(schema, value)) return value;
  return value.flatMap(item => {
    const node = set.get(itemElement(schema, item));
    return node?.member === true ? [] : [removeBelow(schema?.items, item, node?.children)];
  });
}

/** The set plus every named field on the way to its paths, so that structs nobody fills any more go too. */
export function withNamedParents(schema: Schema | undefined, set: FieldSet): FieldSet {
  const result: FieldSet = new Map();
  for (const [element, node] of set) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    const child = name === undefined ? schema?.items : childOf(schema, name);
    const children = withNamedParents(child, node.children);
    const isParent = name !== undefined && children.size > 0 && isStructField(schema, name);
    result.set(element, {member: node.member || isParent, children});
  }
  return result;
}
