import {Resources} from '../../../allocator/resources.ts';
import {inBothForms} from '../../../api/mesos/both-forms.ts';
import type {OperatorResponse, Task as WireTask} from '../../../api/mesos/v1/operator.ts';
import type {Resource} from '../../../api/mesos/v1/resources.ts';
import {drainStateOf} from '../core/agents/drain.ts';
import {isDeactivated} from '../core/agents/activation.ts';
import {windowOf} from '../core/maintenance/machines.ts';
import {hasCapability, isPartitionAware} from '../core/frameworks/names.ts';
import {totalOf} from '../core/operations/checkpoint.ts';
import {resourcesToWire} from '../core/resource-conversion.ts';
import type {ReadonlyAgent, ReadonlyFramework, ReadonlyMaster, Offer} from '../core/state.ts';
import {shownState} from '../core/tasks/statuses.ts';
import {isOver, type ReadonlyLaunch, type ReadonlyTask, stateOf, takesRoom} from '../core/tasks/task.ts';

// What the master knows, in the shapes of the operator API. Reads the owner's state, changes nothing.

type Body<Name extends keyof OperatorResponse> = NonNullable<OperatorResponse[Name]>;
type GetTasks = Body<'get_tasks'>;
type GetAgents = Body<'get_agents'>;
type GetFrameworks = Body<'get_frameworks'>;
type AgentMessage = NonNullable<GetAgents['agents']>[number];
type FrameworkMessage = NonNullable<GetFrameworks['frameworks']>[number];

const nanoseconds = (ms: number) => ({nanoseconds: ms * 1e6});

/** A task with its history, resources as they were launched. */
export function taskMessage(framework: ReadonlyFramework, task: ReadonlyTask): WireTask {
  const {info} = task;
  const state = shownState(framework, task);
  const reported = task.updates[0]?.state ?? state;
  const user = info.command?.user ?? info.executor?.command?.user;
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: {value: framework.id},
    agent_id: {value: task.launch.agentId},
    state,
    resources: info.resources,
    statuses: task.statuses,
    status_update_state: reported,
    ...(info.executor !== undefined && {executor_id: info.executor.executor_id}),
    ...(task.inFlight !== undefined && {status_update_uuid: task.updates[0]?.uuid}),
    ...(info.labels !== undefined && {labels: info.labels}),
    ...(info.discovery !== undefined && {discovery: info.discovery}),
    ...(info.container !== undefined && {container: info.container}),
    ...(user !== undefined && {user}),
    ...(info.health_check !== undefined && {health_check: info.health_check}),
    ...(info.kill_policy !== undefined && {kill_policy: info.kill_policy}),
    ...(info.limits !== undefined && {limits: info.limits}),
  };
}

/** GET_TASKS: live ones by framework, those on silent agents, and what is remembered of the ended. */
export function tasksMessage(master: ReadonlyMaster): GetTasks {
  const frameworks = [...master.frameworks.values()];
  const ended = [...frameworks, ...master.completedFrameworks];
  return {
    tasks: frameworks.flatMap(framework => [...framework.tasks.values()].map(task => taskMessage(framework, task))),
    unreachable_tasks: frameworks.flatMap(framework =>
      [...framework.unreachableTasks.values()].map(task => taskMessage(framework, task)),
    ),
    completed_tasks: ended.flatMap(framework => framework.completedTasks.map(task => taskMessage(framework, task))),
  };
}

/** What launches take, by role. */
function used(launches: Iterable<ReadonlyLaunch>): Map<string, Resources> {
  const byRole = new Map<string, Resources>();
  for (const launch of launches) {
    if (!takesRoom(launch)) continue;
    byRole.set(launch.role, (byRole.get(launch.role) ?? Resources.EMPTY).add(launch.resources));
  }
  return byRole;
}

function offered(offers: Iterable<Offer>): Map<string, Resources> {
  const byRole = new Map<string, Resources>();
  for (const {role, resources} of offers) byRole.set(role, (byRole.get(role) ?? Resources.EMPTY).add(resources));
  return byRole;
}

