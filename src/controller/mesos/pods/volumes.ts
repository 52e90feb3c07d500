import type {TaskPolicy} from '../../../crds/task-policy.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {Volume} from '../../../api/mesos/v1/container.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {DockerWishes} from './docker-parameters.ts';
import {SANDBOX_PATH} from './marks.ts';
import type {PodVolume, VolumeMount} from './pod.ts';
import {claimName, volumeKey} from './volume-claims.ts';
import {allowedHostPath, claimProblem, mountPathProblem, notAllowed, secretProblem} from './policy.ts';

export type Mounted = {readonly volumes: readonly PodVolume[]; readonly mounts: readonly VolumeMount[]};

const SANDBOX = 'sandbox';
/** Of the executor of a group: shared by its tasks. */
export const PARENT_SANDBOX: PodVolume = {name: 'parent', emptyDir: {}};
export const SANDBOX_MOUNT: VolumeMount = {name: SANDBOX, mountPath: SANDBOX_PATH};

/**
 * The sandbox first, then the task's volumes. Relative paths are inside the sandbox.
 *
 * @param hasParent the task is one of a group
 * @returns         why one cannot be mounted
 */
export function volumesOf(
  info: TaskInfo,
  agentId: string,
  wishes: DockerWishes,
  policy: TaskPolicy,
  {hasParent = false} = {},
): Result<Mounted, string> {
  const {container} = info;
  const volumes: PodVolume[] = [{name: SANDBOX, emptyDir: {}}];
  const mounts: VolumeMount[] = [SANDBOX_MOUNT];
  for (const [index, volume] of [...(container?.volumes ?? []), ...wishes.volumes.map(toVolume)].entries()) {
    const problem = mountPathProblem(volume.container_path);
    const source = problem === undefined ? sourceOf(volume, `volume-${index}`, policy, hasParent) : err(problem);
    if (!source.ok) return err(`Volume '${volume.container_path}': ${source.error}`);
    const {podVolume, subPath, propagation} = source.value;
    if (podVolume !== undefined && !volumes.includes(podVolume)) volumes.push(podVolume);
    mounts.push({
      name: podVolume?.name ?? SANDBOX,
      mountPath: absolute(volume.container_path),
      ...(subPath !== undefined && {subPath}),
      ...(volume.mode === 'RO' && {readOnly: true}),
      ...(propagation !== undefined && {mountPropagation: propagation}),
    });
  }
  for (const [index, {claim, path, readOnly}] of persistent(info, agentId).entries()) {
    const name = `persistent-${index}`;
    const problem = mountPathProblem(path);
    if (problem !== undefined) return err(`Volume '${path}': ${problem}`);
    volumes.push({name, persistentVolumeClaim: {claimName: claim}});
    mounts.push({name, mountPath: absolute(path), ...(readOnly && {readOnly})});
  }
  for (const [index, {path, bytes}] of inMemory(container, wishes).entries()) {
    const name = `memory-${index}`;
    const problem = mountPathProblem(path);
    if (problem !== undefined) return err(`Volume '${path}': ${problem}`);
    volumes.push({name, emptyDir: {medium: 'Memory', ...(bytes !== undefined && {sizeLimit: String(bytes)})}});
    mounts.push({name, mountPath: path});
  }
  return ok({volumes, mounts});
}

type Persistent = {readonly claim: string; readonly path: string; readonly readOnly: boolean};

/** Each persistent volume among the task's resources is a claim, which is made before the pod. */
const persistent = ({resources = []}: TaskInfo, agentId: string): readonly Persistent[] =>
  resources.flatMap(resource => {
    const key = volumeKey(agentId, resource);
    const {container_path: path, mode} = resource.disk?.volume ?? {};
    return key === undefined || path === undefined ? [] : [{claim: claimName(key), path, readOnly: mode === 'RO'}];
  });

const toVolume = ({hostPath, containerPath, readOnly}: DockerWishes['volumes'][number]): Volume => ({
  host_path: hostPath,
  container_path: containerPath,
  mode: readOnly ? 'RO' : 'RW',
});

/** Shared memory and other directories that are held in memory; what lies in them counts as the task's memory. */
function inMemory(
  container: TaskInfo['container'],
  {shmBytes, tmpfs}: DockerWishes,
): readonly {readonly path: string; readonly bytes?: number}[] {
  const megabytes = container?.linux_info?.shm_size;
  const shm = shmBytes ?? (megabytes === undefined ? undefined : megabytes * 2 ** 20);
  return [...(shm === undefined ? [] : [{path: '/dev/shm', bytes: shm}]), ...tmpfs.map(path => ({path}))];
}

