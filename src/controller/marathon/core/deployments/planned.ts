import type {AppDefinition} from '../apps/app.ts';
import {configHash} from '../apps/config-hash.ts';
import {followDependencies} from '../groups/dependencies.ts';
import {graphDeclared, type Planned} from '../groups/graph.ts';
import type {Command} from '../commands.ts';
import type {AppId} from '../ids.ts';
import {appOf, type ReadonlyMarathon, type Turn} from '../state.ts';
import {tellChange} from '../tell.ts';
import {cancelDeployment, leaveDeployment, lockApps, noteDeployment, startDeployment} from './deploy.ts';
import {affectedApps, type Deployment, type DeploymentStep} from './deployment.ts';
import {planSteps, type PlannedChange} from './plan.ts';

/** What a change makes of an app; without a definition the app goes. */
export type PlannedApp = {readonly app: AppId; readonly definition: AppDefinition | undefined};

/** What a change makes of a group: what its apps depend on; undefined when nothing is said of it any more. */
export type PlannedGroup = {readonly group: AppId; readonly dependencies: readonly AppId[] | undefined};

export const plannedOf = (apps: readonly PlannedApp[], groups: readonly PlannedGroup[]): Planned => ({
  apps: new Map(apps.map(({app, definition}) => [app, definition])),
  groups: new Map(groups.map(({group, dependencies}) => [group, dependencies])),
});

/** The steps from what is in force to what is planned; none when that is the same. */
export function planOf(
  state: ReadonlyMarathon,
  apps: readonly PlannedApp[],
  groups: readonly PlannedGroup[] = [],
): readonly DeploymentStep[] {
  const changes = apps.flatMap(({app, definition}): PlannedChange[] => {
    const change = changeOf(state, app, definition);
    return change === undefined ? [] : [{app, change}];
  });
  const dependencies = followDependencies(
    changes.map(({app}) => app),
    graphDeclared(state, plannedOf(apps, groups)),
  );
  return planSteps(changes, dependencies.layerOf);
}

function changeOf(
  state: ReadonlyMarathon,
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
export function onPlan(turn: Turn, {id, version, apps, groups}: Extract<Command, {kind: 'plan-deployment'}>): void {
  const steps = planOf(turn.state, apps, groups);
  if (steps.length === 0) return;
  tellChange(
    turn,
    apps.map(({app}) => app),
    {id, version},
  );
  const deployment = startDeployment(turn, {id, version, steps});
  for (const appId of affectedApps(deployment)) {
    deployment.expected.add(appId);
    const app = appOf(turn.state, appId);
    if (app !== undefined) turn.touched.add(app);
  }
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
