import {
  byReservation,
  legacyAttributes,
  legacyQuantities,
  legacyResources,
  reservedRole,
  seconds,
} from './legacy-values.ts';
import type {OperatorResponse, Task} from './v1/operator.ts';
import type {Resource} from './v1/resources.ts';

// The master's pages from before the v1 API (`/state` and friends), made from messages of the operator API.
// JSON leaves out what is undefined: that is how keys that are not set stay away.

export type AgentMessage = NonNullable<NonNullable<OperatorResponse['get_agents']>['agents']>[number];
export type FrameworkMessage = NonNullable<NonNullable<OperatorResponse['get_frameworks']>['frameworks']>[number];

/** The tasks of one framework. */
export type FrameworkTasks = {
  readonly tasks: readonly Task[];
  readonly unreachable: readonly Task[];
  readonly completed: readonly Task[];
};

const names = (capabilities: readonly {readonly type?: string}[] | undefined): string[] =>
  (capabilities ?? []).flatMap(({type}) => (type === undefined ? [] : [type]));

/** An agent in `/state`, `/slaves` and `/state-summary`. */
export function legacyAgent(agent: AgentMessage): Record<string, unknown> {
  const {agent_info: info} = agent;
  const total = agent.total_resources ?? [];
  const reserved = [...byReservation(total)].map(([role, list]) => [role, legacyResources(list)]);
  return {
    id: info.id?.value ?? '',
    hostname: info.hostname,
    port: info.port ?? 5051,
    attributes: legacyAttributes(info.attributes ?? []),
    domain: info.domain,
    pid: agent.pid,
    registered_time: seconds(agent.registered_time),
    reregistered_time: seconds(agent.reregistered_time),
    resources: legacyResources(total),
    used_resources: legacyResources(agent.allocated_resources ?? []),
    offered_resources: legacyResources(agent.offered_resources ?? []),
    reserved_resources: Object.fromEntries(reserved),
    unreserved_resources: legacyResources(total.filter(resource => reservedRole(resource) === undefined)),
    active: agent.active,
    deactivated: agent.deactivated ?? false,
    version: agent.version,
    capabilities: names(agent.capabilities),
    drain_info: agent.drain_info,
    estimated_drain_start_time_seconds: seconds(agent.estimated_drain_start_time),
  };
}

/** An agent in `/slaves`, where resources are shown whole as well. */
export function legacyAgentInFull(agent: AgentMessage): Record<string, unknown> {
  const total = agent.total_resources ?? [];
  return {
    ...legacyAgent(agent),
    reserved_resources_full: Object.fromEntries(byReservation(total)),
    unreserved_resources_full: total.filter(resource => reservedRole(resource) === undefined),
    used_resources_full: agent.allocated_resources ?? [],
    offered_resources_full: agent.offered_resources ?? [],
  };
}

/** A task, wherever it is shown. */
export function legacyTask(task: Task): Record<string, unknown> {
  return {
    id: task.task_id.value,
    name: task.name,
    framework_id: task.framework_id.value,
    executor_id: task.executor_id?.value ?? '',
    slave_id: task.agent_id.value,
    state: task.state,
    resources: legacyResources(task.resources ?? []),
    role: roleOf(task.resources ?? []),
    statuses: (task.statuses ?? []).map(({state, timestamp, labels, container_status, healthy}) => ({
      state,
      timestamp,
      labels: labels?.labels,
      container_status,
      healthy,
    })),
    limits: task.limits,
    user: task.user,
    labels: task.labels?.labels,
    discovery: task.discovery,
    container: task.container,
    health_check: task.health_check,
  };
}

const roleOf = (resources: readonly Resource[]): string => resources[0]?.allocation_info?.role ?? '*';

/** What `/state-summary` and `/state` both say of a framework. */
function frameworkHead(framework: FrameworkMessage): Record<string, unknown> {
  const {framework_info: info} = framework;
  return {
    id: info.id?.value ?? '',
    name: info.name,
    used_resources: legacyResources(framework.allocated_resources ?? []),
    offered_resources: legacyResources(framework.offered_resources ?? []),
    capabilities: names(info.capabilities),
    hostname: info.hostname ?? '',
    webui_url: info.webui_url ?? '',
    active: framework.active,
    connected: framework.connected,
    recovered: framework.recovered,
  };
}

/** Here a framework that subscribed once has not returned; in the v1 API both times are always there. */
function returnedTime({registered_time, reregistered_time}: FrameworkMessage): number | undefined {
  return registered_time?.nanoseconds === reregistered_time?.nanoseconds ? undefined : seconds(reregistered_time);
}

