import type {Clock} from '../../lib/clock.ts';

/** Those who wait until something holds of a state that changes from time to time. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns true as soon as the condition holds after a change; false after `withinMs`, or when nothing changes any more */
  until(condition: () => boolean, withinMs?: number): Promise<boolean> {
    if (condition() || this.#closed) return Promise.resolve(condition());
    return new Promise(resolve => {
      const end = (held: boolean): void => {
        timer?.cancel();
        this.#waiting.delete(look);
        resolve(held);
      };
      const look = (): void => {
        if (condition()) end(true);
        else if (this.#closed) end(false);
      };
      const timer = withinMs === undefined ? undefined : this.#clock.after(withinMs, () => end(false));
      this.#waiting.add(look);
    });
  }

  /** The state may have changed. */
  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Nothing changes any more. */
  close(): void {
    this.#closed = true;
    this.look();
  }
}
