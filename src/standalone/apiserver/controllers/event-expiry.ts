import {limitOf} from '../../../lib/limits.ts';
import type {Timer} from '../../../lib/clock.ts';
import type {Cluster} from '../cluster.ts';
import type {ApiObject} from '../object.ts';

const INTERVAL_MS = 10 * 1000;
/** So few are removed in one go that nobody waits; the others follow at once. */
const REMOVED_AT_ONCE = 200;

/**
 * Removes events an hour after their last change, as a real server does, and the oldest when there are too many: on one
 * machine an hour of churn would fill the memory. @returns how to stop it
 */
export function expireEvents(cluster: Cluster): () => void {
  const {store, clock} = cluster;
  let timer: Timer;
  const sweep = (): void => {
    const over = expired(store.list('events'), clock.now());
    for (const event of over.slice(0, REMOVED_AT_ONCE)) store.remove('events', event);
    timer = clock.after(over.length > REMOVED_AT_ONCE ? 0 : INTERVAL_MS, sweep);
  };
  timer = clock.after(INTERVAL_MS, sweep);
  return () => timer.cancel();
}

/** Oldest first. */
function expired(events: readonly ApiObject[], nowMs: number): readonly ApiObject[] {
  const byAge = events.map(event => ({event, ms: lastChange(event)})).sort((a, b) => a.ms - b.ms);
  const keepMs = limitOf('eventSeconds') * 1000;
  const tooMany = byAge.length - limitOf('events');
  return byAge.filter(({ms}, index) => index < tooMany || nowMs - ms > keepMs).map(({event}) => event);
}

function lastChange(event: ApiObject): number {
  const times = [event['lastTimestamp'], event['eventTime'], event.metadata.creationTimestamp];
  return Math.max(0, ...times.filter(time => typeof time === 'string').map(time => Date.parse(time) || 0));
}
