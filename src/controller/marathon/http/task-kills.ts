import {err, ok} from '../../../lib/result.ts';
import {parseTaskId} from '../core/ids.ts';
import type {Instance} from '../core/instance.ts';
import type {App} from '../core/state.ts';
import type {AppsService, Changed, Outcome, ShownApp} from './apps-service.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {taskJson} from './task-json.ts';

type Json = Record<string, unknown>;

export type KillQuery = {
  readonly taskId: string | undefined;
  readonly host: string | undefined;
  readonly scale: boolean;
  readonly wipe: boolean;
  readonly force: boolean;
};

export type Killed =
  | {readonly kind: 'killed'; readonly tasks: readonly Json[]}
  | {readonly kind: 'scaled'; readonly changed: Changed};

/**
 * DELETE …/tasks: kills tasks of an app. With `scale` the app wants that many fewer, and those named go; else they are
 * replaced.
 */
export async function killTasks(
  apps: AppsService,
  access: MarathonAccess,
  shown: readonly ShownApp[],
  query: KillQuery,
): Promise<Outcome<Killed>> {
  if (query.scale && query.wipe)
    return err({kind: 'bad-request', message: 'You cannot use scale and wipe at the same time.'});
  const victims = shown.flatMap(({app}) => victimsOf(app, query).map(instance => ({app, instance})));
  if (query.taskId !== undefined && victims.length === 0) return err({kind: 'task-missing', taskId: query.taskId});
  const tasks = victims.map(({app, instance}) => taskJson(app, instance)).filter(task => task !== undefined);
  const instanceIds = victims.map(({instance}) => instance.id);
  const [first] = shown;
  if (!query.scale || first === undefined) {
    access.killInstances(instanceIds, false);
    return ok({kind: 'killed', tasks});
  }
  const {app, definition} = first;
  if (app.deployment !== undefined && !query.force)
    return err({kind: 'app-locked', deploymentIds: [app.deployment.id]});
  const instances = Math.max(0, definition.instances - victims.length);
  access.killInstances(instanceIds, true);
  const changed = await apps.update(definition.id, {instances}, {partial: true, upsert: false, force: query.force});
  return changed.ok ? ok({kind: 'scaled', changed: changed.value}) : changed;
}

function victimsOf(app: App, {taskId, host}: KillQuery): Instance[] {
  const instanceId = taskId === undefined ? undefined : parseTaskId(taskId)?.instanceId;
  return [...app.instances.values()].filter(({id, task}) => {
    if (task === undefined) return false;
    if (taskId !== undefined) return task.taskId === taskId || id === instanceId || id === taskId;
    return host === undefined || host === '*' || task.agent.hostname.includes(host);
  });
}
