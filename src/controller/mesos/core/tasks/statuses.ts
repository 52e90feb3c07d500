import {isTerminal} from '../../../../api/mesos/v1/common.ts';
import type {TaskReason, TaskState, TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {ObservedStatus} from './task-record.ts';
import type {AgentId} from '../ids.ts';
import {isPartitionAware} from '../frameworks/names.ts';
import type {ReadonlyFramework} from '../state.ts';
import {type ReadonlyTask, stateOf} from './task.ts';

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
export const lostState = <S extends TaskState>(framework: ReadonlyFramework, finer: S): S | 'TASK_LOST' =>
  isPartitionAware(framework.info) ? finer : 'TASK_LOST';

/** A task on an unreachable agent is lost to frameworks that do not know TASK_UNREACHABLE. */
export const shownState = (framework: ReadonlyFramework, task: ReadonlyTask): TaskState => {
  const state = stateOf(task);
  return state === 'TASK_UNREACHABLE' ? lostState(framework, state) : state;
};

/** The state of the latest status that was, or is being, sent: older than the latest known while updates wait. */
export const reportedState = (task: ReadonlyTask): TaskState => task.updates[0]?.state ?? stateOf(task);

/** The process runs no more, and never will. */
export const hasEnded = (seen: ObservedStatus): boolean => isTerminal(seen.state) && seen.giveUp !== true;

/** Its pod takes no room any more. */
export const isDown = (seen: ObservedStatus): boolean => hasEnded(seen) && seen.lingers !== true;
