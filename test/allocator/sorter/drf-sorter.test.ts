import test from 'ava';
import {ClusterTotal, ScalarNames} from '../../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../../src/allocator/sorter/drf-sorter.ts';

/** `path:cpus` in a cluster of 100 cpus and 100 MiB; all active. */
function drf(...clients: string[]): {sorter: DrfSorter<string>; total: ClusterTotal} {
  const total = new ClusterTotal(new ScalarNames());
  total.add(
    new Map([
      ['cpus', 100],
      ['mem', 100],
    ]),
    1,
  );
  const sorter = new DrfSorter<string>(total);
  for (const client of clients) {
    const [path = '', cpus = '0'] = client.split(':');
    sorter.add(path, path);
    sorter.activate(path);
    if (cpus !== '0') sorter.allocated(path, [Number(cpus)]);
  }
  return {sorter, total};
}

function order(sorter: DrfSorter<string>): string {
  const paths: string[] = [];
  sorter.visit(path => {
    paths.push(path);
    return false;
  });
  return paths.join(' ');
}

const orders = {
  'smallest share first': {clients: ['a:3', 'b:1', 'c:2'], want: 'b c a'},
  'equal shares: by path': {clients: ['c', 'a', 'b'], want: 'a b c'},
  'a parent counts for all below it': {clients: ['a/x:2', 'a/y:2', 'b:3'], want: 'b a/x a/y'},
  'the client in a parent comes before its children of equal share': {clients: ['a/b', 'a'], want: 'a a/b'},
  'nothing is in the cluster of what is held': {clients: ['a:1'], want: 'a'},
};
for (const [title, {clients, want}] of Object.entries(orders)) {
  test(`order: ${title}`, t => {
    t.is(order(drf(...clients).sorter), want);
  });
}

test('equal shares: fewest allocations first, which hand-backs do not lessen', t => {
  const {sorter} = drf('a', 'b', 'c');
  for (const path of ['a', 'a', 'b']) {
    sorter.allocated(path, [1]);
    sorter.unallocated(path, [1]);
  }
  t.is(order(sorter), 'c b a');
});

test('the number of allocations survives inactivity and moves with the client into a parent', t => {
  const {sorter} = drf('a:1', 'b');
  sorter.unallocated('a', [1]);
  sorter.deactivate('a');
  sorter.activate('a');
  sorter.add('a/x', 'a/x');
  sorter.activate('a/x');
  t.is(order(sorter), 'b a/x a');
});

test('the dominant resource decides', t => {
  const {sorter} = drf('a', 'b');
  sorter.allocated('a', [10, 40]);
  sorter.allocated('b', [30, 0]);
  t.is(order(sorter), 'b a');
  t.is(sorter.share('a'), 0.4);
});

test('a larger cluster changes who is dominant where', t => {
  const {sorter, total} = drf('a', 'b');
  sorter.allocated('a', [20, 40]);
  sorter.allocated('b', [30, 0]);
  t.is(order(sorter), 'b a'); // 0.4, 0.3
  total.add(new Map([['mem', 300]]), 1);
  t.is(order(sorter), 'a b'); // 0.2, 0.3
});

test('weights divide shares among siblings', t => {
  const {sorter} = drf('a:4', 'b:2');
  sorter.setWeight('a', 3);
  t.is(order(sorter), 'a b');
  t.is(sorter.share('a'), 0.04 / 3);
});

test('a weight may be known before its path', t => {
  const {sorter} = drf('b:2');
  sorter.setWeight('a', 3);
  sorter.add('a', 'a');
  sorter.activate('a');
  sorter.allocated('a', [4]);
  t.is(order(sorter), 'a b');
});

test('excluded names and names that no agent has never count', t => {
  const total = new ClusterTotal(new ScalarNames(), new Set(['gpus']));
  total.add(
    new Map([
      ['gpus', 1],
      ['cpus', 10],
    ]),
    1,
  );
  t.is(
    total.dominantShare(
      total.names.vector(
        new Map([
          ['gpus', 1],
          ['cpus', 1],
          ['odd', 7],
        ]),
      ),
    ),
    0.1,
  );
});
