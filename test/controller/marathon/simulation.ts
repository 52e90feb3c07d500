import type {Offer, TaskInfo, TaskState, TaskStatus} from '../../../src/api/mesos/v1/common.ts';
import type {Task} from '../../../src/api/mesos/v1/operator.ts';
import {agentFacts} from '../../../src/controller/marathon/core/offers/agent-facts.ts';
import {toAppObject} from '../../../src/controller/marathon/core/apps/app-object.ts';
import {appConditions, appStatus} from '../../../src/controller/marathon/core/apps/status.ts';
import {
  deploymentSpec,
  deploymentStatus,
  toDeployment,
} from '../../../src/controller/marathon/core/deployments/deployment-object.ts';
import type {MarathonEvent} from '../../../src/controller/marathon/core/marathon-event.ts';
import {groupCondition, groupStatus} from '../../../src/controller/marathon/core/groups/group-status.ts';
import type {AppId} from '../../../src/controller/marathon/core/ids.ts';
import {toGroupObject} from '../../../src/controller/marathon/core/groups/group-object.ts';
import type {Command} from '../../../src/controller/marathon/core/commands.ts';
import {wantedRoles} from '../../../src/controller/marathon/core/offers/demand.ts';
import type {Effect} from '../../../src/controller/marathon/core/effects.ts';
import {
  groupOf,
  newState,
  type App,
  type MarathonState,
  type Settings,
} from '../../../src/controller/marathon/core/state.ts';
import {step} from '../../../src/controller/marathon/core/step.ts';
import {setCondition} from '../../../src/controller/runtime/status.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import type {Random} from '../../../src/lib/clock.ts';

export const SETTINGS: Settings = {
  defaults: {role: '*', acceptedResourceRoles: 'any'},
  servicePorts: {min: 10000, max: 20000},
  envPrefix: '',
  defaultUser: undefined,
  maxInstancesPerOffer: 5,
  launchTokens: 100,
  launchTokenRefreshMs: 30_000,
  declineOfferMs: 120_000,
  minReviveOffersMs: 5000,
  taskLaunchTimeoutMs: 300_000,
  taskLaunchConfirmTimeoutMs: 300_000,
  killRetryMs: 30_000,
  gpuScheduling: 'restricted',
  killChunkSize: 100,
  unhealthyKillLimit: 1,
  reconciliationInitialDelayMs: 15_000,
  reconciliationIntervalMs: 600_000,
};

/** The same numbers in the same order for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type SimTask = {readonly info: TaskInfo; readonly agentId: string; state: TaskState; readonly statuses: TaskStatus[]};

/** A master with agents that run what they are told, and objects as kubectl would write them. Time stands still but for `advance`. */
export class Simulation {
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  state: MarathonState;
  readonly random: Random;
  readonly settings: Settings;
  readonly objects = new Map<string, KubeObject & {spec: Record<string, unknown>}>();
  readonly tasks = new Map<string, SimTask>();
  readonly everLaunched = new Set<string>();
  readonly agents = new Map<string, {cpus: number; mem: number; alive: boolean; attributes: Record<string, string>}>();
  readonly events: Effect[] = [];
  readonly marathonEvents: MarathonEvent[] = [];
  /** Versions that were to be kept, in their order. */
  readonly versions: Extract<Effect, {kind: 'keep-version'}>[] = [];
  readonly groups = new Map<string, KubeObject>();
  /** MarathonDeployments, by id. */
  readonly deployments = new Map<string, Pick<KubeObject, 'spec' | 'status'>>();
  readonly problems: string[] = [];
  /** What a launched task does: `run`, `stay` (staging) or `fail`. */
  behaviour: (info: TaskInfo) => 'run' | 'stay' | 'fail' = () => 'run';
  onEffect: (effect: Effect) => void = () => {};
  /** Called after every command. */
  check: () => void = () => {};
  /** The master keeps them until their end was acknowledged. */
  readonly #ended = new Map<string, SimTask>();
  #filters = new Map<string, number>();
  #suppressed = new Set<string>();
  #cordoned: ReadonlySet<string> = new Set();
  #offers = new Map<string, Offer>();
  #offerCount = 0;
  #uids = 0;
  #updates: TaskStatus[] = [];

