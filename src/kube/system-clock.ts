import type {Clock, Random, Timer} from '../lib/clock.ts';

/** The longest delay that `setTimeout` knows; it would take a longer one for 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's time. Its timers keep the process alive until they ran or were cancelled. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after,
};

/** Chance good enough for jitter and tie-breaks, not for secrets. */
export const systemRandom: Random = () => Math.random();

function after(delayMs: number, callback: () => void): Timer {
  let left = Math.max(0, delayMs);
  let timeout: NodeJS.Timeout;
  const wait = (): void => {
    const part = Math.min(left, LONGEST_MS);
    left -= part;
    timeout = setTimeout(() => (left > 0 ? wait() : callback()), part);
  };
  wait();
  return {cancel: () => clearTimeout(timeout)};
}
