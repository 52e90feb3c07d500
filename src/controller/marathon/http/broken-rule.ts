import {CYCLE, SAME_ID, sharesIdWithGroup} from '../core/apps/rules.ts';
import type {Planned} from '../core/groups/graph.ts';
import {ancestorsOf, type AppId} from '../core/ids.ts';
import type {MarathonAccess} from './marathon-access.ts';

/** What forbids a change beside everything that it leaves as it is, in Marathon's words. */
export function brokenRule(access: MarathonAccess, planned: Planned): string | undefined {
  if (sharesIds(access, planned)) return SAME_ID;
  return access.isCyclic(planned) ? CYCLE : undefined;
}

function sharesIds(access: MarathonAccess, {apps, groups}: Planned): boolean {
  const stays = (id: AppId): boolean => (apps.has(id) ? apps.get(id) !== undefined : access.app(id) !== undefined);
  const named = [...groups].flatMap(([id, dependencies]) => (dependencies === undefined ? [] : [id]));
  const wanted = [...apps].flatMap(([id, definition]) => (definition === undefined ? [] : [id]));
  const made = new Set([...wanted, ...named].flatMap(ancestorsOf));
  const isGroup = (id: AppId): boolean =>
    made.has(id) || access.appsIn(id).some(({object}) => stays(object.id)) || hasGroups(access, id, groups);
  return (
    wanted.some(id => sharesIdWithGroup(id, stays, isGroup)) || named.some(id => [id, ...ancestorsOf(id)].some(stays))
  );
}

/** Groups that are there by objects of their own. */
const hasGroups = (access: MarathonAccess, id: AppId, planned: Planned['groups']): boolean =>
  access.groups().some(({object}) => object.id.startsWith(`${id}/`) && !planned.has(object.id));