/** A framework in `/state` and `/frameworks`. */
export function legacyFramework(framework: FrameworkMessage, tasks: FrameworkTasks): Record<string, unknown> {
  const {framework_info: info} = framework;
  const multiRole = names(info.capabilities).includes('MULTI_ROLE');
  return {
    ...frameworkHead(framework),
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: seconds(framework.registered_time) ?? 0,
    unregistered_time: seconds(framework.unregistered_time) ?? 0,
    reregistered_time: returnedTime(framework),
    principal: info.principal,
    resources: legacyResources([...(framework.allocated_resources ?? []), ...(framework.offered_resources ?? [])]),
    ...(multiRole ? {roles: info.roles ?? []} : {role: info.role ?? '*'}),
    tasks: tasks.tasks.map(legacyTask),
    unreachable_tasks: tasks.unreachable.map(legacyTask),
    completed_tasks: tasks.completed.map(legacyTask),
    offers: (framework.offers ?? []).map(offer => ({
      id: offer.id.value,
      framework_id: offer.framework_id.value,
      allocation_info: offer.allocation_info,
      slave_id: offer.agent_id.value,
      resources: legacyResources(offer.resources ?? []),
    })),
    executors: [],
    labels: info.labels?.labels,
    offer_constraints: framework.offer_constraints ?? {},
  };
}

const COUNTED = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_UNREACHABLE',
] as const;

function counts(tasks: readonly Task[]): Record<string, number> {
  const result: Record<string, number> = Object.fromEntries(COUNTED.map(state => [state, 0]));
  for (const {state} of tasks) if (state in result) result[state] = (result[state] ?? 0) + 1;
  return result;
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

export type SummaryInput = {
  readonly hostname: string;
  readonly cluster?: string;
  readonly agents: readonly AgentMessage[];
  readonly frameworks: readonly FrameworkMessage[];
  /** Of all frameworks: live, unreachable and completed ones. */
  readonly tasks: readonly Task[];
};

/** `/state-summary`: what Mesos-DNS and DC/OS read. */
export function legacySummary({hostname, cluster, agents, frameworks, tasks}: SummaryInput): Record<string, unknown> {
  const byAgent = Map.groupBy(tasks, task => task.agent_id.value);
  const byFramework = Map.groupBy(tasks, task => task.framework_id.value);
  return {
    hostname,
    cluster,
    slaves: agents.map(agent => {
      const own = byAgent.get(agent.agent_info.id?.value ?? '') ?? [];
      const framework_ids = unique(own.map(task => task.framework_id.value));
      return {...legacyAgent(agent), ...counts(own), framework_ids};
    }),
    frameworks: frameworks.map(framework => {
      const own = byFramework.get(framework.framework_info.id?.value ?? '') ?? [];
      const slave_ids = unique(own.map(task => task.agent_id.value));
      return {...frameworkHead(framework), ...counts(own), slave_ids};
    }),
  };
}

/** How `/tasks` is cut and sorted; defaults as in Mesos. */
export type TaskQuery = {
  readonly limit: number;
  readonly offset: number;
  readonly ascending: boolean;
  readonly frameworkId?: string;
  readonly taskId?: string;
};

/** `/tasks`, by the time of a task's first status. */
export function legacyTasks(tasks: readonly Task[], query: TaskQuery): Record<string, unknown> {
  const {limit, offset, ascending, frameworkId, taskId} = query;
  const startedAt = (task: Task): number => task.statuses?.[0]?.timestamp ?? 0;
  const chosen = tasks
    .filter(task => frameworkId === undefined || task.framework_id.value === frameworkId)
    .filter(task => taskId === undefined || task.task_id.value === taskId)
    .sort((a, b) => (ascending ? startedAt(a) - startedAt(b) : startedAt(b) - startedAt(a)));
  return {tasks: chosen.slice(offset, offset + limit).map(legacyTask)};
}

export type RoleInput = {
  readonly name: string;
  readonly weight: number;
  readonly frameworks: readonly string[];
  readonly allocated: readonly Resource[];
  readonly offered: readonly Resource[];
  readonly reserved: readonly Resource[];
  readonly quota: {readonly guarantee: Amounts; readonly limit: Amounts; readonly consumed: Amounts};
};

type Amounts = Readonly<Record<string, number>>;

/** `/roles`: quantities, where other pages have values. */
export const legacyRoles = (roles: readonly RoleInput[]): Record<string, unknown> => ({
  roles: roles.map(({name, weight, frameworks, allocated, offered, reserved, quota}) => ({
    name,
    weight,
    quota: {role: name, ...quota},
    resources: legacyQuantities([...allocated, ...offered]),
    allocated: legacyQuantities(allocated),
    offered: legacyQuantities(offered),
    reserved: legacyQuantities(reserved),
    frameworks,
  })),
});
