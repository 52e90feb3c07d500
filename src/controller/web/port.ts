import express, {type Request, type Response} from 'express';
import type {Logger} from '../../kube/log.ts';
import {checkLimit} from '../../lib/limits.ts';
import type {Caller} from '../runtime/caller.ts';
import {refuseForeignPage, type ServedNames} from './browser-rules.ts';
import {admit, type Gatekeeper, permit} from './gatekeeper.ts';
import {type ProxyWaits, proxyToLeader} from './leader-proxy.ts';
import type {Leadership} from './leadership.ts';
import {type Params, pathMatcher, segmentsOf} from './match-path.ts';
import {checkContentType, readBody} from './read-body.ts';
import type {Answer, Refusal} from './refusal.ts';
import type {BoundRoute, Method} from './route.ts';
import type {TlsMaterial} from './tls.ts';

/** What answers on one port: the rows, and how its API speaks of what is the same for all of them. */
export type Port = {
  readonly routes: readonly BoundRoute[];
  /** Every path is also there behind this segment. */
  readonly alsoBelow?: string;
  readonly leadership: Leadership;
  /** `host:port` of this process, for loops of proxies. */
  readonly self: () => string;
  /** Where the leader has the same page. @param url path and query */
  readonly redirection: (leader: string, url: string) => Answer;
  readonly refusal: (refusal: Refusal) => Answer;
  /** Of every answer, besides those that all ports send. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** A caller that takes no answer of a row's types is refused before the row is asked. */
  readonly checksAccept: boolean;
  readonly served: () => ServedNames;
  readonly gatekeeper: Gatekeeper;
  /** Undefined: this port speaks plain HTTP. */
  readonly tls: (() => TlsMaterial) | undefined;
  readonly log: Logger;
  readonly proxyWaits?: ProxyWaits;
  /** Pages of this origin may read answers. */
  readonly allowOrigin?: string | undefined;
  /** Requests to be answered at a time; streams do not count once they have begun. */
  readonly mostRequests?: number | undefined;
  /** Told of each request; what it returns is called when the request is answered. */
  readonly onRequest?: (method: string) => (finished: boolean) => void;
};

/** Nothing that this port sends may be run, framed or taken for something else. */
const SAFE_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/** Rows of one path, in the order of the table. */
type Resource = {readonly match: ReturnType<typeof pathMatcher>; readonly routes: readonly BoundRoute[]};
type Found = {readonly params: Params; readonly routes: readonly BoundRoute[]};

/** Answers every request on a port by its table. */
export function answerByTable(port: Port): express.Express {
  const resources = [...Map.groupBy(port.routes, ({path}) => path)].map(([path, routes]): Resource => ({
    match: pathMatcher(path),
    routes,
  }));
  let active = 0;
  const app = express().disable('x-powered-by').set('query parser', 'simple');
  return app.use(async (request, response) => {
    const onAnswered = port.onRequest?.(request.method);
    if (onAnswered !== undefined) response.once('close', () => onAnswered(response.writableFinished));
    active += 1;
    try {
      const isTooMuch = port.mostRequests !== undefined && active > port.mostRequests;
      const refusal = isTooMuch
        ? ({kind: 'too-busy', most: port.mostRequests} as const)
        : await answer(port, resources, request, response);
      if (refusal !== undefined) send(response, port.refusal(refusal));
    } catch (error) {
      port.log.error('a request failed', {method: request.method, path: request.path, error});
      if (response.headersSent) response.destroy();
      else send(response, port.refusal({kind: 'failed'}));
    } finally {
      active -= 1;
    }
  });
}

