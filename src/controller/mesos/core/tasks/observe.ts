import {isTerminal} from '../../../../api/mesos/v1/common.ts';
import type {TaskId} from '../ids.ts';
import {hasCapability, isPartitionAware} from '../frameworks/names.ts';
import type {Framework} from '../state.ts';
import type {Turn} from '../turn.ts';
import {graceOf} from './grace.ts';
import {enter, killPod, podDown, settleLaunch} from './launches.ts';
import {endOf, POD_ENDS} from './pod-ends.ts';
import {isDown} from './statuses.ts';
import {isOver, type Launch, type Stop, type Task} from './task.ts';
import type {ObservedStatus, SeenTask} from './task-record.ts';
import {isLive, report} from './updates.ts';

/**
 * The pod of a launch was seen. A repeat changes nothing. When it is down its room is free; the tasks themselves stay
 * until their ends were acknowledged, too.
 */
export function observe(turn: Turn, framework: Framework, launch: Launch, seen: readonly SeenTask[]): void {
  const hopeless = new Map<TaskId, ObservedStatus>();
  for (const {taskId, status} of seen) {
    const task = launch.tasks.find(each => each.taskId === taskId);
    if (task === undefined || !observeTask(turn, framework, task, status)) continue;
    if (status.giveUp === true) hopeless.set(taskId, status);
  }
  if (hopeless.size > 0) giveUp(turn, launch, hopeless);
  if (seen.every(({status}) => isDown(status))) {
    podDown(turn, launch);
    settleLaunch(turn, framework, launch);
  } else if (!launch.tasks.every(isOver)) goOn(turn, launch);
}

/** All tasks end alike. */
export const observeAll = (turn: Turn, framework: Framework, launch: Launch, status: ObservedStatus): void =>
  observe(
    turn,
    framework,
    launch,
    launch.tasks.map(({taskId}) => ({taskId, status})),
  );

/** @returns false: it was known */
function observeTask(turn: Turn, framework: Framework, task: Task, seen: ObservedStatus): boolean {
  const {phase, launch} = task;
  if (phase.kind !== 'live' || isSame(phase.seen, seen)) return false;
  task.phase = {...phase, seen};
  if (seen.giveUp === true) return true;
  const status = interpret(framework, task, phase.seen, seen);
  if (status !== undefined) {
    if (phase.state === 'TASK_STAGING' && hasRun(status)) report(turn, framework, task, STARTING);
    report(turn, framework, task, {containerStatus: phase.seen?.containerStatus, ...status});
  }
  const {kind} = launch.phase;
  if (kind === 'starting' && launch.tasks.every(hasBegun)) enter(turn, launch, {kind: 'running'});
  return true;
}

/** Frameworks count on it, though the pod may be seen for the first time when it is over. */
const STARTING: ObservedStatus = {state: 'TASK_STARTING', source: 'SOURCE_EXECUTOR'};

/** Its process was there. */
const hasRun = ({state, reason, containerStatus}: ObservedStatus): boolean =>
  state === 'TASK_RUNNING' ||
  state === 'TASK_KILLING' ||
  (isTerminal(state) && containerStatus !== undefined && reason !== 'REASON_CONTAINER_LAUNCH_FAILED');

export const hasBegun = ({phase}: Task): boolean =>
  phase.kind !== 'live' || (phase.state !== 'TASK_STAGING' && phase.state !== 'TASK_STARTING');

/** A group whose task did not end well is killed. A task that finished leaves the others alone. */
function goOn(turn: Turn, launch: Launch): void {
  const {tasks, phase} = launch;
  if (phase.kind === 'stopping' || !tasks.some(endedBadly)) return;
  const graceSeconds = graceOf(launch);
  enter(turn, launch, {kind: 'stopping', stop: {why: 'killed', untilMs: turn.nowMs + graceSeconds * 1000}});
  killPod(turn, launch, graceSeconds);
}

const endedBadly = ({phase}: Task): boolean => phase.kind === 'over' && phase.state !== 'TASK_FINISHED';

/** The end of the pod comes first: until then it may yet begin to run. */
export function giveUp(turn: Turn, launch: Launch, ends: ReadonlyMap<TaskId, ObservedStatus>): void {
  if (launch.phase.kind === 'stopping') return;
  enter(turn, launch, {kind: 'stopping', stop: {why: 'given-up', ends}});
  killPod(turn, launch, 1);
}

/** What to tell the framework about it: undefined when it must not know, or knows. */
function interpret(
  framework: Framework,
  task: Task,
  before: ObservedStatus | undefined,
  seen: ObservedStatus,
): ObservedStatus | undefined {
  const {phase} = task;
  if (phase.kind !== 'live' || seen.state === 'TASK_STAGING') return undefined;
  // A pod is never made ready again, but what is seen of it may be late.
  if (seen.state === 'TASK_STARTING' && phase.state !== 'TASK_STAGING') return undefined;
  if (seen.state === 'TASK_KILLING' && !hasCapability(framework.info, 'TASK_KILLING_STATE')) return undefined;
  if (isTerminal(seen.state)) return endedBy(framework, task, before, seen);
  if (!isLive(seen.state)) return undefined;
  if (seen.state !== phase.state) return seen;
  if (seen.state !== 'TASK_RUNNING' || seen.healthy === before?.healthy) return undefined;
  return {...seen, reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED'};
}

/** What a pod's end was to the task. */
function endedBy(
  framework: Framework,
  task: Task,
  before: ObservedStatus | undefined,
  seen: ObservedStatus,
): ObservedStatus {
  const {phase} = task.launch;
  const stop = phase.kind === 'stopping' ? phase.stop : undefined;
  const given = stop?.why === 'given-up' ? stop.ends.get(task.taskId) : undefined;
  if (given !== undefined) return given;
  if (seen.deleted === true) return deletedFor(framework, stop, seen);
  return byHealthCheck(task, before, seen) ? {...seen, ...endOf('health-check'), healthy: false} : seen;
}

function deletedFor(framework: Framework, stop: Stop | undefined, seen: ObservedStatus): ObservedStatus {
  if (stop?.why === 'drained' || stop?.why === 'gone') {
    const isGone = stop.why === 'gone' && isPartitionAware(framework.info);
    return {...seen, state: isGone ? 'TASK_GONE_BY_OPERATOR' : seen.state, reason: 'REASON_AGENT_DRAINING'};
  }
  const isByHand = stop === undefined && seen.reason === undefined;
  return isByHand ? {...seen, message: POD_ENDS['deleted-by-hand'].message} : seen;
}

/**
 * The kubelet says of a process that failed its health check only that a signal ended it, or that it ended well after
 * one. When nobody asked for that, and the check never succeeded or failed last, it was the check (which is TASK_KILLED
 * in Mesos).
 */
function byHealthCheck(task: Task, before: ObservedStatus | undefined, seen: ObservedStatus): boolean {
  if (task.info.health_check === undefined || seen.reason !== undefined) return false;
  if (seen.state === 'TASK_FINISHED') return before?.healthy === false;
  return (seen.signal === 9 || seen.signal === 15) && before?.healthy !== true;
}

const isSame = (a: ObservedStatus | undefined, b: ObservedStatus): boolean =>
  a?.state === b.state && a.healthy === b.healthy && a.reason === b.reason && a.message === b.message;
