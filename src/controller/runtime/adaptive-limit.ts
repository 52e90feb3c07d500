/** How many may write at a time: fewer as soon as the server says that it is too many, slowly more while it does not. */
export class AdaptiveLimit {
  readonly #most: number;
  #limit: number;

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  get now(): number {
    return Math.floor(this.#limit);
  }

  /** Halves; one may always go on, so that it is noticed when the server has recovered. */
  throttled(): void {
    this.#limit = Math.max(1, this.#limit / 2);
  }

  /** One more for each round of successes. */
  succeeded(): void {
    this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit);
  }
}
