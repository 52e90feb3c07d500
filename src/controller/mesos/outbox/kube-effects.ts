import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../../crds/mesos-framework.ts';
import {PERSISTENT_VOLUME_CLAIMS, PODS} from '../../../kube/kinds.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {TASK_FINALIZER, UNATTENDED_ANNOTATION} from '../../../crds/meta.ts';
import {isUnreleased, launchKeyOf} from '../pods/launch-from-pod.ts';
import {claimName, claimsOf} from '../pods/volume-claims.ts';
import {type PodDefaults, toPod} from '../pods/to-pod.ts';
import type {Command} from '../core/commands.ts';
import type {LaunchKey, PodOrder} from '../core/tasks/task-record.ts';
import type {Effect} from '../core/effects.ts';
import type {FrameworkId} from '../core/ids.ts';
import type {VolumeKey} from '../core/operations/volumes.ts';
import {frameworkObject} from '../objects/framework-object.ts';
import {frameworkObjectName} from '../core/frameworks/object-name.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import type {Outcome} from '../../runtime/write.ts';
import {isGone, isTaken} from '../../../kube/kube-error.ts';
import {reservationsOf} from '../objects/reserved.ts';

export type KubeEffectsOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly outbox: Outbox;
  readonly post: (command: Command) => void;
  /** How the pods of tasks are made. */
  readonly pods: PodDefaults;
};

type Answer = Result<unknown, KubeError>;
type SaveFramework = Effect & {readonly kind: 'save-framework'};
type SaveReservations = Effect & {readonly kind: 'save-reservations'};

/** The master's effects on Kubernetes objects: each bears repetition, those on one object keep their order. */
export class KubeEffects {
  readonly #options: KubeEffectsOptions;
  /** Launch ids of pods that were not asked for yet. */
  readonly #toCreate = new Set<string>();

  constructor(options: KubeEffectsOptions) {
    this.#options = options;
  }