  constructor(options: {seed?: number; agents?: number; cpus?: number; settings?: Partial<Settings>} = {}) {
    this.random = seededRandom(options.seed ?? 1);
    this.settings = {...SETTINGS, ...options.settings};
    this.state = newState(this.settings);
    for (let i = 0; i < (options.agents ?? 3); i++) this.addAgent(`agent-${i}`, options.cpus ?? 4);
  }

  addAgent(id: string, cpus = 4, attributes: Record<string, string> = {}): void {
    this.agents.set(id, {cpus, mem: 8192, alive: true, attributes});
  }

  /** Subscribes and tells which tasks run, as the shell does at its start and after a lost stream. */
  connect(): void {
    this.#offers.clear();
    const roles = wantedRoles(this.state);
    this.#suppressed = new Set(roles);
    this.#filters.clear();
    this.send({kind: 'subscribed', frameworkId: 'f-0000', homeRegion: undefined, roles, suppressedRoles: roles});
    this.send({kind: 'agents-leaving', agentIds: [...this.#cordoned]});
    this.send({
      kind: 'restored',
      tasks: [...this.#ended.values(), ...this.tasks.values()].map(task => this.#wireTask(task)),
      agents: [...this.agents].map(([agentId]) => agentFacts({agentId, hostname: agentId})),
    });
  }

  /** A new leader: nothing is left but objects and tasks. */
  failover(): void {
    this.state = newState(this.settings);
    for (const object of this.groups.values()) this.send({kind: 'group-seen', object: toGroupObject(object)});
    for (const object of this.objects.values()) this.#seen(object);
    for (const [name, object] of this.deployments) {
      const deployment = toDeployment({apiVersion: '', kind: '', metadata: {name}, ...object});
      if (deployment === undefined) this.problems.push(`MarathonDeployment ${name} can't be read`);
      else this.send({kind: 'deployment-seen', deployment});
    }
    this.connect();
  }

  #wireTask({info, agentId, state, statuses}: SimTask): Task {
    return {
      name: info.name,
      task_id: info.task_id,
      framework_id: {value: 'f-0000'},
      agent_id: {value: agentId},
      state,
      resources: info.resources,
      statuses,
      labels: info.labels,
      discovery: info.discovery,
    };
  }

  send(command: Command): void {
    // A new leader writes nothing before it knows its tasks. To look at many apps each time would take too long.
    const isWatched = this.state.ready && this.state.apps.size < 20;
    const before = isWatched ? statuses(this.state, this.nowMs) : undefined;
    const effects = step(this.state, command, this.nowMs, this.random);
    if (before !== undefined) checkTold(before, statuses(this.state, this.nowMs), effects);
    for (const effect of effects) this.#perform(effect);
    this.check();
  }

  /** `kubectl apply`: creates or replaces the spec. */
  apply(name: string, spec: Record<string, unknown>, annotations: Record<string, string> = {}): void {
    const before = this.objects.get(name);
    const changed = JSON.stringify(before?.spec) !== JSON.stringify(spec);
    const object = {
      apiVersion: 'mesos.dev/v1',
      kind: 'MarathonApp',
      metadata: {
        uid: `uid-${++this.#uids}`,
        creationTimestamp: new Date(this.nowMs + this.#uids).toISOString(),
        finalizers: [],
        ...before?.metadata,
        name,
        generation: (before?.metadata.generation ?? 0) + (changed ? 1 : 0),
        annotations: {...before?.metadata.annotations, ...annotations},
      },
      spec,
      status: before?.status,
    };
    this.objects.set(name, object);
    this.#seen(object);
  }

  /** `kubectl apply` of a MarathonGroup. */
  group(name: string, spec: Record<string, unknown>): void {
    const before = this.groups.get(name)?.metadata;
    const metadata = {
      uid: `uid-${++this.#uids}`,
      creationTimestamp: new Date(this.nowMs + this.#uids).toISOString(),
      ...before,
      name,
      generation: (before?.generation ?? 0) + 1,
    };
    const object = {apiVersion: 'mesos.dev/v1', kind: 'MarathonGroup', metadata, spec};
    this.groups.set(name, object);
    this.send({kind: 'group-seen', object: toGroupObject(object)});
  }

  ungroup(name: string): void {
    const uid = this.groups.get(name)?.metadata.uid ?? '';
    this.groups.delete(name);
    this.send({kind: 'group-gone', name, uid});
  }

  delete(name: string): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    const deleted = {...object, metadata: {...object.metadata, deletionTimestamp: new Date(this.nowMs).toISOString()}};
    this.objects.set(name, deleted);
    if ((object.metadata.finalizers ?? []).length === 0) this.#gone(name);
    else this.#seen(deleted);
  }

  /** `kubectl delete --cascade=orphan`: the finalizer comes, and the garbage collector takes it off. */
  orphan(name: string): void {
    const before = this.objects.get(name);
    if (before === undefined) return;
    const finalizers = before.metadata.finalizers ?? [];
    const asked = {...before, metadata: {...before.metadata, deletionTimestamp: new Date(this.nowMs).toISOString()}};
    this.objects.set(name, asked);
    this.#seen({...asked, metadata: {...asked.metadata, finalizers: [...finalizers, 'orphan']}});
    this.#seen(asked);
    this.#seen(this.objects.get(name) ?? asked);
  }

  /** `kubectl annotate NAME KEY-`. */
  removeAnnotation(name: string, key: string): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    const {[key]: _removed, ...annotations} = object.metadata.annotations ?? {};
    const changed = {...object, metadata: {...object.metadata, annotations}};
    this.objects.set(name, changed);
    this.#seen(changed);
  }

  #seen(object: KubeObject): void {
    this.send({kind: 'app-seen', object: toAppObject(object, this.settings.defaults)});
  }

  #gone(name: string): void {
    const uid = this.objects.get(name)?.metadata.uid ?? '';
    this.objects.delete(name);
    this.send({kind: 'app-gone', name, uid});
  }

  /** Lets everything settle: updates delivered, offers made, until nothing moves any more. */
  settle(rounds = 50): void {
    for (let i = 0; i < rounds; i++) {
      const before = this.everLaunched.size + this.tasks.size;
      this.deliver();
      this.offer();
      if (this.#updates.length === 0 && before === this.everLaunched.size + this.tasks.size) return;
    }
  }

  deliver(): void {
    for (let status = this.#updates.shift(); status !== undefined; status = this.#updates.shift()) {
      this.send({kind: 'update', status});
    }
  }

  /** Offers what is free and not filtered. */
  offer(): void {
    for (const role of wantedRoles(this.state)) {
      if (this.#suppressed.has(role)) continue;
      const offers = [...this.agents.keys()].flatMap(agentId => this.#makeOffer(agentId, role) ?? []);
      if (offers.length > 0) this.send({kind: 'offers', offers});
    }
  }

  #makeOffer(agentId: string, role: string): Offer | undefined {
    const agent = this.agents.get(agentId);
    if (agent?.alive !== true || this.#cordoned.has(agentId)) return undefined;
    if ((this.#filters.get(`${role} ${agentId}`) ?? 0) > this.nowMs) return undefined;
    const used = [...this.tasks.values()].filter(task => task.agentId === agentId).map(({info}) => info);
    const sum = (name: string): number =>
      used
        .flatMap(info => info.resources ?? [])
        .reduce((total, r) => total + (r.name === name ? (r.scalar?.value ?? 0) : 0), 0);
    const cpus = Math.round((agent.cpus - sum('cpus')) * 1000) / 1000;
    if (cpus < 0.01) return undefined;
    const allocation_info = {role};
    const offer: Offer = {
      id: {value: `O${++this.#offerCount}`},
      framework_id: {value: 'f-0000'},
      agent_id: {value: agentId},
      hostname: agentId,
      allocation_info,
      resources: [
        {name: 'cpus', type: 'SCALAR', scalar: {value: cpus}, allocation_info},
        {name: 'mem', type: 'SCALAR', scalar: {value: agent.mem - sum('mem')}, allocation_info},
        {name: 'ports', type: 'RANGES', ranges: {range: this.#freePorts(used)}, allocation_info},
      ],
      attributes: Object.entries(agent.attributes).map(([name, value]) => ({name, type: 'TEXT', text: {value}})),
    };
    this.#offers.set(offer.id.value, offer);
    return offer;
  }

  #freePorts(used: readonly TaskInfo[]): {begin: number; end: number}[] {
    const taken = new Set(
      used
        .flatMap(info => info.resources ?? [])
        .flatMap(r => r.ranges?.range ?? [])
        .flatMap(({begin, end}) => Array.from({length: end - begin + 1}, (_, i) => begin + i)),
    );
    return Array.from({length: 100}, (_, i) => 31000 + i)
      .filter(port => !taken.has(port))
      .map(port => ({begin: port, end: port}));
  }

  advance(ms: number): void {
    const end = this.nowMs + ms;
    while (this.nowMs < end) {
      this.nowMs = Math.min(end, this.nowMs + 1000);
      this.send({kind: 'tick'});
      this.deliver();
      this.offer();
    }
  }

  /** The agent says what became of a task. */
  report(taskId: string, state: TaskState, more: Partial<TaskStatus> = {}): void {
    const task = this.tasks.get(taskId);
    if (task === undefined) return;
    task.state = state;
    const status: TaskStatus = {
      task_id: {value: taskId},
      agent_id: {value: task.agentId},
      state,
      timestamp: this.nowMs / 1000,
      uuid: 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...more,
    };
    task.statuses.push(status);
    if (TERMINAL.has(state)) {
      this.tasks.delete(taskId);
      this.#ended.set(taskId, task);
    }
    this.#updates.push(status);
  }

  /** From now on exactly these agents get no offers; their tasks go on. */
  cordon(...agentIds: readonly string[]): void {
    this.#cordoned = new Set(agentIds);
    this.send({kind: 'agents-leaving', agentIds});
  }

  loseAgent(agentId: string): void {
    const agent = this.agents.get(agentId);
    if (agent === undefined) return;
    agent.alive = false;
    for (const [taskId, task] of this.tasks) {
      if (task.agentId === agentId) this.report(taskId, 'TASK_UNREACHABLE', {uuid: undefined});
    }
    this.send({kind: 'agent-removed', agentId});
  }

  returnAgent(agentId: string): void {
    const agent = this.agents.get(agentId);
    if (agent === undefined || agent.alive) return;
    agent.alive = true;
    for (const [taskId, task] of this.tasks) {
      if (task.agentId === agentId) this.report(taskId, 'TASK_RUNNING', {uuid: undefined});
    }
  }

  app(name: string): App {
    const app = this.state.apps.get(name);
    if (app === undefined) throw new Error(`no app ${name}`);
    return app;
  }

  instances(name: string) {
    return [...(this.state.apps.get(name)?.instances.values() ?? [])];
  }

  running(name: string): string[] {
    return this.instances(name).flatMap(({condition, task}) =>
      condition === 'Running' && task !== undefined ? [task.taskId] : [],
    );
  }

  #perform(effect: Effect): void {
    this.onEffect(effect);
    switch (effect.kind) {
      case 'accept':
        this.#filter(this.#offers.get(effect.offerId), effect.refuseSeconds);
        for (const info of effect.launches) this.#launch(info);
        return;
      case 'decline':
        for (const id of effect.offerIds) this.#filter(this.#offers.get(id), effect.refuseSeconds);
        return;
      case 'revive':
        for (const role of effect.roles) this.#suppressed.delete(role);
        this.#filters.clear();
        return;
      case 'suppress':
        for (const role of effect.roles) this.#suppressed.add(role);
        return;
      case 'update-framework':
        this.#suppressed = new Set(effect.suppressedRoles);
        return;
      case 'kill':
        return this.#kill(effect.taskId);
      case 'acknowledge':
        return void this.#ended.delete(effect.taskId);
      case 'reconcile':
        return;
      case 'group-changed':
        return this.#writeGroup(effect.id);
      case 'app-changed':
        return this.#writeStatus(effect.name);
      case 'deployment-changed':
        return this.#writeDeployment(effect.id);
      case 'keep-version':
        this.versions.push(effect);
        return;
      case 'marathon-event':
        this.marathonEvents.push(effect.event);
        return;
      case 'keep-app':
        return this.#keep(effect.name);
      case 'claim-app':
        return this.#finalizers(effect.name, ['mesos.dev/marathon']);
      case 'release-app':
        this.#finalizers(effect.name, []);
        if (this.objects.get(effect.name)?.metadata.deletionTimestamp !== undefined) this.#gone(effect.name);
        return;
      case 'kube-event':
        this.events.push(effect);
        return;
      default:
        return effect satisfies never;
    }
  }

  #keep(name: string): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    const annotations = {...object.metadata.annotations, 'marathon.mesos.dev/deletion-refused': 'now'};
    this.objects.set(name, {...object, metadata: {...object.metadata, annotations}});
  }

  #filter(offer: Offer | undefined, refuseSeconds: number): void {
    if (offer === undefined) return void this.problems.push('answered an offer that was not made');
    this.#offers.delete(offer.id.value);
    const key = `${offer.allocation_info?.role} ${offer.agent_id.value}`;
    if (refuseSeconds > 0) this.#filters.set(key, this.nowMs + refuseSeconds * 1000);
  }

  #launch(info: TaskInfo): void {
    const taskId = info.task_id.value;
    if (this.everLaunched.has(taskId)) this.problems.push(`${taskId} launched twice`);
    this.everLaunched.add(taskId);
    this.tasks.set(taskId, {info, agentId: info.agent_id.value, state: 'TASK_STAGING', statuses: []});
    const what = this.behaviour(info);
    if (what === 'run') this.report(taskId, 'TASK_RUNNING');
    if (what === 'fail') this.report(taskId, 'TASK_FAILED', {message: 'exit code 1'});
  }

  #kill(taskId: string): void {
    const task = this.tasks.get(taskId);
    if (task !== undefined && this.agents.get(task.agentId)?.alive !== true) return;
    if (task !== undefined) this.report(taskId, 'TASK_KILLED');
    else this.#updates.push({task_id: {value: taskId}, state: 'TASK_UNKNOWN'});
  }

  #writeStatus(name: string): void {
    const object = this.objects.get(name);
    const app = this.state.apps.get(name);
    if (object === undefined || app === undefined) return;
    this.objects.set(name, {...object, status: JSON.parse(JSON.stringify(appStatus(app, this.nowMs)))});
  }

  #writeGroup(id: AppId): void {
    const group = groupOf(this.state, id);
    const object = group && this.groups.get(group.object.name);
    if (group === undefined || object === undefined) return;
    const conditions = setCondition(
      [],
      groupCondition(this.state, group, this.nowMs),
      new Date(this.nowMs).toISOString(),
    );
    this.groups.set(group.object.name, {...object, status: {...groupStatus(this.state, group), conditions}});
  }

