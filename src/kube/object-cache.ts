/** Where to file an object: none, one or several keys of a secondary index. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** One cached object with what its cache must know about it. */
export type CacheEntry<T> = {
  readonly key: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly object: T;
};

/** Objects by key and by secondary keys. Not concurrent, not persistent: the cache below an informer. */
export class ObjectCache<T> {
  readonly #entries = new Map<string, CacheEntry<T>>();
  readonly #functions: readonly (readonly [string, IndexFunction<T>])[];
  /** index -> secondary key -> key -> object */
  readonly #indexes = new Map<string, Map<string, Map<string, T>>>();
  #listed: readonly T[] | undefined;

  constructor(functions: Readonly<Record<string, IndexFunction<T>>>) {
    this.#functions = Object.entries(functions);
    for (const [index] of this.#functions) this.#indexes.set(index, new Map());
  }

  get(key: string): CacheEntry<T> | undefined {
    return this.#entries.get(key);
  }

  entries(): Iterable<CacheEntry<T>> {
    return this.#entries.values();
  }

  /** The same array until something changes. */
  list(): readonly T[] {
    this.#listed ??= [...this.#entries.values()].map(entry => entry.object);
    return this.#listed;
  }

  byIndex(index: string, secondary: string): readonly T[] {
    const filed = this.#indexes.get(index);
    if (!filed) throw new Error(`no index "${index}"`);
    return [...(filed.get(secondary)?.values() ?? [])];
  }

  set(entry: CacheEntry<T>): void {
    this.delete(entry.key);
    this.#listed = undefined;
    this.#entries.set(entry.key, entry);
    for (const [filed, secondary] of this.#filings(entry.object)) {
      const objects = filed.get(secondary) ?? new Map<string, T>();
      filed.set(secondary, objects.set(entry.key, entry.object));
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#listed = undefined;
    this.#entries.delete(key);
    for (const [filed, secondary] of this.#filings(entry.object)) {
      const objects = filed.get(secondary);
      objects?.delete(key);
      if (objects?.size === 0) filed.delete(secondary);
    }
  }

  *#filings(object: T): Iterable<readonly [Map<string, Map<string, T>>, string]> {
    for (const [index, keysOf] of this.#functions) {
      const filed = this.#indexes.get(index);
      if (!filed) continue;
      for (const secondary of keysOf(object)) yield [filed, secondary];
    }
  }
}
