import type {Offer, TaskStatus} from '../../../api/mesos/v1/common.ts';
import type {Task} from '../../../api/mesos/v1/operator.ts';
import type {AgentFacts} from './offers/agent-facts.ts';
import type {Deployment} from './deployments/deployment.ts';
import type {GroupObject} from './groups/group.ts';
import type {AppId, InstanceId} from './ids.ts';
import type {CheckName, ProbeAnswer} from './health/probes.ts';
import type {PlannedApp, PlannedGroup} from './deployments/planned-change.ts';
import type {AppObject} from './state.ts';

/** Everything that can happen to Marathon. */
export type Command =
  | {readonly kind: 'app-seen'; readonly object: AppObject}
  | {readonly kind: 'app-gone'; readonly name: string; readonly uid: string}
  | {readonly kind: 'group-seen'; readonly object: GroupObject}
  | {readonly kind: 'group-gone'; readonly name: string; readonly uid: string}
  /** `roles` and `suppressedRoles` as they were sent with SUBSCRIBE. */
  | {
      readonly kind: 'subscribed';
      readonly frameworkId: string;
      readonly homeRegion: string | undefined;
      readonly roles: readonly string[];
      readonly suppressedRoles: readonly string[];
    }
  /** All tasks of this framework, and where they run; the first one comes after all apps were seen. */
  | {readonly kind: 'restored'; readonly tasks: readonly Task[]; readonly agents: readonly AgentFacts[]}
  | {readonly kind: 'disconnected'}
  | {readonly kind: 'offers'; readonly offers: readonly Offer[]}
  | {readonly kind: 'update'; readonly status: TaskStatus}
  | {readonly kind: 'agent-removed'; readonly agentId: string}
  /** All agents that are deactivated now. */
  | {readonly kind: 'agents-leaving'; readonly agentIds: readonly string[]}
  /** The master did not take an ACCEPT: its tasks were not launched. */
  | {readonly kind: 'accept-refused'; readonly taskIds: readonly string[]; readonly message: string}
  /** A person kills tasks. Decommissioned: they are not replaced by themselves. */
  | {readonly kind: 'kill-instances'; readonly instanceIds: readonly InstanceId[]; readonly decommission: boolean}
  /** Marathon fails at this object: it stays as it is, and so does what runs for it. */
  | {readonly kind: 'app-aside'; readonly name: string; readonly id: AppId}
  /** What an earlier leader was about; comes before the running tasks are known. */
  | {readonly kind: 'deployment-seen'; readonly deployment: Deployment}
  /** Somebody deleted its object: it is cancelled. */
  | {readonly kind: 'deployment-gone'; readonly id: string}
  /** A person ends it where it is. */
  | {readonly kind: 'cancel-deployment'; readonly id: string}
  /** A change of several apps that is about to be written: one deployment. Its apps are locked from now on. */
  | {
      readonly kind: 'plan-deployment';
      readonly id: string;
      readonly version: string;
      readonly apps: readonly PlannedApp[];
      readonly groups?: readonly PlannedGroup[];
      /** The deployment that this one takes back; it ends. */
      readonly reverts?: string;
    }
  /** The writes of a plan are answered; those of `failed` were not taken. */
  | {readonly kind: 'plan-written'; readonly id: string; readonly failed: readonly AppId[]}
  /** What a task answered to a check that Marathon performs. */
  | {readonly kind: 'probe-answer'; readonly taskId: string; readonly check: CheckName; readonly answer: ProbeAnswer}
  | {readonly kind: 'reset-delay'; readonly name: string}
  | {readonly kind: 'tick'};
