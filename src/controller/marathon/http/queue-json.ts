import {versionAt} from '../core/ids.ts';
import {isDelayed} from '../core/instances/backoff.ts';
import {scheduledCount} from '../core/instances/instance.ts';
import {REJECT_REASONS, type RejectReason} from '../core/offers/match.ts';
import {newOfferStats} from '../core/offers/offer-stats.ts';
import type {ReadonlyApp} from '../core/state.ts';
import {appJson} from './app-json.ts';

type Json = Record<string, unknown>;

/** GET /v2/queue: apps with instances that wait to be launched. Offers themselves are not kept, so none is shown. */
export const queueJson = (apps: readonly ReadonlyApp[], nowMs: number): Json => ({
  queue: apps.flatMap(app => queuedJson(app, nowMs) ?? []),
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
    app: appJson(definition, app.servicePorts, app.versionInfo?.version),
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
