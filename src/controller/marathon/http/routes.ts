import express, {type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router} from 'express';
import {appRoutes} from './app-routes.ts';
import {byMethod, fail, type Handlers} from './answers.ts';
import {AppsService} from './apps-service.ts';
import {deploymentsJson} from './deployments-json.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {allTasks, deleteTasks} from './task-routes.ts';

type Json = Record<string, unknown>;

export type RoutesOptions = {
  readonly access: MarathonAccess;
  readonly info: () => Json;
  /** `host:port` of the Marathon that leads. */
  readonly leader: () => string | undefined;
};

/** Everything below /v2, and /ping, as the leading Marathon answers it. */
export function marathonRoutes(options: RoutesOptions): Router {
  const router = Router({caseSensitive: true});
  const {access, info, leader} = options;
  const apps = new AppsService(access);
  router.use(standardHeaders(leader));
  router.use(express.text({type: () => true, limit: '16mb'}));
  router.all('/ping', ping);
  router.all('/v2/info', read(info));
  router.all('/v2/leader', byMethod({GET: (_request, response) => answerLeader(response, leader())}));
  router.all(
    '/v2/plugins',
    read(() => ({plugins: []})),
  );
  router.all('/v2/tasks', byMethod(allTasks(apps)));
  router.all('/v2/tasks/delete', byMethod(deleteTasks(apps, access)));
  router.all(
    '/v2/deployments',
    read(() => deploymentsJson(access.apps())),
  );
  router.use('/v2/apps', appRoutes(apps, access));
  router.use((_request, response) => fail(response, {kind: 'unknown-uri'}));
  router.use(brokenRequest);
  return router;
}

const read = (value: () => unknown): RequestHandler =>
  byMethod({GET: (_request, response) => void response.json(value())});

function answerLeader(response: Response, leader: string | undefined): void {
  if (leader === undefined) fail(response, {kind: 'no-leader'});
  else response.json({leader});
}

const PING: Handlers = {GET: (_request, response) => void response.json('pong')};

/** Text where the caller takes it, JSON where that is asked for, else nothing. */
function ping(request: Request, response: Response, next: () => void): void {
  const type = request.accepts(['text/plain', 'application/json']);
  if (!['GET', 'HEAD'].includes(request.method) || type === 'application/json') {
    return void byMethod(PING)(request, response, next);
  }
  if (type === 'text/plain') response.type('text/plain').send('pong');
  else response.status(204).end();
}

const standardHeaders =
  (leader: () => string | undefined): RequestHandler =>
  (_request, response, next) => {
    const address = leader();
    response.set({
      'X-Frame-Options': 'DENY',
      'X-XSS-Protection': '1; mode=block',
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
      Expires: '0',
      ...(address === undefined ? {} : {'X-Marathon-Leader': `http://${address}`}),
    });
    next();
  };

/** What express itself refuses: a body too large or with an unknown encoding. */
const brokenRequest: ErrorRequestHandler = (error: {status?: number; message?: string}, _request, response, _next) => {
  response.status(error.status ?? 500).json({message: error.message ?? 'Internal error'});
};
