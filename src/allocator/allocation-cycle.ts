import type {Random} from '../lib/clock.ts';
import type {AgentBook} from './agent-book.ts';
import type {AllocationRun} from './agent-round.ts';
import type {ClientBook} from './client-book.ts';
import type {Rule} from './eligibility/rule.ts';
import {shareFairly} from './fair-share.ts';
import {HandedOut} from './handed-out.ts';
import type {AgentId} from './ids.ts';
import type {OfferFilters} from './offer-filters.ts';
import {meetGuarantees} from './quota/meet-guarantees.ts';
import type {QuotaBook} from './quota/quota-book.ts';
import type {AgentEntry, Allocation, Client} from './records.ts';
import type {Resources} from './resources.ts';
import {shuffled} from './shuffle.ts';
import type {Slices} from './slices.ts';
import {Effort} from './slices.ts';
import type {ClusterTotal} from './sorter/cluster-total.ts';

type Parts = {
  readonly agents: AgentBook;
  readonly clients: ClientBook;
  readonly filters: OfferFilters;
  readonly quota: QuotaBook;
  readonly rules: readonly Rule[];
  readonly random: Random;
  readonly total: ClusterTotal;
  readonly unitsPerSlice: number;
  /** Books a hand-out in all books. */
  readonly hold: (client: Client, agent: AgentEntry, resources: Resources) => void;
};

/** Who asked for a run, and up to where all agents were asked for. */
export type CycleSnapshot = {
  readonly agents: readonly AgentId[];
  readonly all: boolean;
  readonly settledUnlocks: number;
};

/** The timer of runs over all agents, or what happened to some. */
export type RunCause = 'periodic' | 'events';

/** A run that handed out something. Kept until the next one, for whoever asks why. */
export type LastRun = {
  readonly atMs: number;
  readonly cause: RunCause;
  readonly handedOut: HandedOut;
  /** So many of its first steps were for guarantees. */
  readonly guaranteed: number;
};

/** When runs are due, over which agents, and their two stages. */
export class AllocationCycle {
  readonly #parts: Parts;
  /** Agents for the next event run. */
  readonly #candidates = new Set<AgentEntry>();
  #allAreCandidates = false;
  /** `ClientBook.unlocks` when a run over all agents last ended: those not open were asked up to there. */
  #settledUnlocks = -1;
  #lastRun: LastRun | undefined = undefined;
  #lastRunMs: number | undefined = undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isPending(): boolean {
    return this.#allAreCandidates || this.#candidates.size > 0;
  }

  request(agent: AgentEntry): void {
    this.#candidates.add(agent);
  }

  requestAll(): void {
    this.#allAreCandidates = true;
  }

  forget(agent: AgentEntry): void {
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

  /** What the last run that handed out anything did. */
  get lastRun(): LastRun | undefined {
    return this.#lastRun;
  }

  /** When a run last looked at anything, handed out or not. */
  get lastRunMs(): number | undefined {
    return this.#lastRunMs;
  }

  *runEvents(nowMs: number): Slices<readonly Allocation[]> {
    if (!this.isPending) return [];
    if (this.#allAreCandidates) return yield* this.#runAll(nowMs, 'events');
    return yield* this.#run([...this.#candidates], nowMs, 'events');
  }

  *runPeriodic(nowMs: number): Slices<readonly Allocation[]> {
    const allocations = yield* this.#runAll(nowMs, 'periodic');
    this.#parts.filters.endPeriodicRun(nowMs);
    return allocations;
  }

  *#runAll(nowMs: number, cause: RunCause): Slices<readonly Allocation[]> {
    const {agents, clients, filters, quota} = this.#parts;
    filters.sweep(nowMs);
    if (quota.takeLoosened()) for (const agent of agents.all) agents.touch(agent);
    const {unlocks} = clients;
    // When nobody was unlocked since, those that are not open would find no taker again.
    const worthALook = unlocks === this.#settledUnlocks ? agents.open() : agents.all;
    const allocations = yield* this.#run(worthALook, nowMs, cause);
    this.#settledUnlocks = unlocks;
    return allocations;
  }

  *#run(candidates: readonly AgentEntry[], nowMs: number, cause: RunCause): Slices<readonly Allocation[]> {
    const {filters, quota, random} = this.#parts;
    filters.sweep(nowMs);
    const handedOut = new HandedOut();
    const run = this.#newRun(handedOut);
    const agents = candidates.filter(agent => agent.active && !agent.free.isEmpty);
    if (!quota.isEmpty) yield* meetGuarantees(run, quota, shuffled(agents, random));
    const guaranteed = handedOut.size;
    yield* shareFairly(run, shuffled(agents, random));
    this.#candidates.clear();
    this.#allAreCandidates = false;
    this.#lastRunMs = nowMs;
    if (handedOut.isEmpty) return [];
    this.#parts.total.endRun();
    this.#lastRun = {atMs: nowMs, cause, handedOut, guaranteed};
    return handedOut.allocations;
  }

  #newRun(handedOut: HandedOut): AllocationRun {
    const {agents, clients, rules, filters, quota, hold, total, unitsPerSlice} = this.#parts;
    const {unlocks, active, roleSorter} = clients;
    return {
      roles: roleSorter,
      rules,
      filters,
      quota: quota.isEmpty ? undefined : quota,
      active,
      sharedOut: new Map(),
      unlocks,
      effort: new Effort(unitsPerSlice),
      handOut: (client, agent, resources) => {
        if (handedOut.isEmpty) total.beginRun();
        const {free} = agent;
        hold(client, agent, resources);
        if (quota.isEmpty) handedOut.add(client, agent, resources, free);
        else handedOut.merge(client, agent, resources, free);
      },
      close: agent => agents.close(agent, unlocks),
    };
  }
}