/** A volume of its own, or a path in the sandbox. */
type Source = {
  readonly podVolume?: PodVolume;
  readonly subPath?: string;
  readonly propagation?: NonNullable<VolumeMount['mountPropagation']>;
};

const absolute = (path: string): string => (path.startsWith('/') ? path : `${SANDBOX_PATH}/${path}`);

function sourceOf(volume: Volume, name: string, policy: TaskPolicy, hasParent: boolean): Result<Source, string> {
  const {host_path, source, image, container_path} = volume;
  if (image !== undefined) return err('images as volumes are not supported');
  if (host_path !== undefined) return pathSource(host_path, name, policy);
  switch (source?.type) {
    case undefined:
    case 'UNKNOWN':
      return ok({subPath: container_path.replace(/^\/+/, '')});
    case 'HOST_PATH':
      return source.host_path === undefined ? err('host_path is missing') : hostSource(source.host_path, name, policy);
    case 'SANDBOX_PATH':
      return sandboxSource(source.sandbox_path, hasParent);
    case 'SECRET':
      return secretSource(source.secret, name, policy);
    case 'DOCKER_VOLUME':
      return claimSource(source.docker_volume?.name ?? '', volume.mode === 'RO', name, policy);
    case 'CSI_VOLUME':
      return err(`volumes of type ${source.type} are not supported: make a PersistentVolumeClaim and name it`);
    default:
      throw new Error('Bug: unknown volume source');
  }
}

/** Absolute: the node's, where the policy allows. Relative: the sandbox's. */
function pathSource(path: string, name: string, policy: TaskPolicy): Result<Source, string> {
  if (!path.startsWith('/')) return subPathSource(path);
  const allowed = allowedHostPath(path, policy);
  return allowed.ok ? ok({podVolume: {name, hostPath: {path: allowed.value}}}) : allowed;
}

function hostSource(
  {path, mount_propagation}: NonNullable<NonNullable<Volume['source']>['host_path']>,
  name: string,
  policy: TaskPolicy,
): Result<Source, string> {
  const source = pathSource(path, name, policy);
  if (!source.ok || mount_propagation?.mode === undefined || mount_propagation.mode === 'UNKNOWN') return source;
  if (mount_propagation.mode === 'HOST_TO_CONTAINER') return ok({...source.value, propagation: 'HostToContainer'});
  return policy.privileged
    ? ok({...source.value, propagation: 'Bidirectional'})
    : err(notAllowed('bidirectional mount propagation is', 'privileged'));
}

/** The parent of a group's tasks is their executor. */
function sandboxSource(
  from: NonNullable<Volume['source']>['sandbox_path'],
  hasParent: boolean,
): Result<Source, string> {
  if (from === undefined) return err('sandbox_path is missing');
  const path = subPathSource(from.path);
  if (from.type !== 'PARENT' || !path.ok) return path;
  return hasParent ? ok({...path.value, podVolume: PARENT_SANDBOX}) : err("there is no parent container's sandbox");
}

const subPathSource = (path: string): Result<Source, string> =>
  path.split('/').includes('..') ? err('the path must stay in the sandbox') : ok({subPath: path.replace(/^\/+/, '')});

function secretSource(
  secret: NonNullable<Volume['source']>['secret'],
  name: string,
  policy: TaskPolicy,
): Result<Source, string> {
  const reference = secret?.reference;
  if (reference === undefined) return err('only secrets by reference are supported');
  const {name: secretName, key} = reference;
  const problem = secretProblem(reference, policy);
  if (problem !== undefined) return err(problem);
  // One key is a file, the whole Secret a directory of files.
  return key === undefined
    ? ok({podVolume: {name, secret: {secretName}}})
    : ok({podVolume: {name, secret: {secretName, items: [{key, path: key}]}}, subPath: key});
}

/** A Docker volume is what its driver keeps under a name; here a PersistentVolumeClaim of that name. */
function claimSource(claimName: string, readOnly: boolean, name: string, policy: TaskPolicy): Result<Source, string> {
  const problem = claimProblem(claimName, policy);
  return problem === undefined
    ? ok({podVolume: {name, persistentVolumeClaim: {claimName, ...(readOnly && {readOnly})}}})
    : err(problem);
}
