import type {DeploymentStep} from './deployments/deployment.ts';

/** A deployment at one moment; `currentStep` is 1-based. */
export type DeploymentView = {
  readonly id: string;
  readonly version: string;
  readonly steps: readonly DeploymentStep[];
  readonly currentStep: number;
};

/** What Marathon tells those who listen to its events; times and wire names are the listener's side. */
export type MarathonEvent =
  | {
      readonly eventType: 'deployment_info' | 'deployment_step_success' | 'deployment_success';
      readonly deployment: DeploymentView;
    }
  | {readonly eventType: 'deployment_failed'; readonly deployment: DeploymentView; readonly reason: string};
