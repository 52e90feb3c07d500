import test from 'ava';
import {ObjectWriter, type WriteOutcome} from '../../../../src/controller/mesos/outbox/object-writer.ts';
import {silentLogger} from '../../../../src/kube/log.ts';
import type {KubeError} from '../../../../src/kube/types.ts';
import {err, ok, type Result} from '../../../../src/lib/result.ts';
import {settle, VirtualClock} from '../../../support/virtual-clock.ts';

const network: KubeError = {kind: 'network', message: 'refused'};
const http = (status: number, reason: string): KubeError => ({kind: 'http', status, reason, message: reason});

function writer(concurrency = 4) {
  const clock = new VirtualClock();
  return {clock, writer: new ObjectWriter({clock, random: () => 0.5, log: silentLogger, concurrency})};
}

/** A write that answers these, one after the other. */
function answers(...list: Result<unknown, KubeError>[]) {
  let made = 0;
  return {
    write: async () => list[Math.min(made++, list.length - 1)] ?? ok(undefined),
    made: () => made,
  };
}

const rows = {
  'a network error is repeated until somebody answers': {
    list: [err(network), err(network), ok(1)],
    made: 3,
    want: 'done',
  },
  'a busy server is asked again': {list: [err(http(503, 'ServiceUnavailable')), ok(1)], made: 2, want: 'done'},
  'a conflict is tried again': {list: [err(http(409, 'Conflict')), ok(1)], made: 2, want: 'done'},
  'what is invalid stays invalid': {list: [err(http(422, 'Invalid'))], made: 1, want: 'refused'},
  'what exists already is an answer': {list: [err(http(409, 'AlreadyExists'))], made: 1, want: 'refused'},
  'a fenced write is lost': {list: [err({kind: 'fenced', message: ''} satisfies KubeError)], made: 1, want: 'lost'},
};
for (const [title, {list, made, want}] of Object.entries(rows)) {
  test(title, async t => {
    const {clock, writer: objects} = writer();
    const source = answers(...list);
    const outcomes: WriteOutcome[] = [];
    objects.enqueue('pods/a', source.write, outcome => outcomes.push(outcome));
    await clock.advanceAsync(10_000);
    t.deepEqual(
      outcomes.map(outcome => outcome.kind),
      [want] as WriteOutcome['kind'][],
    );
    t.is(source.made(), made);
    t.is(objects.pending, 0);
  });
}

test('writes on one object keep their order, those on others do not wait', async t => {
  const {clock, writer: objects} = writer();
  const done: string[] = [];
  const failing = answers(err(network), ok(1));
  objects.enqueue('pods/a', failing.write, () => done.push('a1'));
  objects.enqueue(
    'pods/a',
    async () => ok(1),
    () => done.push('a2'),
  );
  objects.enqueue(
    'pods/b',
    async () => ok(1),
    () => done.push('b'),
  );
  await settle();
  t.deepEqual(done, ['b']);
  await clock.advanceAsync(1000);
  t.deepEqual(done, ['b', 'a1', 'a2']);
});

test('no more objects than allowed are written at the same time', async t => {
  const {writer: objects} = writer(2);
  let now = 0;
  let most = 0;
  for (let i = 0; i < 10; i++) {
    objects.enqueue(`pods/${i}`, async () => {
      most = Math.max(most, ++now);
      await settle();
      now--;
      return ok(1);
    });
  }
  for (let i = 0; i < 20; i++) await settle();
  t.is(most, 2);
  t.is(objects.pending, 0);
});

test('a stopped writer starts nothing and repeats nothing', async t => {
  const {clock, writer: objects} = writer();
  const source = answers(err(network));
  objects.enqueue('pods/a', source.write);
  await settle();
  objects.stop();
  objects.enqueue('pods/b', source.write);
  await clock.advanceAsync(60_000);
  t.is(source.made(), 1);
});

test('drain waits for what is pending, but not for ever', async t => {
  const {clock, writer: objects} = writer();
  const source = answers(err(network));
  objects.enqueue('pods/a', source.write);
  let drained = false;
  void objects.drain(3000).then(() => {
    drained = true;
  });
  await clock.advanceAsync(2000);
  t.false(drained);
  await clock.advanceAsync(1500);
  t.true(drained);
});
