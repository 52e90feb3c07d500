import type {Logger} from '../../kube/log.ts';
import type {Clock, Random, Timer} from '../../lib/clock.ts';

export type WorkQueue = {
  /** Processes the key soon; a key that waits already is not queued twice, one in process is processed once more. */
  readonly add: (key: string) => void;
  /** The earlier of two times wins. */
  readonly addAfter: (key: string, delayMs: number) => void;
  /** Like `addAfter`, with a delay that doubles with each failure of this key. */
  readonly addRateLimited: (key: string) => void;
  /** This key went well: its next failure is its first. */
  readonly forget: (key: string) => void;
  /** Failures of this key since it was forgotten. */
  readonly failures: (key: string) => number;
  /** Keys that wait to be processed now; delayed ones not counted. */
  readonly length: () => number;
  /**
   * Takes no more keys, drops the delayed ones, and resolves when nothing is in process: after everything that waits
   * was processed, or with `{drain: false}` only what is in process already.
   */
  readonly stop: (options?: {readonly drain: boolean}) => Promise<void>;
};

export type WorkQueueOptions = {
  /** Never called for one key twice at the same time. A rejection is a bug: it is logged and the key comes again. */
  readonly process: (key: string) => Promise<void>;
  /** Keys in process at the same time; 1 when absent. */
  readonly concurrency?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The first back-off, 5 ms when absent, and the longest, 60 s when absent. */
  readonly baseBackoffMs?: number;
  readonly maxBackoffMs?: number;
};

type Delayed = {readonly dueMs: number; readonly timer: Timer};

/** A queue of keys with the semantics of client-go's: de-duplicated, never two workers on one key, back-off per key. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const queue = new KeyQueue(options);
  return {
    add: key => queue.add(key),
    addAfter: (key, delayMs) => queue.addAfter(key, delayMs),
    addRateLimited: key => queue.addRateLimited(key),
    forget: key => queue.forget(key),
    failures: key => queue.failures(key),
    length: () => queue.length,
    stop: ({drain} = {drain: true}) => queue.stop(drain),
  };
}

class KeyQueue {
  readonly #options: Required<WorkQueueOptions>;
  /** Waiting, in order; a Set iterates in the order of insertion. */
  readonly #waiting = new Set<string>();
  readonly #processing = new Set<string>();
  /** Added while in process: to be processed once more. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  #stopping: PromiseWithResolvers<void> | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = {concurrency: 1, baseBackoffMs: 5, maxBackoffMs: 60_000, ...options};
  }

  get length(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#stopping) return;
    if (this.#processing.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#pump();
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#stopping) return;
    if (delayMs <= 0) return this.add(key);
    const {clock} = this.#options;
    const dueMs = clock.monotonic() + delayMs;
    const held = this.#delayed.get(key);
    if (held && held.dueMs <= dueMs) return;
    held?.timer.cancel();
    const timer = clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, {dueMs, timer});
  }

  addRateLimited(key: string): void {
    const {baseBackoffMs, maxBackoffMs, random} = this.#options;
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min(maxBackoffMs, baseBackoffMs * 2 ** failures);
    this.addAfter(key, delayMs * (1 + 0.1 * random()));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  stop(drain: boolean): Promise<void> {
    this.#stopping ??= Promise.withResolvers<void>();
    for (const {timer} of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    if (!drain) {
      this.#waiting.clear();
      this.#again.clear();
    }
    this.#pump();
    return this.#stopping.promise;
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#processing.size >= this.#options.concurrency) break;
      this.#waiting.delete(key);
      this.#processing.add(key);
      void this.#process(key);
    }
    if (this.#stopping && this.#waiting.size + this.#processing.size === 0) this.#stopping.resolve();
  }

  async #process(key: string): Promise<void> {
    try {
      // Not in the caller's turn: whoever adds a key goes on before it is processed.
      await Promise.resolve();
      await this.#options.process(key);
    } catch (error) {
      this.#options.log.error('work failed unexpectedly', {key, error});
      this.addRateLimited(key);
    }
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    this.#pump();
  }
}
