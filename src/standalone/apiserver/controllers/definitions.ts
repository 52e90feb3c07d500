import {kindsOfDefinition} from '../custom-kinds.ts';
import type {Cluster} from '../cluster.ts';
import type {Kind} from '../kinds.ts';
import type {ApiObject} from '../object.ts';
import {DEFINITIONS} from '../registry.ts';
import {cloneJson} from '../schema/json.ts';
import {CLEANUP} from '../write/definitions.ts';
import {remove} from '../write/delete.ts';
import {isReleased} from '../write/update.ts';
import {KeyQueue} from './controller.ts';

/** Deletes the objects of a CustomResourceDefinition that is being deleted, and then lets it go. */
export class DefinitionController {
  readonly #cluster: Cluster;
  readonly #queue: KeyQueue;
  readonly #unsubscribe: () => void;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new KeyQueue(cluster, 'definition', name => this.#process(name));
    for (const crd of cluster.store.list(DEFINITIONS)) this.#queue.add(crd.metadata.name);
    this.#unsubscribe = cluster.store.subscribe(({storage, object, type}) => {
      if (storage === DEFINITIONS) this.#queue.add(object.metadata.name);
      else if (type === 'DELETED') this.#queue.add(definitionOf(storage));
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.#queue.stop();
  }

  #process(name: string): void {
    const crd = this.#cluster.store.get(DEFINITIONS, undefined, name);
    if (crd?.metadata.deletionTimestamp == null || crd.metadata.finalizers?.includes(CLEANUP) !== true) return;
    const [kind] = kindsOfDefinition(crd);
    if (kind !== undefined && this.#empty(kind) > 0) return;
    const next = cloneJson<ApiObject>(crd);
    const left = (next.metadata.finalizers ?? []).filter(finalizer => finalizer !== CLEANUP);
    if (left.length > 0) next.metadata.finalizers = left;
    else delete next.metadata.finalizers;
    if (isReleased(next)) this.#cluster.store.remove(DEFINITIONS, next);
    else this.#cluster.store.put(DEFINITIONS, next);
  }

  /** @returns how many objects are still there */
  #empty(kind: Kind): number {
    let left = 0;
    for (const object of this.#cluster.store.list(kind.storage)) {
      const pending = object.metadata.deletionTimestamp != null;
      const deleted = pending ? undefined : remove(this.#cluster, kind, object, {dryRun: false});
      if (deleted?.ok !== true || !deleted.value.gone) left++;
    }
    return left;
  }
}

/** `mesos.dev/marathonapps` -> `marathonapps.mesos.dev`. */
function definitionOf(storage: string): string {
  const [group = '', plural = ''] = storage.split('/');
  return `${plural}.${group}`;
}
