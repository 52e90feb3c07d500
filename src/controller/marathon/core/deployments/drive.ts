import {finishDeployment} from './deploy.ts';
import type {AppDefinition} from '../apps/app.ts';
import type {RestartProgress} from './deployment.ts';
import {newInstanceId} from '../ids.ts';
import {isHealthy, isLaunched, isWanted, type Instance} from '../instances/instance.ts';
import {selectVictims} from '../instances/kill-selection.ts';
import {decommission, removeInstance} from '../instances/kills.ts';
import {minimumHealthy, restartBudget, restartLaunches} from './rolling.ts';
import {isOld, type App, type Turn} from '../state.ts';
import {isLeaving, surgeOf} from './surge.ts';

/**
 * Moves an app towards what is wanted, as far as may be now: schedules what is missing, decommissions what is too much,
 * ends the deployment when there is nothing left to do. Looks only at the state, so it may run at any time.
 */
export function drive(turn: Turn, app: App): void {
  if (!turn.state.ready) return;
  if (app.object.deleting) return driveStop(turn, app);
  const {definition} = app;
  if (definition === undefined) return;
  ageUnreachable(turn, app, definition);
  const restart = app.deployment?.restart;
  if (restart === undefined) driveScale(turn, app, definition);
  else driveRestart(turn, app, definition, restart);
  if (app.deployment === undefined || !isDone(app, definition)) return;
  app.victims = new Set();
  finishDeployment(turn, app);
}

/** Its tasks go first, then the object may. */
function driveStop(turn: Turn, app: App): void {
  // A duplicate or invalid object may have started nothing, yet what it did start goes with it.
  for (const instance of [...app.instances.values()]) {
    if (instance.goal === 'Running') decommission(turn, app, instance);
  }
  if (app.instances.size > 0) return;
  if (app.deployment !== undefined) finishDeployment(turn, app);
  if (app.object.claimed) turn.effects.push({kind: 'release-app', name: app.object.name, uid: app.object.uid});
}

/** Time without news of an agent: first replaced, then forgotten. */
function ageUnreachable(turn: Turn, app: App, {unreachable}: AppDefinition): void {
  if (unreachable === 'disabled') return;
  for (const instance of [...app.instances.values()]) {
    const sinceMs = instance.task?.unreachableAtMs;
    if (sinceMs === undefined) continue;
    const ageMs = turn.nowMs - sinceMs;
    if (ageMs >= unreachable.expungeAfterMs) removeInstance(turn, app, instance);
    else if (ageMs >= unreachable.inactiveAfterMs) instance.condition = 'UnreachableInactive';
  }
}

function driveScale(turn: Turn, app: App, definition: AppDefinition): void {
  const wanted = [...app.instances.values()].filter(isWanted);
  const surplus = wanted.length - definition.instances - surgeOf(turn.state, app, definition);
  if (surplus < 0) schedule(turn, app, -surplus);
  if (surplus > 0) removeSurplus(turn, app, definition, wanted, surplus);
}

/**
 * Those that a person named first, then old ones: one that was unreachable during an upgrade may have come back. Then
 * what does not run yet, and what sits on agents that are to be emptied.
 */
function removeSurplus(
  turn: Turn,
  app: App,
  definition: AppDefinition,
  from: readonly Instance[],
  count: number,
): void {
  const {killSelection} = definition.spec;
  const rank = (instance: Instance): number =>
    app.victims.has(instance.id) ? 0 : isLaunched(instance) && isOld(app, instance) ? 1 : rankOfNew(instance);
  const rankOfNew = (instance: Instance): number =>
    !isLaunched(instance) ? 2 : isLeaving(turn.state, instance) ? 3 : 4;
  let left = count;
  for (const group of [0, 1, 2, 3, 4].map(wanted => from.filter(instance => rank(instance) === wanted))) {
    const victims = selectVictims(group, left, killSelection, definition.constraints);
    for (const victim of victims) decommission(turn, app, victim);
    left -= victims.length;
  }
}

function schedule(turn: Turn, app: App, count: number): void {
  for (let i = 0; i < count; i++) {
    const id = newInstanceId(app.object.id, turn.random);
    app.instances.set(id, {
      id,
      goal: 'Running',
      condition: 'Scheduled',
      sinceMs: turn.nowMs,
      incarnation: 0,
      version: app.versionInfo?.version ?? '',
      config: app.config,
    });
  }
  if (count > 0) turn.touched.add(app);
}

