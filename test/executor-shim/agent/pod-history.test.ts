import test from 'ava';
import type {PodRoom} from '../../../src/executor-shim/agent/foreign-pods.ts';
import {PodHistory} from '../../../src/executor-shim/agent/pod-history.ts';

const room = (cpu: number, memory = 0): PodRoom => ({
  ours: false,
  ended: false,
  createdMs: Number.NaN,
  requests: new Map([
    ['cpu', cpu],
    ['memory', memory],
  ]),
  ports: [],
});
const NODE = new Map([
  ['cpu', 1000],
  ['memory', 2000],
]);
const expected = (history: PodHistory, nowMs: number) => Object.fromEntries(history.expected(nowMs, NODE));

test('the room of a pod that ended is taken for a moment longer', t => {
  const history = new PodHistory(60_000);
  history.left(room(100), 1000);
  t.is(history.settling(1999).length, 1);
  t.is(history.nextChangeMs(), 2000);
  t.is(history.settling(2000).length, 0);
  t.is(history.nextChangeMs(), undefined);
});

test('nothing is expected where nobody comes', t => {
  t.deepEqual(expected(new PodHistory(60_000), 0), {});
});

test('the most that came lately is expected again', t => {
  const history = new PodHistory(60_000);
  history.arrived(room(100, 300), 0);
  history.arrived(room(200, 100), 30_000);
  t.deepEqual(expected(history, 59_999), {cpu: 200, memory: 300});
  t.deepEqual(expected(history, 60_000), {cpu: 200, memory: 100});
  t.deepEqual(expected(history, 90_000), {});
});

test('what came at once may come at once again', t => {
  const history = new PodHistory(60_000);
  history.arrived(room(100, 10), 0);
  history.arrived(room(50, 10), 1900);
  history.arrived(room(60, 10), 3800);
  t.deepEqual(expected(history, 4000), {cpu: 150, memory: 20}); // 100 + 50; later 50 + 60
});

test('never more than a quarter of the node is kept', t => {
  const history = new PodHistory(60_000);
  history.arrived(room(900, 100), 0);
  t.deepEqual(expected(history, 1), {cpu: 250, memory: 100});
});

test('a window of nothing expects nothing', t => {
  const history = new PodHistory(0);
  history.arrived(room(100), 0);
  t.deepEqual(expected(history, 0), {});
});
