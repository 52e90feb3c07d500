import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import type {ActiveCondition, TerminalCondition} from './instances/instance.ts';
import type {DeploymentStep} from './deployments/deployment.ts';

/** A deployment at one moment; `currentStep` is 1-based. */
export type DeploymentView = {
  readonly id: string;
  readonly version: string;
  readonly steps: readonly DeploymentStep[];
  readonly currentStep: number;
};

/** What Marathon tells those who listen to its events. Times, and what is the same in several, are the listener's side. */
export type MarathonEvent =
  | {
      readonly eventType:
        'deployment_info' | 'deployment_step_success' | 'deployment_step_failure' | 'deployment_success';
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
      readonly eventType: 'instance_health_changed_event';
      readonly instanceId: string;
      readonly runSpecId: string;
      readonly healthy: boolean | undefined;
      readonly runSpecVersion: string;
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
    }
  /** `groupId`: the group around everything that was changed. */
  | {
      readonly eventType: 'group_change_success';
      readonly groupId: string;
      readonly version: string;
      readonly deploymentId: string;
    }
  | {
      readonly eventType: 'group_change_failed';
      readonly groupId: string;
      readonly version: string;
      readonly reason: string;
    }
  | {
      readonly eventType: 'status_update_event';
      readonly slaveId: string;
      readonly taskId: string;
      readonly taskStatus: string;
      readonly message: string;
      readonly appId: string;
      readonly host: string;
      readonly ipAddresses: readonly string[];
      readonly ports: readonly number[];
      readonly version: string;
    }
  | {
      readonly eventType: 'instance_changed_event';
      readonly instanceId: string;
      readonly condition: ActiveCondition | TerminalCondition;
      readonly runSpecId: string;
      readonly agentId: string | undefined;
      readonly host: string | undefined;
      readonly runSpecVersion: string;
    }
  | {
      readonly eventType: 'unknown_instance_terminated_event';
      readonly instanceId: string;
      readonly runSpecId: string;
      readonly condition: TerminalCondition;
    }
  | {
      readonly eventType: 'add_health_check_event';
      readonly appId: string;
      readonly version: string;
      readonly healthCheck: NonNullable<MarathonAppSpec['healthChecks']>[number];
    }
  | {readonly eventType: 'remove_health_check_event' | 'app_terminated_event'; readonly appId: string}
  | {
      readonly eventType: 'framework_message_event';
      readonly executorId: string;
      readonly slaveId: string;
      readonly message: string;
    }
  | {readonly eventType: 'scheduler_registered_event'; readonly frameworkId: string; readonly master: string}
  | {readonly eventType: 'scheduler_reregistered_event'; readonly master: string}
  | {readonly eventType: 'scheduler_disconnected_event'}
  | {
      readonly eventType: 'api_post_event';
      readonly clientIp: string;
      readonly uri: string;
      readonly appDefinition: Readonly<Record<string, unknown>>;
    }
  | {
      readonly eventType: 'event_stream_attached' | 'event_stream_detached';
      readonly remoteAddress: string;
    };