const toWire = (byRole: ReadonlyMap<string, Resources>): Resource[] =>
  [...byRole].flatMap(([role, resources]) => resourcesToWire(resources, role, true).map(inBothForms));

/** Sum over roles. */
export const sum = (byRole: ReadonlyMap<string, Resources>): Resources =>
  [...byRole.values()].reduce((total, resources) => total.add(resources), Resources.EMPTY);

export const usedOnAgent = (agent: ReadonlyAgent): Map<string, Resources> => used(agent.launches.values());
export const offeredOnAgent = (agent: ReadonlyAgent): Map<string, Resources> => offered(agent.offers.values());
/** On registered agents: an agent that an earlier leader knew says first what runs there. */
export function usedByFramework(master: ReadonlyMaster, {tasks}: ReadonlyFramework): Map<string, Resources> {
  const launches = new Set(Array.from(tasks.values(), ({launch}) => launch));
  return used([...launches].filter(({agentId}) => master.agents.has(agentId)));
}
export const offeredToFramework = ({offers}: ReadonlyFramework): Map<string, Resources> => offered(offers.values());

export function agentMessage(master: ReadonlyMaster, agent: ReadonlyAgent): AgentMessage {
  const {record} = agent;
  return {
    agent_info: agentInfo(agent),
    active: agent.active,
    version: record.version,
    pid: `slave(1)@${record.hostname}:${record.port}`,
    registered_time: nanoseconds(agent.registeredMs),
    ...(agent.reregisteredMs !== undefined && {reregistered_time: nanoseconds(agent.reregisteredMs)}),
    total_resources: resourcesToWire(totalOf(master, record), undefined, true).map(inBothForms),
    allocated_resources: toWire(usedOnAgent(agent)),
    offered_resources: toWire(offeredOnAgent(agent)),
    capabilities: AGENT_CAPABILITIES,
    // One that is full for the moment is not to be emptied.
    deactivated: isDeactivated(agent),
    ...drainMessage(master, agent),
  };
}

function drainMessage(
  master: ReadonlyMaster,
  agent: ReadonlyAgent,
): Pick<AgentMessage, 'drain_info' | 'estimated_drain_start_time'> {
  const {drain} = agent.record;
  const state = drainStateOf(master, agent);
  if (drain === undefined || state === undefined) return {};
  const {maxGraceSeconds, markGone, requestedMs} = drain;
  const config = {
    ...(maxGraceSeconds !== undefined && {max_grace_period: nanoseconds(maxGraceSeconds * 1000)}),
    mark_gone: markGone,
  };
  return {
    drain_info: {state, config},
    ...(requestedMs !== undefined && {estimated_drain_start_time: nanoseconds(requestedMs)}),
  };
}

/** GET_OPERATIONS: those of which their frameworks have not acknowledged the outcome. */
export const operationsMessage = (master: ReadonlyMaster): Body<'get_operations'> => ({
  operations: [...master.operations.values()].map(({frameworkId, agentId, info, uuid, operationId, state}) => {
    const status = {operation_id: {value: operationId}, state, uuid: {value: uuid}, agent_id: {value: agentId}};
    return {
      framework_id: {value: frameworkId},
      agent_id: {value: agentId},
      info,
      latest_status: status,
      statuses: [status],
      uuid: {value: uuid},
    };
  }),
});

/** What every agent of ours can; in Mesos's words. */
const AGENT_CAPABILITIES: AgentMessage['capabilities'] = (
  [
    'MULTI_ROLE',
    'HIERARCHICAL_ROLE',
    'RESERVATION_REFINEMENT',
    'RESIZE_VOLUME',
    'AGENT_OPERATION_FEEDBACK',
    'AGENT_DRAINING',
    'TASK_RESOURCE_LIMITS',
  ] as const
).map(type => ({type}));