  async saveFramework(effect: SaveFramework): Promise<void> {
    const {namespace, post, outbox} = this.#options;
    const {frameworkId, saveId} = effect;
    const object = frameworkObject(effect, namespace);
    const outcome = await outbox.write(`mesosframeworks/${object.metadata.name}`, () => this.#upsertFramework(object));
    if (outcome.kind === 'lost') return;
    if (outcome.kind === 'done') post({kind: 'framework-saved', frameworkId, saveId, uid: uidOf(outcome.value)});
    else post({kind: 'framework-not-saved', frameworkId, saveId, message: outcome.error.message});
  }

  deleteFramework(frameworkId: FrameworkId): void {
    const name = frameworkObjectName(frameworkId);
    const {client, namespace, outbox} = this.#options;
    void outbox.write(`mesosframeworks/${name}`, () => client.delete(MESOS_FRAMEWORKS, name, namespace));
  }

  /** @param name of the MesosAgent; undefined when there is none any more */
  async saveReservations(effect: SaveReservations, name: string | undefined): Promise<void> {
    const {post, outbox} = this.#options;
    const {agentId, saveId} = effect;
    const refused = (message: string): void => post({kind: 'reservations-not-saved', agentId, saveId, message});
    if (name === undefined) return refused('the MesosAgent object is gone');
    const outcome = await outbox.write(`mesosagents/${name}`, () => this.#writeReservations(name, effect));
    if (outcome.kind === 'done') post({kind: 'reservations-saved', agentId, saveId});
    else if (outcome.kind !== 'lost') refused(outcome.error.message);
  }

  async assignAgentId({name, agentId}: Effect & {readonly kind: 'assign-agent-id'}): Promise<void> {
    const {client, namespace, outbox, post} = this.#options;
    const outcome = await outbox.write(`mesosagents/${name}`, () =>
      client.patch(MESOS_AGENTS, name, namespace, 'merge', {status: {agentId}}, {subresource: 'status'}),
    );
    if (outcome.kind !== 'lost') post({kind: 'agent-id-stored', name, agentId, stored: outcome.kind === 'done'});
  }

  async markAgentGone(name: string): Promise<Outcome> {
    const {client, namespace, outbox} = this.#options;
    return outbox.write(`mesosagents/${name}`, () =>
      client.patch(MESOS_AGENTS, name, namespace, 'merge', {spec: {gone: true}}),
    );
  }

  async createPod(order: PodOrder): Promise<void> {
    const {frameworkId, launchId} = order;
    const {namespace, pods, outbox, post} = this.#options;
    const launch: LaunchKey = {frameworkId, launchId, pod: order.pod};
    const pod = toPod(order, {...pods, namespace, ownerName: frameworkObjectName(frameworkId)});
    if (!pod.ok) return post({kind: 'launch-refused', launch, state: 'TASK_ERROR', message: pod.error});
    this.#toCreate.add(launchId);
    const claims = claimsOf(order, {namespace, storageClass: pods.storageClass});
    const create = this.#createUnlessWithdrawn(pod.value, launch, claims);
    const outcome = await outbox.write(`pods/${order.pod.name}`, create);
    this.#toCreate.delete(launchId);
    this.#launched(launch, outcome);
  }

  /** Its claim goes, and with it the data. */
  destroyVolume(volume: VolumeKey): void {
    const {client, namespace, outbox} = this.#options;
    const name = claimName(volume);
    void outbox.write(claimKey(name), async () =>
      unlessGone(await client.delete(PERSISTENT_VOLUME_CLAIMS, name, namespace)),
    );
  }

  /** The node has no room for the pod any more; nothing happens when the pod was asked for already. */
  withdraw({launchId}: LaunchKey): void {
    this.#toCreate.delete(launchId);
  }

  /** A repeat is made in any case: nobody knows whether the pod was created before. */
  #createUnlessWithdrawn(pod: KubeObject, {launchId}: LaunchKey, claims: readonly KubeObject[]): () => Promise<Answer> {
    let isBegun = false;
    return async () => {
      isBegun ||= this.#toCreate.delete(launchId);
      if (!isBegun) return refusal('The node has no room left', NO_ROOM);
      for (const claim of claims) {
        const made = await this.#createClaim(claim);
        if (!made.ok) return made;
      }
      return this.#createPod(pod, launchId);
    };
  }

  /** A grace of 0 would remove the object before its node has stopped the process. */
  async kill({launch, graceSeconds}: Effect & {readonly kind: 'kill-pod'}): Promise<void> {
    const {name} = launch.pod;
    const {client, namespace, outbox, post} = this.#options;
    const outcome = await outbox.write(`pods/${name}`, () =>
      client.delete(PODS, name, namespace, {gracePeriodSeconds: Math.max(1, graceSeconds)}),
    );
    if (outcome.kind === 'gone') post({kind: 'pod-gone', launch});
  }

  /** With `force` the node is gone: nobody else will remove the object. */
  async release({launch, force}: Effect & {readonly kind: 'release-pod'}): Promise<void> {
    const {name} = launch.pod;
    const {outbox, post} = this.#options;
    const outcome = await outbox.write(`pods/${name}`, async () => {
      const released = await this.#unhold(launch);
      return released.ok && force ? this.#removePod(name) : released;
    });
    if (outcome.kind === 'done' || outcome.kind === 'gone') post({kind: 'pod-released', launch});
  }

  /** Removes a pod of an ended task; resolves when that was done, or cannot be. */
  async tidy(name: string): Promise<void> {
    await this.#options.outbox.write(`pods/${name}`, () => this.#removePod(name));
  }

  async #removePod(name: string): Promise<Answer> {
    return unlessGone(await this.#options.client.delete(PODS, name, this.#options.namespace, {gracePeriodSeconds: 0}));
  }

  /** Under the same name there may be another agent meanwhile, to which none of it belongs. */
  async #writeReservations(name: string, effect: SaveReservations): Promise<Answer> {
    const {client, namespace} = this.#options;
    const found = await client.get<KubeObject<unknown, {agentId?: string}>>(MESOS_AGENTS, name, namespace);
    if (!found.ok) return found;
    if (found.value.status?.agentId !== effect.agentId) {
      return err({kind: 'http', status: 404, reason: 'NotFound', message: 'the MesosAgent object is another agent’s'});
    }
    const {resourceVersion} = found.value.metadata;
    const body = {metadata: {resourceVersion}, status: reservationsOf(effect)};
    return client.patch(MESOS_AGENTS, name, namespace, 'merge', body, {subresource: 'status'});
  }

