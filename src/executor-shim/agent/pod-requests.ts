import {type Amounts, largest, plus, requested, type ResourceList} from './kube-amounts.ts';

type Requests = {readonly requests?: ResourceList};

export type PodContainer = {
  readonly name: string;
  readonly resources?: Requests;
  /** Only on init containers: `Always` makes a sidecar of it. */
  readonly restartPolicy?: string;
  readonly ports?: readonly {readonly hostPort?: number}[];
};

/** The part of a pod that says what it takes of its node; fields are Kubernetes's (core/v1). */
export type PodDemand = {
  readonly containers: readonly PodContainer[];
  readonly initContainers?: readonly PodContainer[];
  /** Of the pod as a whole: instead of what its containers ask for together. */
  readonly resources?: Requests;
  readonly overhead?: ResourceList;
};

export type ContainerAllocation = {
  readonly name: string;
  /** While a container is resized: what the kubelet has set aside, and what the container really has. */
  readonly allocatedResources?: ResourceList;
  readonly resources?: Requests;
};

/** Kubernetes lets a pod as a whole ask for these only. */
const POD_LEVEL = /^(cpu|memory|hugepages-.*)$/;

/**
 * The requests that kube-scheduler and the kubelet count for a pod. Its containers and sidecars count together. An init
 * container counts with the sidecars that started before it, where that is more. Requests of the pod as a whole replace
 * both. Overhead is added.
 *
 * @param statuses of all its containers: one that is being resized counts with the most it may have
 * @see https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function podRequests(spec: PodDemand, statuses: readonly ContainerAllocation[] = []): Amounts {
  let sidecars: Amounts = new Map();
  let starting: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = containerRequests(container, statuses);
    if (isSidecar(container)) sidecars = plus(sidecars, own);
    starting = largest(starting, isSidecar(container) ? sidecars : plus(sidecars, own));
  }
  const together = spec.containers.reduce((sum, each) => plus(sum, containerRequests(each, statuses)), sidecars);
  const asked = new Map(largest(together, starting));
  for (const [name, amount] of requested(spec.resources?.requests)) {
    if (POD_LEVEL.test(name)) asked.set(name, amount);
  }
  return plus(asked, requested(spec.overhead));
}

function containerRequests({name, resources}: PodContainer, statuses: readonly ContainerAllocation[]): Amounts {
  const wanted = requested(resources?.requests);
  const status = statuses.find(candidate => candidate.name === name);
  if (status === undefined) return wanted;
  return largest(wanted, largest(requested(status.allocatedResources), requested(status.resources?.requests)));
}

/** Ports of the node that the pod takes; init containers end before it matters. */
export const hostPorts = ({containers, initContainers = []}: PodDemand): readonly number[] =>
  [...containers, ...initContainers.filter(isSidecar)].flatMap(({ports = []}) =>
    ports.flatMap(({hostPort = 0}) => (hostPort > 0 ? [hostPort] : [])),
  );

const isSidecar = ({restartPolicy}: PodContainer): boolean => restartPolicy === 'Always';
