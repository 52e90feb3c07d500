import type {
  DeleteOptions,
  KubeClient,
  KubeError,
  KubeList,
  KubeObject,
  ObjectMeta,
  ResourceKind,
  Selector,
  WatchEvent,
} from '../../src/kube/types.ts';
import {err, ok, type Result} from '../../src/lib/result.ts';

type Json = Record<string, unknown>;
type Stored = {readonly kind: ResourceKind; object: KubeObject};
type LogEntry = {
  readonly revision: number;
  readonly plural: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
};
type Watcher = {readonly plural: string; readonly push: (entry: LogEntry) => void};
/** Runs before each write; an error it returns is the answer, and nothing changes. */
export type Interceptor = (verb: string, kind: ResourceKind, name: string, body: unknown) => KubeError | undefined;

export type MemoryCluster = {
  readonly client: KubeClient;
  /** Every stored object of a kind, oldest first. */
  readonly objects: (kind: ResourceKind) => readonly KubeObject[];
  readonly find: (kind: ResourceKind, name: string) => KubeObject | undefined;
  intercept: Interceptor | undefined;
};

const notFound = (kind: ResourceKind, name: string): KubeError => ({
  kind: 'http',
  status: 404,
  reason: 'NotFound',
  message: `${kind.plural} "${name}" not found`,
});

/**
 * The part of an API server that controllers rely on, in memory: optimistic concurrency, subresource status, merge and
 * JSON patches, finalizers, grace of bound pods, selectors, and watches that never break.
 */
