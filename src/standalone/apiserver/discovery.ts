import {apiVersionOf, type Kind, type Subresource} from './kinds.ts';
import type {Group, Registry} from './registry.ts';
import type {JsonObject} from './schema/json.ts';

/** APIResourceList of one group version; undefined when nothing is served there. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject | undefined {
  const kinds = kindsOf(registry, group, version);
  if (kinds.length === 0) return undefined;
  const resources = kinds.flatMap(kind => [
    mainResource(kind),
    ...kind.subresources.map(sub => subResource(kind, sub)),
  ]);
  return {kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({group, version}), resources};
}

const kindsOf = (registry: Registry, group: string, version: string): readonly Kind[] =>
  registry.kinds().filter(kind => kind.group === group && kind.version === version);

const mainResource = (kind: Kind): JsonObject => ({
  name: kind.plural,
  singularName: kind.singular,
  namespaced: kind.namespaced,
  kind: kind.kind,
  verbs: [...kind.verbs],
  ...(kind.shortNames.length === 0 ? {} : {shortNames: [...kind.shortNames]}),
  ...(kind.categories.length === 0 ? {} : {categories: [...kind.categories]}),
});

const subResource = (kind: Kind, sub: Subresource): JsonObject => ({
  name: `${kind.plural}/${sub.name}`,
  singularName: '',
  namespaced: kind.namespaced,
  ...(sub.group === undefined ? {} : {group: sub.group, version: sub.version ?? 'v1'}),
  kind: sub.kind === '' ? kind.kind : sub.kind,
  verbs: [...sub.verbs],
});

export const coreVersions = (serverAddress: string): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{clientCIDR: '0.0.0.0/0', serverAddress}],
});

export const groupList = (registry: Registry): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: registry.groups().map(({name}) => groupBody(registry, name) ?? {}),
});

/** APIGroup, without what says so. */
function groupBody(registry: Registry, name: string): JsonObject | undefined {
  const group = registry.groups().find(known => known.name === name);
  if (group === undefined) return undefined;
  const versions = group.versions.map(version => ({groupVersion: `${name}/${version}`, version}));
  return {name, versions, preferredVersion: versions[0] ?? {}};
}

export function apiGroup(registry: Registry, name: string): JsonObject | undefined {
  const group = groupBody(registry, name);
  return group === undefined ? undefined : {kind: 'APIGroup', apiVersion: 'v1', ...group};
}

/** Everything of /api or of /apis in one document (apidiscovery.k8s.io). */
export function aggregated(registry: Registry, root: 'api' | 'apis', version: string): JsonObject {
  const groups: readonly Group[] = root === 'api' ? [{name: '', versions: ['v1']}] : registry.groups();
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: version,
    metadata: {},
    items: groups.map(group => ({
      metadata: nameOf(group),
      versions: group.versions.map(each => ({
        version: each,
        resources: kindsOf(registry, group.name, each).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}

const nameOf = ({name}: Group): JsonObject => (name === '' ? {} : {name});

const aggregatedResource = (kind: Kind): JsonObject => ({
  resource: kind.plural,
  responseKind: {group: kind.group, version: kind.version, kind: kind.kind},
  scope: kind.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.singular,
  verbs: [...kind.verbs],
  ...(kind.shortNames.length === 0 ? {} : {shortNames: [...kind.shortNames]}),
  ...(kind.categories.length === 0 ? {} : {categories: [...kind.categories]}),
  ...(kind.subresources.length === 0
    ? {}
    : {
        subresources: kind.subresources.map(sub => ({
          subresource: sub.name,
          responseKind: {
            group: sub.group ?? kind.group,
            version: sub.version ?? kind.version,
            kind: sub.kind === '' ? kind.kind : sub.kind,
          },
          verbs: [...sub.verbs],
        })),
      }),
});
