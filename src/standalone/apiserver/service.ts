import type {IncomingMessage, ServerResponse} from 'node:http';
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
import {findBackend, proxyLog} from './node-proxy.ts';
import {parseTarget, type Target} from './paths.ts';
import {type Accept, parseAccept} from './read/accept.ts';
import {isTrue, parseSelection} from './read/query.ts';
import {parseStart, watch} from './read/watch.ts';
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

const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** A watch whose client is this far behind ends; the client resumes when it can. */
const WATCH_BUFFER_BYTES = 32 * 1024 * 1024;

/** Answers one request, whatever happens. */
export async function serve(service: Service, req: IncomingMessage, res: ServerResponse): Promise<void> {
  try {
    const reply = await answer(service, req, res);
    if (reply !== undefined) send(res, reply.ok ? reply.value : errorReply(reply.error));
  } catch (error) {
    // The client hung up in the middle of its body.
    if (req.errored !== null || res.destroyed) return;
    const message = error instanceof Error ? error.message : String(error);
    service.cluster.log.error('request failed', {method: req.method, url: req.url, error: message});
    if (res.headersSent) res.destroy();
    else send(res, errorReply(internalError(message)));
  }
}

/** Whether the path is within a group and version of built-in kinds. */
function isServed({registry}: Cluster, [root, ...rest]: readonly string[]): boolean {
  const [group, version] = root === 'api' ? ['', rest[0]] : root === 'apis' ? rest : [];
  return registry.kinds().some(kind => !kind.custom && kind.group === group && kind.version === version);
}

/** @returns undefined when the answer is a stream that has begun */
async function answer(
  service: Service,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Result<Reply, ApiError> | undefined> {
  const {cluster} = service;
  const url = parseUrl(req);
  if (url === undefined) return err(noSuchPage());
  const {path, segments, query} = url;
  const document = readDocument(cluster, path, segments, req.headers.accept, service.address());
  if (document !== undefined) return req.method === 'GET' || req.method === 'HEAD' ? document : err(methodNotAllowed());
  const target = parseTarget(cluster.registry, segments);
  if (target === undefined) return err(isServed(cluster, segments) ? noSuchPath() : noSuchPage());
  const method = req.method ?? 'GET';
  if (!isAllowed(method, target, query)) return err(methodNotAllowed());
  // Those that ask for an upgrade do not come here.
  if (target.subresource === 'exec') return err(badRequest('Upgrade request required'));
  if (target.subresource === 'log') return startLog(service, target, query, res);
  const accept = parseAccept(req.headers.accept, routeOf(method, target));
  if (!accept.ok) return accept;
  if (isWatch(method, target, query)) return startWatch(service, target, query, accept.value, res);
  const body = await readBody(req);
  if (!body.ok) return body;
  return dispatch(cluster, {
    method,
    target,
    query,
    accept: accept.value,
    contentType: mediaType(req.headers['content-type']),
    userAgent: req.headers['user-agent'] ?? '',
    body: body.value,
  });
}

function routeOf(method: string, {kind, name}: Target): 'readable collection' | 'other' | undefined {
  if (kind.custom) return undefined;
  return method === 'GET' && name === undefined ? 'readable collection' : 'other';
}

/** The parts of a request's URL; undefined when it is no URL. */
export function parseUrl(req: IncomingMessage) {
  try {
    const url = new URL(req.url ?? '/', 'https://localhost');
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

function startWatch(
  {cluster, hub}: Service,
  target: Target,
  query: URLSearchParams,
  accept: Accept,
  res: ServerResponse,
): Result<Reply, ApiError> | undefined {
  const selection = parseSelection(target.kind, target.namespace, query);
  if (!selection.ok) return selection;
  const start = parseStart(cluster, query);
  if (!start.ok) return start;
  res.writeHead(200, {'content-type': 'application/json'});
  res.flushHeaders();
  const stop = watch(cluster, hub, {
    selection: selection.value,
    query,
    start: start.value,
    format: eventFormat({accept, kind: target.kind, includeObject: query.get('includeObject')}, cluster.clock.now),
    sink: {
      write: line => {
        res.write(line);
        return res.writableLength < WATCH_BUFFER_BYTES;
      },
      end: () => res.end(),
    },
  });
  res.on('close', stop);
  return undefined;
}

function startLog(
  {cluster, token}: Service,
  target: Target,
  query: URLSearchParams,
  res: ServerResponse,
): Result<Reply, ApiError> | undefined {
  const backend = findBackend(cluster, target, query);
  if (!backend.ok) return backend;
  proxyLog(backend.value, token, res);
  return undefined;
}

async function readBody(req: IncomingMessage): Promise<Result<Uint8Array, ApiError>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_LIMIT_BYTES) return err(tooLarge(BODY_LIMIT_BYTES));
    chunks.push(bytes);
  }
  return ok(Buffer.concat(chunks));
}

function send(res: ServerResponse, {status, text, contentType, warnings, retryAfterSeconds}: Reply): void {
  res.statusCode = status;
  res.setHeader('content-type', contentType);
  res.setHeader('cache-control', 'no-cache, private');
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', retryAfterSeconds);
  if (warnings !== undefined && warnings.length > 0) res.setHeader('warning', warnings.map(warningHeader));
  res.end(text);
}

/** RFC 7234: code 299, agent unknown. */
const warningHeader = (text: string): string => `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`;

/** Where an exec request leads, if it is one. */
export function execBackend({cluster}: Service, req: IncomingMessage) {
  const url = parseUrl(req);
  const target = url === undefined ? undefined : parseTarget(cluster.registry, url.segments);
  if (url === undefined || target?.subresource !== 'exec' || req.method !== 'GET') return undefined;
  return findBackend(cluster, target, url.query);
}
