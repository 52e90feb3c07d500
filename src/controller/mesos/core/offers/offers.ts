import {blame} from '../../../../lib/blame.ts';
import {subjectOfFramework} from '../subjects.ts';
import type {Allocation} from '../../../../allocator/records.ts';
import type {Refusal} from '../../../../allocator/hierarchical-allocator.ts';
import type {Resources} from '../../../../allocator/resources.ts';
import type {Slices} from '../../../../allocator/slices.ts';
import type {Offer as WireOffer} from '../../../../api/mesos/v1/common.ts';
import {toOfferId} from '../ids.ts';
import type {AgentId, FrameworkId, OfferId} from '../ids.ts';
import {windowOf} from '../maintenance/machines.ts';
import {hasCapability} from '../frameworks/names.ts';
import {resourcesToWire} from '../resource-conversion.ts';
import type {Agent, Framework, Offer} from '../state.ts';
import type {Turn} from '../turn.ts';

/** Turns what the allocator handed out into offers: one OFFERS event per framework, and each may end a slice. */
export function* makeOffers(turn: Turn, allocations: readonly Allocation[]): Slices<void> {
  const byFramework = Map.groupBy(allocations, ({frameworkId}) => frameworkId);
  for (const [frameworkId, list] of byFramework) {
    yield;
    blame(subjectOfFramework(frameworkId), () => offerTo(turn, frameworkId, list));
  }
}

function offerTo(turn: Turn, frameworkId: FrameworkId, allocations: readonly Allocation[]): void {
  const framework = turn.master.frameworks.get(frameworkId);
  const offers = allocations.flatMap(allocation => makeOffer(turn, framework, allocation));
  if (framework === undefined || offers.length === 0) return;
  turn.send(framework, {type: 'OFFERS', offers: {offers}});
  turn.count('offers-sent', offers.length);
  turn.touch(frameworkId);
}

function makeOffer(turn: Turn, framework: Framework | undefined, allocation: Allocation): WireOffer[] {
  const {master, nowMs} = turn;
  const {frameworkId, agentId, role, resources} = allocation;
  const agent = master.agents.get(agentId);
  if (framework?.streamId === undefined || agent === undefined) {
    master.allocator.recoverResources(agentId, frameworkId, role, resources, undefined, nowMs);
    return [];
  }
  const id = toOfferId(`${master.options.masterId}-O${master.nextOffer++}`);
  const offer: Offer = {id, frameworkId, agentId, role, resources, madeMs: nowMs};
  master.offers.set(id, offer);
  framework.offers.set(id, offer);
  agent.offers.set(id, offer);
  turn.touch(undefined, agentId);
  return [offerToWire(offer, framework, agent, windowOf(master, agent.record)?.unavailability)];
}

/** An offer as its framework sees it. */
export function offerToWire(
  offer: Offer,
  framework: Framework,
  {record}: Agent,
  unavailability: WireOffer['unavailability'],
): WireOffer {
  const role = hasCapability(framework.info, 'MULTI_ROLE') ? offer.role : undefined;
  const refined = hasCapability(framework.info, 'RESERVATION_REFINEMENT');
  return {
    id: {value: offer.id},
    framework_id: {value: offer.frameworkId},
    agent_id: {value: offer.agentId},
    hostname: record.hostname,
    url: {scheme: 'http', address: {hostname: record.hostname, port: record.port}, path: '/slave(1)'},
    resources: resourcesToWire(offer.resources, role, refined),
    ...(record.attributes.length > 0 && {attributes: record.attributes}),
    ...(record.domain !== undefined && {domain: record.domain}),
    ...(unavailability !== undefined && {unavailability}),
    ...(role !== undefined && {allocation_info: {role}}),
  };
}

/** Forgets an offer without saying so and without giving its resources back. An unknown id changes nothing. */
export function takeOffer(turn: Turn, id: OfferId): Offer | undefined {
  const {master} = turn;
  const offer = master.offers.get(id);
  if (offer === undefined) return undefined;
  master.offers.delete(id);
  master.frameworks.get(offer.frameworkId)?.offers.delete(id);
  master.agents.get(offer.agentId)?.offers.delete(id);
  turn.touch(offer.frameworkId, offer.agentId);
  return offer;
}

/** Gives back what is left of offers of one agent and role. @param refuse absent: no filter */
export function giveBack(turn: Turn, offer: Offer, resources: Resources, refuse?: Refusal): void {
  const {agentId, frameworkId, role} = offer;
  turn.master.allocator.recoverResources(agentId, frameworkId, role, resources, refuse, turn.nowMs);
}

/** Forgets an offer whose framework is not told: it declined, or its session ended. */
export function withdrawOffer(turn: Turn, id: OfferId, refuse?: Refusal): void {
  const offer = takeOffer(turn, id);
  if (offer !== undefined) giveBack(turn, offer, offer.resources, refuse);
}

/** Forgets all offers of a framework that has gone; others need not wait for what it had. */
export function withdrawOffersOf(turn: Turn, {offers}: Framework): void {
  for (const {id, agentId} of [...offers.values()]) {
    withdrawOffer(turn, id);
    offerAtOnce(turn, agentId);
  }
}

/**
 * Resources that came free on the agent are offered as soon as all waiting commands are done. Offers that were declined
 * as a whole are left out: they would go from framework to framework as fast as frameworks decline.
 */
export function offerAtOnce({master: {allocator, options}}: Turn, agentId: AgentId): void {
  if (options.offerFreedAtOnce === true) allocator.requestRun(agentId);
}

/** Takes an offer back and tells its framework. @param refuse absent: no filter */
export function rescindOffer(turn: Turn, id: OfferId, refuse?: Refusal): void {
  const offer = takeOffer(turn, id);
  if (offer === undefined) return;
  giveBack(turn, offer, offer.resources, refuse);
  const framework = turn.master.frameworks.get(offer.frameworkId);
  if (framework === undefined) return;
  turn.send(framework, {type: 'RESCIND', rescind: {offer_id: {value: id}}});
  turn.count('offers-rescinded');
}

export function rescindOffersOf(turn: Turn, agentId: AgentId): void {
  for (const id of [...(turn.master.agents.get(agentId)?.offers.keys() ?? [])]) rescindOffer(turn, id);
}

/** Rescinds what has been on offer for too long; offers are kept oldest first. */
export function rescindOldOffers(turn: Turn): void {
  const {offerTimeoutMs} = turn.master.options;
  if (offerTimeoutMs === undefined) return;
  for (const {id, frameworkId, madeMs} of [...turn.master.offers.values()]) {
    if (turn.nowMs - madeMs < offerTimeoutMs) break;
    turn.count('offers-timed-out');
    blame(subjectOfFramework(frameworkId), () => rescindOffer(turn, id));
  }
}
