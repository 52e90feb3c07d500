import test from 'ava';
import {toFrameworkId} from '../../../../src/allocator/ids.ts';
import {surplus} from '../../../../src/controller/mesos/outbox/pod-keeper.ts';

const ended = (name: string, taskName: string, second: number) => ({
  name,
  taskName,
  launch: {frameworkId: toFrameworkId('F')},
  createdAt: new Date(second * 1000).toISOString(),
});

test('the newest three of a name stay', t => {
  const pods = [
    ended('a1', 'a', 1),
    ended('a2', 'a', 2),
    ended('b1', 'b', 3),
    ended('a3', 'a', 4),
    ended('a4', 'a', 5),
  ];
  t.deepEqual(
    surplus(pods).map(({name}) => name),
    ['a1'],
  );
});

test('of tasks with names of their own, or none, the newest hundred stay', t => {
  const names = [(index: number) => `n${index}`, () => ''];
  for (const nameOf of names) {
    const pods = Array.from({length: 102}, (_, index) => ended(`p${index}`, nameOf(index), index));
    t.deepEqual(
      surplus(pods).map(({name}) => name),
      ['p1', 'p0'],
    );
  }
});
