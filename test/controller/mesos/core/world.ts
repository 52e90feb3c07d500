import {OPEN} from '../pods/fixtures.ts';
import {HierarchicalAllocator} from '../../../../src/allocator/hierarchical-allocator.ts';
import {toAgentId, toFrameworkId} from '../../../../src/allocator/ids.ts';
import {Resources} from '../../../../src/allocator/resources.ts';
import {parseResources} from '../../../../src/allocator/text-form.ts';
import type {FrameworkInfo, Offer, TaskInfo, TaskStatus} from '../../../../src/api/mesos/v1/common.ts';
import type {FrameworkCall, Operation, SchedulerEvent, Subscribe} from '../../../../src/api/mesos/v1/scheduler.ts';
import type {AgentLossReason, AgentRecord} from '../../../../src/controller/mesos/core/agents/agent-record.ts';
import type {Command} from '../../../../src/controller/mesos/core/commands.ts';
import type {LaunchKey, ObservedStatus, PodOrder} from '../../../../src/controller/mesos/core/tasks/task-record.ts';
import type {RoleSetting} from '../../../../src/controller/mesos/core/roles/role-types.ts';
import {ok} from '../../../../src/lib/result.ts';
import type {Effect} from '../../../../src/controller/mesos/core/effects.ts';
import {toStreamId, toTaskId, type TaskId} from '../../../../src/controller/mesos/core/ids.ts';
import {newMaster} from '../../../../src/controller/mesos/core/new-master.ts';
import {resourcesFromWire} from '../../../../src/controller/mesos/core/resource-conversion.ts';
import {deactivationOf} from '../../../../src/controller/mesos/core/agents/activation.ts';
import {drainStateOf} from '../../../../src/controller/mesos/core/agents/drain.ts';
import {seenAgent} from '../../../../src/controller/mesos/core/agents/presence.ts';
import {liveTasks} from '../../../../src/controller/mesos/core/tasks/launches.ts';
import type {Agent, Master, MasterOptions} from '../../../../src/controller/mesos/core/state.ts';
import {type Launch, takesRoom, type Task} from '../../../../src/controller/mesos/core/tasks/task.ts';
import {step} from '../../../../src/controller/mesos/core/step.ts';

export const OPTIONS: MasterOptions = {
  masterId: 'M',
  masterInfo: {id: 'M', ip: 16777343, port: 5050},
  heartbeatIntervalSeconds: 15,
  allocationIntervalMs: 1000,
  rootSubmissions: true,
  maxCompletedFrameworks: 50,
  maxCompletedTasksPerFramework: 1000,
  maxUnreachableTasksPerFramework: 1000,
  launchTimeoutMs: 300_000,
  // No agent falls silent unless the test says so.
  agentSilenceMs: 1e12,
  patternLimits: {programSize: 100, length: 4096},
  taskPolicy: OPEN,
  recoveryFactor: 0.8,
  recoveryTimeoutMs: 600_000,
};

