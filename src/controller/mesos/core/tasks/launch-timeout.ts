import {blame} from '../../../../lib/blame.ts';
import {subjectOfLaunch} from '../subjects.ts';
import type {TaskId} from '../ids.ts';
import type {Turn} from '../turn.ts';
import {giveUp, hasBegun} from './observe.ts';
import {endOf} from './pod-ends.ts';
import type {Launch, Task} from './task.ts';
import type {ObservedStatus} from './task-record.ts';

// A pod may wait for ever: for a volume that nobody makes, a registry that answers too slowly. Mesos gives an executor
// that does not register a minute; a pod that does not run gets as long as the option says.

/** Gives up on launches that have not begun to run in time; they are listed in the order of time. */
export function failOverdueLaunches(turn: Turn): void {
  const {starting, options} = turn.master;
  for (const launch of starting) {
    const {phase} = launch;
    if (phase.kind === 'starting' && turn.nowMs - phase.sinceMs < options.launchTimeoutMs) break;
    blame(subjectOfLaunch(launch), () => giveUp(turn, launch, endsOf(turn, launch)));
  }
}

const endsOf = (turn: Turn, {tasks}: Launch): ReadonlyMap<TaskId, ObservedStatus> =>
  new Map(tasks.flatMap(task => (hasBegun(task) ? [] : [[task.taskId, tooLate(turn, task)]])));

function tooLate({master}: Turn, {phase}: Task): ObservedStatus {
  const waitsFor = phase.kind === 'live' ? phase.seen?.message : undefined;
  const seconds = master.options.launchTimeoutMs / 1000;
  const message = `The task did not start within ${seconds} s${waitsFor === undefined ? '' : `: ${waitsFor}`}`;
  return endOf('launch-timeout', message);
}
