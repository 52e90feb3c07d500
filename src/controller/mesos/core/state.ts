import type {Maintenance, MaintenanceWindow} from './maintenance/maintenance-plan.ts';
import type {FrameworkInfo, OfferConstraints, TaskInfo, TaskState, TaskStatus} from '../../../api/mesos/v1/common.ts';
import type {MasterInfo} from '../../../api/mesos/v1/container.ts';
import type {PatternLimits} from '../../../allocator/eligibility/pattern.ts';
import type {Allocator} from '../../../allocator/allocator.ts';
import type {Domain} from '../../../allocator/records.ts';
import type {Resources} from '../../../allocator/resources.ts';
import type {DeepReadonly} from '../../../lib/deep-readonly.ts';
import type {Operation} from '../../../api/mesos/v1/scheduler.ts';
import type {AgentDescription, AgentPhase, AgentRecord, AgentSighting} from './agents/agent-record.ts';
import type {Liveness} from './agents/liveness.ts';
import type {Launch, ObservedStatus, PodRef, TaskKey} from './tasks/task-record.ts';
import type {TaskPolicy, TaskPolicySpec} from '../../../crds/task-policy.ts';
import type {RoleWish, RoleProblem, RoleQuota} from './roles/role-types.ts';
import type {AgentId, FrameworkId, OfferId, StreamId, TaskId} from './ids.ts';

/** The master's options, fixed while it leads. Times in milliseconds unless the name says otherwise. */
export type MasterOptions = {
  /** A UUID of this leader: the prefix of the ids it gives. */
  readonly masterId: string;
  readonly masterInfo: MasterInfo;
  readonly heartbeatIntervalSeconds: number;
  /** A filter lasts at least so long. */
  readonly allocationIntervalMs: number;
  /** Offers older than this are rescinded; absent: never. */
  readonly offerTimeoutMs?: number;
  /** Offer what came free as soon as it did, not in the next periodic run. */
  readonly offerFreedAtOnce?: boolean;
  /** The only roles there are; absent: all. */
  readonly roleWhitelist?: ReadonlySet<string>;
  readonly rootSubmissions: boolean;
  readonly maxCompletedFrameworks: number;
  readonly maxCompletedTasksPerFramework: number;
  readonly maxUnreachableTasksPerFramework: number;
  /** A task that does not run within this time has failed. */
  readonly launchTimeoutMs: number;
  /** An agent whose Lease stays the same for so long is silent. */
  readonly agentSilenceMs: number;
  /** Between two silent agents that are given up passes so much time; absent: none. */
  readonly agentRemovalIntervalMs?: number;
  /** How large a regular expression in offer constraints may be. */
  readonly patternLimits: PatternLimits;
  /** With quota, nothing is offered after a failover before this part of the agents is back, or so much time passed. */
  readonly recoveryFactor: number;
  readonly recoveryTimeoutMs: number;
  /** What tasks may do where no MesosRole says otherwise. */
  readonly taskPolicy: TaskPolicy;
};

export type Offer = {
  readonly id: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly role: string;
  readonly resources: Resources;
  readonly madeMs: number;
};

/** An update that waits for its acknowledgement; sent again at `dueMs`. */
export type InFlight = {readonly uuid: string; dueMs: number; intervalMs: number};

/** One launch of a task. Its `info` is as launched. */
export type Task = TaskKey & {
  pod: PodRef;
  readonly agentId: AgentId;
  readonly info: TaskInfo;
  readonly role: string;
  readonly resources: Resources;
  /** The latest known, maybe ahead of what the framework was told. */
  state: TaskState;
  /** One for each state the task went through, the last of that state; the newest is last. */
  statuses: TaskStatus[];
  /** What the pod last said; a repeat makes no update. */
  observed: ObservedStatus | undefined;
  /** Why the master gave up on the pod; its end is reported as this. */
  doomed: ObservedStatus | undefined;
  /** Whether the allocator still counts its resources as used. */
  holdsResources: boolean;
  /** Updates to be acknowledged, in order; the first is in flight when the framework is connected. */
  readonly updates: TaskStatus[];
  /** Its end was acknowledged, but its pod lingers: it is history as soon as that has gone. */
  acknowledged: boolean;
  inFlight: InFlight | undefined;
  /** When and with how much grace the framework asked to kill it. */
  kill:
    | {
        readonly requestedMs: number;
        readonly graceSeconds: number;
        /** The agent is drained (for good: `gone`); `asked`: the framework had asked for it before. */
        readonly drain?: 'drained' | 'gone' | 'asked';
      }
    | undefined;
};

