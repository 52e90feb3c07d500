import type {IncomingHttpHeaders} from 'node:http';
import type {Clock, Random} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';
import type {Connection} from './connection.ts';
import {
  callHttp,
  type Endpoint,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
  type Lane,
} from './http-call.ts';
import {FENCED, httpError, networkError} from './kube-error.ts';
import type {Logger} from './log.ts';
import type {RateLimiter} from './rate-limit.ts';
import type {KubeError, WatchEvent} from './types.ts';
import {readWatch} from './watch-stream.ts';

type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'other';

/** One exchange with the server. `status` is 0 when nobody answered; `resource` is a plural, or '' for other paths. */
export type RequestObservation = {
  readonly verb: Verb;
  readonly resource: string;
  readonly status: number;
  readonly durationMs: number;
};

export type Call = Omit<HttpRequest, 'headers'> & {
  readonly verb: Verb;
  readonly resource: string;
  readonly contentType?: string;
};

export type TransportOptions = {
  readonly connection: Connection;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  /** May this process write now? Asked before every attempt of every write, and again when its socket is ready. */
  readonly fence: () => boolean;
  /** Aborted when it may write no more, for good: what is being written is broken off, and cannot arrive later. */
  readonly fenced: AbortSignal | undefined;
  readonly observe: (observation: RequestObservation) => void;
  /** Whom calls of the bulk lane ask for their turn. */
  readonly limiter: RateLimiter | undefined;
};

const MOST_REPEATS = 5;
const FIRST_BACKOFF_MS = 250;
const LONGEST_WAIT_MS = 30_000;
const PROMPT_WAIT_MS = 1000;

