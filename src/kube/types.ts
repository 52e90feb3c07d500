import type {Result} from '../lib/result.ts';

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

/** The part of every object that Kubernetes itself understands; times are RFC 3339. */
export type ObjectMeta = {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
};

/** Any Kubernetes object; a decoder turns `spec` and `status` into something typed. */
export type KubeObject<Spec = unknown, Status = unknown> = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Spec;
  readonly status?: Status;
};

export type KubeList<T> = {
  readonly items: readonly T[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
};

/** Where a kind lives: `group` is '' for the core group. */
export type ResourceKind = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
};

/**
 * Why a call failed. `http`: the server answered with a Status; `reason` is Kubernetes's (`NotFound`, `Conflict`,
 * `AlreadyExists`, `Invalid`, `Expired`, `TooManyRequests`…). `network`: nobody answered, or the answer broke off;
 * whether the call took effect is unknown. `fenced`: this process may not write now (it lost its Lease).
 */
export type KubeError =
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly reason: string;
      readonly message: string;
      readonly retryAfterMs?: number;
      readonly details?: unknown;
    }
  | {readonly kind: 'network'; readonly message: string}
  | {readonly kind: 'fenced'; readonly message: string};

export type Selector = {readonly labelSelector?: string; readonly fieldSelector?: string};

export type PatchType = 'merge' | 'json' | 'strategic' | 'apply';

export type WriteOptions = {
  /** A subresource: `status`, `scale`… */
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
};

export type DeleteOptions = {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
};

export type WatchEvent<T> =
  | {readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T}
  | {readonly type: 'BOOKMARK'; readonly object: T};

/**
 * Raw JSON in and out, one call per method, no cache. Calls that were refused with 429 or 503 and a Retry-After are
 * repeated a few times with back-off before the error is returned (watches are not: whoever watches resumes by itself).
 * Beyond that a call is repeated at once where it cannot have taken effect, or only reads.
 * `namespace` is omitted for cluster-scoped kinds and for lists over all namespaces.
 */
export type KubeClient = {
  readonly get: <T = KubeObject>(kind: ResourceKind, name: string, namespace?: string) => Promise<Result<T, KubeError>>;
  readonly list: <T = KubeObject>(
    kind: ResourceKind,
    options: Selector & {namespace?: string; limit?: number; continue?: string; resourceVersion?: string},
  ) => Promise<Result<KubeList<T>, KubeError>>;
  readonly create: <T = KubeObject>(
    kind: ResourceKind,
    object: KubeObject,
    options?: WriteOptions,
  ) => Promise<Result<T, KubeError>>;
  readonly update: <T = KubeObject>(
    kind: ResourceKind,
    object: KubeObject,
    options?: WriteOptions,
  ) => Promise<Result<T, KubeError>>;
  readonly patch: <T = KubeObject>(
    kind: ResourceKind,
    name: string,
    namespace: string | undefined,
    type: PatchType,
    body: unknown,
    options?: WriteOptions,
  ) => Promise<Result<T, KubeError>>;
  readonly delete: (
    kind: ResourceKind,
    name: string,
    namespace?: string,
    options?: DeleteOptions,
  ) => Promise<Result<void, KubeError>>;
  /** Streams until `signal` aborts, the server ends the watch (`ok`), or it fails. A 410 in the stream is `reason: 'Expired'`. */
  readonly watch: <T = KubeObject>(
    kind: ResourceKind,
    options: Selector & {namespace?: string; resourceVersion: string; timeoutSeconds?: number; signal: AbortSignal},
    onEvent: (event: WatchEvent<T>) => void,
  ) => Promise<Result<void, KubeError>>;
  /** Any other request, for example GET /version or a pod's log. `path` starts with '/'. */
  readonly raw: (
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<Result<{status: number; text: string}, KubeError>>;
};

export type InformerEvent<T> =
  | {readonly type: 'added'; readonly object: T}
  | {readonly type: 'updated'; readonly object: T; readonly old: T}
  | {readonly type: 'deleted'; readonly object: T};

/**
 * A cache of one kind kept current by list + watch: bookmarks, paged lists, resume from the last resourceVersion,
 * relist on 410, jittered back-off. Every event is delivered after the cache has changed, in order, never twice for
 * the same resourceVersion; a relist yields the differences.
 */
export type Informer<T> = {
  readonly start: () => void;
  readonly stop: () => void;
  /** Resolves after the first complete list was delivered. */
  readonly synced: () => Promise<void>;
  readonly hasSynced: () => boolean;
  readonly get: (name: string, namespace?: string) => T | undefined;
  readonly list: () => readonly T[];
  /** Objects filed under `key` by the index function given at construction. */
  readonly byIndex: (index: string, key: string) => readonly T[];
  readonly onEvent: (listener: (event: InformerEvent<T>) => void) => void;
  /** Resolves when the cache has seen `resourceVersion` of this object or a later one (read your own writes). */
  readonly seen: (name: string, namespace: string | undefined, resourceVersion: string) => Promise<void>;
};
