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
