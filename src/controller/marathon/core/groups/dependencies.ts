import {ancestorsOf, resolvePath, toAppId, type AppId} from '../ids.ts';

/** Who is there and what they name, looked up by id: what following it costs does not grow with the others. */
export type DependencyGraph = {
  /** Apps and groups that an app names, as paths, absolute or relative to it; undefined: no such app. */
  readonly namedByApp: (id: AppId) => readonly string[] | undefined;
  /** The same of a group, which names them for all its apps. */
  readonly namedByGroup: (id: AppId) => readonly string[] | undefined;
  /** Apps inside a group at any depth. */
  readonly inside: (group: AppId) => Iterable<AppId>;
};

export type Dependencies = {
  /** Length of the longest chain of dependencies below an app. What lies on a cycle counts as 0 there. */
  readonly layerOf: (id: AppId) => number;
  /** An app depends on itself, directly or through others. */
  readonly isCyclic: boolean;
};

/** What an app depends on by its own definition and by the groups around it: ids of apps and groups. */
function targetsOf(id: AppId, {namedByApp, namedByGroup}: DependencyGraph): readonly AppId[] {
  const named = (paths: readonly string[] | undefined, base: AppId): AppId[] =>
    (paths ?? []).map(path => toAppId(resolvePath(path, base)));
  const around = ancestorsOf(id).flatMap(group => named(namedByGroup(group), group));
  return [...new Set([...named(namedByApp(id), id), ...around])];
}

/** An app, or a group that stands for every app inside: it is one node, however many depend on it. */
type Node = {readonly id: AppId; readonly isGroup: boolean};
type Visit = {readonly node: Node; readonly next: Iterator<Node, void>; layer: number};

/** Follows what these apps depend on. Without recursion, as chains may be as long as there are apps. */
export function followDependencies(starts: Iterable<AppId>, graph: DependencyGraph): Dependencies {
  const layers = new Map<string, number>();
  const open = new Set<string>();
  const path: Visit[] = [];
  let isCyclic = false;
  const visit = (node: Node): void => {
    open.add(keyOf(node));
    path.push({node, next: neighbours(node, graph), layer: 0});
  };
  for (const id of starts) {
    if (!layers.has(id)) visit({id, isGroup: false});
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const {value: node} = last.next.next();
      if (node === undefined) {
        path.pop();
        open.delete(keyOf(last.node));
        layers.set(keyOf(last.node), last.layer);
        raise(path.at(-1), last.layer);
        continue;
      }
      const known = layers.get(keyOf(node));
      if (known !== undefined) raise(last, known);
      else if (open.has(keyOf(node))) isCyclic = true;
      else visit(node);
    }
  }
  return {layerOf: id => layers.get(id) ?? 0, isCyclic};
}

const keyOf = ({id, isGroup}: Node): string => (isGroup ? `${id}/` : id);

/** A group is as high as the highest of its apps, and who depends on something stands above it. */
function raise(visit: Visit | undefined, below: number): void {
  if (visit !== undefined) visit.layer = Math.max(visit.layer, visit.node.isGroup ? below : below + 1);
}

function* neighbours({id, isGroup}: Node, graph: DependencyGraph): Generator<Node, void> {
  const isApp = (other: AppId): boolean => graph.namedByApp(other) !== undefined;
  if (isGroup) {
    for (const app of graph.inside(id)) if (isApp(app)) yield {id: app, isGroup: false};
    return;
  }
  for (const target of targetsOf(id, graph)) {
    if (isApp(target)) yield {id: target, isGroup: false};
    if (Iterator.from(graph.inside(target)).some(isApp)) yield {id: target, isGroup: true};
  }
}
