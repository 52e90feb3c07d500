import {MANAGED_SELECTOR} from '../../../crds/meta.ts';
import {MESOS_AGENTS} from '../../../crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../../crds/mesos-framework.ts';
import {MESOS_ROLES} from '../../../crds/mesos-role.ts';
import {createInformer} from '../../../kube/informer.ts';
import {CONFIG_MAPS, LEASES, NODES, PODS} from '../../../kube/kinds.ts';
import type {Logger} from '../../../kube/log.ts';
import type {Informer, KubeClient, KubeObject} from '../../../kube/types.ts';
import type {Clock, Random} from '../../../lib/clock.ts';
import {type AgentView, agentNameOfLease, toAgentView} from '../objects/agent-object.ts';
import type {AgentLease} from '../core/agents/agent-record.ts';
import {type RoleRecord, toRoleRecord} from '../objects/role-object.ts';
import {type FrameworkView, toFrameworkView} from '../objects/framework-object.ts';
import {MAINTENANCE_NAME, type MaintenanceView, toMaintenanceView} from '../objects/maintenance-object.ts';
import {type NodeRecord, toNodeRecord} from '../objects/node-record.ts';
import {ENDED_INDEX, endedIndex, type PodView, toPodView} from '../objects/pod-view.ts';

/** An agent's Lease as the cache keeps it. */
export type LeaseRecord = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Undefined for Leases of others. */
  readonly agentName: string | undefined;
  readonly lease: AgentLease;
};

/** Everything the master watches. */
export type Caches = {
  readonly agents: Informer<AgentView>;
  readonly leases: Informer<LeaseRecord>;
  readonly frameworks: Informer<FrameworkView>;
  readonly roles: Informer<RoleRecord>;
  readonly pods: Informer<PodView>;
  readonly maintenance: Informer<MaintenanceView>;
  /** Undefined: not to be watched. Nobody waits for it: the right to read nodes may be missing. */
  readonly nodes: Informer<NodeRecord> | undefined;
};

export type CachesOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Whether pods are kept with everything that is needed to rebuild their tasks. */
  readonly wholePods: () => boolean;
  readonly watchNodes: boolean;
};

export function createCaches({wholePods, watchNodes, ...common}: CachesOptions): Caches {
  return {
    nodes: watchNodes
      ? createInformer({...common, namespace: undefined, kind: NODES, project: toNodeRecord})
      : undefined,
    agents: createInformer({...common, kind: MESOS_AGENTS, project: toAgentView}),
    leases: createInformer({...common, kind: LEASES, project: toLeaseRecord}),
    frameworks: createInformer({...common, kind: MESOS_FRAMEWORKS, project: toFrameworkView}),
    roles: createInformer({...common, kind: MESOS_ROLES, project: toRoleRecord}),
    maintenance: createInformer({
      ...common,
      kind: CONFIG_MAPS,
      selector: {fieldSelector: `metadata.name=${MAINTENANCE_NAME}`},
      project: toMaintenanceView,
    }),
    pods: createInformer({
      ...common,
      kind: PODS,
      selector: {labelSelector: MANAGED_SELECTOR},
      project: raw => toPodView(raw, wholePods()),
      indexes: {[ENDED_INDEX]: endedIndex},
    }),
  };
}

/** Those that everything begins with. */
export const allCaches = (caches: Caches): readonly Informer<unknown>[] => [
  caches.agents,
  caches.leases,
  caches.frameworks,
  caches.roles,
  caches.pods,
  caches.maintenance,
];

function toLeaseRecord(raw: KubeObject): LeaseRecord {
  const {name, namespace = '', uid = '', resourceVersion = ''} = raw.metadata;
  const holder = textOf(raw.spec, 'holderIdentity') ?? '';
  const lease = {holder, renewTime: textOf(raw.spec, 'renewTime')};
  return {name, namespace, uid, resourceVersion, agentName: agentNameOfLease(name), lease};
}

function textOf(spec: unknown, field: string): string | undefined {
  if (typeof spec !== 'object' || spec === null) return undefined;
  const value: unknown = Reflect.get(spec, field);
  return typeof value === 'string' ? value : undefined;
}
