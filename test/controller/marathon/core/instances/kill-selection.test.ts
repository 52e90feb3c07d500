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

test('by state before age: unreachable, staging, starting, running', t => {
  const all = (['Running', 'Starting', 'Staging', 'Unreachable'] as const).map(state => instance(a, state));
  const order = selectVictims(all, 4, 'YOUNGEST_FIRST', []).map(({condition}) => condition);
  t.deepEqual(order, ['Unreachable', 'Staging', 'Starting', 'Running']);
});

test('20 on two hosts, 10 and 10, kill 10: 5 on each', t => {
  const all = [...many(10, a), ...many(10, b)];
  t.deepEqual(hosts(selectVictims(all, 10, 'YOUNGEST_FIRST', groupBy)), {a: 5, b: 5});
});

test('20 and 10, kill 10: all from the 20', t => {
  const all = [...many(20, a), ...many(10, b)];
  t.deepEqual(hosts(selectVictims(all, 10, 'YOUNGEST_FIRST', groupBy)), {a: 10});
});
