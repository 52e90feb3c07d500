import type {DeepReadonly} from '../../../../lib/deep-readonly.ts';
import type {Offer} from '../../../../api/mesos/v1/common.ts';
import {REJECT_REASONS, type Rejection, type RejectReason} from './match.ts';

export type UnusedOffer = {readonly offer: Offer; readonly reasons: readonly RejectReason[]; readonly atMs: number};

/** An app remembers whole offers of so many agents. */
const MOST_UNUSED = 20;

/** What offers came to while an app waited; forgotten when nothing waits any more. */
export type OfferStats = {
  readonly sinceMs: number;
  used: number;
  unused: number;
  /** How often offers were refused for each reason. */
  readonly refusals: Map<RejectReason, number>;
  lastUsedAtMs?: number;
  lastUnusedAtMs?: number;
  /** The latest refusal for each agent. */
  readonly lastByAgent: Map<string, Rejection>;
  /** The latest offer that was not taken of each agent, the latest last; of so many agents only. */
  readonly lastUnused: Map<string, UnusedOffer>;
  /** Agents whose latest offer was taken. */
  readonly usedAgents: Set<string>;
};

export const newOfferStats = (sinceMs: number): OfferStats => ({
  sinceMs,
  used: 0,
  unused: 0,
  refusals: new Map(),
  lastByAgent: new Map(),
  lastUnused: new Map(),
  usedAgents: new Set(),
});

export function noteUsed(stats: OfferStats, agentId: string, nowMs: number): void {
  stats.used += 1;
  stats.lastUsedAtMs = nowMs;
  stats.lastByAgent.delete(agentId);
  stats.lastUnused.delete(agentId);
  stats.usedAgents.add(agentId);
}

export function noteRejected(stats: OfferStats, agentId: string, rejection: Rejection, nowMs: number): void {
  stats.unused += 1;
  stats.refusals.set(rejection.reason, (stats.refusals.get(rejection.reason) ?? 0) + 1);
  stats.lastUnusedAtMs = nowMs;
  stats.usedAgents.delete(agentId);
  stats.lastByAgent.set(agentId, rejection);
}

/** Keeps an offer that was not taken, for people who ask what was offered. */
export function noteUnused(stats: OfferStats, offer: Offer, {reason, also = []}: Rejection, atMs: number): void {
  const agentId = offer.agent_id.value;
  stats.lastUnused.delete(agentId);
  stats.lastUnused.set(agentId, {offer, reasons: [reason, ...also], atMs});
  const [oldest] = stats.lastUnused.keys();
  if (stats.lastUnused.size > MOST_UNUSED && oldest !== undefined) stats.lastUnused.delete(oldest);
}

export function forgetAgent(stats: OfferStats, agentId: string): void {
  stats.lastUnused.delete(agentId);
  stats.lastByAgent.delete(agentId);
  stats.usedAgents.delete(agentId);
}

const AMOUNTS: Readonly<Partial<Record<RejectReason, string>>> = {
  InsufficientCpus: 'cpus',
  InsufficientMemory: 'mem',
  InsufficientDisk: 'disk',
  InsufficientGpus: 'gpus',
  InsufficientPorts: 'ports',
};
const SENTENCES: Readonly<Partial<Record<RejectReason, {readonly nobody: string; readonly some: string}>>> = {
  UnfulfilledRole: {nobody: 'no agent has resources of the accepted roles', some: 'no resources of the accepted roles'},
  UnfulfilledConstraint: {nobody: 'no agent satisfies the constraints', some: 'constraints not satisfied'},
  DeclinedScarceResources: {
    nobody: 'every agent has GPUs, which are kept for apps that use them',
    some: 'kept for apps that use GPUs',
  },
  NoCorrespondingReservationFound: {
    nobody: 'no agent offers what is reserved for the app',
    some: 'nothing reserved for the app',
  },
  AgentMaintenance: {nobody: 'every agent is under maintenance', some: 'under maintenance'},
};

/** Why the latest offers were not taken, for a person: `no agent has enough cpus: 16 wanted, at most 4 offered`. */
export function explainShortage(stats: DeepReadonly<OfferStats>): string | undefined {
  const groups = Map.groupBy(stats.lastByAgent.values(), ({reason}) => reason);
  if (groups.size === 0) return undefined;
  const parts = REJECT_REASONS.flatMap(reason => {
    const rejections = groups.get(reason);
    return rejections === undefined
      ? []
      : [phrase(reason, rejections, groups.size === 1 && stats.usedAgents.size === 0)];
  });
  return parts.join('; ');
}

function phrase(reason: RejectReason, rejections: readonly Rejection[], everybody: boolean): string {
  const resource = AMOUNTS[reason];
  const count = agents(rejections.length);
  if (resource === undefined) {
    const sentence = SENTENCES[reason];
    return everybody ? (sentence?.nobody ?? reason) : `${count}: ${sentence?.some ?? reason}`;
  }
  const missing = [...new Set(rejections.flatMap(({missingPorts = []}) => missingPorts))];
  if (missing.length > 0) {
    const ports = `host port ${missing.join(', ')}`;
    return everybody ? `no agent offers ${ports}` : `${count}: ${ports} not offered`;
  }
  const most = Math.max(...rejections.map(({offered = 0}) => offered));
  const amounts = `${rejections[0]?.wanted ?? 0} wanted, at most ${most} offered`;
  return everybody ? `no agent has enough ${resource}: ${amounts}` : `${count}: not enough ${resource} (${amounts})`;
}

const agents = (count: number): string => (count === 1 ? '1 agent' : `${count} agents`);