/** @returns why not, when there is no answer yet */
async function answer(
  port: Port,
  resources: readonly Resource[],
  request: Request,
  response: Response,
): Promise<Refusal | undefined> {
  response.set(SAFE_HEADERS).set(port.headers());
  if (port.allowOrigin !== undefined) allowReading(port.allowOrigin, request, response);
  const foreign = refuseForeignPage(originsOf(request), port.served());
  if (foreign !== undefined) return {kind: 'from-a-browser', message: foreign};
  const tooLong = checkLimit('urlBytes', request.originalUrl.length);
  if (tooLong !== undefined) return {kind: 'too-much', status: 414, tooMuch: tooLong};
  const segments = segmentsOf(request.path);
  if (segments === undefined) return {kind: 'broken-escape', path: request.path};
  const found = find(resources, port.alsoBelow, segments);
  const [first] = found?.routes ?? [];
  if (found === undefined || first === undefined) return {kind: 'unknown-path', path: request.path};
  const caller = await admit(port.gatekeeper, found.routes, request);
  if (!caller.ok) return caller.error;
  if (first.answeredBy !== 'any') {
    const phase = port.leadership.phase();
    if (phase === 'recovering') return {kind: 'recovering'};
    if (phase === 'standby') return askLeader(port, first, request, response);
  }
  return answerHere(port, found, caller.value, request, response);
}

/** As a browser asks before it lets a page of another origin read. */
function allowReading(origin: string, request: Request, response: Response): void {
  response.set('Access-Control-Allow-Origin', origin);
  if (request.method !== 'OPTIONS') return;
  response.set({'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS', 'Access-Control-Max-Age': '86400'});
  const asked = request.get('access-control-request-headers');
  if (asked !== undefined) response.set('Access-Control-Allow-Headers', asked);
}

async function answerHere(
  port: Port,
  {routes, params}: Found,
  caller: Caller,
  request: Request,
  response: Response,
): Promise<Refusal | undefined> {
  const allowed = allowedMethods(routes.map(({method}) => method));
  if (request.method === 'OPTIONS') return void response.set('Allow', allowed.join(', ')).end();
  const route = routes.find(({method}) => method === (request.method === 'HEAD' ? 'GET' : request.method));
  if (route === undefined) return {kind: 'wrong-method', method: request.method, allowed};
  const forbidden = await permit(port.gatekeeper, route, caller);
  if (forbidden !== undefined) return forbidden;
  const {answers = ['application/json']} = route;
  if (port.checksAccept && request.accepts([...answers]) === false && !answers.includes('*/*'))
    return {kind: 'not-acceptable', answers};
  if (route.method !== 'GET') {
    const wrong = checkContentType(route.body, request.headers['content-type']);
    if (wrong !== undefined) return wrong;
  }
  const body = await readBody(route.body, request, response);
  if (!body.ok) return body.error;
  // Leadership may have ended while the body was being read.
  if (route.answeredBy !== 'any' && port.leadership.phase() !== 'leading') return {kind: 'no-leader'};
  await route.handle({request, response, params, body: body.value, caller});
  return undefined;
}

/** The first path of the table that fits. */
function find(resources: readonly Resource[], prefix: string | undefined, segments: readonly string[]) {
  const inner = prefix !== undefined && segments[0] === prefix ? segments.slice(1) : segments;
  for (const {match, routes} of resources) {
    const params = match(inner);
    if (params !== undefined) return {params, routes};
  }
  return undefined;
}

function askLeader(
  {leadership, self, redirection, proxyWaits, tls}: Port,
  {answeredBy}: BoundRoute,
  request: Request,
  response: Response,
): Promise<Refusal | undefined> | Refusal | undefined {
  const leader = leadership.leaderAddress();
  if (leader === undefined) return {kind: 'no-leader'};
  if (answeredBy === 'leader-by-proxy') return proxyToLeader(leader, self(), request, response, tls?.(), proxyWaits);
  send(response, redirection(leader, request.originalUrl));
  return undefined;
}

const allowedMethods = (methods: readonly Method[]): string[] =>
  methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]));

function send(response: Response, {status, body, headers = {}}: Answer): void {
  response.status(status);
  for (const [name, value] of Object.entries(headers))
    response.set(name, typeof value === 'string' ? value : [...value]);
  if (body === undefined) response.end();
  else if (typeof body === 'string') response.type('text').send(body);
  else response.json(body);
}

function originsOf({method, headers, query, socket}: Request) {
  const site = headers['sec-fetch-site'];
  return {
    method,
    host: headers.host,
    origin: headers.origin,
    fetchSite: Array.isArray(site) ? site.join() : site,
    referer: headers.referer,
    asScript: query['jsonp'] !== undefined,
    loopback: isLoopback(socket.localAddress ?? ''),
  };
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127[.]|^::1$/.test(address);
