import type {LookupFunction} from 'node:net';
import {lookup} from 'node:dns';
import {request as httpRequest, type IncomingMessage} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {connect} from 'node:net';
import type {Clock} from '../../../lib/clock.ts';
import type {ProbeAnswer, ProbeTarget} from '../core/health/probes.ts';
import type {Ask} from './task-prober.ts';

/** Characters of an answer's body that are kept. */
const BODY_LENGTH = 16_384;

/** Asks a task over the network. Certificates are not verified: they are for the task's clients. */
export const askTask =
  (clock: Clock): Ask =>
  (target, timeoutMs) =>
    new Promise(resolve => {
      const abort = new AbortController();
      const timer = clock.after(timeoutMs, () => abort.abort());
      const answer = (given: ProbeAnswer): void => {
        timer.cancel();
        resolve(given);
        abort.abort();
      };
      const seconds = timeoutMs / 1000;
      const failed = (error: Error): void =>
        answer({kind: 'failed', cause: abort.signal.aborted ? `no answer within ${seconds} s` : error.message});
      if (target.kind === 'tcp') askTcp(target, abort.signal, answer, failed);
      else askHttp(target, abort.signal, answer, failed);
    });

type Answered = (answer: ProbeAnswer) => void;
type Failed = (error: Error) => void;

function askTcp(
  {host, port}: Extract<ProbeTarget, {kind: 'tcp'}>,
  signal: AbortSignal,
  answer: Answered,
  failed: Failed,
): void {
  const socket = connect({host, port, lookup: lookupHost});
  signal.addEventListener('abort', () => socket.destroy(new Error('aborted')), {once: true});
  socket.once('connect', () => answer({kind: 'connected'}));
  socket.on('error', failed);
}

function askHttp(
  {scheme, host, port, path, withBody}: Extract<ProbeTarget, {kind: 'http'}>,
  signal: AbortSignal,
  answer: Answered,
  failed: Failed,
): void {
  const request = scheme === 'https' ? httpsRequest : httpRequest;
  const onResponse = async (response: IncomingMessage): Promise<void> => {
    const status = response.statusCode ?? 0;
    // The rest of it is cut off once the answer is known.
    response.on('error', failed);
    if (!withBody) return answer({kind: 'status', status});
    answer({
      kind: 'status',
      status,
      contentType: response.headers['content-type'] ?? '',
      body: await beginningOf(response),
    });
  };
  try {
    const headers = {'User-Agent': 'marathon', Accept: '*/*', Connection: 'close'};
    const options = {host, port, path, headers, signal, agent: false as const, rejectUnauthorized: false};
    const call = request({...options, lookup: lookupHost});
    call.once('response', response => void onResponse(response).catch(failed));
    // 101 is an answer too; the connection is another protocol's now.
    call.once('upgrade', (response, socket) => {
      socket.destroy();
      answer({kind: 'status', status: response.statusCode ?? 101});
    });
    call.on('error', failed);
    call.end();
  } catch (error) {
    // A path that no request line can have.
    failed(error instanceof Error ? error : new Error(String(error)));
  }
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length >= BODY_LENGTH) break;
  }
  return body.slice(0, BODY_LENGTH);
}

/** Names below `localhost` are this machine (RFC 6761), though many resolvers do not know them. */
const lookupHost: LookupFunction = (hostname, options, callback) =>
  lookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, options, callback);
