import type {MarathonAppSpec} from '../../../../crds/marathon-app.ts';
import type {AppDefinition} from '../apps/app.ts';
import type {Instance, LaunchedTask} from '../instances/instance.ts';
import {isOld, type App, type ReadonlyApp, type Turn} from '../state.ts';
import {tellHealth} from '../tell.ts';
import type {CheckHealth} from './results.ts';

export type DeclaredCheck = NonNullable<MarathonAppSpec['healthChecks']>[number];

/** Marathon performs these itself; the agent performs all others, where the task runs. */
export const isByMarathon = ({protocol}: DeclaredCheck): boolean => ['HTTP', 'HTTPS', 'TCP'].includes(protocol);

/**
 * The definition that a task was launched with. Of a task that an earlier leader launched and that is not of today's
 * configuration nobody knows it any more.
 */
export const definitionOf = (app: ReadonlyApp, instance: Readonly<Instance>): AppDefinition | undefined =>
  instance.task?.definition ?? (isOld(app, instance) ? undefined : app.definition);

/** One for each declared check, in order; undefined where there is no result yet. */
export const checkHealths = ({spec}: AppDefinition, task: LaunchedTask): readonly (CheckHealth | undefined)[] =>
  (spec.healthChecks ?? []).map((check, index) => (isByMarathon(check) ? task.checks?.get(index) : task.agentHealth));

/** Works out anew whether each task is healthy. */
export function refreshHealth(turn: Turn, app: App): void {
  for (const instance of app.instances.values()) {
    const {task} = instance;
    if (task === undefined) continue;
    const healthy = isTaskHealthy(app, instance, task);
    if (healthy === task.healthy) continue;
    instance.task = {...task, healthy};
    tellHealth(turn, app, instance, healthy);
  }
}

/**
 * Healthy when every check is alive, not healthy when one is not; undefined as long as a result is missing. What an
 * earlier leader let run is healthy where nobody can check it any more: it would have been killed otherwise.
 */
function isTaskHealthy(app: App, instance: Instance, task: LaunchedTask): boolean | undefined {
  const definition = definitionOf(app, instance);
  if (definition === undefined) return task.agentHealth?.alive ?? (app.definition?.hasHealthChecks ? true : undefined);
  const healths = checkHealths(definition, task);
  if (healths.some(health => health?.alive === false)) return false;
  return healths.length > 0 && healths.every(health => health?.alive === true) ? true : undefined;
}
