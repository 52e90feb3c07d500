import {observeAway} from '../agents/agents.ts';
import type {Command} from '../commands.ts';
import {adopt} from '../restore.ts';
import type {Turn} from '../turn.ts';
import {endOf} from './pod-ends.ts';
import {hasEnded} from './statuses.ts';
import type {ObservedStatus, PodRef, TaskKey} from './task-record.ts';
import {endLeftover, findLaunch} from './tasks.ts';
import {observe} from './updates.ts';

// What is seen of pods. The master remembers a launch that it has done with until its pod is released. What is seen of
// the pod until then is late. It is no news of an unknown task.

/** A pod of an unknown launch, with our finalizer, is an earlier leader's last act: all of it has to be read. */
export function podSeen(turn: Turn, {task: key, pod, status, held}: Command & {kind: 'pod-seen'}): void {
  const {reading, releasing} = turn.master;
  if (!held) reading.delete(key.launchId);
  if (releasing.has(key.launchId) || statusSeen(turn, key, status, pod)) return;
  if (!held || reading.has(key.launchId)) return;
  reading.add(key.launchId);
  turn.emit({kind: 'read-pod', task: key, pod});
}

/** Another launch under the pod's name is seen by itself. */
export function podRead(turn: Turn, {task: key, found}: Command & {kind: 'pod-read'}): void {
  const isAwaited = turn.master.reading.delete(key.launchId);
  if (isAwaited && found?.launchId === key.launchId) adopt(turn, found);
}

/** Somebody removed the pod, finalizer and all. */
export function podGone(turn: Turn, {task: key}: Command & {kind: 'pod-gone'}): void {
  const {reading, releasing} = turn.master;
  reading.delete(key.launchId);
  if (releasing.has(key.launchId)) return;
  statusSeen(turn, key, endOf('removed'));
}

const REFUSALS = {
  TASK_ERROR: 'invalid',
  TASK_FAILED: 'refused',
  TASK_DROPPED: 'no-room-left',
} as const;

/** There is no pod, and never will be. */
export function launchRefused(turn: Turn, {task, state, message}: Command & {kind: 'launch-refused'}): void {
  statusSeen(turn, task, endOf(REFUSALS[state], message));
}

/** @returns false: the master does not know the launch */
function statusSeen(turn: Turn, key: TaskKey, status: ObservedStatus, pod?: PodRef): boolean {
  const {frameworks, leftovers} = turn.master;
  const leftover = leftovers.get(key.launchId);
  if (leftover !== undefined) {
    if (hasEnded(status) && status.lingers !== true) endLeftover(turn, leftover);
    return true;
  }
  const task = findLaunch(turn.master, key);
  const framework = frameworks.get(key.frameworkId);
  if (task === undefined || framework === undefined) return false;
  if (pod !== undefined) task.pod = pod;
  if (framework.unreachableTasks.get(key.taskId) === task) observeAway(turn, framework, task, status);
  else observe(turn, framework, task, status);
  return true;
}
