import {affectedApps, currentActions, type ReadonlyDeployment} from '../core/deployments/deployment.ts';
import {readinessResults} from '../core/health/readiness.ts';
import type {AppId} from '../core/ids.ts';
import type {ReadonlyApp} from '../core/state.ts';

type Json = Record<string, unknown>;

/** GET /v2/deployments. */
export const deploymentsJson = (deployments: Iterable<ReadonlyDeployment>, appOf: AppOf): Json[] =>
  [...deployments].map(deployment => deploymentJson(deployment, appOf));

type AppOf = (id: AppId) => ReadonlyApp | undefined;

const deploymentJson = (deployment: ReadonlyDeployment, appOf: AppOf): Json => ({
  id: deployment.id,
  version: deployment.version,
  affectedApps: affectedApps(deployment),
  affectedPods: [],
  steps: deployment.steps,
  currentActions: currentActions(deployment).map(action => {
    const app = appOf(action.app);
    return {...action, readinessCheckResults: app === undefined ? [] : readinessResults(app)};
  }),
  currentStep: deployment.currentStep,
  totalSteps: deployment.steps.length,
});
