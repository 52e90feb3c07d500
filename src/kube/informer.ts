import type {Clock, Random} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {describe} from './http-call.ts';
import {ListWatch} from './list-watch.ts';
import type {Logger} from './log.ts';
import {ObjectCache, type CacheEntry, type IndexFunction} from './object-cache.ts';
import {isAtLeast, isEarlier} from './resource-version.ts';
import type {Informer, InformerEvent, KubeClient, KubeObject, ResourceKind, Selector, WatchEvent} from './types.ts';

export type InformerOptions<T> = {
  readonly client: KubeClient;
  readonly kind: ResourceKind;
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly selector?: Selector;
  /**
   * The small record to keep of an object, which comes without managedFields; pure. An error keeps what is known of
   * the object already (nothing, if it is new) and is logged: an object that cannot be read has not been deleted.
   */
  readonly project: (raw: KubeObject) => T | Result<T, unknown>;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Objects per page of a list; 500 when absent. */
  readonly pageSize?: number;
  /** The longest mean delay between two attempts while the server is away; 30 s when absent. */
  readonly maxBackoffMs?: number;
};

/** An informer that never gives up. Listeners added late are not told what is there already: they use `list`. */
export function createInformer<T>(options: InformerOptions<T>): Informer<T> {
  const store = new InformerStore(options);
  const {pageSize = 500, maxBackoffMs = 30_000} = options;
  const loop = new ListWatch({...options, pageSize, maxBackoffMs}, store);
  let state: 'new' | 'running' | 'stopped' = 'new';
  return {
    start: () => {
      if (state !== 'new') return;
      state = 'running';
      void loop.run();
    },
    stop: () => {
      state = 'stopped';
      loop.stop();
      store.release();
    },
    synced: () => store.synced,
    hasSynced: () => store.hasSynced,
    get: (name, namespace) => store.get(name, namespace),
    list: () => store.cache.list(),
    byIndex: (index, key) => store.cache.byIndex(index, key),
    onEvent: listener => void store.listeners.push(listener),
    seen: (name, namespace, resourceVersion) => store.seen(name, namespace, resourceVersion),
  };
}

type Waiter = {
  readonly key: string;
  readonly resourceVersion: string;
  /** Lists begun before this waiter came. */
  readonly listsBefore: number;
  readonly resolve: () => void;
};

