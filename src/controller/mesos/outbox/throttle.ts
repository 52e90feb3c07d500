import type {Clock, Timer} from '../../../lib/clock.ts';

type Entry = {lastMs: number; waiting: Timer | undefined; running: boolean; again: boolean};

/** Runs work for a key at most once per interval and never twice at a time; wishes made meanwhile become one run. */
export class Throttle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #run: (key: string) => Promise<void>;
  readonly #entries = new Map<string, Entry>();
  #stopped = false;

  constructor(clock: Clock, intervalMs: number, run: (key: string) => Promise<void>) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#run = run;
  }

  mark(key: string): void {
    if (this.#stopped) return;
    const entry = this.#entryOf(key);
    if (entry.waiting !== undefined) return;
    if (entry.running) {
      entry.again = true;
      return;
    }
    const waitMs = Math.max(0, entry.lastMs + this.#intervalMs - this.#clock.monotonic());
    entry.waiting = this.#clock.after(waitMs, () => void this.#start(key, entry));
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#entries.get(key)?.waiting?.cancel();
    this.#entries.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    for (const key of [...this.#entries.keys()]) this.forget(key);
  }

  #entryOf(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = {lastMs: Number.NEGATIVE_INFINITY, waiting: undefined, running: false, again: false};
    this.#entries.set(key, entry);
    return entry;
  }

  async #start(key: string, entry: Entry): Promise<void> {
    entry.waiting = undefined;
    if (this.#stopped || this.#entries.get(key) !== entry) return;
    entry.running = true;
    entry.lastMs = this.#clock.monotonic();
    await this.#run(key);
    entry.running = false;
    if (!entry.again) return;
    entry.again = false;
    this.mark(key);
  }
}