  #writeDeployment(id: string): void {
    const deployment = this.state.deployments.get(id);
    if (deployment === undefined) return void this.deployments.delete(id);
    const object = {spec: deploymentSpec(deployment), status: deploymentStatus(deployment)};
    this.deployments.set(id, JSON.parse(JSON.stringify(object)));
  }

  #finalizers(name: string, finalizers: string[]): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    const changed = {...object, metadata: {...object.metadata, finalizers}};
    this.objects.set(name, changed);
    const app = this.state.apps.get(name);
    if (app !== undefined) app.object = toAppObject(changed, this.settings.defaults);
  }
}

type Statuses = ReadonlyMap<string, string>;

/** What the objects of apps and deployments say of them. */
function statuses({apps, deployments}: MarathonState, nowMs: number): Statuses {
  const said = new Map<string, string>();
  for (const [name, app] of apps)
    said.set(`app ${name}`, JSON.stringify([appStatus(app, nowMs), appConditions(app, nowMs)]));
  for (const [id, deployment] of deployments)
    said.set(`deployment ${id}`, JSON.stringify([deploymentSpec(deployment), deploymentStatus(deployment)]));
  return said;
}

function subjectOf(effect: Effect): readonly string[] {
  if (effect.kind === 'app-changed') return [`app ${effect.name}`];
  return effect.kind === 'deployment-changed' ? [`deployment ${effect.id}`] : [];
}

/** Whoever writes a status is told when it says something else now. */
function checkTold(before: Statuses, after: Statuses, effects: readonly Effect[]): void {
  const told = new Set(effects.flatMap(subjectOf));
  for (const [subject, says] of after) {
    const former = before.get(subject);
    if (former !== says && !told.has(subject))
      throw new Error(`nobody is told that ${subject} changed: ${former} -> ${says}`);
  }
}

const TERMINAL: ReadonlySet<TaskState> = new Set([
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_FINISHED',
  'TASK_ERROR',
  'TASK_GONE',
]);