export function createMemoryCluster(nowIso: () => string = () => '2026-01-01T00:00:00Z'): MemoryCluster {
  const store = new Map<string, Stored>();
  const log: LogEntry[] = [];
  const watchers = new Set<Watcher>();
  let revision = 0;
  const kube: {intercept: Interceptor | undefined} = {intercept: undefined};
  const keyOf = (kind: ResourceKind, name: string) => `${kind.group}/${kind.plural}/${name}`;

  const publish = (kind: ResourceKind, type: LogEntry['type'], object: KubeObject): KubeObject => {
    revision++;
    const next = {...object, metadata: {...object.metadata, resourceVersion: `${revision}`}};
    const key = keyOf(kind, next.metadata.name);
    if (type === 'DELETED') store.delete(key);
    else store.set(key, {kind, object: next});
    const entry: LogEntry = {revision, plural: kind.plural, type, object: next};
    log.push(entry);
    for (const watcher of watchers) if (watcher.plural === kind.plural) watcher.push(entry);
    return next;
  };

  /** Stores a changed object, or removes it when its deletion waits for nothing any more. */
  const settle = (kind: ResourceKind, object: KubeObject): KubeObject => {
    const {deletionTimestamp, finalizers, deletionGracePeriodSeconds} = object.metadata;
    const gone = deletionTimestamp !== undefined && !finalizers?.length && !(deletionGracePeriodSeconds ?? 0);
    return publish(kind, gone ? 'DELETED' : 'MODIFIED', object);
  };

  const write = (
    kind: ResourceKind,
    stored: Stored,
    next: KubeObject,
    subresource?: string,
  ): Result<KubeObject, KubeError> => {
    const expected = next.metadata.resourceVersion;
    const {object} = stored;
    if (expected !== undefined && expected !== object.metadata.resourceVersion) {
      return err({kind: 'http', status: 409, reason: 'Conflict', message: 'the object has been modified'});
    }
    const fixed = {uid: object.metadata.uid, deletionTimestamp: object.metadata.deletionTimestamp};
    const merged: KubeObject =
      subresource === 'status'
        ? {...object, status: next.status}
        : {...next, metadata: {...next.metadata, ...fixed}, status: isCustom(kind) ? object.status : next.status};
    const changed = JSON.stringify(merged.spec) !== JSON.stringify(object.spec);
    const generation = (object.metadata.generation ?? 1) + (changed ? 1 : 0);
    const result: KubeObject = {...merged, metadata: {...merged.metadata, generation}};
    if (same(result, object)) return ok(object);
    return ok(settle(kind, result));
  };

  const refused = (verb: string, kind: ResourceKind, name: string, body: unknown) =>
    kube.intercept?.(verb, kind, name, body);

  const client = {
    get: async (kind: ResourceKind, name: string) => {
      const stored = store.get(keyOf(kind, name));
      return stored === undefined ? err(notFound(kind, name)) : ok(copy(stored.object));
    },
    list: async (kind: ResourceKind, options: Selector) => {
      const items = all(store, kind)
        .filter(object => selects(options, object))
        .map(copy);
      return ok({items, metadata: {resourceVersion: `${revision}`}} satisfies KubeList<KubeObject>);
    },
    create: async (kind: ResourceKind, object: KubeObject) => {
      const {name} = object.metadata;
      const error = refused('create', kind, name, object);
      if (error) return err(error);
      if (store.has(keyOf(kind, name))) {
        return err<KubeError>({kind: 'http', status: 409, reason: 'AlreadyExists', message: `${name} already exists`});
      }
      const metadata: ObjectMeta = {
        ...object.metadata,
        uid: `uid-${revision + 1}`,
        generation: 1,
        creationTimestamp: nowIso(),
      };
      const status = isCustom(kind) ? undefined : object.status;
      return ok(copy(publish(kind, 'ADDED', {...copy(object), metadata, status})));
    },
    update: async (kind: ResourceKind, object: KubeObject, options?: {subresource?: string}) => {
      const {name} = object.metadata;
      const error = refused('update', kind, name, object);
      if (error) return err(error);
      const stored = store.get(keyOf(kind, name));
      return stored === undefined ? err(notFound(kind, name)) : write(kind, stored, copy(object), options?.subresource);
    },
    patch: async (
      kind: ResourceKind,
      name: string,
      _namespace: string | undefined,
      type: string,
      body: unknown,
      options?: {subresource?: string},
    ) => {
      const error = refused('patch', kind, name, body);
      if (error) return err(error);
      const stored = store.get(keyOf(kind, name));
      if (stored === undefined) return err(notFound(kind, name));
      if (type !== 'merge') throw new Error(`memory-cluster: patch type ${type} is not there`);
      const expected = asJson(asJson(body).metadata).resourceVersion;
      const patched = mergePatch(copy(stored.object), body) as KubeObject;
      const resourceVersion = typeof expected === 'string' ? expected : stored.object.metadata.resourceVersion;
      return write(kind, stored, {...patched, metadata: {...patched.metadata, resourceVersion}}, options?.subresource);
    },
    delete: async (kind: ResourceKind, name: string, _namespace?: string, options: DeleteOptions = {}) => {
      const error = refused('delete', kind, name, options);
      if (error) return err(error);
      const stored = store.get(keyOf(kind, name));
      if (stored === undefined) return err(notFound(kind, name));
      const {object} = stored;
      if (options.uid !== undefined && options.uid !== object.metadata.uid) {
        return err<KubeError>({kind: 'http', status: 409, reason: 'Conflict', message: 'the uid differs'});
      }
      const spec = asJson(object.spec);
      const bound = kind.plural === 'pods' && spec.nodeName !== undefined;
      const asked = options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
      const grace = bound ? Number(asked) : 0;
      const before = object.metadata.deletionGracePeriodSeconds;
      const metadata: ObjectMeta = {
        ...object.metadata,
        deletionTimestamp: object.metadata.deletionTimestamp ?? nowIso(),
        deletionGracePeriodSeconds: before === undefined ? grace : Math.min(before, grace),
      };
      settle(kind, {...object, metadata});
      return ok(undefined);
    },
    watch: (
      kind: ResourceKind,
      options: Selector & {resourceVersion: string; signal: AbortSignal},
      onEvent: (event: WatchEvent<KubeObject>) => void,
    ) =>
      new Promise<Result<void, KubeError>>(resolve => {
        const deliver = (entry: LogEntry) => {
          if (selects(options, entry.object)) onEvent({type: entry.type, object: copy(entry.object)});
        };
        // Events come later than the write that caused them, as they do over a network.
        const watcher: Watcher = {
          plural: kind.plural,
          push: entry => setImmediate(() => !options.signal.aborted && deliver(entry)),
        };
        for (const entry of log) {
          if (entry.plural === kind.plural && entry.revision > Number(options.resourceVersion)) watcher.push(entry);
        }
        watchers.add(watcher);
        const end = () => {
          watchers.delete(watcher);
          resolve(ok(undefined));
        };
        if (options.signal.aborted) end();
        else options.signal.addEventListener('abort', end, {once: true});
      }),
    raw: async () => ok({status: 200, text: '{}'}),
  } as unknown as KubeClient;

  return Object.assign(kube, {
    client,
    objects: (kind: ResourceKind) => all(store, kind),
    find: (kind: ResourceKind, name: string) => store.get(keyOf(kind, name))?.object,
  });
}

const isCustom = (kind: ResourceKind): boolean => kind.group.includes('.dev');
const copy = <T>(value: T): T => structuredClone(value);
const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const all = (store: Map<string, Stored>, kind: ResourceKind): KubeObject[] =>
  [...store.values()].filter(stored => stored.kind.plural === kind.plural).map(stored => stored.object);
const same = (a: KubeObject, b: KubeObject): boolean =>
  JSON.stringify(mergePatch({}, a)) === JSON.stringify(mergePatch({}, b));

function selects(selector: Selector, object: KubeObject): boolean {
  const labels = object.metadata.labels ?? {};
  const fields: Json = {'metadata.name': object.metadata.name, 'spec.nodeName': asJson(object.spec).nodeName};
  const holds = (text: string | undefined, values: Json) =>
    (text ?? '')
      .split(',')
      .filter(Boolean)
      .every(term => {
        const [name = '', value] = term.split('=');
        return value === undefined ? name in values : values[name] === value;
      });
  return holds(selector.labelSelector, labels) && holds(selector.fieldSelector, fields);
}

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Json = Array.isArray(target) ? {} : {...asJson(target)};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
