import {LEASES} from '../../kube/kinds.ts';
import type {Logger} from '../../kube/log.ts';
import {isGone} from '../../kube/kube-error.ts';
import type {KubeClient, KubeError, KubeObject, OwnerReference} from '../../kube/types.ts';
import type {Clock, Timer} from '../../lib/clock.ts';
import type {Result} from '../../lib/result.ts';
import {MESOS_AGENTS} from '../../crds/mesos-agent.ts';
import {agentPatch, type AgentReport, leaseName, newAgentObject, renewal} from './agent-object.ts';

export type AgentReporterOptions = {
  /** Of the MesosAgent. */
  readonly name: string;
  readonly namespace: string;
  readonly spec: AgentReport;
  /** Goes with it: its Node. */
  readonly owner?: OwnerReference;
  /** `--agent_ping_timeout`: the Lease is renewed three times as often. */
  readonly pingTimeoutMs: number;
  /** `--max_agent_ping_timeouts`; 5 when absent. The Lease's duration is the product. */
  readonly maxPingTimeouts?: number;
  /** Who renews: differs from one process of this agent to the next. */
  readonly identity: string;
  /** Whether the node lives: asked before each renewal. Absent: it does while this process does. */
  readonly alive?: () => boolean;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
};

export type AgentReporter = {
  /** Resolves when the agent is registered and its Lease was renewed for the first time. */
  readonly registered: Promise<void>;
  /** Writes another spec at once; calls that come while one is written are written as one. */
  readonly update: (spec: AgentReport) => void;
  /** When the last round succeeded, by the monotonic clock. */
  readonly lastSuccessMs: () => number | undefined;
  /**
   * Stops renewing. With `release` the Lease's holder is emptied, so that the master removes the agent at once instead
   * of waiting for its timeout.
   */
  readonly stop: (options: {release: boolean}) => Promise<void>;
};

const RENEWALS_PER_TIMEOUT = 3;
const MAX_PINGS = 5;
/** While the API server is away or refuses, the next attempt comes this soon at the latest. */
const RETRY_MS = 1000;

/** Registers a MesosAgent and keeps its Lease until it is stopped, however long the API server is away meanwhile. */
export function startAgentReporter(options: AgentReporterOptions): AgentReporter {
  const reporter = new Reporter(options);
  reporter.start();
  return {
    registered: reporter.registered.promise,
    update: spec => reporter.update(spec),
    lastSuccessMs: () => reporter.lastSuccessMs,
    stop: ({release}) => reporter.stop(release),
  };
}

class Reporter {
  readonly registered = Promise.withResolvers<void>();
  lastSuccessMs: number | undefined;
  readonly #options: AgentReporterOptions;
  #spec: AgentReport;
  #timer: Timer | undefined;
  #stopped = false;
  #round: Promise<void> = Promise.resolve();
  /** What the last look at the object has found. */
  #agent: Result<KubeObject, KubeError> | undefined;
  #looking: Promise<Result<KubeObject, KubeError>> | undefined;
  /** A write of the spec waits for its turn. */
  #updating = false;

  constructor(options: AgentReporterOptions) {
    this.#options = options;
    this.#spec = options.spec;
  }

  start(): void {
    this.#round = this.#round.then(() => this.#beat());
  }

  update(spec: AgentReport): void {
    this.#spec = spec;
    if (this.#updating || this.#stopped) return;
    this.#updating = true;
    this.#round = this.#round.then(() => this.#write());
  }

  async stop(release: boolean): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#round;
    await this.#looking;
    if (release) await this.#release();
  }

  /** One round: the object as it should be, the Lease renewed; then the next one. */
  async #beat(): Promise<void> {
    if (this.#stopped) return;
    const {clock, log, pingTimeoutMs, name} = this.#options;
    const startMs = clock.monotonic();
    const result = await this.#report();
    if (this.#stopped) return;
    if (result.ok) {
      this.lastSuccessMs = clock.monotonic();
      this.registered.resolve();
    } else log.warn('agent not reported', {agent: name, reason: result.error.message});
    const intervalMs = pingTimeoutMs / RENEWALS_PER_TIMEOUT;
    const waitMs = result.ok ? intervalMs : Math.min(intervalMs, RETRY_MS);
    this.#timer?.cancel();
    this.#timer = clock.after(Math.max(0, waitMs - (clock.monotonic() - startMs)), () => this.start());
  }

  /**
   * The Lease goes first once the agent is known: it has connections of its own, while the look at the object waits
   * its turn behind what pods report. On a busy machine that can take longer than an agent may be silent.
   */
  async #report(): Promise<Result<unknown, KubeError>> {
    const {alive, identity} = this.#options;
    const known = this.#agent;
    const look = this.#look();
    const registered = known?.ok === true ? known : await look;
    if (!registered.ok || alive?.() === false) return look;
    const renewed = await this.#renew(identity, registered.value);
    return this.#agent?.ok === false ? this.#agent : renewed;
  }

  /** The object is looked at in every round, but never twice at a time: somebody may have deleted or edited it. */
  #look(): Promise<Result<KubeObject, KubeError>> {
    this.#looking ??= this.#register()
      .then(found => (this.#agent = found))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #register(): Promise<Result<KubeObject, KubeError>> {
    const {client, name, namespace, owner} = this.#options;
    const found = await client.get<KubeObject<Record<string, unknown>>>(MESOS_AGENTS, name, namespace);
    if (isMissing(found)) return client.create(MESOS_AGENTS, newAgentObject(name, namespace, this.#spec, owner));
    if (!found.ok) return found;
    const patch = agentPatch(found.value, this.#spec, owner);
    return patch === undefined ? found : client.patch(MESOS_AGENTS, name, namespace, 'merge', patch);
  }

  /** Without a look before: the sooner the master knows, the better. What fails is made good by a round. */
  async #write(): Promise<void> {
    this.#updating = false;
    if (this.#stopped) return;
    const {client, clock, name, namespace} = this.#options;
    const patch = agentPatch(undefined, this.#spec) ?? {};
    const written = await client.patch(MESOS_AGENTS, name, namespace, 'merge', patch);
    if (written.ok || this.#stopped) return;
    this.#timer?.cancel();
    this.#timer = clock.after(isMissing(written) ? 0 : RETRY_MS, () => this.start());
  }

  async #renew(holder: string, agent?: KubeObject): Promise<Result<KubeObject, KubeError>> {
    const {client, clock, name, namespace, pingTimeoutMs, maxPingTimeouts = MAX_PINGS} = this.#options;
    const spec = renewal(holder, pingTimeoutMs * maxPingTimeouts, clock.now());
    const renewed = await client.patch(LEASES, leaseName(name), namespace, 'merge', {spec});
    if (!isMissing(renewed)) return renewed;
    const metadata = {
      name: leaseName(name),
      namespace,
      ...(agent?.metadata.uid && {ownerReferences: [ownerOf(agent)]}),
    };
    const lease = {...spec, acquireTime: spec.renewTime};
    return client.create(LEASES, {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: lease});
  }

  async #release(): Promise<void> {
    const result = await this.#renew('');
    const {log, name} = this.#options;
    if (!result.ok) log.warn('agent lease not released', {agent: name, reason: result.error.message});
  }
}

/** The Lease goes with its MesosAgent. */
const ownerOf = ({apiVersion, kind, metadata}: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
});

const isMissing = (result: Result<unknown, KubeError>): boolean => !result.ok && isGone(result.error);
