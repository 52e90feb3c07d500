import test from 'ava';
import {Outbox} from '../../../src/controller/runtime/outbox.ts';
import type {Outcome} from '../../../src/controller/runtime/write.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeError} from '../../../src/kube/types.ts';
import {err, ok, type Result} from '../../../src/lib/result.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

const network: KubeError = {kind: 'network', message: 'refused'};
const http = (status: number, reason: string, message = reason): KubeError => ({kind: 'http', status, reason, message});

function opened(concurrency = 4) {
  const clock = new VirtualClock();
  const repeats: string[] = [];
  const onRepeat = (reason: string): void => void repeats.push(reason);
  return {clock, repeats, outbox: new Outbox({clock, random: () => 0.5, log: silentLogger, concurrency, onRepeat})};
}

/** A write that answers these, one after the other. */
function answers(...list: Result<unknown, KubeError>[]) {
  let made = 0;
  return {attempt: async () => list[Math.min(made++, list.length - 1)] ?? ok(undefined), made: () => made};
}

/** A write that ends when the test says so. */
function held() {
  const {promise, resolve} = Promise.withResolvers<Result<unknown, KubeError>>();
  return {attempt: () => promise, end: () => resolve(ok('held'))};
}

const uid = 'Precondition failed: UID in precondition: 1, UID in object meta: 2';
const rows: Record<string, {list: Result<unknown, KubeError>[]; made: number; want: Outcome['kind']}> = {
  'a network error is repeated until somebody answers': {
    list: [err(network), err(network), ok(1)],
    made: 3,
    want: 'done',
  },
  'a busy server is asked again': {list: [err(http(503, 'ServiceUnavailable')), ok(1)], made: 2, want: 'done'},
  'a token that has expired is asked with again': {
    list: [err(http(401, 'Unauthorized')), ok(1)],
    made: 2,
    want: 'done',
  },
  'a conflict is tried again': {list: [err(http(409, 'Conflict')), ok(1)], made: 2, want: 'done'},
  'an object that is not there is gone': {list: [err(http(404, 'NotFound'))], made: 1, want: 'gone'},
  'another object of the same name is gone, too': {list: [err(http(409, 'Conflict', uid))], made: 1, want: 'gone'},
  'what is invalid stays invalid': {list: [err(http(422, 'Invalid'))], made: 1, want: 'refused'},
  'what exists already is an answer': {list: [err(http(409, 'AlreadyExists'))], made: 1, want: 'refused'},
  'a fenced write is lost': {list: [err({kind: 'fenced', message: ''})], made: 1, want: 'lost'},
};
for (const [title, {list, made, want}] of Object.entries(rows)) {
  test(title, async t => {
    const {clock, outbox} = opened();
    const source = answers(...list);
    const outcome = outbox.write('pods/a', source.attempt);
    await clock.advanceAsync(10_000);
    t.is((await outcome).kind, want);
    t.is(source.made(), made);
    t.is(outbox.pending, 0);
  });
}

test('an attempt that throws is refused, and the queue goes on', async t => {
  const {outbox} = opened();
  const broken = await outbox.write('pods/a', () => Promise.reject(new Error('oh')));
  t.like(broken, {kind: 'refused', error: {message: 'the write failed in itself: oh'}});
  t.is((await outbox.write('pods/a', answers(ok(1)).attempt)).kind, 'done');
});

test('writes on one object keep their order, those on others do not wait', async t => {
  const {clock, outbox} = opened(1);
  const done: string[] = [];
  const failing = answers(err(network), ok(1));
  void outbox.write('pods/a', failing.attempt).then(() => done.push('a1'));
  void outbox.write('pods/a', answers(ok(1)).attempt).then(() => done.push('a2'));
  void outbox.write('pods/b', answers(ok(1)).attempt).then(() => done.push('b'));
  await settle();
  t.deepEqual(done, ['b']); // also with one place: whoever waits for the next attempt takes none
  await clock.advanceAsync(1000);
  t.deepEqual(done, ['b', 'a1', 'a2']);
});

test('an urgent write goes before those that wait, not before the one under way', async t => {
  const {outbox} = opened();
  const done: string[] = [];
  const first = held();
  const write = (name: string, urgent: boolean) =>
    outbox.write('apps/a', answers(ok(1)).attempt, {urgent}).then(() => done.push(name));
  void outbox.write('apps/a', first.attempt).then(() => done.push('first'));
  void write('scale', false);
  void write('delete', true);
  void write('stop', true);
  first.end();
  await settle();
  t.deepEqual(done, ['first', 'delete', 'stop', 'scale']);
});

test('a write whose caller has given up is not begun', async t => {
  const {clock, outbox} = opened();
  const first = held();
  const late = answers(ok(1));
  void outbox.write('apps/a', first.attempt);
  const outcome = outbox.write('apps/a', late.attempt, {withinMs: 5000});
  clock.advance(5000);
  first.end();
  t.like(await outcome, {kind: 'refused', error: {status: 504}});
  t.is(late.made(), 0);
});

test('no more objects than allowed are written at the same time', async t => {
  const {outbox} = opened(2);
  let now = 0;
  let most = 0;
  const write = async () => {
    most = Math.max(most, ++now);
    await settle();
    now--;
    return ok(undefined);
  };
  await Promise.all(Array.from({length: 10}, (_, i) => outbox.write(`pods/${i}`, write)));
  t.is(most, 2);
});

