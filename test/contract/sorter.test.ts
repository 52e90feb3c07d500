import test from 'ava';
import {ClusterTotal, ScalarNames} from '../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../src/allocator/sorter/drf-sorter.ts';
import {RandomSorter} from '../../src/allocator/sorter/random-sorter.ts';
import type {Sorter} from '../../src/allocator/sorter/sorter.ts';
import {seeded} from '../allocator/cluster.ts';

const newTotal = (cpus = 100): ClusterTotal => {
  const total = new ClusterTotal(new ScalarNames());
  total.add(new Map([['cpus', cpus * 1000]]), 1);
  return total;
};
const makers: Record<string, () => Sorter<{path: string}>> = {
  drf: () => new DrfSorter(newTotal()),
  random: () => new RandomSorter(newTotal(), seeded(3)),
};

function withClients(make: () => Sorter<{path: string}>, ...paths: string[]): Sorter<{path: string}> {
  const sorter = make();
  for (const path of paths) {
    sorter.add(path, {path});
    sorter.activate(path);
  }
  return sorter;
}

function visited(sorter: Sorter<{path: string}>): string[] {
  const paths: string[] = [];
  sorter.visit(({path}) => {
    paths.push(path);
    return false;
  });
  return paths;
}

for (const [kind, make] of Object.entries(makers)) {
  test(`${kind}: visits each active client once`, t => {
    const sorter = withClients(make, 'a', 'a/b', 'a/b/c', 'd', 'e/f');
    sorter.add('g', {path: 'g'});
    t.deepEqual(visited(sorter).sort(), ['a', 'a/b', 'a/b/c', 'd', 'e/f']);
    t.is(sorter.size, 6);
    t.is(sorter.activeCount, 5);
  });

  test(`${kind}: a whole subtree comes before the next sibling`, t => {
    const sorter = withClients(make, 'a/1', 'b/1', 'a/2', 'b/2', 'a/3');
    const tops = visited(sorter).map(path => path[0] ?? '');
    t.is(tops.filter((top, i) => top !== tops[i - 1]).length, 2);
  });

  test(`${kind}: an inactive client is left out, until it is active again`, t => {
    const sorter = withClients(make, 'a', 'b/c');
    sorter.deactivate('b/c');
    t.deepEqual(visited(sorter), ['a']);
    t.false(sorter.isActive('b/c'));
    sorter.activate('b/c');
    sorter.activate('b/c');
    t.deepEqual(visited(sorter).sort(), ['a', 'b/c']);
    t.is(sorter.activeCount, 2);
  });

  test(`${kind}: ask ends the visit by answering true`, t => {
    const sorter = withClients(make, 'a', 'b', 'c');
    let asked = 0;
    t.true(sorter.visit(() => ++asked === 2));
    t.is(asked, 2);
  });

  test(`${kind}: what a client holds counts for its parents, also when inactive`, t => {
    const sorter = withClients(make, 'a/b', 'a');
    sorter.deactivate('a/b');
    sorter.allocated('a/b', [30_000]);
    sorter.allocated('a', [20_000]);
    t.deepEqual(sorter.holdings('a'), [50_000]);
    t.deepEqual(sorter.holdings(''), [50_000]);
    t.is(sorter.share('a'), 0.5);
    t.is(sorter.share('a/b'), 0.3);
  });

  test(`${kind}: a removed client takes its holdings along, its weight stays with the path`, t => {
    const sorter = withClients(make, 'a/b', 'a/c');
    sorter.setWeight('a/b', 2);
    sorter.allocated('a/b', [40_000]);
    sorter.remove('a/b');
    t.is(sorter.share('a'), 0);
    t.false(sorter.has('a/b'));
    sorter.add('a/b', {path: 'a/b'});
    sorter.allocated('a/b', [40_000]);
    t.is(sorter.share('a/b'), 0.2);
    t.deepEqual(visited(sorter), ['a/c']);
  });

  test(`${kind}: a client that gets children and loses them keeps what it holds`, t => {
    const sorter = withClients(make, 'a');
    sorter.allocated('a', [10_000]);
    sorter.add('a/b', {path: 'a/b'});
    sorter.activate('a/b');
    sorter.allocated('a/b', [10_000]);
    t.is(sorter.share('a'), 0.2);
    t.deepEqual(visited(sorter).sort(), ['a', 'a/b']);
    sorter.remove('a/b');
    t.is(sorter.share('a'), 0.1);
    t.deepEqual(visited(sorter), ['a']);
    sorter.unallocated('a', [10_000]);
    sorter.remove('a');
    t.deepEqual([sorter.size, sorter.activeCount, visited(sorter).length], [0, 0, 0]);
  });

  test(`${kind}: a parent collapses to a client while its changes are not sorted yet`, t => {
    const sorter = withClients(make, 'a', 'a/b', 'c');
    visited(sorter);
    sorter.allocated('a', [10_000]);
    sorter.remove('a/b');
    t.deepEqual(visited(sorter).sort(), ['a', 'c']);
  });

  test(`${kind}: hand-outs during a visit do not disturb it`, t => {
    const sorter = withClients(make, 'a', 'b', 'c', 'd');
    const paths: string[] = [];
    sorter.visit(({path}) => {
      sorter.allocated(path, [25_000]);
      paths.push(path);
      return false;
    });
    t.deepEqual(paths.sort(), ['a', 'b', 'c', 'd']);
  });

  test(`${kind}: refuses strangers`, t => {
    const sorter = withClients(make, 'a');
    t.throws(() => sorter.add('a', {path: 'a'}), {message: /^Bug: /});
    t.throws(() => sorter.activate('b'), {message: /^Bug: /});
    t.throws(() => sorter.allocated('a/b', [1]), {message: /^Bug: /});
  });
}

test('random: first with the chance weight / sum of weights', t => {
  const sorter = withClients(() => new RandomSorter(newTotal(), seeded(11)), '1', '2', '3', '4', '5', 'idle');
  for (const path of ['1', '2', '3', '4', '5']) sorter.setWeight(path, Number(path));
  sorter.deactivate('idle');
  const first: Record<string, number> = {};
  const visits = 20_000;
  for (let i = 0; i < visits; i++) sorter.visit(({path}) => (first[path] = (first[path] ?? 0) + 1) > 0);
  const off = ['1', '2', '3', '4', '5'].map(path => Math.abs((first[path] ?? 0) / visits - Number(path) / 15));
  t.true(Math.max(...off) < 0.015, `off by ${off.join(', ')}`); // over 4 standard deviations
});
