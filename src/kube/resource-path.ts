import type {ResourceKind} from './types.ts';

/** `apiVersion` as objects carry it: `v1` for the core group, else `group/version`. */
export const apiVersionOf = (kind: ResourceKind): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

export type Place = {readonly namespace?: string; readonly name?: string; readonly subresource?: string};

/** The URL path of a collection, or of one object when `name` is given. */
export function resourcePath(kind: ResourceKind, {namespace, name, subresource}: Place): string {
  const parts = [kind.group === '' ? 'api' : 'apis', apiVersionOf(kind)];
  if (kind.namespaced && namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(kind.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (name !== undefined && subresource !== undefined) parts.push(subresource);
  return `/${parts.join('/')}`;
}

/** A query string with its question mark; parameters that are undefined are left out. */
export function queryString(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}
