import {tellCheck} from '../tell.ts';
import {findTask} from '../instances/updates.ts';
import type {Instance, LaunchedTask} from '../instances/instance.ts';
import {queueKill} from '../instances/kills.ts';
import {report} from '../report.ts';
import type {App, Turn} from '../state.ts';
import {subjectOfApp} from '../subjects.ts';
import {blame} from '../../../../lib/blame.ts';
import {afterFailure, afterSuccess, type CheckHealth, type CheckResult} from './results.ts';
import {definitionOf, type DeclaredCheck} from './health.ts';
import type {CheckName, ProbeAnswer} from './probes.ts';
import {awaitsReadiness} from './readiness.ts';

/** Takes in what a task answered. */
export function onProbeAnswer(turn: Turn, taskId: string, name: CheckName, answer: ProbeAnswer): void {
  const found = findTask(turn, taskId);
  const task = found?.instance.task;
  // An answer may be late: it says nothing about what comes next.
  if (found === undefined || task === undefined || found.instance.condition !== 'Running') return;
  blame(subjectOfApp(found.app), () => {
    if (name === 'ready') noteReadiness(turn, found.app, found.instance, answer);
    else if (name === 'check')
      found.instance.task = {...task, checkResult: resultOf(answer, isTcpCheck(found.app, found.instance))};
    else noteHealth(turn, found.app, found.instance, name, answer);
  });
}

const isTcpCheck = (app: App, instance: Instance): boolean =>
  definitionOf(app, instance)?.spec.check?.tcp !== undefined;

const resultOf = (answer: ProbeAnswer, isTcp: boolean): CheckResult =>
  isTcp
    ? {tcp: {succeeded: answer.kind === 'connected'}}
    : {http: answer.kind === 'status' ? {statusCode: answer.status} : {}};

function noteHealth(turn: Turn, app: App, instance: Instance, index: number, answer: ProbeAnswer): void {
  const {task} = instance;
  const check = definitionOf(app, instance)?.spec.healthChecks?.[index];
  if (task === undefined || check === undefined) return;
  const verdict = verdictOf(check, answer);
  if (verdict === 'unchanged') return;
  const before = task.checks?.get(index);
  if (verdict.ok) return setHealth(turn, app, instance, index, afterSuccess(before, turn.nowMs));
  if (isInGrace(check, before, task, turn.nowMs)) return;
  turn.effects.push({
    kind: 'marathon-event',
    event: {eventType: 'failed_health_check_event', appId: app.object.id, instanceId: instance.id, healthCheck: check},
  });
  setHealth(turn, app, instance, index, afterFailure(before, verdict.cause, turn.nowMs));
  const failures = before?.consecutiveFailures ?? 0;
  if (check.maxConsecutiveFailures > 0 && failures >= check.maxConsecutiveFailures) {
    killUnhealthy(turn, app, instance, verdict.cause);
  }
}

type Verdict = 'unchanged' | {readonly ok: true} | {readonly ok: false; readonly cause: string};

function verdictOf({ignoreHttp1xx}: DeclaredCheck, answer: ProbeAnswer): Verdict {
  switch (answer.kind) {
    case 'connected':
      return {ok: true};
    case 'failed':
      return {ok: false, cause: answer.cause};
    case 'status':
      if (answer.status < 200 && ignoreHttp1xx) return 'unchanged';
      return answer.status >= 200 && answer.status < 400 ? {ok: true} : {ok: false, cause: `HTTP ${answer.status}`};
    default:
      return answer satisfies never;
  }
}

/** Before the first success, failures do not even count for so long. */
const isInGrace = (check: DeclaredCheck, before: CheckHealth | undefined, task: LaunchedTask, nowMs: number): boolean =>
  before?.firstSuccessMs === undefined && nowMs - (task.startedAtMs ?? nowMs) < check.gracePeriodSeconds * 1000;

/** Only a change of life and death may change what the app does next. */
function setHealth(turn: Turn, app: App, instance: Instance, index: number, health: CheckHealth): void {
  const {task} = instance;
  if (task === undefined) return;
  const before = task.checks?.get(index);
  instance.task = {...task, checks: new Map(task.checks).set(index, health)};
  if (before?.alive === health.alive) return;
  turn.touched.add(app);
  tellCheck(turn, app, instance, health.alive);
}

/** It is launched again when its end is known. */
function killUnhealthy(turn: Turn, app: App, instance: Instance, cause: string): void {
  const {task} = instance;
  if (task === undefined || turn.state.kills.has(task.taskId)) return;
  if (isHeldBack(turn, app)) return;
  const {agentId, hostname} = task.agent;
  instance.task = {...task, failedCheck: cause};
  turn.touched.add(app);
  turn.effects.push({
    kind: 'marathon-event',
    event: {
      eventType: 'unhealthy_instance_kill_event',
      appId: app.object.id,
      taskId: task.taskId,
      instanceId: instance.id,
      version: instance.version,
      reason: cause,
      host: hostname,
      slaveId: agentId,
    },
  });
  queueKill(turn, task.taskId, agentId);
}

/**
 * The circuit breaker: when most of an app turns unhealthy at once, the cause is rarely in the app, and killing it all
 * makes it worse.
 */
function isHeldBack(turn: Turn, app: App): boolean {
  const {unhealthyKillLimit} = turn.state.settings;
  if (unhealthyKillLimit >= 1) return false;
  const running = [...app.instances.values()].filter(({condition}) => condition === 'Running');
  const failing = running.filter(({task}) => [...(task?.checks?.values() ?? [])].some(({alive}) => !alive)).length;
  const held = failing > 1 && failing / running.length > unhealthyKillLimit;
  if (held && !app.killsHeldBack) {
    const part = `${failing} of ${running.length} running instances`;
    report(turn, app, 'Warning', 'KillsHeldBack', `${part} fail their health checks: none is killed for that`);
  }
  app.killsHeldBack = held;
  return held;
}

/** No connection, as a gateway would say it. */
const NO_ANSWER = 504;

function noteReadiness(turn: Turn, app: App, instance: Instance, answer: ProbeAnswer): void {
  const {task} = instance;
  const check = app.definition?.spec.readinessChecks?.[0];
  if (task === undefined || check === undefined || !awaitsReadiness(app, instance)) return;
  const response =
    answer.kind === 'status'
      ? {status: answer.status, contentType: answer.contentType ?? '', body: answer.body ?? ''}
      : {status: NO_ANSWER, contentType: 'text/plain', body: answer.kind === 'failed' ? answer.cause : ''};
  const ready = answer.kind === 'status' && check.httpStatusCodesForReady.includes(answer.status);
  instance.task = {
    ...task,
    readiness: {ready, ...(check.preserveLastResponse && {lastResponse: response})},
  };
  if (ready) turn.touched.add(app);
}
