import test from 'ava';
import {createWorkQueue, type WorkQueueOptions} from '../../../src/controller/runtime/work-queue.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

/** A queue whose work ends when the test says so. */
function handled(options: Partial<WorkQueueOptions> = {}) {
  const clock = new VirtualClock();
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const process = (key: string) => {
    started.push(key);
    return new Promise<void>(resolve => ends.push(resolve));
  };
  const queue = createWorkQueue({process, clock, random: () => 0, log: silentLogger, ...options});
  const finish = async () => {
    ends.shift()?.();
    await settle();
  };
  return {clock, started, queue, finish};
}

test('a key added several times is processed once, in the order of its first addition', async t => {
  const {queue, started, finish} = handled();
  ['a', 'b', 'b', 'c', 'b'].forEach(queue.add);
  await settle();
  t.is(queue.length(), 2); // a is in process
  for (let i = 0; i < 3; i++) await finish();
  t.deepEqual(started, ['a', 'b', 'c']);
});

test('a key added while in process comes once more, after that, never beside it', async t => {
  const {queue, started, finish} = handled({concurrency: 4});
  queue.add('a');
  await settle();
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await settle();
  t.deepEqual(started, ['a', 'b']);
  await finish();
  t.deepEqual(started, ['a', 'b', 'a']);
  await finish();
  await finish();
  t.deepEqual(started, ['a', 'b', 'a']);
});

test('no more keys are in process than concurrency allows', async t => {
  const {queue, started, finish} = handled({concurrency: 2});
  ['a', 'b', 'c'].forEach(queue.add);
  await settle();
  t.deepEqual(started, ['a', 'b']);
  await finish();
  t.deepEqual(started, ['a', 'b', 'c']);
});

test('addAfter: the earlier time wins', async t => {
  const {queue, started, clock} = handled({process: async key => void started.push(key)});
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 70);
  queue.addAfter('now', 0);
  await clock.advanceAsync(49);
  t.deepEqual(started, ['now']);
  await clock.advanceAsync(1);
  t.deepEqual(started, ['now', 'a']);
  await clock.advanceAsync(1000);
  t.is(started.length, 2);
});

test('the back-off of a key doubles up to its limit and starts anew when forgotten', async t => {
  const at: number[] = [];
  const {queue, clock} = handled({
    baseBackoffMs: 10,
    maxBackoffMs: 50,
    process: async key => {
      at.push(clock.monotonic());
      if (at.length === 6) queue.forget(key);
      if (at.length < 8) queue.addRateLimited(key);
    },
  });
  queue.add('a');
  await clock.advanceAsync(1000);
  const pauses = at.slice(1).map((ms, i) => ms - at[i]!);
  t.deepEqual(pauses, [10, 20, 40, 50, 50, 10, 20]);
  t.is(queue.failures('a'), 2);
});

test('work that throws comes again with back-off', async t => {
  let calls = 0;
  const {queue, clock} = handled({
    process: async () => {
      if (calls++ < 2) throw new Error('bug');
    },
  });
  queue.add('a');
  await clock.advanceAsync(1000);
  t.is(calls, 3);
});

test('stop drains what waits and takes nothing more; delayed keys are dropped', async t => {
  const {queue, started, finish, clock} = handled();
  queue.add('a');
  queue.add('b');
  queue.addAfter('later', 10);
  await settle();
  queue.add('a');
  let stopped = false;
  const stop = queue.stop().then(() => (stopped = true));
  queue.add('c');
  await clock.advanceAsync(100);
  await finish();
  await finish();
  t.false(stopped);
  await finish();
  await stop;
  t.deepEqual(started, ['a', 'b', 'a']);
});

test('stop without draining waits only for what is in process', async t => {
  const {queue, started, finish} = handled();
  queue.add('a');
  queue.add('b');
  await settle();
  const stop = queue.stop({drain: false});
  await finish();
  await stop;
  t.deepEqual(started, ['a']);
  await queue.stop();
});
