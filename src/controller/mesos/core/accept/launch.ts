import type {ExecutorInfo, TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {HealthCheck} from '../../../../api/mesos/v1/container.ts';
import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import {isFull, settleActivation} from '../agents/activation.ts';
import {launchWhenSaved} from '../operations/saves.ts';
import {policyOf} from '../roles/task-policy.ts';
import {countTask, fileLaunch, keyOf, tell} from '../tasks/launches.ts';
import {makeLaunch} from '../tasks/make-launch.ts';
import {podName} from '../tasks/pod-name.ts';
import {lostState, masterStatus} from '../tasks/statuses.ts';
import type {Launch} from '../tasks/task.ts';
import type {PodOrder} from '../tasks/task-record.ts';
import type {Turn} from '../turn.ts';
import type {Acceptance} from './acceptance.ts';
import {executorProblem, roomProblem, runningExecutor} from './check-group.ts';
import {memberProblem, taskProblem} from './task-checks.ts';
import {trimEndOf} from '../../../../lib/trim.ts';

/** Checks one task and launches it, or tells the framework what is wrong with it. */
export function launchTask(turn: Turn, acceptance: Acceptance, given: TaskInfo, refusal: string | undefined): void {
  const info = complete(given, acceptance.offer.role);
  const problem = refusal ?? taskProblem(info, acceptance);
  if (problem !== undefined) return refuse(turn, acceptance, given, 'REASON_TASK_INVALID', problem);
  launch(turn, acceptance, [info]);
}

type Group = NonNullable<Operation['launch_group']>;

/** Checks the tasks of a group and launches all of them in one pod, or none: the framework hears why for each. */
export function launchGroup(turn: Turn, acceptance: Acceptance, group: Group, refusal: string | undefined): void {
  const {framework, offer} = acceptance;
  const given = group.task_group.tasks ?? [];
  if (given.length === 0) return;
  const infos = given.map(info => complete(info, offer.role));
  const executor = {...allocated(group.executor, offer.role), framework_id: {value: framework.id}};
  const problem = refusal ?? groupProblem(infos, executor, acceptance);
  if (problem === undefined) return launch(turn, acceptance, infos, charged(executor, acceptance));
  for (const info of given) refuse(turn, acceptance, info, 'REASON_TASK_GROUP_INVALID', problem);
}

function groupProblem(infos: readonly TaskInfo[], executor: ExecutorInfo, acceptance: Acceptance): string | undefined {
  const ids = infos.map(({task_id}) => task_id.value);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return `Task has duplicate ID: ${twice}`;
  for (const info of infos) {
    const problem = memberProblem(info, acceptance);
    if (problem !== undefined) return `Task '${info.task_id.value}' is invalid: ${problem}`;
  }
  const running = runningExecutor(acceptance, executor);
  if (running !== undefined && !isSameExecutor(running, executor)) {
    return 'ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID';
  }
  return executorProblem(executor) ?? roomProblem([...infos, charged(executor, acceptance)], acceptance);
}

/** What an executor takes is counted with the first of its groups. */
const charged = (executor: ExecutorInfo, acceptance: Acceptance): ExecutorInfo =>
  runningExecutor(acceptance, executor) === undefined ? executor : {...executor, resources: []};

const isSameExecutor = (a: ExecutorInfo, b: ExecutorInfo): boolean =>
  JSON.stringify({...a, resources: []}) === JSON.stringify({...b, resources: []});

/** Checked tasks, in one pod. @param executor of a group */
function launch(turn: Turn, acceptance: Acceptance, infos: readonly TaskInfo[], executor?: ExecutorInfo): void {
  const {framework, agent, offer} = acceptance;
  if (isFull(agent)) {
    for (const info of infos) drop(turn, acceptance, info);
    return;
  }
  const pod = {
    name: podName(
      framework.id,
      infos.map(({task_id}) => task_id.value),
    ),
  };
  const launchId = launchIdFrom(turn.master.newUuid());
  const agentId = agent.record.id;
  const made = makeLaunch({frameworkId: framework.id, launchId, pod, agentId, role: offer.role, infos, executor});
  acceptance.pool = acceptance.pool.subtract(made.resources);
  fileLaunch(turn, made);
  for (const task of made.tasks) framework.tasks.set(task.taskId, task);
  settleActivation(turn, agent);
  turn.count('tasks-launched', infos.length);
  turn.touch(framework.id, agentId);
  launchWhenSaved(turn, made, orderOf(turn, acceptance, made));
}

function orderOf(turn: Turn, {framework, agent}: Acceptance, made: Launch): PodOrder {
  const {id, name, nodeName, hostname} = agent.record;
  return {
    ...keyOf(made),
    tasks: made.tasks.map(({info}) => info),
    ...(made.executor !== undefined && {executor: made.executor}),
    role: made.role,
    frameworkUser: framework.info.user,
    frameworkName: framework.info.name,
    frameworkUid: framework.uid ?? '',
    agent: {id, name, nodeName, hostname},
    policy: policyOf(made.role, turn.master.taskWishes, turn.master.options.taskPolicy),
  };
}

/** What the master fills in: allocation_info, and the type of a health check that has none. */
function complete(info: TaskInfo, role: string): TaskInfo {
  const {health_check} = info;
  const own = allocated(info, role);
  if (health_check === undefined || health_check.type !== undefined) return own;
  return {...own, health_check: withType(health_check)};
}

const allocated = <Part extends Pick<TaskInfo, 'resources'>>(part: Part, role: string): Part => ({
  ...part,
  resources: (part.resources ?? []).map(resource =>
    resource.allocation_info === undefined ? {...resource, allocation_info: {role}} : resource,
  ),
});

function withType(check: HealthCheck): HealthCheck {
  if (check.command !== undefined) return {...check, type: 'COMMAND'};
  if (check.http !== undefined) return {...check, type: 'HTTP'};
  return check.tcp === undefined ? check : {...check, type: 'TCP'};
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
  countTask(turn, framework, status);
  tell(turn, framework, status);
}

function refuse(
  turn: Turn,
  {framework}: Acceptance,
  info: TaskInfo,
  reason: 'REASON_TASK_INVALID' | 'REASON_TASK_GROUP_INVALID',
  message: string,
): void {
  const status = masterStatus(
    {
      taskId: info.task_id.value,
      agentId: info.agent_id.value,
      state: 'TASK_ERROR',
      reason,
      message,
    },
    turn.nowMs,
  );
  countTask(turn, framework, status);
  tell(turn, framework, status);
}
