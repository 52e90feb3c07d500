import type {Timer} from '../../../lib/clock.ts';
import type {Cluster} from '../cluster.ts';

const KEEP_MS = 60 * 60 * 1000;
const INTERVAL_MS = 60 * 1000;

/** Removes events an hour after their last change, as a real server does. @returns how to stop it */
export function expireEvents(cluster: Cluster): () => void {
  let timer: Timer;
  const sweep = (): void => {
    for (const event of cluster.store.list('events')) {
      if (cluster.clock.now() - lastChange(event) > KEEP_MS) cluster.store.remove('events', event);
    }
    timer = cluster.clock.after(INTERVAL_MS, sweep);
  };
  timer = cluster.clock.after(INTERVAL_MS, sweep);
  return () => timer.cancel();
}

const lastChange = (event: {
  readonly [field: string]: unknown;
  metadata: {creationTimestamp?: string | null};
}): number => {
  const times = [event['lastTimestamp'], event['eventTime'], event.metadata.creationTimestamp];
  return Math.max(0, ...times.filter(time => typeof time === 'string').map(time => Date.parse(time) || 0));
};
