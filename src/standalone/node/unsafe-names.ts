import type {Rejection} from './admission.ts';
import type {Container, Pod, VolumeMount} from './pod.ts';

/** A registry, a path in lower case, a tag, a digest; anything may be missing but one part of a path. */
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._\-/:@]*$/;

/**
 * Names that docker or the file system would read as something else: an option, a path that leads out of its volume,
 * two paths in one. Whoever wrote them, and whoever let them through, they do not run here.
 */
export function unsafeNames(pod: Pod): Rejection | undefined {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  for (const container of containers) {
    const problem = imageProblem(container) ?? (container.volumeMounts ?? []).map(mountProblem).find(isProblem);
    if (problem !== undefined) return problem;
  }
  const volume = pod.spec.volumes?.find(({name, hostPath}) => !isName(name) || isUnsafe(hostPath?.path ?? ''));
  return (
    volume && {
      reason: 'InvalidVolume',
      message: `the volume ${quoted(volume.name)} has a path or name with ".." or ":"`,
    }
  );
}

function imageProblem({name, image = ''}: Container): Rejection | undefined {
  if (image === '' || IMAGE.test(image)) return undefined;
  return {reason: 'InvalidImageName', message: `container ${name}: ${quoted(image)} is no name of an image`};
}

function mountProblem({mountPath, subPath = ''}: VolumeMount): Rejection | undefined {
  const bad = isUnsafe(mountPath) ? mountPath : isUnsafe(subPath) || subPath.startsWith('/') ? subPath : undefined;
  return bad === undefined
    ? undefined
    : {reason: 'InvalidVolume', message: `the path ${quoted(bad)} has ".." or ":" in it`};
}

const isProblem = (found: Rejection | undefined): boolean => found !== undefined;

const isName = (name: string): boolean => /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && !name.includes('..');

const isUnsafe = (path: string): boolean => path.includes(':') || path.split('/').includes('..');

const quoted = (text: string): string => JSON.stringify(text.slice(0, 200));
