import type {FrameworkInfo} from '../../api/mesos/v1/common.ts';
import type {SchedulerEvent} from '../../api/mesos/v1/scheduler.ts';
import type {Timer} from '../../lib/clock.ts';
import {createEventRecorder, type EventRecorder} from '../runtime/events.ts';
import {Outbox} from '../runtime/outbox.ts';
import type {Fault} from '../runtime/owner-options.ts';
import {Owner} from '../runtime/owner.ts';
import type {CallsOptions} from './calls/change-app.ts';
import {revertDeployment} from './calls/reverts.ts';
import type {Command} from './core/commands.ts';
import type {Effect} from './core/effects.ts';
import {isWaiting, wantedRoles} from './core/offers/demand.ts';
import {newState, type MarathonState} from './core/state.ts';
import {step} from './core/step.ts';
import {subjectOfObject} from './core/subjects.ts';
import {settingsOf} from './flags.ts';
import {ObjectWatch} from './inbox/object-watch.ts';
import {askTask} from './inbox/ask-task.ts';
import {Subscription, type Snapshot} from './inbox/subscription.ts';
import {TaskProber} from './inbox/task-prober.ts';
import type {LeadingOptions} from './marathon-options.ts';
import {AppWriter} from './outbox/app-writer.ts';
import {DeploymentWriter} from './outbox/deployment-writer.ts';
import {createFrameworkIdStore} from './outbox/framework-id.ts';
import {GroupWriter} from './outbox/group-writer.ts';
import {Performer} from './outbox/performer.ts';
import {RevisionWriter} from './outbox/revision-writer.ts';
import {callOf, type CallEffect} from './outbox/scheduler-calls.ts';

const TICK_MS = 250;
const WRITES_AT_ONCE = 16;
/** How long a stop, or a rebuilding, waits for writes that were asked for. */
const DRAIN_MS = 3000;
const CAPABILITIES = [
  'PARTITION_AWARE',
  'REGION_AWARE',
  'MULTI_ROLE',
  'TASK_KILLING_STATE',
  'GPU_RESOURCES',
  'RESERVATION_REFINEMENT',
] as const;

/** A Marathon from the moment it leads until it stops: the owner of the state, and its three doors. */
export class LeadingMarathon {
  readonly calls: CallsOptions;
  readonly #options: LeadingOptions;
  readonly #owner: Owner<MarathonState, Command, Effect>;
  readonly #outbox: Outbox;
  readonly #apps: AppWriter;
  readonly #performer: Performer;
  readonly #recorder: EventRecorder;
  readonly #prober: TaskProber;
  readonly #watch: ObjectWatch;
  readonly #subscription: Subscription;
  /** Why an object is set aside, by name; it stays so until its version is another. */
  readonly #aside = new Map<string, {readonly version: string | undefined; readonly reason: string}>();
  #tick: Timer | undefined;
  #stopped = false;

