import {err, ok, type Result} from '../../../lib/result.ts';
import {normaliseApp} from '../core/apps/app.ts';
import type {DeploymentStep} from '../core/deployments/deployment.ts';
import {planOf} from '../core/deployments/planned.ts';
import type {PlannedApp, PlannedGroup} from '../core/deployments/planned-change.ts';
import {groupDefinition} from '../core/groups/group-object.ts';
import type {AppId} from '../core/ids.ts';
import {appOf} from '../core/state.ts';
import {createBreath} from '../../runtime/breath.ts';
import {changeApp, isFull, type CallsOptions, type Change, type ChangeError, type Stamp} from './change-app.ts';
import {changeGroup, type GroupEdit} from './change-group.ts';

/** What one change makes of several apps and groups. */
export type PlannedEdits<E> = {
  readonly apps: readonly PlannedEdit<E>[];
  readonly groups: readonly GroupEdit[];
  /** The deployment that this change takes back. */
  readonly reverts?: string;
};

export type PlannedEdit<E> = Pick<Change<E>, 'id' | 'edit' | 'leavingMs'>;

/** As many as the outbox writes at a time. */
const WRITES_AT_ONCE = 16;

/**
 * Writes a change of several apps as one deployment: it is planned first, so that apps that depend on each other begin
 * one after the other. Begins no further write once one has failed; what was written stays.
 */
export async function changeApps<E>(
  options: CallsOptions,
  {apps, groups, reverts}: PlannedEdits<E>,
  force: boolean,
  stamp: Stamp,
): Promise<Result<void, ChangeError<E>>> {
  const planned = await planEdits(options, apps);
  if (!planned.ok) return planned;
  if (isFull(options)) return err({kind: 'too-many-deployments', most: options.mostDeployments});
  const {version, deploymentId: id} = stamp;
  options.post({kind: 'plan-deployment', id, version, apps: planned.value, groups: groups.map(plannedGroup), reverts});
  const left = new Set(apps.map(edit => edit.id));
  const write = async ({id: app, edit, leavingMs}: PlannedEdit<E>): Promise<Result<unknown, ChangeError<E>>> => {
    const changed = await changeApp(options, {id: app, edit, force, stamp, leavingMs});
    if (changed.ok) left.delete(app);
    return changed;
  };
  const there = groups.filter(({spec}) => spec !== undefined);
  const gone = groups.filter(({spec}) => spec === undefined);
  // A group's rules hold for the apps that come with it, and until the last of those that go with it has gone.
  const done =
    (await firstError(there, group => changeGroup<E>(options, group, stamp))) ??
    (await firstError(apps, write)) ??
    (await firstError(gone, group => changeGroup<E>(options, group, stamp)));
  options.post({kind: 'plan-written', id, failed: [...left]});
  return done === undefined ? ok(undefined) : err(done);
}

const plannedGroup = ({id, spec}: GroupEdit): PlannedGroup => {
  const definition = spec && groupDefinition(id, spec);
  return {group: id, dependencies: definition?.ok === true ? definition.value.dependencies : undefined};
};

/** Several at a time; none begins after an error. */
async function firstError<T, E>(
  items: readonly T[],
  write: (item: T) => Promise<Result<unknown, E>>,
): Promise<E | undefined> {
  const rest = items.values();
  let error: E | undefined;
  const writer = async (): Promise<void> => {
    for (const item of rest) {
      const written = await write(item);
      if (!written.ok) error ??= written.error;
      if (error !== undefined) return;
    }
  };
  await Promise.all(Array.from({length: WRITES_AT_ONCE}, writer));
  return error;
}

/** The steps of a change, which is not made. */
export async function planChange<E>(
  options: Pick<CallsOptions, 'state' | 'defaults'>,
  {apps, groups}: PlannedEdits<E>,
): Promise<Result<readonly DeploymentStep[], ChangeError<E>>> {
  const planned = await planEdits(options, apps);
  if (!planned.ok) return planned;
  const state = options.state();
  return ok(state === undefined ? [] : planOf(state, planned.value, groups.map(plannedGroup)));
}

/** What edits make of the apps as they are now. */
async function planEdits<E>(
  options: Pick<CallsOptions, 'state' | 'defaults'>,
  edits: readonly PlannedEdit<E>[],
): Promise<Result<readonly PlannedApp[], ChangeError<E>>> {
  const planned: PlannedApp[] = [];
  const breath = createBreath();
  for (const {id, edit} of edits) {
    await breath();
    const plan = planEdit(options, id, edit);
    if (!plan.ok) return err({kind: 'refused', error: plan.error});
    if (plan.value !== undefined) planned.push(plan.value);
  }
  return ok(planned);
}

function planEdit<E>(
  {state, defaults}: Pick<CallsOptions, 'state' | 'defaults'>,
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
  const {restartedAt} = edited.value;
  return ok(definition.ok ? {app: id, definition: definition.value, restartedAt} : undefined);
}
