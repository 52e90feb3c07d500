import type {Clock, Timer} from '../../lib/clock.ts';

/** Aborts what has made no progress for too long, and when it is told to stop. */
export class StallGuard {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #controller = new AbortController();
  #timer: Timer | undefined;

  constructor(clock: Clock, stallMs: number, stop: AbortSignal) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    if (stop.aborted) this.#controller.abort(stop.reason);
    stop.addEventListener('abort', () => this.#controller.abort(stop.reason), {signal: this.#controller.signal});
    this.progress();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  progress(): void {
    this.#timer?.cancel();
    if (this.signal.aborted) return;
    this.#timer = this.#clock.after(this.#stallMs, () => {
      this.#controller.abort(new Error(`nothing came for ${this.#stallMs / 1000} s`));
    });
  }

  /** No more is to be watched. */
  end(): void {
    this.#timer?.cancel();
  }
}
