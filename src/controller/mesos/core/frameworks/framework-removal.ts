import {graceOf} from '../tasks/kill.ts';
import {withdrawOffersOf} from '../offers/offers.ts';
import {forgetOperationsOf} from '../operations/feedback.ts';
import {afterSave, saveChanges} from '../operations/saves.ts';
import type {Framework, Task} from '../state.ts';
import {isOver, masterStatus, remember} from '../tasks/statuses.ts';
import {completeTask, countTask, leaveToEnd, releasePod} from '../tasks/tasks.ts';
import type {Turn} from '../turn.ts';

/**
 * TEARDOWN, an overdue failover, or the operator: the framework and its id are history, its tasks are recorded as killed
 * and told to nobody. Their resources come back when their pods have ended, not before.
 */
export function removeFramework(turn: Turn, framework: Framework, why: string): void {
  const {master} = turn;
  if (framework.inAllocator) master.allocator.deactivateFramework(framework.id);
  withdrawOffersOf(turn, framework);
  for (const task of [...framework.tasks.values(), ...framework.unreachableTasks.values()]) {
    removeTask(turn, framework, task, why);
  }
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
  if (isOver(task)) {
    completeTask(turn, framework, task);
    releasePod(turn, task);
    return;
  }
  const {holdsResources} = task;
  task.holdsResources = false;
  const status = masterStatus(
    {
      taskId: task.taskId,
      agentId: task.agentId,
      state: 'TASK_KILLED',
      reason: 'REASON_FRAMEWORK_REMOVED',
      message: why,
    },
    turn.nowMs,
  );
  task.state = 'TASK_KILLED';
  remember(task, status);
  countTask(turn, status);
  completeTask(turn, framework, task);
  task.holdsResources = holdsResources;
  leaveToEnd(turn, task, graceOf(task));
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
