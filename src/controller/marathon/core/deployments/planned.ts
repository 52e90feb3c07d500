import type {MarathonGroupSpec} from '../../../../crds/marathon-group.ts';
import {configHash} from '../apps/config-hash.ts';
import {followDependencies} from '../groups/dependencies.ts';
import {graphDeclared, type Planned} from '../groups/graph.ts';
import type {Command} from '../commands.ts';
import type {GroupObject} from '../groups/group.ts';
import type {AppId} from '../ids.ts';
import {appOf, groupOf, type App, type MarathonState, type ReadonlyMarathon, type Turn} from '../state.ts';
import {tellChange} from '../tell.ts';
import {cancelDeployment, leaveDeployment, letGo, lockApps, noteDeployment, startDeployment} from './deploy.ts';
import {
  affectedApps,
  workStepOf,
  type Before,
  type Deployment,
  type DeploymentStep,
  type FormerApp,
} from './deployment.ts';
import {planSteps, type PlannedChange} from './plan.ts';
import type {PlannedApp, PlannedGroup} from './planned-change.ts';

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
  const changes = apps.flatMap((planned): PlannedChange[] => {
    const {app} = planned;
    const change = changeOf(state, planned);
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
  {app: id, definition, restartedAt}: PlannedApp,
): PlannedChange['change'] | undefined {
  const app = appOf(state, id);
  if (definition === undefined) return app === undefined ? undefined : 'stop';
  if (app?.versionInfo === undefined || app.object.deleting) return 'start';
  if (
    configHash(definition.spec, restartedAt === undefined ? app.object.restartedAt : restartedAt.value) !== app.config
  ) {
    return definition.instances === 0 ? 'scale' : 'restart';
  }
  return definition.instances === app.definition?.instances ? undefined : 'scale';
}

/** Its apps are locked before they are written, so that they begin in the order of the plan. */
export function onPlan(
  turn: Turn,
  {id, version, apps, groups = [], reverts}: Extract<Command, {kind: 'plan-deployment'}>,
): void {
  const {state} = turn;
  const steps = planOf(state, apps, groups);
  const reverted = reverts === undefined ? undefined : state.deployments.get(reverts);
  if (steps.length === 0 && reverted === undefined) return;
  // Those without a step may have waited for one in a deployment that ends now, and must not go on with that.
  const waits = ({app}: PlannedApp): boolean => reverted !== undefined || appOf(state, app)?.waitsForStep === true;
  const expected = [...affectedApps({steps}), ...apps.filter(waits).map(({app}) => app)];
  tellChange(
    turn,
    apps.map(({app}) => app),
    {id, version},
  );
  startDeployment(turn, {id, version, steps, before: beforeOf(state, apps, groups), expected, reverted});
  for (const app of expected) {
    const known = appOf(state, app);
    if (known !== undefined) turn.touched.add(known);
  }
}

/** What a change finds; undefined when there is an app whose definition can't be read. */
function beforeOf(
  state: MarathonState,
  apps: readonly PlannedApp[],
  groups: readonly PlannedGroup[],
): Before | undefined {
  const found = apps.map(({app}) => [app, formerApp(appOf(state, app))] as const);
  const said = groups.map(({group}) => [group, formerGroup(groupOf(state, group)?.object)] as const);
  return found.some(([, former]) => former === 'unknown')
    ? undefined
    : {apps: new Map(found as readonly (readonly [AppId, FormerApp | undefined])[]), groups: new Map(said)};
}

function formerApp(app: App | undefined): FormerApp | undefined | 'unknown' {
  if (app === undefined || app.object.deleting) return undefined;
  const {definition, restartedAt} = app.object;
  return definition.ok ? {spec: definition.value.spec, restartedAt} : 'unknown';
}

function formerGroup(object: GroupObject | undefined): MarathonGroupSpec | undefined {
  if (object?.definition.ok !== true) return undefined;
  const {dependencies, enforceRole} = object.definition.value;
  return {dependencies: [...dependencies], ...(enforceRole === undefined ? {} : {enforceRole})};
}

/** All writes of a plan were answered; those of `failed` were not taken. */
export function onPlanWritten(turn: Turn, id: string, failed: readonly AppId[]): void {
  const deployment = turn.state.deployments.get(id);
  if (deployment === undefined) return;
  const unchanged = [...deployment.expected];
  deployment.expected.clear();
  for (const app of failed) leaveDeployment(turn, app, 'its change was not taken');
  for (const app of unchanged) {
    if (turn.state.locks.get(app) === deployment && workStepOf(deployment, app) === 0) letGo(turn, deployment, app);
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
