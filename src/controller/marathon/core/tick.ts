import {isDelayed, isForgotten} from './instances/backoff.ts';
import {afterFailure} from './health/results.ts';
import {isByMarathon} from './health/health.ts';
import {report} from './report.ts';
import {tellCheck} from './tell.ts';
import type {Instance} from './instances/instance.ts';
import {queueKill} from './instances/kills.ts';
import {isOld, type App, type Turn} from './state.ts';

/** How often tasks are looked through for those that take too long. */
const TASK_CHECK_MS = 1000;

/** What is due by time alone. Cheap when nothing is: the shell calls it several times a second. */
export function onTick(turn: Turn): void {
  endDelays(turn);
  refillTokens(turn);
  if (turn.nowMs >= turn.state.nextTaskCheckMs) checkTasks(turn);
  if (turn.state.connected && turn.nowMs >= turn.state.nextReconcileMs) reconcile(turn);
}

/** A delay that has passed lets the app launch; it is remembered for a while, in case the next failure comes soon. */
function endDelays(turn: Turn): void {
  for (const [name, phase] of turn.state.delayed) {
    const app = turn.state.apps.get(name);
    if (app?.delay === undefined || isDelayed(app.delay, turn.nowMs)) continue;
    const forgotten = app.definition === undefined || isForgotten(app.delay, app.definition.backoff, turn.nowMs);
    if (forgotten) app.delay = undefined;
    if (forgotten || phase === 'waiting') turn.touched.add(app);
  }
}

function refillTokens({state, nowMs}: Turn): void {
  if (nowMs - state.tokensRefilledMs < state.settings.launchTokenRefreshMs) return;
  state.tokens = state.settings.launchTokens;
  state.tokensRefilledMs = nowMs;
}

function checkTasks(turn: Turn): void {
  turn.state.nextTaskCheckMs = turn.nowMs + TASK_CHECK_MS;
  for (const app of turn.state.apps.values()) {
    for (const instance of app.instances.values()) checkInstance(turn, app, instance);
  }
}

function checkInstance(turn: Turn, app: App, instance: Instance): void {
  const {task} = instance;
  if (task === undefined) return;
  if (task.unreachableAtMs !== undefined) turn.touched.add(app);
  noteNeverHealthy(turn, app, instance);
  const limitMs = launchLimitMs(turn, instance);
  if (limitMs === undefined || turn.nowMs - task.stagedAtMs < limitMs || turn.state.kills.has(task.taskId)) return;
  report(
    turn,
    app,
    'Warning',
    'LaunchTimeout',
    `a task on ${task.agent.hostname} is not running after ${limitMs / 1000} s`,
  );
  queueKill(turn, task.taskId, task.agent.agentId);
}

/**
 * Agents tell only of a check that has succeeded once. When a check has begun after the grace period and none has
 * succeeded, it fails. An instance of an older definition is left out: that one's checks are not known any more.
 */
function noteNeverHealthy(turn: Turn, app: App, instance: Instance): void {
  const {task, condition} = instance;
  const check = app.definition?.spec.healthChecks?.find(it => !isByMarathon(it));
  if (check === undefined || task?.startedAtMs === undefined || task.agentHealth !== undefined) return;
  if (condition !== 'Running' || isOld(app, instance)) return;
  const beganAfterGrace = Math.max(check.delaySeconds, check.gracePeriodSeconds) + check.intervalSeconds;
  if (turn.nowMs - task.startedAtMs < 1000 * beganAfterGrace) return;
  instance.task = {...task, agentHealth: afterFailure(undefined, 'not healthy since it was started', turn.nowMs)};
  tellCheck(turn, app, instance, false);
  turn.touched.add(app);
}

function launchLimitMs({state}: Turn, {condition}: Instance): number | undefined {
  if (condition === 'Provisioned') return state.settings.taskLaunchConfirmTimeoutMs;
  return condition === 'Staging' || condition === 'Starting' ? state.settings.taskLaunchTimeoutMs : undefined;
}

/** First the tasks that are known, then whatever else the master has. */
function reconcile({state, nowMs, effects}: Turn): void {
  state.nextReconcileMs = nowMs + state.settings.reconciliationIntervalMs;
  const tasks = [...state.apps.values()].flatMap(app =>
    [...app.instances.values()].flatMap(({task}) =>
      task === undefined ? [] : [{taskId: task.taskId, agentId: task.agent.agentId}],
    ),
  );
  if (tasks.length > 0) effects.push({kind: 'reconcile', tasks});
  effects.push({kind: 'reconcile', tasks: []});
}
