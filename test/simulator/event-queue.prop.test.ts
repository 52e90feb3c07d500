import test from 'ava';
import fc from 'fast-check';
import {EventQueue} from '../../src/simulator/event-queue.ts';

test('events happen in the order of their times, and of being asked for at one time', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), times => {
        const queue = new EventQueue(0);
        const seen: [number, number][] = [];
        for (const [i, atMs] of times.entries()) queue.at(atMs, () => seen.push([queue.nowMs, i]));
        let settled = 0;
        queue.runUntil(10, () => settled++);
        const wanted = times.map((atMs, i): [number, number] => [atMs, i]).filter(([atMs]) => atMs <= 10);
        wanted.sort(([a, i], [b, j]) => a - b || i - j);
        return (
          JSON.stringify(seen) === JSON.stringify(wanted) && settled === new Set(wanted.map(([atMs]) => atMs)).size
        );
      }),
    );
  });
});

test('what is asked for meanwhile has its turn, never in the past', t => {
  const queue = new EventQueue(100);
  const seen: number[] = [];
  queue.at(105, () => queue.at(3, () => seen.push(queue.nowMs)));
  queue.after(5, () => queue.after(2, () => seen.push(queue.nowMs)));
  queue.runUntil(200, () => undefined);
  t.deepEqual(seen, [105, 107]);
  t.is(queue.nowMs, 200);
});
