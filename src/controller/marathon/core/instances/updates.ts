import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import {isTerminal} from '../../../../api/mesos/v1/common.ts';
import {afterFailure as healthAfterFailure, afterSuccess as healthAfterSuccess} from '../health/results.ts';
import {afterFailure} from './backoff.ts';
import {report} from '../report.ts';
import {parseTaskId, type TaskId, toTaskId} from '../ids.ts';
import {
  conditionOf,
  countsAsFailure,
  isLastFailure,
  isTerminalCondition,
  type ActiveCondition,
  type Instance,
  type LaunchedTask,
  type TerminalCondition,
} from './instance.ts';
import {takeBack} from './lost.ts';
import {forgetTask, queueKill, removeInstance} from './kills.ts';
import {isAside, isOld, type App, type Turn} from '../state.ts';
import {subjectOfApp} from '../subjects.ts';
import {tell, tellCheck, tellInstance, tellStatus} from '../tell.ts';
import {blame} from '../../../../lib/blame.ts';

/** Takes a status in; it is acknowledged after the state holds it. */
export function onUpdate(turn: Turn, status: TaskStatus): void {
  if (!turn.state.ready) {
    turn.state.held.push(status);
    return;
  }
  applyStatus(turn, status);
  if (status.uuid === undefined || status.agent_id === undefined) return;
  turn.effects.push({
    kind: 'acknowledge',
    taskId: status.task_id.value,
    agentId: status.agent_id.value,
    uuid: status.uuid,
  });
}

export function applyStatus(turn: Turn, status: TaskStatus): void {
  const found = findTask(turn, status.task_id.value);
  if (found === undefined) return applyUnknown(turn, status);
  const condition = conditionOf(status);
  blame(subjectOfApp(found.app), () => {
    if (isTerminalCondition(condition)) endTask(turn, found.app, found.instance, condition, status);
    else noteCondition(turn, found.app, found.instance, condition, status);
  });
}

export function findTask(turn: Turn, taskId: string): {app: App; instance: Instance} | undefined {
  const place = turn.state.tasks.get(toTaskId(taskId));
  const app = place === undefined ? undefined : turn.state.apps.get(place.app);
  const instance = place === undefined ? undefined : app?.instances.get(place.instance);
  return app === undefined || instance === undefined ? undefined : {app, instance};
}

/** A task that nobody wants any more is killed when it turns out to be alive. */
function applyUnknown(turn: Turn, status: TaskStatus): void {
  const taskId = toTaskId(status.task_id.value);
  if (takeBack(turn, status)) return;
  if (isTerminal(status.state) || status.state === 'TASK_UNKNOWN') endUnknown(turn, taskId, conditionOf(status));
  else if (status.state !== 'TASK_UNREACHABLE' && status.agent_id !== undefined && !isAside(turn.state, taskId)) {
    queueKill(turn, taskId, status.agent_id.value);
  }
}

/** The master does not know it any more, or it was killed because nobody wanted it. */
function endUnknown(turn: Turn, taskId: TaskId, condition: ActiveCondition | TerminalCondition): void {
  const wasThere = turn.state.kills.delete(taskId);
  const instanceId = parseTaskId(taskId)?.instanceId;
  if (!wasThere || instanceId === undefined || !isTerminalCondition(condition)) return;
  const runSpecId = `/${instanceId.slice(0, instanceId.lastIndexOf('.instance-')).replaceAll('_', '/')}`;
  tell(turn, {eventType: 'unknown_instance_terminated_event', instanceId, runSpecId, condition});
}

function noteCondition(turn: Turn, app: App, instance: Instance, condition: ActiveCondition, status: TaskStatus): void {
  const {task} = instance;
  if (task === undefined) return;
  turn.touched.add(app);
  const before = instance.condition;
  if (before === 'UnreachableInactive' && condition === 'Unreachable') return;
  // Nobody can say when its end will come. Should it be back, it is killed as unknown.
  if (condition === 'Unreachable' && instance.goal === 'Decommissioned') return removeInstance(turn, app, instance);
  const started = condition === 'Running' && task.startedAtMs === undefined;
  if (started) turn.state.tokens = Math.min(turn.state.tokens + 1, turn.state.settings.launchTokens);
  instance.task = {...task, ...observed(task, condition, status, turn.nowMs)};
  const alive = instance.task.agentHealth?.alive;
  if (alive !== undefined && alive !== task.agentHealth?.alive) tellCheck(turn, app, instance, alive);
  if (before === condition) return;
  instance.condition = condition;
  instance.sinceMs = turn.nowMs;
  tellInstance(turn, app, instance, condition);
  tellStatus(turn, app, instance, status);
}

