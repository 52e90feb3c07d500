import type {AppDefinition} from '../apps/app.ts';
import {configHash} from '../apps/config-hash.ts';
import {layersOf} from '../apps/dependencies.ts';
import type {AppId} from '../ids.ts';
import {appOf, type MarathonState, type Turn} from '../state.ts';
import {cancelDeployment, leaveDeployment, lockApps, noteDeployment, startDeployment} from './deploy.ts';
import {affectedApps, type Deployment, type DeploymentStep} from './deployment.ts';
import {planSteps, type PlannedChange} from './plan.ts';

/** What a change makes of an app; without a definition the app goes. */
export type PlannedApp = {readonly app: AppId; readonly definition: AppDefinition | undefined};

/** The steps from what is in force to what is planned; none when that is the same. */
export function planOf(state: MarathonState, apps: readonly PlannedApp[]): readonly DeploymentStep[] {
  const planned = new Map(apps.map(({app, definition}) => [app, definition]));
  const changes = apps.flatMap(({app, definition}): PlannedChange[] => {
    const change = changeOf(state, app, definition);
    return change === undefined ? [] : [{app, change}];
  });
  const ids = [...new Set([...planned.keys(), ...state.claims.keys()])];
  const definitionOf = (id: AppId): AppDefinition | undefined =>
    planned.has(id) ? planned.get(id) : appOf(state, id)?.definition;
  return planSteps(
    changes,
    layersOf(ids, id => definitionOf(id)?.spec.dependencies),
  );
}

function changeOf(
  state: MarathonState,
  id: AppId,
  definition: AppDefinition | undefined,
): PlannedChange['change'] | undefined {
  const app = appOf(state, id);
  if (definition === undefined) return app === undefined ? undefined : 'stop';
  if (app?.versionInfo === undefined || app.object.deleting) return 'start';
  if (configHash(definition.spec, app.object.restartedAt) !== app.config) {
    return definition.instances === 0 ? 'scale' : 'restart';
  }
  return definition.instances === app.definition?.instances ? undefined : 'scale';
}

/** Its apps are locked before they are written, so that they begin in the order of the plan. */
export function onPlan(
  turn: Turn,
  {id, version, apps}: {readonly id: string; readonly version: string; readonly apps: readonly PlannedApp[]},
): void {
  const steps = planOf(turn.state, apps);
  if (steps.length === 0) return;
  const deployment = startDeployment(turn, {id, version, steps});
  for (const app of affectedApps(deployment)) deployment.expected.add(app);
}

/** All writes of a plan were answered; those of `failed` were not taken. */
export function onPlanWritten(turn: Turn, id: string, failed: readonly AppId[]): void {
  const deployment = turn.state.deployments.get(id);
  if (deployment === undefined) return;
  const unchanged = [...deployment.expected];
  deployment.expected.clear();
  for (const app of failed) leaveDeployment(turn, app, 'its change was not taken');
  for (const app of unchanged) {
    const known = appOf(turn.state, app);
    if (known !== undefined) turn.reconsider.add(known);
  }
  noteDeployment(turn, deployment);
}

/** What an earlier leader was about. */
export function onDeploymentSeen(turn: Turn, deployment: Deployment): void {
  if (!turn.state.ready && !turn.state.deployments.has(deployment.id)) lockApps(turn, deployment);
}

/** Once all apps are known: what belongs to apps that are not there any more has nothing left to do. */
export function resumeDeployments(turn: Turn): void {
  for (const deployment of turn.state.deployments.values()) {
    for (const app of affectedApps(deployment)) {
      if (appOf(turn.state, app) === undefined) leaveDeployment(turn, app, `${app} is not there any more`);
    }
    noteDeployment(turn, deployment);
  }
}

export function onDeploymentGone(turn: Turn, id: string, why: string): void {
  const deployment = turn.state.deployments.get(id);
  if (deployment !== undefined) cancelDeployment(turn, deployment, why);
}
