import {observeAway} from '../agents/loss.ts';
import type {Command} from '../commands.ts';
import {adopt} from '../restore.ts';
import type {Turn} from '../turn.ts';
import {endLeftover, findLaunch} from './launches.ts';
import {observe} from './observe.ts';
import {endOf} from './pod-ends.ts';
import {isDown} from './statuses.ts';
import type {Launch} from './task.ts';
import type {ObservedStatus, SeenTask} from './task-record.ts';

// What is seen of pods. The master remembers a launch that it has done with until its pod is released. What is seen of
// the pod until then is late. It is no news of an unknown task.

/** A pod of an unknown launch, with our finalizer, is an earlier leader's last act: all of it has to be read. */
export function podSeen(turn: Turn, {launch: key, seen, held}: Command & {kind: 'pod-seen'}): void {
  const {launches} = turn.master;
  const {launchId} = key;
  const known = launches.get(launchId);
  if (known === 'reading' && !held) launches.delete(launchId);
  if (typeof known === 'object') {
    known.pod = key.pod;
    return launchSeen(turn, known, seen);
  }
  if (!held || known !== undefined) return;
  launches.set(launchId, 'reading');
  turn.emit({kind: 'read-pod', launch: key});
}

/** Another launch under the pod's name is seen by itself. */
export function podRead(turn: Turn, {launch: {launchId}, found}: Command & {kind: 'pod-read'}): void {
  const {launches} = turn.master;
  if (launches.get(launchId) !== 'reading') return;
  launches.delete(launchId);
  if (found?.launchId === launchId) adopt(turn, found);
}

/** Somebody removed the pod, finalizer and all. */
export function podGone(turn: Turn, {launch: {launchId}}: Command & {kind: 'pod-gone'}): void {
  const {launches} = turn.master;
  if (launches.get(launchId) === 'reading') launches.delete(launchId);
  else endLaunch(turn, launchId, endOf('removed'));
}

/** The master has done with the pod, and so have all others. */
export function podReleased({master: {launches}}: Turn, {launch: {launchId}}: Command & {kind: 'pod-released'}): void {
  if (launches.get(launchId) === 'releasing') launches.delete(launchId);
}

const REFUSALS = {
  TASK_ERROR: 'invalid',
  TASK_FAILED: 'refused',
  TASK_DROPPED: 'no-room-left',
} as const;

/** There is no pod, and never will be. */
export function launchRefused(turn: Turn, {launch, state, message}: Command & {kind: 'launch-refused'}): void {
  endLaunch(turn, launch.launchId, endOf(REFUSALS[state], message));
}

function endLaunch(turn: Turn, launchId: string, status: ObservedStatus): void {
  const launch = findLaunch(turn.master, launchId);
  if (launch === undefined) return;
  launchSeen(
    turn,
    launch,
    launch.tasks.map(({taskId}) => ({taskId, status})),
  );
}

function launchSeen(turn: Turn, launch: Launch, seen: readonly SeenTask[]): void {
  const framework = turn.master.frameworks.get(launch.frameworkId);
  if (launch.phase.kind === 'leftover' || framework === undefined) {
    if (seen.every(({status}) => isDown(status))) endLeftover(turn, launch);
    return;
  }
  observeAway(framework, launch, seen);
  observe(turn, framework, launch, seen);
}