/** A subscription that waits for its framework to be saved. */
export type PendingSubscription = {
  readonly streamId: StreamId;
  readonly saveId: number;
  readonly info: FrameworkInfo;
  readonly suppressedRoles: readonly string[];
  readonly offerConstraints: OfferConstraints | undefined;
  /** Set when the connection ended meanwhile. */
  closed: boolean;
};

export type Framework = {
  readonly id: FrameworkId;
  /** Always with `id`. */
  info: FrameworkInfo;
  suppressedRoles: ReadonlySet<string>;
  offerConstraints: OfferConstraints | undefined;
  /** The subscribed stream: the framework is connected, and active. */
  streamId: StreamId | undefined;
  pending: PendingSubscription | undefined;
  /** Of its MesosFramework object; undefined until that exists. */
  uid: string | undefined;
  /** Saved at least once: the allocator knows it. */
  inAllocator: boolean;
  /** Known from an earlier master and not back yet. */
  recovered: boolean;
  registeredMs: number;
  reregisteredMs: number | undefined;
  disconnectedMs: number | undefined;
  unregisteredMs: number | undefined;
  /** When a disconnected framework is removed. */
  failoverDeadlineMs: number | undefined;
  readonly offers: Map<OfferId, Offer>;
  /** Live and known to be on a registered or recovered agent. */
  readonly tasks: Map<TaskId, Task>;
  /** On agents that are unreachable; for the partition-unaware they show as lost. */
  readonly unreachableTasks: Map<TaskId, Task>;
  /** Oldest first. */
  readonly completedTasks: Task[];
};

export type Agent = {
  record: AgentRecord;
  /** Whether the allocator makes offers of it: `settleActivation` keeps it so. */
  active: boolean;
  /** It does not report, but its node is ready: what it has free is not known, what runs there goes on. */
  isSilent: boolean;
  readonly registeredMs: number;
  reregisteredMs: number | undefined;
  readonly offers: Map<OfferId, Offer>;
  /** Tasks of all frameworks whose pods are on the agent, by launch id; terminal ones until released. */
  readonly tasks: Map<string, Task>;
};

/** What happens once an agent's reservations have been saved. */
export type Batch = {
  /** Their tasks use what is being saved, or may. */
  readonly launches: Launch[];
  /** What nobody may be offered before. */
  readonly returns: {readonly frameworkId: FrameworkId; readonly role: string; readonly resources: Resources}[];
  readonly operations: OfferOperation[];
  /** Calls of the operator that wait for it. */
  readonly requests: string[];
};

/** Reservations and volumes that were made on an agent; its object's status has `saved`. */
export type Checkpoint = {
  resources: Resources;
  saved: Resources;
  /** The save that is under way; one at a time. */
  saving: {readonly saveId: number; readonly resources: Resources; readonly batch: Batch} | undefined;
  /** What the save after it will complete. */
  next: Batch | undefined;
};

/** An operation whose framework wants to hear of its outcome, until it has acknowledged it. */
export type OfferOperation = {
  readonly frameworkId: FrameworkId;
  readonly operationId: string;
  readonly agentId: AgentId;
  /** 16 bytes in base64: what has to be acknowledged. */
  readonly uuid: string;
  readonly info: Operation;
  state: 'OPERATION_PENDING' | 'OPERATION_FINISHED';
  inFlight: InFlight | undefined;
};

/** A framework was asked to leave an agent, and has not answered. */
export type InverseOffer = {
  readonly id: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  /** Who was asked: another session has to be asked again. */
  readonly streamId: StreamId | undefined;
  readonly madeMs: number;
};

/** What a framework said to it. It is asked again when its answer has stood until `untilMs`. */
export type InverseAnswer = {
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly status: 'ACCEPT' | 'DECLINE';
  readonly answeredMs: number;
  readonly untilMs: number;
};

/** What was seen of an agent, and what the master makes of it. */
export type SeenAgent = {
  sighting: AgentSighting | undefined;
  agentId: AgentId | undefined;
  /** The id is being written to the object's status. */
  isAssigning: boolean;
  phase: AgentPhase;
  /** The description that is in use. */
  told: AgentDescription | undefined;
  unreachableSinceMs: number | undefined;
  /** It is silent, and waits for its turn to be given up. */
  isToBeLost: boolean;
  readonly liveness: Liveness;
};

