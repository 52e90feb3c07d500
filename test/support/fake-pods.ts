import type {DeleteOptions, KubeClient, KubeError, KubeObject, ResourceKind, WatchEvent} from '../../src/kube/types.ts';
import {err, ok, type Result} from '../../src/lib/result.ts';

type Json = Record<string, unknown>;
type Answer = Result<KubeObject, KubeError>;
type Listener = (kind: ResourceKind, event: WatchEvent<KubeObject>) => void;

/**
 * What a node needs of an API server, in memory: merge patches, statuses, uid preconditions, the grace of bound pods,
 * finalizers, and watches that never break. No selectors: every pod is the node's. While `down` nobody answers.
 */
export class FakePods {
  down = false;
  readonly #objects = new Map<string, {kind: ResourceKind; object: KubeObject}>();
  readonly #listeners = new Set<Listener>();
  #revision = 0;

  objects(kind: ResourceKind): KubeObject[] {
    return [...this.#objects.values()].filter(held => held.kind.plural === kind.plural).map(({object}) => object);
  }

  find(kind: ResourceKind, name: string): KubeObject | undefined {
    return this.#objects.get(`${kind.plural}/${name}`)?.object;
  }

  create(kind: ResourceKind, object: KubeObject): Answer {
    const {name} = object.metadata;
    if (this.find(kind, name)) return refused(409, 'AlreadyExists', name);
    const metadata = {...object.metadata, uid: crypto.randomUUID(), creationTimestamp: new Date().toISOString()};
    return ok(this.#store(kind, 'ADDED', {...object, metadata}));
  }

  patch(kind: ResourceKind, name: string, body: unknown): Answer {
    const held = this.find(kind, name);
    if (held === undefined) return refused(404, 'NotFound', name);
    const patched = merge(held, body) as KubeObject;
    if (patched.metadata.uid !== held.metadata.uid) return refused(409, 'Conflict', 'uid');
    return ok(this.#settle(kind, patched));
  }

  delete(kind: ResourceKind, name: string, {gracePeriodSeconds, uid}: DeleteOptions = {}): Answer {
    const held = this.find(kind, name);
    if (held === undefined) return refused(404, 'NotFound', name);
    if (uid !== undefined && uid !== held.metadata.uid) return refused(409, 'Conflict', 'uid');
    const grace = gracePeriodSeconds ?? (kind.plural === 'pods' ? 30 : 0);
    const metadata = {
      ...held.metadata,
      deletionTimestamp: held.metadata.deletionTimestamp ?? new Date().toISOString(),
      deletionGracePeriodSeconds: Math.min(grace, held.metadata.deletionGracePeriodSeconds ?? grace),
    };
    return ok(this.#settle(kind, {...held, metadata}));
  }

  readonly client: KubeClient = {
    get: async (kind: ResourceKind, name: string) => {
      const object = this.find(kind, name);
      return this.#answer(() => (object ? ok(object) : refused(404, 'NotFound', name)));
    },
    list: async (kind: ResourceKind) =>
      this.#answer(() => ok({items: this.objects(kind), metadata: {resourceVersion: `${this.#revision}`}})),
    create: async (kind: ResourceKind, object: KubeObject) => this.#answer(() => this.create(kind, object)),
    update: async (kind: ResourceKind, object: KubeObject) =>
      this.#answer(() => this.patch(kind, object.metadata.name, object)),
    patch: async (kind: ResourceKind, name: string, _namespace: unknown, _type: unknown, body: unknown) =>
      this.#answer(() => this.patch(kind, name, body)),
    delete: async (kind: ResourceKind, name: string, _namespace: unknown, options: DeleteOptions) =>
      this.#answer(() => this.delete(kind, name, options)),
    watch: (kind: ResourceKind, {signal}: {signal: AbortSignal}, onEvent: (event: WatchEvent<KubeObject>) => void) =>
      new Promise(resolve => {
        const listener: Listener = (of, event) => {
          // Events come after the write that caused them was answered, as over a network.
          if (of.plural === kind.plural) setImmediate(() => !signal.aborted && onEvent(event));
        };
        this.#listeners.add(listener);
        const end = (): void => {
          this.#listeners.delete(listener);
          resolve(ok(undefined));
        };
        signal.addEventListener('abort', end, {once: true});
        if (signal.aborted) end();
      }),
  } as unknown as KubeClient;

  #answer<T>(call: () => Result<T, KubeError>): Result<T, KubeError> {
    return this.down ? err({kind: 'network', message: 'connection refused'}) : structuredClone(call());
  }

  /** Stores a change, or removes an object whose deletion waits for nothing any more. */
  #settle(kind: ResourceKind, object: KubeObject): KubeObject {
    const {deletionTimestamp, deletionGracePeriodSeconds, finalizers = []} = object.metadata;
    const gone = deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0;
    return this.#store(kind, gone ? 'DELETED' : 'MODIFIED', object);
  }

  #store(kind: ResourceKind, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): KubeObject {
    const next = {...object, metadata: {...object.metadata, resourceVersion: `${++this.#revision}`}};
    const key = `${kind.plural}/${object.metadata.name}`;
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, {kind, object: next});
    for (const listener of this.#listeners) listener(kind, structuredClone({type, object: next}));
    return next;
  }
}

const refused = (status: number, reason: string, message: string): Result<never, KubeError> =>
  err({kind: 'http', status, reason, message});

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Json = typeof target === 'object' && target !== null ? {...(target as Json)} : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = merge(result[key], value);
  }
  return result;
}
