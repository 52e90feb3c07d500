import {FilterGroup, NO_FILTER} from './filter-group.ts';
import type {AgentId} from './ids.ts';
import type {AgentEntry, Client} from './records.ts';
import type {Resources} from './resources.ts';

const DEFAULT_SECONDS = 5;
const MAX_SECONDS = 365 * 24 * 3600;
/** More does not fit into Mesos's durations: 64 bits of nanoseconds. */
const UNREPRESENTABLE_SECONDS = 2 ** 63 / 1e9;

/**
 * How long a refusal holds.
 *
 * @param refuseSeconds what the framework asked for; absent, negative or absurd means 5 s, at most 365 days
 * @param intervalMs    time between periodic runs: no filter is shorter
 * @returns             milliseconds, 0: no filter at all
 */
export function filterDurationMs(refuseSeconds: number | undefined, intervalMs: number): number {
  const asked = refuseSeconds ?? DEFAULT_SECONDS;
  const usable = asked >= 0 && asked <= UNREPRESENTABLE_SECONDS;
  const seconds = usable ? Math.min(asked, MAX_SECONDS) : DEFAULT_SECONDS;
  return seconds === 0 ? 0 : Math.max(intervalMs, seconds * 1000);
}

/** The end of a filter that no periodic run has seen: it outlives at least the next one, however late that comes. */
const UNSEEN = Number.POSITIVE_INFINITY;
/** One number for an agent's slot and a client's index. */
const INDEX_SPAN = 2 ** 21;

/** Filters as plain values. `clients` by `client.index`; an end of Infinity: no periodic run has seen the filter yet. */
export type FiltersSnapshot = {
  readonly groups: readonly {
    readonly agentId: AgentId;
    readonly resources: Resources;
    readonly clients: readonly number[];
    readonly ends: readonly number[];
  }[];
  readonly unseen: readonly {
    readonly agentId: AgentId;
    readonly client: number;
    readonly resources: Resources;
    readonly endMs: number;
  }[];
};

type Unseen = {readonly slot: number; readonly index: number; readonly group: FilterGroup; readonly endMs: number};

/**
 * All filters. A filter is a bit and a number in a group of its agent, so that a run skips whole groups of clients.
 * Ends are not timers: `sweep` and `endPeriodicRun` forget what is over, second by second, at a cost that follows the
 * number that ended.
 */
export class OfferFilters {
  readonly #clients: (Client | undefined)[] = [];
  readonly #agents: AgentEntry[] = [];
  /** What ends up to a second since the epoch. May name filters that are gone. */
  readonly #ending = new Map<number, number[]>();
  #earliest = Number.POSITIVE_INFINITY;
  #unseen: Unseen[] = [];
  /** In `#ending`, and how many of them are still filters. */
  #listed = 0;
  #live = 0;
  readonly #freed: (agent: AgentEntry) => void;

  /** @param freed called for an agent that lost a filter: somebody may want it now */
  constructor(freed: (agent: AgentEntry) => void) {
    this.#freed = freed;
  }

  add(client: Client, agent: AgentEntry, resources: Resources, endMs: number): void {
    this.#clients[client.index] = client;
    this.#agents[agent.slot] = agent;
    const group = groupFor(agent, resources);
    const before = group.endOf(client.index);
    for (const other of [...agent.filterGroups]) {
      const superseded = other !== group && other.endOf(client.index) <= endMs && resources.contains(other.resources);
      if (superseded) this.#remove(client.index, agent, other);
    }
    if (before === NO_FILTER) this.#count(client, 1);
    group.set(client.index, UNSEEN);
    const lasting = before === UNSEEN ? endMs : Math.max(before, endMs);
    this.#unseen.push({slot: agent.slot, index: client.index, group, endMs: lasting});
  }

