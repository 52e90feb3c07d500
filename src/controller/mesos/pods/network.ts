import type {TaskPolicy} from '../../../crds/task-policy.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {DockerWishes} from './docker-parameters.ts';
import type {ContainerPort, PodSpec} from './pod.ts';
import {notAllowed} from './policy.ts';

/** More ports than this are not listed one by one. */
const MAX_PORTS = 100;

export type PodNetwork = {
  readonly spec: Pick<PodSpec, 'hostNetwork' | 'dnsPolicy' | 'hostname'>;
  readonly ports: readonly ContainerPort[];
  /** What of the task's network Kubernetes has nothing for. */
  readonly ignored: readonly string[];
};

/**
 * Host mode (the default): the pod has the node's network, and the ports that the task was allotted are listed so that
 * the kubelet sees conflicts. Without host ports the policy may leave a task its pod's own network. Bridged and named
 * networks: the pod's own network, with host ports as mapped.
 *
 * @returns why the policy does not allow the network that the task asks for
 */
export function networkOf(info: TaskInfo, wishes: DockerWishes, policy: TaskPolicy): Result<PodNetwork, string> {
  const {container} = info;
  if (container?.docker?.network === 'NONE') return err('a container without a network is not supported');
  const isHost = isHostNetwork(container);
  const ports = isHost ? allottedPorts(info) : mappedPorts(container);
  if (ports.length > 0 && !policy.hostPorts) return err(notAllowed('host ports are', 'hostPorts'));
  const hasPorts = ports.length > 0;
  if (isHost && hasPorts && policy.hostNetwork === 'never')
    return err(notAllowed('the host network is', 'hostNetwork'));
  const name = wishes.hostname ?? container?.hostname;
  if (isHost && (hasPorts || policy.hostNetwork === 'always')) return ok(hostNetwork(ports, name));
  const own = podNetwork(ports, name, container);
  return ok(isHost && container !== undefined ? {...own, ignored: [...own.ignored, HOST_NETWORK]} : own);
}

const hostNetwork = (ports: readonly ContainerPort[], name: string | undefined): PodNetwork => ({
  spec: {hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet'},
  ports,
  ignored: name === undefined ? [] : ['container.hostname'],
});

const podNetwork = (
  ports: readonly ContainerPort[],
  name: string | undefined,
  container: TaskInfo['container'],
): PodNetwork => ({
  spec: name === undefined || !isHostname(name) ? {} : {hostname: name},
  ports,
  ignored: [
    ...(name === undefined || isHostname(name) ? [] : ['container.hostname']),
    ...((container?.network_infos ?? []).some(network => network.name !== undefined) ? [NETWORK_NAME] : []),
  ],
});

/** The policy's rule hostNetwork leaves it out. */
const HOST_NETWORK = 'the host network, as the task has no host ports';
const NETWORK_NAME = 'container.network_infos.name';

/** Marathon writes the mappings of a Docker container twice, for the container and for its network: one port each. */
function mappedPorts(container: TaskInfo['container']): ContainerPort[] {
  const mappings = [
    ...(container?.docker?.port_mappings ?? []),
    ...(container?.network_infos ?? []).flatMap(network => network.port_mappings ?? []),
  ];
  const ports = new Map<string, ContainerPort>();
  for (const {container_port, host_port, protocol: text} of mappings) {
    const containerPort = container_port === 0 ? host_port : container_port;
    for (const protocol of protocolsOf(text)) {
      ports.set(`${protocol} ${host_port} ${containerPort}`, {containerPort, hostPort: host_port, protocol});
    }
  }
  return [...ports.values()];
}

function isHostNetwork(container: TaskInfo['container']): boolean {
  if (container === undefined) return true;
  if (container.type === 'DOCKER') return (container.docker?.network ?? 'HOST') === 'HOST';
  return (container.network_infos ?? []).every(({name}) => name === undefined || name === '');
}

function allottedPorts({resources = []}: TaskInfo): ContainerPort[] {
  const ports: ContainerPort[] = [];
  const ranges = resources.flatMap(resource => (resource.name === 'ports' ? (resource.ranges?.range ?? []) : []));
  for (const {begin, end} of ranges) {
    for (let port = begin; port <= end && ports.length < MAX_PORTS; port++) {
      ports.push({containerPort: port, hostPort: port, protocol: 'TCP'});
    }
  }
  return ports;
}

/** `tcp`, `udp` or, as Marathon writes it, `tcp,udp`. */
function protocolsOf(text = 'tcp'): readonly ('TCP' | 'UDP')[] {
  const names = text.toLowerCase().split(',');
  const udp: readonly ('TCP' | 'UDP')[] = names.includes('udp') ? ['UDP'] : [];
  return names.includes('tcp') || udp.length === 0 ? ['TCP', ...udp] : udp;
}

const isHostname = (name: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
