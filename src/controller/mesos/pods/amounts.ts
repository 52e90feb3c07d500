import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {Resource} from '../../../api/mesos/v1/resources.ts';
import type {Container, ResourceList} from './pod.ts';

/**
 * Memory is a request and, unless the task has a higher limit, the limit too; cores are a request, limited only by
 * `TaskInfo.limits`. What is revocable is requested by nobody, for somebody else's request holds it: it is used while
 * they do not. Disk is left out: Mesos does not enforce it either, unless told to.
 */
export function amountsOf({resources = [], limits = {}}: TaskInfo): Container['resources'] {
  const sum = (list: readonly Resource[], wanted: string): number =>
    list.reduce((total, {name, scalar}) => total + (name === wanted ? (scalar?.value ?? 0) : 0), 0);
  const firm = resources.filter(({revocable}) => revocable === undefined);
  const [mem, firmMem, gpus] = [sum(resources, 'mem'), sum(firm, 'mem'), sum(resources, 'gpus')];
  const gpu: ResourceList = gpus > 0 ? {'nvidia.com/gpu': String(gpus)} : {};
  // A limit without a request would be the request too.
  const memory: ResourceList = mem > 0 && firmMem === 0 ? {memory: '0'} : mebibytes(firmMem);
  return {
    requests: {...cores(sum(firm, 'cpus')), ...memory, ...gpu},
    limits: {...cores(limits.cpus?.value ?? Number.POSITIVE_INFINITY), ...mebibytes(limits.mem?.value ?? mem), ...gpu},
  };
}

const cores = (cpus: number): ResourceList =>
  cpus > 0 && Number.isFinite(cpus) ? {cpu: `${Math.max(1, Math.round(cpus * 1000))}m`} : {};

/** Kubernetes has no fractions of a byte; a mebibyte has 1024 kibibytes. */
const mebibytes = (mem: number): ResourceList =>
  mem > 0 && Number.isFinite(mem) ? {memory: Number.isInteger(mem) ? `${mem}Mi` : `${Math.ceil(mem * 1024)}Ki`} : {};
