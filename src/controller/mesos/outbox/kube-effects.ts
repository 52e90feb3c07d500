import {MESOS_FRAMEWORKS} from '../../../crds/mesos-framework.ts';
import {PODS} from '../../../kube/kinds.ts';
import type {KubeClient, KubeError, KubeObject} from '../../../kube/types.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {TASK_FINALIZER, UNATTENDED_ANNOTATION} from '../pods/marks.ts';
import {isUnreleased, taskKeyOf} from '../pods/task-from-pod.ts';
import {type PodOptions, toPod} from '../pods/to-pod.ts';
import type {Command} from '../core/commands.ts';
import type {TaskKey, Launch} from '../core/tasks/task-record.ts';
import type {Effect} from '../core/effects.ts';
import type {AgentId, FrameworkId} from '../core/ids.ts';
import {frameworkObject, frameworkObjectName} from '../objects/framework-object.ts';
import type {ObjectWriter, WriteOutcome} from './object-writer.ts';

export type KubeEffectsOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly writer: ObjectWriter;
  readonly post: (command: Command) => void;
  /** Asked just before a pod is created: whether its node still has room for it. */
  readonly hasRoom: (agentId: AgentId, task: TaskKey) => boolean;
  /** How the pods of tasks are made. */
  readonly pods: Omit<PodOptions, 'namespace' | 'ownerName'>;
};

type Answer = Result<unknown, KubeError>;
type SaveFramework = Effect & {readonly kind: 'save-framework'};

/** The master's effects on Kubernetes objects: each bears repetition, those on one object keep their order. */
export class KubeEffects {
  readonly #options: KubeEffectsOptions;

  constructor(options: KubeEffectsOptions) {
    this.#options = options;
  }

  saveFramework(effect: SaveFramework): void {
    const {namespace, post, writer} = this.#options;
    const {frameworkId, saveId} = effect;
    const object = frameworkObject(effect, namespace);
    writer.enqueue(
      `mesosframeworks/${object.metadata.name}`,
      () => this.#upsertFramework(object),
      outcome => {
        if (outcome.kind === 'done') {
          post({kind: 'framework-saved', frameworkId, saveId, uid: uidOf(outcome.value)});
        } else if (outcome.kind === 'refused') {
          post({kind: 'framework-not-saved', frameworkId, saveId, message: outcome.error.message});
        }
      },
    );
  }

  deleteFramework(frameworkId: FrameworkId): void {
    const name = frameworkObjectName(frameworkId);
    this.#options.writer.enqueue(`mesosframeworks/${name}`, async () =>
      unlessGone(await this.#options.client.delete(MESOS_FRAMEWORKS, name, this.#options.namespace)),
    );
  }

  launch(launch: Launch): void {
    const {frameworkId, taskId, launchId} = launch;
    const {namespace, pods, writer, post} = this.#options;
    const task: TaskKey = {frameworkId, taskId, launchId};
    const made = toPod(launch, {...pods, namespace, ownerName: frameworkObjectName(frameworkId)});
    if (!made.ok) return post({kind: 'launch-refused', task, state: 'TASK_ERROR', message: made.error});
    writer.enqueue(`pods/${made.value.metadata.name}`, this.#createOnce(made.value, launch.agent.id, task), outcome =>
      this.#launched(task, outcome),
    );
  }

