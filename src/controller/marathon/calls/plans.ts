import {err, ok, type Result} from '../../../lib/result.ts';
import {normaliseApp} from '../core/apps/app.ts';
import type {PlannedApp} from '../core/deployments/planned.ts';
import type {AppId} from '../core/ids.ts';
import {appOf} from '../core/state.ts';
import {changeApp, type CallsOptions, type Change, type ChangeError, type Stamp} from './changes.ts';

/** One of several apps that a change concerns. */
export type PlannedEdit<E> = Pick<Change<E>, 'id' | 'edit'>;

/**
 * Writes a change of several apps as one deployment: it is planned first, so that apps that depend on each other begin
 * one after the other. Ends at the first app that can't be written; those before it stay changed.
 */
export async function changeApps<E>(
  options: CallsOptions,
  edits: readonly PlannedEdit<E>[],
  force: boolean,
  stamp: Stamp,
): Promise<Result<void, ChangeError<E>>> {
  const planned: PlannedApp[] = [];
  for (const {id, edit} of edits) {
    const plan = planEdit(options, id, edit);
    if (!plan.ok) return err({kind: 'refused', error: plan.error});
    if (plan.value !== undefined) planned.push(plan.value);
  }
  const {version, deploymentId} = stamp;
  options.post({kind: 'plan-deployment', id: deploymentId, version, apps: planned});
  const left = edits.map(({id}) => id);
  for (const {id, edit} of edits) {
    const changed = await changeApp(options, {id, edit, force, stamp});
    if (!changed.ok) {
      options.post({kind: 'plan-written', id: deploymentId, failed: left});
      return changed;
    }
    left.shift();
  }
  options.post({kind: 'plan-written', id: deploymentId, failed: []});
  return ok(undefined);
}

function planEdit<E>(
  {state, defaults}: CallsOptions,
  id: AppId,
  edit: Change<E>['edit'],
): Result<PlannedApp | undefined, E> {
  const now = state();
  const object = now === undefined ? undefined : appOf(now, id)?.object;
  const present = object?.deleting === false && object.definition.ok ? object.definition.value.spec : undefined;
  const edited = edit(present);
  if (!edited.ok) return edited;
  if (edited.value.kind === 'delete') return ok({app: id, definition: undefined});
  if (edited.value.kind === 'restart') return ok(undefined);
  const definition = normaliseApp(id, edited.value.spec, defaults);
  return ok(definition.ok ? {app: id, definition: definition.value} : undefined);
}
