import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import {settleActivation} from '../agents/activation.ts';
import {findAgent} from '../agents/find-agent.ts';
import type {TaskKey} from './task-record.ts';
import {offerAtOnce} from '../offers/offers.ts';
import {isOver} from './statuses.ts';
import type {Framework, Master, ReadonlyTask, Task} from '../state.ts';
import type {Turn} from '../turn.ts';

// Where a task is filed, and how it leaves. A task's resources return to the allocator exactly once.

export const keyOf = ({frameworkId, taskId, launchId}: TaskKey): TaskKey => ({frameworkId, taskId, launchId});

/** This very launch of the task, live or on an unreachable agent. */
export function findLaunch(master: Master, key: TaskKey): Task | undefined {
  const framework = master.frameworks.get(key.frameworkId);
  const live = framework?.tasks.get(key.taskId);
  if (live?.launchId === key.launchId) return live;
  const away = framework?.unreachableTasks.get(key.taskId);
  return away?.launchId === key.launchId ? away : undefined;
}

/** Returns what the task holds, if it still does. */
export function freeResources(turn: Turn, task: Task): void {
  if (!task.holdsResources) return;
  task.holdsResources = false;
  const {agentId, frameworkId, role, resources} = task;
  turn.master.allocator.recoverResources(agentId, frameworkId, role, resources, undefined, turn.nowMs);
  offerAtOnce(turn, agentId);
  turn.touch(frameworkId, agentId);
  const agent = turn.master.agents.get(agentId);
  if (agent !== undefined) settleActivation(turn, agent);
}

/** The task is history: its pod is of no more use to the master. */
export function completeTask(turn: Turn, framework: Framework, task: Task): void {
  forgetUpdates(turn, task);
  freeResources(turn, task);
  framework.tasks.delete(task.taskId);
  framework.unreachableTasks.delete(task.taskId);
  findAgent(turn.master, task.agentId)?.tasks.delete(task.launchId);
  framework.completedTasks.push(task);
  const surplus = framework.completedTasks.length - turn.master.options.maxCompletedTasksPerFramework;
  if (surplus > 0) framework.completedTasks.splice(0, surplus);
  turn.touch(framework.id, task.agentId);
}

/** No update of the task will be sent again. */
export function forgetUpdates(turn: Turn, task: Task): void {
  task.updates.length = 0;
  task.inFlight = undefined;
  turn.master.unacknowledged.delete(task.launchId);
}

/**
 * The master no longer speaks for the task, but its pod may still run: it is killed, holds its resources until it ended,
 * and is released then.
 */
export function leaveToEnd(turn: Turn, task: Task, graceSeconds: number): void {
  // It waits for a save: there is no pod, and will be none.
  if (turn.master.heldLaunches.delete(task.launchId)) return endLeftover(turn, task);
  turn.master.leftovers.set(task.launchId, task);
  findAgent(turn.master, task.agentId)?.tasks.set(task.launchId, task);
  killPod(turn, task, graceSeconds);
}

/** A leftover's pod ended, or is gone. */
export function endLeftover(turn: Turn, task: Task): void {
  turn.master.leftovers.delete(task.launchId);
  freeResources(turn, task);
  findAgent(turn.master, task.agentId)?.tasks.delete(task.launchId);
  releasePod(turn, task);
}

/** A later one may shorten the grace. */
export const killPod = (turn: Turn, task: Task, graceSeconds: number): void =>
  turn.emit({kind: 'kill-pod', task: keyOf(task), pod: task.pod, graceSeconds});

/** The master has done with the launch. What is still seen of its pod until it is released is of no interest. */
export function releasePod(turn: Turn, task: Task, {force = false} = {}): void {
  turn.master.releasing.add(task.launchId);
  turn.emit({kind: 'release-pod', task: keyOf(task), pod: task.pod, force});
}

/** Tells the framework something that needs no acknowledgement. */
export function tell(turn: Turn, framework: Framework, status: TaskStatus): void {
  turn.send(framework, {type: 'UPDATE', update: {status}});
}

export const countTask = (turn: Turn, status: TaskStatus): void =>
  turn.emit({kind: 'count-task', state: status.state, source: status.source ?? '', reason: status.reason ?? ''});

/** Tasks that are live and not over: what people count. */
export const liveTasks = (tasks: Iterable<ReadonlyTask>): number => {
  let count = 0;
  for (const task of tasks) if (!isOver(task)) count++;
  return count;
};