test('a server that asks for mercy is written to by half as many, and by all again when it takes what it is given', async t => {
  const {clock, outbox, repeats} = opened(4);
  let now = 0;
  let most = 0;
  let busy = true;
  const write = async (): Promise<Result<unknown, KubeError>> => {
    most = Math.max(most, ++now);
    await settle();
    now--;
    return busy ? err({kind: 'http', status: 429, reason: 'TooManyRequests', message: '', retryAfterMs: 3000}) : ok(1);
  };
  for (let i = 0; i < 40; i++) void outbox.write(`pods/${i}`, write);
  await clock.advanceAsync(0);
  for (let i = 0; i < 100; i++) await settle();
  t.is(most, 4);
  t.true(repeats.every(reason => reason === 'throttled'));
  most = 0;
  await clock.advanceAsync(2900); // not before Retry-After
  t.is(most, 0);
  await clock.advanceAsync(200);
  t.is(most, 1);
  busy = false;
  await clock.advanceAsync(60_000);
  for (let i = 0; i < 100; i++) await settle();
  t.is(outbox.pending, 0);
  most = 0;
  for (let i = 0; i < 40; i++) void outbox.write(`pods/${i}`, write);
  for (let i = 0; i < 100; i++) await settle();
  t.is(most, 4);
});

test('of writes that wait under one slot only the latest is made', async t => {
  const {outbox} = opened();
  const made: string[] = [];
  const first = held();
  void outbox.write('apps/a', first.attempt);
  for (const name of ['one', 'two', 'three']) {
    outbox.latest('apps/a', 'status', async () => ok(made.push(name)));
  }
  outbox.latest('apps/a', 'finalizer', async () => ok(made.push('finalizer')));
  t.is(outbox.pending, 3);
  first.end();
  await settle();
  t.deepEqual(made, ['three', 'finalizer']);
});

test('a coalesced write is made after the turn in which it was asked for', async t => {
  const {outbox} = opened();
  let state = 'before';
  let written = '';
  outbox.latest('apps/a', 'status', async () => ok((written = state)));
  state = 'after';
  await settle();
  t.is(written, 'after');
});

test('no two coalesced writes begin within the time between two', async t => {
  const {clock, outbox} = opened();
  const madeMs: number[] = [];
  const mark = (): void =>
    outbox.latest('apps/a', 'status', async () => ok(madeMs.push(clock.monotonic())), {everyMs: 1000});
  mark();
  await settle();
  mark();
  mark();
  await clock.advanceAsync(5000);
  mark();
  await settle();
  t.deepEqual(madeMs, [0, 1000, 5000]);
  t.is(clock.waiting, 1);
});

test('a coalesced write that is refused is made again after half a minute', async t => {
  const {clock, outbox} = opened();
  const status = answers(err(http(403, 'Forbidden')), ok(1));
  outbox.latest('apps/a', 'status', status.attempt);
  await clock.advanceAsync(29_000);
  t.is(status.made(), 1);
  await clock.advanceAsync(2000);
  t.is(status.made(), 2);
});

test('what is dropped is lost; new writes wait for what is under way', async t => {
  const {clock, outbox} = opened();
  const first = held();
  const done: string[] = [];
  const tell = (name: string) => (outcome: Outcome) => done.push(`${name} ${outcome.kind}`);
  void outbox.write('pods/a', first.attempt).then(tell('first'));
  void outbox.write('pods/a', answers(ok(1)).attempt).then(tell('second'));
  void outbox.write('pods/b', answers(err(network)).attempt).then(tell('other'));
  await settle();
  outbox.drop();
  void outbox.write('pods/a', answers(ok(1)).attempt).then(tell('new'));
  await clock.advanceAsync(60_000);
  t.deepEqual(done, ['second lost', 'other lost']);
  first.end();
  await settle();
  t.deepEqual(done, ['second lost', 'other lost', 'first done', 'new done']);
});

test('drain waits for the end of everything, or for so long', async t => {
  const {clock, outbox} = opened();
  const first = held();
  void outbox.write('pods/a', first.attempt);
  let drained = 0;
  void outbox.drain(3000).then(() => drained++);
  await clock.advanceAsync(2000);
  t.is(drained, 0);
  await clock.advanceAsync(1000);
  t.is(drained, 1);
  void outbox.drain(3000).then(() => drained++);
  first.end();
  await settle();
  t.is(drained, 2);
});

test('drain does not wait for coalesced writes that fail', async t => {
  const {clock, outbox} = opened();
  outbox.latest('apps/a', 'status', answers(err(network)).attempt);
  await settle();
  t.is(outbox.pending, 1);
  await outbox.drain(3000);
  t.is(outbox.pending, 0);
  t.is(clock.monotonic(), 0);
});

test('an outbox that has stopped takes nothing', async t => {
  const {outbox} = opened();
  outbox.stop();
  const source = answers(ok(1));
  t.is((await outbox.write('pods/a', source.attempt)).kind, 'lost');
  outbox.latest('pods/a', 'status', source.attempt);
  await settle();
  t.is(source.made(), 0);
});
