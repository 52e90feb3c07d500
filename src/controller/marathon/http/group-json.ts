import {ancestorsOf, toAppId, type AppId} from '../core/ids.ts';
import {appInfo, type InfoOptions} from './app-json.ts';
import type {MarathonAccess} from './marathon-access.ts';
import {type ShownApp, shownApp} from './shown-app.ts';

type Json = Record<string, unknown>;

/** What of a group is shown: `group.apps`, `group.groups`, `group.pods`, and of each app what `embeds` says. */
export type GroupOptions = InfoOptions;

/** What GET shows when nothing is asked for. */
export const GROUP_EMBEDS: ReadonlySet<string> = new Set(['group.apps', 'group.groups', 'group.pods']);

/** A group as /v2 shows it, with everything inside. */
export function groupJson(access: MarathonAccess, id: AppId, options: GroupOptions): Json {
  const tree = treeOf(access, id);
  const show = (group: AppId): Json => {
    const {apps, groups} = tree.get(group) ?? {apps: [], groups: new Set<AppId>()};
    const {embeds} = options;
    const {dependencies = [], enforceRole} = access.group(group)?.definition ?? {};
    const isTop = group !== '/' && ancestorsOf(group).length === 0;
    return {
      id: group,
      ...(embeds.has('group.apps') ? {apps: apps.map(app => appInfo(app, options))} : {}),
      ...(embeds.has('group.pods') ? {pods: []} : {}),
      ...(embeds.has('group.groups') ? {groups: [...groups].toSorted().map(show)} : {}),
      dependencies,
      version: access.groupVersion(group),
      ...(isTop ? {enforceRole: enforceRole ?? false} : {}),
    };
  };
  return show(id);
}

type Node = {readonly apps: ShownApp[]; readonly groups: Set<AppId>};

/** What lies directly in each group at or below one. */
function treeOf(access: MarathonAccess, top: AppId): ReadonlyMap<AppId, Node> {
  const tree = new Map<AppId, Node>();
  const nodeOf = (id: AppId): Node => {
    const known = tree.get(id) ?? {apps: [], groups: new Set()};
    tree.set(id, known);
    return known;
  };
  const fileGroup = (id: AppId): void => {
    const path = [toAppId('/'), ...ancestorsOf(id), id];
    for (const [index, group] of path.entries()) {
      const inner = path[index + 1];
      if (inner !== undefined && inner !== '/') nodeOf(group).groups.add(inner);
    }
  };
  for (const {object} of access.groups()) if (isAtOrBelow(object.id, top)) fileGroup(object.id);
  const inside = access.appsIn(top).flatMap(app => shownApp(app) ?? []);
  for (const app of inside.toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1))) {
    const parent = parentOf(app.definition.id);
    fileGroup(parent);
    nodeOf(parent).apps.push(app);
  }
  return tree;
}

/** The group that an app or a group lies in. */
export const parentOf = (id: AppId): AppId => ancestorsOf(id).at(-1) ?? toAppId('/');

export const isAtOrBelow = (id: AppId, group: AppId): boolean =>
  group === '/' || id === group || id.startsWith(`${group}/`);
