import type {AppId} from '../ids.ts';
import {appOf, type App, type Turn} from '../state.ts';
import {report} from '../report.ts';
import {tell} from '../tell.ts';
import {
  lockedApps,
  workOf,
  describeActions,
  workStepOf,
  type ActionProgress,
  type Before,
  type Deployment,
  type DeploymentStep,
} from './deployment.ts';

export type NewDeployment = {
  readonly id: string;
  readonly version: string;
  readonly steps: readonly DeploymentStep[];
  readonly before?: Before;
  /** Apps whose change is still to be written; they may have no step. */
  readonly expected?: readonly AppId[];
  /** Another deployment that ends with this one. */
  readonly reverted?: Deployment | undefined;
};

/** Locks the apps of a plan; what was under way for one of them is cancelled, and what it started stays. */
export function startDeployment(
  turn: Turn,
  {id, version, steps, before, expected = [], reverted}: NewDeployment,
): Deployment {
  const deployment: Deployment = {
    id,
    version,
    startedAtMs: turn.nowMs,
    steps,
    currentStep: 1,
    progress: new Map(),
    expected: new Set(expected),
    before,
  };
  const others = lockedApps(deployment).flatMap(app => turn.state.locks.get(app) ?? []);
  for (const other of new Set([...others, ...(reverted === undefined ? [] : [reverted])])) {
    cancelDeployment(turn, other, `cancelled by deployment ${id}`);
  }
  lockApps(turn, deployment);
  tell(turn, {eventType: 'deployment_info', deployment: viewOf(deployment)});
  return deployment;
}

export function lockApps(turn: Turn, deployment: Deployment): void {
  const {state} = turn;
  state.deployments.set(deployment.id, deployment);
  for (const id of lockedApps(deployment)) {
    state.locks.set(id, deployment);
    const app = appOf(state, id);
    if (app !== undefined) app.deployment = deployment;
  }
  noteDeployment(turn, deployment);
}

/** It is looked at before the command ends, and its object may read differently now. */
export function noteDeployment(turn: Turn, deployment: Deployment): void {
  turn.deployments.add(deployment);
}

/** What the current step does to an app begins. */
export function beginAction(turn: Turn, app: App, deployment: Deployment, progress: ActionProgress): void {
  deployment.progress.set(app.object.id, progress);
  noteDeployment(turn, deployment);
  report(
    turn,
    app,
    'Normal',
    'DeploymentStarted',
    `${describe(deployment, app.object.id)} (deployment ${deployment.id})`,
  );
}

/** Ends it where it is: specs stay, and so does what runs. Apps that waited for their step go on without it. */
export function cancelDeployment(turn: Turn, deployment: Deployment, why: string): void {
  if (!turn.state.deployments.has(deployment.id)) return;
  for (const app of unlock(turn, deployment)) {
    report(turn, app, 'Normal', 'DeploymentCancelled', `deployment ${deployment.id}: ${why}`);
  }
  tell(turn, {eventType: 'deployment_step_failure', deployment: viewOf(deployment)});
  tell(turn, {eventType: 'deployment_failed', deployment: viewOf(deployment), reason: why});
}

export function finishDeployment(turn: Turn, deployment: Deployment): void {
  for (const app of unlock(turn, deployment)) {
    const what = describe(deployment, app.object.id);
    report(turn, app, 'Normal', 'DeploymentFinished', `${what} is done (deployment ${deployment.id})`);
  }
  tell(turn, {eventType: 'deployment_success', deployment: viewOf(deployment)});
}

/** An app goes, or can't be worked on: the others go on without it. */
export function leaveDeployment(turn: Turn, id: AppId, why: string): void {
  const deployment = turn.state.locks.get(id);
  if (deployment === undefined) return;
  // That it was stopped stays in the plan: it was done.
  if (workOf(deployment, id) === 'StopApplication') return letGo(turn, deployment, id);
  const isLast = lockedApps(deployment).every(app => app === id);
  if (isLast) return cancelDeployment(turn, deployment, why);
  // Steps stay, also empty ones: their numbers have been told.
  deployment.steps = deployment.steps.map(({actions}) => ({actions: actions.filter(({app}) => app !== id)}));
  deployment.progress.delete(id);
  letGo(turn, deployment, id);
}

/** It is locked no longer. */
export function letGo(turn: Turn, deployment: Deployment, id: AppId): void {
  deployment.expected.delete(id);
  turn.state.locks.delete(id);
  const app = appOf(turn.state, id);
  if (app !== undefined) release(turn, app);
  noteDeployment(turn, deployment);
}

/** @returns the apps that were locked and are there */
function unlock(turn: Turn, deployment: Deployment): readonly App[] {
  const {state} = turn;
  state.deployments.delete(deployment.id);
  noteDeployment(turn, deployment);
  return lockedApps(deployment).flatMap(id => {
    if (state.locks.get(id) === deployment) state.locks.delete(id);
    const app = appOf(state, id);
    if (app?.deployment !== deployment) return [];
    release(turn, app);
    return [app];
  });
}

function release(turn: Turn, app: App): void {
  app.deployment = undefined;
  turn.touched.add(app);
  if (app.waitsForStep) turn.reconsider.add(app);
}

const describe = (deployment: Deployment, app: AppId): string =>
  describeActions((deployment.steps[workStepOf(deployment, app) - 1]?.actions ?? []).filter(it => it.app === app));

/** As it is now: the deployment itself goes on changing. */
export const viewOf = ({id, version, steps, currentStep}: Deployment) => ({id, version, steps, currentStep});
