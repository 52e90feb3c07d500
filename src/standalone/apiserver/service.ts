import type {IncomingMessage, ServerResponse} from 'node:http';
import {limitOf} from '../../lib/limits.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import {decodeBody, mediaType, objectOf} from './body.ts';
import type {Cluster} from './cluster.ts';
import {readDocument} from './documents.ts';
import {
  type ApiError,
  badRequest,
  internalError,
  methodNotAllowed,
  noSuchPage,
  noSuchPath,
  tooLarge,
} from './errors.ts';
import {type ApiRequest, del, patchObject, post, put, read} from './handlers.ts';
import type {Verb} from './kinds.ts';
import {type Backend, findBackend, proxyLog} from './node-proxy.ts';
import {parseTarget, type Target} from './paths.ts';
import {type Accept, parseAccept} from './read/accept.ts';
import {isTrue, parseSelection} from './read/query.ts';
import {parseStart, watch, type WatchSink} from './read/watch.ts';
import type {WatchHub} from './read/watch-hub.ts';
import {bodyReply, errorReply, eventFormat, type Reply} from './respond.ts';
import {review} from './reviews.ts';
import {onSubresource} from './subresources.ts';

/** What answers requests that were let in. */
export type Service = {
  readonly cluster: Cluster;
  readonly hub: WatchHub;
  /** For nodes: the same token opens their doors. */
  readonly token: string;
  /** host:port, as told to clients. */
  readonly address: () => string;
};

/** A client that sends more than this is hung up on. */
const DRAINED_BYTES = 64 * 1024 * 1024;
/** A watch whose client is this far behind ends; the client resumes when it can. */
const WATCH_BUFFER_BYTES = 32 * 1024 * 1024;

/** Answers one request that came over HTTP, whatever happens. */
export async function serve(service: Service, req: IncomingMessage, res: ServerResponse): Promise<void> {
  try {
    await perform(service, answer(service, headOf(req)), req, res);
  } catch (error) {
    // The client hung up in the middle of its body.
    if (req.errored !== null || res.destroyed) return;
    const message = error instanceof Error ? error.message : String(error);
    service.cluster.log.error('request failed', {method: req.method, url: req.url, error: message});
    if (res.headersSent) res.destroy();
    else send(res, errorReply(internalError(message)));
  }
}

const headOf = ({method = 'GET', url = '/', headers}: IncomingMessage): Head => ({
  method,
  url,
  accept: headers.accept,
  contentType: headers['content-type'],
  userAgent: headers['user-agent'],
});

async function perform(service: Service, found: Answer, req: IncomingMessage, res: ServerResponse): Promise<void> {
  switch (found.kind) {
    case 'reply':
      return send(res, wholeReply(found.reply));
    case 'body': {
      const body = await readBody(req);
      return send(res, wholeReply(body.ok ? found.reply(body.value) : body));
    }
    case 'events':
      return sendEvents(res, found.start);
    case 'log':
      return proxyLog(found.backend, service.token, res);
    default:
      return found satisfies never;
  }
}

/** An error is an answer too. */
export const wholeReply = (reply: Result<Reply, ApiError>): Reply => (reply.ok ? reply.value : errorReply(reply.error));

/** Whether the path is within a group and version of built-in kinds. */
function isServed({registry}: Cluster, [root, ...rest]: readonly string[]): boolean {
  const [group, version] = root === 'api' ? ['', rest[0]] : root === 'apis' ? rest : [];
  return registry.kinds().some(kind => !kind.custom && kind.group === group && kind.version === version);
}

/** What a request asks, before its body is read. */
export type Head = {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly userAgent: string | undefined;
};

/** What a request leads to: one answer, one answer once the body is there, the events of a watch, or a node's log. */
export type Answer =
  | {readonly kind: 'reply'; readonly reply: Result<Reply, ApiError>}
  | {readonly kind: 'body'; readonly reply: (body: Uint8Array) => Result<Reply, ApiError>}
  | {readonly kind: 'events'; readonly start: (sink: WatchSink) => () => void}
  | {readonly kind: 'log'; readonly backend: Backend};

const replyOf = (reply: Result<Reply, ApiError>): Answer => ({kind: 'reply', reply});

