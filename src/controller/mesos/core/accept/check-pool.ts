import {formatResources} from '../../../../allocator/text-form.ts';
import {resourcesFromWire} from '../resource-conversion.ts';
import type {TaskCheck} from './acceptance.ts';

/** What earlier tasks of the same ACCEPT left must suffice. */
export const poolCheck: TaskCheck = (info, {pool}) => {
  const asked = resourcesFromWire(info.resources ?? []);
  if (asked.ok && pool.contains(asked.value)) return undefined;
  const wanted = asked.ok ? formatResources(asked.value) : '';
  return `Task uses more resources ${wanted} than available ${formatResources(pool)}`;
};
