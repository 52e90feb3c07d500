import {Resources} from '../../../../allocator/resources.ts';
import {formatResources} from '../../../../allocator/text-form.ts';
import type {ExecutorInfo, TaskInfo} from '../../../../api/mesos/v1/common.ts';
import {idProblem} from '../frameworks/names.ts';
import {resourcesFromWire} from '../resource-conversion.ts';
import type {Acceptance, TaskCheck} from './acceptance.ts';

// What LAUNCH_GROUP asks for beyond what every task has to be.

/** As in Mesos. */
const LEAST_CPUS = 0.01;
const LEAST_MEM = 32;

/** The tasks of a group share one executor, and its network. */
export const memberCheck: TaskCheck = ({executor, container}) => {
  if (executor !== undefined) return "'TaskInfo.executor' must not be set";
  if (container?.type === 'DOCKER') return 'Docker ContainerInfo is not supported on the task';
  return (container?.network_infos ?? []).length > 0 ? 'NetworkInfos must not be set on the task' : undefined;
};

/** @returns what is wrong with the executor of a group, or undefined */
export function executorProblem({
  executor_id,
  type,
  command,
  container,
  resources = [],
}: ExecutorInfo): string | undefined {
  const id = executor_id.value;
  const badId = idProblem(id);
  if (badId !== undefined) return `Invalid executor ID: ${badId}`;
  if (type === undefined || type === 'UNKNOWN') return "'ExecutorInfo.type' must be set";
  if (type === 'CUSTOM') return 'Custom executors are not supported';
  if (command !== undefined) return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  if (container !== undefined && container.type !== 'MESOS') {
    return "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor";
  }
  const held = resourcesFromWire(resources);
  if (!held.ok) return held.error;
  const [cpus, mem] = [held.value.scalar('cpus'), held.value.scalar('mem')];
  if (cpus < LEAST_CPUS) return `Executor '${id}' uses less CPUs (${cpus}) than the minimum required (${LEAST_CPUS})`;
  if (mem < LEAST_MEM) return `Executor '${id}' uses less memory (${mem}MB) than the minimum required (${LEAST_MEM}MB)`;
  return held.value.scalar('disk') > 0 ? undefined : `Executor '${id}' uses no disk`;
}

/** Another executor of the same id that runs there must be the same; it takes its own part only once. */
export function runningExecutor({agent, framework}: Acceptance, {executor_id}: ExecutorInfo): ExecutorInfo | undefined {
  for (const {frameworkId, executor, phase} of agent.launches.values()) {
    const isRunning = phase.kind !== 'down' && phase.kind !== 'leftover';
    if (frameworkId === framework.id && isRunning && executor?.executor_id.value === executor_id.value) return executor;
  }
  return undefined;
}

/** @returns why executor and tasks do not fit into what was offered, or undefined */
export function roomProblem(parts: readonly Pick<TaskInfo, 'resources'>[], {pool}: Acceptance): string | undefined {
  const asked = parts.reduce((sum, part) => {
    const own = resourcesFromWire(part.resources ?? []);
    return own.ok ? sum.add(own.value) : sum;
  }, Resources.EMPTY);
  if (pool.contains(asked)) return undefined;
  const [wanted, left] = [formatResources(asked), formatResources(pool)];
  return `Total resources ${wanted} required by task group and its executor are more than available ${left}`;
}
