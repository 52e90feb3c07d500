import test from 'ava';
import {type Edited, editObject} from '../../../src/controller/runtime/edit-object.ts';
import {Outbox} from '../../../src/controller/runtime/outbox.ts';
import {CONFIG_MAPS} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {err, ok, type Result} from '../../../src/lib/result.ts';
import {TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

type Counter = KubeObject & {readonly data?: {readonly count?: string}};
const counter = (count: number, metadata?: KubeObject['metadata']): Counter => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata ?? {name: 'counter', namespace: 'default'},
  data: {count: String(count)},
});
const countOf = (object: Counter | undefined): number => Number(object?.data?.count ?? 0);

/** One more than there is. */
const more = (current: KubeObject | undefined): Result<Edited, string> =>
  current === undefined
    ? ok({kind: 'create', object: counter(1)})
    : ok({kind: 'update', object: counter(countOf(current) + 1, current.metadata)});

function opened() {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const outbox = (): Outbox => new Outbox({clock, random: () => 0.5, log: silentLogger, concurrency: 4});
  const target = {client: kube.client, kind: CONFIG_MAPS, name: 'counter', namespace: 'default'};
  return {clock, kube, outbox, target, count: () => countOf(kube.objects(CONFIG_MAPS)[0])};
}

test('thirty who edit one object at the same time are served one after the other', async t => {
  const {outbox, target, count} = opened();
  const one = outbox();
  const outcomes = await Promise.all(Array.from({length: 30}, () => editObject(one, target, more)));
  t.true(outcomes.every(outcome => outcome.kind === 'done' && outcome.value.ok));
  t.is(count(), 30);
});

test('edits of two processes are all done, whoever is faster', async t => {
  const {clock, outbox, target, count} = opened();
  const both = [outbox(), outbox()];
  const edits = both.flatMap(each => Array.from({length: 5}, () => editObject(each, target, more)));
  await clock.advanceAsync(60_000);
  const outcomes = await Promise.all(edits);
  t.true(outcomes.every(outcome => outcome.kind === 'done'));
  t.is(count(), 10);
});

test('a change that is refused writes nothing, and says why', async t => {
  const {outbox, target, kube} = opened();
  const outcome = await editObject(outbox(), target, () => err('locked'));
  t.deepEqual(outcome, {kind: 'done', value: {ok: false, error: 'locked'}});
  t.deepEqual(kube.objects(CONFIG_MAPS), []);
});

test('a change that changes nothing answers the object as it is', async t => {
  const {outbox, target, kube} = opened();
  await kube.client.create(CONFIG_MAPS, counter(3));
  const outcome = await editObject(outbox(), target, () => ok({kind: 'unchanged'}));
  t.is(outcome.kind === 'done' && outcome.value.ok ? countOf(outcome.value.value) : undefined, 3);
});

test('a patch names the version that it was decided on', async t => {
  const {outbox, target, kube, count} = opened();
  await kube.client.create(CONFIG_MAPS, counter(3));
  const body = {metadata: {annotations: {by: 'me'}}, data: {count: '4'}};
  await editObject(outbox(), target, () => ok({kind: 'patch', type: 'merge', body}));
  t.is(count(), 4);
  t.deepEqual(kube.objects(CONFIG_MAPS)[0]?.metadata.annotations, {by: 'me'});
});

test('what is deleted is gone, also when it was gone before', async t => {
  const {outbox, target, kube} = opened();
  await kube.client.create(CONFIG_MAPS, counter(3));
  for (let i = 0; i < 2; i++) {
    const outcome = await editObject(outbox(), target, () => ok({kind: 'delete'}));
    t.deepEqual(outcome, {kind: 'done', value: ok(undefined)});
  }
  t.deepEqual(kube.objects(CONFIG_MAPS), []);
});
