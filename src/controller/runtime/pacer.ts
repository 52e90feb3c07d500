import type {Clock, Timer} from '../../lib/clock.ts';

type Pause = {timer: Timer; next: (() => void) | undefined};

/** Pauses by name: what is wanted in one begins at its end, and of several wishes the last. */
export class Pacer {
  readonly #clock: Clock;
  readonly #pauses = new Map<string, Pause>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false when there is no pause: whoever asks may begin now */
  defer(name: string, begin: () => void): boolean {
    const pause = this.#pauses.get(name);
    if (pause !== undefined) pause.next = begin;
    return pause !== undefined;
  }

  /** A pause from now on; what waits for the one before waits for this one. */
  pause(name: string, ms: number): void {
    const before = this.#pauses.get(name);
    before?.timer.cancel();
    const pause: Pause = {timer: this.#clock.after(ms, () => this.#end(name)), next: before?.next};
    this.#pauses.set(name, pause);
  }

  /** Forgets all pauses, and what waits for them. */
  clear(): void {
    for (const {timer} of this.#pauses.values()) timer.cancel();
    this.#pauses.clear();
  }

  #end(name: string): void {
    const pause = this.#pauses.get(name);
    this.#pauses.delete(name);
    pause?.next?.();
  }
}
