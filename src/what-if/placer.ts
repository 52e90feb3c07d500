import type {AgentId, FrameworkId} from '../allocator/ids.ts';
import type {Allocation} from '../allocator/records.ts';
import type {Resources} from '../allocator/resources.ts';
import type {Offer} from '../api/mesos/v1/common.ts';
import type {Attribute, DomainInfo} from '../api/mesos/v1/resources.ts';
import {agentFacts, type AgentFacts} from '../controller/marathon/core/offers/agent-facts.ts';
import type {AppDefinition} from '../controller/marathon/core/apps/app.ts';
import {
  matchOffer,
  type MatchContext,
  type Rejection,
  type RejectReason,
} from '../controller/marathon/core/offers/match.ts';
import {offerPool, type OfferPool} from '../controller/marathon/core/offers/offer-pool.ts';
import {resourcesFromWire, resourcesToWire} from '../controller/mesos/core/resource-conversion.ts';

/** An agent as offers describe it. */
export type AgentDescription = {
  readonly hostname: string;
  readonly attributes: readonly Attribute[];
  readonly domain?: DomainInfo;
  /** Planned maintenance. */
  readonly unavailability?: Offer['unavailability'];
};
export type AgentFactsOf = (agentId: AgentId) => AgentDescription | undefined;

/** An app whose instances are to be placed, and the framework that would place them. */
export type AppToPlace = {
  readonly definition: AppDefinition;
  readonly role: string;
  readonly frameworkId: FrameworkId;
  /** For a framework that is not known yet. */
  readonly capabilities: readonly string[];
  /** Instances to place. */
  readonly wanted: number;
  /** Agents of instances that are placed already, one entry for each. */
  readonly placed: readonly AgentFacts[];
  readonly servicePorts: readonly number[];
  readonly homeRegion: string | undefined;
};

/** `held-by-quota`: it is free there, and the role may not have it. */
export type PlacerReason = RejectReason | 'held-by-quota';

type Rejected = {readonly reason: PlacerReason; readonly rejection: Rejection};

/** Answers offers as Marathon would, and counts. */
export class Placer {
  readonly #app: AppToPlace;
  readonly #agent: AgentFactsOf;
  readonly #context: Omit<MatchContext, 'placement'>;
  readonly #placedAgents: AgentFacts[];
  readonly #known = new Map<AgentId, AgentFacts>();
  /** The last answer of each agent whose offer did not fit, or not any more. */
  readonly #rejected = new Map<AgentId, Rejected>();
  readonly placed = new Map<AgentId, number>();
  missing: number;

  constructor(app: AppToPlace, agent: AgentFactsOf, nowMs: number) {
    const {servicePorts, homeRegion, placed, wanted} = app;
    this.#app = app;
    this.#agent = agent;
    // Which of the free ports a task would get does not matter.
    this.#context = {servicePorts, ...(homeRegion !== undefined && {homeRegion}), nowMs, random: () => 0};
    this.#placedAgents = [...placed];
    this.missing = wanted;
  }

