import {finishDeployment} from './deploy.ts';
import type {AppDefinition} from './app.ts';
import type {RestartProgress} from './deployment.ts';
import {newInstanceId} from './ids.ts';
import {isHealthy, isLaunched, isWanted, type Instance} from './instance.ts';
import {selectVictims} from './kill-selection.ts';
import {decommission, removeInstance} from './kills.ts';
import {minimumHealthy, restartBudget, restartLaunches} from './rolling.ts';
import {isOld, type App, type Turn} from './state.ts';

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
  if (app.deployment !== undefined && isDone(app, definition)) finishDeployment(turn, app);
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
  const surplus = wanted.length - definition.instances;
  if (surplus < 0) schedule(turn, app, -surplus);
  if (surplus > 0) removeSurplus(turn, app, definition, wanted, surplus);
}

/** Old ones first: one that was unreachable during an upgrade may have come back. */
function removeSurplus(
  turn: Turn,
  app: App,
  definition: AppDefinition,
  from: readonly Instance[],
  count: number,
): void {
  const {killSelection} = definition.spec;
  const old = from.filter(instance => isLaunched(instance) && isOld(app, instance));
  const first = selectVictims(old, count, killSelection, definition.constraints);
  const others = from.filter(instance => !old.includes(instance));
  const rest = selectVictims(others, count - first.length, killSelection, definition.constraints);
  for (const victim of [...first, ...rest]) decommission(turn, app, victim);
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
  const all = [...app.instances.values()];
  const started = all.filter(instance => !isOld(app, instance) && isWanted(instance));
  for (const instance of started) {
    if (isHealthy(instance, definition.hasHealthChecks)) restart.credited.add(instance.id);
  }
  killOld(turn, app, definition, restart);
  if (started.length > definition.instances) {
    removeSurplus(turn, app, definition, started, started.length - definition.instances);
  }
  // Killed ones take room until they are gone.
  const leaving = [...app.instances.values()].filter(instance => isOld(app, instance) || instance.goal !== 'Running');
  schedule(turn, app, restartLaunches(definition.instances, restart.max, leaving.length, started.length));
}

/** Unhealthy ones first; a healthy one only while enough others are. */
function killOld(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): void {
  const healthy = (instance: Instance): boolean => isHealthy(instance, definition.hasHealthChecks);
  const old = [...app.instances.values()].filter(it => isOld(app, it) && it.goal === 'Running');
  const ordered = selectVictims(old, old.length, definition.spec.killSelection, definition.constraints);
  const min = minimumHealthy(definition.instances, definition.minimumHealthCapacity);
  let spare = healthyCount(app, definition) - min;
  for (const victim of ordered.toSorted((a, b) => Number(healthy(a)) - Number(healthy(b)))) {
    if (restart.killed >= restart.killNow + restart.credited.size) return;
    if (healthy(victim)) {
      if (spare <= 0) return;
      spare -= 1;
    }
    restart.killed += 1;
    decommission(turn, app, victim);
  }
}

function isDone(app: App, definition: AppDefinition): boolean {
  const all = [...app.instances.values()];
  if (all.some(({goal}) => goal === 'Decommissioned')) return false;
  const {deployment} = app;
  if (deployment?.restart !== undefined && all.some(instance => isOld(app, instance))) return false;
  if (deployment?.restart === undefined && deployment?.growing === false) return true;
  return healthyCount(app, definition) >= definition.instances;
}
