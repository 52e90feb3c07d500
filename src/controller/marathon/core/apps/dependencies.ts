import {resolvePath, toAppId, type AppId} from '../ids.ts';

/** Apps and groups that an app depends on, as paths, absolute or relative to it; undefined: no such app. */
export type DependenciesOf = (id: AppId) => readonly string[] | undefined;

/** The apps that an app depends on. A group stands for every app inside. */
function targetsOf(id: AppId, ids: readonly AppId[], dependenciesOf: DependenciesOf): readonly AppId[] {
  const paths = (dependenciesOf(id) ?? []).map(path => toAppId(resolvePath(path, id)));
  if (paths.length === 0) return [];
  return ids.filter(other => paths.some(path => other === path || other.startsWith(`${path}/`)));
}

/** Whether an app would depend on itself, directly or through others. */
export function hasCycle(start: AppId, ids: readonly AppId[], dependenciesOf: DependenciesOf): boolean {
  const seen = new Set<AppId>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const next = targetsOf(id, ids, dependenciesOf);
    if (next.includes(start)) return true;
    for (const other of next) if (!seen.has(other)) open.push(other);
    for (const other of next) seen.add(other);
  }
  return false;
}

/** For each app the length of the longest chain of dependencies below it. What lies on a cycle counts as 0 there. */
export function layersOf(ids: readonly AppId[], dependenciesOf: DependenciesOf): (id: AppId) => number {
  const layers = new Map<AppId, number>();
  const visit = (id: AppId): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    layers.set(id, 0);
    const below = targetsOf(id, ids, dependenciesOf).map(visit);
    const layer = below.length === 0 ? 0 : 1 + Math.max(...below);
    layers.set(id, layer);
    return layer;
  };
  return visit;
}
