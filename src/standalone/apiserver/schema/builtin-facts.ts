import type {JsonValue} from './json.ts';

// What the client's type maps do not say about the built-in kinds: facts of the Kubernetes API, keyed by the client's
// class name, a dot, and the field.

export type ListFact = {
  readonly type: 'map' | 'set' | 'atomic';
  /** Server-side apply identifies items by these. */
  readonly keys?: readonly string[];
  /** Strategic merge patch; without it the patch replaces the list. */
  readonly patch?: 'merge' | 'merge,retainKeys';
  readonly patchKey?: string;
};

const by = (key: string, ...more: readonly string[]): ListFact => ({
  type: 'map',
  keys: [key, ...more],
  patch: 'merge',
  patchKey: key,
});
const MERGED_SET: ListFact = {type: 'set', patch: 'merge'};

/** Lists that are not atomic, or that patches merge. Every other list is atomic. */
export const LISTS: Readonly<Record<string, ListFact>> = {
  'V1ObjectMeta.finalizers': MERGED_SET,
  'V1ObjectMeta.ownerReferences': by('uid'),
  'V1PodSpec.containers': by('name'),
  'V1PodSpec.initContainers': by('name'),
  'V1PodSpec.ephemeralContainers': by('name'),
  'V1PodSpec.volumes': {...by('name'), patch: 'merge,retainKeys'},
  'V1PodSpec.imagePullSecrets': by('name'),
  'V1PodSpec.hostAliases': by('ip'),
  'V1PodSpec.schedulingGates': by('name'),
  'V1PodSpec.resourceClaims': {...by('name'), patch: 'merge,retainKeys'},
  'V1PodSpec.topologySpreadConstraints': by('topologyKey', 'whenUnsatisfiable'),
  'V1Container.env': by('name'),
  'V1Container.ports': by('containerPort', 'protocol'),
  'V1Container.volumeMounts': by('mountPath'),
  'V1Container.volumeDevices': by('devicePath'),
  'V1EphemeralContainer.env': by('name'),
  'V1EphemeralContainer.ports': by('containerPort', 'protocol'),
  'V1EphemeralContainer.volumeMounts': by('mountPath'),
  'V1EphemeralContainer.volumeDevices': by('devicePath'),
  'V1ResourceRequirements.claims': {type: 'map', keys: ['name']},
  'V1PodStatus.conditions': by('type'),
  'V1PodStatus.podIPs': by('ip'),
  'V1PodStatus.hostIPs': {type: 'atomic', patch: 'merge', patchKey: 'ip'},
  'V1NodeSpec.podCIDRs': MERGED_SET,
  'V1NodeStatus.addresses': by('type'),
  'V1NodeStatus.conditions': by('type'),
  'V1NamespaceStatus.conditions': by('type'),
  'V1ServiceSpec.ports': by('port', 'protocol'),
  'V1ServiceStatus.conditions': by('type'),
  'V1ServiceAccount.secrets': by('name'),
  'V1CustomResourceDefinitionStatus.conditions': {type: 'map', keys: ['type']},
};

/** Objects and maps that server-side apply takes as one value. */
export const ATOMIC_TYPES: ReadonlySet<string> = new Set([
  'V1LabelSelector',
  'V1ObjectReference',
  'V1LocalObjectReference',
  'V1TypedLocalObjectReference',
  'V1SecretKeySelector',
  'V1ConfigMapKeySelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1SecretReference',
]);
export const ATOMIC_MAPS: ReadonlySet<string> = new Set(['V1PodSpec.nodeSelector', 'V1ServiceSpec.selector']);

/** Maps of quantities: numbers are as good as strings. */
export const QUANTITY_MAPS: ReadonlySet<string> = new Set([
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1PodSpec.overhead',
  'V1NodeStatus.capacity',
  'V1NodeStatus.allocatable',
  'V1ContainerStatus.allocatedResources',
]);

export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  V1OwnerReference: ['apiVersion', 'kind', 'name', 'uid'],
  V1Pod: ['spec'],
  V1PodSpec: ['containers'],
  V1Container: ['name'],
  V1EphemeralContainer: ['name'],
  V1EnvVar: ['name'],
  V1ContainerPort: ['containerPort'],
  V1VolumeMount: ['name', 'mountPath'],
  V1Volume: ['name'],
  V1HTTPGetAction: ['port'],
  V1TCPSocketAction: ['port'],
  V1Taint: ['key', 'effect'],
  V1ServicePort: ['port'],
  V1ControllerRevision: ['revision'],
  V1CustomResourceDefinition: ['spec'],
  V1CustomResourceDefinitionSpec: ['group', 'names', 'scope', 'versions'],
  V1CustomResourceDefinitionNames: ['kind', 'plural'],
  V1CustomResourceDefinitionVersion: ['name', 'served', 'storage'],
  V1CustomResourceColumnDefinition: ['name', 'type', 'jsonPath'],
  V1ValidationRule: ['rule'],
  V1SelfSubjectAccessReview: ['spec'],
  V1SelfSubjectRulesReview: ['spec'],
};

