import type {LastRun} from '../allocation-cycle.ts';
import type {Rule} from '../eligibility/rule.ts';
import {visibleTo} from '../eligibility/visible.ts';
import type {AgentId} from '../ids.ts';
import {reaches} from '../minimum.ts';
import type {OfferFilters} from '../offer-filters.ts';
import type {QuotaBook} from '../quota/quota-book.ts';
import type {HomeRegion} from '../eligibility/region.ts';
import type {AgentEntry, Client} from '../records.ts';
import {Resources} from '../resources.ts';
import {invisibleVerdict, ruleVerdict} from './details.ts';
import type {PrecedenceBooks, PlacedHandOut} from './precedence.ts';
import {precedenceOf} from './precedence.ts';
import type {Reason, Verdict} from './verdict.ts';

export type JudgeParts = PrecedenceBooks & {
  readonly quota: QuotaBook;
  readonly filters: OfferFilters;
  readonly rules: readonly Rule[];
  /** Where the master stands. */
  readonly home: HomeRegion;
};

/** The numbers are worked out only when somebody wants to see them. */
export type Finding = {readonly reason: Reason; readonly verdict: () => Verdict};

/** One client and one agent, with what was free there when it was last somebody's turn. */
type Pair = {
  readonly client: Client;
  readonly agent: AgentEntry;
  /** The first step of the last run on the agent. */
  readonly turn: PlacedHandOut | undefined;
  readonly free: Resources;
  readonly visible: Resources;
  /** What quota leaves of it. */
  readonly cut: Resources;
};

/** Asked about after quota; others that exist come last. */
const RULES_IN_ORDER = ['gpu', 'region', 'agent-capability'];
const RULES_APART = new Set([...RULES_IN_ORDER, 'offer-constraint', 'whitelist']);

/** Finds the first reason in order for pairs of client and agent, from the state as it is, and the last run. */
export class Judge {
  readonly #parts: JudgeParts;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #turns: ReadonlyMap<AgentId, readonly PlacedHandOut[]>;

  constructor(parts: JudgeParts, lastRun: LastRun | undefined) {
    this.#parts = parts;
    this.#rules = new Map(parts.rules.map(rule => [rule.name, rule]));
    this.#turns = turnsOf(lastRun);
  }

  judge(client: Client, agent: AgentEntry): Finding {
    const turns = this.#turns.get(agent.agentId) ?? [];
    const given = turns.filter(({step}) => isOf(client, step));
    if (given.length > 0) return offered(given);
    const pair = this.#pair(client, agent, turns[0]);
    return (
      ofClient(client) ?? this.#ofDemand(pair) ?? this.#ofQuota(pair) ?? this.#ofAgent(pair) ?? this.#ofOthers(pair)
    );
  }

