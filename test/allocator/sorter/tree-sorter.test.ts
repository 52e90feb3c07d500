import test from 'ava';
import {ClusterTotal, ScalarNames} from '../../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../../src/allocator/sorter/drf-sorter.ts';
import {RandomSorter} from '../../../src/allocator/sorter/random-sorter.ts';
import type {Sorter} from '../../../src/allocator/sorter/sorter.ts';
import {seeded} from '../cluster.ts';

/** Of 100 cpus. */
function newTotal(): ClusterTotal {
  const total = new ClusterTotal(new ScalarNames());
  total.add(new Map([['cpus', 100]]), 1);
  return total;
}

/** All active. */
function tree(paths: readonly string[], total = newTotal()): DrfSorter<string> {
  const sorter = new DrfSorter<string>(total);
  enter(sorter, paths);
  return sorter;
}

function enter(sorter: Sorter<string>, paths: readonly string[]): void {
  for (const path of paths) {
    sorter.add(path, path);
    sorter.activate(path);
  }
}

function order(sorter: Sorter<string>): string {
  const paths: string[] = [];
  sorter.visit(path => {
    paths.push(path);
    return false;
  });
  return paths.join(' ');
}

test('a client that gets children stands beside them with all that it had', t => {
  const sorter = tree(['a', 'b']);
  sorter.allocated('a', [30]);
  sorter.allocated('b', [10]);
  sorter.add('a/x', 'a/x');
  t.is(sorter.share('a/.'), 0.3);
  t.deepEqual(sorter.handOuts(), new Map(Object.entries({'': 2, a: 1, 'a/.': 1, b: 1})));
  sorter.activate('a/x');
  sorter.allocated('a/x', [1]);
  t.is(order(sorter), 'b a/x a');
  sorter.remove('a');
  t.deepEqual(sorter.holdings('a'), [1]);
  t.is(order(sorter), 'a/x b');
});

test('an inactive client that gets children stays inactive', t => {
  const sorter = tree(['b']);
  sorter.add('a', 'a');
  enter(sorter, ['a/x']);
  t.false(sorter.isActive('a'));
  t.is(order(sorter), 'a/x b');
  t.is(sorter.activeCount, 2);
  sorter.activate('a');
  t.is(order(sorter), 'a a/x b');
});

test('a parent that becomes a client only in the end is a client and a parent', t => {
  const sorter = tree(['a/x/1', 'a/x', 'a']);
  t.is(order(sorter), 'a a/x a/x/1');
  sorter.allocated('a/x', [10]);
  t.is(sorter.share('a/x'), 0.1);
  t.is(sorter.share('a/x/.'), 0.1);
  t.is(sorter.share('a/x/1'), 0);
  t.is(order(sorter), 'a a/x/1 a/x');
});

test('with the last client below it a parent is forgotten', t => {
  const sorter = tree(['a/x/1', 'a/y']);
  sorter.allocated('a/x/1', [10]);
  sorter.remove('a/x/1');
  t.is(sorter.standing('a/x', 'now'), undefined);
  t.is(sorter.standing('a', 'now')?.allocations, 1);
  sorter.remove('a/y');
  t.is(sorter.standing('a', 'now'), undefined);
  t.deepEqual(sorter.holdings(''), [0]);
  t.is(order(sorter), '');
  enter(sorter, ['a']);
  t.is(order(sorter), 'a');
  t.is(sorter.standing('a', 'now')?.allocations, 0);
});

test('a client that outlives its children is compared by what it has itself', t => {
  const sorter = tree(['a', 'a/x', 'b']);
  sorter.allocated('a/x', [50]);
  sorter.allocated('b', [10]);
  t.is(order(sorter), 'b a a/x');
  sorter.remove('a/x');
  t.is(order(sorter), 'a b');
  t.true(sorter.isActive('a'));
  sorter.deactivate('a');
  t.is(order(sorter), 'b');
  sorter.activate('a');
  enter(sorter, ['a/y']);
  t.is(order(sorter), 'a/y a b'); // the hand-out below a counts for a
});

test('what one client alone holds counts as soon as it has a sibling', t => {
  const sorter = tree(['a']);
  sorter.allocated('a', [50]);
  t.is(order(sorter), 'a');
  enter(sorter, ['b']);
  sorter.allocated('b', [1]);
  t.is(order(sorter), 'b a');
});

test('what was given while inactive counts when active again', t => {
  const sorter = tree(['a', 'b', 'c']);
  sorter.allocated('b', [10]);
  sorter.allocated('c', [30]);
  sorter.deactivate('a');
  t.is(order(sorter), 'b c');
  sorter.allocated('a', [20]);
  sorter.setWeight('c', 6);
  t.is(order(sorter), 'c b');
  sorter.activate('a');
  t.is(order(sorter), 'c b a');
});

