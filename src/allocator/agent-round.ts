import {Bits, isCovered} from './bits.ts';
import {offerConstraintRule} from './eligibility/offer-constraint.ts';
import {visibleTo} from './eligibility/visible.ts';
import type {Rule} from './eligibility/rule.ts';
import {reaches} from './minimum.ts';
import type {OfferFilters} from './offer-filters.ts';
import type {QuotaBook} from './quota/quota-book.ts';
import type {AgentEntry, Client, RoleRecord} from './records.ts';
import {isShared} from './resource.ts';
import {Resources} from './resources.ts';
import type {Effort} from './slices.ts';
import type {Sorter} from './sorter/sorter.ts';

/** What a stage of a run works on. */
export type AllocationRun = {
  readonly roles: Sorter<RoleRecord>;
  readonly rules: readonly Rule[];
  readonly filters: OfferFilters;
  /** Undefined when no role has any. */
  readonly quota: QuotaBook | undefined;
  /** Clients that may get offers, by index. */
  readonly active: Bits;
  /** Shared volumes that somebody was given in this run: they are free, but one at a time may be offered them. */
  readonly sharedOut: Map<AgentEntry, Resources>;
  /** `ClientBook.unlocks` at the start. */
  readonly unlocks: number;
  readonly effort: Effort;
  /** Books it: afterwards it is no longer free. */
  readonly handOut: (client: Client, agent: AgentEntry, resources: Resources) => void;
  /** Nobody wants what is left there. */
  readonly close: (agent: AgentEntry) => void;
};

/** One agent's turn in a stage. */
export class AgentRound {
  readonly #run: AllocationRun;
  readonly #agent: AgentEntry;
  /** Clients that want nothing of it: by filters that hide all that is free, and so every part of it, or by constraints. */
  #wide: readonly Members[];

  constructor(run: AllocationRun, agent: AgentEntry) {
    this.#run = run;
    this.#agent = agent;
    this.#wide = wideFilters(agent);
    run.effort.spend();
  }

  /** Whether every client refused all that is free. */
  get isHopeless(): boolean {
    return isCovered(this.#run.active, this.#wide);
  }

  /**
   * Hands out to a client what `cut` leaves of what it may see, if it may have it and did not refuse it.
   *
   * @returns whether the agent has nothing left
   */
  ask(client: Client, cut: (role: string, visible: Resources) => Resources | undefined): boolean {
    const agent = this.#agent;
    this.#run.effort.spend();
    if (client.unlockedAt <= agent.askedUpTo || isHidden(client, this.#wide)) return false;
    const offer = cut(client.role.role, this.#visibleTo(client));
    if (offer === undefined || !reaches(offer, client.minimum) || this.#isRuledOut(client)) return false;
    if (this.#run.filters.isRefused(client, agent, offer)) return false;
    this.#run.handOut(client, agent, offer);
    if (offer.isRestricted) this.#noteShared(offer);
    this.#wide = wideFilters(agent);
    return agent.free.isEmpty;
  }

  #visibleTo(client: Client): Resources {
    const visible = visibleTo(client, this.#agent.free);
    const out = visible.isRestricted ? this.#run.sharedOut.get(this.#agent) : undefined;
    return out === undefined ? visible : visible.subtract(out);
  }

  #noteShared(offer: Resources): void {
    const {sharedOut} = this.#run;
    const shared = offer.filter(isShared);
    if (!shared.isEmpty) sharedOut.set(this.#agent, shared.add(sharedOut.get(this.#agent) ?? Resources.EMPTY));
  }

  #isRuledOut(client: Client): boolean {
    const agent = this.#agent;
    for (const rule of this.#run.rules) {
      if (!rule.refuses(agent, client)) continue;
      if (rule === offerConstraintRule) exclude(agent, client);
      return true;
    }
    return false;
  }
}

type Members = {readonly members: Bits};

const NO_FILTERS: readonly Members[] = [];

function exclude(agent: AgentEntry, {index}: Client): void {
  agent.excluded ??= {members: new Bits()};
  agent.excluded.members.add(index);
}

function wideFilters({filterGroups, free, excluded}: AgentEntry): readonly Members[] {
  if (filterGroups.length === 0) return excluded === undefined ? NO_FILTERS : [excluded];
  const wide = filterGroups.filter(({resources}) => resources.contains(free));
  return excluded === undefined ? wide : [excluded, ...wide];
}

function isHidden({index}: Client, groups: readonly Members[]): boolean {
  for (const {members} of groups) if (members.has(index)) return true;
  return false;
}
