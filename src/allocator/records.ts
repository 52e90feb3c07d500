import type {AgentId, FrameworkId} from './ids.ts';
import type {Bits} from './bits.ts';
import type {OfferConstraints} from './offer-constraints.ts';
import type {FilterGroup} from './filter-group.ts';
import type {Minimum} from './minimum.ts';
import type {Quantities, Resources} from './resources.ts';
import type {Sorter} from './sorter/sorter.ts';

/** Where a machine stands: fault domains as in Mesos. */
export type Domain = {readonly region: string; readonly zone: string};

/** What the allocator must know of an agent beside its resources. */
export type AgentTraits = {
  readonly hostname?: string;
  /** `isText` false: a number or ranges, in their text form. */
  readonly attributes?: readonly {readonly name: string; readonly value: string; readonly isText?: boolean}[];
  readonly domain?: Domain;
  /** `MULTI_ROLE`, `HIERARCHICAL_ROLE`; absent: the agent can all that agents can. */
  readonly capabilities?: ReadonlySet<string>;
};

export type AgentSpec = AgentTraits & {readonly agentId: AgentId; readonly total: Resources};

export type FrameworkSpec = {
  readonly frameworkId: FrameworkId;
  readonly roles: Iterable<string>;
  readonly suppressedRoles?: Iterable<string>;
  /** `GPU_RESOURCES`, `MULTI_ROLE`, `REGION_AWARE`, `REVOCABLE_RESOURCES`, `SHARED_RESOURCES` … */
  readonly capabilities?: Iterable<string>;
  /** By role: replaces the allocator's minimum; an empty list is no minimum. */
  readonly minAllocatable?: ReadonlyMap<string, readonly Quantities[]>;
  /** By role: other agents are not offered to it. A role that is not named wants offers from every agent. */
  readonly offerConstraints?: ReadonlyMap<string, OfferConstraints>;
};

/** Resources of one agent handed out to one framework under one role: to become an offer. */
export type Allocation = {
  readonly frameworkId: FrameworkId;
  readonly role: string;
  readonly agentId: AgentId;
  readonly resources: Resources;
};

/** Reserving, unreserving, making and removing volumes: resources become others of the same quantities. */
export type Conversion = {readonly consumed: Resources; readonly converted: Resources};

/** What a framework was handed out on an agent under a role. Never empty. */
export type Holding = {readonly frameworkId: FrameworkId; readonly role: string; resources: Resources};

export type AgentEntry = {
  readonly agentId: AgentId;
  /** Small and dense; used again after removal. */
  readonly slot: number;
  /** Of the id: decides the order in a run, with what the run draws. */
  readonly hash: number;
  traits: AgentTraits;
  active: boolean;
  total: Resources;
  /** Sum of `holdings`. May exceed `total` when the agent has shrunk. */
  allocated: Resources;
  /** `total` less `allocated`. */
  free: Resources;
  /** Who was offered or uses what, frameworks included that the allocator does not know. Few: searched one by one. */
  holdings: Holding[];
  /** Only clients unlocked later may want what is free here: all others were asked. -1 after any change to the agent. */
  askedUpTo: number;
  /** Whether it is on the list of those to look at in the next run. */
  listed: boolean;
  /** Clients whose offer constraints are known to leave it out: found once, until its traits or theirs change. */
  excluded: {readonly members: Bits} | undefined;
  /** Who refused what; none is empty. */
  readonly filterGroups: FilterGroup[];
};

export type FrameworkRecord = {
  readonly frameworkId: FrameworkId;
  active: boolean;
  capabilities: ReadonlySet<string>;
  readonly clients: Map<string, Client>;
};

/** A framework under one role: what gets offers. Exists while subscribed or holding something. */
export type Client = {
  /** Small and dense; used again after removal. */
  readonly index: number;
  readonly framework: FrameworkRecord;
  readonly role: RoleRecord;
  subscribed: boolean;
  suppressed: boolean;
  minimum: Minimum;
  constraints: OfferConstraints | undefined;
  /** Refusals remembered. */
  filters: number;
  /** Agents on which it holds something. */
  holds: number;
  /** Number of the last event that may let it take what it could not take before. */
  unlockedAt: number;
};

/** Exists while it has clients. */
export type RoleRecord = {readonly role: string; readonly frameworks: Sorter<Client>; readonly clients: Set<Client>};
