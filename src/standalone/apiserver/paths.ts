import type {Kind} from './kinds.ts';
import type {Registry} from './registry.ts';

/** What a path under /api or /apis names. */
export type Target = {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
};

/** `/api/v1/namespaces/default/pods/x/log` and the like; undefined when nothing is served there. */
export function parseTarget(registry: Registry, segments: readonly string[]): Target | undefined {
  const [root, ...rest] = segments;
  const [group, version, ...path] = root === 'api' ? ['', ...rest] : root === 'apis' ? rest : [];
  if (group === undefined || version === undefined) return undefined;
  if (path[0] === 'namespaces' && path[1] !== undefined && path[2] !== undefined && !isNamespacePart(group, path)) {
    return targetOf(registry.find(group, version, path[2]), path[1], path.slice(3), true);
  }
  return targetOf(registry.find(group, version, path[0] ?? ''), undefined, path.slice(1), false);
}

/** `/api/v1/namespaces/x/status` is a part of the namespace, not a collection in it. */
const isNamespacePart = (group: string, path: readonly string[]): boolean =>
  group === '' && path.length === 3 && (path[2] === 'status' || path[2] === 'finalize');

function targetOf(
  kind: Kind | undefined,
  namespace: string | undefined,
  rest: readonly string[],
  inNamespace: boolean,
): Target | undefined {
  const [name, subresource, ...more] = rest;
  if (kind === undefined || more.length > 0 || (inNamespace && !kind.namespaced)) return undefined;
  if (!inNamespace && kind.namespaced && name !== undefined) return undefined;
  if (subresource !== undefined && !kind.subresources.some(each => each.name === subresource)) return undefined;
  return {kind, namespace, name, subresource};
}
