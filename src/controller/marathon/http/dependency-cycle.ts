import {resolvePath} from './path-id.ts';

/** @returns ids of apps and groups that an app depends on, absolute or relative to it; undefined: no such app */
export type DependenciesOf = (id: string) => readonly string[] | undefined;

/** Whether an app would depend on itself, directly or through others. A group stands for every app inside. */
export function hasCycle(start: string, ids: readonly string[], dependenciesOf: DependenciesOf): boolean {
  const seen = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const targets = (dependenciesOf(id) ?? []).map(path => resolvePath(path, id));
    const next = ids.filter(other => targets.some(target => other === target || other.startsWith(`${target}/`)));
    if (next.includes(start)) return true;
    for (const other of next) if (!seen.has(other)) open.push(other);
    for (const other of next) seen.add(other);
  }
  return false;
}
