import type {TaskInfo, TaskReason, TaskSource, TaskState} from '../../../api/mesos/v1/common.ts';
import type {Attribute, DomainInfo} from '../../../api/mesos/v1/resources.ts';
import type {FrameworkInfo} from '../../../api/mesos/v1/common.ts';
import type {ContainerStatus} from '../../../api/mesos/v1/container.ts';
import type {FrameworkCall, Operation, SubscribeCall} from '../../../api/mesos/v1/scheduler.ts';
import type {Domain} from '../../../allocator/records.ts';
import type {Resources} from '../../../allocator/resources.ts';
import type {AgentId, FrameworkId, StreamId, TaskId} from './ids.ts';
import type {Maintenance} from './state.ts';
import type {RoleQuota} from './roles/role-types.ts';

/** Why an agent gets no offers though it is there: `reason` is one word in CamelCase, `message` is for people. */
export type Deactivation = {readonly reason: string; readonly message: string};

/** How an agent is emptied. */
export type Drain = {
  /** No task gets more than that to end. */
  readonly maxGraceSeconds?: number;
  /** Once it is empty, it never comes back. */
  readonly markGone: boolean;
  /** When it was asked for, wall clock; unknown when somebody edited the object. */
  readonly requestedMs?: number;
};

/** An agent as its MesosAgent object describes it. */
export type AgentRecord = {
  /** Given once by the shell, kept in the object's status. */
  readonly id: AgentId;
  /** The MesosAgent's name. */
  readonly name: string;
  readonly nodeName: string;
  readonly hostname: string;
  readonly port: number;
  readonly total: Resources;
  readonly attributes: readonly Attribute[];
  readonly domain?: DomainInfo;
  readonly version: string;
  /** The node takes no more pods: cordoned, not ready, full … */
  readonly deactivated?: Deactivation;
  /** So many pods of tasks its node takes at a time; absent: any number. */
  readonly maxTasks?: number;
  /** The operator wants no offers of it. */
  readonly deactivatedByOperator?: boolean;
  /** The operator wants it empty; absent grace: the tasks' own. */
  readonly drain?: Drain;
  /** What an earlier leader reserved there, from the object's status. */
  readonly made?: {readonly resources: Resources; readonly operations: readonly SavedOperation[]};
  /** Of the first registration, from the object's status; now when absent. */
  readonly registeredMs?: number;
};

/** An operation that is done, and whose framework has not acknowledged it, as it is kept in the agent's status. */
export type SavedOperation = {
  readonly frameworkId: string;
  readonly uuid: string;
  /** With its id. */
  readonly info: Operation;
};

/** What the pod of a task says about it; the pods folder makes it from the pod's status. */
export type ObservedStatus = {
  readonly state: TaskState;
  readonly source: TaskSource;
  readonly reason?: TaskReason;
  readonly message?: string;
  /** Absent while there is no result yet, or no check. */
  readonly healthy?: boolean;
  /** The signal that ended the process, when one did. */
  readonly signal?: number;
  readonly containerStatus?: ContainerStatus;
  /** The end came after somebody, maybe the framework, had asked for the pod's deletion. */
  readonly deleted?: boolean;
  /** The process ended, but its kubelet has not taken the pod down: its room on the node is still taken. */
  readonly lingers?: boolean;
  /** Kubernetes keeps trying what will not succeed: the pod is to be deleted, and its end reported as this. */
  readonly giveUp?: boolean;
};

/** Which launch of which task: ids may be used again, launch ids never. */
export type TaskKey = {readonly frameworkId: FrameworkId; readonly taskId: TaskId; readonly launchId: string};

/** A task found in a pod's annotation when a leader starts. */
export type RestoredTask = TaskKey & {
  readonly agentId: AgentId;
  /** As it was launched: with allocation_info. */
  readonly info: TaskInfo;
  readonly status: ObservedStatus;
};

/** A framework found in a MesosFramework object when a leader starts. `uid` is the object's. */
export type RestoredFramework = {
  readonly id: FrameworkId;
  readonly uid: string;
  readonly info: FrameworkInfo;
  readonly suppressedRoles: readonly string[];
  readonly registeredMs: number;
};

/**
 * `unreachable`: silent for its timeout; it may come back with its tasks. `unregistered`: it said goodbye.
 * `machine-down`: the operator has taken its machine down. `removed-by-operator`: its object was deleted; its id never comes back.
 */
export type AgentLossReason = 'unreachable' | 'unregistered' | 'machine-down' | 'removed-by-operator';

/** What is, or should be, in effect for a role. Absent: weight 1, no quota. */
export type RoleSetting = {readonly role: string; readonly weight?: number; readonly quota?: RoleQuota};

/** What a MesosRole asks for. `force`: also limits below consumption and guarantees that overcommit the cluster. */
export type RoleWish = RoleSetting & {readonly force: boolean; readonly generation: number};

/** Everything the master's owner can be told. A command about something unknown changes nothing, unless said otherwise. */
export type Command =
  /** At start, before anything else and exactly once: what an earlier leader left in Kubernetes. */
  | {
      readonly kind: 'restore';
      readonly frameworks: readonly RestoredFramework[];
      /** Agents not heard of yet: `recovered`. They become registered by `agent-added`. */
      readonly agents: readonly AgentRecord[];
      /** Agents whose status said unreachable; `sinceMs` by wall clock. */
      readonly unreachable: readonly {readonly agent: AgentRecord; readonly sinceMs: number}[];
      readonly tasks: readonly RestoredTask[];
      /** `inEffect`: what an earlier leader had accepted. */
      readonly roles: {readonly wishes: readonly RoleWish[]; readonly inEffect: readonly RoleSetting[]};
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
  | {readonly kind: 'call'; readonly call: FrameworkCall}
  /** An agent registered, or a recovered or unreachable one came back. */
  | {readonly kind: 'agent-added'; readonly agent: AgentRecord}
  /** Resources, attributes or address of a registered agent changed. */
  | {readonly kind: 'agent-updated'; readonly agent: AgentRecord}
  | {readonly kind: 'agent-lost'; readonly agentId: AgentId; readonly reason: AgentLossReason}
  /** A pod with our finalizer that the master may not know; for one that it knows like `pod-changed`. */
  | {readonly kind: 'pod-found'; readonly task: RestoredTask}
  /** A task's pod was seen in this condition; repeats change nothing. */
  | {readonly kind: 'pod-changed'; readonly task: TaskKey; readonly status: ObservedStatus}
  /** A task's pod object does not exist any more. */
  | {readonly kind: 'pod-gone'; readonly task: TaskKey}
  /** The API server refused the pod for good. */
  | {
      readonly kind: 'launch-refused';
      readonly task: TaskKey;
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
