import test from 'ava';
import type {AgentEntry} from '../../src/allocator/records.ts';
import {hashOf, shuffled} from '../../src/allocator/shuffle.ts';
import {agent, seeded} from './cluster.ts';

const entry = (id: string, hash = hashOf(id)): AgentEntry => ({agentId: agent(id), hash}) as AgentEntry;
const order = (agents: readonly AgentEntry[], seed: number): string[] =>
  shuffled(agents, seeded(seed)).map(({agentId}) => String(agentId));
const ids = Array.from({length: 30}, (_, i) => `agent-${i}`);

test('each agent is there once, and every draw has an order of its own', t => {
  const all = ids.map(id => entry(id));
  t.deepEqual(order(all, 1).toSorted(), ids.toSorted());
  t.notDeepEqual(order(all, 1), order(all, 2));
});

test('an order does not depend on how the agents are listed, or on those that are left out', t => {
  const all = ids.map(id => entry(id));
  t.deepEqual(order(all.toReversed(), 1), order(all, 1));
  const some = all.filter((_, i) => i % 3 !== 0);
  t.deepEqual(
    order(some, 1),
    order(all, 1).filter(id => some.some(({agentId}) => agentId === id)),
  );
});

test('agents of one hash come by their ids', t => {
  const all = ['c', 'a', 'b', 'x'].map(id => entry(id, id === 'x' ? 9 : 5));
  for (const list of [all, all.toReversed()]) {
    const found = order(list, 1).filter(id => id !== 'x');
    t.deepEqual(found, ['a', 'b', 'c']);
  }
});
