import test from 'ava';
import {toAgentId} from '../../../../../src/allocator/ids.ts';
import {resourcesFromWire} from '../../../../../src/controller/mesos/core/resource-conversion.ts';
import {destroyedVolumes} from '../../../../../src/controller/mesos/core/operations/volumes.ts';
import type {Resource} from '../../../../../src/api/mesos/v1/resources.ts';
import type {Resources} from '../../../../../src/allocator/resources.ts';
import {dynamic, scalarOf, volumeOf} from './reserve.ts';

const held = (...list: Resource[]): Resources => {
  const resources = resourcesFromWire(list);
  if (!resources.ok) throw new Error(resources.error);
  return resources.value;
};
const A = toAgentId('A');
const key = (id: string) => ({agentId: 'A', role: 'eng', id});
const rows: Record<string, {before: Resource[]; after: Resource[]; want: readonly object[]}> = {
  'what stays is not destroyed': {before: [volumeOf('v', 64)], after: [volumeOf('v', 64)], want: []},
  'a volume that has grown is the same one': {before: [volumeOf('v', 64)], after: [volumeOf('v', 96)], want: []},
  'one of two goes': {before: [volumeOf('v', 64), volumeOf('w', 64)], after: [volumeOf('w', 64)], want: [key('v')]},
  'what was only reserved has no data': {before: [scalarOf('disk', 64, [dynamic('eng')])], after: [], want: []},
  'what is new was not there before': {before: [], after: [volumeOf('v', 64)], want: []},
};
for (const [title, {before, after, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(destroyedVolumes(A, held(...before), held(...after)), want);
  });
}
