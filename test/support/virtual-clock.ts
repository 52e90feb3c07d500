import type {Clock, Timer} from '../../src/lib/clock.ts';

type Pending = {readonly dueMs: number; readonly order: number; readonly callback: () => void};

/** Lets everything run that only waits for promises (not for timers or sockets). */
export const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/**
 * A clock that stands still until it is told to move. `monotonic` starts at 0; `now` starts at `startMs` and differs
 * from it by a constant until `jump`.
 */
export class VirtualClock implements Clock {
  #monotonicMs = 0;
  #offsetMs: number;
  #orders = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#offsetMs = startMs;
  }

  readonly now = (): number => this.#monotonicMs + this.#offsetMs;

  readonly monotonic = (): number => this.#monotonicMs;

  readonly after = (delayMs: number, callback: () => void): Timer => {
    const timer: Pending = {dueMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#orders++, callback};
    this.#pending.add(timer);
    return {cancel: () => void this.#pending.delete(timer)};
  };

  /** Timers that wait. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** When the next timer is due, in monotonic milliseconds; undefined when none waits. */
  get nextDueMs(): number | undefined {
    return this.#next(Infinity)?.dueMs;
  }

  /** Moves on by `ms` and runs what falls due, in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#monotonicMs + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) this.#run(timer);
    this.#monotonicMs = Math.max(this.#monotonicMs, end);
  }

  /** Like `advance`, and lets promises settle before, between and after the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await settle();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#run(timer);
      await settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, end);
    await settle();
  }

  /** Time passes and no timer runs, as when the event loop is stuck; the overdue ones run at the next `advance`. */
  stall(ms: number): void {
    this.#monotonicMs += ms;
  }

  /** The wall clock is set; the monotonic one does not notice. */
  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  #next(endMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#pending) {
      if (timer.dueMs > endMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  #run(timer: Pending): void {
    this.#pending.delete(timer);
    this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs);
    timer.callback();
  }
}
