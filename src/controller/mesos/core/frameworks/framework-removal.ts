import {graceOf} from '../tasks/grace.ts';
import {withdrawOffersOf} from '../offers/offers.ts';
import {forgetOperationsOf} from '../operations/feedback.ts';
import {afterSave, saveChanges} from '../operations/saves.ts';
import type {Framework} from '../state.ts';
import {completeTask, countTask, leaveToEnd, remember} from '../tasks/launches.ts';
import {masterStatus} from '../tasks/statuses.ts';
import {isOver, type Task} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';

/**
 * TEARDOWN, an overdue failover, or the operator: the framework and its id are history, its tasks are recorded as killed
 * and told to nobody. Their resources come back when their pods have ended, not before.
 */
export function removeFramework(turn: Turn, framework: Framework, why: string): void {
  const {master} = turn;
  if (framework.inAllocator) master.allocator.deactivateFramework(framework.id);
  withdrawOffersOf(turn, framework);
  const tasks = [...framework.tasks.values(), ...framework.unreachableTasks.values()];
  for (const task of tasks) removeTask(turn, framework, task, why);
  for (const launch of new Set(tasks.map(each => each.launch))) leaveToEnd(turn, launch, graceOf(launch));
  endStreams(turn, framework, why);
  if (framework.inAllocator) master.allocator.removeFramework(framework.id);
  master.frameworks.delete(framework.id);
  for (const agentId of forgetOperationsOf(master, framework.id)) {
    afterSave(turn, agentId);
    saveChanges(turn, agentId);
  }
  master.removedFrameworks.add(framework.id);
  framework.unregisteredMs = turn.nowMs;
  remindOf(turn, framework);
  turn.emit({kind: 'delete-framework', frameworkId: framework.id});
  turn.note('info', 'framework removed', {frameworkId: framework.id, name: framework.info.name, reason: why});
}

function removeTask(turn: Turn, framework: Framework, task: Task, why: string): void {
  if (!isOver(task)) {
    const {taskId, launch} = task;
    const state = 'TASK_KILLED';
    const reason = 'REASON_FRAMEWORK_REMOVED';
    const status = masterStatus({taskId, agentId: launch.agentId, state, reason, message: why}, turn.nowMs);
    task.phase = {kind: 'over', state};
    remember(task, status);
    countTask(turn, framework, status);
  }
  completeTask(turn, framework, task);
}

function endStreams(turn: Turn, framework: Framework, why: string): void {
  for (const streamId of [framework.streamId, framework.pending?.streamId]) {
    if (streamId === undefined) continue;
    turn.master.streams.delete(streamId);
    turn.emit({kind: 'close-stream', streamId, reason: why});
  }
  framework.streamId = undefined;
  framework.pending = undefined;
}

function remindOf(turn: Turn, framework: Framework): void {
  const {completedFrameworks, options} = turn.master;
  completedFrameworks.push(framework);
  const surplus = completedFrameworks.length - options.maxCompletedFrameworks;
  if (surplus > 0) completedFrameworks.splice(0, surplus);
}
