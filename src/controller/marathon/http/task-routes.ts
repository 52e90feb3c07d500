import {Type} from 'typebox';
import {Value} from 'typebox/value';
import type {Request, Response} from 'express';
import {checkJson} from '../../../api/marathon/v2/check-json.ts';
import {err, ok} from '../../../lib/result.ts';
import {parseTaskId} from '../core/ids.ts';
import {fail, finish, type Handlers} from './answers.ts';
import type {AppsService, Outcome} from './apps-service.ts';
import type {ShownApp} from './shown-app.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {flagOf, readBody, textOf, textsOf} from './query.ts';
import {type KillMode, killTasks, type Victim, victimsOn, victimWith} from './task-kills.ts';
import {tasksOf} from './task-json.ts';

const killMode = (request: Request): KillMode => ({
  scale: flagOf(request, 'scale'),
  wipe: flagOf(request, 'wipe'),
  force: flagOf(request, 'force'),
});

/** /v2/apps/{id}/tasks and, with a task's id, /v2/apps/{id}/tasks/{taskId}. */
export function appTaskHandlers(apps: AppsService, access: MarathonAccess, path: string, taskId?: string): Handlers {
  if (taskId !== undefined) {
    return {DELETE: (request, response) => killOne(apps, access, {path, taskId}, request, response)};
  }
  return {
    GET: (_request, response) => {
      const found = groupOrApp(apps, path);
      if (!found.ok) return fail(response, found.error);
      response.json({tasks: found.value.flatMap(({app}) => tasksOf(app))});
    },
    DELETE: async (request, response) => {
      const found = apps.find(path);
      if (!found.ok) return fail(response, found.error);
      await killMany(apps, access, victimsOn(found.value, textOf(request, 'host')), request, response);
    },
  };
}

function groupOrApp(apps: AppsService, path: string): Outcome<readonly ShownApp[]> {
  if (path === '*' || path.endsWith('/*')) return apps.inGroup(path.slice(0, -1));
  const found = apps.find(path);
  return found.ok ? ok([found.value]) : found;
}

async function killOne(
  apps: AppsService,
  access: MarathonAccess,
  {path, taskId}: {readonly path: string; readonly taskId: string},
  request: Request,
  response: Response,
): Promise<void> {
  const found = apps.find(path);
  if (!found.ok) return fail(response, found.error);
  const victim = victimWith(found.value, taskId);
  if (victim === undefined) return fail(response, {kind: 'task-missing', taskId});
  const killed = await killTasks(apps, access, [victim], killMode(request));
  if (!killed.ok) return fail(response, killed.error);
  if (killed.value.kind === 'scaled') finish(response, ok(killed.value.changed));
  else response.json({task: killed.value.tasks[0]});
}

async function killMany(
  apps: AppsService,
  access: MarathonAccess,
  victims: readonly Victim[],
  request: Request,
  response: Response,
): Promise<void> {
  const killed = await killTasks(apps, access, victims, killMode(request));
  if (!killed.ok) return fail(response, killed.error);
  if (killed.value.kind === 'scaled') finish(response, ok(killed.value.changed));
  else response.json({tasks: killed.value.tasks});
}

const STATES: Readonly<Record<string, string>> = {running: 'TASK_RUNNING', staging: 'TASK_STAGING'};

/** GET /v2/tasks; words that are no status are ignored. */
export const allTasks = (apps: AppsService): Handlers => ({
  GET: (request, response) => {
    const asked = [...textsOf(request, 'status'), ...textsOf(request, 'status[]')];
    const wanted = new Set(asked.flatMap(status => STATES[status] ?? []));
    const tasks = apps.list().flatMap(({app}) => tasksOf(app));
    response.json({tasks: tasks.filter(task => wanted.size === 0 || wanted.has(String(task['state'])))});
  },
});

const DELETE_TASKS = Type.Object({ids: Type.Array(Type.String())});

/** POST /v2/tasks/delete: tasks of any apps; those that are gone already are no error. */
export const deleteTasks = (apps: AppsService, access: MarathonAccess): Handlers => ({
  POST: async (request, response) => {
    const ids = taskIdsOf(request);
    if (!ids.ok) return fail(response, ids.error);
    const listed = apps.list();
    const victims = ids.value.flatMap(id => listed.flatMap(app => victimWith(app, id) ?? []));
    await killMany(
      apps,
      access,
      [...new Map(victims.map(victim => [victim.instance.id, victim])).values()],
      request,
      response,
    );
  },
});

function taskIdsOf(request: Request): Outcome<readonly string[]> {
  const body = readBody(request);
  if (!body.ok) return body;
  const {violations} = checkJson(DELETE_TASKS, body.value);
  if (!Value.Check(DELETE_TASKS, body.value)) return err({kind: 'wrong-types', violations});
  const {ids} = body.value;
  const strange = ids.find(id => parseTaskId(id) === undefined);
  return strange === undefined ? ok(ids) : err({kind: 'bad-request', message: `Invalid task id '${strange}'.`});
}
