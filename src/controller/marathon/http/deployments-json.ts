import type {Deployment} from '../core/deployments/deployment.ts';
import type {App} from '../core/state.ts';

type Json = Record<string, unknown>;

/** GET /v2/deployments. A change of several apps is one deployment that does the same step of each at a time. */
export function deploymentsJson(apps: readonly App[]): Json[] {
  const all = apps.flatMap(({deployment}) => deployment ?? []);
  return [...Map.groupBy(all, ({id}) => id).values()].map(deploymentJson);
}

function deploymentJson(parts: readonly Deployment[]): Json {
  const [first] = parts;
  const totalSteps = Math.max(...parts.map(({steps}) => steps.length));
  const steps = Array.from({length: totalSteps}, (_, index) => ({
    actions: parts.flatMap(part => part.steps[index]?.actions ?? []),
  }));
  const current = parts.flatMap(part => part.steps[part.currentStep - 1]?.actions ?? []);
  return {
    id: first?.id,
    version: first?.version,
    affectedApps: parts.map(({appId}) => appId),
    affectedPods: [],
    steps,
    currentActions: current.map(action => ({...action, readinessCheckResults: []})),
    currentStep: Math.min(...parts.map(({currentStep}) => currentStep)),
    totalSteps,
  };
}