  /** A repeat does not ask for room again: nobody knows whether the pod was created before. */
  #createOnce(pod: KubeObject, agentId: AgentId, task: TaskKey): () => Promise<Answer> {
    let hadRoom = false;
    return async () => {
      hadRoom ||= this.#options.hasRoom(agentId, task);
      return hadRoom ? this.#createPod(pod, task.launchId) : refusal('The node has no room left', NO_ROOM);
    };
  }

  /** A grace of 0 would remove the object before its node has stopped the process. */
  kill({task, pod: {name}, graceSeconds}: Effect & {readonly kind: 'kill-pod'}): void {
    const {client, namespace, writer, post} = this.#options;
    writer.enqueue(
      `pods/${name}`,
      () => client.delete(PODS, name, namespace, {gracePeriodSeconds: Math.max(1, graceSeconds)}),
      outcome => {
        if (isNotFound(outcome)) post({kind: 'pod-gone', task});
      },
    );
  }

  /** With `force` the node is gone: nobody else will remove the object. */
  release({task, pod: {name}, force}: Effect & {readonly kind: 'release-pod'}): void {
    const {writer, post} = this.#options;
    writer.enqueue(
      `pods/${name}`,
      async () => {
        const released = await this.#removeFinalizer(name, task.launchId);
        return released.ok && force ? this.removePod(name) : released;
      },
      outcome => {
        if (outcome.kind === 'done') post({kind: 'pod-released', task});
      },
    );
  }

  async removePod(name: string): Promise<Answer> {
    return unlessGone(await this.#options.client.delete(PODS, name, this.#options.namespace, {gracePeriodSeconds: 0}));
  }

  async #upsertFramework(object: KubeObject): Promise<Answer> {
    const {client, namespace} = this.#options;
    const created = await client.create(MESOS_FRAMEWORKS, object);
    if (created.ok || !isReason(created.error, 'AlreadyExists')) return created;
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
    if (created.ok || !isReason(created.error, 'AlreadyExists')) return created;
    const found = await client.get(PODS, pod.metadata.name, namespace);
    if (!found.ok) return found;
    if (taskKeyOf(found.value)?.launchId === launchId) return found;
    if (isUnreleased(found.value)) return refusal('an earlier task of this id has a pod that is still needed');
    // A pod that was kept for people to look at makes room.
    const removed = await this.removePod(pod.metadata.name);
    return removed.ok ? client.create(PODS, pod) : removed;
  }

  #launched(task: TaskKey, outcome: WriteOutcome): void {
    if (outcome.kind !== 'refused') return;
    const {status, reason, message} = outcome.error;
    if (reason === NO_ROOM) return this.#options.post({kind: 'launch-refused', task, state: 'TASK_DROPPED', message});
    // Pod Security says 403 to what it will never let in; a quota says the same to what may fit later.
    const isHopeless = status === 400 || status === 422 || /violates PodSecurity/.test(message);
    const state = isHopeless ? 'TASK_ERROR' : 'TASK_FAILED';
    this.#options.post({kind: 'launch-refused', task, state, message: `Kubernetes refused the pod: ${message}`});
  }

  async #removeFinalizer(name: string, launchId: string): Promise<Answer> {
    const {client, namespace} = this.#options;
    const found = await client.get(PODS, name, namespace);
    if (!found.ok) return unlessGone(found);
    const {finalizers = [], resourceVersion} = found.value.metadata;
    if (taskKeyOf(found.value)?.launchId !== launchId || !isUnreleased(found.value)) return found;
    const rest = finalizers.filter(finalizer => finalizer !== TASK_FINALIZER);
    const annotations = {[UNATTENDED_ANNOTATION]: null};
    const body = {metadata: {finalizers: rest.length > 0 ? rest : null, annotations, resourceVersion}};
    return unlessGone(await client.patch(PODS, name, namespace, 'merge', body));
  }
}

const isReason = (error: KubeError, reason: string): boolean => error.kind === 'http' && error.reason === reason;
const isNotFound = (outcome: WriteOutcome): boolean => outcome.kind === 'refused' && outcome.error.status === 404;

/** What was to be removed is gone already: that is what was wanted. */
const unlessGone = (answer: Answer): Answer =>
  answer.ok || !(answer.error.kind === 'http' && answer.error.status === 404) ? answer : ok(undefined);

const NO_ROOM = 'NoRoom';

const refusal = (message: string, reason = 'AlreadyExists'): Answer =>
  err({kind: 'http', status: 409, reason, message});

const uidOf = (object: unknown): string => {
  const metadata = typeof object === 'object' && object !== null && 'metadata' in object ? object.metadata : undefined;
  const uid = typeof metadata === 'object' && metadata !== null && 'uid' in metadata ? metadata.uid : undefined;
  return typeof uid === 'string' ? uid : '';
};
