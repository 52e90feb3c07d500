import type {MasterInfo} from '../../api/mesos/v1/container.ts';
import type {Timer} from '../../lib/clock.ts';
import {createEventRecorder, type EventRecorder} from '../runtime/events.ts';
import {Outbox} from '../runtime/outbox.ts';
import {Owner} from '../runtime/owner.ts';
import type {Fault} from '../runtime/owner-options.ts';
import {AllocationRuns} from './allocation/allocation-runs.ts';
import {newAllocator, type RecordedAllocator} from './allocation/recorded-allocator.ts';
import {createServing} from './calls/serving.ts';
import {OperatorRequests} from './calls/operator-requests.ts';
import {OperatorStreams} from './calls/operator-streams.ts';
import {Sessions} from './calls/sessions.ts';
import type {Serving} from './calls/transports.ts';
import type {Effect} from './core/effects.ts';
import {toStreamId} from './core/ids.ts';
import {newMaster} from './core/new-master.ts';
import {allocateInSlices} from './core/offers/allocate.ts';
import type {Master, ReadonlyMaster} from './core/state.ts';
import {step} from './core/step.ts';
import {Inbox} from './inbox/inbox.ts';
import {dependsOn, type Fact, subjectOf} from './objects/subjects.ts';
import type {MasterContext, MasterStep} from './master-context.ts';
import {coreOptions} from './options-from-flags.ts';
import {MasterOutbox} from './outbox/master-outbox.ts';
import {FrameworkMetrics} from './views/framework-metrics.ts';
import {collectMaster} from './views/gauges.ts';

/** Writes that may be under way at the same time, each on another object. */
const WRITES_AT_ONCE = 64;
const TICK_MS = 1000;
const WHITELIST_MS = 5000;
/** How long a graceful stop, and a rebuild, wait for writes that were asked for. */
const DRAIN_MS = 3000;

export const masterStep: MasterStep = (master, command, nowMs) =>
  command.kind === 'allocate'
    ? allocateInSlices(master, command.periodic ? 'periodic' : 'events', nowMs)
    : step(master, command, nowMs);

/** A master from the moment it leads until it stops: the owner of the state, and its three doors. */
export class LeadingMaster {
  readonly #context: MasterContext;
  readonly #owner: Owner<Master, Fact, Effect>;
  readonly #sessions: Sessions;
  readonly #writes: Outbox;
  readonly #events: EventRecorder;
  readonly #outbox: MasterOutbox;
  readonly #perFramework = new FrameworkMetrics();
  readonly #requests = new OperatorRequests();
  readonly #streams: OperatorStreams;
  readonly #timers = new Map<string, Timer>();
  /** What was read for the state in use, and the allocator of it: both are made anew when it is rebuilt. */
  #inbox: Inbox;
  #recorded: RecordedAllocator;
  /** New for each state: ids that are made of it must not come again. */
  #masterInfo: MasterInfo;
  #serving: Serving;
  readonly #electedMs: number;

