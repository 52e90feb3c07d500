import {resourcesFromWire} from '../resource-conversion.ts';
import type {TaskCheck} from './acceptance.ts';

/** Limits exist for `cpus` and `mem` only, and are not below what the task asks for. */
export const limitsCheck: TaskCheck = ({limits = {}, resources = []}) => {
  const asked = resourcesFromWire(resources);
  for (const [name, {value}] of Object.entries(limits)) {
    if (name !== 'cpus' && name !== 'mem') return `Limit on '${name}' is not supported, only on 'cpus' and 'mem'`;
    if (asked.ok && !(value >= asked.value.scalar(name)))
      return `The limit on '${name}' is below what the task requests`;
  }
  return undefined;
};
