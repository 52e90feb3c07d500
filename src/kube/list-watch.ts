import type {Clock, Random} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {Backoff} from './backoff.ts';
import {explainKubeError, hasReason} from './kube-error.ts';
import type {Logger} from './log.ts';
import {isEarlier} from './resource-version.ts';
import type {KubeClient, KubeError, KubeObject, ResourceKind, Selector, WatchEvent} from './types.ts';

/** Who keeps what a list and its watches bring. A list may break off: then it begins again. */
export type ListWatchSink = {
  readonly beginList: () => void;
  readonly listed: (object: KubeObject) => void;
  readonly endList: (resourceVersion: string) => void;
  /** @param position everything up to this version was delivered before */
  readonly changed: (event: WatchEvent<KubeObject>, position: string) => void;
  /** Everything up to this version has been delivered. */
  readonly reached: (position: string) => void;
};

export type ListWatchOptions = {
  readonly client: KubeClient;
  readonly kind: ResourceKind;
  readonly namespace?: string;
  readonly selector?: Selector;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Objects per page of a list. */
  readonly pageSize: number;
  /** The longest mean delay between two attempts. */
  readonly maxBackoffMs: number;
};

const FIRST_BACKOFF_MS = 250;
/** A watch that lasted this long was a good one, even if nothing happened. */
const STEADY_MS = 5_000;
const NOTEWORTHY_FAILURES = 3;

/** Lists once, then watches from there, for ever: resumes where it was, or lists again when that is too old. */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #sink: ListWatchSink;
  readonly #abort = new AbortController();
  readonly #backoff: Backoff;
  #position = '';
  #failing = false;

  constructor(options: ListWatchOptions, sink: ListWatchSink) {
    this.#options = options;
    this.#sink = sink;
    this.#backoff = new Backoff(FIRST_BACKOFF_MS, options.maxBackoffMs, options.random);
  }

  get #stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  stop(): void {
    this.#abort.abort();
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const listed = await this.#list();
      if (this.#stopped) return;
      if (!listed.ok) {
        await this.#pauseAfter(listed.error);
        continue;
      }
      this.#recovered();
      await this.#watchUntilTooOld();
    }
  }

  async #list(): Promise<Result<void, KubeError>> {
    const paged = await this.#listPages(this.#options.pageSize);
    // The pages' snapshot was compacted away meanwhile; in one piece a list cannot grow old (as client-go does).
    return paged.ok || !hasReason(paged.error, 'Expired') ? paged : this.#listPages(undefined);
  }

  async #listPages(limit: number | undefined): Promise<Result<void, KubeError>> {
    const {client, kind, namespace, selector} = this.#options;
    this.#sink.beginList();
    let next: string | undefined;
    for (;;) {
      const page = await client.list(kind, {...selector, namespace, limit, continue: next});
      if (this.#stopped) return ok(undefined);
      if (!page.ok) return err(page.error);
      for (const object of page.value.items) this.#sink.listed(object);
      next = page.value.metadata.continue;
      if (next) continue;
      this.#position = page.value.metadata.resourceVersion;
      this.#sink.endList(this.#position);
      return ok(undefined);
    }
  }

  async #watchUntilTooOld(): Promise<void> {
    const {clock} = this.#options;
    while (!this.#stopped) {
      const startMs = clock.monotonic();
      const {ended, events} = await this.#watch();
      if (this.#stopped) return;
      const good = events > 0 || clock.monotonic() - startMs >= STEADY_MS;
      if (good) this.#recovered();
      if (good) this.#backoff.reset();
      if (ended.ok && good) continue;
      const error = ended.ok ? ENDED_AT_ONCE : ended.error;
      // Growing too old happens to the healthy as well: only the second time in a row costs a pause.
      if (!hasReason(error, 'Expired') || this.#backoff.failures > 0) await this.#pauseAfter(error);
      else this.#backoff.nextMs();
      if (needsList(error)) return;
    }
  }

  async #watch(): Promise<{ended: Result<void, KubeError>; events: number}> {
    const {client, kind, namespace, selector, random} = this.#options;
    // Five to ten minutes, so that a thousand watches do not end at once.
    const timeoutSeconds = 300 + Math.floor(random() * 300);
    const {signal} = this.#abort;
    let events = 0;
    const options = {...selector, namespace, resourceVersion: this.#position, timeoutSeconds, signal};
    const ended = await client.watch(kind, options, event => {
      if (this.#stopped) return;
      events++;
      this.#deliver(event);
    });
    return {ended, events};
  }

  #deliver(event: WatchEvent<KubeObject>): void {
    if (event.type !== 'BOOKMARK') this.#sink.changed(event, this.#position);
    const {resourceVersion} = event.object.metadata;
    if (resourceVersion && !isEarlier(resourceVersion, this.#position)) this.#position = resourceVersion;
    this.#sink.reached(this.#position);
  }

  #pauseAfter(error: KubeError): Promise<void> {
    const backoffMs = this.#backoff.nextMs();
    const waitMs = Math.max(backoffMs, (error.kind === 'http' && error.retryAfterMs) || 0);
    this.#report(error, waitMs);
    return new Promise(resolve => {
      const end = (): void => {
        timer.cancel();
        this.#abort.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#options.clock.after(waitMs, end);
      this.#abort.signal.addEventListener('abort', end);
    });
  }

  #report(error: KubeError, waitMs: number): void {
    const {log, kind} = this.#options;
    const fields = {kind: kind.kind, reason: explainKubeError(error), failures: this.#backoff.failures, waitMs};
    if (this.#backoff.failures !== NOTEWORTHY_FAILURES) {
      log.debug('list and watch interrupted', fields);
      return;
    }
    this.#failing = true;
    // Missing rights and missing kinds do not heal by waiting.
    if (error.kind === 'http' && error.status < 500 && error.status !== 429)
      log.error('list and watch refused', fields);
    else log.warn('list and watch failing', fields);
  }

  #recovered(): void {
    if (this.#failing) this.#options.log.info('list and watch recovered', {kind: this.#options.kind.kind});
    this.#failing = false;
  }
}

const ENDED_AT_ONCE: KubeError = {kind: 'network', message: 'the server ended the watch at once'};

/**
 * What a watch from the same version cannot mend. 504 is "too large resource version": the server's data is older than
 * ours. Other refusals may be about the version too; a list finds out.
 */
function needsList(error: KubeError): boolean {
  if (error.kind !== 'http') return false;
  return error.status === 504 || (error.status < 500 && error.status !== 429);
}