/** What a replacement of the running mix may do; counted once, when it begins. */
export function startRestart(app: App, definition: AppDefinition): RestartProgress {
  const launched = [...app.instances.values()].filter(isLaunched);
  const budget = restartBudget({
    wanted: definition.instances,
    total: launched.length,
    healthy: healthyCount(app, definition),
    minimumHealthCapacity: definition.minimumHealthCapacity,
    maximumOverCapacity: definition.maximumOverCapacity,
    resident: false,
  });
  return {...budget, killed: 0, credited: new Set()};
}

const healthyCount = (app: App, {hasHealthChecks}: AppDefinition): number =>
  [...app.instances.values()].filter(({goal}) => goal === 'Running').filter(it => isHealthy(it, hasHealthChecks))
    .length;

function driveRestart(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): void {
  for (const instance of startedOf(app)) {
    if (isHealthy(instance, definition.hasHealthChecks)) restart.credited.add(instance.id);
  }
  if (advanceRestart(turn, app, definition, restart) || !isAtRest(app, definition)) return;
  renewBudget(app, definition, restart);
  advanceRestart(turn, app, definition, restart);
}

const startedOf = (app: App): Instance[] =>
  [...app.instances.values()].filter(instance => !isOld(app, instance) && isWanted(instance));

/** Kills and launches what the budget allows. @returns false when that is nothing */
function advanceRestart(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): boolean {
  const killed = killOld(turn, app, definition, restart);
  const started = startedOf(app);
  const surplus = started.length - definition.instances;
  if (surplus > 0) removeSurplus(turn, app, definition, started, surplus);
  // Killed ones take room until they are gone.
  const leaving = [...app.instances.values()].filter(instance => isOld(app, instance) || instance.goal !== 'Running');
  const launches = restartLaunches(definition.instances, restart.max, leaving.length, started.length);
  schedule(turn, app, launches);
  return killed > 0 || surplus > 0 || launches > 0;
}

/** Old ones are left, and nobody is coming or going. */
function isAtRest(app: App, definition: AppDefinition): boolean {
  const all = [...app.instances.values()];
  if (!all.some(instance => isOld(app, instance)) || all.some(({goal}) => goal !== 'Running')) return false;
  return startedOf(app).every(instance => isHealthy(instance, definition.hasHealthChecks));
}

/**
 * Counts anew when nothing moves: at the start too few may have been healthy to spare any. Where old ones fail their
 * checks, one may go although too few are healthy: it is none of those that must stay.
 */
function renewBudget(app: App, definition: AppDefinition, restart: RestartProgress): void {
  const {killNow, max} = startRestart(app, definition);
  const failing = [...app.instances.values()].some(it => isOld(app, it) && it.task?.healthy === false);
  restart.max = max;
  restart.killNow = Math.max(killNow, failing ? 1 : 0);
  restart.killed = restart.credited.size;
}

/** Unhealthy ones first; a healthy one only while enough others are. @returns how many were killed */
function killOld(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): number {
  const before = restart.killed;
  if (before >= restart.killNow + restart.credited.size) return 0;
  const healthy = (instance: Instance): boolean => isHealthy(instance, definition.hasHealthChecks);
  const old = [...app.instances.values()].filter(it => isOld(app, it) && it.goal === 'Running');
  const ordered = selectVictims(old, old.length, definition.spec.killSelection, definition.constraints);
  const min = minimumHealthy(definition.instances, definition.minimumHealthCapacity);
  let spare = healthyCount(app, definition) - min;
  for (const victim of ordered.toSorted((a, b) => Number(healthy(a)) - Number(healthy(b)))) {
    if (restart.killed >= restart.killNow + restart.credited.size) break;
    if (healthy(victim)) {
      if (spare <= 0) break;
      spare -= 1;
    }
    restart.killed += 1;
    decommission(turn, app, victim);
  }
  return restart.killed - before;
}

function isDone(app: App, definition: AppDefinition): boolean {
  const all = [...app.instances.values()];
  if (all.some(({goal}) => goal === 'Decommissioned')) return false;
  const {deployment} = app;
  if (deployment?.restart !== undefined && all.some(instance => isOld(app, instance))) return false;
  if (deployment?.restart === undefined && deployment?.growing === false) return true;
  return healthyCount(app, definition) >= definition.instances;
}