  /** Whether the client refused this, or more, on the agent. */
  isRefused({index}: Client, {filterGroups}: AgentEntry, offer: Resources): boolean {
    for (const {members, resources} of filterGroups) if (members.has(index) && resources.contains(offer)) return true;
    return false;
  }

  /** Of what hides an offer from a client: the refusal that holds longest. Minus infinity: none. */
  refusalOf(
    {index}: Client,
    agent: AgentEntry,
    offer: Resources,
  ): {readonly untilMs: number; readonly refused: Resources} {
    let longest = {untilMs: NO_FILTER, refused: offer};
    for (const group of agent.filterGroups) {
      if (!group.members.has(index) || !group.resources.contains(offer)) continue;
      const untilMs = this.#meantEnd(index, agent, group);
      if (untilMs > longest.untilMs) longest = {untilMs, refused: group.resources};
    }
    return longest;
  }

  /** When a filter is to end, whether a periodic run has seen it or not. */
  #meantEnd(index: number, {slot}: AgentEntry, group: FilterGroup): number {
    const end = group.endOf(index);
    if (end !== UNSEEN) return end;
    const unseen = this.#unseen.filter(one => one.index === index && one.slot === slot && one.group === group);
    return Math.max(...unseen.map(({endMs}) => endMs));
  }

  /** All filters, as they are on the given agents. */
  snapshot(agents: readonly AgentEntry[]): FiltersSnapshot {
    const groups = agents.flatMap(({agentId, filterGroups}) =>
      filterGroups.map(group => ({agentId, resources: group.resources, ...group.entries()})),
    );
    const unseen = this.#unseen.flatMap(({slot, index, group: {resources}, endMs}) => {
      const agent = this.#agents[slot];
      return agent === undefined ? [] : [{agentId: agent.agentId, client: index, resources, endMs}];
    });
    return {groups, unseen};
  }

  /**
   * Puts filters back, into books that have none.
   *
   * @param clientOf by the number that the snapshot knows a client by
   */
  load(
    {groups, unseen}: FiltersSnapshot,
    agentOf: (id: AgentId) => AgentEntry,
    clientOf: (index: number) => Client,
  ): void {
    for (const {agentId, resources, clients, ends} of groups) {
      const agent = agentOf(agentId);
      const group = groupFor(agent, resources);
      this.#agents[agent.slot] = agent;
      for (const [i, number] of clients.entries()) this.#loadOne(clientOf(number), agent, group, ends[i] ?? UNSEEN);
    }
    this.#unseen = unseen.map(({agentId, client, resources, endMs}) => {
      const agent = agentOf(agentId);
      return {slot: agent.slot, index: clientOf(client).index, group: groupFor(agent, resources), endMs};
    });
  }

  #loadOne(client: Client, agent: AgentEntry, group: FilterGroup, endMs: number): void {
    this.#clients[client.index] = client;
    group.set(client.index, endMs);
    this.#count(client, 1);
    if (endMs !== UNSEEN) this.#list(agent.slot, client.index, endMs);
  }

  /** Forgets all filters of a client, on any of the agents. */
  dropClient(client: Client, agents: readonly AgentEntry[]): void {
    if (client.filters === 0) return;
    this.#unseen = this.#unseen.filter(({index}) => index !== client.index);
    for (const agent of agents) {
      for (let g = agent.filterGroups.length - 1; g >= 0; g--) this.#removeAt(client.index, agent, g);
    }
  }

  dropAgent(agent: AgentEntry): void {
    if (agent.filterGroups.length === 0) return;
    this.#unseen = this.#unseen.filter(({slot}) => slot !== agent.slot);
    for (const group of agent.filterGroups) {
      for (const client of this.#clients) if (client && group.members.has(client.index)) this.#count(client, -1);
    }
    agent.filterGroups.length = 0;
  }

  /** Before a run: forgets what ended before now, provided that a periodic run has seen it. */
  sweep(nowMs: number): void {
    this.#end(nowMs, endMs => endMs < nowMs);
  }

  /** Behind a periodic run: forgets what ended up to now. */
  endPeriodicRun(nowMs: number): void {
    for (const {slot, index, group, endMs} of this.#unseen) {
      const before = group.endOf(index);
      group.set(index, before === UNSEEN ? endMs : Math.max(before, endMs));
      this.#list(slot, index, endMs);
    }
    this.#unseen = [];
    this.#end(nowMs, endMs => endMs <= nowMs);
    if (this.#listed > 1000 + 2 * this.#live) this.#relist();
  }

  #end(nowMs: number, isOver: (endMs: number) => boolean): void {
    if ((this.#earliest - 1) * 1000 > nowMs) return;
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [second, packed] of this.#ending) {
      if ((second - 1) * 1000 <= nowMs) this.#endSecond(second, packed, isOver);
      if (this.#ending.has(second)) this.#earliest = Math.min(this.#earliest, second);
    }
  }

  #endSecond(second: number, packed: readonly number[], isOver: (endMs: number) => boolean): void {
    const left = packed.filter(one => !this.#endOne(second, one, isOver));
    this.#listed -= packed.length - left.length;
    if (left.length === 0) this.#ending.delete(second);
    else this.#ending.set(second, left);
  }

  /** @returns whether this second has no end of it to wait for any more; a later end is listed in its own second */
  #endOne(second: number, packed: number, isOver: (endMs: number) => boolean): boolean {
    const [slot, index] = [Math.floor(packed / INDEX_SPAN), packed % INDEX_SPAN];
    const agent = this.#agents[slot];
    if (agent === undefined) return true;
    for (const group of [...agent.filterGroups]) {
      if (isOver(group.endOf(index))) this.#remove(index, agent, group);
    }
    return agent.filterGroups.every(group => group.endOf(index) === NO_FILTER || group.endOf(index) > second * 1000);
  }

  #remove(index: number, agent: AgentEntry, group: FilterGroup): void {
    const client = this.#clients[index];
    if (client === undefined || !group.members.has(index)) return;
    group.delete(index);
    this.#count(client, -1);
    if (group.size === 0) agent.filterGroups.splice(agent.filterGroups.indexOf(group), 1);
    this.#freed(agent);
  }

  #removeAt(index: number, agent: AgentEntry, at: number): void {
    const group = agent.filterGroups[at];
    if (group !== undefined) this.#remove(index, agent, group);
  }

  #count(client: Client, change: 1 | -1): void {
    client.filters += change;
    this.#live += change;
  }

  #list(slot: number, index: number, endMs: number): void {
    const second = Math.ceil(endMs / 1000);
    const packed = slot * INDEX_SPAN + index;
    const known = this.#ending.get(second);
    if (known === undefined) this.#ending.set(second, [packed]);
    else known.push(packed);
    this.#earliest = Math.min(this.#earliest, second);
    this.#listed++;
  }

  /** Long filters that were dropped early would be listed for as long as they were meant to last. */
  #relist(): void {
    this.#ending.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#listed = 0;
    for (const agent of new Set(this.#agents)) {
      for (const {group, index} of agent === undefined ? [] : membersOf(agent, this.#clients)) {
        this.#list(agent.slot, index, group.endOf(index));
      }
    }
  }
}

function groupFor(agent: AgentEntry, resources: Resources): FilterGroup {
  for (const group of agent.filterGroups) {
    if (group.resources === resources || group.resources.equals(resources)) return group;
  }
  const group = new FilterGroup(resources);
  agent.filterGroups.push(group);
  return group;
}

function* membersOf(
  agent: AgentEntry,
  clients: readonly (Client | undefined)[],
): Iterable<{group: FilterGroup; index: number}> {
  for (const group of agent.filterGroups) {
    for (const client of clients) {
      if (client !== undefined && group.members.has(client.index)) yield {group, index: client.index};
    }
  }
}
