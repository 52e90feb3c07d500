import type {AgentId, FrameworkId} from './ids.ts';
import type {AgentRecord, AgentSpec} from './records.ts';
import {Resources} from './resources.ts';
import {hashOf} from './shuffle.ts';

/** All agents, and who was handed out what on them. */
export class AgentBook {
  readonly #byId = new Map<AgentId, AgentRecord>();
  /** By id: runs begin from one order, however the agents came in. */
  readonly #sorted: AgentRecord[] = [];
  readonly #freeSlots: number[] = [];
  readonly #open = new Set<AgentRecord>();
  readonly #agentsOf = new Map<FrameworkId, Set<AgentRecord>>();

  /** In order of their ids. */
  get all(): readonly AgentRecord[] {
    return this.#sorted;
  }

  /** Those that may have something for somebody, in no order; the others were asked for in vain and have not changed. */
  get open(): ReadonlySet<AgentRecord> {
    return this.#open;
  }

  find(agentId: AgentId): AgentRecord | undefined {
    return this.#byId.get(agentId);
  }

  get(agentId: AgentId): AgentRecord {
    const agent = this.#byId.get(agentId);
    if (agent === undefined) throw new Error(`Bug: unknown agent ${agentId}`);
    return agent;
  }

  add({agentId, total, ...traits}: AgentSpec): AgentRecord {
    if (this.#byId.has(agentId)) throw new Error(`Bug: agent ${agentId} was added before`);
    const agent: AgentRecord = {
      agentId,
      slot: this.#freeSlots.pop() ?? this.#byId.size,
      hash: hashOf(agentId),
      traits,
      active: true,
      total,
      allocated: Resources.EMPTY,
      free: total,
      holdings: new Map(),
      askedUpTo: -1,
      filterGroups: [],
    };
    this.touch(agent);
    this.#byId.set(agentId, agent);
    this.#sorted.splice(this.#placeOf(agentId), 0, agent);
    return agent;
  }

  /** Also forgets what was handed out there. */
  remove(agent: AgentRecord): void {
    for (const frameworkId of agent.holdings.keys()) this.#agentsOf.get(frameworkId)?.delete(agent);
    this.#byId.delete(agent.agentId);
    this.#sorted.splice(this.#placeOf(agent.agentId), 1);
    this.#freeSlots.push(agent.slot);
    this.#open.delete(agent);
  }

  setTotal(agent: AgentRecord, total: Resources): void {
    agent.total = total;
    this.#recompute(agent);
  }

  /** Somebody may want now what nobody wanted before, or may have it now. */
  touch(agent: AgentRecord): void {
    agent.askedUpTo = -1;
    if (agent.active && !agent.free.isEmpty) this.#open.add(agent);
    else this.#open.delete(agent);
  }

  /** Nobody wants what is free there, up to that unlock. */
  close(agent: AgentRecord, unlocks: number): void {
    agent.askedUpTo = unlocks;
    this.#open.delete(agent);
  }

  /** Agents on which a framework holds something, known to the allocator or not. */
  agentsOf(frameworkId: FrameworkId): Iterable<AgentRecord> {
    return this.#agentsOf.get(frameworkId) ?? [];
  }

  held(agent: AgentRecord, frameworkId: FrameworkId, role: string): Resources {
    return agent.holdings.get(frameworkId)?.get(role) ?? Resources.EMPTY;
  }

  /** @returns whether the framework held nothing there before, under this role */
  hold(agent: AgentRecord, frameworkId: FrameworkId, role: string, resources: Resources): boolean {
    const byRole = this.#holdingsOf(agent, frameworkId);
    const before = byRole.get(role);
    byRole.set(role, before === undefined ? resources : before.add(resources));
    const all = resources === agent.free;
    agent.allocated = agent.allocated.add(resources);
    if (all) {
      agent.free = Resources.EMPTY;
      this.touch(agent);
    } else this.#recompute(agent);
    return before === undefined;
  }

  /** @returns whether the framework now holds nothing there, under this role */
  release(agent: AgentRecord, frameworkId: FrameworkId, role: string, resources: Resources): boolean {
    const byRole = agent.holdings.get(frameworkId);
    const before = byRole?.get(role);
    if (byRole === undefined || before?.contains(resources) !== true) {
      throw new Error(`Bug: ${frameworkId} does not hold under ${role} on ${agent.agentId} what is to be recovered`);
    }
    const after = before.subtract(resources);
    if (after.isEmpty) byRole.delete(role);
    else byRole.set(role, after);
    if (byRole.size === 0) this.#leave(agent, frameworkId);
    agent.allocated = agent.allocated.subtract(resources);
    this.#recompute(agent);
    return after.isEmpty;
  }

  #holdingsOf(agent: AgentRecord, frameworkId: FrameworkId): Map<string, Resources> {
    const known = agent.holdings.get(frameworkId);
    if (known !== undefined) return known;
    const byRole = new Map<string, Resources>();
    agent.holdings.set(frameworkId, byRole);
    const agents = this.#agentsOf.get(frameworkId);
    if (agents === undefined) this.#agentsOf.set(frameworkId, new Set([agent]));
    else agents.add(agent);
    return byRole;
  }

  #leave(agent: AgentRecord, frameworkId: FrameworkId): void {
    agent.holdings.delete(frameworkId);
    const agents = this.#agentsOf.get(frameworkId);
    agents?.delete(agent);
    if (agents?.size === 0) this.#agentsOf.delete(frameworkId);
  }

  // From the total, not from what was free before: an agent that shrank may have more handed out than it has.
  #recompute(agent: AgentRecord): void {
    agent.free = agent.total.subtract(agent.allocated);
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
