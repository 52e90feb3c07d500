import test from 'ava';
import {addAt, addVector, ClusterTotal, ScalarNames, sum} from '../../../src/allocator/sorter/cluster-total.ts';

const amounts = (of: Readonly<Record<string, number>>): ReadonlyMap<string, number> => new Map(Object.entries(of));

function totalOf(of: Readonly<Record<string, number>>, excluded: readonly string[] = []): ClusterTotal {
  const total = new ClusterTotal(new ScalarNames(), new Set(excluded));
  total.add(amounts(of), 1);
  return total;
}

test('a name keeps its index, and a new one gets the next', t => {
  const names = new ScalarNames();
  t.deepEqual(
    ['cpus', 'mem', 'cpus', 'disk', 'mem'].map(name => names.indexOf(name)),
    [0, 1, 0, 2, 1],
  );
  t.deepEqual(names.all, ['cpus', 'mem', 'disk']);
});

test('amounts become a vector by the index of their names, and quantities again', t => {
  const names = new ScalarNames();
  for (const name of ['cpus', 'mem', 'disk', 'gpus']) names.indexOf(name);
  const vector = names.vector(amounts({disk: 1500, mem: 2000}));
  t.deepEqual(vector, [0, 2000, 1500]);
  t.deepEqual(
    names.quantities(vector),
    new Map([
      ['mem', 2],
      ['disk', 1.5],
    ]),
  );
});

test('vectors of any lengths are added', t => {
  const target = [1, 2];
  addAt(target, 1, 5);
  t.deepEqual(target, [1, 7]);
  addAt(target, 4, 5);
  t.deepEqual(target, [1, 7, 0, 0, 5]);
  addVector(target, [1, 1], -1);
  t.deepEqual(target, [0, 6, 0, 0, 5]);
  const short = [1];
  addVector(short, [1, 2, 3], -1);
  t.deepEqual(short, [0, -2, -3]);
});

test('a sum is made in place, unless the target is too short', t => {
  const long = [5, 5];
  t.is(sum(long, [1, 2], -1), long);
  t.deepEqual(long, [4, 3]);
  const short = [5];
  t.deepEqual(sum(short, [1, 2], -1), [4, -2]);
  t.deepEqual(short, [5]);
});

test('agents that come and go change every share', t => {
  const total = totalOf({cpus: 10, mem: 100});
  const versions = [total.version];
  t.is(total.dominantShare([2, 30]), 0.3);
  total.add(amounts({mem: 200}), 1);
  versions.push(total.version);
  t.is(total.dominantShare([2, 30]), 0.2);
  total.add(amounts({cpus: 6}), -1);
  versions.push(total.version);
  t.is(total.dominantShare([2, 30]), 0.5);
  t.deepEqual(total.amounts, [4, 300]);
  t.is(new Set(versions).size, 3);
});

test('a resource of which there is a thousandth counts, and one of which there is none does not', t => {
  const total = totalOf({cpus: 1, mem: 100});
  for (const share of [total.dominantShare([1, 0]), total.shareAt(Float64Array.of(1, 0), 0, 2)]) t.is(share, 1);
  total.add(amounts({cpus: 1}), -1);
  for (const share of [total.dominantShare([5, 10]), total.shareAt(Float64Array.of(5, 10), 0, 2)]) t.is(share, 0.1);
});

test('the share of what lies in a larger array is that of its part', t => {
  const total = totalOf({cpus: 10, mem: 100});
  const flat = Float64Array.of(9, 90, 1, 30, 8, 80);
  t.is(total.shareAt(flat, 2, 2), 0.3);
  t.is(total.shareAt(flat, 2, 1), 0.1); // the memory beside it is another's
  t.is(total.shareAt(flat, 0, 2), 0.9);
  t.is(totalOf({cpus: 10}).shareAt(flat, 2, 4), 0.1); // of the others the cluster has nothing
});

test('excluded names count in no share, though the cluster has them', t => {
  const total = totalOf({cpus: 10, gpus: 2}, ['gpus']);
  t.is(total.dominantShare([1, 2]), 0.1);
  t.is(total.shareAt(Float64Array.of(1, 2), 0, 2), 0.1);
  t.deepEqual(total.amounts, [10, 2]);
});

test('a share in the last run is of the cluster that the run divided', t => {
  const total = totalOf({cpus: 10});
  t.is(total.shareInLastRun([5]), 0);
  total.beginRun();
  t.is(total.phase % 2, 1);
  total.endRun();
  t.is(total.phase % 2, 0);
  total.add(amounts({cpus: 10}), 1);
  t.is(total.shareInLastRun([5]), 0.5);
  t.is(total.dominantShare([5]), 0.25);
});
