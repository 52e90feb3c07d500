import express, {type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router} from 'express';
import {answerTo, type MarathonError} from '../../../api/marathon/v2/errors.ts';
import {err, ok} from '../../../lib/result.ts';
import {appInfo, appJson, tasksOf} from './app-json.ts';
import {AppsService, type Changed, type Outcome, type ShownApp} from './apps-service.ts';
import {parseLabelSelector} from './label-selector.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {killTasks} from './task-kills.ts';

type Json = Record<string, unknown>;

export type RoutesOptions = {
  readonly access: MarathonAccess;
  readonly info: () => Json;
  /** `host:port` of the Marathon that leads. */
  readonly leader: () => string | undefined;
};

const DEFAULT_EMBEDS = ['counts', 'deployments'];
const ONE_APP_EMBEDS = [...DEFAULT_EMBEDS, 'tasks', 'lastTaskFailure'];

/** Everything below /v2, and /ping, as the leading Marathon answers it. */
export function marathonRoutes(options: RoutesOptions): Router {
  const router = Router({caseSensitive: true});
  const apps = new AppsService(options.access);
  router.use(standardHeaders(options.leader));
  router.use(express.text({type: () => true, limit: '16mb'}));
  router.get('/ping', ping);
  router.get('/v2/info', (_request, response) => void response.json(options.info()));
  router.get('/v2/leader', (_request, response) => {
    const leader = options.leader();
    if (leader === undefined) fail(response, {kind: 'no-leader'});
    else response.json({leader});
  });
  router.get('/v2/tasks', (request, response) => void response.json({tasks: allTasks(apps, request)}));
  router.get('/v2/deployments', (_request, response) => void response.json(deployments(options.access)));
  router.use('/v2/apps', appRoutes(apps, options.access));
  router.use((_request, response) => fail(response, {kind: 'unknown-uri'}));
  router.use(brokenRequest);
  return router;
}

/** Ids are paths, so the routes are told apart by their last segment. */
function appRoutes(apps: AppsService, access: MarathonAccess): RequestHandler {
  return async (request, response) => {
    const path = decodePath(request.path);
    const force = flagOf(request, 'force');
    if (path === '') return collection(apps, request, response);
    const suffix = /^(.*?)\/(tasks|restart|versions)(?:\/([^/]+))?$/.exec(path);
    if (suffix !== null)
      return subResource(apps, access, request, response, suffix[1] ?? '', suffix[2] ?? '', suffix[3]);
    if (request.method === 'GET' || request.method === 'HEAD') return getApps(apps, request, response, path);
    if (request.method === 'DELETE') return finish(response, await apps.remove(path, flagOf(request, 'force', true)));
    if (request.method !== 'PUT' && request.method !== 'PATCH') return fail(response, {kind: 'wrong-verb'});
    const body = readBody(request);
    if (!body.ok) return fail(response, body.error);
    const partial = request.method === 'PATCH' || flagOf(request, 'partialUpdate', true);
    finish(response, await apps.update(path, body.value, {partial, upsert: request.method === 'PUT', force}));
  };
}

async function collection(apps: AppsService, request: Request, response: Response): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return listApps(apps, request, response);
  const body = readBody(request);
  if (request.method === 'POST') {
    if (!body.ok) return fail(response, body.error);
    return created(apps, response, await apps.create(body.value));
  }
  if (request.method === 'PUT' || request.method === 'PATCH') {
    if (!body.ok) return fail(response, body.error);
    return updateMany(apps, request, response, body.value);
  }
  fail(response, {kind: 'wrong-verb'});
}

function listApps(apps: AppsService, request: Request, response: Response): void {
  const label = textOf(request, 'label');
  const selector = label === undefined ? ok(() => true) : parseLabelSelector(label);
  if (!selector.ok) return fail(response, {kind: 'bad-parameter', message: selector.error});
  const has = (text: string, part: string | undefined): boolean =>
    text.toLowerCase().includes((part ?? '').toLowerCase());
  const shown = apps
    .list()
    .filter(
      ({definition}) =>
        has(definition.spec.cmd ?? '', textOf(request, 'cmd')) && has(definition.id, textOf(request, 'id')),
    )
    .filter(({definition}) => selector.value(definition.labels));
  response.json({apps: shown.map(({app, definition}) => appInfo(app, definition, embedsOf(request, DEFAULT_EMBEDS)))});
}

