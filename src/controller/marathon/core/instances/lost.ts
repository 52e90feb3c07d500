import type {TaskStatus} from '../../../../api/mesos/v1/common.ts';
import {toTaskId} from '../ids.ts';
import {isOld, type App, type Turn} from '../state.ts';
import {tellInstance, tellStatus} from '../tell.ts';
import {isWanted, wantedCount, type Instance} from './instance.ts';

/** An app remembers so many tasks for each instance that it wants. */
const KEPT_FOR_EACH = 2;

/** Its agent was silent for too long. Should the task come back before its replacement runs, it is kept. */
export function rememberLost(turn: Turn, app: App, instance: Instance): void {
  if (instance.task === undefined || isOld(app, instance) || app.definition === undefined) return;
  const {lost} = turn.state;
  lost.set(instance.task.taskId, {app: app.object.name, instance});
  app.lost.add(instance.task.taskId);
  for (const taskId of app.lost) {
    if (app.lost.size <= app.definition.instances * KEPT_FOR_EACH) return;
    app.lost.delete(taskId);
    lost.delete(taskId);
  }
}

/**
 * Takes back a task that was given up and runs, while the app has fewer running than it wants: what runs is worth more
 * than what only starts. The surplus goes when the app is driven, and what does not run goes first.
 *
 * @returns false when nobody wants it
 */
export function takeBack(turn: Turn, status: TaskStatus): boolean {
  const {state} = turn;
  const taskId = toTaskId(status.task_id.value);
  const found = state.lost.get(taskId);
  const app = found === undefined ? undefined : state.apps.get(found.app);
  if (found === undefined || app === undefined || status.state !== 'TASK_RUNNING') return false;
  const {instance} = found;
  if (app.instances.has(instance.id) || isOld(app, instance) || !isShort(app)) return false;
  forgetLost(turn, app, taskId);
  const {unreachableAtMs: _unreachable, ...task} = instance.task ?? {};
  Object.assign(instance, {goal: 'Running', condition: 'Running', sinceMs: turn.nowMs, task});
  app.instances.set(instance.id, instance);
  tellInstance(turn, app, instance, 'Running');
  tellStatus(turn, app, instance, status);
  state.tasks.set(taskId, {app: app.object.name, instance: instance.id});
  turn.touched.add(app);
  return true;
}

export function forgetLost({state}: Turn, app: App, ...taskIds: readonly ReturnType<typeof toTaskId>[]): void {
  for (const taskId of taskIds) {
    app.lost.delete(taskId);
    state.lost.delete(taskId);
  }
}

/** It wants more than what runs. */
function isShort(app: App): boolean {
  const wanted = Math.max(app.definition?.instances ?? 0, wantedCount(app));
  const running = [...app.instances.values()].filter(it => isWanted(it) && it.condition === 'Running').length;
  return app.definition !== undefined && running < wanted;
}
