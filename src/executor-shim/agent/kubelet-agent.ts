import {createInformer} from '../../kube/informer.ts';
import {NODES, PODS} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import type {Informer, InformerEvent, KubeClient} from '../../kube/types.ts';
import type {Clock, Random, Timer} from '../../lib/clock.ts';
import type {AgentReport} from './agent-object.ts';
import {type AgentReporter, startAgentReporter} from './agent-reporter.ts';
import {type PodRoom, toPodRoom} from './foreign-pods.ts';
import {type NodeFacts, toNodeFacts} from './node-facts.ts';
import {nodeReport, type ReportOptions} from './node-report.ts';
import {PodHistory} from './pod-history.ts';
import {offersLess} from './offers-less.ts';

export type KubeletAgentOptions = {
  /** Of the Node and of the MesosAgent. */
  readonly nodeName: string;
  readonly namespace: string;
  readonly report: ReportOptions;
  /** `--headroom_window`. */
  readonly headroomWindowMs: number;
  readonly pingTimeoutMs: number;
  readonly maxPingTimeouts: number;
  readonly identity: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

export type KubeletAgent = {
  /** Resolves when the node was reported for the first time. */
  readonly registered: Promise<void>;
  /** When a round of reporting succeeded last, by the monotonic clock. */
  readonly lastSuccessMs: () => number | undefined;
  /** The node's tasks go on, and its Lease runs on: the next process takes over. */
  readonly stop: () => Promise<void>;
};

/** More room is no hurry: what a rollout frees and takes again is told as one. */
const CALM_MS = 100;

/** Reports a real node, as its Node and the pods bound to it say; the kubelet runs the tasks. */
export function startKubeletAgent(options: KubeletAgentOptions): KubeletAgent {
  const agent = new Agent(options);
  agent.start();
  return {
    registered: agent.registered.promise,
    lastSuccessMs: () => agent.reporter?.lastSuccessMs(),
    stop: () => agent.stop(),
  };
}

class Agent {
  readonly registered = Promise.withResolvers<void>();
  reporter: AgentReporter | undefined;
  readonly #options: KubeletAgentOptions;
  readonly #nodes: Informer<NodeFacts>;
  readonly #pods: Informer<PodRoom>;
  readonly #history: PodHistory;
  /** Whose reporter that is: a node of the same name may be another machine. */
  #nodeUid: string | undefined;
  #told: AgentReport | undefined;
  #timer: Timer | undefined;
  #historyTimer: Timer | undefined;
  #stopped = false;

  constructor(options: KubeletAgentOptions) {
    this.#options = options;
    const {client, clock, random, log, nodeName, namespace} = options;
    this.#history = new PodHistory(options.headroomWindowMs);
    const common = {client, clock, random, log};
    const selectors = {node: `metadata.name=${nodeName}`, pods: `spec.nodeName=${nodeName}`};
    this.#nodes = createInformer({
      ...common,
      kind: NODES,
      selector: {fieldSelector: selectors.node},
      project: toNodeFacts,
    });
    this.#pods = createInformer({
      ...common,
      kind: PODS,
      selector: {fieldSelector: selectors.pods},
      project: raw => toPodRoom(raw, namespace),
    });
  }

  start(): void {
    this.#nodes.onEvent(() => this.#look());
    this.#pods.onEvent(event => {
      if (this.#pods.hasSynced()) this.#remember(event);
      this.#look();
    });
    this.#nodes.start();
    this.#pods.start();
    void this.#pods.synced().then(() => this.#rememberPresent());
    void Promise.all([this.#nodes.synced(), this.#pods.synced()]).then(() => this.#look());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#historyTimer?.cancel();
    this.#nodes.stop();
    this.#pods.stop();
    await this.reporter?.stop({release: false});
  }

  /** What came shortly before this process began to look. */
  #rememberPresent(): void {
    const {clock} = this.#options;
    const foreign = this.#pods.list().filter(({ours, ended, createdMs}) => !ours && !ended && !Number.isNaN(createdMs));
    for (const room of foreign.toSorted((a, b) => a.createdMs - b.createdMs)) {
      this.#history.arrived(room, clock.monotonic() - Math.max(0, clock.now() - room.createdMs));
    }
  }

  #remember(event: InformerEvent<PodRoom>): void {
    const nowMs = this.#options.clock.monotonic();
    const {object} = event;
    if (object.ours) return;
    const before = event.type === 'updated' ? event.old : undefined;
    if (event.type === 'added' && !object.ended) this.#history.arrived(object, nowMs);
    if (event.type === 'updated' && object.ended && before?.ended === false) this.#history.left(object, nowMs);
    if (event.type === 'deleted' && !object.ended) this.#history.left(object, nowMs);
  }

  /** Less room must be known before somebody is offered it; the rest may wait a moment. */
  #look(): void {
    if (this.#stopped || !this.#nodes.hasSynced() || !this.#pods.hasSynced()) return;
    const node = this.#nodes.get(this.#options.nodeName);
    if (node === undefined || (this.#nodeUid !== undefined && node.uid !== this.#nodeUid)) this.#leave();
    if (node === undefined) return;
    const report = this.#reportOf(node);
    if (this.#told === undefined) this.#tell(node, report);
    else if (JSON.stringify(report) === JSON.stringify(this.#told)) this.#forgetTimer();
    else if (offersLess(this.#told, report)) this.#tell(node, report);
    else this.#timer ??= this.#options.clock.after(CALM_MS, () => this.#calm());
  }

  #calm(): void {
    this.#timer = undefined;
    const node = this.#nodes.get(this.#options.nodeName);
    if (this.#stopped || node === undefined || this.#told === undefined) return;
    this.#tell(node, this.#reportOf(node));
  }

  #reportOf(node: NodeFacts): AgentReport {
    const {clock, report} = this.#options;
    const nowMs = clock.monotonic();
    const settling = this.#history.settling(nowMs);
    const present = this.#pods.list();
    const expected = this.#history.expected(nowMs, node.allocatable);
    const nextMs = this.#history.nextChangeMs();
    this.#historyTimer?.cancel();
    this.#historyTimer = nextMs === undefined ? undefined : clock.after(nextMs - nowMs, () => this.#look());
    return nodeReport(node, {present, settling, expected}, report);
  }

  #tell(node: NodeFacts, report: AgentReport): void {
    this.#forgetTimer();
    this.#told = report;
    if (this.reporter === undefined) this.#begin(node, report);
    else this.reporter.update(report);
  }

  #begin({name, uid}: NodeFacts, spec: AgentReport): void {
    const {namespace, pingTimeoutMs, maxPingTimeouts, identity, client, clock, log} = this.#options;
    this.#nodeUid = uid;
    const reporter = startAgentReporter({
      ...{name, namespace, spec, pingTimeoutMs, maxPingTimeouts, identity, client, clock, log},
      owner: {apiVersion: 'v1', kind: 'Node', name, uid},
      alive: () => this.#nodes.get(name)?.ready.status !== 'Unknown',
    });
    this.reporter = reporter;
    void reporter.registered.then(() => this.registered.resolve());
    log.info('node reported', {agent: name, resources: spec.resources});
  }

  /** The node was deleted: its MesosAgent goes with it. */
  #leave(): void {
    const {log, nodeName} = this.#options;
    this.#forgetTimer();
    if (this.reporter !== undefined) log.warn('node is gone', {agent: nodeName});
    void this.reporter?.stop({release: false});
    this.reporter = undefined;
    this.#told = undefined;
    this.#nodeUid = undefined;
  }

  #forgetTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
