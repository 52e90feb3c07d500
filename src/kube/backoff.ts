import type {Random} from '../lib/clock.ts';

/** Delays that double from `baseMs` to `maxMs`, each spread over half to one and a half times itself. */
export class Backoff {
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #random: Random;
  #failures = 0;

  constructor(baseMs: number, maxMs: number, random: Random) {
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Failures since the last reset. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts one more failure; how long to wait before the next attempt. */
  nextMs(): number {
    const delayMs = Math.min(this.#maxMs, this.#baseMs * 2 ** this.#failures);
    this.#failures++;
    return delayMs * (0.5 + this.#random());
  }

  reset(): void {
    this.#failures = 0;
  }
}
