import type {ContainerInfo, DockerInfo, NetworkInfo, Volume} from '../../../../api/mesos/v1/container.ts';
import {secretReference, type SecretReference} from '../../../../crds/secret-source.ts';
import type {AppDefinition} from '../apps/app.ts';

type PortMappings = NonNullable<DockerInfo['port_mappings']>;

/** The container of a task, or undefined for a plain command on the host's network. */
export function containerInfo(
  app: AppDefinition,
  hostPorts: readonly (number | undefined)[],
): ContainerInfo | undefined {
  const {container, tty} = app.spec;
  if (container === undefined && app.networkMode === 'host' && tty !== true) return undefined;
  const mappings = portMappings(app, hostPorts);
  const common = {volumes: volumes(app), network_infos: networks(app, mappings), ...(tty === true && {tty_info: {}})};
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
  return {type: 'MESOS', ...common, mesos: mesosInfo(app), ...linuxInfo(container?.linuxInfo)};
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

function mesosInfo({spec: {container, secrets = {}}}: AppDefinition): ContainerInfo['mesos'] {
  const docker = container?.docker;
  if (docker === undefined) return {};
  const pull = secretReference(secrets[docker.pullConfig?.secret ?? '']?.source ?? '');
  return {
    image: {
      type: 'DOCKER',
      docker: {
        name: docker.image,
        ...(pull !== undefined && {config: {type: 'REFERENCE', reference: {name: pull.name}}}),
      },
      cached: !docker.forcePullImage,
    },
  };
}

/** `{seccomp: {profileName, unconfined}, ipcInfo: {mode, shmSize}}`; the size in MiB. */
function linuxInfo(info: Readonly<Record<string, unknown>> | undefined): Pick<ContainerInfo, 'linux_info'> {
  if (info === undefined) return {};
  const {profileName, unconfined} = fieldsOf(info['seccomp']);
  const {mode, shmSize} = fieldsOf(info['ipcInfo']);
  return {
    linux_info: {
      seccomp: {
        ...(typeof profileName === 'string' && {profile_name: profileName}),
        ...(unconfined === true && {unconfined}),
      },
      ...(mode === 'SHARE_PARENT' && {ipc_mode: mode}),
      ...(typeof shmSize === 'number' && Number.isInteger(shmSize) && shmSize > 0 && {shm_size: shmSize}),
    },
  };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? {...value} : {};

function volumes({spec: {container, secrets = {}}}: AppDefinition): Volume[] {
  return (container?.volumes ?? []).flatMap(({containerPath, mode = 'RW', hostPath, external, secret}): Volume[] => {
    if (containerPath === undefined) return [];
    const source = sourceOf(external, secretReference(secrets[secret ?? '']?.source ?? ''));
    if (source !== undefined)
      return [{container_path: containerPath, mode: secret === undefined ? mode : 'RO', source}];
    return hostPath === undefined ? [] : [{container_path: containerPath, host_path: hostPath, mode}];
  });
}

/** An external volume by its name and driver, or a secret. */
function sourceOf(
  external: Readonly<Record<string, unknown>> | undefined,
  secret: SecretReference | undefined,
): Volume['source'] {
  if (secret !== undefined) return {type: 'SECRET', secret: {type: 'REFERENCE', reference: secret}};
  if (typeof external?.['name'] !== 'string') return undefined;
  const driver = fieldsOf(external['options'])['dvdi/driver'] ?? external['provider'];
  return {
    type: 'DOCKER_VOLUME',
    docker_volume: {name: external['name'], ...(typeof driver === 'string' && {driver})},
  };
}
