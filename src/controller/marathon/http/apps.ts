import type {Request, Response} from 'express';
import {Type} from 'typebox';
import {MARATHON_APPS} from '../../../crds/marathon-app.ts';
import {checkLimit, explainTooMuch} from '../../../lib/limits.ts';
import {ok} from '../../../lib/result.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import {fail, finish, warn} from './answers.ts';
import {appInfo, appJson} from './app-json.ts';
import type {AppsService, ChangeResult, Origin, Outcome, UpdateMode} from './apps-service.ts';
import {parseLabelSelector} from './label-selector.ts';
import type {MarathonAccess} from './marathon-access.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {embedsOf, flagOf, QUERY, textOf} from './query.ts';
import {DEPLOYMENT_RESULT} from './schemas.ts';
import type {ShownApp} from './shown-app.ts';
import {APP_TASK_ROUTES} from './tasks.ts';

type Json = Record<string, unknown>;

const LIST_EMBEDS = ['counts', 'deployments'];
const ONE_APP_EMBEDS = [...LIST_EMBEDS, 'tasks', 'lastTaskFailure'];

const LEADER = {answeredBy: 'leader-by-proxy'} as const;
const VIEW = {...LEADER, method: 'GET', permission: 'view', body: NO_BODY} as const;
const CHANGE = {...LEADER, permission: 'change-apps', answer: DEPLOYMENT_RESULT} as const;
const APP_BODY = {kind: 'json', schema: MARATHON_APPS.spec} as const;
const APPS_BODY = {kind: 'json', schema: Type.Array(MARATHON_APPS.spec)} as const;
const {force, embed, partialUpdate} = QUERY;

/** Everything below /v2/apps. Ids are paths, so resources are told apart by the last segments. */
export const APP_ROUTES: readonly MarathonRoute[] = [
  {
    ...VIEW,
    path: '/v2/apps',
    does: 'Lists the apps that all filters fit.',
    query: {cmd: 'A part of the command.', id: 'A part of the id.', label: 'A label selector.', embed},
    handle: listApps,
  },
  {
    ...CHANGE,
    method: 'POST',
    path: '/v2/apps',
    does: 'Creates an app.',
    body: APP_BODY,
    query: {force},
    answer: MARATHON_APPS.spec,
    handle: async (exchange, {apps}) => {
      const {request, response, body} = exchange;
      created(apps, response, await apps.create(body, flagOf(request, 'force'), originOf(exchange)));
    },
  },
  {
    ...CHANGE,
    method: 'PUT',
    path: '/v2/apps',
    does: 'Changes or creates several apps as one deployment.',
    body: APPS_BODY,
    query: {force, partialUpdate},
    handle: updateAll,
  },
  {
    ...CHANGE,
    method: 'PATCH',
    path: '/v2/apps',
    does: 'Changes several apps as one deployment.',
    body: APPS_BODY,
    query: {force},
    handle: updateAll,
  },
  {
    ...VIEW,
    path: '/v2/apps/{group*}/*',
    does: 'Lists the apps of a group, at any depth.',
    query: {embed},
    handle: listGroup,
  },
  {
    ...CHANGE,
    method: 'POST',
    path: '/v2/apps/{id+}/restart',
    does: 'Replaces all tasks of an app.',
    body: NO_BODY,
    query: {force},
    handle: async ({request, response, params: {id = ''}}, {apps}) =>
      finish(response, await apps.restart(id, flagOf(request, 'force'))),
  },
  ...APP_TASK_ROUTES,
  {...VIEW, path: '/v2/apps/{id+}/versions', does: 'Lists the versions of an app.', handle: versions},
  {
    ...VIEW,
    path: '/v2/apps/{id+}/versions/{version}',
    does: 'Shows an app as it was in a version.',
    answer: MARATHON_APPS.spec,
    handle: version,
  },
  {
    ...VIEW,
    path: '/v2/apps/{id+}',
    does: 'Shows an app.',
    query: {embed},
    answer: Type.Object({app: MARATHON_APPS.spec}),
    handle: showApp,
  },
  {
    ...CHANGE,
    method: 'PUT',
    path: '/v2/apps/{id+}',
    does: 'Changes or creates an app. Our extension: `application/merge-patch+json` merges, and `null` unsets a field.',
    body: APP_BODY,
    query: {force, partialUpdate},
    handle: updateOne,
  },
  {
    ...CHANGE,
    method: 'PATCH',
    path: '/v2/apps/{id+}',
    does: 'Changes an app that is there. Our extension: `application/merge-patch+json` merges, and `null` unsets a field.',
    body: APP_BODY,
    query: {force},
    handle: updateOne,
  },
  {
    ...CHANGE,
    method: 'DELETE',
    path: '/v2/apps/{id+}',
    does: 'Deletes an app with its tasks.',
    body: NO_BODY,
    query: {force: `${force} The default is true.`},
    handle: async ({request, response, params: {id = ''}}, {apps}) =>
      finish(response, await apps.remove(id, flagOf(request, 'force', true))),
  },
];

