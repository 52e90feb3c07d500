import {explainKubeError, hasReason} from '../../kube/kube-error.ts';
import type {Logger} from '../../kube/log.ts';
import type {Informer, InformerEvent, KubeError} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import type {Result} from '../../lib/result.ts';
import {createWorkQueue} from './work-queue.ts';

/** Which objects to look at again; the answer to "what changed" is never passed on. */
export type Source = {readonly connect: (enqueue: (key: string) => void) => {readonly synced: () => Promise<void>}};

export type ReconcilerOptions = {
  /** For logs. */
  readonly name: string;
  readonly sources: readonly Source[];
  /** Compares wanted with actual. An error brings the key back with back-off, except `fenced`. */
  readonly reconcile: (key: ObjectKey) => Promise<Result<{readonly againInMs?: number} | void, KubeError>>;
  readonly concurrency?: number;
  readonly maxBackoffMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

export type Reconciler = {
  /** Waits for the sources' caches, then reconciles what they hold and whatever changes. */
  readonly start: () => Promise<void>;
  readonly enqueue: (key: string, delayMs?: number) => void;
  /** Resolves when nothing is in process any more; what waits is dropped, the next leader looks at everything anyway. */
  readonly stop: () => Promise<void>;
};

export type ObjectKey = {readonly namespace: string; readonly name: string};

/** `namespace/name`; the namespace of a cluster-scoped object is empty. */
export const keyText = ({namespace, name}: {readonly namespace?: string; readonly name: string}): string =>
  `${namespace ?? ''}/${name}`;

export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return {namespace: key.slice(0, slash), name: key.slice(slash + 1)};
}

/** A source over an informer: `keysOf` names the keys to look at when an object came, changed or went. */
export function sourceOf<T>(informer: Informer<T>, keysOf: (object: T) => readonly string[]): Source {
  return {
    connect: enqueue => {
      const enqueueAll = (object: T): void => keysOf(object).forEach(enqueue);
      informer.onEvent((event: InformerEvent<T>) => {
        enqueueAll(event.object);
        // An object that moved from one owner to another concerns both.
        if (event.type === 'updated') enqueueAll(event.old);
      });
      informer.list().forEach(enqueueAll);
      return {synced: informer.synced};
    },
  };
}

/** Informers -> keys -> queue -> reconcile. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const {name, sources, reconcile, log} = options;
  let started = false;
  const early = new Set<string>();

  const process = async (key: string): Promise<void> => {
    const done = await reconcile(parseKey(key));
    if (done.ok) {
      queue.forget(key);
      if (done.value?.againInMs !== undefined) queue.addAfter(key, done.value.againInMs);
    } else if (done.error.kind !== 'fenced') {
      // A conflict is the cache lagging behind our own write: everyday.
      const write = hasReason(done.error, 'Conflict') ? log.debug : log.warn;
      write('reconcile failed', {
        reconciler: name,
        key,
        reason: explainKubeError(done.error),
        failures: queue.failures(key),
      });
      queue.addRateLimited(key);
    }
  };
  const queue = createWorkQueue({...options, process});
  const enqueue = (key: string): void => (started ? queue.add(key) : void early.add(key));

  return {
    start: async () => {
      const connected = sources.map(source => source.connect(enqueue));
      await Promise.all(connected.map(({synced}) => synced()));
      started = true;
      early.forEach(queue.add);
      early.clear();
    },
    enqueue: (key, delayMs = 0) => (delayMs > 0 ? queue.addAfter(key, delayMs) : enqueue(key)),
    stop: () => queue.stop({drain: false}),
  };
}
