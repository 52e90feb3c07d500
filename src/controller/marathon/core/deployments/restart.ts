import {isResident} from '../../../../crds/upgrade-strategy.ts';
import type {AppDefinition} from '../apps/app.ts';
import {awaitsReadiness} from '../health/readiness.ts';
import {isHealthy, isLaunched, isWanted, type Instance} from '../instances/instance.ts';
import {selectVictims} from '../instances/kill-selection.ts';
import {decommission} from '../instances/kills.ts';
import {isOld, type App, type Turn} from '../state.ts';
import type {RestartProgress} from './deployment.ts';
import {minimumHealthy, restartBudget, restartLaunches} from './rolling.ts';
import {removeSurplus} from './surplus.ts';

/** What a replacement of the running mix may do; counted once, when it begins. */
export function startRestart(app: App, definition: AppDefinition): RestartProgress {
  const launched = [...app.instances.values()].filter(isLaunched);
  const budget = restartBudget({
    wanted: definition.instances,
    total: launched.length,
    healthy: healthyCount(app, definition),
    minimumHealthCapacity: definition.minimumHealthCapacity,
    maximumOverCapacity: definition.maximumOverCapacity,
    resident: isResident(definition.spec),
  });
  return {...budget, killed: 0, credited: new Set()};
}

/** Instances that are meant to run and are healthy; without health checks, those that run. */
export const healthyCount = (app: App, {hasHealthChecks}: AppDefinition): number =>
  [...app.instances.values()].filter(({goal}) => goal === 'Running').filter(it => isHealthy(it, hasHealthChecks))
    .length;

export function driveRestart(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): void {
  for (const instance of startedOf(app)) {
    if (isReady(app, instance, definition)) restart.credited.add(instance.id);
  }
  advanceRestart(turn, app, definition, restart);
  if (!isAtRest(app, definition)) return;
  renewBudget(app, definition, restart);
  advanceRestart(turn, app, definition, restart);
}

/** Healthy, and ready where the app has a readiness check. */
const isReady = (app: App, instance: Instance, {hasHealthChecks}: AppDefinition): boolean =>
  isHealthy(instance, hasHealthChecks) && !awaitsReadiness(app, instance);

const startedOf = (app: App): Instance[] =>
  [...app.instances.values()].filter(instance => !isOld(app, instance) && isWanted(instance));

/** Kills and launches what the budget allows. */
function advanceRestart(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): void {
  killOld(turn, app, definition, restart);
  const started = startedOf(app);
  const surplus = started.length + app.unmade - definition.instances;
  if (surplus > 0) removeSurplus(turn, app, definition, surplus, started);
  // Killed ones take room until they are gone.
  const leaving = [...app.instances.values()].filter(instance => isOld(app, instance) || instance.goal !== 'Running');
  const launches = restartLaunches(
    definition.instances,
    restart.max,
    leaving.length,
    startedOf(app).length + app.unmade,
  );
  app.unmade += launches;
}

/** Old ones are left, and nobody is coming or going. */
function isAtRest(app: App, definition: AppDefinition): boolean {
  const all = [...app.instances.values()];
  if (!all.some(instance => isOld(app, instance)) || all.some(({goal}) => goal !== 'Running')) return false;
  return app.unmade === 0 && startedOf(app).every(instance => isReady(app, instance, definition));
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

/** Unhealthy ones first; a healthy one only while enough others are. */
function killOld(turn: Turn, app: App, definition: AppDefinition, restart: RestartProgress): void {
  const budget = restart.killNow + restart.credited.size - restart.killed;
  if (budget <= 0) return;
  const healthy = (instance: Instance): boolean => isHealthy(instance, definition.hasHealthChecks);
  const old = [...app.instances.values()].filter(it => isOld(app, it) && it.goal === 'Running');
  const ordered = selectVictims(old, old.length, definition.spec.killSelection, definition.constraints);
  const min = minimumHealthy(definition.instances, definition.minimumHealthCapacity);
  // Where the data is, there cannot be two: one has to go first when there is no room to move.
  const first = isResident(definition.spec) && min === restart.max ? 1 : 0;
  let spare = healthyCount(app, definition) - min + first;
  for (const victim of ordered.toSorted((a, b) => Number(healthy(a)) - Number(healthy(b))).slice(0, budget)) {
    if (healthy(victim)) {
      if (spare <= 0) break;
      spare -= 1;
    }
    restart.killed += 1;
    decommission(turn, app, victim);
  }
}
