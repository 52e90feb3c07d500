import {MANAGED_LABEL} from '../../crds/meta.ts';
import type {KubeObject} from '../../kube/types.ts';
import {type Amounts, plus} from './kube-amounts.ts';
import {type ContainerAllocation, hostPorts, type PodDemand, podRequests} from './pod-requests.ts';

/** The kubelet takes so many pods, whatever they ask for. */
const ONE_POD: Amounts = new Map([['pods', 1]]);

/** A pod of the node, as far as it takes room. */
export type PodRoom = {
  /** Of the cluster whose agent this is: its master counts it. Another cluster's task is a pod like any other. */
  readonly ours: boolean;
  readonly ended: boolean;
  /** Wall clock, milliseconds; NaN when unknown. */
  readonly createdMs: number;
  readonly requests: Amounts;
  readonly ports: readonly number[];
};

type KubePodStatus = {
  readonly phase?: string;
  readonly conditions?: readonly {readonly type: string; readonly status: string}[];
  readonly containerStatuses?: readonly ContainerAllocation[];
  readonly initContainerStatuses?: readonly ContainerAllocation[];
};

type KubePod = KubeObject<PodDemand, KubePodStatus>;

/** @param namespace of the cluster whose agent this is */
export function toPodRoom(raw: KubeObject, namespace: string): PodRoom {
  // The API server has checked it.
  const {metadata, spec = {containers: []}, status = {}} = raw as KubePod;
  return {
    ours: metadata.labels?.[MANAGED_LABEL] === 'true' && metadata.namespace === namespace,
    ended: isDown(status),
    createdMs: Date.parse(metadata.creationTimestamp ?? ''),
    requests: plus(
      ONE_POD,
      podRequests(spec, [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]),
    ),
    ports: hostPorts(spec),
  };
}

/** While its sandbox is there the kubelet counts a pod, though it may have ended. */
const isDown = ({phase, conditions = []}: KubePodStatus): boolean =>
  (phase === 'Succeeded' || phase === 'Failed') &&
  !conditions.some(({type, status}) => type === 'PodReadyToStartContainers' && status === 'True');

/** What is taken of the node, not by tasks of ours. */
export type Taken = {readonly requests: Amounts; readonly ports: ReadonlySet<number>};

/**
 * @param pods     all of the node
 * @param settling those that ended just now: the kubelet may still count them
 */
export function takenBy(pods: readonly PodRoom[], settling: readonly PodRoom[]): Taken {
  const taking = [...pods.filter(({ours, ended}) => !ours && !ended), ...settling];
  return {
    requests: taking.reduce<Amounts>((sum, {requests}) => plus(sum, requests), new Map()),
    ports: new Set(taking.flatMap(({ports}) => ports)),
  };
}
