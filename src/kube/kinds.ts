import type {ResourceKind} from './types.ts';

const core = (plural: string, kind: string, namespaced = true): ResourceKind => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

/** The Kubernetes kinds that this project reads or writes. */
export const PODS = core('pods', 'Pod');
export const NODES = core('nodes', 'Node', false);
export const EVENTS = core('events', 'Event');
export const PERSISTENT_VOLUME_CLAIMS = core('persistentvolumeclaims', 'PersistentVolumeClaim');
export const SECRETS = core('secrets', 'Secret');
export const CONFIG_MAPS = core('configmaps', 'ConfigMap');
export const NAMESPACES = core('namespaces', 'Namespace', false);
export const DEPLOYMENTS: ResourceKind = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
export const DAEMON_SETS: ResourceKind = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};
export const CONTROLLER_REVISIONS: ResourceKind = {
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  kind: 'ControllerRevision',
  namespaced: true,
};
export const LEASES: ResourceKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};
export const POD_DISRUPTION_BUDGETS: ResourceKind = {
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
};
export const CUSTOM_RESOURCE_DEFINITIONS: ResourceKind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