function getApps(apps: AppsService, request: Request, response: Response, path: string): void {
  if (path === '*' || path.endsWith('/*')) {
    const group = `/${path.slice(0, -1).replace(/^\/+|\/+$/g, '')}`;
    const inside = apps.list().filter(({definition}) => group === '/' || definition.id.startsWith(`${group}/`));
    return void response.json({
      '*': inside.map(({app, definition}) => appInfo(app, definition, embedsOf(request, DEFAULT_EMBEDS))),
    });
  }
  const found = apps.find(path);
  if (!found.ok) return fail(response, found.error);
  const {app, definition} = found.value;
  response.json({app: appInfo(app, definition, embedsOf(request, ONE_APP_EMBEDS))});
}

async function subResource(
  apps: AppsService,
  access: MarathonAccess,
  request: Request,
  response: Response,
  path: string,
  kind: string,
  rest: string | undefined,
): Promise<void> {
  if (kind === 'restart') {
    if (request.method !== 'POST') return fail(response, {kind: 'wrong-verb'});
    return finish(response, await apps.restart(path, flagOf(request, 'force')));
  }
  const found = groupOrApp(apps, path);
  if (!found.ok) return fail(response, found.error);
  if (kind === 'versions') return versions(response, found.value, rest);
  if (request.method === 'GET' && rest === undefined) {
    return void response.json({tasks: found.value.flatMap(({app}) => tasksOf(app))});
  }
  if (request.method !== 'DELETE') return fail(response, {kind: 'wrong-verb'});
  const query = {
    taskId: rest,
    host: textOf(request, 'host'),
    scale: flagOf(request, 'scale'),
    wipe: flagOf(request, 'wipe'),
    force: flagOf(request, 'force'),
  };
  const killed = await killTasks(apps, access, found.value, query);
  if (!killed.ok) return fail(response, killed.error);
  if (killed.value.kind === 'scaled') return deploymentResult(response, killed.value.changed);
  response.json(rest === undefined ? {tasks: killed.value.tasks} : {task: killed.value.tasks[0]});
}

function groupOrApp(apps: AppsService, path: string): Outcome<ShownApp[]> {
  if (path.endsWith('/*')) {
    const group = `/${path.slice(0, -2).replace(/^\/+/, '')}`;
    return ok(apps.list().filter(({definition}) => definition.id.startsWith(`${group}/`)));
  }
  const found = apps.find(path);
  return found.ok ? ok([found.value]) : found;
}

/** Only the version in force is kept so far. */
function versions(response: Response, [shown]: readonly ShownApp[], version: string | undefined): void {
  const current = shown?.app.versionInfo?.version;
  if (version === undefined) return void response.json({versions: current === undefined ? [] : [current]});
  if (Number.isNaN(Date.parse(version)))
    return fail(response, {kind: 'bad-parameter', message: `Invalid timestamp: ${version}`});
  if (shown === undefined || version !== current)
    return fail(response, {kind: 'app-missing', appId: shown?.definition.id ?? '/', version});
  response.json(appJson(shown.app, shown.definition));
}

async function updateMany(apps: AppsService, request: Request, response: Response, body: unknown): Promise<void> {
  if (!Array.isArray(body))
    return fail(response, {kind: 'wrong-types', violations: [{path: '/', errors: ['error.expected.jsarray']}]});
  const partial = request.method === 'PATCH' || flagOf(request, 'partialUpdate', true);
  let last: Outcome<Changed> = err({kind: 'empty-body'});
  for (const [index, item] of body.entries()) {
    const id: unknown = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
    if (typeof id !== 'string')
      return fail(response, {
        kind: 'wrong-types',
        violations: [{path: `(${index})/id`, errors: ['error.path.missing']}],
      });
    last = await apps.update(id, item, {partial, upsert: request.method === 'PUT', force: flagOf(request, 'force')});
    if (!last.ok) return fail(response, last.error);
  }
  if (!last.ok) return fail(response, last.error);
  deploymentResult(response, last.value);
}

