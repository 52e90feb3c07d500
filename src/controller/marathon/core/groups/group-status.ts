import type {MarathonGroupStatus} from '../../../../crds/marathon-group.ts';
import {appConditions, type ConditionNow} from '../apps/status.ts';
import type {AppId} from '../ids.ts';
import {appOf, groupOf, type ReadonlyApp, type ReadonlyGroup, type ReadonlyMarathon} from '../state.ts';

/** Apps inside a group, at any depth; `/` has all. Not those whose id belongs to an older object. */
export function appsInside(state: ReadonlyMarathon, group: AppId): readonly ReadonlyApp[] {
  const ids = group === '/' ? state.claims.keys() : (state.groups.get(group) ?? []);
  return [...ids].flatMap(id => appOf(state, id) ?? []);
}

/** Never changed, as far as anybody knows. */
const NEVER = new Date(0).toISOString();

/** When the group, or an app inside it, last changed. */
export function groupVersion(state: ReadonlyMarathon, id: AppId): string {
  const group = groupOf(state, id)?.object;
  const own = group?.version ?? (group === undefined ? undefined : withMilliseconds(group.createdAt));
  const versions = appsInside(state, id).flatMap(({versionInfo}) => versionInfo?.version ?? []);
  return [...versions, own ?? NEVER].reduce((latest, version) => (version > latest ? version : latest));
}

const withMilliseconds = (time: string): string => (time === '' ? NEVER : new Date(time).toISOString());

/** What the object's status should say, but for its conditions. */
export const groupStatus = (
  state: ReadonlyMarathon,
  {object}: ReadonlyGroup,
): Omit<MarathonGroupStatus, 'conditions'> => ({
  observedGeneration: object.generation,
  id: object.id,
  apps: appsInside(state, object.id).length,
  version: groupVersion(state, object.id),
});

export function groupCondition(state: ReadonlyMarathon, {object, problem}: ReadonlyGroup, nowMs: number): ConditionNow {
  const type = 'Available';
  if (problem !== undefined) return {type, status: 'False', reason: 'InvalidSpec', message: problem};
  const apps = appsInside(state, object.id);
  const missing = apps.filter(app => !isAvailable(app, nowMs)).map(app => app.object.id);
  const message = `${apps.length - missing.length} of ${apps.length === 1 ? '1 app' : `${apps.length} apps`} available`;
  const [first] = missing.toSorted();
  return first === undefined
    ? {type, status: 'True', reason: 'AppsAvailable', message}
    : {type, status: 'False', reason: 'AppsMissing', message: `${message}: ${first} is not`};
}

const isAvailable = (app: ReadonlyApp, nowMs: number): boolean =>
  appConditions(app, nowMs).some(({type, status}) => type === 'Available' && status === 'True');
