import type {Clock} from '../lib/clock.ts';

export type RateLimit = {
  /** Requests a second in the long run. */
  readonly qps: number;
  /** So many may go at once after a pause. */
  readonly burst: number;
};

/** A token bucket: who comes when it is empty waits for a turn, first come, first served. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  /** When the bucket was, or will be, exactly empty. Beyond now: turns that are given away already. */
  #emptyAtMs: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#emptyAtMs = clock.monotonic() - (limit.burst * 1000) / limit.qps;
  }

  /** Resolves when the request may go. */
  async turn(): Promise<void> {
    const {qps, burst} = this.#limit;
    const nowMs = this.#clock.monotonic();
    const fullMs = nowMs - (burst * 1000) / qps;
    this.#emptyAtMs = Math.max(this.#emptyAtMs, fullMs) + 1000 / qps;
    const waitMs = this.#emptyAtMs - nowMs;
    if (waitMs > 0) await new Promise<void>(resolve => this.#clock.after(waitMs, resolve));
  }
}
