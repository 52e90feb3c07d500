import {legacyAttributes, legacyResources} from '../api/mesos/legacy-values.ts';
import {isTerminal} from '../api/mesos/v1/common.ts';
import type {Attribute, Resource} from '../api/mesos/v1/resources.ts';
import {containerIdOf, executorIdOf, type TaskRun} from './task-runs.ts';
import type {Usage} from './usage.ts';

// What an agent shows of itself and its tasks, in Mesos's words.

export type AgentSnapshot = {
  readonly agentId: string;
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  readonly version: string;
  /** Seconds since the epoch. */
  readonly startTime: number;
  readonly resources: readonly Resource[];
  readonly attributes: readonly Attribute[];
  readonly flags: Readonly<Record<string, string>>;
};

/** A task with the directory of its latest run, where there is one. */
export type PlacedRun = TaskRun & {readonly directory: string | undefined};

/** `/state` */
export function agentState(facts: AgentSnapshot, runs: readonly PlacedRun[]): object {
  const {agentId, hostname, ip, port, version, startTime, resources, attributes, flags} = facts;
  const isLive = ({state}: PlacedRun): boolean => !isTerminal(state);
  const live = runs.filter(isLive);
  const allocated = legacyResources(live.flatMap(({info}) => info.resources ?? []));
  return {
    version,
    start_time: startTime,
    id: agentId,
    pid: `slave(1)@${ip}:${port}`,
    hostname,
    capabilities: ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT', 'RESIZE_VOLUME'],
    resources: legacyResources(resources),
    reserved_resources: {},
    unreserved_resources: legacyResources(resources),
    reserved_resources_full: {},
    unreserved_resources_full: resources.map(resource => ({...resource, role: '*'})),
    reserved_resources_allocated: {},
    unreserved_resources_allocated: allocated,
    resource_providers: [],
    attributes: legacyAttributes(attributes),
    flags,
    frameworks: frameworksOf(runs, framework => framework.some(isLive)),
    completed_frameworks: frameworksOf(runs, framework => !framework.some(isLive)),
  };
}

function frameworksOf(runs: readonly PlacedRun[], wanted: (framework: readonly PlacedRun[]) => boolean): object[] {
  const frameworks = [...Map.groupBy(runs, ({frameworkId}) => frameworkId)];
  return frameworks.flatMap(([id, own]) => {
    if (!wanted(own)) return [];
    const executors = own.map(run => ({executor: executor(run), over: isTerminal(run.state)}));
    return [
      {
        id,
        name: own[0]?.frameworkName ?? '',
        executors: executors.flatMap(({executor, over}) => (over ? [] : [executor])),
        completed_executors: executors.flatMap(({executor, over}) => (over ? [executor] : [])),
      },
    ];
  });
}

function executor(run: PlacedRun): object {
  const {info, directory} = run;
  const task = taskOf(run);
  return {
    id: executorIdOf(run),
    name: info.executor?.name ?? '',
    source: info.task_id.value,
    container: containerIdOf(run),
    directory: directory ?? '',
    resources: legacyResources(info.resources ?? []),
    role: roleOf(run),
    tasks: isTerminal(run.state) ? [] : [task],
    queued_tasks: [],
    completed_tasks: isTerminal(run.state) ? [task] : [],
  };
}

const roleOf = ({info}: TaskRun): string => info.resources?.[0]?.allocation_info?.role ?? '*';

const taskOf = (run: TaskRun): object => ({
  id: run.info.task_id.value,
  name: run.info.name,
  framework_id: run.frameworkId,
  executor_id: run.info.executor?.executor_id.value ?? '',
  slave_id: run.info.agent_id.value,
  state: run.state,
  resources: legacyResources(run.info.resources ?? []),
  role: roleOf(run),
  statuses: [],
  ...(run.info.labels?.labels !== undefined && {labels: run.info.labels.labels}),
});

/** What is known of a container's use, in Mesos's words. @param nowSeconds since the epoch */
export function statistics({info}: TaskRun, usage: Usage | undefined, nowSeconds: number): Record<string, number> {
  const amount = (name: string): number => info.resources?.find(each => each.name === name)?.scalar?.value ?? 0;
  return {
    timestamp: nowSeconds,
    cpus_limit: amount('cpus'),
    mem_limit_bytes: amount('mem') * 2 ** 20,
    ...(usage !== undefined && {
      cpus_user_time_secs: usage.userSeconds,
      cpus_system_time_secs: usage.systemSeconds,
      mem_rss_bytes: usage.rssBytes,
    }),
  };
}

/** `/containers` has these with id and status, `/monitor/statistics` without. */
export const containerOf = (run: TaskRun, usage: Usage | undefined, nowSeconds: number): Record<string, unknown> => ({
  framework_id: run.frameworkId,
  executor_id: executorIdOf(run),
  executor_name: run.info.executor?.name ?? '',
  source: run.info.task_id.value,
  statistics: statistics(run, usage, nowSeconds),
});

const STATES = ['staging', 'starting', 'running', 'killing', 'finished', 'failed', 'killed', 'lost', 'gone'];

/** `/metrics/snapshot` */
export function agentMetrics(
  facts: AgentSnapshot,
  runs: readonly TaskRun[],
  nowSeconds: number,
): Record<string, number> {
  const live = runs.filter(({state}) => !isTerminal(state));
  const total = legacyResources(facts.resources);
  const used = legacyResources(live.flatMap(({info}) => info.resources ?? []));
  const metrics: Record<string, number> = {
    'slave/registered': facts.agentId === '' ? 0 : 1,
    'slave/uptime_secs': nowSeconds - facts.startTime,
    'slave/frameworks_active': new Set(live.map(({frameworkId}) => frameworkId)).size,
    'slave/executors_running': live.length,
  };
  for (const name of ['cpus', 'gpus', 'mem', 'disk']) {
    const [all, held] = [Number(total[name] ?? 0), Number(used[name] ?? 0)];
    metrics[`slave/${name}_total`] = all;
    metrics[`slave/${name}_used`] = held;
    metrics[`slave/${name}_percent`] = all === 0 ? 0 : held / all;
  }
  for (const state of STATES) {
    metrics[`slave/tasks_${state}`] = runs.filter(run => run.state === `TASK_${state.toUpperCase()}`).length;
  }
  return metrics;
}
