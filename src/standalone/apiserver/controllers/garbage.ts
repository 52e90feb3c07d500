import type {Cluster} from '../cluster.ts';
import type {Kind} from '../kinds.ts';
import {type ApiObject, keyOf, type OwnerRef} from '../object.ts';
import {cloneJson} from '../schema/json.ts';
import type {Change} from '../store.ts';
import {remove} from '../write/delete.ts';
import {isReleased} from '../write/update.ts';
import {KeyQueue} from './controller.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/**
 * Deletes objects whose owners are gone, and carries out Foreground and Orphan deletions, by the rules of Kubernetes's
 * garbage collector.
 */
export class GarbageCollector {
  readonly #cluster: Cluster;
  readonly #queue: KeyQueue;
  /** Owner's uid -> `storage key` of its dependents. */
  readonly #dependents = new Map<string, Set<string>>();
  /** Owners seen to go while they had dependents: absent for certain, even when their kind is no longer served. */
  readonly #gone = new Set<string>();
  readonly #unsubscribe: () => void;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new KeyQueue(cluster, 'garbage-collector', id => this.#process(id));
    for (const kind of cluster.registry.stored()) {
      for (const object of cluster.store.list(kind.storage)) this.#observe(kind.storage, object, undefined);
    }
    this.#unsubscribe = cluster.store.subscribe(change => this.#onChange(change));
  }

  stop(): void {
    this.#unsubscribe();
    this.#queue.stop();
  }

  #onChange({storage, object, previous, type}: Change): void {
    if (type !== 'DELETED') return this.#observe(storage, object, previous);
    const id = idOf(storage, object);
    for (const owner of object.metadata.ownerReferences ?? []) {
      this.#forget(owner.uid, id);
      // Its owner may be waiting for it in a foreground deletion.
      this.#enqueueOwner(object, owner);
    }
    const {uid = ''} = object.metadata;
    const dependents = this.#dependents.get(uid) ?? new Set();
    if (dependents.size === 0) return void this.#dependents.delete(uid);
    this.#gone.add(uid);
    for (const dependent of dependents) this.#queue.add(dependent);
  }

  #observe(storage: string, object: ApiObject, previous: ApiObject | undefined): void {
    const id = idOf(storage, object);
    for (const {uid} of previous?.metadata.ownerReferences ?? []) this.#forget(uid, id);
    for (const owner of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(id));
      this.#enqueueOwner(object, owner);
    }
    const owned = (object.metadata.ownerReferences ?? []).length > 0;
    if (owned || policyOf(object) !== undefined) this.#queue.add(id);
  }

  #forget(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    dependents?.delete(dependent);
    if (dependents?.size !== 0) return;
    this.#dependents.delete(owner);
    this.#gone.delete(owner);
  }

  /** The owner only matters when it waits for its dependents. */
  #enqueueOwner(dependent: ApiObject, reference: OwnerRef): void {
    const kind = this.#cluster.registry.findByKind(reference.apiVersion, reference.kind);
    if (kind === undefined) return;
    const owner = this.#find(kind, dependent, reference);
    if (owner !== undefined && policyOf(owner) !== undefined) this.#queue.add(idOf(kind.storage, owner));
  }

  #process(id: string): void {
    const [storage = '', key = ''] = id.split(' ');
    const kind = this.#cluster.registry.stored().find(known => known.storage === storage);
    const object = kind === undefined ? undefined : this.#get(kind, key);
    if (kind === undefined || object === undefined) return;
    const policy = policyOf(object);
    if (policy === FOREGROUND) this.#deleteDependents(kind, object);
    else if (policy === ORPHAN) this.#orphanDependents(kind, object);
    else if (object.metadata.deletionTimestamp == null) this.#checkOwners(kind, object);
  }

  #checkOwners(kind: Kind, object: ApiObject): void {
    const owners = object.metadata.ownerReferences ?? [];
    const states = owners.map(owner => ({owner, state: this.#stateOf(object, owner)}));
    if (owners.length === 0 || states.some(({state}) => state === 'unknown')) return;
    const solid = states.filter(({state}) => state === 'present');
    if (solid.length > 0) {
      if (solid.length < owners.length)
        this.#keepOwners(
          kind,
          object,
          solid.map(({owner}) => owner),
        );
      return;
    }
    const waiting = states.some(({state}) => state === 'waiting');
    const hasDependents = (this.#dependents.get(object.metadata.uid ?? '')?.size ?? 0) > 0;
    remove(this.#cluster, kind, object, {
      propagationPolicy: waiting && hasDependents ? 'Foreground' : 'Background',
      uid: object.metadata.uid,
      dryRun: false,
    });
  }

  /** `waiting`: the owner is being deleted and wants its dependents to go first. `unknown`: nobody serves its kind. */
  #stateOf(dependent: ApiObject, reference: OwnerRef): 'present' | 'absent' | 'waiting' | 'unknown' {
    if (this.#gone.has(reference.uid)) return 'absent';
    const kind = this.#cluster.registry.findByKind(reference.apiVersion, reference.kind);
    if (kind === undefined) return 'unknown';
    if (kind.namespaced && dependent.metadata.namespace === undefined) return 'unknown';
    const owner = this.#find(kind, dependent, reference);
    if (owner === undefined) return 'absent';
    return policyOf(owner) === FOREGROUND ? 'waiting' : 'present';
  }

  #find(kind: Kind, dependent: ApiObject, {name, uid}: OwnerRef): ApiObject | undefined {
    const namespace = kind.namespaced ? dependent.metadata.namespace : undefined;
    const owner = this.#cluster.store.get(kind.storage, namespace, name);
    return owner?.metadata.uid === uid ? owner : undefined;
  }

  #deleteDependents(kind: Kind, owner: ApiObject): void {
    const {uid = ''} = owner.metadata;
    const dependents = this.#dependentsOf(uid);
    for (const dependent of dependents) this.#queue.add(idOf(dependent.kind.storage, dependent.object));
    const blocking = dependents.some(({object}) =>
      (object.metadata.ownerReferences ?? []).some(each => each.uid === uid && each.blockOwnerDeletion === true),
    );
    if (!blocking) this.#dropFinalizer(kind, owner, FOREGROUND);
  }

  #orphanDependents(kind: Kind, owner: ApiObject): void {
    for (const dependent of this.#dependentsOf(owner.metadata.uid ?? '')) {
      const others = (dependent.object.metadata.ownerReferences ?? []).filter(({uid}) => uid !== owner.metadata.uid);
      this.#keepOwners(dependent.kind, dependent.object, others);
    }
    this.#dropFinalizer(kind, owner, ORPHAN);
  }

  #dependentsOf(uid: string): readonly {kind: Kind; object: ApiObject}[] {
    const kinds = new Map(this.#cluster.registry.stored().map(kind => [kind.storage, kind]));
    return [...(this.#dependents.get(uid) ?? [])].flatMap(id => {
      const [storage = '', key = ''] = id.split(' ');
      const kind = kinds.get(storage);
      const object = kind === undefined ? undefined : this.#get(kind, key);
      return kind === undefined || object === undefined ? [] : [{kind, object}];
    });
  }

  #keepOwners(kind: Kind, object: ApiObject, owners: readonly OwnerRef[]): void {
    const next = cloneJson<ApiObject>(object);
    if (owners.length > 0) next.metadata.ownerReferences = [...owners];
    else delete next.metadata.ownerReferences;
    this.#cluster.store.put(kind.storage, next);
  }

  #dropFinalizer(kind: Kind, object: ApiObject, finalizer: string): void {
    const next = cloneJson<ApiObject>(object);
    const left = (next.metadata.finalizers ?? []).filter(each => each !== finalizer);
    if (left.length > 0) next.metadata.finalizers = left;
    else delete next.metadata.finalizers;
    if (isReleased(next)) this.#cluster.store.remove(kind.storage, next);
    else this.#cluster.store.put(kind.storage, next);
  }

  #get(kind: Kind, key: string): ApiObject | undefined {
    const slash = key.indexOf('/');
    return kind.namespaced
      ? this.#cluster.store.get(kind.storage, key.slice(0, slash), key.slice(slash + 1))
      : this.#cluster.store.get(kind.storage, undefined, key);
  }
}

/** What its deleter asked for its dependents, as long as that is not done. */
const policyOf = ({metadata}: ApiObject): typeof FOREGROUND | typeof ORPHAN | undefined => {
  if (metadata.deletionTimestamp == null) return undefined;
  if (metadata.finalizers?.includes(ORPHAN) === true) return ORPHAN;
  return metadata.finalizers?.includes(FOREGROUND) === true ? FOREGROUND : undefined;
};

/** Neither storages nor keys contain spaces. */
const idOf = (storage: string, {metadata}: ApiObject): string =>
  `${storage} ${keyOf(metadata.namespace, metadata.name)}`;
