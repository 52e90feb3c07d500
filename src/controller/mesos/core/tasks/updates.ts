import {blame} from '../../../../lib/blame.ts';
import {subjectOfLaunch} from '../subjects.ts';
import {isTerminal} from '../../../../api/mesos/v1/common.ts';
import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import type {FrameworkCall} from '../../../../api/mesos/v1/scheduler.ts';
import type {ObservedStatus} from './task-record.ts';
import {toTaskId} from '../ids.ts';
import type {Framework} from '../state.ts';
import {lostState} from './statuses.ts';
import {isOver, type LiveState, type Task} from './task.ts';
import {countTask, notInFlight, remember, settleLaunch} from './launches.ts';
import type {Turn} from '../turn.ts';
import {trimEndOf} from '../../../../lib/trim.ts';

// Updates that must arrive: each carries a uuid, one per task is in flight, it is sent again until acknowledged.

const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 600_000;

/** The task is in another state, or in the same in another way: its framework is told, in order. */
export function report(turn: Turn, framework: Framework, task: Task, status: ObservedStatus): void {
  const update = toStatus(turn, task, forFramework(framework, status));
  const {state} = update;
  const {phase} = task;
  const seen = phase.kind === 'live' ? phase.seen : undefined;
  if (isTerminal(state)) task.phase = {kind: 'over', state};
  else if (isLive(state)) task.phase = {kind: 'live', state, seen};
  task.updates.push(update);
  remember(task, update);
  countTask(turn, framework, update);
  turn.touch(framework.id, task.launch.agentId);
  pump(turn, framework, task);
}

const LIVE_STATES: ReadonlySet<string> = new Set<LiveState>([
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
]);
export const isLive = (state: string): state is LiveState => LIVE_STATES.has(state);

/** The master alone knows who understands TASK_DROPPED. */
const forFramework = (framework: Framework, seen: ObservedStatus): ObservedStatus =>
  seen.state === 'TASK_DROPPED' || seen.state === 'TASK_GONE'
    ? {...seen, state: lostState(framework, seen.state)}
    : seen;

function toStatus(turn: Turn, {taskId, launch}: Task, seen: ObservedStatus): TaskStatus {
  const executorId = launch.executor?.executor_id ?? {value: taskId};
  return {
    task_id: {value: taskId},
    agent_id: {value: launch.agentId},
    ...(seen.source === 'SOURCE_EXECUTOR' && {executor_id: executorId}),
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
  const [first] = task.updates;
  if (first === undefined || task.inFlight !== undefined || framework.streamId === undefined) return;
  task.inFlight = {dueMs: turn.nowMs + FIRST_RETRY_MS, intervalMs: FIRST_RETRY_MS};
  turn.master.unacknowledged.add(task);
  turn.send(framework, {type: 'UPDATE', update: {status: first}});
}

/** Nobody listens any more. */
export function stopSending(turn: Turn, framework: Framework): void {
  for (const task of framework.tasks.values()) notInFlight(turn, task);
}

/** A new session has not seen what the old one left unacknowledged. */
export function resendAll(turn: Turn, framework: Framework): void {
  stopSending(turn, framework);
  for (const task of framework.tasks.values()) pump(turn, framework, task);
}

/** Sends again what has waited too long for its acknowledgement. */
export function resendDue(turn: Turn): void {
  for (const task of turn.master.unacknowledged) {
    const {inFlight, launch} = task;
    if (inFlight === undefined || turn.nowMs < inFlight.dueMs) continue;
    blame(subjectOfLaunch(launch), () => resend(turn, task));
  }
}

function resend(turn: Turn, {launch, updates, inFlight}: Task): void {
  const framework = turn.master.frameworks.get(launch.frameworkId);
  const [status] = updates;
  if (framework === undefined || status === undefined || inFlight === undefined) return;
  inFlight.intervalMs = Math.min(inFlight.intervalMs * 2, LAST_RETRY_MS);
  inFlight.dueMs = turn.nowMs + inFlight.intervalMs;
  turn.send(framework, {type: 'UPDATE', update: {status}});
}

/** Ends the update in flight and sends the next. One that fits no update in flight changes nothing. */
export function acknowledge(turn: Turn, framework: Framework, call: FrameworkCall & {type: 'ACKNOWLEDGE'}): void {
  const {task_id, agent_id, uuid} = call.acknowledge;
  const task = framework.tasks.get(toTaskId(task_id.value));
  const valid = task?.inFlight !== undefined && task.launch.agentId === agent_id.value && isFirst(task, uuid);
  turn.count(valid ? 'valid-status-update-acknowledgements' : 'invalid-status-update-acknowledgements');
  if (!valid) return;
  task.updates.shift();
  notInFlight(turn, task);
  pump(turn, framework, task);
  if (isOver(task)) settleLaunch(turn, framework, task.launch);
}

const isFirst = ({updates}: Task, uuid: string): boolean => isSameUuid(updates[0]?.uuid, uuid);

/** Base64 may come without padding, and in the form for URLs. */
export function isSameUuid(ours: string | undefined, theirs: string): boolean {
  if (ours === theirs) return true;
  return ours !== undefined && canonical(ours) === canonical(theirs);
}

const canonical = (base64: string): string => trimEndOf(base64, '=').replaceAll('-', '+').replaceAll('_', '/');
