import {toFrameworkId} from '../../allocator/ids.ts';
import type {MasterInfo} from '../../api/mesos/v1/container.ts';
import type {Timer} from '../../lib/clock.ts';
import {ok} from '../../lib/result.ts';
import type {AgentWatch} from './inbox/agent-watch.ts';
import {rolesWanted} from './outbox/statuses/mesosrole/reconcile.ts';
import {createEventRecorder, type EventRecorder} from '../runtime/events.ts';
import {AgentChanges} from './calls/agent-changes.ts';
import {AllocationRuns} from './allocation/allocation-runs.ts';
import {allCaches, type Caches, createCaches} from './inbox/caches.ts';
import type {Command} from './core/commands.ts';
import {type AgentId, toStreamId} from './core/ids.ts';
import {newMaster} from './core/new-master.ts';
import type {Master} from './core/state.ts';
import {hasRoom} from './core/agents/room.ts';
import {step} from './core/step.ts';
import {coreOptions, podOptions} from './options-from-flags.ts';
import {FrameworkMetrics} from './views/framework-metrics.ts';
import {collectMaster} from './views/gauges.ts';
import {KubeEffects} from './outbox/kube-effects.ts';
import {Mailbox, type Rest} from '../runtime/mailbox.ts';
import {MaintenanceChanges} from './calls/maintenance-changes.ts';
import {MAINTENANCE_NAME, NO_MAINTENANCE} from './objects/maintenance-object.ts';
import type {MasterContext} from './master-context.ts';
import {ObjectWriter} from './outbox/object-writer.ts';
import {Performer} from './outbox/performer.ts';
import {PodKeeper} from './outbox/pod-keeper.ts';
import {PodWatch} from './inbox/pod-watch.ts';
import {newAllocator, type RecordedAllocator} from './allocation/recorded-allocator.ts';
import {recoveredFrameworks} from './inbox/recovered-frameworks.ts';
import {Requests} from './calls/requests.ts';
import {ReservationWriter} from './outbox/reservation-writer.ts';
import {RoleWriter} from './calls/role-writer.ts';
import {createServing} from './calls/serving.ts';
import {Sessions} from './calls/sessions.ts';
import {Statuses} from './outbox/statuses.ts';
import type {Serving} from './calls/transports.ts';
import {watchAgents} from './inbox/watch-agents.ts';
import {WhitelistFile} from './inbox/whitelist-file.ts';

/** Writes that may be under way at the same time, each on another object. */
const WRITES_AT_ONCE = 64;
const TICK_MS = 1000;
const WHITELIST_MS = 5000;
/** How long a graceful stop waits for writes that were asked for. */
const DRAIN_MS = 3000;

/** A master from the moment it leads until it stops: the owner of the state, and everything around it. */
export class LeadingMaster {
  readonly #context: MasterContext;
  readonly #core: Master;
  readonly #recorded: RecordedAllocator;
  readonly #mailbox: Mailbox<Command>;
  readonly #sessions: Sessions;
  readonly #writer: ObjectWriter;
  readonly #caches: Caches;
  readonly #agents: AgentWatch;
  readonly #pods: PodWatch;
  readonly #keeper: PodKeeper;
  readonly #statuses: Statuses;
  readonly #events: EventRecorder;
  readonly #perFramework = new FrameworkMetrics();
  readonly #performer: Performer;
  readonly #runs: AllocationRuns;
  readonly #requests = new Requests();
  readonly #timers = new Map<string, Timer>();
  #recovering = true;
  #stopped = false;
  #rolesSeen = false;
  readonly #whitelist: WhitelistFile | undefined;
  readonly serving: Serving;

