import {blame} from '../../../../lib/blame.ts';
import {subjectOfTask} from '../subjects.ts';
import {endOf} from './pod-ends.ts';
import type {Task} from '../state.ts';
import type {Turn} from '../turn.ts';
import {doom} from './updates.ts';

// A pod may wait for ever: for a volume that nobody makes, a registry that answers too slowly. Mesos gives an executor
// that does not register a minute; a pod that does not run gets as long as the option says.

/** From now on the task's pod is waited for. */
export function expectToRun(turn: Turn, task: Task): void {
  turn.master.launching.set(task.launchId, {task, sinceMs: turn.nowMs});
}

const isToRun = ({state}: Task): boolean => state === 'TASK_STAGING' || state === 'TASK_STARTING';

/** Gives up on tasks that have not begun to run in time; they were noted in the order of time. */
export function failOverdueLaunches(turn: Turn): void {
  const {launching, options} = turn.master;
  for (const [launchId, {task, sinceMs}] of launching) {
    const isDue = turn.nowMs - sinceMs >= options.launchTimeoutMs;
    if (isToRun(task) && !isDue) break;
    launching.delete(launchId);
    if (isToRun(task) && task.kill === undefined) blame(subjectOfTask(task), () => giveUp(turn, task));
  }
}

function giveUp(turn: Turn, task: Task): void {
  const waitsFor = task.observed?.message;
  const seconds = turn.master.options.launchTimeoutMs / 1000;
  const message = `The task did not start within ${seconds} s${waitsFor === undefined ? '' : `: ${waitsFor}`}`;
  doom(turn, task, {...endOf('launch-timeout', message), giveUp: true});
}
