import test from 'ava';
import {RateLimiter} from '../../src/kube/rate-limit.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

/** How many of `count` turns asked for at once have come after each of the times. */
async function turnsAfter(clock: VirtualClock, limiter: RateLimiter, count: number, timesMs: readonly number[]) {
  let done = 0;
  for (let i = 0; i < count; i++) void limiter.turn().then(() => done++);
  const seen: number[] = [];
  for (const ms of timesMs) {
    await clock.advanceAsync(ms);
    seen.push(done);
  }
  return seen;
}

test('a burst goes at once, the rest at the rate', async t => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({qps: 10, burst: 5}, clock);
  // 5 at once; then one each 100 ms
  t.deepEqual(await turnsAfter(clock, limiter, 20, [0, 100, 400, 1000]), [5, 6, 10, 20]);
});

test('a pause fills the bucket up to the burst and no further', async t => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({qps: 10, burst: 5}, clock);
  t.deepEqual(await turnsAfter(clock, limiter, 5, [0, 60_000]), [5, 5]);
  t.deepEqual(await turnsAfter(clock, limiter, 8, [0, 300]), [5, 8]);
});

test('a server that refuses gets half as much, once a second, and no burst', async t => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({qps: 10, burst: 5}, clock);
  limiter.slowDown();
  limiter.slowDown();
  // 5 a second, then slowly more: one each 200 ms at first
  t.deepEqual(await turnsAfter(clock, limiter, 3, [0, 199, 1, 400]), [0, 0, 1, 3]);
});

test('it is never starved, and gets all of the rate again when it no longer refuses', async t => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({qps: 128, burst: 1}, clock);
  for (let i = 0; i < 20; i++) {
    limiter.slowDown();
    await clock.advanceAsync(1000);
  }
  limiter.slowDown();
  // 128/128 a second at the least
  t.deepEqual(await turnsAfter(clock, limiter, 1, [900, 200]), [0, 1]);
  await clock.advanceAsync(60_000);
  t.deepEqual(await turnsAfter(clock, limiter, 129, [1000]), [129]);
});
