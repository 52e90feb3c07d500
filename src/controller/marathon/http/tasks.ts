import type {Request} from 'express';
import {Type} from 'typebox';
import {Value} from 'typebox/value';
import {checkJson} from '../../../api/marathon/v2/check-json.ts';
import {checkLimit, explainTooMuch} from '../../../lib/limits.ts';
import {err, ok} from '../../../lib/result.ts';
import {type Exchange, NO_BODY} from '../../web/route.ts';
import {isTaskId} from '../core/ids.ts';
import {endpointsText} from './endpoints-text.ts';
import {fail, finish} from './answers.ts';
import type {AppsService, Outcome} from './apps-service.ts';
import type {MarathonDoors, MarathonRoute} from './marathon-doors.ts';
import {flagOf, QUERY, textOf, textsOf} from './query.ts';
import type {ShownApp} from './shown-app.ts';
import {type KillMode, killTasks, type Victim, victimsOn, victimsWith, victimWith} from './task-kills.ts';
import {tasksOf} from './task-json.ts';

const killMode = (request: Request): KillMode => ({
  scale: flagOf(request, 'scale'),
  wipe: flagOf(request, 'wipe'),
  force: flagOf(request, 'force'),
});

const LEADER = {answeredBy: 'leader-by-proxy'} as const;
const VIEW = {...LEADER, method: 'GET', permission: 'view', body: NO_BODY} as const;
const KILL = {...LEADER, method: 'DELETE', permission: 'change-apps', body: NO_BODY} as const;
const {scale, wipe, force} = QUERY;

/** Tasks of one app. */
export const APP_TASK_ROUTES: readonly MarathonRoute[] = [
  {
    ...VIEW,
    path: '/v2/apps/{id+}/tasks',
    does: 'Lists the tasks of an app, or of a group whose name `/*` follows.',
    handle: ({response, params: {id = ''}}, {apps}) => {
      const found = groupOrApp(apps, id);
      if (!found.ok) return fail(response, found.error);
      response.json({tasks: found.value.flatMap(({app}) => tasksOf(app))});
    },
  },
  {
    ...KILL,
    path: '/v2/apps/{id+}/tasks',
    does: 'Kills the tasks of an app.',
    query: {host: 'Only those on hosts with this in their names.', scale, wipe, force},
    handle: async (exchange, doors) => {
      const {request, response, params} = exchange;
      const found = doors.apps.find(params['id'] ?? '');
      if (!found.ok) return fail(response, found.error);
      await killMany(doors, victimsOn(found.value, textOf(request, 'host')), exchange);
    },
  },
  {
    ...KILL,
    path: '/v2/apps/{id+}/tasks/{taskId}',
    does: 'Kills one task of an app.',
    query: {scale, wipe, force},
    handle: killOne,
  },
];

const STATES: Readonly<Record<string, string>> = {running: 'TASK_RUNNING', staging: 'TASK_STAGING'};
const DELETE_TASKS = Type.Object({ids: Type.Array(Type.String())});

/** Tasks of all apps. */
export const TASK_ROUTES: readonly MarathonRoute[] = [
  {
    ...VIEW,
    path: '/v2/tasks',
    does: 'Lists all tasks; as text, where each service port is answered.',
    answers: ['application/json', 'text/plain'],
    query: {status: '`running` or `staging`; may be repeated. Other words are ignored.'},
    handle: allTasks,
  },
  {
    ...LEADER,
    method: 'POST',
    path: '/v2/tasks/delete',
    does: 'Kills tasks of any apps; those that are gone already are no error.',
    permission: 'change-apps',
    body: {kind: 'json', schema: DELETE_TASKS},
    query: {scale, wipe, force},
    handle: deleteTasks,
  },
];

function groupOrApp(apps: AppsService, path: string): Outcome<readonly ShownApp[]> {
  if (path === '*' || path.endsWith('/*')) return apps.inGroup(path.slice(0, -1));
  const found = apps.find(path);
  return found.ok ? ok([found.value]) : found;
}

async function killOne({request, response, params}: Exchange, {apps, access}: MarathonDoors): Promise<void> {
  const {id = '', taskId = ''} = params;
  const found = apps.find(id);
  if (!found.ok) return fail(response, found.error);
  const victim = victimWith(found.value, taskId);
  if (victim === undefined) return fail(response, {kind: 'task-missing', taskId});
  const killed = await killTasks(apps, access, [victim], killMode(request));
  if (!killed.ok) return fail(response, killed.error);
  if (killed.value.kind === 'scaled') finish(response, ok(killed.value.changed));
  else response.json({task: killed.value.tasks[0]});
}

async function killMany(
  {apps, access}: MarathonDoors,
  victims: readonly Victim[],
  {request, response}: Exchange,
): Promise<void> {
  const killed = await killTasks(apps, access, victims, killMode(request));
  if (!killed.ok) return fail(response, killed.error);
  if (killed.value.kind === 'scaled') finish(response, ok(killed.value.changed));
  else response.json({tasks: killed.value.tasks});
}

function allTasks({request, response}: Exchange, {apps}: MarathonDoors): void {
  const asked = [...textsOf(request, 'status'), ...textsOf(request, 'status[]')];
  const wanted = new Set(asked.flatMap(status => STATES[status] ?? []));
  if (request.accepts(['application/json', 'text/plain']) === 'text/plain') {
    return void response.type('text/plain').send(endpointsText(apps.list()));
  }
  const tasks = apps.list().flatMap(({app}) => tasksOf(app));
  response.json({tasks: tasks.filter(task => wanted.size === 0 || wanted.has(String(task['state'])))});
}

async function deleteTasks(exchange: Exchange, doors: MarathonDoors): Promise<void> {
  const ids = taskIdsOf(exchange.body);
  if (!ids.ok) return fail(exchange.response, ids.error);
  await killMany(doors, victimsWith(doors.apps.list(), ids.value), exchange);
}

function taskIdsOf(body: unknown): Outcome<readonly string[]> {
  if (!Value.Check(DELETE_TASKS, body)) {
    return err({kind: 'wrong-types', violations: checkJson(DELETE_TASKS, body).violations});
  }
  const {ids} = body;
  const tooMany = checkLimit('idsInCall', ids.length);
  if (tooMany !== undefined) return err({kind: 'bad-request', message: explainTooMuch(tooMany)});
  const strange = ids.find(id => !isTaskId(id));
  return strange === undefined ? ok(ids) : err({kind: 'bad-request', message: `Invalid task id '${strange}'.`});
}
