import {ancestorsOf, type AppId} from '../ids.ts';
import {appOf, groupOf, type App, type MarathonState} from '../state.ts';
import type {AppDefinition} from './app.ts';
import {followDependencies} from '../groups/dependencies.ts';
import {graphInForce} from '../groups/graph.ts';
import type {GroupDefinition} from '../groups/group.ts';

/** Words for a user, as Marathon has them. */
export const SAME_ID = 'Groups and Applications may not have the same identifier.';
export const CYCLE = 'Dependency graph has cyclic dependencies.';

/** @returns whether an app of this id would be the group of other apps, or have an app for its group */
export const sharesIdWithGroup = (id: AppId, isApp: (id: AppId) => boolean, isGroup: (id: AppId) => boolean): boolean =>
  isGroup(id) || ancestorsOf(id).some(isApp);

/** The role that the top-level group around an app enforces, which is the group's name. */
export function enforcedRole(id: AppId, groupOf: (id: AppId) => GroupDefinition | undefined): string | undefined {
  const [top] = ancestorsOf(id);
  return top !== undefined && groupOf(top)?.enforceRole === true ? top.slice(1) : undefined;
}

/** The default role, the name of the top-level group, and the role that the app has. */
export function allowedRoles(id: AppId, defaultRole: string, held: string | undefined): readonly string[] {
  const [top] = ancestorsOf(id);
  const group = top === undefined ? [] : [top.slice(1)];
  return [...new Set([defaultRole, ...group, ...(held === undefined ? [] : [held])])];
}

/**
 * What forbids an app beside the others, whoever wrote its object. An app that is in force is in nobody's way but
 * that of later ones.
 */
export function ruleProblem(state: MarathonState, app: App, definition: AppDefinition): string | undefined {
  const {id} = app.object;
  const isInWay = (other: AppId): boolean => {
    const owner = appOf(state, other);
    return owner !== undefined && owner !== app && isInForce(owner);
  };
  const isGroup = (group: AppId): boolean => {
    const inside = state.groups.get(group);
    return inside !== undefined && [...inside].some(isInWay);
  };
  if (!isInForce(app) && sharesIdWithGroup(id, isInWay, isGroup)) return SAME_ID;
  return isCyclic(state, app, definition) ? CYCLE : roleProblem(state, app, definition);
}

/** An app that has its role already may keep it: the group may have begun to enforce its own later. */
function roleProblem(state: MarathonState, app: App, {role}: AppDefinition): string | undefined {
  const {id, status, config} = app.object;
  const enforced = enforcedRole(id, group => groupOf(state, group)?.definition);
  const hasItAlready = app.definition === undefined ? status?.configHash === config : app.definition.role === role;
  return enforced === undefined || enforced === role || hasItAlready
    ? undefined
    : `/role: ${wrongRole(role, [enforced])}`;
}

export const wrongRole = (role: string, allowed: readonly string[]): string =>
  `got ${role}, expected one of: [${allowed.join(', ')}]`;

const isInForce = ({definition, waitsForStep}: App): boolean => definition !== undefined || waitsForStep;

function isCyclic(state: MarathonState, {object, deployment}: App, definition: AppDefinition): boolean {
  // A plan of several apps was checked as a whole; while it is written there may be cycles that are not in its result.
  const isPlanned = deployment !== undefined && deployment.id === object.deploymentId;
  if (isPlanned) return false;
  const graph = graphInForce(state, {apps: new Map([[object.id, definition]]), groups: new Map()});
  return followDependencies([object.id], graph).isCyclic;
}

/** Files an id under its groups, at every depth. */
export function fileInGroups({groups}: MarathonState, id: AppId): void {
  for (const group of ancestorsOf(id)) groups.set(group, (groups.get(group) ?? new Set()).add(id));
}

export function removeFromGroups({groups}: MarathonState, id: AppId): void {
  for (const group of ancestorsOf(id)) {
    const inside = groups.get(group);
    inside?.delete(id);
    if (inside?.size === 0) groups.delete(group);
  }
}
