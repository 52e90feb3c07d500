import express, {type Request, type RequestHandler, type Response, Router} from 'express';
import {parseDuration} from '../../../lib/units.ts';
import {sendJson} from '../../web/jsonp.ts';
import {route} from '../../web/methods.ts';
import type {Serving} from '../calls/transports.ts';
import {explainRoutes} from './explain.ts';
import {journalRoutes} from './journal.ts';
import {leaderOnly, redirectToLeader} from './leader.ts';
import {legacyRoutes} from './legacy.ts';
import {legacyOperationRoutes} from './legacy-operations.ts';
import {legacyRoleRoutes} from './legacy-roles.ts';
import {operatorEndpoint} from './operator.ts';
import type {MasterRouterOptions} from './router-options.ts';
import {RateLimit} from './rate-limit.ts';
import {refuse, schedulerEndpoint, wantJson} from './scheduler.ts';

/** Far above any call that is meant; below what would hurt. */
const MAX_BODY = '64mb';

/** Every route of the master, with and without `/master`. */
export function masterRouter(options: MasterRouterOptions): Router {
  const router = Router({caseSensitive: true});
  const routes = Router({caseSensitive: true});
  addCalls(routes, options);
  addProcess(routes, options);
  addMetrics(routes, options);
  explainRoutes(routes, options);
  journalRoutes(routes, options);
  legacyRoutes(routes, options);
  legacyRoleRoutes(routes, options);
  legacyOperationRoutes(routes, options);
  router.use('/master', routes);
  router.use(routes);
  router.use((_request, response) => void response.status(404).type('text').send('Not found'));
  router.use(onError);
  return router;
}

function addCalls(routes: Router, {leadership, serving, maxBufferedBytes}: MasterRouterOptions): void {
  const body = express.raw({type: () => true, limit: MAX_BODY});
  const before = [leaderOnly(leadership)];
  const withServing =
    (handle: (served: Serving, request: Request, response: Response) => void | Promise<void>): RequestHandler =>
    (request, response) => {
      const served = serving();
      // Leadership may have ended while the body was being read.
      if (served === undefined) refuse(response, {status: 503, message: 'This master does not lead any more'});
      else return handle(served, request, response);
    };
  const scheduler = withServing((served, request, response) =>
    schedulerEndpoint({gate: served.scheduler, sessions: served.sessions, maxBufferedBytes}, request, response),
  );
  const operator = withServing((served, request, response) => operatorEndpoint(served.operator, request, response));
  route(routes, '/api/v1/scheduler', {POST: [wantJson, body, scheduler]}, before);
  route(routes, '/api/v1', {POST: [wantJson, body, operator]}, before);
}

/** What each process answers for itself, whether it leads or not. */
function addProcess(routes: Router, {leadership, version, flagTexts}: MasterRouterOptions): void {
  route(routes, '/health', {GET: [health]});
  route(routes, '/version', {GET: [(request, response) => sendJson(request, response, version)]});
  route(routes, '/flags', {GET: [(request, response) => sendJson(request, response, {flags: flagTexts})]});
  route(routes, '/redirect', {GET: [redirectToLeader(leadership)]});
}

/** This process lives; whether it leads is asked elsewhere. */
const health: RequestHandler = (_request, response) => void response.status(200).end();

function addMetrics(routes: Router, {metrics, clock}: MasterRouterOptions): void {
  const limit = new RateLimit(clock, 2, 1000);
  const snapshot: RequestHandler = async (request, response) => {
    const {timeout} = request.query;
    const problem = timeout === undefined ? undefined : durationProblem(timeout);
    if (problem !== undefined) return refuse(response, {status: 400, message: `Invalid timeout: ${problem}`});
    await limit.turn();
    sendJson(request, response, metrics.snapshot());
  };
  route(routes, '/metrics/snapshot', {GET: [snapshot]});
  const prometheus: RequestHandler = async (_request, response) => {
    const text = await metrics.prometheus();
    response.set('Content-Type', metrics.registry.contentType).send(text);
  };
  route(routes, '/metrics', {GET: [prometheus]});
}

function durationProblem(text: unknown): string | undefined {
  const parsed = parseDuration(String(text));
  return parsed.ok ? undefined : parsed.error;
}

/** A body that is too long or broken off is the client's mistake; everything else is ours. */
function onError(error: unknown, _request: Request, response: Response, next: (error?: unknown) => void): void {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (response.headersSent || typeof status !== 'number' || status >= 500) return next(error);
  refuse(response, {status, message: error instanceof Error ? error.message : 'Bad request'});
}
