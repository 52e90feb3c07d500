import {type ClientRequest, type IncomingMessage, request as httpRequest} from 'node:http';
import {request as httpsRequest} from 'node:https';
import type {Request, Response} from 'express';
import type {Refusal} from './refusal.ts';
import type {TlsMaterial} from './tls.ts';

/** In milliseconds: until the leader takes the connection, and from then until it begins to answer. */
export type ProxyWaits = {readonly connectMs: number; readonly answerMs: number};

const USUAL_WAITS: ProxyWaits = {connectMs: 5000, answerMs: 10_000};

const VIA = 'x-marathon-via';

/** What a browser says of a page was judged here; the leader would compare it with another name. */
const JUDGED = ['origin', 'referer', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'];

/**
 * Hands a request to the replica that leads, as a Marathon that does not lead does.
 *
 * @param leader `host:port`
 * @param self   the same of this process
 * @param tls    what this process listens with; undefined: plain HTTP
 * @returns      why there is no answer of the leader; undefined: it was passed on
 */
export async function proxyToLeader(
  leader: string,
  self: string,
  request: Request,
  response: Response,
  tls: TlsMaterial | undefined,
  waits: ProxyWaits = USUAL_WAITS,
): Promise<Refusal | undefined> {
  const via = [request.headers[VIA] ?? []].flat().flatMap(hops => hops.split(', '));
  if (leader === self || via.includes(self)) return {kind: 'leader-unreachable', message: 'Detected proxying loop'};
  const done = Promise.withResolvers<Refusal | undefined>();
  const headers = {...forwarded(request), host: leader, [VIA]: [...via, self].join(', ')};
  const options = {method: request.method, headers};
  const onAnswer = (answer: IncomingMessage): void => {
    endWait();
    response.writeHead(answer.statusCode ?? 502, {...answer.headers, [VIA]: self});
    // A stream may have nothing to say for long.
    response.flushHeaders();
    answer.pipe(response);
    answer.on('error', () => response.destroy());
    response.on('close', () => done.resolve(undefined));
  };
  const upstream =
    tls === undefined
      ? httpRequest(`http://${leader}${request.originalUrl}`, options, onAnswer)
      : httpsRequest(`https://${leader}${request.originalUrl}`, {...options, ...trusting(tls)}, onAnswer);
  const endWait = limitWait(upstream, waits);
  upstream.on('error', error => {
    endWait();
    if (response.headersSent) response.destroy();
    const message = `Leader ${leader} does not answer: ${error.message}`;
    done.resolve(response.headersSent ? undefined : {kind: 'leader-unreachable', message});
  });
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
  return done.promise;
}

/** A connection that hangs is given up, and so is a leader that does not begin to answer. @returns what ends both */
function limitWait(upstream: ClientRequest, {connectMs, answerMs}: ProxyWaits): () => void {
  const giveUp = (what: string, ms: number) =>
    setTimeout(() => upstream.destroy(new Error(`no ${what} within ${ms} ms`)), ms);
  let timer = giveUp('connection', connectMs);
  const connected = (): void => {
    clearTimeout(timer);
    timer = giveUp('answer', answerMs);
  };
  upstream.once('socket', socket => {
    if (socket.connecting) socket.once('connect', connected);
    else connected();
  });
  upstream.once('close', () => clearTimeout(timer));
  return () => clearTimeout(timer);
}

/** Controllers share a certificate, or an authority. They call each other by addresses that no certificate names. */
const trusting = ({cert, ca}: TlsMaterial) => ({
  ca: ca === undefined ? [cert] : [cert, ca],
  allowPartialTrustChain: true,
  checkServerIdentity: () => undefined,
});

function forwarded({headers, socket}: Request): Record<string, string | string[] | undefined> {
  const kept = Object.entries(headers).filter(([name]) => !JUDGED.includes(name));
  const from = [headers['x-forwarded-for'] ?? [], socket.remoteAddress ?? []].flat();
  return {...Object.fromEntries(kept), 'x-forwarded-for': from.join(', ')};
}