  constructor(context: MasterContext, masterInfo: MasterInfo, electedMs: number) {
    this.#context = context;
    const {client, namespace, clock, random, log, metrics} = context;
    this.#recorded = newAllocator(context);
    this.#core = newMaster(coreOptions(context, masterInfo), this.#recorded.allocator, context.newUuidBytes);
    this.#mailbox = new Mailbox(command => this.#handle(command), setImmediate);
    this.#sessions = new Sessions(clock, context.newUuid, streamId =>
      this.#post({kind: 'disconnected', streamId: toStreamId(streamId)}),
    );
    this.#writer = new ObjectWriter({
      clock,
      random,
      log,
      concurrency: WRITES_AT_ONCE,
      onWritten: tookMs => metrics.observe('mesos_master_write_seconds', tookMs),
    });
    this.#caches = createCaches({client, namespace, clock, random, log, wholePods: () => this.#recovering});
    const post = (command: Command): void => this.#post(command);
    const effects = new KubeEffects({
      ...{client, namespace, writer: this.#writer, post, pods: podOptions(context)},
      hasRoom: (agentId, task) => hasRoom(this.#core, agentId, task),
    });
    const onPhase = (name: string): void => this.#statuses.agent(name);
    this.#agents = watchAgents({context, core: this.#core, writer: this.#writer, post, onPhase});
    const {whitelist: path} = context.flags;
    const onChange = (hostnames: ReadonlySet<string>): void => post({kind: 'whitelist', hostnames});
    this.#whitelist = path === undefined ? undefined : new WhitelistFile({path, log, onChange});
    const nameOf = (id: AgentId): string | undefined => this.#agents.nameOf(id);
    const reservations = new ReservationWriter({client, namespace, writer: this.#writer, post, nameOf});
    const agentChanges = new AgentChanges({
      client,
      namespace,
      clock,
      agents: this.#caches.agents,
      master: this.#core,
      log,
    });
    this.#pods = new PodWatch({client, namespace, pods: this.#caches.pods, post, log});
    this.#keeper = new PodKeeper(this.#caches.pods, this.#writer, name => effects.removePod(name));
    this.#statuses = new Statuses({context, caches: this.#caches, agents: this.#agents, master: this.#core});
    this.#events = createEventRecorder({
      client,
      component: 'mesos-master',
      instance: masterInfo.id,
      clock,
      random,
      log,
    });
    this.#performer = new Performer({
      sessions: this.#sessions,
      effects,
      readPod: effect => void this.#pods.read(effect),
      reservations,
      requests: this.#requests,
      markGone: agentId => void agentChanges.markGone(agentId),
      statuses: this.#statuses,
      events: this.#events,
      caches: this.#caches,
      agents: this.#agents,
      metrics,
      log,
      scheduleAllocation: () => this.#runs.schedule(),
      onSend: (streamId, event) => {
        const frameworkId = this.#core.streams.get(streamId);
        if (frameworkId !== undefined) this.#perFramework.event(frameworkId, event);
      },
    });
    this.#runs = new AllocationRuns({
      core: this.#core,
      clock,
      metrics,
      perform: effects => this.#performer.perform(effects),
      onDue: () => post({kind: 'allocate', periodic: false}),
    });
    this.serving = createServing({
      context,
      core: this.#core,
      sessions: this.#sessions,
      perFramework: this.#perFramework,
      electedMs,
      requests: this.#requests,
      agents: agentChanges,
      maintenance: new MaintenanceChanges({client, namespace, cache: this.#caches.maintenance}),
      roles: new RoleWriter({client, namespace, clock, roles: this.#caches.roles}),
      post,
    });
  }

  get recovering(): boolean {
    return this.#recovering;
  }

  /** Rebuilds the state from Kubernetes objects; resolves when calls can be served. */
  async start(): Promise<void> {
    this.#listen();
    const caches = allCaches(this.#caches);
    for (const cache of caches) cache.start();
    await Promise.all(caches.map(cache => cache.synced()));
    await this.#whitelist?.read();
    if (this.#stopped) return;
    this.#sawHome();
    this.#restore();
    this.#sawMaintenance();
    this.#recovering = false;
    this.#catchUp();
    this.#startTimers();
  }

  /** Ends streams, lets writes that were asked for end, and does nothing more. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#mailbox.close();
    this.#requests.stop();
    this.#sessions.closeAll('the master stops');
    this.#statuses.stop();
    for (const cache of allCaches(this.#caches)) cache.stop();
    await this.#writer.drain(DRAIN_MS);
    this.#writer.stop();
    await this.#events.stop();
    await this.#recorded.close();
  }

  collect(): void {
    const {metrics} = this.#context;
    metrics.set('mesos_master_mailbox_commands', this.#mailbox.length);
    metrics.set('mesos_master_pending_writes', this.#writer.pending);
    collectMaster(metrics, this.#core);
  }

  /** Values whose names contain the ids of frameworks. */
  snapshotOfFrameworks(): Record<string, number> {
    return this.#perFramework.snapshot(this.#core);
  }

  get core(): Master {
    return this.#core;
  }

  /** The allocator, and what is kept about it. */
  get recorded(): RecordedAllocator {
    return this.#recorded;
  }

  #post(command: Command): void {
    if (!this.#stopped) this.#mailbox.post(command);
  }

  /** A mistake of ours in the step leaves a state that nobody can trust: another master starts from the objects. */
  #handle(command: Command): Rest | undefined {
    return this.#guarded(command.kind, () => {
      if (command.kind === 'allocate') return this.#runs.begin(command.periodic ? 'periodic' : 'events');
      this.#performer.perform(step(this.#core, command, this.#context.clock.now()));
      return undefined;
    });
  }

  #guarded(kind: Command['kind'], work: Rest): Rest | undefined {
    try {
      const rest = work();
      return rest && (() => this.#guarded(kind, rest));
    } catch (error) {
      const {log, onFatal} = this.#context;
      log.error('the master failed', {command: kind, error});
      onFatal(`the master failed at ${kind}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** Nothing is passed on before the state was rebuilt; `catchUp` makes up for it. */
  #listen(): void {
    const {agents, leases, frameworks, roles, maintenance} = this.#caches;
    agents.onEvent(event => this.#live(() => this.#sawAgent(event.object.name)));
    leases.onEvent(({object, type}) =>
      this.#live(() => {
        const lease = type === 'deleted' ? undefined : object.lease;
        if (object.agentName !== undefined) this.#agents.leaseSeen(object.agentName, lease);
      }),
    );
    frameworks.onEvent(({type, object}) =>
      this.#live(() => {
        if (type === 'deleted' || object.deleting) this.#tornDown(object.framework?.id, object.uid);
        else this.#statuses.framework(object.name);
      }),
    );
    roles.onEvent(event => {
      const isStatus = event.type === 'updated' && event.old.generation === event.object.generation;
      if (!isStatus) this.#live(() => this.#sawRoles());
    });
    maintenance.onEvent(() => this.#live(() => this.#sawMaintenance()));
    this.#pods.listen(deliver => this.#live(deliver));
  }

  #live(deliver: () => void): void {
    if (!this.#recovering && !this.#stopped) deliver();
  }

  #sawAgent(name: string): void {
    if (name === this.#context.flags.node_name) this.#sawHome();
    this.#agents.agentSeen(name, this.#caches.agents.get(name, this.#context.namespace));
    this.#statuses.agent(name);
  }

  /** The master stands where `--domain` says, else where the agent of its own node does. */
  #sawHome(): void {
    const {flags, namespace} = this.#context;
    const own = flags.node_name === undefined ? undefined : this.#caches.agents.get(flags.node_name, namespace);
    const said = own?.description.ok === true ? own.description.value.domain?.fault_domain : undefined;
    const domain = flags.domain ?? (said && {region: said.region.name, zone: said.zone.name});
    if (JSON.stringify(domain) !== JSON.stringify(this.#core.domain)) this.#post({kind: 'domain', domain});
  }

  /** What cannot be followed changes nothing. */
  #sawMaintenance(): void {
    const seen =
      this.#caches.maintenance.get(MAINTENANCE_NAME, this.#context.namespace)?.maintenance ?? ok(NO_MAINTENANCE);
    if (!seen.ok) return this.#context.log.warn('maintenance schedule not understood', {reason: seen.error});
    this.#post({kind: 'maintenance', maintenance: seen.value});
    this.#agents.tick();
  }

  /** Roles that change together are judged together. */
  #sawRoles(): void {
    if (this.#rolesSeen) return;
    this.#rolesSeen = true;
    setImmediate(() => {
      this.#rolesSeen = false;
      if (this.#stopped) return;
      this.#post({kind: 'roles', wishes: rolesWanted(this.#caches.roles).wishes});
      this.#statuses.judgedRoles();
    });
  }

  /** Deleting the object is the teardown. Another object of the same name is another framework's beginning. */
  #tornDown(frameworkId: string | undefined, uid: string): void {
    if (frameworkId === undefined) return;
    const id = toFrameworkId(frameworkId);
    if (this.#core.frameworks.get(id)?.uid === uid) this.#post({kind: 'teardown', frameworkId: id});
  }

  #restore(): void {
    const {agents, frameworks, roles} = this.#caches;
    this.#mailbox.post({
      kind: 'restore',
      frameworks: recoveredFrameworks(frameworks.list()),
      ...this.#agents.recover(agents.list()),
      tasks: this.#pods.restored(),
      roles: rolesWanted(roles),
    });
    const {size: frameworkCount} = this.#core.frameworks;
    const tasks = this.#pods.restored().length;
    this.#context.log.info('state rebuilt', {frameworks: frameworkCount, agents: agents.list().length, tasks});
  }

  #catchUp(): void {
    const {agents, leases, frameworks} = this.#caches;
    for (const {agentName, lease} of leases.list()) {
      if (agentName !== undefined) this.#agents.leaseSeen(agentName, lease);
    }
    for (const {name} of agents.list()) this.#sawAgent(name);
    for (const view of frameworks.list()) {
      if (view.deleting) this.#tornDown(view.framework?.id, view.uid);
    }
    this.#statuses.judgedRoles();
    this.#statuses.roles();
  }

  #startTimers(): void {
    const {flags} = this.#context;
    const silenceMs = flags.agent_ping_timeout * flags.max_agent_ping_timeouts;
    this.#every('allocate', flags.allocation_interval, () => this.#post({kind: 'allocate', periodic: true}));
    this.#every('tick', TICK_MS, () => {
      this.#post({kind: 'tick'});
      this.#statuses.roles();
      this.#keeper.tidy();
    });
    if (this.#whitelist !== undefined) this.#every('whitelist', WHITELIST_MS, () => void this.#whitelist?.read());
    this.#every('agents', Math.min(TICK_MS, silenceMs / 10), () => this.#agents.tick());
  }

  #every(name: string, intervalMs: number, run: () => void): void {
    const again = (): void => {
      if (this.#stopped) return;
      this.#timers.set(name, this.#context.clock.after(intervalMs, again));
      run();
    };
    this.#timers.set(name, this.#context.clock.after(intervalMs, again));
  }
}
