import http from 'node:http';
import https from 'node:https';
import type {Socket} from 'node:net';
import type {Clock, Timer} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';

/** `bulk` shares a bounded pool; `prompt` never queues behind it: watches, logs and Leases. */
export type Lane = 'bulk' | 'prompt';

/** Where requests go. */
export type Endpoint = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sends a request and returns once the answer's head is there. */
  readonly open: (request: HttpRequest) => Promise<Result<Open, HttpFailure>>;
};

/** How to reach a server over HTTP. */
export type HttpEndpoint = Omit<Endpoint, 'open'> & {
  readonly auth: string | undefined;
  readonly agents: Readonly<Record<Lane, http.Agent>>;
};

export type HttpRequest = {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly lane: Lane;
  /** From the moment the request has a socket until the answer is complete, milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Asked at the last moment: a request may have waited long for its socket. When false nothing is sent. */
  readonly maySend?: () => boolean;
};

export type HttpResponse = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
};

/**
 * Nobody answered. `unsent`: not one byte of the request left this machine, so it cannot have taken effect.
 * `stale`: a kept-alive connection turned out to be closed, the usual race with the server's idle timeout.
 */
export type HttpFailure = {readonly message: string; readonly unsent: boolean; readonly stale: boolean};

/** An answer whose body is still to be read. `discard` ends the exchange, read or not; it is always called. */
export type Open = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  readonly discard: () => void;
};

const TCP_KEEP_ALIVE_MS = 15_000;

/** Sends a request and reads the whole answer. */
export async function callHttp(endpoint: Endpoint, request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
  const opened = await endpoint.open(request);
  if (!opened.ok) return opened;
  const {status, headers, body, discard} = opened.value;
  const text = await readText(body);
  discard();
  return text.ok ? ok({status, headers, text: text.value}) : text;
}

/** Sends a request and returns once the answer's head is there. */
export function openHttp(
  endpoint: HttpEndpoint,
  request: HttpRequest,
  clock: Clock,
): Promise<Result<Open, HttpFailure>> {
  return new Promise(resolve => {
    const {url, agents, auth} = endpoint;
    const secure = url.protocol === 'https:';
    let sent = false;
    let timer: Timer | undefined;
    const sending = (secure ? https : http).request(url, {
      method: request.method,
      path: url.pathname.replace(/\/$/, '') + request.path,
      headers: headersOf(endpoint, request),
      agent: agents[request.lane],
      auth,
      signal: request.signal,
    });
    const send = (): void => {
      if (request.maySend?.() === false) {
        sending.destroy(new Error('not to be sent any more'));
        return;
      }
      sent = true;
      sending.end(request.body);
    };
    sending.on('socket', socket => {
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      if (sending.reusedSocket || !isConnecting(socket)) send();
      else socket.once(secure ? 'secureConnect' : 'connect', send);
      const {timeoutMs} = request;
      if (timeoutMs !== undefined) timer = clock.after(timeoutMs, () => sending.destroy(tooSlow(timeoutMs)));
    });
    sending.on('response', response => {
      const discard = (): void => {
        timer?.cancel();
        if (!response.complete) response.destroy();
      };
      resolve(ok({status: response.statusCode ?? 0, headers: response.headers, body: response, discard}));
    });
    // Also fires after the response was handed over, where the reader of the body sees the error itself.
    sending.on('error', error => {
      timer?.cancel();
      resolve(err({message: describe(error), unsent: !sent, stale: sending.reusedSocket && isReset(error)}));
    });
  });
}

/** Its TLS handshake included. */
const isConnecting = (socket: Socket): boolean =>
  socket.connecting || ('secureConnecting' in socket && socket.secureConnecting === true);

async function readText(body: AsyncIterable<Buffer>): Promise<Result<string, HttpFailure>> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
    return ok(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    return err({message: `the answer broke off: ${describe(error)}`, unsent: false, stale: false});
  }
}

function headersOf(endpoint: HttpEndpoint, request: HttpRequest): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    Accept: 'application/json',
    ...endpoint.headers,
    ...request.headers,
  };
  if (request.body !== undefined) headers['Content-Length'] = Buffer.byteLength(request.body);
  return headers;
}

const tooSlow = (timeoutMs: number): Error => new Error(`no complete answer within ${timeoutMs} ms`);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const isReset = (error: unknown): boolean => codeOf(error) === 'ECONNRESET' || codeOf(error) === 'EPIPE';

/** An AggregateError (several addresses tried) has no message of its own. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name;
}