function created(apps: AppsService, response: Response, outcome: Outcome<Changed>): void {
  if (!outcome.ok) return fail(response, outcome.error);
  const {id, deploymentId, unknown} = outcome.value;
  const found = apps.find(id);
  if (!found.ok) return fail(response, found.error);
  const {app, definition} = found.value;
  warn(response, unknown);
  response.status(201).set({Location: id, 'Marathon-Deployment-Id': deploymentId});
  response.json({
    ...appJson(app, definition),
    ...{tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0},
    deployments: [{id: deploymentId}],
  });
}

function finish(response: Response, outcome: Outcome<Changed>): void {
  if (!outcome.ok) return fail(response, outcome.error);
  if (outcome.value.created) response.status(201).set('Location', outcome.value.id);
  deploymentResult(response, outcome.value);
}

function deploymentResult(response: Response, {version, deploymentId, unknown}: Changed): void {
  warn(response, unknown);
  response.set('Marathon-Deployment-Id', deploymentId).json({version, deploymentId});
}

/** Marathon ignores unknown fields; here it also says so. */
function warn(response: Response, unknown: readonly string[]): void {
  if (unknown.length > 0)
    response.set('Warning', `299 - "Ignored unknown fields: ${unknown.join(', ').replaceAll(/[^ -~]|["\\]/g, '?')}"`);
}

function deployments(access: MarathonAccess): Json[] {
  return access.apps().flatMap(({deployment}) => {
    if (deployment === undefined) return [];
    const {id, version, appId, steps, currentStep} = deployment;
    const current = steps[currentStep - 1]?.actions ?? [];
    return [
      {
        ...{id, version, affectedApps: [appId], affectedPods: [], steps, currentStep, totalSteps: steps.length},
        currentActions: current.map(action => ({...action, readinessCheckResults: []})),
      },
    ];
  });
}

const TASK_STATES: Readonly<Record<string, string>> = {running: 'TASK_RUNNING', staging: 'TASK_STAGING'};

function allTasks(apps: AppsService, request: Request): Json[] {
  const asked = [request.query['status'], request.query['status[]']].flat().map(status => TASK_STATES[String(status)]);
  const wanted = new Set(asked.filter(state => state !== undefined));
  const tasks = apps.list().flatMap(({app}) => tasksOf(app));
  return wanted.size === 0 ? tasks : tasks.filter(task => wanted.has(String(task['state'])));
}

function ping(request: Request, response: Response): void {
  const type = request.accepts(['text/plain', 'application/json']);
  if (type === 'application/json') response.json('pong');
  else if (type === 'text/plain') response.type('text/plain').send('pong');
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

function readBody(request: Request): Outcome<unknown> {
  const type = request.headers['content-type'];
  if (type !== undefined && !request.is(['json', '+json', 'text/plain', 'application/x-www-form-urlencoded']))
    return err({kind: 'wrong-media-type'});
  const text: unknown = request.body;
  if (typeof text !== 'string' || text.trim() === '') return err({kind: 'empty-body'});
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return err({kind: 'not-json', details: error instanceof Error ? error.message : String(error)});
  }
}

export const fail = (response: Response, error: MarathonError): void => {
  const {status, body} = answerTo(error);
  response.status(status).json(body);
};

/** What express itself refuses: a body too large, a path with broken escapes. */
const brokenRequest: ErrorRequestHandler = (error: {status?: number; message?: string}, _request, response, _next) => {
  response.status(error.status ?? 500).json({message: error.message ?? 'Internal error'});
};

/** The id part of the URL; slashes at both ends do not count. */
const decodePath = (path: string): string =>
  decodeURIComponent(path)
    .replace(/^\/+|\/+$/g, '')
    .replaceAll(/\/{2,}/g, '/');

const textOf = (request: Request, name: string): string | undefined => {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
};

const flagOf = (request: Request, name: string, fallback = false): boolean => {
  const text = textOf(request, name);
  return text === undefined ? fallback : text === 'true' || text === '';
};

/** Asked embeds come on top; `app.`, `apps.` and `group.apps.` are the same. */
function embedsOf(request: Request, always: readonly string[]): ReadonlySet<string> {
  const asked = [request.query['embed'] ?? []].flat().map(String);
  const names = asked.map(name => name.replace(/^(group[.]apps|apps|app)[.]/, ''));
  const implied = names.flatMap(name =>
    name === 'tasks' ? ['deployments'] : name === 'failures' ? ['tasks', 'lastTaskFailure', 'deployments'] : [],
  );
  return new Set([...always, ...names, ...implied]);
}