  constructor(context: MasterContext, masterInfo: MasterInfo, electedMs: number) {
    this.#context = context;
    this.#masterInfo = masterInfo;
    this.#electedMs = electedMs;
    const {client, clock, random, log, metrics} = context;
    this.#owner = this.#newOwner();
    this.#sessions = new Sessions(clock, context.newUuid, streamId =>
      this.#post({kind: 'disconnected', streamId: toStreamId(streamId)}),
    );
    this.#streams = new OperatorStreams({
      clock,
      state: () => this.#owner.state,
      most: context.flags.max_operator_event_stream_subscribers,
    });
    this.#writes = new Outbox({
      ...{clock, random, log, concurrency: WRITES_AT_ONCE},
      onWritten: tookMs => metrics.observe('mesos_master_write_seconds', tookMs),
      onRepeat: reason => metrics.inc('mesos_master_writes_repeated_total', {reason}),
    });
    const instance = masterInfo.id;
    this.#events = createEventRecorder({client, component: 'mesos-master', instance, clock, random, log});
    this.#recorded = newAllocator(context);
    this.#inbox = this.#newInbox();
    const runs = new AllocationRuns({
      clock,
      metrics,
      onDue: () => this.#post({kind: 'allocate', periodic: false}),
    });
    this.#outbox = new MasterOutbox({
      context,
      writes: this.#writes,
      events: this.#events,
      sessions: this.#sessions,
      streams: this.#streams,
      requests: this.#requests,
      perFramework: this.#perFramework,
      state: () => this.#owner.state,
      inbox: () => this.#inbox,
      whyAside: subject => this.#owner.whyAside(subject),
      post: fact => this.#post(fact),
      scheduleAllocation: () => runs.schedule(),
    });
    this.#serving = this.#newServing();
  }

  get recovering(): boolean {
    return this.#owner.phase === 'recovering';
  }

  /** For calls, while the master is not recovering. */
  get serving(): Serving {
    return this.#serving;
  }

  /** Rebuilds the state from Kubernetes objects; resolves when calls can be served. */
  async start(): Promise<void> {
    this.#startTimers();
    await this.#owner.start();
  }

  /** Ends streams, lets writes that were asked for end, and does nothing more. */
  async stop(): Promise<void> {
    if (this.#owner.phase === 'stopped') return;
    this.#owner.stop();
    for (const timer of this.#timers.values()) timer.cancel();
    await this.#letGo('This master does not lead any more');
    this.#writes.stop();
    await this.#events.stop();
  }

  collect(): void {
    const {metrics} = this.#context;
    metrics.set('mesos_master_mailbox_commands', this.#owner.length);
    metrics.set('mesos_master_pending_writes', this.#writes.pending);
    metrics.set('mesos_master_operator_streams', this.#streams.size);
    if (this.#owner.state !== undefined) collectMaster(metrics, this.#owner.state);
  }

  /** Values whose names contain the ids of frameworks. */
  snapshotOfFrameworks(): Record<string, number> {
    return this.#owner.state === undefined ? {} : this.#perFramework.snapshot(this.#owner.state);
  }

  /** Undefined while it is being rebuilt. */
  get core(): ReadonlyMaster | undefined {
    return this.#owner.state;
  }

  get masterId(): string {
    return this.#masterInfo.id;
  }

  /** The allocator, and what is kept about it. */
  get recorded(): RecordedAllocator {
    return this.#recorded;
  }

  #newOwner(): Owner<Master, Fact, Effect> {
    const {clock, log, metrics, newUuidBytes, onFatal} = this.#context;
    return new Owner<Master, Fact, Effect>({
      name: 'master',
      clock,
      log,
      begin: () => newMaster(coreOptions(this.#context, this.#masterInfo), this.#recorded.allocator, newUuidBytes),
      restore: () => this.#restore(),
      step: this.#context.step ?? masterStep,
      perform: effects => this.#outbox.perform(effects),
      subjectOf,
      dependsOn,
      letGo: fault => this.#rebuild(fault),
      onServing: () => this.#inbox.open(),
      onFault: fault => this.#outbox.tellFault(fault),
      onFatal,
      onHandled: ({kind}, busyMs) => {
        if (kind === 'allocate') metrics.observe('mesos_allocator_run_seconds', busyMs);
      },
    });
  }

  #newInbox(): Inbox {
    return new Inbox({
      context: this.#context,
      master: () => this.#owner.state,
      post: fact => this.#post(fact),
      reconsider: subject => this.#owner.reconsider(subject),
      whyAside: subject => this.#owner.whyAside(subject),
      onSeen: {
        agent: name => this.#outbox.statuses.agent(name),
        framework: name => this.#outbox.statuses.framework(name),
        judgedRoles: () => this.#outbox.statuses.judgedRoles(),
      },
    });
  }

  #newServing(): Serving {
    return createServing({
      context: this.#context,
      state: () => this.#owner.state,
      caches: this.#inbox.caches,
      sessions: this.#sessions,
      streams: this.#streams,
      writes: this.#writes,
      perFramework: this.#perFramework,
      electedMs: this.#electedMs,
      requests: this.#requests,
      post: fact => this.#post(fact),
    });
  }

  async #restore(): Promise<readonly Fact[]> {
    await this.#inbox.read();
    const facts = this.#inbox.facts();
    this.#context.log.info('objects read', {facts: facts.length});
    return facts;
  }

  /** The same as for a new leader, but for the streams, which only this process can end. */
  async #rebuild({message}: Fault): Promise<void> {
    this.#inbox.stop();
    const left = this.#recorded;
    await this.#letGo(`the master failed and is rebuilt: ${message}`);
    await left.close();
    this.#masterInfo = {...this.#masterInfo, id: this.#context.newUuid()};
    this.#recorded = newAllocator(this.#context);
    this.#inbox = this.#newInbox();
    this.#serving = this.#newServing();
  }

  async #letGo(reason: string): Promise<void> {
    this.#inbox.stop();
    this.#requests.refuse(reason);
    this.#sessions.closeAll(reason);
    this.#streams.closeAll();
    await this.#writes.drain(DRAIN_MS);
    this.#writes.drop();
  }

  #post(fact: Fact): string | undefined {
    return this.#owner.post(fact);
  }

  #startTimers(): void {
    const {flags} = this.#context;
    const silenceMs = flags.agent_ping_timeout * flags.max_agent_ping_timeouts;
    this.#every('allocate', flags.allocation_interval, () => this.#post({kind: 'allocate', periodic: true}));
    // Often enough to notice in time that an agent is silent.
    this.#every('tick', Math.min(TICK_MS, silenceMs / 10), () => this.#post({kind: 'tick'}));
    this.#every('tidy', TICK_MS, () => this.#outbox.tidy());
    if (flags.whitelist !== undefined) {
      this.#every('whitelist', WHITELIST_MS, () => void this.#inbox.readWhitelist());
    }
  }

  /** Only while calls are served: a state that is being rebuilt is left alone. */
  #every(name: string, intervalMs: number, run: () => void): void {
    const again = (): void => {
      this.#timers.set(name, this.#context.clock.after(intervalMs, again));
      if (this.#owner.phase === 'serving') run();
    };
    this.#timers.set(name, this.#context.clock.after(intervalMs, again));
  }
}
