import type {Attribute, Resource} from '../../../api/mesos/v1/resources.ts';
import {waitingText} from '../core/apps/status.ts';
import {versionAt} from '../core/ids.ts';
import {isDelayed} from '../core/instances/backoff.ts';
import {scheduledCount} from '../core/instances/instance.ts';
import {REJECT_REASONS, type RejectReason} from '../core/offers/match.ts';
import {newOfferStats} from '../core/offers/offer-stats.ts';
import type {ReadonlyApp} from '../core/state.ts';
import {appInfo} from './app-json.ts';

type Json = Record<string, unknown>;

/** GET /v2/queue: apps with instances that wait to be launched. @param withOffers the latest ones that were not taken */
export const queueJson = (apps: readonly ReadonlyApp[], nowMs: number, withOffers: boolean): Json => ({
  queue: apps.flatMap(app => {
    const item = queuedJson(app, nowMs);
    if (item === undefined) return [];
    return withOffers ? {...item, lastUnusedOffers: unusedJson(app)} : item;
  }),
});

export const isQueued = (app: ReadonlyApp): boolean => app.definition !== undefined && scheduledCount(app) > 0;

function queuedJson(app: ReadonlyApp, nowMs: number): Json | undefined {
  const {definition, delay} = app;
  if (definition === undefined || !isQueued(app)) return undefined;
  const sinceMs = app.offerStats?.sinceMs ?? app.deployment?.startedAtMs ?? nowMs;
  const leftMs = delay === undefined ? 0 : Math.max(0, delay.untilMs - nowMs);
  return {
    count: scheduledCount(app),
    role: definition.role,
    since: versionAt(sinceMs),
    delay: {timeLeftSeconds: Math.ceil(leftMs / 1000), overdue: !isDelayed(delay, nowMs)},
    processedOffersSummary: summaryJson(app.offerStats ?? newOfferStats(sinceMs)),
    // Our extension: what the app's condition says.
    explanation: waitingText(app, nowMs),
    app: appInfo({app, definition}, {embeds: new Set(), nowMs}),
  };
}

function summaryJson(stats: NonNullable<ReadonlyApp['offerStats']>): Json {
  const {used, unused, lastUnusedAtMs, lastUsedAtMs, lastByAgent, usedAgents} = stats;
  const latest = Map.groupBy(lastByAgent.values(), ({reason}) => reason);
  return {
    processedOffersCount: used + unused,
    unusedOffersCount: unused,
    ...(lastUnusedAtMs === undefined ? {} : {lastUnusedOfferAt: versionAt(lastUnusedAtMs)}),
    ...(lastUsedAtMs === undefined ? {} : {lastUsedOfferAt: versionAt(lastUsedAtMs)}),
    rejectSummaryLastOffers: funnel(lastByAgent.size + usedAgents.size, reason => latest.get(reason)?.length ?? 0),
    rejectSummaryLaunchAttempt: funnel(used + unused, reason => stats.refusals.get(reason) ?? 0),
  };
}

const unusedJson = ({offerStats}: ReadonlyApp): Json[] =>
  [...(offerStats?.lastUnused.values() ?? [])].toReversed().map(({offer, reasons, atMs}) => ({
    offer: {
      id: offer.id.value,
      hostname: offer.hostname,
      agentId: offer.agent_id.value,
      resources: (offer.resources ?? []).map(resource => ({role: roleOf(resource), ...valueJson(resource)})),
      attributes: (offer.attributes ?? []).map(attribute => ({
        ...valueJson(attribute),
        ...(attribute.text === undefined ? {} : {text: attribute.text.value}),
      })),
    },
    reason: reasons,
    timestamp: versionAt(atMs),
  }));

const roleOf = ({reservations, role}: Resource): string => reservations?.at(-1)?.role ?? role ?? '*';

const valueJson = ({name, scalar, ranges, set}: Pick<Attribute, 'name' | 'scalar' | 'ranges' | 'set'>): Json => ({
  name,
  ...(scalar === undefined ? {} : {scalar: scalar.value}),
  ...(ranges === undefined ? {} : {ranges: ranges.range}),
  ...(set === undefined ? {} : {set: set.item}),
});

/** Each check sees the offers that the checks before it have let through. */
function funnel(offers: number, declinedFor: (reason: RejectReason) => number): Json[] {
  let processed = offers;
  return REJECT_REASONS.map(reason => {
    const declined = declinedFor(reason);
    const row = {reason, declined, processed};
    processed -= declined;
    return row;
  });
}
