import test from 'ava';
import {Throttle} from '../../../../src/controller/mesos/outbox/throttle.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

function throttled() {
  const clock = new VirtualClock();
  const runs: string[] = [];
  const throttle = new Throttle(clock, 1000, async key => {
    runs.push(`${key}@${clock.monotonic()}`);
  });
  return {clock, runs, throttle};
}

test('the first wish is fulfilled at once, more of them once a second', async t => {
  const {clock, runs, throttle} = throttled();
  throttle.mark('a');
  await clock.advanceAsync(0);
  for (let i = 0; i < 5; i++) throttle.mark('a');
  await clock.advanceAsync(2500);
  t.deepEqual(runs, ['a@0', 'a@1000']);
});

test('keys do not wait for each other', async t => {
  const {clock, runs, throttle} = throttled();
  throttle.mark('a');
  throttle.mark('b');
  await clock.advanceAsync(0);
  t.deepEqual(runs, ['a@0', 'b@0']);
});

test('a wish made during a run makes another', async t => {
  const clock = new VirtualClock();
  let runs = 0;
  const throttle: Throttle = new Throttle(clock, 1000, async key => {
    if (++runs === 1) throttle.mark(key);
  });
  throttle.mark('a');
  await clock.advanceAsync(5000);
  t.is(runs, 2);
});

test('nothing runs after stop, and no timer is left', async t => {
  const {clock, runs, throttle} = throttled();
  throttle.mark('a');
  throttle.stop();
  throttle.mark('b');
  await clock.advanceAsync(5000);
  t.deepEqual(runs, []);
  t.is(clock.waiting, 0);
});
