import test from 'ava';
import {VirtualClock} from './virtual-clock.ts';

test('timers run in order of time, then of making, each at its own time', t => {
  const clock = new VirtualClock(1000);
  const ran: string[] = [];
  const at = (ms: number, name: string) => clock.after(ms, () => ran.push(`${name}@${clock.now()}`));
  at(20, 'late');
  at(10, 'first');
  at(10, 'second');
  at(5, 'cancelled').cancel();
  clock.after(15, () => at(2, 'nested'));
  clock.advance(20);
  t.deepEqual(ran, ['first@1010', 'second@1010', 'nested@1017', 'late@1020']);
  t.is(clock.waiting, 0);
});

test('advanceAsync lets promises settle between timers', async t => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const sleep = (ms: number) => new Promise<void>(resolve => clock.after(ms, resolve));
  const loop = (async () => {
    for (let i = 0; i < 3; i++) {
      await sleep(10);
      ran.push(clock.monotonic());
    }
  })();
  await clock.advanceAsync(30);
  await loop;
  t.deepEqual(ran, [10, 20, 30]);
});

test('a stall runs nothing; a jump moves only the wall clock', t => {
  const clock = new VirtualClock(0);
  let ranAt = -1;
  clock.after(10, () => (ranAt = clock.monotonic()));
  clock.stall(50);
  t.is(ranAt, -1);
  clock.jump(1000);
  t.deepEqual([clock.now(), clock.monotonic()], [1050, 50]);
  clock.advance(0);
  t.is(ranAt, 50);
});
