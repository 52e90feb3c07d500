import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {InformerEvent} from '../../kube/types.ts';
import {type Amounts, admit, type Rejection} from './admission.ts';
import type {NodeContext} from './node-context.ts';
import {type Pod, podKey} from './pod.ts';
import {graceMs} from './pod-machine.ts';
import {PodWorker} from './pod-worker.ts';
import {unsafeNames} from './unsafe-names.ts';
import {killRuns} from './run.ts';
import {findOrphans, markGone} from './sandbox-gc.ts';

const ORPHAN_GRACE_MS = 2000;

/** All pods of the node, by uid. */
export class PodSet {
  readonly #node: NodeContext;
  readonly #allocatable: Amounts;
  readonly #workers = new Map<string, PodWorker>();
  #arrivals: PodWorker[] = [];
  #intake = Promise.resolve();
  #closing: Rejection | undefined;

  constructor(node: NodeContext, allocatable: Amounts) {
    this.#node = node;
    this.#allocatable = allocatable;
  }

  readonly has = (uid: string): boolean => this.#workers.has(uid);

  find(namespace: string, name: string): PodWorker | undefined {
    const key = `${namespace}/${name}`;
    // A new pod may carry the name of one that is still on its way out.
    return [...this.#workers.values()].filter(({pod}) => podKey(pod) === key).at(-1);
  }

  /** The directories with the output of all containers that run. */
  logDirectories(): string[] {
    return [...this.#workers.values()].flatMap(worker => worker.logDirectories());
  }

  onEvent(event: InformerEvent<Pod>): void {
    const {uid} = event.object.metadata;
    if (event.type === 'updated' && event.old.metadata.uid !== uid) this.#workers.get(event.old.metadata.uid)?.remove();
    const worker = this.#workers.get(uid);
    if (event.type === 'deleted') worker?.remove();
    else if (worker !== undefined) worker.update(event.object);
    else this.#add(event.object);
  }

  /** Resolves when every pod that was delivered so far has been taken in. */
  taken(): Promise<void> {
    return this.#intake;
  }

  /** Ends every pod and takes no more; resolves when all have ended, reported or not. */
  async shutDown(closing: Rejection, maxGraceMs: number): Promise<void> {
    this.#closing = closing;
    await this.#intake;
    const workers = [...this.#workers.values()];
    for (const each of workers) each.shutDown({graceMs: Math.min(maxGraceMs, graceMs(each.pod)), ...closing});
    await Promise.all(workers.map(({over}) => over));
  }

  async flushed(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(worker => worker.flushed()));
  }

  abandon(): void {
    for (const worker of this.#workers.values()) worker.abandon();
  }

  /** Kills what runs for pods that are not known: they were deleted while no agent ran. */
  async killOrphans(): Promise<void> {
    const {podsDirectory, log} = this.#node;
    for (const uid of await findOrphans(podsDirectory, this.has)) {
      log.info('orphaned pod removed', {podUid: uid});
      const containers = await readdir(join(podsDirectory, uid)).catch(() => []);
      const killed = containers.map(name => killRuns(join(podsDirectory, uid, name), ORPHAN_GRACE_MS, this.#node));
      await Promise.all(killed);
      await markGone(join(podsDirectory, uid));
    }
  }

  #add(pod: Pod): void {
    const worker = new PodWorker(pod, this.#node);
    this.#workers.set(pod.metadata.uid, worker);
    this.#arrivals.push(worker);
    this.#intake = this.#intake.then(() => this.#takeIn());
    void worker.closed.then(() => this.#forget(worker));
  }

  /** Pods that ran here before come first, so that new ones are measured against what is really left. */
  async #takeIn(): Promise<void> {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    const recover = (worker: PodWorker): Promise<void> =>
      worker.recover().catch((error: unknown) => {
        this.#node.log.error('pod not taken up', {pod: worker.pod.metadata.name, reason: String(error)});
      });
    await Promise.all(arrivals.map(recover));
    for (const worker of arrivals) worker.begin(pod => this.#judge(pod));
  }

  #judge(pod: Pod): Rejection | undefined {
    if (this.#closing !== undefined) return this.#closing;
    const active = [...this.#workers.values()].filter(worker => worker.active).map(worker => worker.pod);
    return unsafeNames(pod) ?? admit(pod, active, this.#allocatable) ?? this.#withoutImages(pod);
  }

  #withoutImages(pod: Pod): Rejection | undefined {
    if (this.#node.imageProgram !== undefined) return undefined;
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const lost = containers.find(({command = [], args = []}) => command.length + args.length === 0);
    if (lost === undefined) return undefined;
    const message = lost.image
      ? `container ${lost.name} runs what its image ${lost.image} says, but neither docker nor podman answers on this node; give it a command, or start docker`
      : `container ${lost.name} has neither an image nor a command`;
    this.#node.events.record(pod, {type: 'Warning', reason: 'ImageNotSupported', message, container: lost.name});
    return {reason: 'ImageNotSupported', message};
  }

  async #forget(worker: PodWorker): Promise<void> {
    const {uid} = worker.pod.metadata;
    await markGone(join(this.#node.podsDirectory, uid));
    this.#workers.delete(uid);
  }
}
