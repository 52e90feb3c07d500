import {ok, err, type Result} from '../../src/lib/result.ts';
import {networkError, statusError} from '../../src/kube/kube-error.ts';
import {apiVersionOf} from '../../src/kube/resource-path.ts';
import type {KubeClient, KubeError, KubeObject, ResourceKind, WatchEvent} from '../../src/kube/types.ts';

type Stored = {readonly key: string; readonly object: KubeObject};
type Logged = {readonly version: number; readonly kind: string; readonly event: WatchEvent<KubeObject>};
type Watcher = {readonly kind: string; readonly send: (event: WatchEvent<KubeObject>) => void};

/**
 * The smallest store that behaves as an API server towards informers and leader election: versions, conflicts, watches
 * that resume. No schemas, no selectors, no finalizers, no namespaced rights; what a test changes, it changes here.
 */
export class MemoryKube {
  #version = 0;
  #uids = 0;
  readonly #objects = new Map<string, Stored>();
  #log: Logged[] = [];
  readonly #watchers = new Set<Watcher & {end: (result: Result<void, KubeError>) => void}>();
  /** Watches from versions at or below this one are too old. */
  #compacted = 0;

  get version(): string {
    return String(this.#version);
  }

  objects(kind: ResourceKind): KubeObject[] {
    return [...this.#objects.values()].filter(({object}) => object.kind === kind.kind).map(({object}) => object);
  }

  create(kind: ResourceKind, object: KubeObject): Result<KubeObject, KubeError> {
    const key = keyOf(kind, object.metadata.name, object.metadata.namespace);
    if (this.#objects.has(key)) return refused(409, 'AlreadyExists', `${key} already exists`);
    const metadata = {...object.metadata, uid: `uid-${++this.#uids}`};
    return ok(this.#store(kind, key, 'ADDED', {...object, metadata}));
  }

  update(kind: ResourceKind, object: KubeObject): Result<KubeObject, KubeError> {
    const {name, namespace, resourceVersion} = object.metadata;
    const held = this.get(kind, name, namespace);
    if (!held.ok) return held;
    const {uid} = held.value.metadata;
    if (resourceVersion !== undefined && resourceVersion !== held.value.metadata.resourceVersion) {
      return refused(409, 'Conflict', 'the object has been modified');
    }
    return ok(
      this.#store(kind, keyOf(kind, name, namespace), 'MODIFIED', {...object, metadata: {...object.metadata, uid}}),
    );
  }

  get(kind: ResourceKind, name: string, namespace?: string): Result<KubeObject, KubeError> {
    const held = this.#objects.get(keyOf(kind, name, namespace));
    return held ? ok(held.object) : refused(404, 'NotFound', `${kind.plural} "${name}" not found`);
  }

  patch(kind: ResourceKind, name: string, namespace: string | undefined, body: unknown): Result<KubeObject, KubeError> {
    const held = this.get(kind, name, namespace);
    if (!held.ok) return held;
    const patched: KubeObject = mergePatch(held.value, body);
    const uid = patched.metadata.uid;
    if (uid !== held.value.metadata.uid) return refused(409, 'Conflict', 'uid differs');
    return this.update(kind, patched);
  }

  delete(kind: ResourceKind, name: string, namespace?: string): Result<void, KubeError> {
    const held = this.get(kind, name, namespace);
    if (!held.ok) return held;
    this.#store(kind, keyOf(kind, name, namespace), 'DELETED', held.value);
    return ok(undefined);
  }

  /** Forgets what happened up to now: a watch from an older version ends with 410. */
  compact(): void {
    this.#compacted = this.#version;
    this.#log = [];
  }

  /** All watches break off. */
  cut(error: KubeError = networkError('cut')): void {
    for (const watcher of this.#watchers) watcher.end(err(error));
  }

  /** Sends the last events once more, as after a resume from too early a version. */
  replay(count: number): void {
    for (const {kind, event} of this.#log.slice(-count)) this.#publish(kind, event);
  }

  bookmark(): void {
    for (const {kind, send} of this.#watchers) {
      send({type: 'BOOKMARK', object: {apiVersion: 'v1', kind, metadata: {name: '', resourceVersion: this.version}}});
    }
  }

  /** @param before runs before each call; an error that it returns is the call's answer */
  client(before: (verb: string) => Promise<KubeError | undefined> = async () => undefined): KubeClient {
    // One store holds every kind; who asks for a kind knows its type.
    const answer = async <T>(verb: string, act: () => Result<unknown, KubeError>): Promise<Result<T, KubeError>> => {
      const error = await before(verb);
      if (error) return err(error);
      const result = act();
      return result.ok ? ok(copy<T>(result.value)) : result;
    };
    return {
      get: <T>(kind: ResourceKind, name: string, namespace?: string) =>
        answer<T>('get', () => this.get(kind, name, namespace)),
      list: (kind, {namespace}) => answer('list', () => ok(this.#list(kind, namespace))),
      create: <T>(kind: ResourceKind, object: KubeObject) => answer<T>('create', () => this.create(kind, object)),
      update: <T>(kind: ResourceKind, object: KubeObject) => answer<T>('update', () => this.update(kind, object)),
      patch: <T>(kind: ResourceKind, name: string, namespace: string | undefined, _type: string, body: unknown) =>
        answer<T>('patch', () => this.patch(kind, name, namespace, body)),
      delete: (kind, name, namespace) => answer('delete', () => this.delete(kind, name, namespace)),
      watch: async <T>(
        kind: ResourceKind,
        {resourceVersion, signal}: {resourceVersion: string; signal: AbortSignal},
        onEvent: (event: WatchEvent<T>) => void,
      ) => {
        const error = await before('watch');
        if (error) return err(error);
        return this.#watch(kind, Number(resourceVersion), signal, event =>
          onEvent({type: event.type, object: copy<T>(event.object)}),
        );
      },
      raw: async () => err(networkError('not in memory')),
    };
  }

  #list(kind: ResourceKind, namespace: string | undefined) {
    const items = this.objects(kind).filter(
      object => namespace === undefined || object.metadata.namespace === namespace,
    );
    return {items, metadata: {resourceVersion: this.version}};
  }

  #watch(
    kind: ResourceKind,
    since: number,
    signal: AbortSignal,
    send: (event: WatchEvent<KubeObject>) => void,
  ): Promise<Result<void, KubeError>> {
    if (since < this.#compacted) return Promise.resolve(refused(410, 'Expired', 'too old resource version'));
    for (const {version, kind: logged, event} of this.#log) {
      if (version > since && logged === kind.kind) send(event);
    }
    return new Promise(resolve => {
      const watcher = {
        kind: kind.kind,
        send,
        end: (result: Result<void, KubeError>) => {
          this.#watchers.delete(watcher);
          resolve(result);
        },
      };
      this.#watchers.add(watcher);
      signal.addEventListener('abort', () => watcher.end(ok(undefined)));
    });
  }

  #store(kind: ResourceKind, key: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): KubeObject {
    const resourceVersion = String(++this.#version);
    const stored: KubeObject = {
      ...object,
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: {...object.metadata, resourceVersion},
    };
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, {key, object: stored});
    const event = {type, object: stored};
    this.#log.push({version: this.#version, kind: kind.kind, event});
    this.#publish(kind.kind, event);
    return stored;
  }

  #publish(kind: string, event: WatchEvent<KubeObject>): void {
    for (const watcher of this.#watchers) {
      if (watcher.kind === kind) watcher.send(event);
    }
  }
}

const keyOf = (kind: ResourceKind, name: string, namespace?: string): string =>
  `${kind.plural}/${kind.namespaced ? (namespace ?? '') : ''}/${name}`;

const refused = (code: number, reason: string, message: string): Result<never, KubeError> =>
  err(statusError({code, reason, message}, code));

/** What travelled as JSON shares nothing with the store. */
function copy<T>(value: unknown): T {
  return value === undefined ? JSON.parse('null') : JSON.parse(JSON.stringify(value));
}

/** RFC 7386. */
function mergePatch<T>(target: T, patch: unknown): T {
  const merged = Object.entries(merge(target, patch) ?? {});
  return JSON.parse(JSON.stringify(Object.fromEntries(merged)));
}

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : [];
  const out = new Map<string, unknown>(base);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) out.delete(name);
    else out.set(name, merge(out.get(name), value));
  }
  return Object.fromEntries(out);
}
