import type {Clock} from '../../../lib/clock.ts';

/** At most `permits` per period; those who come too early wait for their turn. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #periodMs: number;
  /** When the last permits were, or will be, used: one entry each. */
  readonly #used: number[];
  #next = 0;

  constructor(clock: Clock, permits: number, periodMs: number) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#used = Array.from({length: permits}, () => Number.NEGATIVE_INFINITY);
  }

  turn(): Promise<void> {
    const nowMs = this.#clock.monotonic();
    const atMs = Math.max(nowMs, (this.#used[this.#next] ?? 0) + this.#periodMs);
    this.#used[this.#next] = atMs;
    this.#next = (this.#next + 1) % this.#used.length;
    if (atMs <= nowMs) return Promise.resolve();
    return new Promise(resolve => void this.#clock.after(atMs - nowMs, resolve));
  }
}
