import {blame} from '../../../../lib/blame.ts';
import {subjectOfTask} from '../subjects.ts';
import {isTerminal} from '../../../../api/mesos/v1/common.ts';
import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {FrameworkCall} from '../../../../api/mesos/v1/scheduler.ts';
import type {ObservedStatus} from './task-record.ts';
import {endOf, POD_ENDS} from './pod-ends.ts';
import {toTaskId} from '../ids.ts';
import {hasCapability, isPartitionAware} from '../frameworks/names.ts';
import type {Framework, InFlight, Task} from '../state.ts';
import {hasEnded, isOver, lostState, remember} from './statuses.ts';
import {completeTask, countTask, freeResources, killPod, releasePod} from './tasks.ts';
import type {Turn} from '../turn.ts';
import {trimEndOf} from '../../../../lib/trim.ts';

// Updates that must arrive: each carries a uuid, one per task is in flight, it is sent again until acknowledged.

const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 600_000;

/**
 * The pod of a task was seen. A repeat changes nothing. A terminal state frees the task's resources, unless the pod
 * lingers: then that waits until it does no more. The task itself stays until its end was acknowledged, too.
 */
export function observe(turn: Turn, framework: Framework, task: Task, seen: ObservedStatus): void {
  if (isOver(task)) return hasEnded(seen) && seen.lingers !== true ? leaveRoom(turn, framework, task) : undefined;
  if (task.observed !== undefined && sameObservation(task.observed, seen)) return;
  const before = task.observed;
  task.observed = seen;
  if (seen.giveUp === true) return doom(turn, task, seen);
  const status = interpret(framework, task, before, seen);
  if (status === undefined) return;
  queueUpdate(turn, framework, task, {containerStatus: before?.containerStatus, ...status});
  if (isOver(task) && seen.lingers !== true) freeResources(turn, task);
}

/** The pod is down: another may take its place. */
function leaveRoom(turn: Turn, framework: Framework, task: Task): void {
  freeResources(turn, task);
  if (task.acknowledged) endAcknowledged(turn, framework, task);
}

/** Nobody needs the task or its pod any more. */
export function endAcknowledged(turn: Turn, framework: Framework, task: Task): void {
  completeTask(turn, framework, task);
  releasePod(turn, task);
}

/** The end of the pod comes first: until then it may yet begin to run. */
export function doom(turn: Turn, task: Task, seen: ObservedStatus): void {
  if (task.doomed !== undefined) return;
  task.doomed = seen;
  killPod(turn, task, 1);
}

/** Appends an update and sends it if it is the first in line. */
function queueUpdate(turn: Turn, framework: Framework, task: Task, status: ObservedStatus): void {
  const update = toStatus(turn, task, forFramework(framework, status));
  task.state = update.state;
  task.updates.push(update);
  remember(task, update);
  countTask(turn, update);
  turn.touch(framework.id, task.agentId);
  pump(turn, framework, task);
}

/** The master alone knows who understands TASK_DROPPED. */
const forFramework = (framework: Framework, seen: ObservedStatus): ObservedStatus =>
  seen.state === 'TASK_DROPPED' || seen.state === 'TASK_GONE'
    ? {...seen, state: lostState(framework, seen.state)}
    : seen;

