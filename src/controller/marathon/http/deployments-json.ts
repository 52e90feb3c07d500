import {affectedApps, currentActions, type Deployment} from '../core/deployments/deployment.ts';

type Json = Record<string, unknown>;

/** GET /v2/deployments. */
export const deploymentsJson = (deployments: Iterable<Deployment>): Json[] => [...deployments].map(deploymentJson);

const deploymentJson = (deployment: Deployment): Json => ({
  id: deployment.id,
  version: deployment.version,
  affectedApps: affectedApps(deployment),
  affectedPods: [],
  steps: deployment.steps,
  currentActions: currentActions(deployment).map(action => ({...action, readinessCheckResults: []})),
  currentStep: deployment.currentStep,
  totalSteps: deployment.steps.length,
});