/** Finds out what a request leads to. Nothing has happened yet when it leads to a body or to events. */
export function answer(service: Service, head: Head): Answer {
  const {cluster} = service;
  const {method} = head;
  const url = parseUrl(head.url);
  if (url === undefined) return replyOf(err(noSuchPage()));
  const {path, segments, query} = url;
  const document = readDocument(cluster, path, segments, head.accept, service.address());
  if (document !== undefined) return replyOf(isRead(method) ? document : err(methodNotAllowed()));
  const target = parseTarget(cluster.registry, segments);
  if (target === undefined) return replyOf(err(isServed(cluster, segments) ? noSuchPath() : noSuchPage()));
  if (!isAllowed(method, target, query)) return replyOf(err(methodNotAllowed()));
  // Those that ask for an upgrade do not come here.
  if (target.subresource === 'exec') return replyOf(err(badRequest('Upgrade request required')));
  if (target.subresource === 'log') return logOf(cluster, target, query);
  const accept = parseAccept(head.accept, routeOf(method, target));
  if (!accept.ok) return replyOf(accept);
  if (isWatch(method, target, query)) return eventsOf(service, target, query, accept.value);
  const contentType = mediaType(head.contentType);
  const request = {method, target, query, accept: accept.value, contentType, userAgent: head.userAgent ?? ''};
  return {kind: 'body', reply: body => dispatch(cluster, {...request, body})};
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

function routeOf(method: string, {kind, name}: Target): 'readable collection' | 'other' | undefined {
  if (kind.custom) return undefined;
  return method === 'GET' && name === undefined ? 'readable collection' : 'other';
}

/** The parts of a request's URL; undefined when it is no URL. */
export function parseUrl(text: string) {
  try {
    const url = new URL(text, 'https://localhost');
    const segments = url.pathname
      .split('/')
      .filter(part => part !== '')
      .map(decodeURIComponent);
    return {path: url.pathname, segments, query: url.searchParams};
  } catch {
    return undefined;
  }
}

const isWatch = (method: string, {name, subresource}: Target, query: URLSearchParams): boolean =>
  method === 'GET' && name === undefined && subresource === undefined && isTrue(query.get('watch') ?? 'false');

function isAllowed(method: string, target: Target, query: URLSearchParams): boolean {
  const verb = verbOf(method, target, query);
  if (verb === undefined) return false;
  const {kind, subresource} = target;
  if (subresource === undefined) return kind.verbs.includes(verb);
  return kind.subresources.some(each => each.name === subresource && each.verbs.includes(verb));
}

function verbOf(method: string, target: Target, query: URLSearchParams): Verb | undefined {
  const onOne = target.name !== undefined;
  switch (method) {
    case 'GET':
      return onOne ? 'get' : isWatch(method, target, query) ? 'watch' : 'list';
    case 'POST':
      return onOne && target.subresource === undefined ? undefined : 'create';
    case 'PUT':
      return onOne ? 'update' : undefined;
    case 'PATCH':
      return onOne ? 'patch' : undefined;
    case 'DELETE':
      return onOne ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

function dispatch(cluster: Cluster, request: ApiRequest): Result<Reply, ApiError> {
  const {target, method} = request;
  if (target.subresource !== undefined) return onSubresource(cluster, request);
  if (!target.kind.verbs.includes('list')) return answerReview(request);
  switch (method) {
    case 'GET':
      return read(cluster, request);
    case 'POST':
      return post(cluster, request);
    case 'PUT':
      return put(cluster, request);
    case 'PATCH':
      return patchObject(cluster, request);
    case 'DELETE':
      return del(cluster, request);
    default:
      return err(methodNotAllowed());
  }
}

function answerReview({target, body, contentType, accept}: ApiRequest): Result<Reply, ApiError> {
  const decoded = decodeBody(body, contentType);
  const question = decoded.ok ? objectOf(decoded.value) : decoded;
  if (!question.ok) return question;
  const answered = review(target.kind, question.value);
  return answered.ok ? ok(bodyReply(accept, 201, answered.value)) : answered;
}

function eventsOf({cluster, hub}: Service, target: Target, query: URLSearchParams, accept: Accept): Answer {
  const selection = parseSelection(target.kind, target.namespace, query);
  if (!selection.ok) return replyOf(selection);
  const start = parseStart(cluster, query);
  if (!start.ok) return replyOf(start);
  const format = eventFormat({accept, kind: target.kind, includeObject: query.get('includeObject')}, cluster.clock.now);
  return {
    kind: 'events',
    start: sink => watch(cluster, hub, {selection: selection.value, query, start: start.value, format, sink}),
  };
}

function sendEvents(res: ServerResponse, start: (sink: WatchSink) => () => void): void {
  res.writeHead(200, {'content-type': 'application/json'});
  res.flushHeaders();
  const stop = start({
    write: line => {
      res.write(line);
      return res.writableLength < WATCH_BUFFER_BYTES;
    },
    end: () => res.end(),
  });
  res.on('close', stop);
}

function logOf(cluster: Cluster, target: Target, query: URLSearchParams): Answer {
  const backend = findBackend(cluster, target, query);
  return backend.ok ? {kind: 'log', backend: backend.value} : replyOf(backend);
}

async function readBody(req: IncomingMessage): Promise<Result<Uint8Array, ApiError>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Read on, so that the client can read the answer: who still writes does not.
    if (size <= limitOf('objectBytes')) chunks.push(bytes);
    else if (size > DRAINED_BYTES) break;
  }
  return size > limitOf('objectBytes') ? err(tooLarge(limitOf('objectBytes'))) : ok(Buffer.concat(chunks));
}

function send(res: ServerResponse, {status, text, contentType, warnings, retryAfterSeconds}: Reply): void {
  res.statusCode = status;
  res.setHeader('content-type', contentType);
  res.setHeader('cache-control', 'no-cache, private');
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', retryAfterSeconds);
  if (warnings !== undefined && warnings.length > 0) res.setHeader('warning', shortened(warnings).map(warningHeader));
  res.end(text);
}

const WARNINGS_CHARS = 4096;
const WARNING_CHARS = 256;

/** As in Kubernetes: of many or long warnings the begin of each, and not more of them than a header may hold. */
function shortened(warnings: readonly string[]): readonly string[] {
  const sum = warnings.reduce((chars, text) => chars + text.length, 0);
  if (sum <= WARNINGS_CHARS) return warnings;
  return warnings.slice(0, WARNINGS_CHARS / WARNING_CHARS).map(text => text.slice(0, WARNING_CHARS));
}

/** RFC 7234: code 299, agent unknown. */
const warningHeader = (text: string): string => `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`;

/** Where an exec request leads, if it is one. */
export function execBackend({cluster}: Service, req: IncomingMessage) {
  const url = parseUrl(req.url ?? '/');
  const target = url === undefined ? undefined : parseTarget(cluster.registry, url.segments);
  if (url === undefined || target?.subresource !== 'exec' || req.method !== 'GET') return undefined;
  return findBackend(cluster, target, url.query);
}