test('activating twice and deactivating twice is as once', t => {
  const sorter = tree(['a/x', 'b']);
  sorter.activate('a/x');
  sorter.deactivate('a/x');
  sorter.deactivate('a/x');
  t.is(sorter.activeCount, 1);
  t.is(order(sorter), 'b');
  sorter.activate('a/x');
  t.is(sorter.activeCount, 2);
});

test('a parent is weighed with all below it, and a weight may be named before its path', t => {
  const sorter = new DrfSorter<string>(newTotal());
  sorter.setWeight('a', 4);
  enter(sorter, ['a/x', 'a/y', 'b']);
  sorter.allocated('a/x', [10]);
  sorter.allocated('a/y', [20]);
  sorter.allocated('b', [10]);
  t.is(order(sorter), 'a/x a/y b'); // 0.3 / 4 against 0.1
  t.deepEqual(sorter.standing('a', 'now'), {allocated: [30], allocations: 2, weight: 4});
  sorter.setWeight('a', 1);
  t.is(order(sorter), 'b a/x a/y');
  sorter.setWeight('a/y', 3);
  t.is(order(sorter), 'b a/y a/x');
});

test('of a path that is not in the tree nothing is known', t => {
  const sorter = tree(['a/x']);
  for (const path of ['b', 'a/y', 'a/x/1', 'b/x']) {
    t.deepEqual(sorter.holdings(path), []);
    t.is(sorter.share(path), 0);
    t.is(sorter.standing(path, 'now'), undefined);
    t.is(sorter.standing(path, 'before'), undefined);
    t.false(sorter.has(path));
    t.false(sorter.isActive(path));
  }
  t.false(sorter.has('a'));
});

test('a standing is remembered from the beginning and the end of the last run', t => {
  const total = newTotal();
  const sorter = tree(['a/x', 'b'], total);
  const standings = (path: string): unknown[] =>
    (['before', 'after', 'now'] as const).map(when => {
      const {allocated, allocations} = sorter.standing(path, when) ?? {};
      return [allocated, allocations];
    });
  sorter.allocated('a/x', [1]);
  total.beginRun();
  sorter.allocated('a/x', [2]);
  sorter.allocated('a/x', [3]);
  total.endRun();
  t.deepEqual(standings('a'), [
    [[1], 1],
    [[6], 3],
    [[6], 3],
  ]);
  sorter.unallocated('a/x', [4]);
  sorter.unallocated('a/x', [1]);
  t.deepEqual(standings('a/x'), [
    [[1], 1],
    [[6], 3],
    [[1], 3],
  ]);
  t.deepEqual(standings('b'), [
    [[], 0],
    [[], 0],
    [[], 0],
  ]);
  total.beginRun();
  sorter.allocated('b', [7]);
  total.endRun();
  t.deepEqual(standings('a/x'), [
    [[1], 3],
    [[1], 3],
    [[1], 3],
  ]);
  t.deepEqual(standings('b'), [
    [[], 0],
    [[7], 1],
    [[7], 1],
  ]);
});

test('hand-outs that are put back decide between equal shares', t => {
  const sorter = tree(['a', 'b/x', 'b/y', 'c']);
  t.is(order(sorter), 'a b/x b/y c');
  sorter.setHandOuts(
    new Map([
      ['a', 3],
      ['b', 2],
      ['b/x', 2],
    ]),
  );
  t.is(order(sorter), 'c b/y b/x a');
  t.deepEqual(
    sorter.handOuts(),
    new Map([
      ['a', 3],
      ['b', 2],
      ['b/x', 2],
    ]),
  );
});

test('a drawn order depends on the draw and not on the order in which the clients came', t => {
  const drawn = (paths: readonly string[]): string => {
    const sorter = new RandomSorter<string>(newTotal(), seeded(5));
    enter(sorter, paths);
    return order(sorter);
  };
  const paths = ['a', 'b', 'c/x', 'c/y', 'd', 'e'];
  t.is(drawn(paths.toReversed()), drawn(paths));
  t.is(drawn(['c/y', 'e', 'a', 'd', 'c/x', 'b']), drawn(paths));
});

test('of no clients none is visited, however often one looks', t => {
  const sorter = tree([]);
  for (let i = 0; i < 3; i++) t.is(order(sorter), '');
  enter(sorter, ['a', 'b']);
  for (let i = 0; i < 3; i++) t.is(order(sorter), 'a b');
});
