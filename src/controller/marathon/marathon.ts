import type {FrameworkInfo} from '../../api/mesos/v1/common.ts';
import type {SchedulerEvent} from '../../api/mesos/v1/scheduler.ts';
import type {OperatorTransport, SchedulerTransport} from '../../api/mesos/v1/transport.ts';
import {MARATHON_APPS} from '../../crds/marathon-app.ts';
import {createInformer} from '../../kube/informer.ts';
import type {Logger} from '../../kube/log.ts';
import {apiVersionOf} from '../../kube/resource-path.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock, Random, Timer} from '../../lib/clock.ts';
import type {Result} from '../../lib/result.ts';
import {createEventRecorder} from '../runtime/events.ts';
import {createAppWriter} from './outbox/app-writer.ts';
import {callOf} from './outbox/scheduler-calls.ts';
import {changeApp, newStamp, type Change, type Changed, type ChangeError, type Stamp} from './calls/changes.ts';
import {toAppObject} from './core/apps/app-object.ts';
import type {Command} from './core/commands.ts';
import {isWaiting, wantedRoles} from './core/offers/demand.ts';
import type {Effect} from './core/effects.ts';
import type {AppId, InstanceId} from './core/ids.ts';
import {newState, type App, type AppObject} from './core/state.ts';
import {step} from './core/step.ts';
import {settingsOf, type MarathonFlags} from './flags.ts';
import {createFrameworkIdStore} from './outbox/framework-id.ts';
import {Subscription, type Snapshot} from './inbox/subscription.ts';

/** How long a REST call waits for its own change to come back through the watch. */
const SEEN_TIMEOUT_MS = 10_000;
const TICK_MS = 250;
const CAPABILITIES = ['PARTITION_AWARE', 'REGION_AWARE', 'MULTI_ROLE', 'TASK_KILLING_STATE'] as const;

export type MarathonOptions = {
  /** Fenced: it writes only while this process holds the Lease. */
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly flags: MarathonFlags;
  readonly scheduler: SchedulerTransport;
  readonly operator: OperatorTransport;
  /** Told to the master with the subscription. */
  readonly hostname?: string;
  readonly webuiUrl?: string;
};

export type Marathon = {
  /** Resolves when the apps are known; the subscription follows by itself. */
  readonly start: () => Promise<void>;
  /** Leaves tasks and subscription as they are: the next leader takes them over. */
  readonly stop: () => Promise<void>;
  /** Subscribed, and everything that runs is known. */
  readonly ready: () => boolean;
  readonly frameworkId: () => string | undefined;
  /** Apps in the order of their ids; not those whose id belongs to an older object. To be read, not changed. */
  readonly apps: () => readonly App[];
  readonly app: (id: AppId) => App | undefined;
  readonly change: <E>(change: Change<E>) => Promise<Result<Changed, ChangeError<E>>>;
  /** Kills tasks; without `decommission` they are replaced under the same instance ids. */
  readonly killInstances: (instanceIds: readonly InstanceId[], decommission: boolean) => void;
  /** Names the instances that go first when their apps are scaled down next. */
  readonly nameVictims: (instanceIds: readonly InstanceId[]) => void;
  /** A version and a deployment id for one change of several apps: later than what they have. */
  readonly newStamp: (ids: readonly AppId[]) => Stamp;
  /** Wall-clock milliseconds. */
  readonly nowMs: () => number;
  /** Forgets the launch delay of an app. */
  readonly resetDelay: (id: AppId) => void;
  readonly flags: MarathonFlags;
};

export function createMarathon(options: MarathonOptions): Marathon {
  const shell = new Shell(options);
  return {
    start: () => shell.start(),
    stop: () => shell.stop(),
    ready: () => shell.state.ready && shell.state.connected,
    frameworkId: () => shell.state.frameworkId,
    apps: () => shell.apps(),
    app: id => shell.find(id),
    change: change => shell.change(change),
    killInstances: (instanceIds, decommission) => shell.send({kind: 'kill-instances', instanceIds, decommission}),
    nameVictims: instanceIds => shell.send({kind: 'name-victims', instanceIds}),
    newStamp: ids =>
      newStamp(
        options,
        ids.flatMap(id => shell.find(id) ?? []),
      ),
    nowMs: () => options.clock.now(),
    resetDelay: id => shell.send({kind: 'reset-delay', name: shell.find(id)?.object.name ?? ''}),
    flags: options.flags,
  };
}

/** The one owner of Marathon's state: takes commands one after the other and performs what follows from them. */
class Shell {
  readonly state;
  readonly #options: MarathonOptions;
  readonly #informer;
  readonly #subscription;
  readonly #writer;
  readonly #recorder;
  readonly #waiters = new Set<() => void>();
  readonly #commands: Command[] = [];
  #busy = false;
  #stopped = false;
  #tick: Timer | undefined;
  /** Calls go out one after the other, so that an ACCEPT is there before the KILL of its task. */
  #calls: Promise<void> = Promise.resolve();

