import {listAt, objectAt, objectsAt, stringAt, stringsAt} from './fields.ts';
import {ALL_VERBS, type Kind, type PrinterColumn, type ScalePaths, STATUS, type Subresource} from './kinds.ts';
import type {ApiObject} from './object.ts';
import type {JsonObject} from './schema/json.ts';
import {schemaOf} from './schema/of-kind.ts';
import type {Gvk, Schema} from './schema/schema.ts';

const SCALE: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
};

/** The kinds that an accepted CustomResourceDefinition serves, one per served version, the most stable version first. */
export function kindsOfDefinition(crd: ApiObject): readonly Kind[] {
  if (!hasCondition(crd, 'Established')) return [];
  return objectsAt(crd, 'spec', 'versions')
    .filter(version => version['served'] === true)
    .map(version => kindOfVersion(crd, version))
    .sort((a, b) => compareVersions(a.version, b.version));
}

export const hasCondition = (object: JsonObject, type: string): boolean =>
  objectsAt(object, 'status', 'conditions').some(
    condition => condition['type'] === type && condition['status'] === 'True',
  );

/** The version in which objects are kept. */
export const storageVersion = (crd: JsonObject): string =>
  stringAt(
    objectsAt(crd, 'spec', 'versions').find(version => version['storage'] === true),
    'name',
  ) ?? '';

function kindOfVersion(crd: ApiObject, version: JsonObject): Kind {
  const group = stringAt(crd, 'spec', 'group') ?? '';
  const names = objectAt(crd, 'status', 'acceptedNames') ?? objectAt(crd, 'spec', 'names') ?? {};
  const plural = stringAt(names, 'plural') ?? '';
  const kind = stringAt(names, 'kind') ?? '';
  const scale = scaleOf(version);
  const hasStatus = objectAt(version, 'subresources', 'status') !== undefined;
  return {
    group,
    version: stringAt(version, 'name') ?? '',
    plural,
    kind,
    singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
    listKind: stringAt(names, 'listKind') ?? `${kind}List`,
    namespaced: stringAt(crd, 'spec', 'scope') !== 'Cluster',
    shortNames: stringsAt(names, 'shortNames'),
    categories: stringsAt(names, 'categories'),
    // Nothing new may come while the definition is being deleted.
    verbs: hasCondition(crd, 'Terminating') ? ALL_VERBS.filter(verb => verb !== 'create') : ALL_VERBS,
    subresources: [...(hasStatus ? [STATUS] : []), ...(scale === undefined ? [] : [SCALE])],
    storage: `${group}/${plural}`,
    custom: true,
    schema: completeSchema({group, version: stringAt(version, 'name') ?? '', kind}, version),
    columns: columnsOf(version),
    selectableFields: objectsAt(version, 'selectableFields').map(field => fieldPath(stringAt(field, 'jsonPath') ?? '')),
    ...(scale === undefined ? {} : {scale}),
    statusIsolated: hasStatus,
    generation: true,
    unconditionalUpdate: false,
    createOnUpdate: false,
    naming: 'dns1123-subdomain',
  };
}

/** `.spec.replicas` as `spec.replicas`. */
const fieldPath = (jsonPath: string): string => jsonPath.replace(/^\./, '');

function scaleOf(version: JsonObject): ScalePaths | undefined {
  const scale = objectAt(version, 'subresources', 'scale');
  const specReplicasPath = stringAt(scale, 'specReplicasPath');
  const statusReplicasPath = stringAt(scale, 'statusReplicasPath');
  if (specReplicasPath === undefined || statusReplicasPath === undefined) return undefined;
  return {specReplicasPath, statusReplicasPath, labelSelectorPath: stringAt(scale, 'labelSelectorPath')};
}

/** The definition's own schema plus what every object has. What it demands of metadata.name stays. */
function completeSchema(gvk: Gvk, version: JsonObject): Schema | undefined {
  // What was stored has passed the structural checks, so it is a schema.
  const own = objectAt(version, 'schema', 'openAPIV3Schema') as Schema | undefined;
  const complete = schemaOf(gvk, own ?? {type: 'object', 'x-kubernetes-preserve-unknown-fields': true});
  const ownMeta = own?.properties?.['metadata']?.properties;
  if (complete === undefined || ownMeta === undefined) return complete;
  const meta = complete.properties?.['metadata'];
  return {
    ...complete,
    properties: {...complete.properties, metadata: {...meta, properties: {...meta?.properties, ...ownMeta}}},
  };
}

function columnsOf(version: JsonObject): readonly PrinterColumn[] | undefined {
  if (listAt(version, 'additionalPrinterColumns').length === 0) return undefined;
  return objectsAt(version, 'additionalPrinterColumns').map(column => ({
    name: stringAt(column, 'name') ?? '',
    type: stringAt(column, 'type') ?? 'string',
    jsonPath: stringAt(column, 'jsonPath') ?? '',
    description: stringAt(column, 'description'),
    format: stringAt(column, 'format'),
    priority: typeof column['priority'] === 'number' ? column['priority'] : 0,
  }));
}

/** v2 before v1 before v1beta2 before v1beta1 before v1alpha1 before anything else, as Kubernetes prefers versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return other - value;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): readonly number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [0, 0, 0];
  const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
