import type {ContainerInfo, DockerInfo, NetworkInfo, Volume} from '../../../api/mesos/v1/container.ts';
import type {AppDefinition} from './app.ts';

type PortMappings = NonNullable<DockerInfo['port_mappings']>;

/** The container of a task, or undefined for a plain command on the host's network. */
export function containerInfo(
  app: AppDefinition,
  hostPorts: readonly (number | undefined)[],
): ContainerInfo | undefined {
  const {container} = app.spec;
  if (container === undefined && app.networkMode === 'host') return undefined;
  const mappings = portMappings(app, hostPorts);
  const common = {volumes: volumes(app), network_infos: networks(app, mappings)};
  const docker = container?.docker;
  if (container?.type === 'DOCKER' && docker !== undefined) {
    return {
      type: 'DOCKER',
      ...common,
      docker: {
        image: docker.image,
        network: app.networkMode === 'host' ? 'HOST' : app.networkMode === 'bridge' ? 'BRIDGE' : 'USER',
        port_mappings: mappings,
        privileged: docker.privileged,
        parameters: docker.parameters ?? [],
        force_pull_image: docker.forcePullImage,
      },
    };
  }
  const image = docker?.image;
  const mesos =
    image === undefined
      ? {}
      : {image: {type: 'DOCKER' as const, docker: {name: image}, cached: !docker?.forcePullImage}};
  return {type: 'MESOS', ...common, mesos};
}

function portMappings(app: AppDefinition, hostPorts: readonly (number | undefined)[]): PortMappings {
  if (app.networkMode === 'host') return [];
  return app.ports.flatMap((spec, index) => {
    const hostPort = hostPorts[index];
    if (hostPort === undefined) return [];
    const containerPort = spec.containerPort === 0 ? hostPort : (spec.containerPort ?? hostPort);
    return spec.protocol.split(',').map(protocol => ({host_port: hostPort, container_port: containerPort, protocol}));
  });
}

function networks(app: AppDefinition, mappings: PortMappings): NetworkInfo[] {
  if (app.networkMode === 'host') return [];
  return (app.spec.networks ?? []).map(network => ({
    ...(network.name === undefined ? {} : {name: network.name}),
    labels: {labels: Object.entries(network.labels ?? {}).map(([key, value]) => ({key, value}))},
    port_mappings: mappings,
  }));
}

function volumes({spec: {container}}: AppDefinition): Volume[] {
  return (container?.volumes ?? []).flatMap(({containerPath, hostPath, mode}) =>
    containerPath === undefined || hostPath === undefined
      ? []
      : [{container_path: containerPath, host_path: hostPath, mode: mode ?? 'RW'}],
  );
}
