import type {Request, RequestHandler, Response} from 'express';
import {ok} from '../../../lib/result.ts';
import {byMethod, fail, finish, type Handlers, warn} from './answers.ts';
import {appInfo, appJson} from './app-json.ts';
import type {AppsService, Changed, Outcome, UpdateMode} from './apps-service.ts';
import type {ShownApp} from './shown-app.ts';
import {isTimestamp} from './decode-update.ts';
import {parseLabelSelector} from './label-selector.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {decodePath, embedsOf, flagOf, readBody, textOf} from './query.ts';
import {appTaskHandlers} from './task-routes.ts';

type Json = Record<string, unknown>;

const LIST_EMBEDS = ['counts', 'deployments'];
const ONE_APP_EMBEDS = [...LIST_EMBEDS, 'tasks', 'lastTaskFailure'];

/** Everything below /v2/apps. Ids are paths, so resources are told apart by the last segments. */
export function appRoutes(apps: AppsService, access: MarathonAccess): RequestHandler {
  return (request, response, next) => {
    const path = decodePath(request.path);
    if (!path.ok) return fail(response, path.error);
    return byMethod(handlersOf(apps, access, path.value))(request, response, next);
  };
}

function handlersOf(apps: AppsService, access: MarathonAccess, path: string): Handlers {
  if (path === '') return collection(apps, access);
  const segments = path.split('/');
  const [owner = '', kind = ''] = [segments.slice(0, -1).join('/'), segments.at(-1)];
  if (kind === '*') return {GET: (...args) => listGroup(apps, access, owner, ...args)};
  if (owner !== '' && kind === 'restart') return restart(apps, owner);
  if (owner !== '' && kind === 'tasks') return appTaskHandlers(apps, access, owner);
  if (owner !== '' && kind === 'versions') return versions(apps, owner);
  const [ownersOwner = '', ownersKind = ''] = [segments.slice(0, -2).join('/'), segments.at(-2)];
  if (ownersOwner !== '' && ownersKind === 'tasks') return appTaskHandlers(apps, access, ownersOwner, kind);
  if (ownersOwner !== '' && ownersKind === 'versions') return version(apps, ownersOwner, kind);
  return oneApp(apps, access, path);
}

const collection = (apps: AppsService, access: MarathonAccess): Handlers => ({
  GET: (request, response) => listApps(apps, access, request, response),
  POST: async (request, response) => {
    const body = readBody(request);
    if (!body.ok) return fail(response, body.error);
    created(apps, response, await apps.create(body.value, flagOf(request, 'force')));
  },
  PUT: (request, response) => updateAll(apps, request, response),
  PATCH: (request, response) => updateAll(apps, request, response),
});

const oneApp = (apps: AppsService, access: MarathonAccess, path: string): Handlers => ({
  GET: (request, response) => {
    const found = apps.find(path);
    if (!found.ok) return fail(response, found.error);
    const embeds = embedsOf(request, ONE_APP_EMBEDS);
    response.json({app: appInfo(found.value, {embeds, nowMs: access.nowMs()})});
  },
  PUT: (request, response) => updateOne(apps, path, request, response),
  PATCH: (request, response) => updateOne(apps, path, request, response),
  DELETE: async (request, response) => finish(response, await apps.remove(path, flagOf(request, 'force', true))),
});

const restart = (apps: AppsService, path: string): Handlers => ({
  POST: async (request, response) => finish(response, await apps.restart(path, flagOf(request, 'force'))),
});

function listApps(apps: AppsService, access: MarathonAccess, request: Request, response: Response): void {
  const label = textOf(request, 'label');
  const selector = label === undefined ? ok(() => true) : parseLabelSelector(label);
  if (!selector.ok) return fail(response, {kind: 'bad-parameter', message: selector.error});
  const has = (text: string, parameter: string): boolean =>
    text.toLowerCase().includes((textOf(request, parameter) ?? '').toLowerCase());
  const listed = apps
    .list()
    .filter(({definition: {spec, id}}) => has(spec.cmd ?? '', 'cmd') && has(id, 'id'))
    .filter(({definition}) => selector.value(definition.labels));
  response.json({apps: infosOf(listed, access, request)});
}

function listGroup(
  apps: AppsService,
  access: MarathonAccess,
  group: string,
  request: Request,
  response: Response,
): void {
  const inside = apps.inGroup(group);
  if (!inside.ok) return fail(response, inside.error);
  response.json({'*': infosOf(inside.value, access, request)});
}

function infosOf(listed: readonly ShownApp[], access: MarathonAccess, request: Request): Json[] {
  const options = {embeds: embedsOf(request, LIST_EMBEDS), nowMs: access.nowMs()};
  return listed.map(app => appInfo(app, options));
}

const modeOf = (request: Request): UpdateMode => ({
  partial: request.method === 'PATCH' || flagOf(request, 'partialUpdate', true),
  upsert: request.method === 'PUT',
  force: flagOf(request, 'force'),
});

async function updateOne(apps: AppsService, path: string, request: Request, response: Response): Promise<void> {
  const body = readBody(request);
  if (!body.ok) return fail(response, body.error);
  finish(response, await apps.update(path, body.value, modeOf(request)));
}

async function updateAll(apps: AppsService, request: Request, response: Response): Promise<void> {
  const body = readBody(request);
  if (!body.ok) return fail(response, body.error);
  if (!Array.isArray(body.value)) {
    return fail(response, {kind: 'wrong-types', violations: [{path: '/', errors: ['error.expected.jsarray']}]});
  }
  finish(response, await apps.updateAll(body.value, modeOf(request)));
}

/** Marathon answers before the app has a `versionInfo` or a task. */
function created(apps: AppsService, response: Response, outcome: Outcome<Changed>): void {
  if (!outcome.ok) return fail(response, outcome.error);
  const {id = '', version, deploymentId, unknown} = outcome.value;
  const found = apps.find(id);
  if (!found.ok) return fail(response, found.error);
  const {app, definition} = found.value;
  warn(response, unknown);
  response.status(201).set({Location: id, 'Marathon-Deployment-Id': deploymentId});
  response.json({
    ...appJson(definition, app.servicePorts, version),
    ...{tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0},
    deployments: [{id: deploymentId}],
  });
}

/** Only the version in force is kept. */
const versions = (apps: AppsService, path: string): Handlers => ({
  GET: (_request, response) => {
    const found = apps.find(path);
    if (!found.ok) return fail(response, found.error);
    response.json({versions: [found.value.app.versionInfo?.version ?? []].flat()});
  },
});

const version = (apps: AppsService, path: string, wanted: string): Handlers => ({
  GET: (_request, response) => {
    if (!isTimestamp(wanted)) {
      return fail(response, {kind: 'bad-parameter', message: `Invalid timestamp provided '${wanted}'.`});
    }
    const found = apps.find(path);
    if (!found.ok) return fail(response, found.error);
    const {app, definition} = found.value;
    const inForce = app.versionInfo?.version;
    if (inForce === undefined || Date.parse(wanted) !== Date.parse(inForce)) {
      return fail(response, {kind: 'app-missing', appId: definition.id, version: wanted});
    }
    response.json(appJson(definition, app.servicePorts, inForce));
  },
});
