import {objectsAt, stringAt} from '../fields.ts';
import {nameProblems} from '../names.ts';
import type {ApiObject} from '../object.ts';
import type {StatusCause} from '../schema/schema.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];

/** What is wrong with a pod's containers. Images are the node's affair: a process node runs commands without one. */
export function childrenCauses(pod: ApiObject): readonly StatusCause[] {
  const containers = objectsAt(pod, 'spec', 'containers');
  const causes: StatusCause[] = [];
  if (containers.length === 0) {
    causes.push({reason: 'FieldValueRequired', field: 'spec.containers', message: 'Required value'});
  }
  const policy = stringAt(pod, 'spec', 'restartPolicy') ?? '';
  if (containers.length > 0 && !RESTART_POLICIES.includes(policy)) {
    const supported = RESTART_POLICIES.map(known => JSON.stringify(known)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
    causes.push({reason: 'FieldValueNotSupported', field: 'spec.restartPolicy', message});
  }
  const names = new Set<string>();
  for (const list of ['initContainers', 'containers']) {
    objectsAt(pod, 'spec', list).forEach((container, index) => {
      causes.push(...nameCauses(stringAt(container, 'name') ?? '', `spec.${list}[${index}].name`, names));
    });
  }
  return causes;
}

function nameCauses(name: string, field: string, seen: Set<string>): readonly StatusCause[] {
  if (name === '') return [{reason: 'FieldValueRequired', field, message: 'Required value'}];
  if (seen.has(name))
    return [{reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(name)}`}];
  seen.add(name);
  return nameProblems('dns1123-label', name).map(why => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(name)}: ${why}`,
  }));
}
