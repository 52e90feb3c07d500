import test from 'ava';
import {
  afterFailure,
  isDelayed,
  isForgotten,
  type LaunchDelay,
} from '../../../../../src/controller/marathon/core/instances/backoff.ts';

const rows = {
  '10 s doubling': {policy: {initialMs: 10_000, factor: 2, maxMs: 300_000}, want: [10_000, 20_000, 40_000]},
  'the default': {policy: {initialMs: 1000, factor: 1.15, maxMs: 300_000}, want: [1000, 1150, 1322.5]},
  'no longer than the longest': {policy: {initialMs: 10_000, factor: 2, maxMs: 15_000}, want: [10_000, 15_000, 15_000]},
  'none at all': {policy: {initialMs: 0, factor: 2, maxMs: 15_000}, want: [0, 0, 0]},
};
for (const [title, {policy, want}] of Object.entries(rows)) {
  test(title, t => {
    let delay: LaunchDelay | undefined;
    const delays = want.map(() => {
      delay = afterFailure(delay, policy, 0);
      return Math.round(delay.delayMs * 1000) / 1000;
    });
    t.deepEqual(delays, want);
  });
}

test('a delay holds launches back until its end, and is forgotten long after', t => {
  const policy = {initialMs: 1000, factor: 2, maxMs: 60_000};
  const delay = afterFailure(undefined, policy, 0);
  t.deepEqual([isDelayed(delay, 999), isDelayed(delay, 1000)], [true, false]);
  t.deepEqual([isForgotten(delay, policy, 60_999), isForgotten(delay, policy, 61_000)], [false, true]);
});