/** What to tell the framework about it: undefined when it must not know, or knows. */
function interpret(
  framework: Framework,
  task: Task,
  before: ObservedStatus | undefined,
  seen: ObservedStatus,
): ObservedStatus | undefined {
  if (seen.state === 'TASK_STAGING') return undefined;
  // A pod is never made ready again, but what is seen of it may be late.
  if (seen.state === 'TASK_STARTING' && task.state !== 'TASK_STAGING') return undefined;
  if (seen.state === 'TASK_KILLING' && !hasCapability(framework.info, 'TASK_KILLING_STATE')) return undefined;
  if (isTerminal(seen.state)) return endedBy(framework, task, before, seen);
  if (seen.state !== task.state || seen.state !== 'TASK_RUNNING') return seen.state === task.state ? undefined : seen;
  if (seen.healthy === before?.healthy) return undefined;
  return {...seen, reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED'};
}

/** What a pod's end was to the task. */
function endedBy(
  framework: Framework,
  task: Task,
  before: ObservedStatus | undefined,
  seen: ObservedStatus,
): ObservedStatus {
  const drain = task.kill?.drain;
  if (seen.deleted === true && (drain === 'drained' || drain === 'gone')) {
    const gone = drain === 'gone' && isPartitionAware(framework.info);
    return {...seen, state: gone ? 'TASK_GONE_BY_OPERATOR' : seen.state, reason: 'REASON_AGENT_DRAINING'};
  }
  if (task.doomed !== undefined && task.kill === undefined) return {...task.doomed};
  if (seen.deleted === true) {
    const {message} = POD_ENDS['deleted-by-hand'];
    return task.kill === undefined && seen.reason === undefined ? {...seen, message} : seen;
  }
  return byHealthCheck(task, before, seen) ? {...seen, ...endOf('health-check'), healthy: false} : seen;
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

function sameObservation(a: ObservedStatus, b: ObservedStatus): boolean {
  return a.state === b.state && a.healthy === b.healthy && a.reason === b.reason && a.message === b.message;
}

function toStatus(turn: Turn, task: Task, seen: ObservedStatus): TaskStatus {
  return {
    task_id: {value: task.taskId},
    agent_id: {value: task.agentId},
    ...(seen.source === 'SOURCE_EXECUTOR' && {executor_id: {value: task.taskId}}),
    state: seen.state,
    source: seen.source,
    ...(seen.reason !== undefined && {reason: seen.reason}),
    ...(seen.message !== undefined && {message: seen.message}),
    ...(seen.healthy !== undefined && {healthy: seen.healthy}),
    ...(seen.containerStatus !== undefined && {container_status: seen.containerStatus}),
    timestamp: turn.nowMs / 1000,
    uuid: turn.master.newUuid(),
  };
}

/** Sends the first update in line, unless it is under way or nobody listens. */
export function pump(turn: Turn, framework: Framework, task: Task): void {
  const first = task.updates[0];
  if (first?.uuid === undefined || task.inFlight !== undefined || framework.streamId === undefined) return;
  task.inFlight = {uuid: first.uuid, dueMs: turn.nowMs + FIRST_RETRY_MS, intervalMs: FIRST_RETRY_MS};
  turn.master.unacknowledged.set(task.launchId, task);
  turn.send(framework, {type: 'UPDATE', update: {status: first}});
}

/** A new session has not seen what the old one left unacknowledged. */
export function resendAll(turn: Turn, framework: Framework): void {
  for (const task of framework.tasks.values()) {
    task.inFlight = undefined;
    pump(turn, framework, task);
  }
}

/** Sends again what has waited too long for its acknowledgement. */
export function resendDue(turn: Turn): void {
  for (const task of turn.master.unacknowledged.values()) {
    const {inFlight} = task;
    if (inFlight === undefined || turn.nowMs < inFlight.dueMs) continue;
    blame(subjectOfTask(task), () => resend(turn, task, inFlight));
  }
}

function resend(turn: Turn, task: Task, inFlight: InFlight): void {
  const framework = turn.master.frameworks.get(task.frameworkId);
  const [status] = task.updates;
  if (framework?.streamId === undefined || status === undefined) return;
  inFlight.intervalMs = Math.min(inFlight.intervalMs * 2, LAST_RETRY_MS);
  inFlight.dueMs = turn.nowMs + inFlight.intervalMs;
  turn.send(framework, {type: 'UPDATE', update: {status}});
}

/** Ends the update in flight and sends the next. One that fits no update in flight changes nothing. */
export function acknowledge(turn: Turn, framework: Framework, call: FrameworkCall & {type: 'ACKNOWLEDGE'}): void {
  const {task_id, agent_id, uuid} = call.acknowledge;
  const task = framework.tasks.get(toTaskId(task_id.value));
  const valid = task !== undefined && task.agentId === agent_id.value && isSameUuid(task.inFlight?.uuid, uuid);
  turn.count(valid ? 'valid-status-update-acknowledgements' : 'invalid-status-update-acknowledgements');
  if (!valid) return;
  const acknowledged = task.updates.shift();
  task.inFlight = undefined;
  turn.master.unacknowledged.delete(task.launchId);
  if (acknowledged === undefined || !isTerminal(acknowledged.state)) return pump(turn, framework, task);
  task.acknowledged = true;
  if (!task.holdsResources) endAcknowledged(turn, framework, task);
}

/** Base64 may come without padding, and in the form for URLs. */
export function isSameUuid(ours: string | undefined, theirs: string): boolean {
  if (ours === theirs) return true;
  return ours !== undefined && canonical(ours) === canonical(theirs);
}

const canonical = (base64: string): string => trimEndOf(base64, '=').replaceAll('-', '+').replaceAll('_', '/');
