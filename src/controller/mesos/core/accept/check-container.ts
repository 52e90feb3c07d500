import type {ContainerInfo, Volume} from '../../../../api/mesos/v1/container.ts';
import type {TaskCheck} from './acceptance.ts';

/** The container has what its type needs, and volumes that can be mounted. */
export const containerCheck: TaskCheck = ({container}) => {
  if (container === undefined) return undefined;
  return typeProblem(container) ?? volumesProblem(container.volumes ?? []);
};

function typeProblem(container: ContainerInfo): string | undefined {
  if (container.type === 'DOCKER' && container.docker === undefined) return "DOCKER container must have 'docker'";
  if (container.type === 'MESOS' && container.docker !== undefined) return "MESOS container must not have 'docker'";
  return container.mesos?.image?.type === 'APPC' ? 'APPC images are not supported' : undefined;
}

function volumesProblem(volumes: readonly Volume[]): string | undefined {
  for (const {container_path, host_path, source} of volumes) {
    if (container_path === '') return 'Volume must have a container_path';
    if (host_path !== undefined && source !== undefined) {
      return `Volume '${container_path}' must have either host_path or source`;
    }
  }
  const paths = volumes.map(volume => volume.container_path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  return twice === undefined ? undefined : `Two volumes at '${twice}'`;
}