  #pair(client: Client, agent: AgentEntry, turn: PlacedHandOut | undefined): Pair {
    const {quota} = this.#parts;
    const free = turn?.step.freeBefore ?? agent.free;
    const visible = visibleTo(client, free);
    const {role} = client.role;
    const cut = quota.isEmpty ? visible : (quota.guaranteedOf(role, visible) ?? quota.shareOf(role, visible));
    return {client, agent, turn, free, visible, cut};
  }

  /** What the framework does not want. */
  #ofDemand({client, agent, visible, cut}: Pair): Finding | undefined {
    const wanted = cut.isEmpty ? visible : cut;
    if (!wanted.isEmpty && this.#parts.filters.isRefused(client, agent, wanted)) {
      return {
        reason: 'filtered',
        verdict: () => ({reason: 'filtered', ...this.#parts.filters.refusalOf(client, agent, wanted)}),
      };
    }
    return this.#refusedBy('offer-constraint', client, agent);
  }

  #ofQuota({client, visible, cut}: Pair): Finding | undefined {
    const {quota} = this.#parts;
    const {minimum} = client;
    if (visible.isEmpty || reaches(cut, minimum)) return undefined;
    if (!reaches(visible, minimum)) return found('minimum', () => tooLittle(client, visible));
    const {role} = client.role;
    if (!reaches(quota.withinLimit(role, visible), minimum))
      return found('quota-limit', () => limitVerdict(quota, role));
    return found('headroom', () => ({reason: 'headroom', ...quota.headroom(), heldFor: quota.lacking()}));
  }

  #ofAgent({client, agent, free, visible}: Pair): Finding | undefined {
    for (const name of RULES_IN_ORDER) {
      const refused = this.#refusedBy(name, client, agent);
      if (refused !== undefined) return refused;
    }
    if (!agent.active) return plain({reason: 'agent-inactive'});
    const listed = this.#refusedBy('whitelist', client, agent);
    if (listed !== undefined) return listed;
    const other = this.#parts.rules.find(rule => !RULES_APART.has(rule.name) && rule.refuses(agent, client));
    if (other !== undefined) return plain({reason: 'rule', rule: other.name});
    if (visible.isEmpty && !free.isEmpty) return found('invisible', () => invisibleVerdict(client, free));
    return undefined;
  }

  #ofOthers({client, agent, turn, free}: Pair): Finding {
    if (free.isEmpty) return found('nothing-free', () => ({reason: 'nothing-free', holders: agent.holdings.slice()}));
    if (turn === undefined) return plain({reason: 'next-run'});
    const {frameworkId, role, resources} = turn.step;
    const taker = {frameworkId, role, resources};
    return found('behind', () => ({reason: 'behind', taker, precedence: precedenceOf(this.#parts, client, turn)}));
  }

  #refusedBy(name: string, client: Client, agent: AgentEntry): Finding | undefined {
    const rule = this.#rules.get(name);
    if (rule?.refuses(agent, client) !== true) return undefined;
    const verdict = ruleVerdict(rule, agent, client, this.#parts.home.domain);
    return {reason: verdict.reason, verdict: () => verdict};
  }
}

const found = (reason: Reason, verdict: () => Verdict): Finding => ({reason, verdict});
const plain = (verdict: Verdict): Finding => ({reason: verdict.reason, verdict: () => verdict});

const isOf = ({framework, role}: Client, step: PlacedHandOut['step']): boolean =>
  step.frameworkId === framework.frameworkId && step.role === role.role;

const offered = (turns: readonly PlacedHandOut[]): Finding =>
  found('offered', () => ({
    reason: 'offered',
    resources: turns.reduce((sum, {step}) => sum.add(step.resources), Resources.EMPTY),
  }));

function ofClient({framework, subscribed, suppressed}: Client): Finding | undefined {
  if (!framework.active) return plain({reason: 'framework-inactive'});
  if (!subscribed) return plain({reason: 'not-subscribed'});
  return suppressed ? plain({reason: 'suppressed'}) : undefined;
}

function turnsOf(run: LastRun | undefined): Map<AgentId, PlacedHandOut[]> {
  const byAgent = new Map<AgentId, PlacedHandOut[]>();
  for (let index = 0; run !== undefined && index < run.handedOut.size; index++) {
    const step = run.handedOut.step(index);
    if (step === undefined) continue;
    const turns = byAgent.get(step.agentId);
    if (turns === undefined) byAgent.set(step.agentId, [{run, index, step}]);
    else turns.push({run, index, step});
  }
  return byAgent;
}

const tooLittle = ({minimum}: Client, visible: Resources): Verdict => ({
  reason: 'minimum',
  free: visible.quantities(),
  wanted: minimum.map(inUnits),
});

const inUnits = (milli: ReadonlyMap<string, number>): Map<string, number> =>
  new Map(Array.from(milli, ([name, amount]) => [name, amount / 1000]));

function limitVerdict(quota: QuotaBook, role: string): Verdict {
  const {limits = new Map(), consumed = new Map()} = quota.of(role) ?? {};
  return {reason: 'quota-limit', role, limit: limits, consumed};
}
