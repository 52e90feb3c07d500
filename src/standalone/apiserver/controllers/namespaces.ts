import type {Cluster} from '../cluster.ts';
import {isReleased} from '../write/update.ts';
import {remove} from '../write/delete.ts';
import {KeyQueue} from './controller.ts';
import type {ApiObject} from '../object.ts';
import {cloneJson} from '../schema/json.ts';

/** Empties namespaces that are being deleted, and then lets them go. */
export class NamespaceController {
  readonly #cluster: Cluster;
  readonly #queue: KeyQueue;
  readonly #unsubscribe: () => void;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new KeyQueue(cluster, 'namespace', name => this.#process(name));
    for (const namespace of cluster.store.list('namespaces')) this.#queue.add(namespace.metadata.name);
    this.#unsubscribe = cluster.store.subscribe(({storage, object, type}) => {
      if (storage === 'namespaces') this.#queue.add(object.metadata.name);
      else if (type === 'DELETED' && object.metadata.namespace !== undefined)
        this.#queue.add(object.metadata.namespace);
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#queue.stop();
  }

  #process(name: string): void {
    const {store} = this.#cluster;
    const namespace = store.get('namespaces', undefined, name);
    if (namespace?.metadata.deletionTimestamp == null) return;
    if (this.#empty(name) > 0) return;
    const next = cloneJson<ApiObject>(namespace);
    next['spec'] = {};
    if (isReleased(next)) store.remove('namespaces', next);
    else store.put('namespaces', next);
  }

  /** @returns how many objects are still there: waiting for their finalizers, or for their node */
  #empty(name: string): number {
    let left = 0;
    for (const kind of this.#cluster.registry.stored()) {
      if (!kind.namespaced) continue;
      for (const object of this.#cluster.store.list(kind.storage, name)) {
        const pending = object.metadata.deletionTimestamp != null;
        const deleted = pending ? undefined : remove(this.#cluster, kind, object, {dryRun: false});
        if (deleted?.ok !== true || !deleted.value.gone) left++;
      }
    }
    return left;
  }
}
