import test from 'ava';
import {
  minimumHealthy,
  restartBudget,
  restartLaunches,
} from '../../../../../src/controller/marathon/core/deployments/rolling.ts';

// n / running, minimumHealthCapacity, maximumOverCapacity
const rows = {
  '3/3, 0.5 and 0: one goes at once': {n: 3, total: 3, min: 0.5, over: 0, want: {killNow: 1, max: 3}},
  '3/3, 1 and 0: one extra, or nothing could move': {n: 3, total: 3, min: 1, over: 0, want: {killNow: 0, max: 4}},
  '3/3, 1 and 0.7: two extra': {n: 3, total: 3, min: 1, over: 0.7, want: {killNow: 0, max: 5}}, // floor(5.1)
  '3/3, 0.5 and 1: all three new at once': {n: 3, total: 3, min: 0.5, over: 1, want: {killNow: 1, max: 6}},
  '3/4, 1 and 0.3: the extra one goes': {n: 3, total: 4, min: 1, over: 0.3, want: {killNow: 1, max: 4}},
  '10/10, 0.1 and 1': {n: 10, total: 10, min: 0.1, over: 1, want: {killNow: 9, max: 20}},
  '10/10, 1 and 1': {n: 10, total: 10, min: 1, over: 1, want: {killNow: 0, max: 20}},
  '1/1, 0.5 and 0': {n: 1, total: 1, min: 0.5, over: 0, want: {killNow: 0, max: 2}},
  '2/2, 0.5 and 0': {n: 2, total: 2, min: 0.5, over: 0, want: {killNow: 1, max: 2}},
  '5/5, 0.9 and 0': {n: 5, total: 5, min: 0.9, over: 0, want: {killNow: 0, max: 6}}, // ceil(4.5) = 5 = max
  '5/5, 0 and 0': {n: 5, total: 5, min: 0, over: 0, want: {killNow: 5, max: 5}},
  '2 of 5, of which 3 are healthy: what is too much goes, healthy or not': {
    n: 2,
    total: 5,
    healthy: 3,
    min: 1,
    over: 0.5,
    want: {killNow: 3, max: 3},
  },
  'resident 1/1, 0.5 and 0': {n: 1, total: 1, min: 0.5, over: 0, resident: true, want: {killNow: 1, max: 1}},
  'resident 5/5, 0.5 and 0': {n: 5, total: 5, min: 0.5, over: 0, resident: true, want: {killNow: 2, max: 5}},
  'resident 5/7 healthy, 1 and 0': {n: 5, total: 7, min: 1, over: 0, resident: true, want: {killNow: 3, max: 5}},
  'resident 5/5, 1 and 0': {n: 5, total: 5, min: 1, over: 0, resident: true, want: {killNow: 1, max: 5}},
  'resident 5, 3 healthy, waits': {
    n: 5,
    total: 5,
    healthy: 3,
    min: 1,
    over: 0,
    resident: true,
    want: {killNow: 0, max: 5},
  },
};
for (const [title, row] of Object.entries(rows)) {
  test(title, t => {
    const {n, total, min, over, want} = row;
    const healthy = 'healthy' in row ? row.healthy : total;
    const resident = 'resident' in row;
    const input = {wanted: n, total, healthy, minimumHealthCapacity: min, maximumOverCapacity: over, resident};
    t.deepEqual(restartBudget(input), want);
  });
}

test('rounding does not see errors of binary fractions', t => {
  t.is(minimumHealthy(100, 0.07), 7); // 7.000000000000001
  t.is(
    restartBudget({
      wanted: 10,
      total: 0,
      healthy: 0,
      minimumHealthCapacity: 1,
      maximumOverCapacity: 0.1,
      resident: false,
    }).max,
    11,
  );
});

const launches = {
  'after one kill there is room for one': {n: 3, max: 3, old: 2, started: 0, want: 1},
  'a killed one takes room until it is gone': {n: 3, max: 3, old: 3, started: 0, want: 0},
  'never more than are wanted': {n: 3, max: 9, old: 0, started: 2, want: 1},
  'over the limit already': {n: 3, max: 4, old: 5, started: 0, want: 0},
};
for (const [title, {n, max, old, started, want}] of Object.entries(launches)) {
  test(title, t => {
    t.is(restartLaunches(n, max, old, started), want);
  });
}