  /**
   * @param free what is free on the agent beside the offer
   * @returns    what is not used
   */
  answer(offer: Allocation, free: Resources): Resources {
    const pool = this.#pool(offer);
    this.#known.set(offer.agentId, pool.agent);
    let rest = offer.resources;
    while (this.missing > 0) {
      const outcome = matchOffer(pool, this.#app.definition, this.#matchContext());
      if (outcome.kind === 'rejected') {
        this.#reject(offer.agentId, outcome.rejection, free);
        break;
      }
      const used = resourcesFromWire(outcome.match.resources);
      if (used.ok) rest = rest.subtract(used.value);
      this.missing--;
      this.placed.set(offer.agentId, (this.placed.get(offer.agentId) ?? 0) + 1);
      this.#placedAgents.push(pool.agent);
    }
    return rest;
  }

  /** Instances that would fit into offers that went to others: each offer for itself, as many as are missing at most. */
  wouldFit(offers: readonly Allocation[]): number {
    let fitting = 0;
    for (const offer of offers) {
      // Constraints on more than one agent are not judged for offers that nobody made to us.
      const pool = this.#pool({...offer, role: this.#app.role});
      while (fitting < this.missing) {
        if (matchOffer(pool, this.#app.definition, this.#matchContext()).kind === 'rejected') break;
        fitting++;
      }
      if (fitting >= this.missing) break;
    }
    return fitting;
  }

  /** Agents whose offers did not fit, or not any more, most first. */
  rejected(): {
    readonly reason: PlacerReason;
    readonly agents: number;
    readonly example: {readonly agentId: AgentId; readonly verdict: {readonly text: string}};
  }[] {
    const groups = Map.groupBy(this.#rejected, ([, {reason}]) => reason);
    return [...groups]
      .sort(([, a], [, b]) => b.length - a.length)
      .flatMap(([reason, list]) => {
        const [first] = list;
        const text = textOf(
          reason,
          list.map(([, {rejection}]) => rejection),
        );
        return first === undefined
          ? []
          : [{reason, agents: list.length, example: {agentId: first[0], verdict: {text}}}];
      });
  }

  #matchContext(): MatchContext {
    const {definition} = this.#app;
    const placed = definition.constraints.length === 0 ? [] : this.#placedAgents;
    return {...this.#context, placement: {placed, known: this.#known.values(), instances: definition.instances}};
  }

  #reject(agentId: AgentId, rejection: Rejection, free: Resources): void {
    const name = NAMES[rejection.reason];
    const {wanted = 0, offered = 0} = rejection;
    const isThere = name !== undefined && free.scalar(name) + offered >= wanted;
    this.#rejected.set(agentId, {reason: isThere ? 'held-by-quota' : rejection.reason, rejection});
  }

  #pool({agentId, resources, role}: Allocation): OfferPool {
    const description = this.#agent(agentId) ?? {hostname: agentId, attributes: []};
    const {hostname, attributes, domain, unavailability} = description;
    const pool = offerPool({
      id: {value: agentId},
      framework_id: {value: this.#app.frameworkId},
      agent_id: {value: agentId},
      hostname,
      attributes,
      ...(domain !== undefined && {domain}),
      ...(unavailability !== undefined && {unavailability}),
      resources: resourcesToWire(resources, role, false),
      allocation_info: {role},
    });
    return {...pool, agent: agentFacts({agentId, ...description})};
  }
}

/** `16 wanted, at most 4 left`, or what is missing. */
function textOf(reason: PlacerReason, rejections: readonly Rejection[]): string {
  const missing = [...new Set(rejections.flatMap(({missingPorts = []}) => missingPorts))];
  if (missing.length > 0) return `host port ${missing.slice(0, 5).join(', ')} is not free`;
  const [first] = rejections;
  if (first?.wanted === undefined) return (reason !== 'held-by-quota' && SENTENCES[reason]) || reason;
  const most = rejections.reduce((best, {offered = 0}) => Math.max(best, offered), 0);
  const amounts = `${NAMES[first.reason] ?? 'ports'}: ${first.wanted} wanted`;
  return reason === 'held-by-quota'
    ? `${amounts} and free, but the role's limit or guarantees of others leave it ${most}`
    : `${amounts}, at most ${most} left`;
}

const NAMES: Readonly<Partial<Record<RejectReason, string>>> = {
  InsufficientCpus: 'cpus',
  InsufficientMemory: 'mem',
  InsufficientDisk: 'disk',
  InsufficientGpus: 'gpus',
};
const SENTENCES: Readonly<Partial<Record<RejectReason, string>>> = {
  UnfulfilledRole: 'nothing of the accepted resource roles',
  UnfulfilledConstraint: 'the constraints do not allow it (any more)',
  AgentMaintenance: 'the agent is under maintenance',
};
