import {PODS} from '../../kube/kinds.ts';
import type {Timer} from '../../lib/clock.ts';
import type {Rejection} from './admission.ts';
import {ContainerWorker} from './container-worker.ts';
import type {NodeContext} from './node-context.ts';
import {isTerminal, type Pod, podKey} from './pod.ts';
import {type Decision, decide, graceMs, type PodAction, type PodView} from './pod-machine.ts';
import {type PodVerdict, podStatus} from './pod-status.ts';
import {StatusWriter} from './status-writer.ts';

type Stop = {readonly graceMs: number; readonly reason?: string; readonly message?: string};

/** A pod that vanished without having been deleted with grace gets this long. */
const GONE_GRACE_MS = 2000;
const DELETE_RETRY_MS = 1000;

/** Runs one pod (one uid) until it is gone. */
export class PodWorker {
  readonly #node: NodeContext;
  readonly #containers: readonly ContainerWorker[];
  readonly #writer: StatusWriter;
  readonly #startedAtMs: number;
  readonly #closed = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #pod: Pod;
  #rejection: Rejection | undefined;
  #stop: Stop | undefined;
  #decision: Decision | undefined;
  /** The pod's containers are known; nothing is decided before. */
  #recovered = false;
  #admitted = false;
  #gone = false;
  #deleting = false;
  #timers: Timer[] = [];
  #wake: Timer | undefined;

  constructor(pod: Pod, node: NodeContext) {
    this.#pod = pod;
    this.#node = node;
    this.#writer = new StatusWriter(pod, node.client, node.clock, node.log);
    this.#startedAtMs = Date.parse(pod.status?.startTime ?? '') || node.clock.now();
    const worker = (isInit: boolean) => (container: Pod['spec']['containers'][number]) =>
      new ContainerWorker(
        container,
        isInit,
        () => this.#pod,
        node,
        () => this.#sync(),
      );
    this.#containers = [
      ...(pod.spec.initContainers ?? []).map(worker(true)),
      ...pod.spec.containers.map(worker(false)),
    ];
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** Holds resources and host ports: was admitted and has not ended. */
  get active(): boolean {
    return this.#admitted && this.#decision?.over !== true;
  }

  /** Resolves when nothing of the pod runs and nothing will be started any more. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Resolves when the object is gone and nothing of the pod runs any more. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The directories with the output of the containers that run. */
  logDirectories(): string[] {
    const running = this.#containers.filter(({view}) => view.state.kind === 'running');
    return running.flatMap(container => container.logDirectory(false) ?? []);
  }

  container(name: string): ContainerWorker | undefined {
    return this.#containers.find(({container}) => container.name === name);
  }

