import type {Logger} from '../../../kube/log.ts';
import type {KubeError} from '../../../kube/types.ts';
import type {Clock, Random} from '../../../lib/clock.ts';
import type {Result} from '../../../lib/result.ts';

/** One write to Kubernetes. It may be made several times, so it must bear repetition. */
export type Write = () => Promise<Result<unknown, KubeError>>;

/** How a write ended. `lost`: this process may not write any more; nobody knows what became of the write. */
export type WriteOutcome =
  | {readonly kind: 'done'; readonly value: unknown}
  | {readonly kind: 'refused'; readonly error: KubeError & {readonly kind: 'http'}}
  | {readonly kind: 'lost'};

type Job = {readonly write: Write; readonly onEnd: (outcome: WriteOutcome) => void; readonly startedMs: number};

export type ObjectWriterOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** How many objects are written at the same time. */
  readonly concurrency: number;
  /** Milliseconds from the request to the end, for metrics. */
  readonly onWritten?: (tookMs: number) => void;
};

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

/**
 * Writes in the order they were asked for, for each object; different objects do not wait for each other. What nobody
 * answered, and what a busy server refused, is repeated with back-off until it is answered or the writer stops.
 */
export class ObjectWriter {
  readonly #options: ObjectWriterOptions;
  readonly #queues = new Map<string, Job[]>();
  readonly #ready: string[] = [];
  #running = 0;
  #pending = 0;
  #stopped = false;
  #onDrained: (() => void) | undefined = undefined;

  constructor(options: ObjectWriterOptions) {
    this.#options = options;
  }

  /** Writes asked for and not yet ended. */
  get pending(): number {
    return this.#pending;
  }

  /** @param key the object, for example `pods/web-1` */
  enqueue(key: string, write: Write, onEnd: (outcome: WriteOutcome) => void = () => {}): void {
    if (this.#stopped) return;
    this.#pending++;
    const job: Job = {write, onEnd, startedMs: this.#options.clock.monotonic()};
    const queue = this.#queues.get(key);
    if (queue !== undefined) {
      queue.push(job);
      return;
    }
    this.#queues.set(key, [job]);
    this.#ready.push(key);
    this.#pump();
  }

  /** Resolves when nothing is pending any more, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise(resolve => {
      const timer = this.#options.clock.after(timeoutMs, resolve);
      this.#onDrained = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** Starts nothing more. What is under way may still take effect. */
  stop(): void {
    this.#stopped = true;
    this.#queues.clear();
    this.#ready.length = 0;
  }

  #pump(): void {
    while (this.#running < this.#options.concurrency) {
      const key = this.#ready.shift();
      if (key === undefined) return;
      this.#running++;
      void this.#runNext(key);
    }
  }

  async #runNext(key: string): Promise<void> {
    const job = this.#queues.get(key)?.[0];
    if (job !== undefined) {
      const outcome = await this.#untilAnswered(key, job.write);
      this.#pending--;
      this.#options.onWritten?.(this.#options.clock.monotonic() - job.startedMs);
      this.#queues.get(key)?.shift();
      if (!this.#stopped) job.onEnd(outcome);
      if (this.#pending === 0) this.#onDrained?.();
    }
    this.#running--;
    if (this.#queues.get(key)?.length) this.#ready.push(key);
    else this.#queues.delete(key);
    this.#pump();
  }

  async #untilAnswered(key: string, write: Write): Promise<WriteOutcome> {
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS)) {
      if (this.#stopped) return {kind: 'lost'};
      const result = await write();
      if (result.ok) return {kind: 'done', value: result.value};
      const {error} = result;
      if (error.kind === 'fenced') return {kind: 'lost'};
      if (error.kind === 'http' && !isTransient(error)) return {kind: 'refused', error};
      // Two writers of one object is everyday life.
      const level = error.kind === 'http' && error.reason === 'Conflict' ? 'debug' : 'warn';
      this.#options.log[level]('write to Kubernetes is repeated', {object: key, error: error.message, backoffMs});
      await this.#pause(backoffMs);
    }
  }

  /** Jitter, so that writes that failed together do not come back together. */
  #pause(backoffMs: number): Promise<void> {
    const {clock, random} = this.#options;
    return new Promise(resolve => clock.after(backoffMs * (0.5 + random()), resolve));
  }
}

/**
 * The server is busy, starting, or between two of its replicas, or somebody else has written the object meanwhile (a
 * write reads it anew): the same write may succeed later.
 */
const isTransient = (error: KubeError & {readonly kind: 'http'}): boolean =>
  error.status === 429 ||
  error.status >= 500 ||
  error.status === 408 ||
  error.status === 401 ||
  error.reason === 'Conflict';
