import type {AgentId, FrameworkId} from './ids.ts';
import type {AgentEntry, AgentSpec, Conversion, Holding} from './records.ts';
import {isShared} from './resource.ts';
import {Resources} from './resources.ts';
import {hashOf} from './shuffle.ts';

/** All agents, and who was handed out what on them. */
export class AgentBook {
  readonly #byId = new Map<AgentId, AgentEntry>();
  /** By id: runs begin from one order, however the agents came in. */
  readonly #sorted: AgentEntry[] = [];
  readonly #freeSlots: number[] = [];
  /** Each once; some may have become uninteresting. */
  #listed: AgentEntry[] = [];

  /** In order of their ids. */
  get all(): readonly AgentEntry[] {
    return this.#sorted;
  }

  /** Those that may have something for somebody, in no order; the others were asked for in vain and have not changed. */
  open(): readonly AgentEntry[] {
    const open = this.#listed.filter(isOpen);
    for (const agent of this.#listed) agent.listed = false;
    for (const agent of open) agent.listed = true;
    this.#listed = open;
    return [...open];
  }

  find(agentId: AgentId): AgentEntry | undefined {
    return this.#byId.get(agentId);
  }

  get(agentId: AgentId): AgentEntry {
    const agent = this.#byId.get(agentId);
    if (agent === undefined) throw new Error(`Bug: unknown agent ${agentId}`);
    return agent;
  }

  add({agentId, total, ...traits}: AgentSpec): AgentEntry {
    if (this.#byId.has(agentId)) throw new Error(`Bug: agent ${agentId} was added before`);
    const agent: AgentEntry = {
      agentId,
      slot: this.#freeSlots.pop() ?? this.#byId.size,
      hash: hashOf(agentId),
      traits,
      active: true,
      total,
      allocated: Resources.EMPTY,
      free: total,
      holdings: [],
      askedUpTo: -1,
      listed: false,
      excluded: undefined,
      filterGroups: [],
    };
    this.touch(agent);
    this.#byId.set(agentId, agent);
    this.#sorted.splice(this.#placeOf(agentId), 0, agent);
    return agent;
  }

  /** Also forgets what was handed out there. */
  remove(agent: AgentEntry): void {
    this.#byId.delete(agent.agentId);
    this.#sorted.splice(this.#placeOf(agent.agentId), 1);
    this.#freeSlots.push(agent.slot);
    agent.active = false;
  }

  setTotal(agent: AgentEntry, total: Resources): void {
    agent.total = total;
    this.#recompute(agent);
  }

  /** Somebody may want now what nobody wanted before, or may have it now. */
  touch(agent: AgentEntry): void {
    agent.askedUpTo = -1;
    if (agent.listed || !isOpen(agent)) return;
    agent.listed = true;
    this.#listed.push(agent);
  }

  /** Nobody wants what is free there, up to that unlock. */
  close(agent: AgentEntry, unlocks: number): void {
    agent.askedUpTo = unlocks;
  }

  held(agent: AgentEntry, frameworkId: FrameworkId, role: string): Resources {
    return find(agent, frameworkId, role)?.resources ?? Resources.EMPTY;
  }

  /** @returns whether the framework held nothing there before, under this role */
  hold(agent: AgentEntry, frameworkId: FrameworkId, role: string, resources: Resources): boolean {
    const before = find(agent, frameworkId, role);
    if (before !== undefined) before.resources = before.resources.add(resources);
    // A list made with one element has room for one: nearly all have no more.
    else if (agent.holdings.length === 0) agent.holdings = [{frameworkId, role, resources}];
    else agent.holdings.push({frameworkId, role, resources});
    const all = resources === agent.free && !resources.isRestricted;
    agent.allocated = agent.allocated.add(resources);
    if (all) {
      agent.free = Resources.EMPTY;
      this.touch(agent);
    } else this.#recompute(agent);
    return before === undefined;
  }

  /** @returns whether the framework now holds nothing there, under this role */
  release(agent: AgentEntry, frameworkId: FrameworkId, role: string, resources: Resources): boolean {
    const holding = find(agent, frameworkId, role);
    if (holding?.resources.contains(resources) !== true) {
      throw new Error(`Bug: ${frameworkId} does not hold under ${role} on ${agent.agentId} what is to be recovered`);
    }
    holding.resources = holding.resources.subtract(resources);
    const ends = holding.resources.isEmpty;
    if (ends) agent.holdings.splice(agent.holdings.indexOf(holding), 1);
    agent.allocated = agent.allocated.subtract(resources);
    this.#recompute(agent);
    return ends;
  }

  /** What is held becomes something else in place. Both have the same quantities. */
  convertHeld(agent: AgentEntry, frameworkId: FrameworkId, role: string, {consumed, converted}: Conversion): void {
    const holding = find(agent, frameworkId, role);
    if (holding?.resources.contains(consumed) !== true) {
      throw new Error(`Bug: ${frameworkId} does not hold under ${role} on ${agent.agentId} what is to be converted`);
    }
    holding.resources = holding.resources.subtract(consumed).add(converted);
    agent.allocated = agent.allocated.subtract(consumed).add(converted);
    this.setTotal(agent, agent.total.subtract(consumed).add(converted));
  }

  // From the total, not from what was free before: an agent that shrank may have more handed out than it has.
  #recompute(agent: AgentEntry): void {
    // A shared volume is free also while somebody uses it.
    const taken = agent.total.isRestricted ? agent.allocated.filter(resource => !isShared(resource)) : agent.allocated;
    agent.free = agent.total.subtract(taken);
    this.touch(agent);
  }

  #placeOf(agentId: AgentId): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.agentId ?? agentId) < agentId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isOpen = ({active, free, askedUpTo}: AgentEntry): boolean => active && !free.isEmpty && askedUpTo < 0;

function find({holdings}: AgentEntry, frameworkId: FrameworkId, role: string): Holding | undefined {
  for (const holding of holdings) if (holding.frameworkId === frameworkId && holding.role === role) return holding;
  return undefined;
}
