import test from 'ava';
import {RateLimit} from '../../../../src/controller/mesos/http/rate-limit.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

test('two a second pass at once; later ones wait for their turn, in order', async t => {
  const clock = new VirtualClock();
  const limit = new RateLimit(clock, 2, 1000);
  const passed: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    void limit.turn().then(() => passed.push(`${name}@${clock.monotonic()}`));
  }
  await clock.advanceAsync(3000);
  t.deepEqual(passed, ['a@0', 'b@0', 'c@1000', 'd@1000', 'e@2000']);
});

test('permits that nobody used do not pile up', async t => {
  const clock = new VirtualClock();
  const limit = new RateLimit(clock, 2, 1000);
  clock.advance(60_000);
  const passed: number[] = [];
  for (let i = 0; i < 3; i++) void limit.turn().then(() => passed.push(clock.monotonic()));
  await clock.advanceAsync(1000);
  t.deepEqual(passed, [60_000, 60_000, 61_000]);
});