  constructor(options: LeadingOptions) {
    const {client, namespace, clock, random, log, flags} = options;
    const settings = settingsOf(flags);
    this.#options = options;
    const outbox = new Outbox({clock, random, log, concurrency: WRITES_AT_ONCE});
    const state = (): MarathonState | undefined => this.state;
    const post = (command: Command): void => this.post(command);
    this.#outbox = outbox;
    this.#owner = new Owner<MarathonState, Command, Effect>({
      name: 'marathon',
      clock,
      log,
      begin: () => newState(settings),
      restore: async () => (await this.#watch.read()).map(command => this.#withoutAside(command)),
      step: (current, command, nowMs) => step(current, command, nowMs, random),
      perform: effects => effects.forEach(effect => this.#perform(effect)),
      subjectOf: command => (command.kind === 'app-seen' ? subjectOfObject(command.object) : undefined),
      letGo: () => this.#letGo(),
      onServing: () => this.#subscription.start(),
      onFault: fault => this.#onFault(fault),
      onFatal: options.onFatal,
    });
    this.#recorder = createEventRecorder({client, component: 'marathon', clock, random, log});
    this.#apps = new AppWriter({client, namespace, outbox, state, clock, log});
    this.#prober = new TaskProber({
      ask: options.ask ?? askTask(clock),
      clock,
      concurrency: flags.max_concurrent_marathon_health_checks,
      state,
      post,
    });
    const deployments = new DeploymentWriter({client, namespace, outbox, state, clock});
    const revisions = new RevisionWriter({client, namespace, outbox, log, most: flags.zk_max_versions});
    this.#performer = new Performer({
      namespace,
      apps: this.#apps,
      groups: new GroupWriter({client, namespace, outbox, state, clock}),
      deployments,
      revisions,
      recorder: this.#recorder,
      onAppChanged: name => this.#lookAt(name),
      onEvent: event => options.events.publish(event),
      call: effect => this.#call(effect),
    });
    this.#watch = new ObjectWatch({
      ...{client, namespace, clock, random, log},
      defaults: settings.defaults,
      post: command => this.post(this.#withoutAside(command)),
      onDeploymentStored: name => deployments.stored(name),
      onDeploymentDeleted: name => void this.#takeBack(name),
    });
    this.#subscription = this.#newSubscription();
    this.calls = {
      ...{client, namespace, clock, random, outbox, state, post},
      defaults: settings.defaults,
      mostDeployments: flags.max_running_deployments,
      until: (condition, withinMs) => this.#owner.until(condition, withinMs),
    };
  }

  /** Undefined while it is being rebuilt. */
  get state(): MarathonState | undefined {
    return this.#owner.state;
  }

  post(command: Command): void {
    this.#owner.post(command);
  }

  async start(): Promise<void> {
    this.#scheduleTick();
    await this.#owner.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tick?.cancel();
    this.#owner.stop();
    this.#watch.stop();
    this.#prober.clear();
    this.#subscription.stop();
    this.#outbox.stop();
    await Promise.all([this.#outbox.drain(DRAIN_MS), this.#recorder.stop(), this.#performer.called]);
  }

  #perform(effect: Effect): void {
    this.#options.counts.perform(effect);
    this.#performer.perform(effect);
  }

  #newSubscription(): Subscription {
    const {client, namespace, clock, random, log, scheduler, operator, events} = this.#options;
    return new Subscription({
      ...{clock, random, log, scheduler, operator},
      ids: createFrameworkIdStore(client, namespace),
      frameworkInfo: id => this.#frameworkInfo(id),
      suppressedRoles: () => this.#roles().filter(role => this.state === undefined || !isWaiting(this.state, role)),
      onReady: (subscribed, sent, suppressedRoles, snapshot) => {
        const {hostname = '', port} = subscribed.master_info ?? {};
        const master = port === undefined ? hostname : `${hostname}:${port}`;
        events.publish(
          sent.id === undefined
            ? {eventType: 'scheduler_registered_event', frameworkId: subscribed.framework_id.value, master}
            : {eventType: 'scheduler_reregistered_event', master},
        );
        this.#onReady(
          {
            kind: 'subscribed',
            frameworkId: subscribed.framework_id.value,
            homeRegion: subscribed.master_info?.domain?.fault_domain?.region.name,
            roles: sent.roles ?? [],
            suppressedRoles,
          },
          snapshot,
        );
      },
      onEvent: event => this.#onEvent(event),
      onLeaving: agentIds => this.post({kind: 'agents-leaving', agentIds}),
      onClosed: () => {
        events.publish({eventType: 'scheduler_disconnected_event'});
        this.post({kind: 'disconnected'});
      },
    });
  }

  /** Nobody is told anything of the state that was dropped: the stream ends, and its writes are over. */
  async #letGo(): Promise<void> {
    this.#subscription.close();
    this.#prober.clear();
    await this.#performer.called;
    await this.#outbox.drain(DRAIN_MS);
    this.#outbox.drop();
  }

  #lookAt(name: string): void {
    const app = this.state?.apps.get(name);
    if (app !== undefined) this.#prober.look(app);
  }

  #onFault({subject, message, setAside}: Fault): void {
    this.#options.onRebuilt();
    const object = subject?.kind === 'MarathonApp' ? this.#watch.app(subject.name) : undefined;
    if (object === undefined) return;
    const text = setAside ? `set aside until it changes: ${message}` : `Marathon begins anew: ${message}`;
    const {name, uid} = object;
    this.#performer.perform({kind: 'kube-event', name, uid, type: 'Warning', reason: 'MarathonFailed', message: text});
    if (!setAside) return;
    this.#aside.set(name, {version: subject?.version, reason: message});
  }

  /** The object of a deployment under way was deleted: what it did is taken back. */
  async #takeBack(id: string): Promise<void> {
    if (this.state?.deployments.has(id) !== true) return;
    const reverted = await revertDeployment(this.calls, id);
    if (reverted.ok) return;
    this.#options.log.warn('a deployment is not taken back', {id, reason: reverted.error.kind});
    this.post({kind: 'deployment-gone', id});
  }

  /** An object that is set aside is left alone, and so is what runs for it. */
  #withoutAside(command: Command): Command {
    if (command.kind === 'app-gone') this.#aside.delete(command.name);
    if (command.kind !== 'app-seen') return command;
    const {object} = command;
    const aside = this.#aside.get(object.name);
    if (aside === undefined) return command;
    if (aside.version !== subjectOfObject(object).version) {
      this.#aside.delete(object.name);
      return command;
    }
    this.#apps.setAside(object, aside.reason);
    return {kind: 'app-aside', name: object.name, id: object.id};
  }

  #scheduleTick(): void {
    if (this.#stopped) return;
    this.#tick = this.#options.clock.after(TICK_MS, () => {
      this.#subscription.checkAlive();
      this.post({kind: 'tick'});
      this.#scheduleTick();
    });
  }

  #onReady(subscribed: Command, {tasks, agents, leaving}: Snapshot): void {
    this.post(subscribed);
    // First: an app that is larger because of them must not be made smaller.
    this.post({kind: 'agents-leaving', agentIds: leaving});
    this.post({kind: 'restored', tasks, agents});
  }

  #onEvent(event: SchedulerEvent): void {
    this.#options.counts.hear(event);
    switch (event.type) {
      case 'OFFERS':
        return this.post({kind: 'offers', offers: event.offers.offers ?? []});
      case 'UPDATE':
        return this.post({kind: 'update', status: event.update.status});
      case 'FAILURE':
        // An executor's end has an executor_id; its tasks report themselves.
        if (event.failure.agent_id === undefined || event.failure.executor_id !== undefined) return;
        return this.post({kind: 'agent-removed', agentId: event.failure.agent_id.value});
      case 'MESSAGE':
        return this.#onMessage(event.message);
      default:
        // Offers are answered at once, so a rescinded one was answered already. The rest is not for Marathon.
        return;
    }
  }

  #onMessage({executor_id, agent_id, data}: Extract<SchedulerEvent, {type: 'MESSAGE'}>['message']): void {
    this.#options.events.publish({
      eventType: 'framework_message_event',
      executorId: executor_id.value,
      slaveId: agent_id.value,
      message: Buffer.from(data, 'base64').toString(),
    });
  }

  async #call(effect: CallEffect): Promise<void> {
    const frameworkId = this.state?.frameworkId ?? '';
    const result = await this.#subscription.call(callOf(effect, frameworkId, this.#frameworkInfo(frameworkId)));
    if (result.ok || effect.kind !== 'accept') return;
    const taskIds = effect.launches.map(info => info.task_id.value);
    this.post({kind: 'accept-refused', taskIds, message: result.error.message});
  }

  #roles(): readonly string[] {
    return this.state === undefined ? [this.#options.flags.mesos_role] : wantedRoles(this.state);
  }

  #frameworkInfo(id: string | undefined): FrameworkInfo {
    const {flags, hostname} = this.#options;
    const webuiUrl = this.#options.webuiUrl ?? flags.webui_url;
    return {
      user: flags.mesos_user ?? '',
      name: flags.framework_name,
      ...(id === undefined ? {} : {id: {value: id}}),
      failover_timeout: flags.failover_timeout,
      checkpoint: true,
      ...(hostname === undefined ? {} : {hostname}),
      ...(webuiUrl === undefined ? {} : {webui_url: webuiUrl}),
      capabilities: CAPABILITIES.map(type => ({type})),
      roles: [...this.#roles()],
    };
  }
}