  /** Takes up what an earlier agent process began. A pod that has run here keeps its place. */
  async recover(): Promise<void> {
    const {initContainerStatuses = [], containerStatuses = []} = this.#pod.status ?? {};
    const reported = [...initContainerStatuses, ...containerStatuses];
    for (const each of this.#containers) await each.recover(reported.find(({name}) => name === each.container.name));
    this.#admitted = this.#containers.some(({view}) => view.state.kind !== 'new');
  }

  /** Runs the pod, if it is new here only when `admit` finds nothing against it. */
  begin(admit: (pod: Pod) => Rejection | undefined): void {
    if (!this.#admitted && !isTerminal(this.#pod.status?.phase)) this.#rejection = admit(this.#pod);
    this.#admitted ||= this.#rejection === undefined;
    this.#recovered = true;
    this.#watchDeadline();
    this.#sync();
  }

  /** The object has changed: it may have been deleted. */
  update(pod: Pod): void {
    this.#pod = pod;
    this.#sync();
  }

  /** The object is gone: what still runs is killed, and nothing more is reported. */
  remove(): void {
    this.#gone = true;
    this.#writer.close();
    this.#sync();
  }

  /** Ends the containers and reports why; the object stays. */
  shutDown(stop: Stop): void {
    this.#stop ??= stop;
    this.#sync();
  }

  /** Resolves when the server has the latest status. */
  flushed(): Promise<void> {
    return this.#writer.flushed();
  }

  /** Leaves the containers running and forgets the pod. */
  abandon(): void {
    this.#recovered = false;
    this.#writer.close();
    this.#wake?.cancel();
    for (const timer of this.#timers) timer.cancel();
    for (const each of this.#containers) each.abandon();
  }

  #sync(): void {
    if (!this.#recovered) return;
    const view = this.#view();
    this.#decision = decide(view, this.#node.clock.now());
    for (const action of this.#decision.actions) this.#perform(action);
    this.#wakeAt(this.#decision.wakeAtMs);
    this.#report();
    if (this.#decision.over) void this.#finish();
  }

  #perform(action: PodAction): void {
    const worker = this.container(action.container);
    if (action.kind === 'start') void worker?.start();
    else worker?.stop(action.graceMs);
  }

  #view(): PodView {
    const views = this.#containers.map(each => ({isInit: each.isInit, view: each.view}));
    const stop = this.#stopping();
    return {
      pod: this.#pod,
      inits: views.filter(({isInit}) => isInit).map(({view}) => view),
      mains: views.filter(({isInit}) => !isInit).map(({view}) => view),
      ...(stop !== undefined && {stop}),
    };
  }

  #stopping(): Stop | undefined {
    if (this.#gone) return {graceMs: GONE_GRACE_MS};
    const {deletionTimestamp, deletionGracePeriodSeconds} = this.#pod.metadata;
    if (deletionTimestamp !== undefined) {
      const seconds = deletionGracePeriodSeconds ?? graceMs(this.#pod) / 1000;
      return {...this.#stop, graceMs: Math.min(seconds * 1000, this.#stop?.graceMs ?? Number.POSITIVE_INFINITY)};
    }
    if (this.#rejection !== undefined) return {graceMs: 0, ...this.#rejection};
    // Somebody has declared it dead; it must not come to life again.
    return this.#stop ?? (isTerminal(this.#pod.status?.phase) ? {graceMs: graceMs(this.#pod)} : undefined);
  }

  #report(): void {
    // A pod that was terminal when this process first saw it has been reported.
    if (this.#gone || this.#decision === undefined || isTerminal(this.#writer.latest.phase)) return;
    const {phase, over} = this.#decision;
    // A moment later it runs: that is the first thing worth a write.
    const isUntouched = this.#containers.every(
      ({view: {state, restarts}}) => !restarts && (state.kind === 'new' || state.kind === 'starting'),
    );
    if (isUntouched && !over) return;
    const {reason, message} = this.#rejection ?? this.#stop ?? {};
    const failed = reason !== undefined && over;
    const verdict: PodVerdict = {
      phase: failed ? 'Failed' : phase,
      ...(failed && {reason, message}),
      startedAtMs: this.#startedAtMs,
      over,
    };
    const nowMs = this.#node.clock.now();
    this.#writer.set(podStatus(this.#view(), verdict, this.#node.ip, this.#writer.latest, nowMs));
  }

  /** Everything has ended: the server learns it before a deleted object goes. */
  async #finish(): Promise<void> {
    this.#over.resolve();
    if (this.#gone) {
      for (const timer of this.#timers) timer.cancel();
      return this.#closed.resolve();
    }
    if (this.#pod.metadata.deletionTimestamp === undefined || this.#deleting) return;
    this.#deleting = true;
    await this.#writer.flushed();
    const {name, namespace, uid} = this.#pod.metadata;
    const result = await this.#node.client.delete(PODS, name, namespace, {gracePeriodSeconds: 0, uid});
    const done = result.ok || (result.error.kind === 'http' && result.error.status === 404);
    this.#node.log.debug('pod deleted', {pod: podKey(this.#pod), done});
    if (done) return;
    this.#deleting = false;
    this.#after(DELETE_RETRY_MS);
  }

  #watchDeadline(): void {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    if (seconds === undefined) return;
    const message = 'Pod was active on the node longer than the specified deadline';
    const leftMs = this.#startedAtMs + seconds * 1000 - this.#node.clock.now();
    this.#after(leftMs, () => {
      if (this.active) this.shutDown({graceMs: graceMs(this.#pod), reason: 'DeadlineExceeded', message});
    });
  }

  #wakeAt(atMs: number | undefined): void {
    this.#wake?.cancel();
    if (atMs === undefined) return;
    this.#wake = this.#node.clock.after(Math.max(1, Math.ceil(atMs - this.#node.clock.now())), () => this.#sync());
  }

  #after(delayMs: number, action: () => void = () => this.#sync()): void {
    this.#timers.push(this.#node.clock.after(Math.max(0, delayMs), action));
  }
}
