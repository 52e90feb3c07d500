import type {FrameworkInfo} from '../../../api/mesos/v1/common.ts';
import type {SchedulerCall, SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import type {
  CallRefused,
  OperatorTransport,
  SchedulerSession,
  SchedulerTransport,
} from '../../../api/mesos/v1/transport.ts';
import type {OperatorResponse, Task} from '../../../api/mesos/v1/operator.ts';
import {Backoff} from '../../../kube/backoff.ts';
import type {Logger} from '../../../kube/log.ts';
import type {Clock, Random, Timer} from '../../../lib/clock.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {agentFacts, type AgentFacts} from '../core/offers/agent-facts.ts';

/** A framework hears nothing for so many heartbeats: its stream is taken for dead. */
const MISSED_HEARTBEATS = 5;
/** How often agents are asked for, and how many times longer than the answer took the next question waits at least. */
const AGENTS_MS = 5000;
const AGENTS_PAUSE = 100;
const REMOVED = /framework has been removed/i;

export type Snapshot = {
  readonly tasks: readonly Task[];
  readonly agents: readonly AgentFacts[];
  /** Ids of the agents that are deactivated. */
  readonly leaving: readonly string[];
};

type Subscribed = Extract<SchedulerEvent, {type: 'SUBSCRIBED'}>['subscribed'];

/**
 * Where Marathon keeps the id that the master gave it: without it, a new leader would be another framework and its
 * tasks nobody's.
 */
export type FrameworkIdStore = {
  readonly load: () => Promise<Result<string | undefined, string>>;
  readonly save: (frameworkId: string) => Promise<Result<void, string>>;
  /** The master has removed the framework: its id is never taken again. */
  readonly clear: () => Promise<Result<void, string>>;
};

export type SubscriptionOptions = {
  readonly scheduler: SchedulerTransport;
  readonly operator: OperatorTransport;
  readonly ids: FrameworkIdStore;
  readonly frameworkInfo: (id: string | undefined) => FrameworkInfo;
  readonly suppressedRoles: () => readonly string[];
  /** The stream is open and the master's tasks are known; events follow. */
  readonly onReady: (
    subscribed: Subscribed,
    sent: FrameworkInfo,
    suppressed: readonly string[],
    snapshot: Snapshot,
  ) => void;
  readonly onEvent: (event: SchedulerEvent) => void;
  /** Ids of the agents that are deactivated, now and then while subscribed. */
  readonly onLeaving: (agentIds: readonly string[]) => void;
  readonly onClosed: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
};

/**
 * Keeps one subscription open: subscribes, asks what runs, hands events on, and begins again when the stream ends.
 * Events that come before the answer to "what runs" wait for it.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #backoff: Backoff;
  #session: SchedulerSession | undefined;
  /** Counts attempts, so that what an older one still hears is ignored. */
  #attempt = 0;
  #timer: Timer | undefined;
  #agentsTimer: Timer | undefined;
  #stopped = false;
  #held: SchedulerEvent[] | undefined;
  #lastEventMs = 0;
  #heartbeatMs = 15_000;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(100, 10_000, options.random);
  }

  start(): void {
    void this.#subscribe();
  }

  /** Leaves the stream, and opens none until the next `start`. */
  close(): void {
    this.#attempt++;
    this.#end();
  }

  stop(): void {
    this.#stopped = true;
    this.#end();
  }

  #end(): void {
    this.#timer?.cancel();
    this.#agentsTimer?.cancel();
    this.#session?.close();
    this.#session = undefined;
    this.#held = undefined;
  }

  /** True between the first event and the end of the stream. */
  get open(): boolean {
    return this.#session !== undefined && this.#held === undefined;
  }

  async call(call: SchedulerCall): Promise<Result<void, CallRefused>> {
    const session = this.#session;
    if (session === undefined) return err({status: 403, message: 'not subscribed'});
    const result = await session.call(call);
    if (!result.ok) this.#options.log.warn('call refused', {call: call.type, ...result.error});
    // The master does not take this stream for ours any more.
    if (!result.ok && result.error.status === 403) this.#restart(this.#attempt, 'not subscribed');
    return result;
  }

  /** Called now and then: a silent stream is taken for dead. */
  checkAlive(): void {
    if (!this.open || this.#options.clock.monotonic() - this.#lastEventMs < MISSED_HEARTBEATS * this.#heartbeatMs)
      return;
    this.#restart(this.#attempt, 'no heartbeat');
  }

  async #subscribe(): Promise<void> {
    if (this.#stopped) return;
    const attempt = ++this.#attempt;
    const {ids, log} = this.#options;
    const id = await ids.load();
    if (!id.ok) {
      log.warn('framework id not read', {error: id.error});
      return this.#again(attempt);
    }
    const info = this.#options.frameworkInfo(id.value);
    const suppressed = this.#options.suppressedRoles();
    this.#held = [];
    const session = await this.#options.scheduler.subscribe(
      {
        type: 'SUBSCRIBE',
        ...(id.value === undefined ? {} : {framework_id: {value: id.value}}),
        subscribe: {framework_info: info, suppressed_roles: suppressed},
      },
      {
        onEvent: event => this.#onEvent(attempt, event, info, suppressed),
        onClosed: reason => this.#restart(attempt, reason),
      },
    );
    if (session.ok && attempt === this.#attempt && !this.#stopped) this.#session = session.value;
    else if (session.ok) session.value.close();
    else {
      log.warn('subscription refused', {...session.error});
      this.#again(attempt);
    }
  }

  #onEvent(attempt: number, event: SchedulerEvent, info: FrameworkInfo, suppressed: readonly string[]): void {
    if (attempt !== this.#attempt || this.#stopped) return;
    this.#lastEventMs = this.#options.clock.monotonic();
    if (event.type === 'SUBSCRIBED') void this.#onSubscribed(attempt, event.subscribed, info, suppressed);
    else if (event.type === 'ERROR') void this.#onError(attempt, event.error.message);
    else if (this.#held !== undefined) this.#held.push(event);
    else this.#options.onEvent(event);
  }

  async #onSubscribed(
    attempt: number,
    subscribed: Subscribed,
    info: FrameworkInfo,
    suppressed: readonly string[],
  ): Promise<void> {
    const frameworkId = subscribed.framework_id.value;
    this.#heartbeatMs = (subscribed.heartbeat_interval_seconds ?? 15) * 1000;
    // Before anything is launched: tasks of an id that nobody remembers would be lost.
    const saved = info.id?.value === frameworkId ? ok(undefined) : await this.#options.ids.save(frameworkId);
    const snapshot = saved.ok ? await this.#snapshot(frameworkId) : err(saved.error);
    if (attempt !== this.#attempt || this.#stopped) return;
    if (!snapshot.ok) {
      this.#options.log.warn('running tasks not known', {error: snapshot.error});
      return this.#restart(attempt, snapshot.error);
    }
    this.#backoff.reset();
    this.#options.log.info('subscribed', {frameworkId, tasks: snapshot.value.tasks.length});
    this.#options.onReady(subscribed, {...info, id: {value: frameworkId}}, suppressed, snapshot.value);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) if (attempt === this.#attempt) this.#options.onEvent(event);
    this.#watchAgents(attempt, AGENTS_MS);
  }

  /** The scheduler API does not say which agents are deactivated. Asks seldom where answers take long. */
  #watchAgents(attempt: number, delayMs: number): void {
    const {clock, operator, onLeaving} = this.#options;
    this.#agentsTimer?.cancel();
    this.#agentsTimer = clock.after(delayMs, async () => {
      if (attempt !== this.#attempt || this.#stopped) return;
      const beganMs = clock.monotonic();
      const answer = await operator.call({type: 'GET_AGENTS'});
      if (attempt !== this.#attempt || this.#stopped) return;
      if (answer.ok) onLeaving(leavingOf(answer.value));
      this.#watchAgents(attempt, Math.max(AGENTS_MS, (clock.monotonic() - beganMs) * AGENTS_PAUSE));
    });
  }

  async #snapshot(frameworkId: string): Promise<Result<Snapshot, string>> {
    const {operator} = this.#options;
    const [tasks, agents] = await Promise.all([
      operator.call({type: 'GET_TASKS'}),
      operator.call({type: 'GET_AGENTS'}),
    ]);
    if (!tasks.ok) return err(tasks.error.message);
    if (!agents.ok) return err(agents.error.message);
    const all = tasks.value.get_tasks;
    return ok({
      tasks: [...(all?.tasks ?? []), ...(all?.unreachable_tasks ?? [])].filter(
        task => task.framework_id.value === frameworkId,
      ),
      agents: (agents.value.get_agents?.agents ?? []).flatMap(({agent_info: info}) =>
        info.id === undefined ? [] : [agentFacts({...info, agentId: info.id.value})],
      ),
      leaving: leavingOf(agents.value),
    });
  }

  async #onError(attempt: number, message: string): Promise<void> {
    this.#options.log.error('subscription ended by the master', {message});
    // Torn down by a person: the tasks are gone, so begin as a new framework.
    if (REMOVED.test(message)) await this.#options.ids.clear();
    this.#restart(attempt, message);
  }

  /** The stream of this attempt has ended. */
  #restart(attempt: number, reason: string): void {
    if (attempt !== this.#attempt || this.#stopped) return;
    this.#attempt++;
    this.#session?.close();
    this.#session = undefined;
    this.#held = undefined;
    this.#options.log.info('stream closed', {reason});
    this.#options.onClosed();
    this.#again(this.#attempt);
  }

  #again(attempt: number): void {
    if (attempt !== this.#attempt || this.#stopped) return;
    this.#timer = this.#options.clock.after(this.#backoff.nextMs(), () => void this.#subscribe());
  }
}

const leavingOf = ({get_agents}: OperatorResponse): readonly string[] =>
  (get_agents?.agents ?? []).flatMap(({agent_info: {id}, deactivated}) =>
    deactivated === true && id !== undefined ? [id.value] : [],
  );