function showApp({request, response, params: {id = ''}}: Exchange, {apps, access}: MarathonDoors): void {
  const found = apps.find(id);
  if (!found.ok) return fail(response, found.error);
  const embeds = embedsOf(request, ONE_APP_EMBEDS);
  response.json({app: appInfo(found.value, {embeds, nowMs: access.nowMs()})});
}

function listApps({request, response}: Exchange, {apps, access}: MarathonDoors): void {
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

function listGroup({request, response, params: {group = ''}}: Exchange, {apps, access}: MarathonDoors): void {
  const inside = apps.inGroup(group);
  if (!inside.ok) return fail(response, inside.error);
  response.json({'*': infosOf(inside.value, access, request)});
}

function infosOf(listed: readonly ShownApp[], access: MarathonAccess, request: Request): Json[] {
  const options = {embeds: embedsOf(request, LIST_EMBEDS), nowMs: access.nowMs()};
  return listed.map(app => appInfo(app, options));
}

const originOf = ({request, caller}: Exchange): Origin => ({clientIp: caller.address ?? '', uri: request.originalUrl});

const modeOf = (exchange: Exchange): UpdateMode => ({
  partial: exchange.request.method === 'PATCH' || flagOf(exchange.request, 'partialUpdate', true),
  upsert: exchange.request.method === 'PUT',
  force: flagOf(exchange.request, 'force'),
  origin: originOf(exchange),
});

const MERGE_PATCH = 'application/merge-patch+json';

async function updateOne(exchange: Exchange, {apps}: MarathonDoors): Promise<void> {
  const {request, response, params, body} = exchange;
  const {id = ''} = params;
  const isPatch = request.is(MERGE_PATCH) !== false;
  const mode = modeOf(exchange);
  finish(response, await (isPatch ? apps.merge(id, body, mode) : apps.update(id, body, mode)));
}

async function updateAll(exchange: Exchange, {apps}: MarathonDoors): Promise<void> {
  const {response, body} = exchange;
  if (!Array.isArray(body)) {
    return fail(response, {kind: 'wrong-types', violations: [{path: '/', errors: ['error.expected.jsarray']}]});
  }
  const tooMany = checkLimit('appsInChange', body.length);
  if (tooMany !== undefined) return fail(response, {kind: 'bad-parameter', message: explainTooMuch(tooMany)});
  finish(response, await apps.updateAll(body, modeOf(exchange)));
}

/** Marathon answers before the app has a `versionInfo` or a task. */
function created(apps: AppsService, response: Response, outcome: Outcome<ChangeResult>): void {
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

async function versions({response, params: {id = ''}}: Exchange, {apps}: MarathonDoors): Promise<void> {
  const found = await apps.versions(id);
  if (found.ok) response.json({versions: found.value});
  else fail(response, found.error);
}

async function version({response, params}: Exchange, {apps}: MarathonDoors): Promise<void> {
  const found = await apps.version(params['id'] ?? '', params['version'] ?? '');
  if (!found.ok) return fail(response, found.error);
  const {definition, kept} = found.value;
  const {version, lastScalingAt, lastConfigChangeAt} = kept;
  response.json({
    ...appJson(definition, kept.servicePorts, version),
    versionInfo: {lastScalingAt, lastConfigChangeAt},
  });
}
