import type {AgentId, FrameworkId} from './ids.ts';
import type {Minimum} from './minimum.ts';
import type {Filter, OfferFilters} from './offer-filters.ts';
import type {Quantities, Resources} from './resources.ts';
import type {Sorter} from './sorter/sorter.ts';

/** Where a machine stands: fault domains as in Mesos. */
export type Domain = {readonly region: string; readonly zone: string};

/** What the allocator must know of an agent beside its resources. */
export type AgentTraits = {
  readonly hostname?: string;
  readonly attributes?: readonly {readonly name: string; readonly value: string}[];
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
};

/** Resources of one agent handed out to one framework under one role: to become an offer. */
export type Allocation = {
  readonly frameworkId: FrameworkId;
  readonly role: string;
  readonly agentId: AgentId;
  readonly resources: Resources;
};

/** The last look at an agent found nobody who could take what is free there. */
export type Barren = {
  /** Clients unlocked later than this may want it. */
  readonly unlocks: number;
  /** From then on a filter that stood in the way may be over. */
  readonly untilMs: number;
};

export type AgentRecord = {
  readonly agentId: AgentId;
  /** Small and dense; used again after removal. */
  readonly slot: number;
  traits: AgentTraits;
  active: boolean;
  total: Resources;
  /** Sum of `holdings`. May exceed `total` when the agent has shrunk. */
  allocated: Resources;
  /** `total` less `allocated`. */
  free: Resources;
  /** Who was offered or uses what, frameworks included that the allocator does not know. */
  readonly holdings: Map<FrameworkId, Map<string, Resources>>;
  /** Undefined after any change to the agent. */
  barren: Barren | undefined;
  /** Many clients refuse the same thing at the same time: they share one filter object. */
  lastFilter: Filter | undefined;
};

export type FrameworkRecord = {
  readonly frameworkId: FrameworkId;
  active: boolean;
  capabilities: ReadonlySet<string>;
  readonly clients: Map<string, Client>;
};

/** A framework under one role: what gets offers. Exists while subscribed or holding something. */
export type Client = {
  readonly framework: FrameworkRecord;
  readonly role: RoleRecord;
  subscribed: boolean;
  suppressed: boolean;
  minimum: Minimum;
  readonly filters: OfferFilters;
  /** Agents on which it holds something. */
  holds: number;
  /** Number of the last event that may let it take what it could not take before. */
  unlockedAt: number;
};

/** Exists while it has clients. */
export type RoleRecord = {readonly role: string; readonly frameworks: Sorter<Client>; readonly clients: Set<Client>};
