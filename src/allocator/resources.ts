import type {Range} from './ranges.ts';
import {normalizeRanges} from './ranges.ts';
import type {Resource} from './resource.ts';
import {identityOf, isWhole} from './resource.ts';
import type {ScalarNames, Vector} from './sorter/cluster-total.ts';
import {addValues, containsValue, fromMilli, isNothing, subtractValues} from './value.ts';

/** Scalar amounts by resource name: `cpus` in cores, `mem` and `disk` in MiB. */
export type Quantities = ReadonlyMap<string, number>;

/** `copies` is above 1 only for resources that cannot be split: a shared volume handed out twice. */
type Entry = {readonly key: string; readonly resource: Resource; readonly copies: number};

/** A bag of resources, merged by identity. Never changes: arithmetic answers a new one, or an old one where it fits. */
export class Resources {
  static readonly EMPTY = new Resources([]);

  /** Sorted by key, nothing empty. */
  readonly #entries: readonly Entry[];
  #vector: {readonly names: ScalarNames; readonly amounts: Vector} | undefined = undefined;
  #milli: ReadonlyMap<string, number> | undefined = undefined;
  /** Whether some entry is not for everybody: reserved, revocable or shared. */
  readonly isRestricted: boolean;

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.isRestricted = entries.some(({resource}) => isRestricted(resource));
  }

  /** Any list of resources: equals merge, empties vanish. */
  static of(list: Iterable<Resource>): Resources {
    const byKey = new Map<string, Entry>();
    for (const resource of list) {
      if (isNothing(resource.value)) continue;
      const key = identityOf(resource);
      const entry = {key, resource, copies: 1};
      const same = byKey.get(key);
      byKey.set(key, same === undefined ? entry : plus(same, entry));
    }
    return Resources.#from([...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  static #from(entries: readonly Entry[]): Resources {
    return entries.length === 0 ? Resources.EMPTY : new Resources(entries);
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The resources one by one; what cannot be split appears once per copy. */
  list(): Resource[] {
    return this.#entries.flatMap(({resource, copies}) => Array.from({length: copies}, () => resource));
  }

  add(other: Resources): Resources {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    return Resources.#from(merge(this.#entries, other.#entries, plus, entry => entry));
  }

  /** What is left; where `other` has more, nothing is. */
  subtract(other: Resources): Resources {
    if (other === this) return Resources.EMPTY;
    if (other.isEmpty || this.isEmpty) return this;
    return Resources.#from(merge(this.#entries, other.#entries, minus, () => undefined));
  }

  contains(other: Resources): boolean {
    if (other === this || other.isEmpty) return true;
    let at = 0;
    for (const inner of other.#entries) {
      while ((this.#entries[at]?.key ?? inner.key) < inner.key) at++;
      const outer = this.#entries[at];
      if (outer === undefined || outer.key !== inner.key || !covers(outer, inner)) return false;
    }
    return true;
  }

  equals(other: Resources): boolean {
    return this.contains(other) && other.contains(this);
  }

  /** Those for which `keep` holds; itself if that is all of them. */
  filter(keep: (resource: Resource) => boolean): Resources {
    const kept = this.#entries.filter(({resource}) => keep(resource));
    return kept.length === this.#entries.length ? this : Resources.#from(kept);
  }

  /**
   * Each scalar reduced to what `allow` answers in thousandths; itself if that is all. What cannot be split stays whole
   * or goes.
   */
  resize(allow: (resource: Resource, milli: number) => number): Resources {
    const kept = this.#entries.flatMap(entry => resized(entry, allow));
    return kept.length === this.#entries.length && kept.every((entry, i) => entry === this.#entries[i])
      ? this
      : Resources.#from(kept);
  }

  /** Scalars by name in thousandths, whatever their identity; a shared volume counts once. */
  get milli(): ReadonlyMap<string, number> {
    this.#milli ??= sumMilli(this.#entries);
    return this.#milli;
  }

  /** `milli` as a vector. */
  vector(names: ScalarNames): Vector {
    if (this.#vector?.names !== names) this.#vector = {names, amounts: names.vector(this.milli)};
    return this.#vector.amounts;
  }

  /** Scalars by name in units. */
  quantities(): Quantities {
    return new Map(Array.from(this.milli, ([name, milli]) => [name, fromMilli(milli)]));
  }

  /** The amount of one scalar in units, 0 if there is none. */
  scalar(name: string): number {
    return fromMilli(this.milli.get(name) ?? 0);
  }

  /** The numbers of one resource of kind ranges, normalized. */
  ranges(name: string): Range[] {
    const found = this.#entries.flatMap(({resource: {name: other, value}}) =>
      other === name && value.kind === 'ranges' ? value.ranges : [],
    );
    return normalizeRanges(found);
  }
}

const isRestricted = ({reservations = [], revocable, shared}: Resource): boolean =>
  reservations.length > 0 || revocable === true || shared === true;

function resized(entry: Entry, allow: (resource: Resource, milli: number) => number): Entry[] {
  const {resource, copies} = entry;
  if (resource.value.kind !== 'scalar') return [entry];
  const {milli} = resource.value;
  const allowed = allow(resource, milli * copies);
  if (allowed >= milli * copies) return [entry];
  if (allowed <= 0 || isWhole(resource)) return [];
  return [{...entry, resource: {...resource, value: {kind: 'scalar', milli: allowed}}}];
}

function plus(a: Entry, b: Entry): Entry {
  if (isWhole(a.resource)) return {...a, copies: a.copies + b.copies};
  return {...a, resource: {...a.resource, value: addValues(a.resource.value, b.resource.value)}};
}

function minus(a: Entry, b: Entry): Entry | undefined {
  if (isWhole(a.resource)) return a.copies > b.copies ? {...a, copies: a.copies - b.copies} : undefined;
  const value = subtractValues(a.resource.value, b.resource.value);
  return isNothing(value) ? undefined : {...a, resource: {...a.resource, value}};
}

const covers = (outer: Entry, inner: Entry): boolean =>
  isWhole(outer.resource) ? outer.copies >= inner.copies : containsValue(outer.resource.value, inner.resource.value);

/** One pass over two sorted lists: `both` joins entries of one key, `onlyRight` decides on those that `left` lacks. */
function merge(
  left: readonly Entry[],
  right: readonly Entry[],
  both: (a: Entry, b: Entry) => Entry | undefined,
  onlyRight: (b: Entry) => Entry | undefined,
): Entry[] {
  const merged: Entry[] = [];
  const put = (entry: Entry | undefined): void => {
    if (entry !== undefined) merged.push(entry);
  };
  let r = 0;
  for (const a of left) {
    let b = right[r];
    for (; b !== undefined && b.key < a.key; b = right[++r]) put(onlyRight(b));
    if (b?.key === a.key) {
      put(both(a, b));
      r++;
    } else put(a);
  }
  for (let b = right[r]; b !== undefined; b = right[++r]) put(onlyRight(b));
  return merged;
}

function sumMilli(entries: readonly Entry[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const {resource, copies} of entries) {
    const {name, value, shared} = resource;
    if (value.kind !== 'scalar') continue;
    sums.set(name, (sums.get(name) ?? 0) + value.milli * (shared === true ? 1 : copies));
  }
  return sums;
}
