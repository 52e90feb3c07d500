import type {Allocator} from '../allocator/allocator.ts';
import type {Refusal} from '../allocator/hierarchical-allocator.ts';
import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import type {AgentSpec, Allocation} from '../allocator/records.ts';
import type {Resources} from '../allocator/resources.ts';
import type {Random} from '../lib/clock.ts';
import type {EventQueue} from './event-queue.ts';
import type {Meters} from './meters.ts';

/** A framework: answers offers at once. */
export type Actor = {
  readonly frameworkId: FrameworkId;
  readonly onOffers: (allocations: readonly Allocation[]) => void;
  /** What ran there is lost. */
  readonly onAgentGone: (agentId: AgentId) => void;
  /** Tasks without resources, by role. */
  readonly waiting: () => ReadonlyMap<string, number>;
};

/** More runs at one time than that would be a framework that asks again and again. */
const MOST_RUNS_AT_ONCE = 1000;

/** What actors act in: time, chance and the allocator. */
export class World {
  readonly queue: EventQueue;
  readonly allocator: Allocator;
  /** For the workload; the allocator has its own. */
  readonly random: Random;
  readonly meters: Meters;
  readonly agents = new Map<AgentId, AgentSpec>();
  readonly #actors = new Map<FrameworkId, Actor>();

  constructor(parts: {
    readonly queue: EventQueue;
    readonly allocator: Allocator;
    readonly random: Random;
    readonly meters: Meters;
  }) {
    this.queue = parts.queue;
    this.allocator = parts.allocator;
    this.random = parts.random;
    this.meters = parts.meters;
  }

  join(actor: Actor): void {
    this.#actors.set(actor.frameworkId, actor);
  }

  addAgent(spec: AgentSpec, used: ReadonlyMap<FrameworkId, ReadonlyMap<string, Resources>>): void {
    this.agents.set(spec.agentId, spec);
    this.allocator.addAgent(spec, used);
  }

  removeAgent(agentId: AgentId): void {
    this.agents.delete(agentId);
    this.allocator.removeAgent(agentId);
    for (const actor of this.#actors.values()) actor.onAgentGone(agentId);
  }

  giveBack({agentId, frameworkId, role}: Allocation, resources: Resources, refuse?: Refusal): void {
    this.allocator.recoverResources(agentId, frameworkId, role, resources, refuse, this.queue.nowMs);
  }

  runPeriodic(): void {
    this.#deliver(this.allocator.runPeriodic(this.queue.nowMs));
  }

  /** Serves what asked for a run. */
  settle(): void {
    for (let i = 0; i < MOST_RUNS_AT_ONCE && this.allocator.runPending(); i++) {
      this.#deliver(this.allocator.runEvents(this.queue.nowMs));
    }
  }

  /** Tasks without resources, by role, of all actors. */
  waiting(): Map<string, number> {
    const sums = new Map<string, number>();
    for (const actor of this.#actors.values()) {
      for (const [role, tasks] of actor.waiting()) sums.set(role, (sums.get(role) ?? 0) + tasks);
    }
    return sums;
  }

  #deliver(allocations: readonly Allocation[]): void {
    this.meters.runs++;
    this.meters.offers += allocations.length;
    for (const [frameworkId, list] of Map.groupBy(allocations, one => one.frameworkId)) {
      const actor = this.#actors.get(frameworkId);
      if (actor !== undefined) actor.onOffers(list);
      else for (const one of list) this.giveBack(one, one.resources);
    }
  }
}