function observed(
  task: LaunchedTask,
  condition: ActiveCondition,
  status: TaskStatus,
  nowMs: number,
): Partial<LaunchedTask> {
  const addresses = ipAddresses(status);
  const unreachableMs = Math.min(nowMs, (status.unreachable_time?.nanoseconds ?? Infinity) / 1e6);
  return {
    agentHealth: agentHealth(task, status, nowMs),
    ipAddresses: addresses.length > 0 ? addresses : task.ipAddresses,
    startedAtMs: task.startedAtMs ?? (condition === 'Running' ? timestampMs(status, nowMs) : undefined),
    unreachableAtMs: condition === 'Unreachable' ? (task.unreachableAtMs ?? unreachableMs) : undefined,
  };
}

/** Agents tell of each change; what they find is not known here. */
function agentHealth({agentHealth: before}: LaunchedTask, {healthy, message}: TaskStatus, nowMs: number) {
  if (healthy === undefined) return before;
  return healthy ? healthAfterSuccess(before, nowMs) : healthAfterFailure(before, message ?? '', nowMs);
}

const ipAddresses = (status: TaskStatus): string[] =>
  (status.container_status?.network_infos ?? []).flatMap(network =>
    (network.ip_addresses ?? []).flatMap(address => address.ip_address ?? []),
  );

const timestampMs = ({timestamp}: TaskStatus, nowMs: number): number =>
  timestamp === undefined ? nowMs : Math.round(timestamp * 1000);

/** An instance that is still wanted is scheduled again under its id; any other is forgotten. */
export function endTask(
  turn: Turn,
  app: App,
  instance: Instance,
  condition: TerminalCondition,
  status: Pick<TaskStatus, 'state' | 'reason' | 'message' | 'healthy' | 'timestamp'>,
): void {
  turn.touched.add(app);
  tellInstance(turn, app, instance, condition);
  tellStatus(turn, app, instance, status);
  const ours = instance.task !== undefined && turn.state.kills.has(instance.task.taskId);
  const failedCheck = instance.task?.failedCheck;
  const unhealthy = failedCheck !== undefined || (status.healthy === false && !ours);
  if (failedCheck !== undefined) noteFailure(turn, app, instance, {...status, ...unhealthyKill(failedCheck)});
  else if (isLastFailure(condition) || unhealthy) noteFailure(turn, app, instance, status);
  const failed = (countsAsFailure(condition) && !foundNoRoom(status)) || (condition === 'Killed' && unhealthy);
  // Its agent never comes back, and neither does what was reserved there.
  if (status.state === 'TASK_GONE_BY_OPERATOR') app.reserved.delete(instance.id);
  const wanted = instance.goal === 'Running' && !isOld(app, instance);
  if (failed && wanted && app.definition !== undefined) {
    app.delay = afterFailure(app.delay, app.definition.backoff, turn.nowMs);
  }
  if (wanted) reschedule(turn, app, instance);
  else removeInstance(turn, app, instance);
}

const unhealthyKill = (cause: string): Pick<TaskStatus, 'state' | 'message'> => ({
  state: 'TASK_KILLED',
  message: `Task was killed since health check failed. Reason: ${cause}`,
});

/** Another scheduler's pod was on the node first. Unlike a framework that is too slow, the app cannot help it. */
const foundNoRoom = ({state, reason}: Pick<TaskStatus, 'state' | 'reason'>): boolean =>
  state === 'TASK_DROPPED' && reason === 'REASON_RESOURCES_UNKNOWN';

export function reschedule(turn: Turn, app: App, instance: Instance): void {
  forgetTask(turn, instance);
  turn.touched.add(app);
  instance.task = undefined;
  instance.condition = 'Scheduled';
  instance.sinceMs = turn.nowMs;
  instance.version = app.versionInfo?.version ?? instance.version;
  tellInstance(turn, app, instance, 'Scheduled');
}

function noteFailure(
  turn: Turn,
  app: App,
  instance: Instance,
  {state, message = '', timestamp}: Pick<TaskStatus, 'state' | 'message' | 'timestamp'>,
): void {
  const {task} = instance;
  if (task === undefined) return;
  app.lastTaskFailure = {
    appId: app.object.id,
    host: task.agent.hostname,
    message,
    state,
    taskId: task.taskId,
    timestamp: new Date(timestamp === undefined ? turn.nowMs : Math.round(timestamp * 1000)).toISOString(),
    version: instance.version,
    slaveId: task.agent.agentId,
  };
  report(turn, app, 'Warning', 'TaskFailed', `${state} on ${task.agent.hostname}: ${message || 'no message'}`);
}
