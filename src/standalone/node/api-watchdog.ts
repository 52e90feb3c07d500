import {NODES} from '../../kube/kinds.ts';
import type {KubeClient} from '../../kube/types.ts';
import type {Clock, Timer} from '../../lib/clock.ts';

/** How often the API server is asked within the time it may be silent. */
const ASKS = 5;
const LONGEST_INTERVAL_MS = 30_000;

/** Calls `onSilent` once when the API server has not answered anything for `silentMs`. @returns how to stop watching */
export function watchApi(options: {
  client: KubeClient;
  clock: Clock;
  nodeName: string;
  silentMs: number;
  onSilent: () => void;
}): () => void {
  const {client, clock, nodeName, silentMs, onSilent} = options;
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, silentMs / ASKS);
  let answeredAtMs = clock.monotonic();
  let stopped = false;
  let timer: Timer | undefined;
  const ask = async (): Promise<void> => {
    const result = await client.get(NODES, nodeName);
    if (stopped) return;
    // An error that the server has sent is an answer.
    if (result.ok || result.error.kind === 'http') answeredAtMs = clock.monotonic();
    if (clock.monotonic() - answeredAtMs >= silentMs) return onSilent();
    timer = clock.after(intervalMs, () => void ask());
  };
  timer = clock.after(intervalMs, () => void ask());
  return () => {
    stopped = true;
    timer?.cancel();
  };
}
