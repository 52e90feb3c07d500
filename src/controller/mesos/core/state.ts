import type {Maintenance, MaintenanceWindow} from './maintenance/maintenance-plan.ts';
import type {FrameworkInfo, OfferConstraints} from '../../../api/mesos/v1/common.ts';
import type {MasterInfo} from '../../../api/mesos/v1/container.ts';
import type {PatternLimits} from '../../../allocator/eligibility/pattern.ts';
import type {Allocator} from '../../../allocator/allocator.ts';
import type {Domain} from '../../../allocator/records.ts';
import type {Resources} from '../../../allocator/resources.ts';
import type {DeepReadonly} from '../../../lib/deep-readonly.ts';
import type {Operation} from '../../../api/mesos/v1/scheduler.ts';
import type {AgentDescription, AgentPhase, AgentRecord, AgentSighting} from './agents/agent-record.ts';
import type {Liveness} from './agents/liveness.ts';
import type {InFlight, Launch, Task} from './tasks/task.ts';
import type {PodOrder} from './tasks/task-record.ts';
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
  /** Launches of all frameworks whose pods are on the agent, by id, until they are released. */
  readonly launches: Map<string, Launch>;
};

/** What happens once an agent's reservations have been saved. */
export type Batch = {
  /** Their tasks use what is being saved, or may. */
  readonly orders: PodOrder[];
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
  /** Tasks with an update in flight. */
  readonly unacknowledged: Set<Task>;
  /**
   * By id: launches whose pods are not released, those that the master has done with until their pods are released, and
   * those of an earlier leader that are being read.
   */
  readonly launches: Map<string, Launch | 'releasing' | 'reading'>;
  /** Of them those whose phase is `starting`, oldest first. */
  readonly starting: Set<Launch>;
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
