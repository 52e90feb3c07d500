import {ALL_VERBS, type Kind, STATUS, type Subresource, type Verb} from './kinds.ts';

type Spec = {
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  readonly verbs?: readonly Verb[];
  readonly selectableFields?: readonly string[];
  readonly clusterScoped?: true;
  readonly generation?: true;
  readonly conditionalUpdate?: true;
  readonly createOnUpdate?: true;
  readonly statusIsolated?: true;
  readonly storage?: string;
  readonly naming?: Kind['naming'];
};

function builtin(group: string, version: string, plural: string, kind: string, spec: Spec = {}): Kind {
  return {
    group,
    version,
    plural,
    kind,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    namespaced: spec.clusterScoped !== true,
    shortNames: spec.shortNames ?? [],
    categories: spec.categories ?? [],
    verbs: spec.verbs ?? ALL_VERBS,
    subresources: spec.subresources ?? [],
    storage: spec.storage ?? (group === '' ? plural : `${group}/${plural}`),
    custom: false,
    selectableFields: spec.selectableFields ?? [],
    statusIsolated: spec.statusIsolated ?? (spec.subresources ?? []).some(sub => sub.name === 'status'),
    generation: spec.generation === true,
    unconditionalUpdate: spec.conditionalUpdate !== true,
    createOnUpdate: spec.createOnUpdate === true,
    naming: spec.naming ?? 'dns1123-subdomain',
  };
}

const CREATE_ONLY: Spec = {verbs: ['create'], clusterScoped: true};
const EVENT_FIELDS = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];
/** The same fields by the names that events.k8s.io gives them. */
const REGARDING_FIELDS = EVENT_FIELDS.map(field => field.replace('involvedObject', 'regarding')).filter(
  field => field !== 'source' && field !== 'reportingComponent',
);

const POD_SUBRESOURCES: readonly Subresource[] = [
  {name: 'binding', kind: 'Binding', verbs: ['create']},
  {name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update']},
  {name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create']},
  {name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get']},
  {name: 'log', kind: 'Pod', verbs: ['get']},
  STATUS,
];

const POD_FIELDS = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];

const review = (group: string, plural: string, kind: string): Kind => builtin(group, 'v1', plural, kind, CREATE_ONLY);

/** Every kind that is there before any CustomResourceDefinition. Order is that of discovery. */
export const BUILTIN_KINDS: readonly Kind[] = [
  builtin('', 'v1', 'configmaps', 'ConfigMap', {shortNames: ['cm']}),
  builtin('', 'v1', 'endpoints', 'Endpoints', {shortNames: ['ep'], createOnUpdate: true}),
  builtin('', 'v1', 'events', 'Event', {
    shortNames: ['ev'],
    selectableFields: EVENT_FIELDS,
    createOnUpdate: true,
    storage: 'events',
    naming: 'path-segment',
  }),
  builtin('', 'v1', 'namespaces', 'Namespace', {
    shortNames: ['ns'],
    clusterScoped: true,
    verbs: ALL_VERBS.filter(verb => verb !== 'deletecollection'),
    subresources: [{name: 'finalize', kind: 'Namespace', verbs: ['update']}, STATUS],
    selectableFields: ['status.phase', 'name'],
    naming: 'dns1123-label',
  }),
  builtin('', 'v1', 'nodes', 'Node', {
    shortNames: ['no'],
    clusterScoped: true,
    subresources: [STATUS],
    selectableFields: ['spec.unschedulable'],
  }),
  builtin('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', {shortNames: ['pvc'], subresources: [STATUS]}),
  builtin('', 'v1', 'pods', 'Pod', {
    shortNames: ['po'],
    categories: ['all'],
    subresources: POD_SUBRESOURCES,
    selectableFields: POD_FIELDS,
    generation: true,
  }),
  builtin('', 'v1', 'secrets', 'Secret', {selectableFields: ['type']}),
  builtin('', 'v1', 'serviceaccounts', 'ServiceAccount', {shortNames: ['sa']}),
  builtin('', 'v1', 'services', 'Service', {
    shortNames: ['svc'],
    categories: ['all'],
    subresources: [STATUS],
    selectableFields: ['spec.clusterIP', 'spec.type'],
    createOnUpdate: true,
    naming: 'dns1035-label',
  }),
  builtin('apps', 'v1', 'controllerrevisions', 'ControllerRevision', {}),
  builtin('coordination.k8s.io', 'v1', 'leases', 'Lease', {createOnUpdate: true, conditionalUpdate: true}),
  builtin('events.k8s.io', 'v1', 'events', 'Event', {
    shortNames: ['ev'],
    selectableFields: [...REGARDING_FIELDS, 'reportingController'],
    createOnUpdate: true,
    storage: 'events',
    naming: 'path-segment',
  }),
  builtin('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    subresources: [STATUS],
    generation: true,
    conditionalUpdate: true,
  }),
  review('authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview'),
  review('authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview'),
];
