import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
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
  | {readonly eventType: 'deployment_failed'; readonly deployment: DeploymentView; readonly reason: string}
  | {
      readonly eventType: 'failed_health_check_event';
      readonly appId: string;
      readonly instanceId: string;
      readonly healthCheck: NonNullable<MarathonAppSpec['healthChecks']>[number];
    }
  | {
      readonly eventType: 'health_status_changed_event';
      readonly appId: string;
      readonly instanceId: string;
      readonly version: string;
      readonly alive: boolean;
    }
  | {
      readonly eventType: 'unhealthy_instance_kill_event';
      readonly appId: string;
      readonly taskId: string;
      readonly instanceId: string;
      readonly version: string;
      readonly reason: string;
      readonly host: string;
      readonly slaveId: string;
    };
