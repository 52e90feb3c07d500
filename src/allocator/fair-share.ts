import {visibleTo} from './eligibility/visible.ts';
import type {Rule} from './eligibility/rule.ts';
import {reaches} from './minimum.ts';
import type {RunTime} from './offer-filters.ts';
import type {AgentRecord, Client, RoleRecord} from './records.ts';
import type {Resources} from './resources.ts';
import type {Sorter} from './sorter/sorter.ts';

/** What a stage of a run works on. */
export type Run = {
  readonly time: RunTime;
  readonly roles: Sorter<RoleRecord>;
  readonly rules: readonly Rule[];
  /** `ClientBook.unlocks` at the start. */
  readonly unlocks: number;
  /** Books it: afterwards it is no longer free. */
  readonly handOut: (client: Client, agent: AgentRecord, resources: Resources) => void;
};

/**
 * The second stage of a run, and the only one without quota: each agent goes as a whole to the first client in fair
 * order that may have it and did not refuse it; what that one may not have goes on to the next.
 */
export function shareFairly(run: Run, agents: readonly AgentRecord[]): void {
  for (const agent of agents) new AgentRound(run, agent).offer();
}

/** One agent's turn. */
class AgentRound {
  readonly #run: Run;
  readonly #agent: AgentRecord;
  /** Clients not unlocked since then would answer as they did the last time. */
  readonly #askedUpTo: number;
  #untilMs: number;

  constructor(run: Run, agent: AgentRecord) {
    this.#run = run;
    this.#agent = agent;
    const {barren} = agent;
    const stillBarren = barren !== undefined && run.time.nowMs < barren.untilMs;
    this.#askedUpTo = stillBarren ? barren.unlocks : -1;
    this.#untilMs = stillBarren ? barren.untilMs : Number.POSITIVE_INFINITY;
  }

  offer(): void {
    const {unlocks, roles} = this.#run;
    if (this.#askedUpTo === unlocks) return;
    const free = this.#agent.free;
    roles.visit(role => role.frameworks.visit(client => this.#ask(client)));
    if (free === this.#agent.free) this.#agent.barren = {unlocks, untilMs: this.#untilMs};
  }

  /** @returns whether the agent has nothing left */
  #ask(client: Client): boolean {
    if (client.unlockedAt <= this.#askedUpTo) return false;
    const agent = this.#agent;
    const offer = visibleTo(client, agent.free);
    if (!reaches(offer, client.minimum) || this.#refused(client)) return false;
    const filter = client.filters.blocking(agent.slot, offer, this.#run.time);
    if (filter !== undefined) {
      this.#untilMs = Math.min(this.#untilMs, filter.endMs);
      return false;
    }
    this.#run.handOut(client, agent, offer);
    return agent.free.isEmpty;
  }

  #refused(client: Client): boolean {
    for (const rule of this.#run.rules) if (rule.refuses(this.#agent, client)) return true;
    return false;
  }
}
