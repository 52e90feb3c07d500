import {type Container, isSidecar, type Pod} from './pod.ts';
import {parseQuantity} from '../../kube/quantity.ts';

/** Amounts by Kubernetes resource name, in base units: `cpu` in cores, `memory` and `ephemeral-storage` in bytes, `pods` a count. */
export type Amounts = ReadonlyMap<string, number>;

export type Rejection = {readonly reason: string; readonly message: string};

/** Rounding of milli-cores and decimal quantities must not refuse what the master has counted exactly. */
const SLACK = 1e-6;

/**
 * Whether the node can take `pod` besides `others`, which are the pods here that have not ended.
 *
 * @returns why not, in the words of the kubelet: `OutOfcpu`, `OutOfmemory`, `OutOfpods`, `NodePorts`
 */
export function admit(pod: Pod, others: readonly Pod[], allocatable: Amounts): Rejection | undefined {
  return portConflict(pod, others) ?? shortage(pod, others, allocatable);
}

function shortage(pod: Pod, others: readonly Pod[], allocatable: Amounts): Rejection | undefined {
  const wanted = requestsOf(pod);
  for (const [name, total] of allocatable) {
    const ask = wanted.get(name) ?? 0;
    if (ask === 0) continue;
    const used = others.reduce((sum, other) => sum + (requestsOf(other).get(name) ?? 0), 0);
    if (used + ask <= total * (1 + SLACK)) continue;
    const message = `Node didn't have enough resource: ${name}, requested: ${ask}, used: ${used}, capacity: ${total}`;
    return {reason: `OutOf${name}`, message};
  }
  return undefined;
}

/** What a pod asks for: the main containers and sidecars together, or its largest init container where that is more. */
export function requestsOf(pod: Pod): Amounts {
  const inits = pod.spec.initContainers ?? [];
  const total = new Map([['pods', 1]]);
  for (const container of [...pod.spec.containers, ...inits.filter(isSidecar)]) {
    for (const [name, amount] of containerRequests(container)) total.set(name, (total.get(name) ?? 0) + amount);
  }
  for (const container of inits.filter(init => !isSidecar(init))) {
    for (const [name, amount] of containerRequests(container)) total.set(name, Math.max(total.get(name) ?? 0, amount));
  }
  return total;
}

function containerRequests(container: Container): Amounts {
  const requests = {...container.resources?.limits, ...container.resources?.requests};
  return new Map(Object.entries(requests).map(([name, quantity]) => [name, parseQuantity(quantity) ?? 0]));
}

function portConflict(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const taken = new Set(others.flatMap(hostPortsOf));
  const clash = hostPortsOf(pod).find(port => taken.has(port));
  if (clash === undefined) return undefined;
  return {reason: 'NodePorts', message: `Node didn't have free ports for the requested pod ports: ${clash} is taken`};
}

/** `31000/TCP`; with the host's network a container port is a host port. */
function hostPortsOf(pod: Pod): string[] {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
  return containers.flatMap(container =>
    (container.ports ?? []).flatMap(({hostPort, containerPort, protocol}) => {
      const port = hostPort || (pod.spec.hostNetwork === true ? containerPort : 0);
      return port ? [`${port}/${protocol ?? 'TCP'}`] : [];
    }),
  );
}
