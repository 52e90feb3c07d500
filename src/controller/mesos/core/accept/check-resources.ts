import type {Resource} from '../../../../api/mesos/v1/resources.ts';
import {resourcesFromWire} from '../resource-conversion.ts';
import type {TaskCheck} from './acceptance.ts';

/** Something, all of it well-formed, of the offers' role, and no name both revocable and not. */
export const resourcesCheck: TaskCheck = (info, {offer}) => {
  const list = info.resources ?? [];
  const resources = resourcesFromWire(list);
  if (!resources.ok) return resources.error;
  if (resources.value.isEmpty) return 'Task uses no resources';
  const foreign = list.find(({allocation_info}) => allocation_info?.role !== offer.role);
  if (foreign !== undefined) {
    return `Resource '${foreign.name}' is allocated to role '${foreign.allocation_info?.role}', the offer to '${offer.role}'`;
  }
  return gpusProblem(list) ?? mixProblem(list) ?? volumesProblem(list);
};

const gpusProblem = (list: readonly Resource[]): string | undefined =>
  list.some(({name, scalar}) => name === 'gpus' && !Number.isInteger(scalar?.value))
    ? "The 'gpus' resource must be a whole number"
    : undefined;

function mixProblem(list: readonly Resource[]): string | undefined {
  const mixed = list.find(
    ({name, revocable}) =>
      revocable !== undefined && list.some(other => other.name === name && other.revocable === undefined),
  );
  return mixed === undefined ? undefined : `Cannot use both revocable and non-revocable '${mixed.name}'`;
}

function volumesProblem(list: readonly Resource[]): string | undefined {
  const ids = list.flatMap(({disk}) => (disk?.persistence === undefined ? [] : [disk.persistence.id]));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined ? undefined : `Persistent volume '${twice}' is used twice`;
}
