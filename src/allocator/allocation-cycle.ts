import type {Random} from '../lib/clock.ts';
import type {AgentBook} from './agent-book.ts';
import type {Run} from './agent-round.ts';
import type {ClientBook} from './client-book.ts';
import type {Rule} from './eligibility/rule.ts';
import {shareFairly} from './fair-share.ts';
import {HandedOut} from './handed-out.ts';
import type {AgentId} from './ids.ts';
import type {OfferFilters} from './offer-filters.ts';
import {meetGuarantees} from './quota/meet-guarantees.ts';
import type {QuotaBook} from './quota/quota-book.ts';
import type {AgentRecord, Allocation, Client} from './records.ts';
import type {Resources} from './resources.ts';
import {shuffled} from './shuffle.ts';

type Parts = {
  readonly agents: AgentBook;
  readonly clients: ClientBook;
  readonly filters: OfferFilters;
  readonly quota: QuotaBook;
  readonly rules: readonly Rule[];
  readonly random: Random;
  /** Books a hand-out in all books. */
  readonly hold: (client: Client, agent: AgentRecord, resources: Resources) => void;
};

/** Who asked for a run, and up to where all agents were asked for. */
export type CycleSnapshot = {
  readonly agents: readonly AgentId[];
  readonly all: boolean;
  readonly settledUnlocks: number;
};

/** When runs are due, over which agents, and their two stages. */
export class AllocationCycle {
  readonly #parts: Parts;
  /** Agents for the next event run. */
  readonly #candidates = new Set<AgentRecord>();
  #allAreCandidates = false;
  /** `ClientBook.unlocks` when a run over all agents last ended: those not open were asked up to there. */
  #settledUnlocks = -1;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isPending(): boolean {
    return this.#allAreCandidates || this.#candidates.size > 0;
  }

  request(agent: AgentRecord): void {
    this.#candidates.add(agent);
  }

  requestAll(): void {
    this.#allAreCandidates = true;
  }

  forget(agent: AgentRecord): void {
    this.#candidates.delete(agent);
  }

  snapshot(): CycleSnapshot {
    const agents = Array.from(this.#candidates, ({agentId}) => agentId);
    return {agents, all: this.#allAreCandidates, settledUnlocks: this.#settledUnlocks};
  }

  load({agents, all, settledUnlocks}: CycleSnapshot): void {
    this.#candidates.clear();
    for (const agentId of agents) this.#candidates.add(this.#parts.agents.get(agentId));
    this.#allAreCandidates = all;
    this.#settledUnlocks = settledUnlocks;
  }

  runEvents(nowMs: number): readonly Allocation[] {
    if (!this.isPending) return [];
    return this.#allAreCandidates ? this.#runAll(nowMs) : this.#run([...this.#candidates], nowMs);
  }

  runPeriodic(nowMs: number): readonly Allocation[] {
    const allocations = this.#runAll(nowMs);
    this.#parts.filters.endPeriodicRun(nowMs);
    return allocations;
  }

  #runAll(nowMs: number): readonly Allocation[] {
    const {agents, clients, filters, quota} = this.#parts;
    filters.sweep(nowMs);
    if (quota.takeLoosened()) for (const agent of agents.all) agents.touch(agent);
    const {unlocks} = clients;
    // When nobody was unlocked since, those that are not open would find no taker again.
    const worthALook = unlocks === this.#settledUnlocks ? agents.open() : agents.all;
    const allocations = this.#run(worthALook, nowMs);
    this.#settledUnlocks = unlocks;
    return allocations;
  }

  #run(candidates: readonly AgentRecord[], nowMs: number): readonly Allocation[] {
    const {filters, quota, random} = this.#parts;
    filters.sweep(nowMs);
    const handedOut = new HandedOut();
    const run = this.#newRun(handedOut);
    const agents = candidates.filter(agent => agent.active && !agent.free.isEmpty);
    if (!quota.isEmpty) meetGuarantees(run, quota, shuffled(agents, random));
    shareFairly(run, shuffled(agents, random));
    this.#candidates.clear();
    this.#allAreCandidates = false;
    return handedOut.allocations;
  }

  #newRun(handedOut: HandedOut): Run {
    const {agents, clients, rules, quota, hold} = this.#parts;
    const {unlocks, active, roleSorter} = clients;
    return {
      roles: roleSorter,
      rules,
      quota: quota.isEmpty ? undefined : quota,
      active,
      sharedOut: new Map(),
      unlocks,
      handOut: (client, agent, resources) => {
        hold(client, agent, resources);
        if (quota.isEmpty) handedOut.add(client, agent, resources);
        else handedOut.merge(client, agent, resources);
      },
      close: agent => agents.close(agent, unlocks),
    };
  }
}
