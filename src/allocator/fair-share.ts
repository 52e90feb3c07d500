import type {Bits} from './bits.ts';
import {isCovered} from './bits.ts';
import {visibleTo} from './eligibility/visible.ts';
import type {Rule} from './eligibility/rule.ts';
import {reaches} from './minimum.ts';
import type {FilterGroup} from './offer-filters.ts';
import type {AgentRecord, Client, RoleRecord} from './records.ts';
import type {Resources} from './resources.ts';
import type {Sorter} from './sorter/sorter.ts';

/** What a stage of a run works on. */
export type Run = {
  readonly roles: Sorter<RoleRecord>;
  readonly rules: readonly Rule[];
  /** Clients that may get offers, by index. */
  readonly active: Bits;
  /** `ClientBook.unlocks` at the start. */
  readonly unlocks: number;
  /** Books it: afterwards it is no longer free. */
  readonly handOut: (client: Client, agent: AgentRecord, resources: Resources) => void;
  /** Nobody wants what is left there. */
  readonly close: (agent: AgentRecord) => void;
};

/**
 * The second stage of a run, and the only one without quota: each agent goes as a whole to the first client in fair
 * order that may have it and did not refuse it; what that one may not have goes on to the next.
 */
export function shareFairly(run: Run, agents: readonly AgentRecord[]): void {
  for (const agent of agents) if (agent.askedUpTo < run.unlocks) new AgentRound(run, agent).offer();
}

/** One agent's turn. */
class AgentRound {
  readonly #run: Run;
  readonly #agent: AgentRecord;
  /** Filters that hide all that is free, and so every part of it. */
  #wide: readonly FilterGroup[];

  constructor(run: Run, agent: AgentRecord) {
    this.#run = run;
    this.#agent = agent;
    this.#wide = wideFilters(agent);
  }

  offer(): void {
    const {roles, active, close} = this.#run;
    const agent = this.#agent;
    const {free} = agent;
    if (!isCovered(active, this.#wide)) roles.visit(role => role.frameworks.visit(client => this.#ask(client)));
    if (free === agent.free) close(agent);
  }

  /** @returns whether the agent has nothing left */
  #ask(client: Client): boolean {
    const agent = this.#agent;
    if (client.unlockedAt <= agent.askedUpTo || isHidden(client, this.#wide)) return false;
    const offer = visibleTo(client, agent.free);
    if (!reaches(offer, client.minimum) || this.#refused(client)) return false;
    if (isRefused(client, agent, offer)) return false;
    this.#run.handOut(client, agent, offer);
    this.#wide = wideFilters(agent);
    return agent.free.isEmpty;
  }

  #refused(client: Client): boolean {
    for (const rule of this.#run.rules) if (rule.refuses(this.#agent, client)) return true;
    return false;
  }
}

const NO_FILTERS: readonly FilterGroup[] = [];

const wideFilters = ({filterGroups, free}: AgentRecord): readonly FilterGroup[] =>
  filterGroups.length === 0 ? NO_FILTERS : filterGroups.filter(({resources}) => resources.contains(free));

function isHidden({index}: Client, groups: readonly FilterGroup[]): boolean {
  for (const {members} of groups) if (members.has(index)) return true;
  return false;
}

function isRefused({index}: Client, {filterGroups}: AgentRecord, offer: Resources): boolean {
  for (const {members, resources} of filterGroups) if (members.has(index) && resources.contains(offer)) return true;
  return false;
}