const agentInfo = ({record}: ReadonlyAgent): AgentMessage['agent_info'] => ({
  id: {value: record.id},
  hostname: record.hostname,
  port: record.port,
  resources: resourcesToWire(record.total, undefined, true),
  attributes: record.attributes,
  ...(record.domain !== undefined && {domain: record.domain}),
});

/** How many agents get offers. */
export const activeAgents = ({agents}: ReadonlyMaster): number =>
  [...agents.values()].reduce((count, {active}) => (active ? count + 1 : count), 0);

/** GET_AGENTS. */
export const agentsMessage = (master: ReadonlyMaster): GetAgents => ({
  agents: [...master.agents.values()].map(agent => agentMessage(master, agent)),
  recovered_agents: [...master.recoveredAgents.values()].map(agentInfo),
});

export function frameworkMessage(master: ReadonlyMaster, framework: ReadonlyFramework): FrameworkMessage {
  const connected = framework.streamId !== undefined;
  const refined = hasCapability(framework.info, 'RESERVATION_REFINEMENT');
  return {
    framework_info: framework.info,
    active: connected,
    connected,
    recovered: framework.recovered,
    registered_time: nanoseconds(framework.registeredMs),
    reregistered_time: nanoseconds(framework.reregisteredMs ?? framework.registeredMs),
    ...(framework.unregisteredMs !== undefined && {unregistered_time: nanoseconds(framework.unregisteredMs)}),
    offers: [...framework.offers.values()].map(offer => ({
      id: {value: offer.id},
      framework_id: {value: offer.frameworkId},
      agent_id: {value: offer.agentId},
      hostname: '',
      allocation_info: {role: offer.role},
      resources: resourcesToWire(offer.resources, offer.role, refined),
    })),
    inverse_offers: inverseOffersTo(master, framework),
    allocated_resources: toWire(usedByFramework(master, framework)),
    offered_resources: toWire(offeredToFramework(framework)),
    offer_constraints: framework.offerConstraints ?? {},
  };
}

/** Not answered yet. */
const inverseOffersTo = (
  master: ReadonlyMaster,
  {id: frameworkId}: ReadonlyFramework,
): FrameworkMessage['inverse_offers'] =>
  [...master.inverseOffers.values()].flatMap(offer => {
    const agent = master.agents.get(offer.agentId);
    const window = agent === undefined ? undefined : windowOf(master, agent.record);
    if (offer.frameworkId !== frameworkId || window === undefined) return [];
    const {id, agentId} = offer;
    const {unavailability} = window;
    return [{id: {value: id}, framework_id: {value: frameworkId}, agent_id: {value: agentId}, unavailability}];
  });

/** GET_FRAMEWORKS. One whose first subscription is still being saved is not a framework yet. */
export const frameworksMessage = (master: ReadonlyMaster): GetFrameworks => ({
  frameworks: registered(master).map(framework => frameworkMessage(master, framework)),
  completed_frameworks: master.completedFrameworks.map(framework => frameworkMessage(master, framework)),
});

/** GET_STATE, and what a new subscriber is told. */
export const stateMessage = (master: ReadonlyMaster): Body<'get_state'> => ({
  get_tasks: tasksMessage(master),
  get_executors: {},
  get_frameworks: frameworksMessage(master),
  get_agents: agentsMessage(master),
});

/** Frameworks that have been saved. */
export const registered = (master: ReadonlyMaster): ReadonlyFramework[] =>
  [...master.frameworks.values()].filter(framework => framework.uid !== undefined);

/** Live tasks by state, for gauges. */
export function countTasks(master: ReadonlyMaster): Map<string, number> {
  const counts = new Map<string, number>();
  for (const framework of master.frameworks.values()) {
    for (const task of framework.tasks.values()) {
      if (!isOver(task)) counts.set(stateOf(task), (counts.get(stateOf(task)) ?? 0) + 1);
    }
    const away = isPartitionAware(framework.info) ? framework.unreachableTasks.size : 0;
    counts.set('TASK_UNREACHABLE', (counts.get('TASK_UNREACHABLE') ?? 0) + away);
  }
  return counts;
}
