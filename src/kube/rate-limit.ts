import type {Clock} from '../lib/clock.ts';

export type RateLimit = {
  /** Requests a second in the long run. */
  readonly qps: number;
  /** So many may go at once after a pause. */
  readonly burst: number;
};

/** Each refusal halves the rate, at most once in this time, down to the least; untroubled it doubles in so long. */
const HALVING_MS = 1000;
const DOUBLING_MS = 5000;
const LEAST_PART = 1 / 128;

/** A token bucket: who comes when it is empty waits for a turn, first come, first served. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  /** When the bucket was, or will be, exactly empty. Beyond now: turns that are given away already. */
  #emptyAtMs: number;
  /** The part of the rate that the server took when it refused last. */
  #part = 1;
  #refusedMs = -Infinity;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#emptyAtMs = clock.monotonic() - (limit.burst * 1000) / limit.qps;
  }

  /** Resolves when the request may go. */
  async turn(): Promise<void> {
    const nowMs = this.#clock.monotonic();
    const {burst} = this.#limit;
    const qps = this.#limit.qps * this.#partAt(nowMs);
    const fullMs = nowMs - (burst * 1000) / qps;
    this.#emptyAtMs = Math.max(this.#emptyAtMs, fullMs) + 1000 / qps;
    const waitMs = this.#emptyAtMs - nowMs;
    if (waitMs > 0) await new Promise<void>(resolve => this.#clock.after(waitMs, resolve));
  }

  /** The server has too much to do (429): what comes next goes more slowly, and no burst is left. */
  slowDown(): void {
    const nowMs = this.#clock.monotonic();
    this.#emptyAtMs = Math.max(this.#emptyAtMs, nowMs);
    if (nowMs - this.#refusedMs < HALVING_MS) return;
    this.#part = Math.max(LEAST_PART, this.#partAt(nowMs) / 2);
    this.#refusedMs = nowMs;
  }

  #partAt(nowMs: number): number {
    if (this.#part === 1) return 1;
    return Math.min(1, this.#part * 2 ** ((nowMs - this.#refusedMs) / DOUBLING_MS));
  }
}
