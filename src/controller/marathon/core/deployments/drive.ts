import type {AppDefinition} from '../apps/app.ts';
import {isOld, type App, type Turn} from '../state.ts';
import {decommission, removeInstance} from '../instances/kills.ts';
import {rememberLost} from '../instances/lost.ts';
import {tellInstance} from '../tell.ts';
import {wantedCount} from '../instances/instance.ts';
import {refreshHealth} from '../health/health.ts';
import {awaitsReadiness} from '../health/readiness.ts';
import {noteDeployment} from './deploy.ts';
import {isMadeAgain, type ActionProgress, type RestartProgress} from './deployment.ts';
import {driveRestart, healthyCount} from './restart.ts';
import {removeSurplus} from './surplus.ts';
import {surgeOf} from './surge.ts';

/**
 * Moves an app towards what is wanted, as far as may be now. What is missing is counted, what is too much goes, and the
 * app's part of a deployment ends when nothing is left to do. Looks only at the state, so it may run at any time.
 */
export function drive(turn: Turn, app: App): void {
  if (!turn.state.ready) return;
  refreshHealth(turn, app);
  const progress = app.deployment?.progress.get(app.object.id);
  if (app.object.deleting) return driveStop(turn, app, progress);
  const {definition, deployment} = app;
  // Until its change has come, it stays as it is: what it has too much of may be what it is to go back to.
  const isExpected = progress === undefined && deployment?.expected.has(app.object.id) === true;
  if (definition === undefined || isExpected) return;
  ageUnreachable(turn, app, definition);
  if (progress?.restart === undefined || progress.done) driveScale(turn, app, definition);
  else replace(turn, app, definition, progress.restart);
  if (progress === undefined || progress.done || !isDone(app, definition, progress)) return;
  app.victims = new Set();
  endAction(turn, app, progress);
}

/** What the next leader must know is written down when it changes. */
function replace(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): void {
  const before = countsOf(restart);
  driveRestart(turn, app, definition, restart);
  if (app.deployment !== undefined && countsOf(restart) !== before) noteDeployment(turn, app.deployment);
}

const countsOf = ({killNow, max, killed, credited}: RestartProgress): string =>
  [killNow, max, killed, credited.size].join();

function endAction(turn: Turn, {deployment}: App, progress: ActionProgress): void {
  progress.done = true;
  if (deployment !== undefined) noteDeployment(turn, deployment);
}

/** Its tasks go first, then the object may. In a plan it waits for its step. */
function driveStop(turn: Turn, app: App, progress: ActionProgress | undefined): void {
  if (progress === undefined && app.deployment !== undefined && !isMadeAgain(app.deployment, app.object.id)) return;
  // A duplicate or invalid object may have started nothing, yet what it did start goes with it.
  for (const instance of [...app.instances.values()]) {
    if (instance.goal === 'Running') decommission(turn, app, instance);
  }
  if (app.instances.size > 0) return;
  if (progress?.done === false) endAction(turn, app, progress);
  if (app.object.claimed) turn.effects.push({kind: 'release-app', name: app.object.name, uid: app.object.uid});
}

/** Time without news of an agent: first replaced, then forgotten. */
function ageUnreachable(turn: Turn, app: App, {unreachable}: AppDefinition): void {
  if (unreachable === 'disabled') return;
  for (const instance of [...app.instances.values()]) {
    const sinceMs = instance.task?.unreachableAtMs;
    if (sinceMs === undefined) continue;
    const ageMs = turn.nowMs - sinceMs;
    if (ageMs >= unreachable.expungeAfterMs) {
      rememberLost(turn, app, instance);
      removeInstance(turn, app, instance);
    } else if (ageMs >= unreachable.inactiveAfterMs && instance.condition !== 'UnreachableInactive') {
      instance.condition = 'UnreachableInactive';
      tellInstance(turn, app, instance, 'UnreachableInactive');
    }
  }
}

function driveScale(turn: Turn, app: App, definition: AppDefinition): void {
  const surplus = wantedCount(app) - definition.instances - surgeOf(turn.state, app, definition);
  if (surplus > 0) removeSurplus(turn, app, definition, surplus);
  else app.unmade -= surplus;
}

function isDone(app: App, definition: AppDefinition, {growing, restart}: ActionProgress): boolean {
  const all = [...app.instances.values()];
  if (all.some(({goal}) => goal === 'Decommissioned')) return false;
  if (restart !== undefined && all.some(instance => isOld(app, instance))) return false;
  if (restart === undefined && !growing) return true;
  if (all.some(instance => awaitsReadiness(app, instance))) return false;
  return healthyCount(app, definition) >= definition.instances;
}