/** What the list and its watches fill: the cache, those who listen, those who wait. */
class InformerStore<T> {
  readonly cache: ObjectCache<T>;
  readonly listeners: ((event: InformerEvent<T>) => void)[] = [];
  readonly synced: Promise<void>;
  hasSynced = false;
  readonly #options: InformerOptions<T>;
  readonly #waiters = new Set<Waiter>();
  #resolveSynced: () => void;
  #listing = new Map<string, CacheEntry<T>>();
  #listsBegun = 0;
  #position: string | undefined;
  #released = false;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.cache = new ObjectCache(options.indexes ?? {});
    const {promise, resolve} = Promise.withResolvers<void>();
    this.synced = promise;
    this.#resolveSynced = resolve;
  }

  get(name: string, namespace = this.#options.namespace): T | undefined {
    return this.cache.get(keyOf(name, namespace))?.object;
  }

  seen(name: string, namespace = this.#options.namespace, resourceVersion: string): Promise<void> {
    const key = keyOf(name, namespace);
    if (this.#released || this.#hasSeen(key, resourceVersion)) return Promise.resolve();
    return new Promise(resolve => this.#waiters.add({key, resourceVersion, listsBefore: this.#listsBegun, resolve}));
  }

  /** Nothing will be seen any more: nobody shall wait for it. */
  release(): void {
    this.#released = true;
    this.#wake(() => true);
  }

  readonly beginList = (): void => {
    this.#listsBegun++;
    this.#listing = new Map();
  };

  readonly listed = (object: KubeObject): void => {
    const key = keyOfObject(object);
    const held = this.cache.get(key);
    const {uid} = object.metadata;
    const entry = isSame(held, object) ? held : (this.#project(key, object) ?? (held?.uid === uid ? held : undefined));
    if (entry) this.#listing.set(key, entry);
  };

  readonly endList = (resourceVersion: string): void => {
    const listed = this.#listing;
    this.#listing = new Map();
    this.#position = resourceVersion;
    for (const held of [...this.cache.entries()]) {
      if (!listed.has(held.key)) this.#remove(held);
    }
    for (const entry of listed.values()) this.#put(entry);
    this.hasSynced = true;
    this.#resolveSynced();
    // A list that began after a write is no older than the write, whatever the versions look like.
    this.#wake(waiter => waiter.listsBefore < this.#listsBegun || this.#hasSeen(waiter.key, waiter.resourceVersion));
  };

  readonly changed = (event: WatchEvent<KubeObject>, position: string): void => {
    const key = keyOfObject(event.object);
    const held = this.cache.get(key);
    const {uid, resourceVersion} = event.object.metadata;
    if (event.type === 'DELETED') {
      if (held && held.uid === uid) this.#remove(held);
      return;
    }
    // Delivered again after a resume: known already, or deleted since.
    if (isEarlier(resourceVersion, held ? held.resourceVersion : position)) return;
    if (isSame(held, event.object)) return;
    const entry = this.#project(key, event.object);
    if (entry) this.#put(entry);
  };

  readonly reached = (position: string): void => {
    this.#position = position;
    this.#wake(waiter => this.#hasSeen(waiter.key, waiter.resourceVersion));
  };

  #hasSeen(key: string, resourceVersion: string): boolean {
    return (
      isAtLeast(this.#position, resourceVersion) || isAtLeast(this.cache.get(key)?.resourceVersion, resourceVersion)
    );
  }

  #wake(ready: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters) {
      if (!ready(waiter)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Adds or replaces. Another object under the same name is a deletion that was not seen, then an addition. */
  #put(entry: CacheEntry<T>): void {
    let held = this.cache.get(entry.key);
    if (held === entry) return;
    if (held && held.uid !== entry.uid) {
      this.#remove(held);
      held = undefined;
    }
    this.cache.set(entry);
    const {object} = entry;
    this.#emit(held ? {type: 'updated', object, old: held.object} : {type: 'added', object});
  }

  #remove(held: CacheEntry<T>): void {
    this.cache.delete(held.key);
    this.#emit({type: 'deleted', object: held.object});
  }

  #project(key: string, raw: KubeObject): CacheEntry<T> | undefined {
    Reflect.deleteProperty(raw.metadata, 'managedFields');
    const {uid, resourceVersion} = raw.metadata;
    const projected = this.#tryProject(raw);
    if (projected.ok) return {key, uid, resourceVersion, object: projected.value};
    this.#options.log.warn('object cannot be read', {
      kind: this.#options.kind.kind,
      object: key,
      reason: projected.error,
    });
    return undefined;
  }

  /** A projection that throws is a bug; it must not end the watch for all the other objects. */
  #tryProject(raw: KubeObject): Result<T, unknown> {
    try {
      const projected = this.#options.project(raw);
      return isResult(projected) ? projected : ok(projected);
    } catch (error) {
      return err(error);
    }
  }

  #emit(event: InformerEvent<T>): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        // A bug of the listener's; the cache and the other listeners must not suffer for it.
        this.#options.log.error('informer listener failed', {
          kind: this.#options.kind.kind,
          reason: describe(error),
          error,
        });
      }
    }
  }
}

const keyOf = (name: string, namespace: string | undefined): string => `${namespace ?? ''}/${name}`;

const keyOfObject = ({metadata}: KubeObject): string => keyOf(metadata.name, metadata.namespace);

/** The same object in the same version; a version that is not there says nothing. */
const isSame = <T>(held: CacheEntry<T> | undefined, {metadata}: KubeObject): boolean =>
  held !== undefined &&
  held.uid === metadata.uid &&
  held.resourceVersion === metadata.resourceVersion &&
  held.resourceVersion !== undefined;

function isResult<T>(value: T | Result<T, unknown>): value is Result<T, unknown> {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false;
  return value.ok === true ? 'value' in value : value.ok === false && 'error' in value;
}
