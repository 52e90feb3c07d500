import {blame} from '../../../../lib/blame.ts';
import {subjectOfAgent} from '../subjects.ts';
import {filterDurationMs} from '../../../../allocator/offer-filters.ts';
import type {Filters, InverseOffer as WireInverseOffer} from '../../../../api/mesos/v1/common.ts';
import type {Id} from '../../../../api/mesos/v1/resources.ts';
import {toOfferId} from '../ids.ts';
import type {AgentId, FrameworkId} from '../ids.ts';
import type {Agent, Framework, InverseOffer} from '../state.ts';
import {takesRoom} from '../tasks/task.ts';
import type {Turn} from '../turn.ts';
import {windowOf} from './machines.ts';

// Frameworks that hold something on a machine that will be away are asked to leave it. They may promise or refuse; either
// is only remembered.

const keyOf = (frameworkId: FrameworkId, agentId: AgentId): string => `${frameworkId} ${agentId}`;

/** After an allocation run: asks whoever has to be asked, one INVERSE_OFFERS event per framework. */
export function sendInverseOffers(turn: Turn): void {
  const {master} = turn;
  if (master.windows.size === 0) return;
  const open = openKeys(turn);
  const byFramework = new Map<Framework, WireInverseOffer[]>();
  for (const agent of master.agents.values()) {
    for (const [framework, offer] of blame(subjectOfAgent(agent.record.name), () => askHolders(turn, open, agent))) {
      byFramework.set(framework, [...(byFramework.get(framework) ?? []), offer]);
    }
  }
  for (const [framework, inverse_offers] of byFramework) {
    turn.send(framework, {type: 'INVERSE_OFFERS', inverse_offers: {inverse_offers}});
  }
}

/** Asks who has something on the agent, when it will be away. */
function askHolders(turn: Turn, open: ReadonlySet<string>, agent: Agent): [Framework, WireInverseOffer][] {
  const window = windowOf(turn.master, agent.record);
  if (window === undefined) return [];
  return holdersOn(turn, agent)
    .filter(framework => mayBeAsked(turn, open, keyOf(framework.id, agent.record.id)))
    .map(framework => [framework, makeInverseOffer(turn, framework, agent, window.unavailability)]);
}

/** Connected frameworks with something offered or in use there. */
function holdersOn({master}: Turn, agent: Agent): Framework[] {
  const launches = [...agent.launches.values()].filter(takesRoom);
  const ids = new Set([...launches, ...agent.offers.values()].map(({frameworkId}) => frameworkId));
  return [...ids].flatMap(id => {
    const framework = master.frameworks.get(id);
    return framework?.streamId === undefined ? [] : [framework];
  });
}

/** Questions that a connected framework can still answer. */
const openKeys = ({master}: Turn): ReadonlySet<string> =>
  new Set(
    [...master.inverseOffers.values()]
      .filter(({frameworkId, streamId}) => master.frameworks.get(frameworkId)?.streamId === streamId)
      .map(({frameworkId, agentId}) => keyOf(frameworkId, agentId)),
  );

/** Not while it has been asked and not answered, nor as long as its answer stands. */
const mayBeAsked = ({master, nowMs}: Turn, open: ReadonlySet<string>, key: string): boolean =>
  !open.has(key) && (master.inverseAnswers.get(key)?.untilMs ?? 0) <= nowMs;

function makeInverseOffer(
  {master, nowMs}: Turn,
  framework: Framework,
  {record}: Agent,
  unavailability: WireInverseOffer['unavailability'],
): WireInverseOffer {
  const id = toOfferId(`${master.options.masterId}-O${master.nextOffer++}`);
  const {streamId} = framework;
  master.inverseOffers.set(id, {id, frameworkId: framework.id, agentId: record.id, streamId, madeMs: nowMs});
  return {
    id: {value: id},
    framework_id: {value: framework.id},
    agent_id: {value: record.id},
    url: {scheme: 'http', address: {hostname: record.hostname, port: record.port}, path: '/slave(1)'},
    unavailability,
  };
}

/** ACCEPT_INVERSE_OFFERS, DECLINE_INVERSE_OFFERS. Unknown ones may have been rescinded meanwhile. */
export function answerInverseOffers(
  turn: Turn,
  framework: Framework,
  status: 'ACCEPT' | 'DECLINE',
  {inverse_offer_ids = [], filters}: {readonly inverse_offer_ids?: readonly Id[]; readonly filters?: Filters},
): void {
  const {inverseOffers, inverseAnswers, options} = turn.master;
  const heldMs = filterDurationMs(filters?.refuse_seconds, options.allocationIntervalMs);
  for (const {value} of inverse_offer_ids) {
    const offer = inverseOffers.get(toOfferId(value));
    if (offer?.frameworkId !== framework.id) continue;
    inverseOffers.delete(offer.id);
    const {frameworkId, agentId} = offer;
    const untilMs = turn.nowMs + heldMs;
    inverseAnswers.set(keyOf(frameworkId, agentId), {frameworkId, agentId, status, answeredMs: turn.nowMs, untilMs});
  }
}

/** The window has changed, or the agent is gone: what was asked and answered is about something else. */
export function rescindInverseOffersOf(turn: Turn, agentId: AgentId): void {
  const {inverseOffers, inverseAnswers} = turn.master;
  for (const offer of [...inverseOffers.values()]) if (offer.agentId === agentId) rescind(turn, offer);
  for (const [key, answer] of inverseAnswers) if (answer.agentId === agentId) inverseAnswers.delete(key);
}

/** Rescinds what has been unanswered for too long, and forgets what nobody can answer any more. */
export function rescindOldInverseOffers(turn: Turn): void {
  const {frameworks, inverseOffers, inverseAnswers, options} = turn.master;
  for (const offer of [...inverseOffers.values()]) {
    const isNobodys = frameworks.get(offer.frameworkId)?.streamId !== offer.streamId;
    if (isNobodys) inverseOffers.delete(offer.id);
    else if (options.offerTimeoutMs !== undefined && turn.nowMs - offer.madeMs >= options.offerTimeoutMs) {
      rescind(turn, offer);
    }
  }
  for (const [key, {frameworkId}] of inverseAnswers) if (!frameworks.has(frameworkId)) inverseAnswers.delete(key);
}

function rescind(turn: Turn, {id, frameworkId, streamId}: InverseOffer): void {
  turn.master.inverseOffers.delete(id);
  const framework = turn.master.frameworks.get(frameworkId);
  if (framework === undefined || framework.streamId !== streamId) return;
  turn.send(framework, {type: 'RESCIND_INVERSE_OFFER', rescind_inverse_offer: {inverse_offer_id: {value: id}}});
}
