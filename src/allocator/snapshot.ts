import type {AgentBook} from './agent-book.ts';
import type {AllocationCycle, CycleSnapshot} from './allocation-cycle.ts';
import type {ClientBook} from './client-book.ts';
import type {OfferConstraints} from './offer-constraints.ts';
import type {HomeRegion} from './eligibility/region.ts';
import type {Whitelist} from './eligibility/whitelist.ts';
import type {AgentId, FrameworkId} from './ids.ts';
import type {Ledger} from './ledger.ts';
import type {Minimum} from './minimum.ts';
import type {FiltersSnapshot, OfferFilters} from './offer-filters.ts';
import type {Quota, QuotaBook} from './quota/quota-book.ts';
import type {AgentEntry, AgentSpec, AgentTraits, Client, Domain, FrameworkRecord} from './records.ts';
import type {Resources} from './resources.ts';
import {Resources as Bag} from './resources.ts';
import type {ClusterTotal} from './sorter/cluster-total.ts';

/** All that later decisions depend on, but for chance; plain values that never change. */
export type AllocatorSnapshot = {
  readonly agents: readonly AgentSnapshot[];
  readonly frameworks: readonly FrameworkSnapshot[];
  readonly weights: ReadonlyMap<string, number>;
  readonly quotas: ReadonlyMap<string, Quota>;
  readonly whitelist: ReadonlySet<string> | undefined;
  /** Of the master. */
  readonly domain: Domain | undefined;
  /** Hand-outs ever made: they decide between equal shares. */
  readonly roleHandOuts: ReadonlyMap<string, number>;
  readonly frameworkHandOuts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly filters: FiltersSnapshot;
  readonly cycle: CycleSnapshot;
  readonly unlocks: number;
  readonly quotaLoosened: boolean;
};

export type AgentSnapshot = AgentTraits & {
  readonly agentId: AgentId;
  readonly active: boolean;
  readonly total: Resources;
  readonly held: readonly {readonly frameworkId: FrameworkId; readonly role: string; readonly resources: Resources}[];
  readonly askedUpTo: number;
};

export type FrameworkSnapshot = {
  readonly frameworkId: FrameworkId;
  readonly active: boolean;
  readonly capabilities: readonly string[];
  readonly clients: readonly ClientSnapshot[];
};

type ClientSnapshot = {
  readonly index: number;
  readonly role: string;
  readonly subscribed: boolean;
  readonly suppressed: boolean;
  readonly minimum: Minimum;
  readonly constraints: OfferConstraints | undefined;
  readonly unlockedAt: number;
};

/** The parts of an allocator. */
export type SnapshotBooks = {
  readonly agents: AgentBook;
  readonly clients: ClientBook;
  readonly filters: OfferFilters;
  readonly quota: QuotaBook;
  readonly frameworks: Map<FrameworkId, FrameworkRecord>;
  readonly weights: Map<string, number>;
  readonly whitelist: Whitelist;
  readonly home: HomeRegion;
  readonly cycle: AllocationCycle;
  readonly total: ClusterTotal;
  readonly ledger: Ledger;
};

/** Costs a few field copies for each agent, holding, client and filter; resources are shared. */
export function takeSnapshot(books: SnapshotBooks): AllocatorSnapshot {
  const {agents, clients, filters, quota, frameworks, weights, whitelist, home, cycle} = books;
  const {hostnames} = whitelist;
  return {
    agents: agents.all.map(agentSnapshot),
    frameworks: Array.from(frameworks.values(), frameworkSnapshot),
    weights: new Map(weights),
    quotas: quota.settings(),
    whitelist: hostnames && new Set(hostnames),
    domain: home.domain,
    roleHandOuts: clients.roleSorter.handOuts(),
    frameworkHandOuts: new Map(
      Array.from(clients.roles, ([role, record]) => [role, record.frameworks.handOuts()] as const),
    ),
    filters: filters.snapshot(agents.all),
    cycle: cycle.snapshot(),
    unlocks: clients.unlocks,
    quotaLoosened: quota.isLoosened,
  };
}

