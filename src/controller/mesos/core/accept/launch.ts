import {resourcesFromWire} from '../resource-conversion.ts';
import {Resources} from '../../../../allocator/resources.ts';
import type {TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {HealthCheck} from '../../../../api/mesos/v1/container.ts';
import {isFull, settleActivation} from '../agents/activation.ts';
import {toTaskId} from '../ids.ts';
import {expectToRun} from '../tasks/launch-timeout.ts';
import {launchWhenSaved} from '../operations/saves.ts';
import {policyOf} from '../roles/task-policy.ts';
import type {Task} from '../state.ts';
import {lostState, masterStatus} from '../tasks/statuses.ts';
import {countTask, keyOf, tell} from '../tasks/tasks.ts';
import type {Turn} from '../turn.ts';
import {podName} from '../tasks/pod-name.ts';
import type {Acceptance} from './acceptance.ts';
import {taskProblem} from './task-checks.ts';
import {trimEndOf} from '../../../../lib/trim.ts';

/** Checks one task and launches it, or tells the framework what is wrong with it. */
export function launchTask(turn: Turn, acceptance: Acceptance, given: TaskInfo, refusal: string | undefined): void {
  const {framework, agent, offer} = acceptance;
  const info = complete(given, offer.role);
  const problem = refusal ?? taskProblem(info, acceptance);
  if (problem !== undefined) return refuse(turn, acceptance, given, problem);
  if (isFull(agent)) return drop(turn, acceptance, given);
  const task = makeTask(turn, acceptance, info);
  acceptance.pool = acceptance.pool.subtract(task.resources);
  framework.tasks.set(task.taskId, task);
  agent.tasks.set(task.launchId, task);
  settleActivation(turn, agent);
  expectToRun(turn, task);
  turn.count('tasks-launched');
  turn.touch(framework.id, agent.record.id);
  const {id, name, nodeName, hostname} = agent.record;
  launchWhenSaved(turn, id, {
    ...keyOf(task),
    pod: task.pod,
    info,
    role: task.role,
    frameworkUser: framework.info.user,
    frameworkName: framework.info.name,
    frameworkUid: framework.uid ?? '',
    agent: {id, name, nodeName, hostname},
    policy: policyOf(task.role, turn.master.taskWishes, turn.master.options.taskPolicy),
  });
}

/** What the master fills in: allocation_info, and the type of a health check that has none. */
function complete(info: TaskInfo, role: string): TaskInfo {
  const resources = (info.resources ?? []).map(resource =>
    resource.allocation_info === undefined ? {...resource, allocation_info: {role}} : resource,
  );
  const {health_check} = info;
  if (health_check === undefined || health_check.type !== undefined) return {...info, resources};
  return {...info, resources, health_check: withType(health_check)};
}

function withType(check: HealthCheck): HealthCheck {
  if (check.command !== undefined) return {...check, type: 'COMMAND'};
  if (check.http !== undefined) return {...check, type: 'HTTP'};
  return check.tcp === undefined ? check : {...check, type: 'TCP'};
}

function makeTask(turn: Turn, {framework, agent, offer}: Acceptance, info: TaskInfo): Task {
  const resources = resourcesFromWire(info.resources ?? []);
  return {
    frameworkId: framework.id,
    taskId: toTaskId(info.task_id.value),
    launchId: launchIdFrom(turn.master.newUuid()),
    pod: {name: podName(framework.id, info.task_id.value)},
    agentId: agent.record.id,
    info,
    role: offer.role,
    resources: resources.ok ? resources.value : Resources.EMPTY,
    state: 'TASK_STAGING',
    statuses: [],
    observed: undefined,
    doomed: undefined,
    holdsResources: true,
    updates: [],
    acknowledged: false,
    inFlight: undefined,
    kill: undefined,
  };
}

/** Fits into a Kubernetes label. */
const launchIdFrom = (uuid: string): string => trimEndOf(uuid, '=').replaceAll('+', 'A').replaceAll('/', 'B');

/** Several tasks of one ACCEPT may be more pods than the node takes. */
function drop(turn: Turn, {framework}: Acceptance, info: TaskInfo): void {
  const status = masterStatus(
    {
      taskId: info.task_id.value,
      agentId: info.agent_id.value,
      state: lostState(framework, 'TASK_DROPPED'),
      reason: 'REASON_INVALID_OFFERS',
      message: 'The node takes no more pods',
    },
    turn.nowMs,
  );
  countTask(turn, status);
  tell(turn, framework, status);
}

function refuse(turn: Turn, {framework}: Acceptance, info: TaskInfo, message: string): void {
  const status = masterStatus(
    {
      taskId: info.task_id.value,
      agentId: info.agent_id.value,
      state: 'TASK_ERROR',
      reason: 'REASON_TASK_INVALID',
      message,
    },
    turn.nowMs,
  );
  countTask(turn, status);
  tell(turn, framework, status);
}