const PROBE_DEFAULTS = {timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3};
const CONTAINER_DEFAULTS = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  resources: {},
};

/** Constant defaults by class. Those that depend on other fields (imagePullPolicy) are not here. */
export const DEFAULTS: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  V1PodSpec: {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
    enableServiceLinks: true,
  },
  V1Container: CONTAINER_DEFAULTS,
  V1EphemeralContainer: CONTAINER_DEFAULTS,
  V1ContainerPort: {protocol: 'TCP'},
  V1Probe: PROBE_DEFAULTS,
  V1HTTPGetAction: {scheme: 'HTTP', path: '/'},
  V1ObjectFieldSelector: {apiVersion: 'v1'},
  V1ConfigMapVolumeSource: {defaultMode: 420},
  V1SecretVolumeSource: {defaultMode: 420},
  V1DownwardAPIVolumeSource: {defaultMode: 420},
  V1ProjectedVolumeSource: {defaultMode: 420},
  V1HostPathVolumeSource: {type: ''},
  V1Secret: {type: 'Opaque'},
  V1ServiceSpec: {type: 'ClusterIP', sessionAffinity: 'None'},
  V1ServicePort: {protocol: 'TCP'},
  V1CustomResourceDefinitionSpec: {conversion: {strategy: 'None'}},
};

/** Packages of the OpenAPI components, by API group; '' is the core group, of which most nested types are. */
const PACKAGES: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  apps: 'io.k8s.api.apps',
  autoscaling: 'io.k8s.api.autoscaling',
  'authentication.k8s.io': 'io.k8s.api.authentication',
  'authorization.k8s.io': 'io.k8s.api.authorization',
  'coordination.k8s.io': 'io.k8s.api.coordination',
  'events.k8s.io': 'io.k8s.api.events',
  policy: 'io.k8s.api.policy',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
};
export const META_PACKAGE = 'io.k8s.apimachinery.pkg.apis.meta';

export const packageOf = (group: string): string => PACKAGES[group] ?? `io.k8s.api.${group.split('.')[0] ?? ''}`;

export const META_TYPES: ReadonlySet<string> = new Set([
  'V1ObjectMeta',
  'V1ListMeta',
  'V1OwnerReference',
  'V1ManagedFieldsEntry',
  'V1LabelSelector',
  'V1LabelSelectorRequirement',
  'V1Status',
  'V1StatusDetails',
  'V1StatusCause',
  'V1DeleteOptions',
  'V1Preconditions',
  'V1Condition',
]);

/** Kinds whose class carries its group's name, because another group has a kind of the same name. */
export const CLASSES: Readonly<Record<string, string>> = {
  '/Event': 'CoreV1Event',
  'events.k8s.io/Event': 'EventsV1Event',
};

/** What `kubectl explain` says. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  V1ObjectMeta: 'What every object has: its name, its place, and what Kubernetes keeps about it.',
  'V1ObjectMeta.annotations': 'Free-form text by key, for tools and people. Not for selecting; see labels.',
  'V1ObjectMeta.creationTimestamp': 'When the object was created, in RFC 3339 and UTC. Set by the server.',
  'V1ObjectMeta.deletionGracePeriodSeconds': 'Seconds that the object may take to end before it is removed.',
  'V1ObjectMeta.deletionTimestamp':
    'Set by the server when the object is to be deleted; it goes once its finalizers are gone.',
  'V1ObjectMeta.finalizers': 'Who still has work to do before a deleted object may go. Each removes its own entry.',
  'V1ObjectMeta.generateName': 'A prefix to which the server adds a random suffix when name is empty.',
  'V1ObjectMeta.generation': 'Grows with every change of the desired state. Set by the server.',
  'V1ObjectMeta.labels': 'Short text by key, by which objects are selected and grouped.',
  'V1ObjectMeta.managedFields': 'Which manager set which fields: the bookkeeping of server-side apply.',
  'V1ObjectMeta.name': 'Unique for its kind within the namespace. Cannot be changed.',
  'V1ObjectMeta.namespace': 'Where the object lives. Empty for cluster-scoped kinds. Cannot be changed.',
  'V1ObjectMeta.ownerReferences': 'Objects this one depends on. It is removed when all of them are gone.',
  'V1ObjectMeta.resourceVersion': 'Identifies this state of the object: for watches, and to refuse lost updates.',
  'V1ObjectMeta.uid': 'Unique in time and space, also among objects that had the same name. Set by the server.',
  apiVersion: 'Group and version of the schema this object follows, such as v1 or mesos.dev/v1.',
  kind: 'Which kind of object this is. Cannot be changed.',
  metadata: 'Standard metadata: name, namespace, labels and so on.',
  spec: 'The desired state.',
  status: 'The observed state, written by whoever looks after the object.',
};
