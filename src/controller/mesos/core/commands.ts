import type {RoleWish, RoleSetting} from './roles/role-types.ts';
import type {LaunchKey, RestoredLaunch, SeenTask} from './tasks/task-record.ts';
import type {AgentLease, AgentRecord, AgentSighting} from './agents/agent-record.ts';
import type {FrameworkInfo, TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {FrameworkCall, Operation, SubscribeCall} from '../../../api/mesos/v1/scheduler.ts';
import type {Domain} from '../../../allocator/records.ts';
import type {AgentId, FrameworkId, StreamId} from './ids.ts';
import type {Maintenance} from './maintenance/maintenance-plan.ts';

/** A framework found in a MesosFramework object when a leader starts. `uid` is the object's. */
export type RestoredFramework = {
  readonly id: FrameworkId;
  readonly uid: string;
  readonly info: FrameworkInfo;
  readonly suppressedRoles: readonly string[];
  readonly registeredMs: number;
};

/** What a framework may not do of an ACCEPT: these very objects of its call. */
export type Denied = ReadonlySet<Operation | TaskInfo>;

/** Everything the master's owner can be told. A command about something unknown changes nothing, unless said otherwise. */
export type Command =
  /** At start, before anything else: what an earlier leader left in Kubernetes, at once or one object at a time. */
  | {
      readonly kind: 'restore';
      readonly frameworks: readonly RestoredFramework[];
      /** Agents not heard of yet: `recovered`. They become registered when their Leases are renewed. */
      readonly agents: readonly AgentRecord[];
      /** Agents whose status said unreachable; `sinceMs` by wall clock. */
      readonly unreachable: readonly {readonly agent: AgentRecord; readonly sinceMs: number}[];
      readonly launches: readonly RestoredLaunch[];
      /** In the first command. `inEffect`: what an earlier leader had accepted. */
      readonly roles?: {readonly wishes: readonly RoleWish[]; readonly inEffect: readonly RoleSetting[]};
      /** Another command of this kind follows. */
      readonly more?: true;
    }
  | {
      readonly kind: 'subscribe';
      readonly streamId: StreamId;
      readonly call: SubscribeCall;
      readonly principal?: string;
    }
  /** A `save-framework` was done; `uid` is the object's. */
  | {readonly kind: 'framework-saved'; readonly frameworkId: FrameworkId; readonly saveId: number; readonly uid: string}
  /** The operator's plan for machines, as it is kept in its object. */
  | {readonly kind: 'maintenance'; readonly maintenance: Maintenance}
  /** What the operator does with resources of an agent; `answer` follows. */
  | {
      readonly kind: 'operate';
      readonly requestId: string;
      readonly agentId: AgentId;
      readonly operation: Operation;
      readonly principal?: string;
    }
  /** A `save-reservations` was done. */
  | {readonly kind: 'reservations-saved'; readonly agentId: AgentId; readonly saveId: number}
  /** A `save-reservations` was refused for good. */
  | {
      readonly kind: 'reservations-not-saved';
      readonly agentId: AgentId;
      readonly saveId: number;
      readonly message: string;
    }
  /** A `save-framework` was refused for good. */
  | {
      readonly kind: 'framework-not-saved';
      readonly frameworkId: FrameworkId;
      readonly saveId: number;
      readonly message: string;
    }
  /** The stream's connection ended. */
  | {readonly kind: 'disconnected'; readonly streamId: StreamId}
  /** A call that passed all checks that have an HTTP status (UPDATE_FRAMEWORK: `updateProblem` too). */
  | {readonly kind: 'call'; readonly call: FrameworkCall; readonly denied?: Denied}
  /** An agent's object was seen; repeats change nothing. */
  | {readonly kind: 'agent-seen'; readonly agent: AgentSighting}
  /** An agent's object does not exist any more: somebody deleted it. */
  | {readonly kind: 'agent-object-gone'; readonly name: string}
  /** An agent's Lease was seen; `lease` is absent when there is none any more. `name` is the agent's. */
  | {readonly kind: 'lease-seen'; readonly name: string; readonly lease?: AgentLease}
  /** A node of Kubernetes was seen; `ready` is absent when it is gone. Nothing need be told of nodes. */
  | {readonly kind: 'node-seen'; readonly name: string; readonly ready?: boolean}
  /** An `assign-agent-id` was done, or refused. */
  | {readonly kind: 'agent-id-stored'; readonly name: string; readonly agentId: AgentId; readonly stored: boolean}
  /** A launch's pod was seen in this condition; repeats change nothing. `held`: our finalizer is there. */
  | {
      readonly kind: 'pod-seen';
      readonly launch: LaunchKey;
      readonly seen: readonly SeenTask[];
      readonly held: boolean;
    }
  /** A `read-pod` was done. `found` is absent when the pod is gone, was released, or cannot be read. */
  | {readonly kind: 'pod-read'; readonly launch: LaunchKey; readonly found?: RestoredLaunch}
  /** A launch's pod object does not exist any more. */
  | {readonly kind: 'pod-gone'; readonly launch: LaunchKey}
  /** A `release-pod` was done. */
  | {readonly kind: 'pod-released'; readonly launch: LaunchKey}
  /** The API server refused the pod for good. */
  | {
      readonly kind: 'launch-refused';
      readonly launch: LaunchKey;
      /** `TASK_DROPPED`: the node had no room left; elsewhere or later it may have. */
      readonly state: 'TASK_ERROR' | 'TASK_FAILED' | 'TASK_DROPPED';
      readonly message: string;
    }
  /** An allocation run: over all agents, or over what events have touched since the last. */
  | {readonly kind: 'allocate'; readonly periodic: boolean}
  /** Something may be due: offer timeouts, failover timeouts, status updates to send again. Once a second will do. */
  | {readonly kind: 'tick'}
  /** What is wished of roles, all of it. */
  | {readonly kind: 'roles'; readonly wishes: readonly RoleWish[]}
  /** The hosts that may be offered; undefined: all. */
  | {readonly kind: 'whitelist'; readonly hostnames: ReadonlySet<string> | undefined}
  | {readonly kind: 'domain'; readonly domain: Domain | undefined}
  /** By the operator, or because the MesosFramework object was deleted. */
  | {readonly kind: 'teardown'; readonly frameworkId: FrameworkId};
