import {affectedApps, currentActions, type ReadonlyDeployment} from '../core/deployments/deployment.ts';

type Json = Record<string, unknown>;

/** GET /v2/deployments. */
export const deploymentsJson = (deployments: Iterable<ReadonlyDeployment>): Json[] =>
  [...deployments].map(deploymentJson);

const deploymentJson = (deployment: ReadonlyDeployment): Json => ({
  id: deployment.id,
  version: deployment.version,
  affectedApps: affectedApps(deployment),
  affectedPods: [],
  steps: deployment.steps,
  currentActions: currentActions(deployment).map(action => ({...action, readinessCheckResults: []})),
  currentStep: deployment.currentStep,
  totalSteps: deployment.steps.length,
});
