import type {AgentBook} from './agent-book.ts';
import type {ClientBook} from './client-book.ts';
import type {AgentId, FrameworkId} from './ids.ts';
import type {Quota, QuotaBook} from './quota/quota-book.ts';
import type {AgentEntry} from './records.ts';
import {reservedTo} from './resource.ts';
import type {Quantities} from './resources.ts';
import {Resources} from './resources.ts';
import type {ClusterTotal} from './sorter/cluster-total.ts';

export type RoleView = {
  readonly role: string;
  readonly weight: number;
  /** Dominant share of the role and all roles below it, over its weight. */
  readonly share: number;
  /** Whether some framework may get offers under it. */
  readonly active: boolean;
  /** Frameworks subscribed to it or holding something under it, by id, with their share of the cluster. */
  readonly frameworks: ReadonlyMap<FrameworkId, number>;
  /** Of the role and all roles below it. */
  readonly offeredOrAllocated: Quantities;
  /** Reserved to exactly this role, in use or not. */
  readonly reserved: Quantities;
  /** Top-level roles only; `consumed` counts reservations and offers, of the role and all below it. */
  readonly quota?: Quota & {readonly consumed: Quantities};
  /** Refusals remembered; those that ended count until the next periodic run. */
  readonly activeFilters: number;
};

export type AgentView = {
  readonly total: Resources;
  readonly free: Resources;
  readonly offeredOrAllocated: Resources;
  readonly active: boolean;
};

/** The allocator as it is when asked: nothing is kept for it. */
export type AllocatorView = {
  readonly total: () => Quantities;
  /** What frameworks known to the allocator were handed out. */
  readonly offeredOrAllocated: () => Quantities;
  /** What guarantees not met yet need, and what is free for anybody; both empty without quota. */
  readonly headroom: () => {readonly required: Quantities; readonly available: Quantities};
  /** Every role that matters: with frameworks, holdings, reservations, quota or a weight, and the parents of those; by name. */
  readonly roles: () => RoleView[];
  /** Undefined for an unknown agent. */
  readonly agent: (agentId: AgentId) => AgentView | undefined;
  /** What a framework was handed out on an agent under a role. */
  readonly held: (agentId: AgentId, frameworkId: FrameworkId, role: string) => Resources;
};

type Sources = {
  readonly agents: AgentBook;
  readonly clients: ClientBook;
  readonly total: ClusterTotal;
  readonly weights: ReadonlyMap<string, number>;
  readonly quota: QuotaBook;
};

export function viewOf(sources: Sources): AllocatorView {
  const {agents, clients, total, quota} = sources;
  return {
    total: () => total.names.quantities(total.amounts),
    offeredOrAllocated: () => total.names.quantities(clients.roleSorter.holdings('')),
    headroom: () => quota.headroom(),
    roles: () => rolesOf(sources),
    agent: agentId => agentView(agents.find(agentId)),
    held: (agentId, frameworkId, role) => {
      const agent = agents.find(agentId);
      return agent === undefined ? Resources.EMPTY : agents.held(agent, frameworkId, role);
    },
  };
}

function agentView(agent: AgentEntry | undefined): AgentView | undefined {
  if (agent === undefined) return undefined;
  const {total, free, allocated, active} = agent;
  return {total, free, offeredOrAllocated: allocated, active};
}

function rolesOf(sources: Sources): RoleView[] {
  const {agents, clients, weights, quota} = sources;
  const reserved = reservations(agents.all);
  const weighted = [...weights].filter(([, weight]) => weight !== 1).map(([role]) => role);
  const named = [...clients.roles.keys(), ...reserved.keys(), ...weighted, ...quota.roles];
  const known = new Set(named.flatMap(withParents));
  return [...known].sort().map(role => roleView(sources, role, reserved.get(role) ?? Resources.EMPTY));
}

function roleView({clients, total, weights, quota: quotas}: Sources, role: string, reserved: Resources): RoleView {
  const {roleSorter} = clients;
  const quota = quotas.of(role);
  const record = clients.roles.get(role);
  const members = [...(record?.clients ?? [])];
  const ids = members.map(({framework}) => framework.frameworkId).sort();
  return {
    role,
    weight: weights.get(role) ?? 1,
    share: roleSorter.share(role),
    active: (record?.frameworks.activeCount ?? 0) > 0,
    frameworks: new Map(ids.map(id => [id, record?.frameworks.share(id) ?? 0])),
    offeredOrAllocated: total.names.quantities(roleSorter.holdings(role)),
    reserved: reserved.quantities(),
    ...(quota === undefined ? {} : {quota}),
    activeFilters: members.reduce((sum, {filters}) => sum + filters, 0),
  };
}

function reservations(agents: readonly AgentEntry[]): Map<string, Resources> {
  const byRole = new Map<string, Resources>();
  for (const resource of agents.filter(({total}) => total.isRestricted).flatMap(({total}) => total.list())) {
    const role = reservedTo(resource);
    if (role === undefined) continue;
    byRole.set(role, (byRole.get(role) ?? Resources.EMPTY).add(Resources.of([resource])));
  }
  return byRole;
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function withParents(role: string): string[] {
  const segments = role.split('/');
  return segments.map((_, i) => segments.slice(0, i + 1).join('/'));
}