export type UnreachableAgent = {readonly agent: Agent; readonly sinceMs: number};

/** All that the master's owner knows. Only `step` changes it: everybody else gets a `ReadonlyMaster`. */
export type Master = {
  readonly options: MasterOptions;
  /** Where it stands, as far as it knows. */
  domain: Domain | undefined;
  readonly allocator: Allocator;
  /** 16 random bytes in base64, new on each call. */
  readonly newUuid: () => string;
  readonly frameworks: Map<FrameworkId, Framework>;
  /** Oldest first. */
  readonly completedFrameworks: Framework[];
  /** Ids of frameworks removed by this master: never usable again. */
  readonly removedFrameworks: Set<FrameworkId>;
  /** By the name of their objects, or of their Leases. */
  readonly seenAgents: Map<string, SeenAgent>;
  /** Whether Kubernetes calls a node ready, by its name; those that it has told of. */
  readonly nodes: Map<string, boolean>;
  /** When the master last looked whether agents are silent. */
  listenedMs: number | undefined;
  /** No silent agent is given up before. */
  nextRemovalMs: number;
  /** Registered: they get offers. */
  readonly agents: Map<AgentId, Agent>;
  /** Known from an earlier master and not heard of yet. */
  readonly recoveredAgents: Map<AgentId, Agent>;
  readonly unreachableAgents: Map<AgentId, UnreachableAgent>;
  readonly goneAgents: Set<AgentId>;
  /** Oldest first. */
  readonly offers: Map<OfferId, Offer>;
  readonly streams: Map<StreamId, FrameworkId>;
  /** Tasks with an update in flight, by launch id. */
  readonly unacknowledged: Map<string, Task>;
  /** When tasks were launched that may not run yet, by launch id, oldest first. */
  readonly launching: Map<string, {readonly task: Task; readonly sinceMs: number}>;
  /** Tasks of removed frameworks whose pods still run, by launch id. */
  readonly leftovers: Map<string, Task>;
  /** Launch ids that the master has done with, until their pods are released. */
  readonly releasing: Set<string>;
  /** Launch ids of pods that are being read: of tasks that the master does not know. */
  readonly reading: Set<string>;
  /** Reservations by agent: of agents that have left, too. */
  readonly checkpoints: Map<AgentId, Checkpoint>;
  /** By framework and operation id. */
  readonly operations: Map<string, OfferOperation>;
  maintenance: Maintenance;
  /** Of its schedule, by machine. */
  windows: ReadonlyMap<string, MaintenanceWindow>;
  /** Not answered yet. */
  readonly inverseOffers: Map<OfferId, InverseOffer>;
  /** The last answers by framework and agent. */
  readonly inverseAnswers: Map<string, InverseAnswer>;
  /** Registered agents that are to be empty, and are not yet. */
  readonly draining: Set<AgentId>;
  /** Launch ids of tasks whose pods wait for a save. */
  readonly heldLaunches: Set<string>;
  /** In effect, of roles that have one. */
  weights: ReadonlyMap<string, number>;
  /** In effect, of top-level roles that have one. */
  readonly quotas: Map<string, RoleQuota>;
  /** What is wished of roles, and why what is not in effect of it is not. */
  roleWishes: readonly RoleWish[];
  /** What MesosRoles say of their roles' tasks, by role. */
  taskWishes: ReadonlyMap<string, TaskPolicySpec>;
  roleProblems: ReadonlyMap<string, RoleProblem>;
  /** Nothing is offered before so many agents are registered, or the time has come. */
  holdOff: {readonly agents: number; readonly untilMs: number} | undefined;
  nextAgent: number;
  nextFramework: number;
  nextOffer: number;
  nextSave: number;
};

/** What readers may do with the allocator. */
export type AllocatorReader = Pick<Allocator, 'view' | 'explain'>;

/** The master as everybody but its owner sees it. */
export type ReadonlyMaster = DeepReadonly<Omit<Master, 'allocator' | 'options'>, Resources> &
  Pick<Master, 'options'> & {readonly allocator: AllocatorReader};
export type ReadonlyFramework = DeepReadonly<Framework, Resources>;
export type ReadonlyAgent = DeepReadonly<Agent, Resources>;
export type ReadonlyTask = DeepReadonly<Task, Resources>;
