import {err, ok, type Result} from '../../../lib/result.ts';
import type {FormerApp} from '../core/deployments/deployment.ts';
import type {AppId} from '../core/ids.ts';
import {appOf} from '../core/state.ts';
import {newStamp, type CallsOptions, type ChangeError, type Edit, type Stamp} from './change-app.ts';
import {changeApps, type PlannedEdit} from './plans.ts';

/** `unknown-before`: what was there is not kept. */
export type RevertError = {readonly kind: 'missing'} | {readonly kind: 'unknown-before'} | ChangeError<never>;

/** For how long an app that is made again waits for the end of the tasks of the former one. */
const LEAVING_MS = 3_600_000;

/**
 * Takes a deployment back with another one: what it changed or removed becomes what it was, what it added goes. What
 * others have changed since stays.
 */
export async function revertDeployment(options: CallsOptions, id: string): Promise<Result<Stamp, RevertError>> {
  const state = options.state();
  const deployment = state?.deployments.get(id);
  if (state === undefined || deployment === undefined) return err({kind: 'missing'});
  const {before} = deployment;
  if (before === undefined) return err({kind: 'unknown-before'});
  const known = [...before.apps.keys()].flatMap(app => appOf(state, app) ?? []);
  const stamp = newStamp(options, known);
  const isThere = (app: AppId): boolean => appOf(state, app) !== undefined;
  const apps = [...before.apps].flatMap(([app, former]): PlannedEdit<never>[] =>
    former === undefined && !isThere(app) ? [] : [{id: app, edit: editTo(former), leavingMs: LEAVING_MS}],
  );
  const groups = [...before.groups].map(([group, spec]) => ({id: group, spec}));
  const written = changeApps<never>(options, {apps, groups, reverts: id}, true, stamp);
  // Nobody waits for tasks that take long to end.
  if (known.some(({object}) => object.deleting)) return ok(stamp);
  const done = await written;
  return done.ok ? ok(stamp) : done;
}

const editTo =
  (former: FormerApp | undefined) =>
  (current: unknown): Result<Edit, never> => {
    if (former === undefined) return ok({kind: 'delete'});
    const {spec, restartedAt} = former;
    return ok({kind: current === undefined ? 'create' : 'replace', spec, restartedAt: {value: restartedAt}});
  };
