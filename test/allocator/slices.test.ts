import test from 'ava';
import {Effort, inOneGo} from '../../src/allocator/slices.ts';
import {Cluster, cm, readable} from './cluster.ts';

test('a slice is over after its units, and the next one has as many', t => {
  const effort = new Effort(2);
  const spent = (): boolean => {
    effort.spend();
    return effort.isSliceOver();
  };
  t.false(effort.isSliceOver());
  t.deepEqual([spent(), spent(), spent(), spent()], [false, true, false, true]);
});

/** Six agents and two frameworks, looked at in slices of so many units. */
function cluster(unitsPerSlice: number): Cluster {
  const all = new Cluster({unitsPerSlice}).framework('f', 'r').framework('g', 's');
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) all.agent(id, cm(1, 1024));
  return all;
}

test('a run stops between slices, and hands out the same as in one go', t => {
  const whole = readable(inOneGo(cluster(1000).allocator.runInSlices('periodic', 0)));
  t.is(whole.length, 6);
  let stops = 0;
  const slices = cluster(2).allocator.runInSlices('periodic', 0);
  let next = slices.next();
  for (; next.done !== true; next = slices.next()) stops++;
  t.true(stops >= 2, String(stops));
  t.deepEqual(readable(next.value), whole);
  const large = cluster(1000).allocator.runInSlices('periodic', 0);
  t.true(large.next().done);
});

test('a run for guarantees stops only between slices, too', t => {
  const guaranteed = (unitsPerSlice: number): Cluster => cluster(unitsPerSlice).quota('r', 'cpus:6');
  t.true(guaranteed(1000).allocator.runInSlices('periodic', 0).next().done);
  t.not(guaranteed(2).allocator.runInSlices('periodic', 0).next().done, true);
});
