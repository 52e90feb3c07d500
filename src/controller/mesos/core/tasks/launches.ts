import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import {settleActivation} from '../agents/activation.ts';
import {findAgent} from '../agents/find-agent.ts';
import {offerAtOnce} from '../offers/offers.ts';
import type {Framework, Master} from '../state.ts';
import type {Turn} from '../turn.ts';
import {isOver, type Launch, type LaunchPhase, type ReadonlyTask, type Task} from './task.ts';
import type {LaunchKey} from './task-record.ts';

// Where launches and their tasks are filed, and how they leave.

export const keyOf = ({frameworkId, launchId, pod}: LaunchKey): LaunchKey => ({frameworkId, launchId, pod});

export const findLaunch = ({launches}: Master, launchId: string): Launch | undefined => {
  const known = launches.get(launchId);
  return typeof known === 'object' ? known : undefined;
};

export function fileLaunch({master}: Turn, launch: Launch): void {
  master.launches.set(launch.launchId, launch);
  findAgent(master, launch.agentId)?.launches.set(launch.launchId, launch);
}

/** The only way in which a launch's phase changes: `starting` lists those that are waited for, oldest first. */
export function enter({master}: Turn, launch: Launch, phase: LaunchPhase): void {
  launch.phase = phase;
  if (phase.kind === 'starting') master.starting.add(launch);
  else master.starting.delete(launch);
}

/** The pod has ended, or there is none. A launch gives back what it takes exactly once. */
export function podDown(turn: Turn, launch: Launch): void {
  if (launch.phase.kind === 'down') return;
  enter(turn, launch, {kind: 'down'});
  const {agentId, frameworkId, role, resources} = launch;
  const agent = turn.master.agents.get(agentId);
  if (agent === undefined) return;
  turn.master.allocator.recoverResources(agentId, frameworkId, role, resources, undefined, turn.nowMs);
  offerAtOnce(turn, agentId);
  turn.touch(frameworkId, agentId);
  settleActivation(turn, agent);
}

/** Nobody will hear of the task again. */
export function completeTask(turn: Turn, framework: Framework, task: Task): void {
  const {phase, taskId} = task;
  if (phase.kind !== 'over') return;
  forgetUpdates(turn, task);
  task.phase = {kind: 'history', state: phase.state};
  for (const filed of [framework.tasks, framework.unreachableTasks]) {
    if (filed.get(taskId) === task) filed.delete(taskId);
  }
  framework.completedTasks.push(task);
  const surplus = framework.completedTasks.length - turn.master.options.maxCompletedTasksPerFramework;
  if (surplus > 0) framework.completedTasks.splice(0, surplus);
  turn.touch(framework.id, task.launch.agentId);
}

/** No update of the task will be sent again. */
export function forgetUpdates(turn: Turn, task: Task): void {
  task.updates.length = 0;
  notInFlight(turn, task);
}

/** `unacknowledged` lists the tasks that have an update in flight. */
export function notInFlight({master}: Turn, task: Task): void {
  task.inFlight = undefined;
  master.unacknowledged.delete(task);
}

const isAcknowledged = ({phase, updates}: Task): boolean => phase.kind === 'over' && updates.length === 0;

/**
 * What can be history now is. A task's id is free again once its end was acknowledged, and its pod is down or goes on
 * for other tasks. The pod is released when none of its tasks needs it.
 */
export function settleLaunch(turn: Turn, framework: Framework, launch: Launch): void {
  const {phase, tasks} = launch;
  const isWaitedFor = phase.kind !== 'down' && phase.kind !== 'leftover' && tasks.every(isOver);
  if (!isWaitedFor) for (const task of tasks) if (isAcknowledged(task)) completeTask(turn, framework, task);
  if (phase.kind === 'down' && tasks.every(task => task.phase.kind === 'history')) releasePod(turn, launch);
}

/**
 * The master no longer speaks for the tasks, but their pod may still run: it is killed, takes its room until it ended,
 * and is released then.
 */
export function leaveToEnd(turn: Turn, launch: Launch, graceSeconds: number): void {
  const {phase} = launch;
  // Without a pod there is nothing to wait for.
  if (phase.kind === 'waiting' || phase.kind === 'down') return endLeftover(turn, launch);
  fileLaunch(turn, launch);
  enter(turn, launch, {kind: 'leftover'});
  killPod(turn, launch, graceSeconds);
}

/** A leftover's pod ended, or is gone. */
export function endLeftover(turn: Turn, launch: Launch): void {
  podDown(turn, launch);
  releasePod(turn, launch);
}

/** A later one may shorten the grace. */
export const killPod = (turn: Turn, launch: Launch, graceSeconds: number): void =>
  turn.emit({kind: 'kill-pod', launch: keyOf(launch), graceSeconds});

/** The master has done with the launch. What is still seen of its pod until it is released is of no interest. */
export function releasePod(turn: Turn, launch: Launch, {force = false} = {}): void {
  const {launches, starting} = turn.master;
  starting.delete(launch);
  launches.set(launch.launchId, 'releasing');
  findAgent(turn.master, launch.agentId)?.launches.delete(launch.launchId);
  turn.touch(undefined, launch.agentId);
  turn.emit({kind: 'release-pod', launch: keyOf(launch), force});
}

/** Tells the framework something that needs no acknowledgement. */
export function tell(turn: Turn, framework: Framework, status: TaskStatus): void {
  turn.send(framework, {type: 'UPDATE', update: {status}});
}

export const countTask = (turn: Turn, {id: frameworkId}: Framework, {state, source, reason}: TaskStatus): void =>
  turn.emit({kind: 'count-task', frameworkId, state, source: source ?? '', reason: reason ?? ''});

/** Tasks that are live and not over: what people count. */
export const liveTasks = (tasks: Iterable<ReadonlyTask>): number => {
  let count = 0;
  for (const task of tasks) if (!isOver(task)) count++;
  return count;
};

/** Remembers a status: one per state in a row, the last of it. */
export function remember({statuses}: Task, status: TaskStatus): void {
  if (statuses.at(-1)?.state === status.state) statuses.pop();
  statuses.push(status);
}