export const resources = (text: string): Resources => {
  const parsed = parseResources(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

/** The resources of a wire message, for comparing. */
export const fromWire = (list: TaskInfo['resources'] = []): Resources => {
  const converted = resourcesFromWire(list);
  if (!converted.ok) throw new Error(converted.error);
  return converted.value;
};

export const agentRecord = (number: number, total = 'cpus:4;mem:1024;ports:[31000-31009]'): AgentRecord => ({
  id: toAgentId(`S${number}`),
  name: `agent-${number}`,
  nodeName: `node-${number}`,
  hostname: `host-${number}`,
  port: 5051,
  total: resources(total),
  attributes: [],
  version: '1',
});

export const cpusAndMem = (cpus: number, mem: number): NonNullable<TaskInfo['resources']> => [
  {name: 'cpus', type: 'SCALAR', scalar: {value: cpus}},
  {name: 'mem', type: 'SCALAR', scalar: {value: mem}},
];

export const task = (id: string, agentId: string, rest: Partial<TaskInfo> = {}): TaskInfo => ({
  name: id,
  task_id: {value: id},
  agent_id: {value: agentId},
  resources: cpusAndMem(1, 100),
  command: {value: 'sleep 1'},
  ...rest,
});

export const launchOf = (...tasks: readonly TaskInfo[]): Operation => ({type: 'LAUNCH', launch: {task_infos: tasks}});

/** A task whose pod was asked for, and the pod of it. */
export type Launched = PodOrder & {
  readonly taskId: TaskId;
  readonly info: TaskInfo;
  readonly taskIds: readonly TaskId[];
};

/** One pod for all of them. */
export const groupOf = (...tasks: readonly TaskInfo[]): Operation => ({
  type: 'LAUNCH_GROUP',
  launch_group: {
    executor: {
      executor_id: {value: `executor of ${tasks[0]?.task_id.value}`},
      type: 'DEFAULT',
      resources: [...cpusAndMem(0.1, 32), {name: 'disk', type: 'SCALAR', scalar: {value: 1}}],
    },
    task_group: {tasks},
  },
});

type KilledPod = {readonly launch: Launched; graceSeconds: number | undefined};

const launchedBy = (order: PodOrder): readonly Launched[] =>
  order.tasks.map(info => ({
    ...order,
    info,
    taskId: toTaskId(info.task_id.value),
    taskIds: order.tasks.map(({task_id}) => toTaskId(task_id.value)),
  }));

/** A master with a world around it that does at once whatever the master asks for, but runs pods only when told. */
export class World {
  readonly master: Master;
  nowMs = 1_000_000;
  readonly events = new Map<string, SchedulerEvent[]>();
  readonly closed = new Map<string, string>();
  /** Pods whose object exists with our finalizer, by launch id; with the first of their tasks. */
  readonly pods = new Map<string, KilledPod>();
  readonly launched: Launched[] = [];
  readonly deletedFrameworks: string[] = [];
  readonly effects: Effect[] = [];
  /** Held back saves, when `holdSaves` is set. */
  holdSaves = false;
  readonly saves: (Effect & {kind: 'save-framework'})[] = [];
  #uuids = 0;
  #streams = 0;
  #renewals = 0;

  constructor(options: Partial<MasterOptions> = {}, random: () => number = () => 0, unitsPerSlice = 1000) {
    const allocator = new HierarchicalAllocator({
      allocationIntervalMs: 1000,
      minAllocatable: [new Map([['cpus', 0.01]]), new Map([['mem', 32]])],
      random,
      unitsPerSlice,
    });
    const {masterId = 'M'} = options;
    const newUuid = () => btoa(`${masterId}${String(this.#uuids++).padStart(16 - masterId.length, '0')}`);
    this.master = newMaster({...OPTIONS, ...options}, allocator, newUuid);
  }

  do(command: Command): void {
    const before = statuses(this.master);
    const effects = step(this.master, command, this.nowMs);
    checkTold(before, statuses(this.master), effects);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    this.effects.push(effect);
    switch (effect.kind) {
      case 'send':
        this.events.set(effect.streamId, [...(this.events.get(effect.streamId) ?? []), effect.event]);
        return;
      case 'close-stream':
        this.closed.set(effect.streamId, effect.reason);
        return;
      case 'save-framework':
        if (this.holdSaves) this.saves.push(effect);
        else this.saved(effect);
        return;
      case 'save-reservations':
        if (this.holdReservations) this.reservationSaves.push(effect);
        else this.savedReservations(effect);
        return;
      case 'answer':
        this.answers.set(effect.requestId, effect.refusal ?? 'done');
        return;
      case 'delete-framework':
        this.deletedFrameworks.push(effect.frameworkId);
        return;
      case 'create-pod': {
        const launched = launchedBy(effect.order);
        this.launched.push(...launched);
        const [launch] = launched;
        if (launch !== undefined) this.pods.set(launch.launchId, {launch, graceSeconds: undefined});
        return;
      }
      case 'kill-pod': {
        const pod = this.pods.get(effect.launch.launchId);
        if (pod !== undefined) pod.graceSeconds = effect.graceSeconds;
        return;
      }
      case 'release-pod':
        if (this.holdReleases) this.releases.push(effect.launch);
        else this.released(effect.launch);
        return;
      default:
    }
  }

  /** Pods are released only when the test says so. */
  holdReleases = false;
  readonly releases: LaunchKey[] = [];

  released(launch: LaunchKey): void {
    this.pods.delete(launch.launchId);
    this.do({kind: 'pod-released', launch});
  }

  /** The agents' objects, as far as reservations go. */
  readonly objects = new Map<string, Effect & {kind: 'save-reservations'}>();
  readonly reservationSaves: (Effect & {kind: 'save-reservations'})[] = [];
  /** Answers to the operator by request. */
  readonly answers = new Map<string, {readonly status: number; readonly message: string} | 'done'>();
  /** Reservations are saved only when the test says so. */
  holdReservations = false;

  savedReservations(effect: Effect & {kind: 'save-reservations'}): void {
    const {agentId, saveId} = effect;
    this.objects.set(agentId, effect);
    this.do({kind: 'reservations-saved', agentId, saveId});
  }

  saved({frameworkId, saveId}: Effect & {kind: 'save-framework'}): void {
    this.do({kind: 'framework-saved', frameworkId, saveId, uid: `uid-${frameworkId}`});
  }

  /** Subscribes and answers the stream's id. */
  subscribe(info: Partial<FrameworkInfo> = {}, rest: Partial<Subscribe> = {}): string {
    const streamId = `stream-${this.#streams++}`;
    const framework_info: FrameworkInfo = {user: 'u', name: 'f', failover_timeout: 60, ...info};
    this.do({
      kind: 'subscribe',
      streamId: toStreamId(streamId),
      call: {type: 'SUBSCRIBE', framework_id: info.id, subscribe: {framework_info, ...rest}},
    });
    return streamId;
  }

  disconnect(streamId: string): void {
    this.do({kind: 'disconnected', streamId: toStreamId(streamId)});
  }

  /** Events of a stream since the last look. */
  take(streamId: string): readonly SchedulerEvent[] {
    const events = this.events.get(streamId) ?? [];
    this.events.set(streamId, []);
    return events;
  }

  takeOffers(streamId: string): readonly Offer[] {
    return this.take(streamId).flatMap(event => (event.type === 'OFFERS' ? (event.offers.offers ?? []) : []));
  }

  takeUpdates(streamId: string): readonly TaskStatus[] {
    return this.take(streamId).flatMap(event => (event.type === 'UPDATE' ? [event.update.status] : []));
  }

  call(call: FrameworkCall): void {
    this.do({kind: 'call', call});
  }

  accept(framework: string, offers: readonly Offer[], operations: readonly Operation[], refuseSeconds?: number): void {
    const filters = refuseSeconds === undefined ? undefined : {refuse_seconds: refuseSeconds};
    this.call({
      type: 'ACCEPT',
      framework_id: {value: framework},
      accept: {offer_ids: offers.map(({id}) => id), operations, filters},
    });
  }

  acknowledge(framework: string, status: TaskStatus): void {
    this.call({
      type: 'ACKNOWLEDGE',
      framework_id: {value: framework},
      acknowledge: {agent_id: status.agent_id ?? {value: ''}, task_id: status.task_id, uuid: status.uuid ?? ''},
    });
  }

  addAgent(record: AgentRecord): void {
    this.#renewals++;
    const renewTime = new Date(this.nowMs + this.#renewals).toISOString();
    this.do({kind: 'lease-seen', name: record.name, lease: {holder: record.name, renewTime}});
    this.seeAgent(record);
  }

  /** The object of an agent that has an id is seen; one that is registered has changed. */
  seeAgent({id: agentId, registeredMs, made, ...description}: AgentRecord): void {
    const before = {
      unregistered: false,
      unreachableSinceMs: undefined,
      ...(registeredMs !== undefined && {registeredMs}),
      ...(made !== undefined && {made}),
    };
    const uid = `uid-${description.name}`;
    const seen = {name: description.name, uid, agentId, gone: false, description: ok(description), before};
    this.do({kind: 'agent-seen', agent: seen});
  }

  /** An agent leaves: `unreachable` has no sign of life for as long as it takes. */
  loseAgent(agentId: string, reason: AgentLossReason): void {
    const [name, seen] = [...this.master.seenAgents].find(([, each]) => each.agentId === agentId) ?? [];
    if (name === undefined || seen === undefined) return;
    if (seen.sighting === undefined) this.seeAgent(agentRecord(Number(agentId.slice(1))));
    switch (reason) {
      case 'unreachable':
        seen.liveness.sinceMs = Number.NEGATIVE_INFINITY;
        return this.do({kind: 'tick'});
      case 'unregistered':
        return this.do({kind: 'lease-seen', name, lease: {holder: '', renewTime: undefined}});
      case 'removed-by-operator':
        return this.do({kind: 'agent-object-gone', name});
      case 'machine-down': {
        const {schedule} = this.master.maintenance;
        const hostname = agentRecord(Number(agentId.slice(1))).hostname;
        return this.do({kind: 'maintenance', maintenance: {schedule, down: [{hostname}]}});
      }
    }
  }

  /** All that MesosRoles ask for. */
  wish(...wishes: readonly (RoleSetting & {readonly force?: boolean})[]): void {
    this.do({kind: 'roles', wishes: wishes.map(wish => ({force: false, generation: 1, ...wish}))});
  }

  allocate(periodic = true): void {
    this.do({kind: 'allocate', periodic});
  }

  /** Time passes, and the clock that the shell would have ticks once at its end. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.do({kind: 'tick'});
  }

  /** The launch of a task id, the last one. */
  launchOf(taskId: string): Launched {
    const launch = this.launched.findLast(candidate => candidate.taskId === taskId);
    if (launch === undefined) throw new Error(`${taskId} was not launched`);
    return launch;
  }

  /** A task's pod is seen in this condition. That it starts before it runs is told and acknowledged without a word. */
  pod(taskId: string, state: ObservedStatus['state'], rest: Partial<ObservedStatus> = {}): void {
    if (state === 'TASK_RUNNING' || state === 'TASK_KILLING') this.#start(this.launchOf(taskId));
    this.seePod(this.launchOf(taskId), {state, source: 'SOURCE_EXECUTOR', ...rest});
  }

  #start(launch: Launched): void {
    const framework = this.master.frameworks.get(launch.frameworkId);
    const task = framework?.tasks.get(launch.taskId);
    if (task?.phase.kind !== 'live' || task.phase.state !== 'TASK_STAGING') return;
    this.seePod(launch, {state: 'TASK_STARTING', source: 'SOURCE_EXECUTOR'});
    const [told] = task.updates;
    if (told === undefined) return;
    this.acknowledge(launch.frameworkId, told);
    for (const [stream, events] of this.events) {
      const rest = events.filter(event => event.type !== 'UPDATE' || event.update.status.uuid !== told.uuid);
      this.events.set(stream, rest);
    }
  }

  /** A pod is seen; all of its tasks are alike. */
  seePod(
    {
      frameworkId,
      launchId,
      taskId,
      pod = {name: taskId},
      taskIds = [taskId],
    }: Omit<LaunchKey, 'pod'> & {
      readonly taskId: TaskId;
      readonly pod?: LaunchKey['pod'];
      readonly taskIds?: readonly TaskId[];
    },
    status: ObservedStatus,
    held = true,
  ): void {
    const seen = taskIds.map(id => ({taskId: id, status}));
    this.do({kind: 'pod-seen', launch: {frameworkId, launchId, pod}, seen, held});
  }

  /** Launches of removed frameworks and lost agents. */
  leftovers(): readonly Launch[] {
    return this.launches().filter(({phase}) => phase.kind === 'leftover');
  }

  /** All that the master knows, of which pods were not released. */
  launches(): readonly Launch[] {
    return [...this.master.launches.values()].filter(known => typeof known === 'object');
  }

  /** Whether the allocator counts what a launch takes. */
  holds(launch: Launch): boolean {
    return takesRoom(launch) && this.master.agents.has(launch.agentId);
  }

  /** What the allocator says is free on an agent. */
  free(number: number): Resources {
    return this.master.allocator.view().agent(toAgentId(`S${number}`))?.free ?? Resources.EMPTY;
  }

  /** The framework's state, which must exist. */
  framework(id: string) {
    const framework = this.master.frameworks.get(toFrameworkId(id));
    if (framework === undefined) throw new Error(`no framework ${id}`);
    return framework;
  }
}

/** One framework, one agent, its offer taken. */
export function oneOffer(options: Partial<MasterOptions> = {}, info: Partial<FrameworkInfo> = {}) {
  const world = new World(options);
  const stream = world.subscribe(info);
  world.addAgent(agentRecord(0));
  world.allocate();
  const offers = world.takeOffers(stream);
  return {world, stream, framework: 'M-0000', offers};
}

/** One framework with a task `t` on agent S0, just launched; the rest of the offer refused for a long time. */
export function oneTask(info: Partial<FrameworkInfo> = {}, rest: Partial<TaskInfo> = {}) {
  const {world, stream, framework, offers} = oneOffer({}, info);
  world.accept(framework, offers, [launchOf(task('t', 'S0', rest))], 1e6);
  world.take(stream);
  return {world, stream, framework};
}

type Statuses = ReadonlyMap<string, {readonly name: string; readonly says: string}>;

/** What the objects of frameworks and agents say of them, by uid. */
function statuses(master: Master): Statuses {
  const said = new Map<string, {name: string; says: string}>();
  const add = (uid: string, name: string, ...says: readonly unknown[]) => said.set(uid, {name, says: says.join()});
  for (const framework of master.frameworks.values()) {
    const {id, streamId, recovered, registeredMs, reregisteredMs, disconnectedMs, failoverDeadlineMs} = framework;
    const times = [registeredMs, reregisteredMs, disconnectedMs, failoverDeadlineMs];
    add(
      id,
      id,
      streamId !== undefined,
      recovered,
      ...times,
      framework.offers.size,
      ...held(master, [...framework.tasks.values()]),
    );
  }
  for (const [name, {sighting}] of master.seenAgents) {
    const {agentId, phase, unreachableSinceMs} = seenAgent(master, name);
    const agent = agentId === undefined ? undefined : master.agents.get(agentId);
    if (sighting !== undefined)
      add(
        `${name} ${sighting.uid}`,
        name,
        agentId,
        phase,
        unreachableSinceMs,
        ...(agent === undefined ? [] : facts(master, agent)),
      );
  }
  return said;
}

const facts = (master: Master, agent: Agent): readonly unknown[] => [
  agent.registeredMs,
  agent.reregisteredMs,
  drainStateOf(master, agent),
  deactivationOf(agent)?.reason,
  agent.offers.size,
  ...held(
    master,
    [...agent.launches.values()].flatMap(({tasks}) => tasks),
  ),
];

/** How many of the tasks are live, and which launches the allocator counts. */
const held = ({agents}: Master, tasks: readonly Task[]): readonly unknown[] => {
  const launches = new Set(tasks.map(({launch}) => launch));
  const counted = [...launches].filter(launch => takesRoom(launch) && agents.has(launch.agentId));
  return [liveTasks(tasks), ...counted.map(({launchId}) => launchId)];
};

/** Whoever writes a status is told when it says something else now. */
function checkTold(before: Statuses, after: Statuses, effects: readonly Effect[]): void {
  const told = new Set(
    effects.flatMap(effect => (effect.kind === 'status-changed' ? [...effect.frameworks, ...effect.agents] : [])),
  );
  for (const [uid, {name, says}] of after) {
    const former = before.get(uid)?.says ?? says;
    if (former !== says && !told.has(name))
      throw new Error(`nobody is told that ${name} changed: ${former} -> ${says}`);
  }
}
