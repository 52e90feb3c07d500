import {planSteps, type Deployment, type DeploymentKind, type RestartProgress} from './deployment.ts';
import type {App, Turn} from '../state.ts';

export type NewDeployment = {
  readonly id: string;
  readonly version: string;
  readonly kind: DeploymentKind;
  readonly growing: boolean;
  readonly restart: RestartProgress | undefined;
};

/** Begins a deployment; one that is under way is cancelled, and what it started stays for the new one. */
export function startDeployment(turn: Turn, app: App, {id, version, kind, growing, restart}: NewDeployment): void {
  if (app.deployment !== undefined) cancelDeployment(turn, app, `cancelled by deployment ${id}`);
  const appId = app.object.id;
  const deployment: Deployment = {
    id,
    version,
    appId,
    kind,
    steps: planSteps(kind, appId),
    currentStep: kind === 'start' ? 2 : 1,
    startedAtMs: turn.nowMs,
    growing,
    restart,
  };
  app.deployment = deployment;
  turn.touched.add(app);
  report(turn, app, 'Normal', 'DeploymentStarted', `${describe(deployment)} (deployment ${id})`);
}

export function cancelDeployment(turn: Turn, app: App, why: string): void {
  const {deployment} = app;
  if (deployment === undefined) return;
  app.deployment = undefined;
  turn.touched.add(app);
  report(turn, app, 'Normal', 'DeploymentCancelled', `deployment ${deployment.id}: ${why}`);
}

export function finishDeployment(turn: Turn, app: App): void {
  const {deployment} = app;
  if (deployment === undefined) return;
  app.deployment = undefined;
  turn.touched.add(app);
  report(turn, app, 'Normal', 'DeploymentFinished', `${describe(deployment)} is done (deployment ${deployment.id})`);
}

const describe = ({steps}: Deployment): string =>
  steps
    .at(-1)
    ?.actions.map(({action}) => action)
    .join(', ') ?? 'no step';

/** An event on the app's object. */
export function report(turn: Turn, app: App, type: 'Normal' | 'Warning', reason: string, message: string): void {
  turn.effects.push({kind: 'kube-event', name: app.object.name, uid: app.object.uid, type, reason, message});
}
