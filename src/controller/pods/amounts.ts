import type {TaskInfo} from '../../api/mesos/v1/common.ts';
import type {Container, ResourceList} from './pod.ts';

/**
 * Memory is a request and, unless the task has a higher limit, the limit too; cores are a request, limited only by
 * `TaskInfo.limits`. Disk is left out: Mesos does not enforce it either, unless told to.
 */
export function amountsOf({resources = [], limits = {}}: TaskInfo): Container['resources'] {
  const sum = (name: string): number =>
    resources.reduce((total, resource) => total + (resource.name === name ? (resource.scalar?.value ?? 0) : 0), 0);
  const [cpus, mem, gpus] = [sum('cpus'), sum('mem'), sum('gpus')];
  const gpu: ResourceList = gpus > 0 ? {'nvidia.com/gpu': String(gpus)} : {};
  return {
    requests: {...cores(cpus), ...mebibytes(mem), ...gpu},
    limits: {...cores(limits.cpus?.value ?? Number.POSITIVE_INFINITY), ...mebibytes(limits.mem?.value ?? mem), ...gpu},
  };
}

const cores = (cpus: number): ResourceList =>
  cpus > 0 && Number.isFinite(cpus) ? {cpu: `${Math.max(1, Math.round(cpus * 1000))}m`} : {};

/** Kubernetes has no fractions of a byte; a mebibyte has 1024 kibibytes. */
const mebibytes = (mem: number): ResourceList =>
  mem > 0 && Number.isFinite(mem) ? {memory: Number.isInteger(mem) ? `${mem}Mi` : `${Math.ceil(mem * 1024)}Ki`} : {};