/** Connection, fence, repeats and counting, below the verbs. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #writes = new Set<AbortController>();

  constructor(options: TransportOptions) {
    this.#options = options;
    options.fenced?.addEventListener('abort', () => {
      for (const write of this.#writes) write.abort();
    });
  }

  async json<T>(call: Call): Promise<Result<T, KubeError>> {
    const answer = await this.send(call);
    if (!answer.ok) return answer;
    try {
      const value: T = JSON.parse(answer.value.text);
      return ok(value);
    } catch {
      return err(networkError('the answer is not JSON'));
    }
  }

  /** The answer if it is a 2xx; what was refused "for now" is asked again, within limits. */
  async send(call: Call): Promise<Result<HttpResponse, KubeError>> {
    const {clock, log, random} = this.#options;
    for (let repeats = 0; ; repeats++) {
      const answer = await this.exchange(call);
      if (!answer.ok || isSuccess(answer.value.status)) return answer;
      const {status, text, headers} = answer.value;
      const error = httpError(status, text, headers['retry-after']);
      if (status === 429 && call.lane === 'bulk') this.#options.limiter?.slowDown();
      const waitMs = repeats < MOST_REPEATS ? repeatAfterMs(error, call.lane, repeats, random()) : undefined;
      if (waitMs === undefined) return err(error);
      log.debug('request refused for now', {verb: call.verb, resource: call.resource, status, waitMs});
      await new Promise<void>(resolve => clock.after(waitMs, resolve));
    }
  }

  /** One answer of whatever status. */
  exchange(call: Call): Promise<Result<HttpResponse, KubeError>> {
    return this.#attempt(call, callHttp);
  }

  /** Never repeated: whoever watches knows better where to resume. An abort is a normal end. */
  async watch<T>(call: Call, onEvent: (event: WatchEvent<T>) => void): Promise<Result<void, KubeError>> {
    const opened = await this.#attempt(call, (endpoint, request) => endpoint.open(request));
    if (!opened.ok) return call.signal?.aborted ? ok(undefined) : opened;
    const {status, headers, body, discard} = opened.value;
    try {
      const ended = isSuccess(status) ? await readWatch<T>(body, onEvent) : await readError(status, headers, body);
      return call.signal?.aborted ? ok(undefined) : ended;
    } finally {
      discard();
    }
  }

  /** Asks once, and again where that is safe: on a fresh connection, then with a new configuration. */
  async #attempt<R extends Answer>(call: Call, ask: Ask<R>): Promise<Result<R, KubeError>> {
    const found = await this.#options.connection.endpoint();
    if (!found.ok) return found;
    let answer = await this.#ask(call, found.value, ask);
    let used = found.value;
    for (let chances = 2; chances > 0; chances--) {
      const again = await this.#secondChance(call, used, answer);
      if (!again) break;
      if (answer.ok) answer.value.discard?.();
      answer = await this.#ask(call, again, ask);
      used = again;
    }
    if (answer.ok) return answer;
    return err(answer.error === 'fenced' ? FENCED : networkError(answer.error.message));
  }

  async #ask<R extends Answer>(
    call: Call,
    endpoint: Endpoint,
    ask: Ask<R>,
  ): Promise<Result<R, HttpFailure | 'fenced'>> {
    const {clock, fence, limiter, observe, userAgent} = this.#options;
    if (limiter !== undefined && call.lane === 'bulk') await limiter.turn();
    if (isWrite(call) && !fence()) return err('fenced');
    const startMs = clock.monotonic();
    const headers: Record<string, string> = {'User-Agent': userAgent};
    if (call.body !== undefined) headers['Content-Type'] = call.contentType ?? 'application/json';
    const answer = isWrite(call)
      ? await this.#write(endpoint, {...call, headers, maySend: fence}, ask)
      : await ask(endpoint, {...call, headers});
    if (!answer.ok && answer.error === 'fenced') return err('fenced');
    const {verb, resource} = call;
    observe({verb, resource, status: answer.ok ? answer.value.status : 0, durationMs: clock.monotonic() - startMs});
    return answer;
  }

  /** Broken off when the fence falls for good. */
  async #write<R extends Answer>(
    endpoint: Endpoint,
    request: HttpRequest,
    ask: Ask<R>,
  ): Promise<Result<R, HttpFailure | 'fenced'>> {
    const {fence, fenced} = this.#options;
    const write = new AbortController();
    this.#writes.add(write);
    const answer = await ask(endpoint, {...request, signal: write.signal});
    this.#writes.delete(write);
    const isFenced = !answer.ok && (fenced?.aborted === true || (answer.error.unsent && !fence()));
    return isFenced ? err('fenced') : answer;
  }

  /** Where to ask again, if the first answer shows that the request was not taken and another may fare better. */
  async #secondChance(
    call: Call,
    used: Endpoint,
    first: Result<Answer, HttpFailure | 'fenced'>,
  ): Promise<Endpoint | undefined> {
    if (call.signal?.aborted) return undefined;
    const failure = first.ok ? undefined : first.error;
    if (failure === 'fenced') return undefined;
    if (failure?.stale && !isWrite(call)) return used;
    const notTaken = first.ok ? first.value.status === 401 : failure?.unsent;
    const renewed = notTaken ? await this.#options.connection.renew(used) : undefined;
    if (renewed) this.#options.log.info('kubeconfig changed', {server: renewed.url.origin});
    return renewed;
  }
}

type Answer = {readonly status: number; readonly discard?: () => void};
type Ask<R> = (endpoint: Endpoint, request: HttpRequest) => Promise<Result<R, HttpFailure>>;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const isWrite = (call: Call): boolean => call.method !== 'GET' && call.method !== 'HEAD';

async function readError(
  status: number,
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
): Promise<Result<void, KubeError>> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch {
    // The status says enough.
  }
  return err(httpError(status, Buffer.concat(chunks).toString('utf8'), headers['retry-after']));
}

/** How long to wait before asking again; undefined when the server did not say that this would help. */
function repeatAfterMs(error: KubeError, lane: Lane, repeats: number, random: number): number | undefined {
  if (error.kind !== 'http' || error.retryAfterMs === undefined) return undefined;
  if (error.status !== 429 && error.status !== 503) return undefined;
  const backoffMs = FIRST_BACKOFF_MS * 2 ** repeats;
  // A Lease that is not renewed in time costs the server more than an early repeat does.
  const waitMs = lane === 'prompt' ? Math.min(backoffMs, PROMPT_WAIT_MS) : Math.max(error.retryAfterMs, backoffMs);
  return waitMs > LONGEST_WAIT_MS ? undefined : waitMs * (1 + 0.2 * random);
}
