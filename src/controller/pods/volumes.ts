import type {Volume} from '../../api/mesos/v1/container.ts';
import {err, ok} from '../../lib/result.ts';
import type {Result} from '../../lib/result.ts';
import {SANDBOX_PATH} from './marks.ts';
import type {PodVolume, VolumeMount} from './pod.ts';

export type Mounted = {readonly volumes: readonly PodVolume[]; readonly mounts: readonly VolumeMount[]};

const SANDBOX = 'sandbox';

/** The sandbox first, then the task's volumes. Relative paths are inside the sandbox. @returns why one cannot be mounted */
export function volumesOf(list: readonly Volume[]): Result<Mounted, string> {
  const volumes: PodVolume[] = [{name: SANDBOX, emptyDir: {}}];
  const mounts: VolumeMount[] = [{name: SANDBOX, mountPath: SANDBOX_PATH}];
  for (const [index, volume] of list.entries()) {
    const source = sourceOf(volume, `volume-${index}`);
    if (!source.ok) return err(`Volume '${volume.container_path}': ${source.error}`);
    const {podVolume, subPath} = source.value;
    if (podVolume !== undefined) volumes.push(podVolume);
    mounts.push({
      name: podVolume?.name ?? SANDBOX,
      mountPath: absolute(volume.container_path),
      ...(subPath !== undefined && {subPath}),
      ...(volume.mode === 'RO' && {readOnly: true}),
    });
  }
  return ok({volumes, mounts});
}

/** A volume of its own, or a path in the sandbox. */
type Source = {readonly podVolume?: PodVolume; readonly subPath?: string};

const absolute = (path: string): string => (path.startsWith('/') ? path : `${SANDBOX_PATH}/${path}`);

function sourceOf({host_path, source, image, container_path}: Volume, name: string): Result<Source, string> {
  if (image !== undefined) return err('images as volumes are not supported');
  if (host_path !== undefined) return pathSource(host_path, name);
  switch (source?.type) {
    case undefined:
    case 'UNKNOWN':
      return ok({subPath: container_path.replace(/^\/+/, '')});
    case 'HOST_PATH':
      return source.host_path === undefined ? err('host_path is missing') : pathSource(source.host_path.path, name);
    case 'SANDBOX_PATH':
      return sandboxSource(source.sandbox_path);
    case 'SECRET':
      return secretSource(source.secret, name);
    case 'DOCKER_VOLUME':
    case 'CSI_VOLUME':
      return err(`volumes of type ${source.type} are not supported`);
    default:
      throw new Error('Bug: unknown volume source');
  }
}

/** Absolute: the node's. Relative: the sandbox's. */
const pathSource = (path: string, name: string): Result<Source, string> =>
  path.startsWith('/') ? ok({podVolume: {name, hostPath: {path}}}) : subPathSource(path);

function sandboxSource(from: NonNullable<Volume['source']>['sandbox_path']): Result<Source, string> {
  if (from === undefined) return err('sandbox_path is missing');
  return from.type === 'PARENT' ? err("there is no parent container's sandbox") : subPathSource(from.path);
}

const subPathSource = (path: string): Result<Source, string> =>
  path.split('/').includes('..') ? err('the path must stay in the sandbox') : ok({subPath: path.replace(/^\/+/, '')});

function secretSource(secret: NonNullable<Volume['source']>['secret'], name: string): Result<Source, string> {
  const reference = secret?.reference;
  if (reference === undefined) return err('only secrets by reference are supported');
  const items = reference.key === undefined ? undefined : [{key: reference.key, path: reference.key}];
  return ok({podVolume: {name, secret: {secretName: reference.name, ...(items !== undefined && {items})}}});
}
