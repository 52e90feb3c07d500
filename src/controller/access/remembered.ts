import type {Clock} from '../../lib/clock.ts';

type Entry<T> = {readonly untilMs: number; readonly value: Promise<T>};

/** Remembers answers for a while, the newest `most` of them. Those who ask for one that is under way share it. */
export class Remembered<T> {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #most: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Clock, keepMs: number, most: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#most = most;
  }

  /** @param keep whether to remember it; what is not kept is asked anew */
  async get(key: string, ask: () => Promise<T>, keep: (value: T) => boolean): Promise<T> {
    const nowMs = this.#clock.monotonic();
    const known = this.#entries.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.value;
    const entry = {untilMs: nowMs + this.#keepMs, value: ask()};
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#most && oldest.done !== true) this.#entries.delete(oldest.value);
    const value = await entry.value;
    if (!keep(value) && this.#entries.get(key) === entry) this.#entries.delete(key);
    return value;
  }
}
