import {err, type Result} from '../../../../lib/result.ts';
import {reconsiderForbidden} from '../apps/forbidden.ts';
import {CYCLE, SAME_ID} from '../apps/rules.ts';
import {ancestorsOf, type AppId} from '../ids.ts';
import {appOf, groupOf, type App, type MarathonState, type Turn} from '../state.ts';
import {followDependencies} from './dependencies.ts';
import {graphInForce} from './graph.ts';
import type {Group, GroupDefinition, GroupObject} from './group.ts';

export function onGroupSeen(turn: Turn, object: GroupObject): void {
  const {groupObjects, groupClaims, ready} = turn.state;
  const known = groupObjects.get(object.name);
  const isSame = known !== undefined && known.object.uid === object.uid;
  const group: Group = isSame ? known : {object, definition: undefined, problem: undefined};
  group.object = object;
  groupObjects.set(object.name, group);
  groupClaims.set(object.id, (groupClaims.get(object.id) ?? new Set()).add(object.name));
  if (ready) considerGroup(turn, group);
}

export function onGroupGone(turn: Turn, name: string, uid: string): void {
  const {groupObjects, groupClaims, blockedGroups} = turn.state;
  const group = groupObjects.get(name);
  if (group === undefined || group.object.uid !== uid) return;
  groupObjects.delete(name);
  const {id} = group.object;
  const claims = groupClaims.get(id);
  claims?.delete(name);
  if (claims?.size === 0) groupClaims.delete(id);
  turn.groups.add(id);
  blockedGroups.delete(name);
  reconsiderForbidden(turn);
}

/** Puts what the object says in force, unless a rule forbids it beside the others. */
export function considerGroup(turn: Turn, group: Group): void {
  const {object} = group;
  turn.groups.add(object.id);
  const before = group.definition;
  const allowed = allowedOf(turn.state, group);
  group.problem = allowed.ok ? undefined : allowed.error;
  group.definition = allowed.ok ? allowed.value : undefined;
  if (allowed.ok) turn.state.blockedGroups.delete(object.name);
  else turn.state.blockedGroups.add(object.name);
  if (JSON.stringify(before) !== JSON.stringify(group.definition)) reconsiderForbidden(turn);
}

/** What the object says, or why it can't be in force. */
function allowedOf(state: MarathonState, group: Group): Result<GroupDefinition, string> {
  const {definition} = group.object;
  const problem = definition.ok ? problemOf(state, group, definition.value) : undefined;
  return problem === undefined ? definition : err(problem);
}

function problemOf(state: MarathonState, {object}: Group, {dependencies}: GroupDefinition): string | undefined {
  const {id, name} = object;
  const owner = groupOf(state, id)?.object.name ?? name;
  if (owner !== name) return `${id} belongs to the older MarathonGroup ${owner}`;
  if (appOf(state, id)?.definition !== undefined) return SAME_ID;
  return isCyclic(state, id, dependencies) ? CYCLE : undefined;
}

function isCyclic(state: MarathonState, id: AppId, dependencies: readonly AppId[]): boolean {
  if (dependencies.length === 0) return false;
  const graph = graphInForce(state, {apps: new Map(), groups: new Map([[id, dependencies]])});
  return followDependencies(graph.inside(id), graph).isCyclic;
}

/** Groups of which something else may be said now that apps have changed. @returns those that have an object */
export function noteGroups({state, groups}: Turn, apps: Iterable<App>): readonly AppId[] {
  if (state.groupClaims.size === 0) return [];
  for (const {object} of apps) for (const group of ancestorsOf(object.id)) groups.add(group);
  return [...groups].filter(group => state.groupClaims.has(group));
}

/** An app has come into force: a group of the same id, which is empty, has to give way. */
export function giveWay({state, reconsiderGroups}: Turn, id: AppId): void {
  const group = groupOf(state, id);
  if (group !== undefined) reconsiderGroups.add(group);
}

/** What was in force under the earlier leader comes into force before the apps are looked at, the rest after them. */
export const groupsToRestore = ({groupObjects}: MarathonState, wereInForce: boolean): readonly Group[] =>
  [...groupObjects.values()].filter(({object}) => wasInForce(object) === wereInForce);

const wasInForce = ({status, generation}: GroupObject): boolean =>
  status?.observedGeneration === generation && status.conditions?.some(({reason}) => reason !== 'InvalidSpec') === true;
