import {objectAt, objectsAt, stringAt} from '../fields.ts';
import {storageVersion} from '../custom-kinds.ts';
import {nameProblems} from '../names.ts';
import type {ApiObject} from '../object.ts';
import {invalid, required} from '../schema/cause.ts';
import {crdSchemaCauses} from '../schema/crd.ts';
import {equalJson, type JsonObject} from '../schema/json.ts';
import type {StatusCause} from '../schema/schema.ts';
import type {Strategy} from './strategy.ts';

/** Holds a definition until the objects of its kind are gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** Custom resource definitions: their names are accepted and served in the same breath as they are stored. */
export const definitionStrategy: Strategy = {
  onCreate: (crd, nowIso) => {
    defaultSpec(crd);
    crd['status'] = {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found', nowIso),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted', nowIso),
      ],
      acceptedNames: {...objectAt(crd, 'spec', 'names')},
      storedVersions: [storageVersion(crd)],
    };
  },
  onUpdate: (crd, old) => {
    defaultSpec(crd);
    const status = objectAt(old, 'status') ?? {};
    const stored = new Set(Array.isArray(status['storedVersions']) ? status['storedVersions'] : []);
    crd['status'] = {
      ...status,
      acceptedNames: {...objectAt(crd, 'spec', 'names')},
      storedVersions: [...stored.add(storageVersion(crd))],
    };
  },
  onDelete: (crd, nowIso) => {
    crd.metadata.finalizers = [...new Set([...(crd.metadata.finalizers ?? []), CLEANUP])];
    const status = objectAt(crd, 'status') ?? {};
    const terminating = condition(
      'Terminating',
      'InstanceDeletionPending',
      'CustomResourceDefinition marked for deletion',
      nowIso,
    );
    crd['status'] = {...status, conditions: [...objectsAt(status, 'conditions'), terminating]};
  },
  validate: (crd, old) => {
    // Schemas are checked when they change: that compiles every rule.
    if (old !== undefined && equalJson(crd['spec'], old['spec'])) return [];
    const causes = [...specCauses(crd), ...(old === undefined ? [] : immutableCauses(crd, old))];
    return causes.length > 0 ? causes : crdSchemaCauses(crd);
  },
};

const condition = (type: string, reason: string, message: string, nowIso: string): JsonObject => ({
  type,
  status: 'True',
  lastTransitionTime: nowIso,
  reason,
  message,
});

function defaultSpec(crd: ApiObject): void {
  const spec = objectAt(crd, 'spec');
  const names = objectAt(spec, 'names');
  if (spec === undefined) return;
  spec['conversion'] ??= {strategy: 'None'};
  if (names === undefined) return;
  const kind = stringAt(names, 'kind') ?? '';
  if ((stringAt(names, 'singular') ?? '') === '') names['singular'] = kind.toLowerCase();
  if ((stringAt(names, 'listKind') ?? '') === '') names['listKind'] = `${kind}List`;
}

function specCauses(crd: ApiObject): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  const plural = stringAt(crd, 'spec', 'names', 'plural') ?? '';
  const group = stringAt(crd, 'spec', 'group') ?? '';
  if (crd.metadata.name !== `${plural}.${group}`) {
    causes.push(invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  for (const field of ['group', 'scope']) {
    if ((stringAt(crd, 'spec', field) ?? '') === '') causes.push(required(`spec.${field}`));
  }
  for (const field of ['plural', 'kind']) {
    if ((stringAt(crd, 'spec', 'names', field) ?? '') === '') causes.push(required(`spec.names.${field}`));
  }
  causes.push(...nameProblems('dns1035-label', plural).map(why => invalid('spec.names.plural', plural, why)));
  const scope = stringAt(crd, 'spec', 'scope') ?? '';
  if (scope !== '' && scope !== 'Namespaced' && scope !== 'Cluster') {
    const message = `Unsupported value: ${JSON.stringify(scope)}: supported values: "Cluster", "Namespaced"`;
    causes.push({reason: 'FieldValueNotSupported', field: 'spec.scope', message});
  }
  return [...causes, ...versionCauses(crd)];
}

function versionCauses(crd: ApiObject): readonly StatusCause[] {
  const versions = objectsAt(crd, 'spec', 'versions');
  const causes: StatusCause[] = [];
  if (versions.filter(version => version['storage'] === true).length !== 1) {
    causes.push(invalid('spec.versions', versions.length, 'must have exactly one version marked as storage version'));
  }
  versions.forEach((version, index) => {
    if (objectAt(version, 'schema', 'openAPIV3Schema') === undefined) {
      const field = `spec.versions[${index}].schema.openAPIV3Schema`;
      causes.push({reason: 'FieldValueRequired', field, message: 'Required value: schemas are required'});
    }
  });
  return causes;
}

function immutableCauses(crd: ApiObject, old: ApiObject): readonly StatusCause[] {
  const paths = [
    ['spec', 'group'],
    ['spec', 'scope'],
    ['spec', 'names', 'kind'],
    ['spec', 'names', 'plural'],
  ];
  return paths
    .filter(path => stringAt(crd, ...path) !== stringAt(old, ...path))
    .map(path => invalid(path.join('.'), stringAt(crd, ...path), 'field is immutable'));
}
