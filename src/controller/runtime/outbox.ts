import {Backoff} from '../../kube/backoff.ts';
import {explainKubeError, isConflict, isGone, isRetryable} from '../../kube/kube-error.ts';
import type {Logger} from '../../kube/log.ts';
import type {KubeError} from '../../kube/types.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import type {Result} from '../../lib/result.ts';
import {AdaptiveLimit} from './adaptive-limit.ts';
import {Pacer} from './pacer.ts';
import {type Attempt, attempted, LOST, type Outcome, type Write, WriteLine} from './write.ts';

export type OutboxOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** How many objects are written at the same time, at most. */
  readonly concurrency: number;
  /** Milliseconds from the request to the end. */
  readonly onWritten?: (tookMs: number) => void;
  readonly onRepeat?: (reason: 'conflict' | 'throttled' | 'failed') => void;
};

export type WriteOptions = {
  /** Goes before what is not urgent and waits for the same object. */
  readonly urgent?: boolean;
  /** Not begun, or begun again, after so long, since whoever wanted it has given up: `refused` with 504. */
  readonly withinMs?: number;
};

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;
/** A coalesced write that was refused may be right later: rights and schemas change. */
const REFUSED_MS = 30_000;

/**
 * The one queue of everything that is written to Kubernetes.
 *
 * - Writes of one object (`key`, for example `pods/web-1`) keep their order; other objects do not wait for them.
 * - What nobody answered, what a busy server refused, and what somebody else was faster with, is repeated with
 *   back-off, and takes no place meanwhile. A server that says 429 is asked by fewer at a time.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #limit: AdaptiveLimit;
  /** By key and slot. */
  readonly #pacer: Pacer;
  readonly #lines = new Map<string, WriteLine>();
  /** Whose first write may begin. */
  #ready: string[] = [];
  #running = 0;
  #pending = 0;
  #stopped = false;
  #drained = Promise.withResolvers<void>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#limit = new AdaptiveLimit(options.concurrency);
    this.#pacer = new Pacer(options.clock);
  }

  /** Writes asked for and not yet ended. */
  get pending(): number {
    return this.#pending;
  }

  /** @param key the object */
  write<T>(key: string, attempt: Attempt<T>, options: WriteOptions = {}): Promise<Outcome<T>> {
    return new Promise(resolve => {
      // Its value is that of the attempt.
      this.#add(key, attempt, undefined, options, outcome => resolve(outcome as Outcome<T>));
    });
  }

  /**
   * For what is only worth its latest form, as a status: while one waits under this key and slot, another replaces it.
   * It ends when it was written, or the object has gone; what is refused is tried again after half a minute.
   *
   * @param attempt reads what to write when it is made, which is after the caller's turn
   * @param everyMs no two begin within this time
   */
  latest(key: string, slot: string, attempt: Attempt, {everyMs = 0}: {readonly everyMs?: number} = {}): void {
    const name = `${key} ${slot}`;
    const again = (): void => this.latest(key, slot, attempt, {everyMs});
    if (this.#stopped || this.#pacer.defer(name, again)) return;
    const paced: Attempt = async () => {
      if (everyMs > 0) this.#pacer.pause(name, everyMs);
      await Promise.resolve();
      return attempt();
    };
    const waiting = this.#lines.get(key)?.waiting(slot);
    if (waiting !== undefined) return void (waiting.attempt = paced);
    this.#add(key, paced, slot, {}, outcome => {
      if (outcome.kind !== 'refused') return;
      this.#options.log.warn('not written', {object: key, slot, reason: explainKubeError(outcome.error)});
      this.#pacer.pause(name, REFUSED_MS);
      this.#pacer.defer(name, again);
    });
  }

  /**
   * Resolves when nothing is pending any more, or after `timeoutMs`. Coalesced writes are forgotten: whoever comes next
   * writes the latest form anyway.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#forget(write => write.slot !== undefined);
    if (this.#pending === 0) return;
    const timeout = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(timeoutMs, timeout.resolve);
    await Promise.race([this.#drained.promise, timeout.promise]);
    timer.cancel();
  }

  /** Forgets what waits. What is under way may still take effect, before anything new; it is not repeated. */
  drop(): void {
    this.#forget(() => true);
  }

  /** Drops everything, and takes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.drop();
  }

  #add(
    key: string,
    attempt: Attempt,
    slot: string | undefined,
    {urgent = false, withinMs = Infinity}: WriteOptions,
    end: Write['end'],
  ): void {
    if (this.#stopped) return end(LOST);
    const askedMs = this.#options.clock.monotonic();
    const untilMs = askedMs + withinMs;
    const backoff = new Backoff(FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS, this.#options.random);
    const line = this.#lines.get(key) ?? new WriteLine();
    if (line.isEmpty) this.#ready.push(key);
    line.add({attempt, slot, urgent, askedMs, untilMs, backoff, end, begun: false, abandoned: false});
    this.#lines.set(key, line);
    this.#pending++;
    this.#pump();
  }

  #forget(isMeant: (write: Write) => boolean): void {
    this.#pacer.clear();
    for (const [key, line] of this.#lines) {
      const dropped = line.drop(isMeant);
      if (line.isEmpty) this.#lines.delete(key);
      for (const write of dropped) this.#end(write, LOST);
    }
  }

  #pump(): void {
    while (this.#running < this.#limit.now) {
      const key = this.#ready.shift();
      if (key === undefined) return;
      const line = this.#lines.get(key);
      if (line?.first !== undefined && !line.asking) void this.#run(key, line, line.first);
    }
  }

  async #run(key: string, line: WriteLine, write: Write): Promise<void> {
    write.begun = true;
    line.asking = true;
    this.#running++;
    const isLate = this.#options.clock.monotonic() >= write.untilMs;
    const outcome = isLate ? TOO_LATE : this.#judge(key, write, await attempted(write));
    line.asking = false;
    this.#running--;
    if (outcome.kind !== 'again') this.#next(key, line, outcome);
    else if (write.abandoned) this.#next(key, line, LOST);
    else this.#options.clock.after(outcome.afterMs, () => this.#again(key, line));
    this.#pump();
  }

  #judge(key: string, {backoff}: Write, result: Result<unknown, KubeError>): Outcome | Again {
    if (result.ok) {
      this.#limit.succeeded();
      return {kind: 'done', value: result.value};
    }
    const {error} = result;
    if (error.kind === 'fenced') return LOST;
    if (error.kind === 'http' && isGone(error)) return {kind: 'gone', error};
    if (error.kind === 'http' && !isConflict(error) && !isRetryable(error)) return {kind: 'refused', error};
    const isThrottled = error.kind === 'http' && error.status === 429;
    if (isThrottled) this.#limit.throttled();
    const {log, onRepeat} = this.#options;
    onRepeat?.(isConflict(error) ? 'conflict' : isThrottled ? 'throttled' : 'failed');
    // Two writers of one object is everyday life.
    const fields = {object: key, reason: explainKubeError(error), failures: backoff.failures};
    log[isConflict(error) ? 'debug' : 'warn']('write to Kubernetes is repeated', fields);
    const askedForMs = error.kind === 'http' ? (error.retryAfterMs ?? 0) : 0;
    return {kind: 'again', afterMs: Math.max(backoff.nextMs(), askedForMs)};
  }

  /** Unless it was dropped meanwhile. */
  #again(key: string, line: WriteLine): void {
    if (this.#lines.get(key) !== line) return;
    this.#ready.push(key);
    this.#pump();
  }

  #next(key: string, line: WriteLine, outcome: Outcome): void {
    const write = line.shift();
    if (line.isEmpty) this.#lines.delete(key);
    else this.#ready.push(key);
    if (write !== undefined) this.#end(write, outcome);
  }

  #end(write: Write, outcome: Outcome): void {
    this.#pending--;
    if (outcome.kind !== 'lost') this.#options.onWritten?.(this.#options.clock.monotonic() - write.askedMs);
    write.end(outcome);
    if (this.#pending > 0) return;
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
  }
}

type Again = {readonly kind: 'again'; readonly afterMs: number};

const TOO_LATE: Outcome = {
  kind: 'refused',
  error: {kind: 'http', status: 504, reason: 'Timeout', message: 'Too many others write the object'},
};
