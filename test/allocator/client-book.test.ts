import test from 'ava';
import {ClientBook} from '../../src/allocator/client-book.ts';
import type {FrameworkRecord} from '../../src/allocator/records.ts';
import {ClusterTotal, ScalarNames} from '../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../src/allocator/sorter/drf-sorter.ts';
import {fw} from './cluster.ts';

function emptyBook(): ClientBook {
  const total = new ClusterTotal(new ScalarNames());
  return new ClientBook(total, {roles: new DrfSorter(total), frameworks: () => new DrfSorter(total)});
}

const framework = (id: string): FrameworkRecord => ({
  frameworkId: fw(id),
  active: true,
  capabilities: new Set(),
  clients: new Map(),
});

test('indices are small and dense, and used again after removal', t => {
  const book = emptyBook();
  const [f, g] = [framework('f'), framework('g')];
  const [first, gone, last] = [book.join(f, 'r'), book.join(f, 's'), book.join(g, 'r')];
  t.deepEqual([first.index, gone.index, last.index], [0, 1, 2]);
  t.is(book.join(f, 's'), gone);
  book.leave(gone);
  t.deepEqual([...book.roles.keys()], ['r']);
  t.is(book.join(g, 't').index, 1);
  t.is(book.join(g, 's').index, 3);
});

test('a client that subscribes may get offers, until it suppresses them', t => {
  const book = emptyBook();
  const client = book.join(framework('f'), 'r');
  book.refresh(client);
  t.false(book.roleSorter.isActive('r'));
  client.subscribed = true;
  book.refresh(client);
  t.true(book.roleSorter.isActive('r'));
  t.true(book.active.has(client.index));
  t.is(client.unlockedAt, book.unlocks);
  client.suppressed = true;
  book.refresh(client);
  t.false(book.roleSorter.isActive('r'));
  t.false(book.active.has(client.index));
});
