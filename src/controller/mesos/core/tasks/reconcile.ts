import type {TaskReason, TaskState, TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {FrameworkCall} from '../../../../api/mesos/v1/scheduler.ts';
import type {Id} from '../../../../api/mesos/v1/resources.ts';
import {toAgentId} from '../../../../allocator/ids.ts';
import {toTaskId} from '../ids.ts';
import type {Framework} from '../state.ts';
import type {ObservedStatus} from './task-record.ts';
import {lostState, masterStatus, reportedState} from './statuses.ts';
import {tell} from './launches.ts';
import type {Task} from './task.ts';
import type {Turn} from '../turn.ts';

type Asked = {readonly task_id: Id; readonly agent_id?: Id};

/** Tells the framework what is known of the tasks it names; of all live ones when it names none. */
export function reconcile(turn: Turn, framework: Framework, call: FrameworkCall & {type: 'RECONCILE'}): void {
  const {tasks = []} = call.reconcile;
  if (tasks.length > 0) for (const asked of tasks) reconcileTask(turn, framework, asked);
  else for (const task of framework.tasks.values()) tell(turn, framework, latestStatus(turn, task));
}

/** No answer while the task's agent may yet come back from a failover of the master. */
export function reconcileTask(turn: Turn, framework: Framework, asked: Asked): void {
  const status = answer(turn, framework, asked);
  if (status !== undefined) tell(turn, framework, status);
}

function answer(turn: Turn, framework: Framework, {task_id, agent_id}: Asked): TaskStatus | undefined {
  const {master} = turn;
  const task = framework.tasks.get(toTaskId(task_id.value));
  if (task !== undefined) return latestStatus(turn, task);
  const away = framework.unreachableTasks.get(toTaskId(task_id.value));
  const agentId = toAgentId(agent_id?.value ?? away?.launch.agentId ?? '');
  const unknown = (state: TaskState, message: string, rest?: Partial<TaskStatus>): TaskStatus => ({
    ...masterStatus(
      {
        taskId: task_id.value,
        agentId: agent_id?.value ?? away?.launch.agentId,
        state: lostState(framework, state),
        reason: 'REASON_RECONCILIATION',
        message: `Reconciliation: ${message}`,
      },
      turn.nowMs,
    ),
    ...rest,
  });
  if (master.recoveredAgents.has(agentId)) return undefined;
  if (agentId === '' && master.recoveredAgents.size > 0) return undefined;
  if (master.agents.has(agentId)) return unknown('TASK_GONE', 'Task is unknown to the agent');
  const unreachable = master.unreachableAgents.get(agentId);
  if (unreachable !== undefined) {
    return unknown('TASK_UNREACHABLE', 'Task is unreachable', {
      unreachable_time: {nanoseconds: unreachable.sinceMs * 1e6},
    });
  }
  if (master.goneAgents.has(agentId)) return unknown('TASK_GONE_BY_OPERATOR', 'Agent was removed by the operator');
  return unknown('TASK_UNKNOWN', 'Task is unknown');
}

/** The task as it is now, written by the master. */
export function latestStatus(
  turn: Turn,
  task: Task,
  reason: TaskReason = 'REASON_RECONCILIATION',
  message = 'Reconciliation: Latest task state',
): TaskStatus {
  const {taskId, launch} = task;
  const {healthy, containerStatus} = lastSeen(task);
  const state = reportedState(task);
  return {
    ...masterStatus({taskId, agentId: launch.agentId, state, reason, message}, turn.nowMs),
    ...(healthy !== undefined && {healthy}),
    ...(containerStatus !== undefined && {container_status: containerStatus}),
  };
}

function lastSeen({phase, statuses}: Task): Pick<ObservedStatus, 'healthy' | 'containerStatus'> {
  if (phase.kind === 'live' || phase.kind === 'away') return phase.seen ?? {};
  const {healthy, container_status: containerStatus} = statuses.at(-1) ?? {};
  return {...(healthy !== undefined && {healthy}), ...(containerStatus !== undefined && {containerStatus})};
}
