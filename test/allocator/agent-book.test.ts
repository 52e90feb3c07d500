import test from 'ava';
import {AgentBook} from '../../src/allocator/agent-book.ts';
import type {AgentEntry} from '../../src/allocator/records.ts';
import {agent, cm} from './cluster.ts';

const add = (book: AgentBook, id: string): AgentEntry => book.add({agentId: agent(id), total: cm(1, 1024)});

test('slots are small and dense, and no two agents have the same', t => {
  const book = new AgentBook();
  const [first, second, third] = ['b', 'a', 'c'].map(id => add(book, id));
  if (!first || !second || !third) return t.fail();
  t.deepEqual([first.slot, second.slot, third.slot], [0, 1, 2]);
  book.remove(second);
  book.remove(first);
  t.deepEqual(
    ['d', 'e', 'f'].map(id => add(book, id).slot),
    [0, 1, 3],
  );
});

test('agents stand in order of their ids, however they came', t => {
  const book = new AgentBook();
  const [, gone] = ['c', 'b', 'e', 'a', 'd'].map(id => add(book, id));
  const ids = (): string => book.all.map(({agentId}) => agentId).join('');
  t.is(ids(), 'abcde');
  if (gone) book.remove(gone);
  t.is(ids(), 'acde');
});
