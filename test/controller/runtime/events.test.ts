import test from 'ava';
import {createEventRecorder, type KubeEvent} from '../../../src/controller/runtime/events.ts';
import {referenceTo} from '../../support/reference-to.ts';
import {networkError} from '../../../src/kube/kube-error.ts';
import {EVENTS} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeError} from '../../../src/kube/types.ts';
import {type NetworkCall, refusal, TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

function setUp(fault?: (call: NetworkCall) => KubeError | undefined) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1, 0, 0, 0, 500));
  const kube = new TestKube({clock, kinds: [], namespaces: ['ns']});
  kube.fault = fault;
  const {client} = kube;
  const recorder = createEventRecorder({client, component: 'mesos-master', clock, random: () => 0, log: silentLogger});
  const written = () =>
    kube.objects(EVENTS).map(event => {
      const {reason, message, count, firstTimestamp, lastTimestamp} = Object.fromEntries(Object.entries(event));
      return {reason, message, count, firstTimestamp, lastTimestamp};
    });
  return {kube, clock, recorder, written};
}

const about = {apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'ns', uid: 'u'};
const event = (message: string, more: Partial<KubeEvent> = {}): KubeEvent => ({
  about,
  type: 'Normal',
  reason: 'Launched',
  message,
  ...more,
});

test('an event is written as core/v1 wants it', async t => {
  const {kube, clock, recorder} = setUp();
  recorder.record(event('hello'));
  await clock.advanceAsync(0);
  const [{metadata, ...rest}] = [kube.objects(EVENTS)[0]!];
  t.is(metadata.namespace, 'ns');
  t.regex(metadata.name, /^p\.[0-9a-f]+$/);
  t.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: about,
    type: 'Normal',
    reason: 'Launched',
    message: 'hello',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    source: {component: 'mesos-master'},
    reportingComponent: 'mesos-master',
    reportingInstance: '',
  });
});

test('the same event again raises the count of the first', async t => {
  const {clock, recorder, written} = setUp();
  recorder.record(event('hello'));
  recorder.record(event('hello'));
  await clock.advanceAsync(2_000);
  recorder.record(event('hello'));
  recorder.record(event('other'));
  await clock.advanceAsync(0);
  const firstTimestamp = '2026-01-01T00:00:00Z';
  t.deepEqual(written(), [
    {reason: 'Launched', message: 'hello', count: 3, firstTimestamp, lastTimestamp: '2026-01-01T00:00:02Z'},
    {
      reason: 'Launched',
      message: 'other',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:02Z',
      lastTimestamp: '2026-01-01T00:00:02Z',
    },
  ]);
});

test('a series whose event has expired goes on as a new event', async t => {
  const {kube, clock, recorder, written} = setUp();
  recorder.record(event('hello'));
  await clock.advanceAsync(0);
  const {name, namespace} = kube.objects(EVENTS)[0]!.metadata;
  kube.delete(EVENTS, name, {namespace});
  recorder.record(event('hello'));
  await clock.advanceAsync(0);
  t.deepEqual(
    written().map(({count}) => count),
    [2],
  );
});

test('a flood about one object is cut off after 25 and does not touch the others', async t => {
  const {clock, recorder, written} = setUp();
  for (let i = 0; i < 100; i++) recorder.record(event(`message ${i}`));
  recorder.record(event('quiet', {about: {...about, name: 'q', uid: 'v'}}));
  await clock.advanceAsync(0);
  t.is(written().length, 26);
  const before = written().map(({message}) => message);
  await clock.advanceAsync(300_000);
  recorder.record(event('later'));
  recorder.record(event('too soon'));
  await clock.advanceAsync(0);
  t.deepEqual(
    written()
      .map(({message}) => message)
      .filter(message => !before.includes(message)),
    ['later'],
  );
});

test('long messages are cut at 1024 bytes, never within a character', async t => {
  const {clock, recorder, written} = setUp();
  recorder.record(event('é'.repeat(600))); // 1200 bytes
  await clock.advanceAsync(0);
  t.is(written()[0]?.message, `${'é'.repeat(510)}…`); // 1020 + 3 bytes
});

test('an API server that is away is asked again; one that refuses is not', async t => {
  let failures = 3;
  const calls: string[] = [];
  const {clock, recorder, written} = setUp(({verb}) => {
    calls.push(verb);
    return failures-- > 0 ? networkError('down') : undefined;
  });
  recorder.record(event('hello'));
  await clock.advanceAsync(10_000);
  t.deepEqual([calls.length, written().length], [4, 1]);

  const refused = refusal(403, 'Forbidden');
  const strict = setUp(({verb}) => {
    calls.push(verb);
    return refused;
  });
  strict.recorder.record(event('hello'));
  await strict.clock.advanceAsync(60_000);
  t.is(calls.length, 5);
});

test('stop writes what waits', async t => {
  const {recorder, written} = setUp();
  recorder.record(event('a'));
  recorder.record(event('b'));
  await recorder.stop();
  recorder.record(event('c'));
  t.is(written().length, 2);
});

test('an event about a cluster-scoped object lives in default', async t => {
  const {kube, clock, recorder} = setUp();
  const node = {apiVersion: 'v1', kind: 'Node', metadata: {name: 'n', uid: 'u'}};
  recorder.record(event('up', {about: referenceTo(node)}));
  await clock.advanceAsync(0);
  t.is(kube.objects(EVENTS)[0]?.metadata.namespace, 'default');
});