const agentSnapshot = ({agentId, active, total, holdings, askedUpTo, traits}: AgentEntry): AgentSnapshot => ({
  ...traits,
  agentId,
  active,
  total,
  held: holdings.map(({frameworkId, role, resources}) => ({frameworkId, role, resources})),
  askedUpTo,
});

const frameworkSnapshot = ({frameworkId, active, capabilities, clients}: FrameworkRecord): FrameworkSnapshot => ({
  frameworkId,
  active,
  capabilities: [...capabilities],
  clients: Array.from(clients.values(), clientSnapshot),
});

const clientSnapshot = (client: Client): ClientSnapshot => {
  const {index, subscribed, suppressed, minimum, constraints, unlockedAt} = client;
  return {index, role: client.role.role, subscribed, suppressed, minimum, constraints, unlockedAt};
};

/** Puts a snapshot into the books of an allocator that knows nothing yet. */
export function loadSnapshot(books: SnapshotBooks, snapshot: AllocatorSnapshot): void {
  const {weights, whitelist, home, quota, clients, agents, filters, cycle} = books;
  for (const [role, weight] of snapshot.weights) {
    weights.set(role, weight);
    clients.roleSorter.setWeight(role, weight);
  }
  whitelist.set(snapshot.whitelist);
  home.domain = snapshot.domain;
  for (const [role, settings] of snapshot.quotas) quota.set(role, settings, []);
  const byIndex = new Map<number, Client>();
  for (const framework of snapshot.frameworks) loadFramework(books, framework, byIndex);
  for (const agent of snapshot.agents) loadAgent(books, agent);
  loadHandOuts(books, snapshot);
  filters.load(
    snapshot.filters,
    id => agents.get(id),
    index => known(byIndex.get(index)),
  );
  settle(books, snapshot, byIndex);
  cycle.load(snapshot.cycle);
}

function loadFramework(
  {frameworks, clients}: SnapshotBooks,
  {frameworkId, active, capabilities, clients: list}: FrameworkSnapshot,
  byIndex: Map<number, Client>,
): void {
  const framework: FrameworkRecord = {
    frameworkId,
    active,
    capabilities: new Set(capabilities),
    clients: new Map(),
  };
  frameworks.set(frameworkId, framework);
  for (const {index, role, subscribed, suppressed, minimum, constraints} of list) {
    const client = clients.join(framework, role);
    Object.assign(client, {subscribed, suppressed, minimum, constraints});
    byIndex.set(index, client);
    clients.refresh(client);
  }
}

/** Frameworks are known by now, so that what they hold counts for them. */
function loadAgent({agents, total, quota, ledger}: SnapshotBooks, snapshot: AgentSnapshot): void {
  const {active, held, askedUpTo: _askedUpTo, ...rest} = snapshot;
  const spec: AgentSpec = rest;
  const agent = agents.add(spec);
  total.add(spec.total.milli, 1);
  quota.counted(spec.total, 1);
  quota.freeChanged(Bag.EMPTY, agent.free);
  for (const {frameworkId, role, resources} of held) ledger.hold(agent, frameworkId, role, resources);
  agent.active = active;
}

function loadHandOuts({clients}: SnapshotBooks, {roleHandOuts, frameworkHandOuts}: AllocatorSnapshot): void {
  clients.roleSorter.setHandOuts(roleHandOuts);
  for (const [role, {frameworks}] of clients.roles) frameworks.setHandOuts(frameworkHandOuts.get(role) ?? new Map());
}

/** What is known about who was asked in vain: it decides what a random sorter draws. */
function settle(
  {agents, clients, quota}: SnapshotBooks,
  snapshot: AllocatorSnapshot,
  byIndex: Map<number, Client>,
): void {
  clients.resumeUnlocks(snapshot.unlocks);
  for (const {clients: list} of snapshot.frameworks) {
    for (const {index, unlockedAt} of list) known(byIndex.get(index)).unlockedAt = unlockedAt;
  }
  for (const {agentId, askedUpTo} of snapshot.agents) {
    const agent = agents.get(agentId);
    agents.touch(agent);
    agent.askedUpTo = askedUpTo;
  }
  if (!snapshot.quotaLoosened) quota.takeLoosened();
}

function known(client: Client | undefined): Client {
  if (client === undefined) throw new Error('Bug: a snapshot names a client that it does not have');
  return client;
}
