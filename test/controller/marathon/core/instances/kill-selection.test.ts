import test from 'ava';
import {toConstraint} from '../../../../../src/controller/marathon/core/offers/constraints.ts';
import {selectVictims} from '../../../../../src/controller/marathon/core/instances/kill-selection.ts';
import {agent, instance} from '../fixtures.ts';

const [a, b] = [agent('a'), agent('b')];
const many = (count: number, on = a) => Array.from({length: count}, (_, i) => instance(on, 'Running', i * 1000));
const groupBy = [toConstraint(['hostname', 'GROUP_BY'])];
const hosts = (instances: readonly {task?: {agent: {hostname: string}}}[]) =>
  Object.fromEntries(
    Map.groupBy(instances, it => it.task?.agent.hostname ?? '')
      .entries()
      .map(([host, list]) => [host, list.length]),
  );

test('the youngest goes first', t => {
  const all = many(3);
  t.deepEqual(selectVictims(all, 1, 'YOUNGEST_FIRST', []), [all[0]]);
});

test('the oldest goes first when that is asked for', t => {
  const all = many(3);
  t.deepEqual(selectVictims(all, 1, 'OLDEST_FIRST', []), [all[2]]);
});

test('by state before age: what runs least goes first', t => {
  const want = [
    'Scheduled',
    'UnreachableInactive',
    'Unreachable',
    'Provisioned',
    'Staging',
    'Starting',
    'Running',
    'Killing',
  ] as const;
  // Youngest first would be the other way round.
  const all = want.map((state, i) => instance(a, state, 8000 - 1000 * i));
  for (const given of [all, all.toReversed()]) {
    const order = selectVictims(given, 8, 'YOUNGEST_FIRST', []).map(({condition}) => condition);
    t.deepEqual(order, [...want]);
  }
});

test('of the same age the order of their ids decides, however they are listed', t => {
  const all = Array.from({length: 4}, () => instance(a));
  const first = selectVictims(all, 2, 'YOUNGEST_FIRST', []);
  t.deepEqual(selectVictims(all.toReversed(), 2, 'YOUNGEST_FIRST', []), first);
  t.true((first[0]?.id ?? '') < (first[1]?.id ?? ''));
});

test('with groups too, what is not launched goes before everything', t => {
  const waiting = instance(b, 'Scheduled');
  t.deepEqual(selectVictims([...many(3, a), waiting], 1, 'YOUNGEST_FIRST', groupBy), [waiting]);
});

test('no victims are wanted, and none are chosen', t => {
  t.deepEqual(selectVictims(many(3), -1, 'YOUNGEST_FIRST', []), []);
  t.deepEqual(selectVictims(many(3), 0, 'YOUNGEST_FIRST', groupBy), []);
});

test('20 on two hosts, 10 and 10, kill 10: 5 on each', t => {
  const all = [...many(10, a), ...many(10, b)];
  t.deepEqual(hosts(selectVictims(all, 10, 'YOUNGEST_FIRST', groupBy)), {a: 5, b: 5});
});

test('20 and 10, kill 10: all from the 20', t => {
  const all = [...many(20, a), ...many(10, b)];
  t.deepEqual(hosts(selectVictims(all, 10, 'YOUNGEST_FIRST', groupBy)), {a: 10});
});