  constructor(options: MarathonOptions) {
    const {client, namespace, clock, random, log} = options;
    const settings = settingsOf(options.flags);
    this.#options = options;
    this.state = newState(settings);
    this.#informer = createInformer<AppObject>({
      client,
      kind: MARATHON_APPS,
      namespace,
      project: raw => toAppObject(raw, settings.defaults),
      clock,
      random,
      log,
    });
    this.#writer = createAppWriter({client, namespace, state: this.state, clock, random, log});
    this.#recorder = createEventRecorder({client, component: 'marathon', clock, random, log});
    this.#subscription = new Subscription({
      scheduler: options.scheduler,
      operator: options.operator,
      ids: createFrameworkIdStore(client, namespace),
      frameworkInfo: id => this.#frameworkInfo(id),
      suppressedRoles: () => wantedRoles(this.state).filter(role => !isWaiting(this.state, role)),
      onReady: (subscribed, sent, suppressedRoles, snapshot) =>
        this.#onReady(
          {
            kind: 'subscribed',
            frameworkId: subscribed.framework_id.value,
            homeRegion: subscribed.master_info?.domain?.fault_domain?.region.name,
            roles: sent.roles ?? [],
            suppressedRoles,
          },
          snapshot,
        ),
      onEvent: event => this.#onEvent(event),
      onLeaving: agentIds => this.send({kind: 'agents-leaving', agentIds}),
      onClosed: () => this.send({kind: 'disconnected'}),
      clock,
      random,
      log,
    });
  }

  async start(): Promise<void> {
    this.#informer.onEvent(({type, object}) =>
      this.send(
        type === 'deleted' ? {kind: 'app-gone', name: object.name, uid: object.uid} : {kind: 'app-seen', object},
      ),
    );
    this.#informer.start();
    await this.#informer.synced();
    if (this.#stopped) return;
    this.#subscription.start();
    this.#scheduleTick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tick?.cancel();
    this.#informer.stop();
    this.#subscription.stop();
    for (const waiter of [...this.#waiters]) waiter();
    await Promise.all([this.#writer.stop(), this.#recorder.stop(), this.#calls]);
  }

  /** A command that comes while another is handled waits for its turn. */
  send(command: Command): void {
    if (this.#stopped) return;
    this.#commands.push(command);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#commands.shift(); next !== undefined; next = this.#commands.shift()) this.#handle(next);
    } finally {
      this.#busy = false;
    }
    for (const waiter of [...this.#waiters]) waiter();
  }

  apps(): readonly App[] {
    const owned = [...this.state.apps.values()].filter(app => app.block?.reason !== 'DuplicateId');
    return owned.toSorted((a, b) => (a.object.id < b.object.id ? -1 : 1));
  }

  find(id: AppId): App | undefined {
    const names = [...(this.state.claims.get(id) ?? [])];
    const apps = names.flatMap(name => this.state.apps.get(name) ?? []);
    return apps.find(app => app.block?.reason !== 'DuplicateId');
  }

  change<E>(change: Change<E>): Promise<Result<Changed, ChangeError<E>>> {
    const {client, namespace, clock, random} = this.#options;
    return changeApp(
      {
        client,
        namespace,
        clock,
        random,
        find: id => this.find(id),
        byName: name => this.state.apps.get(name),
        until: condition => this.#until(condition),
      },
      change,
    );
  }

  /** Resolves when the condition holds after some command; false when it takes too long. */
  #until(condition: () => boolean): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise(resolve => {
      const end = (held: boolean): void => {
        timer.cancel();
        this.#waiters.delete(waiter);
        resolve(held);
      };
      const waiter = (): void => {
        if (condition() || this.#stopped) end(condition());
      };
      const timer = this.#options.clock.after(SEEN_TIMEOUT_MS, () => end(false));
      this.#waiters.add(waiter);
    });
  }

  #handle(command: Command): void {
    const effects = step(this.state, command, this.#options.clock.now(), this.#options.random);
    for (const effect of effects) this.#perform(effect);
  }

  #scheduleTick(): void {
    if (this.#stopped) return;
    this.#tick = this.#options.clock.after(TICK_MS, () => {
      this.#subscription.checkAlive();
      this.send({kind: 'tick'});
      this.#scheduleTick();
    });
  }

  #onReady(subscribed: Command, {tasks, agents, leaving}: Snapshot): void {
    this.send(subscribed);
    // First: an app that is larger because of them must not be made smaller.
    this.send({kind: 'agents-leaving', agentIds: leaving});
    this.send({kind: 'restored', tasks, agents});
  }

  #onEvent(event: SchedulerEvent): void {
    switch (event.type) {
      case 'OFFERS':
        return this.send({kind: 'offers', offers: event.offers.offers ?? []});
      case 'UPDATE':
        return this.send({kind: 'update', status: event.update.status});
      case 'FAILURE':
        // An executor's end has an executor_id; its tasks report themselves.
        if (event.failure.agent_id === undefined || event.failure.executor_id !== undefined) return;
        return this.send({kind: 'agent-removed', agentId: event.failure.agent_id.value});
      default:
        // Offers are answered at once, so a rescinded one was answered already. The rest is not for Marathon.
        return;
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'app-changed':
        return this.#writer.statusChanged(effect.name);
      case 'claim-app':
      case 'release-app':
        return this.#writer.finalizerChanged(effect.name);
      case 'kube-event':
        return this.#recorder.record({
          about: {
            apiVersion: apiVersionOf(MARATHON_APPS),
            kind: MARATHON_APPS.kind,
            name: effect.name,
            namespace: this.#options.namespace,
            uid: effect.uid,
          },
          type: effect.type,
          reason: effect.reason,
          message: effect.message,
        });
      default:
        this.#calls = this.#calls.then(() => this.#call(effect));
    }
  }

  async #call(effect: Parameters<typeof callOf>[0]): Promise<void> {
    const frameworkId = this.state.frameworkId ?? '';
    const result = await this.#subscription.call(callOf(effect, frameworkId, this.#frameworkInfo(frameworkId)));
    if (result.ok || effect.kind !== 'accept') return;
    const taskIds = effect.launches.map(info => info.task_id.value);
    this.send({kind: 'accept-refused', taskIds, message: result.error.message});
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
      roles: wantedRoles(this.state),
    };
  }
}
