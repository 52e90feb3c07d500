import type {KubeObject} from '../../kube/types.ts';
import {type Amounts, plus} from './kube-amounts.ts';
import {type ContainerAllocation, hostPorts, type PodDemand, podRequests} from './pod-requests.ts';

/** On every pod that a master creates. */
const MANAGED_LABEL = 'mesos.dev/managed';

/** A pod of the node, as far as it takes room. */
export type PodRoom = {
  /** Of the cluster whose agent this is: its master counts it. Another cluster's task is a pod like any other. */
  readonly ours: boolean;
  readonly ended: boolean;
  readonly requests: Amounts;
  readonly ports: readonly number[];
};

type KubePod = KubeObject<
  PodDemand,
  {
    readonly phase?: string;
    readonly containerStatuses?: readonly ContainerAllocation[];
    readonly initContainerStatuses?: readonly ContainerAllocation[];
  }
>;

/** @param namespace of the cluster whose agent this is */
export function toPodRoom(raw: KubeObject, namespace: string): PodRoom {
  // The API server has checked it.
  const {metadata, spec = {containers: []}, status = {}} = raw as KubePod;
  return {
    ours: metadata.labels?.[MANAGED_LABEL] === 'true' && metadata.namespace === namespace,
    ended: status.phase === 'Succeeded' || status.phase === 'Failed',
    requests: podRequests(spec, [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]),
    ports: hostPorts(spec),
  };
}

/** What others have of the node. */
export type ForeignPods = {readonly count: number; readonly requests: Amounts; readonly ports: ReadonlySet<number>};

export function foreignPods(pods: readonly PodRoom[]): ForeignPods {
  const foreign = pods.filter(({ours, ended}) => !ours && !ended);
  return {
    count: foreign.length,
    requests: foreign.reduce<Amounts>((sum, {requests}) => plus(sum, requests), new Map()),
    ports: new Set(foreign.flatMap(({ports}) => ports)),
  };
}
