import {appOf, type Turn} from '../state.ts';
import {tell} from '../tell.ts';
import {finishDeployment, viewOf} from './deploy.ts';
import {currentActions, type Deployment, type DeploymentAction} from './deployment.ts';

/** Goes on to the next step while all actions of the current one are over; after the last one the deployment ends. */
export function advanceDeployment(turn: Turn, deployment: Deployment): void {
  if (!turn.state.ready || !turn.state.deployments.has(deployment.id)) return;
  if (deployment.steps.length === 0) {
    if (deployment.expected.size === 0) finishDeployment(turn, deployment);
    return;
  }
  while (currentActions(deployment).every(action => isOver(turn, deployment, action))) {
    tell(turn, {eventType: 'deployment_step_success', deployment: viewOf(deployment)});
    if (deployment.currentStep >= deployment.steps.length) return finishDeployment(turn, deployment);
    deployment.currentStep += 1;
    tell(turn, {eventType: 'deployment_info', deployment: viewOf(deployment)});
    if (!beginStep(turn, deployment)) return;
  }
}

/** @returns false when something has begun: whether it is over is seen after the apps were driven */
function beginStep(turn: Turn, deployment: Deployment): boolean {
  const apps = currentActions(deployment).flatMap(({app}) => appOf(turn.state, app) ?? []);
  for (const app of apps) turn.reconsider.add(app);
  return apps.length === 0;
}

function isOver({state}: Turn, {progress}: Deployment, {action, app}: DeploymentAction): boolean {
  const known = appOf(state, app);
  if (action === 'StartApplication') return known?.object.definition.ok === true;
  return progress.get(app)?.done === true || (action === 'StopApplication' && known === undefined);
}