  async #upsertFramework(object: KubeObject): Promise<Answer> {
    const {client, namespace} = this.#options;
    const created = await client.create(MESOS_FRAMEWORKS, object);
    if (created.ok || !isTaken(created.error)) return created;
    const found = await client.get(MESOS_FRAMEWORKS, object.metadata.name, namespace);
    if (!found.ok) return found;
    const {metadata} = found.value;
    if (metadata.deletionTimestamp !== undefined) return refusal('the MesosFramework object is being deleted');
    const labels = {...metadata.labels, ...object.metadata.labels};
    return client.update(MESOS_FRAMEWORKS, {...found.value, metadata: {...metadata, labels}, spec: object.spec});
  }

  /** The name is made from the task, so a repeated create meets its own pod: that is success. */
  async #createPod(pod: KubeObject, launchId: string): Promise<Answer> {
    const {client, namespace} = this.#options;
    const created = await client.create(PODS, pod);
    if (created.ok || !isTaken(created.error)) return created;
    const found = await client.get(PODS, pod.metadata.name, namespace);
    if (!found.ok) return found;
    if (launchKeyOf(found.value)?.launchId === launchId) return found;
    if (isUnreleased(found.value)) return refusal('an earlier task of this id has a pod that is still needed');
    // A pod that was kept for people to look at makes room.
    const removed = await this.#removePod(pod.metadata.name);
    return removed.ok ? client.create(PODS, pod) : removed;
  }

  /** One that is there holds the data of the tasks before. */
  async #createClaim(claim: KubeObject): Promise<Answer> {
    const {client, namespace} = this.#options;
    const created = await client.create(PERSISTENT_VOLUME_CLAIMS, claim);
    if (created.ok || !isTaken(created.error)) return created;
    const found = await client.get(PERSISTENT_VOLUME_CLAIMS, claim.metadata.name, namespace);
    if (!found.ok || found.value.metadata.deletionTimestamp === undefined) return found;
    return refusal(`the PersistentVolumeClaim ${claim.metadata.name} of a volume that was destroyed is not gone yet`);
  }

  #launched(launch: LaunchKey, outcome: Outcome): void {
    if (outcome.kind === 'done' || outcome.kind === 'lost') return;
    const {status, reason, message} = outcome.error;
    if (reason === NO_ROOM) return this.#options.post({kind: 'launch-refused', launch, state: 'TASK_DROPPED', message});
    // Pod Security says 403 to what it will never let in; a quota says the same to what may fit later.
    const isHopeless = status === 400 || status === 422 || /violates PodSecurity/.test(message);
    const state = isHopeless ? 'TASK_ERROR' : 'TASK_FAILED';
    this.#options.post({kind: 'launch-refused', launch, state, message: `Kubernetes refused the pod: ${message}`});
  }

  /**
   * Takes our finalizer, and nothing else, from the pod of a launch. Where the pod was seen, its uid says that it is this
   * one, and one request is enough; what the server does not take so is read first.
   */
  async #unhold({pod: {name, uid}, launchId}: LaunchKey): Promise<Answer> {
    if (uid === undefined) return this.#removeFinalizer(name, launchId);
    const {client, namespace} = this.#options;
    const metadata = {
      uid,
      '$deleteFromPrimitiveList/finalizers': [TASK_FINALIZER],
      annotations: {[UNATTENDED_ANNOTATION]: null},
    };
    const patched = await client.patch(PODS, name, namespace, 'strategic', {metadata});
    const isAnother = !patched.ok && patched.error.kind === 'http' && [409, 422].includes(patched.error.status);
    return isAnother ? this.#removeFinalizer(name, launchId) : unlessGone(patched);
  }

  async #removeFinalizer(name: string, launchId: string): Promise<Answer> {
    const {client, namespace} = this.#options;
    const found = await client.get(PODS, name, namespace);
    if (!found.ok) return unlessGone(found);
    const {finalizers = [], resourceVersion} = found.value.metadata;
    if (launchKeyOf(found.value)?.launchId !== launchId || !isUnreleased(found.value)) return found;
    const rest = finalizers.filter(finalizer => finalizer !== TASK_FINALIZER);
    const annotations = {[UNATTENDED_ANNOTATION]: null};
    const body = {metadata: {finalizers: rest.length > 0 ? rest : null, annotations, resourceVersion}};
    return unlessGone(await client.patch(PODS, name, namespace, 'merge', body));
  }
}

const claimKey = (name: string): string => `persistentvolumeclaims/${name}`;

/** What was to be removed is gone already: that is what was wanted. */
const unlessGone = (answer: Answer): Answer => (answer.ok || !isGone(answer.error) ? answer : ok(undefined));

const NO_ROOM = 'NoRoom';

const refusal = (message: string, reason = 'AlreadyExists'): Answer =>
  err({kind: 'http', status: 409, reason, message});

const uidOf = (object: unknown): string => {
  const metadata = typeof object === 'object' && object !== null && 'metadata' in object ? object.metadata : undefined;
  const uid = typeof metadata === 'object' && metadata !== null && 'uid' in metadata ? metadata.uid : undefined;
  return typeof uid === 'string' ? uid : '';
};
