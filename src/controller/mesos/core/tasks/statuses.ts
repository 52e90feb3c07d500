import {isTerminal} from '../../../../api/mesos/v1/common.ts';
import type {TaskReason, TaskState, TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {ObservedStatus} from './task-record.ts';
import type {AgentId} from '../ids.ts';
import {isPartitionAware} from '../frameworks/names.ts';
import type {ReadonlyFramework, ReadonlyTask, Task} from '../state.ts';

// Task statuses as the master writes them. Its own carry no uuid: nobody acknowledges them.

export type MasterStatus = {
  readonly taskId: string;
  readonly agentId: AgentId | string | undefined;
  readonly state: TaskState;
  readonly reason: TaskReason;
  readonly message: string;
};

export const masterStatus = (status: MasterStatus, nowMs: number): TaskStatus => ({
  task_id: {value: status.taskId},
  state: status.state,
  message: status.message,
  ...(status.agentId !== undefined && {agent_id: {value: status.agentId}}),
  timestamp: nowMs / 1000,
  source: 'SOURCE_MASTER',
  reason: status.reason,
});

/** The finer state for frameworks that know it, TASK_LOST for the others. */
export const lostState = (framework: ReadonlyFramework, finer: TaskState): TaskState =>
  isPartitionAware(framework.info) ? finer : 'TASK_LOST';

/** A task on an unreachable agent is lost to frameworks that do not know TASK_UNREACHABLE. */
export const shownState = (framework: ReadonlyFramework, {state}: ReadonlyTask): TaskState =>
  state === 'TASK_UNREACHABLE' ? lostState(framework, state) : state;

/** The state of the latest status that was, or is being, sent: older than the latest known while updates wait. */
export const reportedState = (task: ReadonlyTask): TaskState => task.updates[0]?.state ?? task.state;

/** Remembers a status: one per state in a row, the last of it. */
export function remember(task: Task, status: TaskStatus): void {
  if (task.statuses.at(-1)?.state === status.state) task.statuses.pop();
  task.statuses.push(status);
}

/** The latest known state is final. */
export const isOver = (task: ReadonlyTask): boolean => isTerminal(task.state);

/** The pod runs no more, and never will. */
export const hasEnded = (seen: ObservedStatus): boolean => isTerminal(seen.state) && seen.giveUp !== true;
