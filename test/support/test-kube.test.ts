import test from 'ava';
import {createInformer} from '../../src/kube/informer.ts';
import {LEASES, PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {networkError} from '../../src/kube/kube-error.ts';
import {type NetworkCall, refusal, TestKube} from './test-kube.ts';
import {settle, VirtualClock} from './virtual-clock.ts';

const lease = (name: string) => ({metadata: {name}, spec: {holderIdentity: 'me'}});
const named = (name: string): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {name, namespace: 'default'},
});

/** An informer of Leases, and what it told. */
function follow(kube: TestKube, clock: VirtualClock) {
  const informer = createInformer({
    client: kube.client,
    kind: LEASES,
    project: raw => raw,
    clock,
    random: () => 0,
    log: silentLogger,
  });
  const seen: string[] = [];
  informer.onEvent(({type, object}) => seen.push(`${type} ${object.metadata.name}`));
  informer.start();
  return {informer, seen};
}

test('objects have versions, and who changes an old one is refused', async t => {
  const kube = new TestKube();
  const made = kube.create(LEASES, lease('a'));
  kube.patch(LEASES, 'a', {metadata: {labels: {x: 'y'}}});
  const refused = await kube.client.update(LEASES, made);
  t.false(refused.ok);
  t.like(refused.ok ? undefined : refused.error, {status: 409, reason: 'Conflict'});
});

test('schemas of our kinds hold, and a helper throws what the server says', t => {
  const kube = new TestKube();
  t.throws(() => kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: {instances: -1}}), {
    message: /spec.instances/,
  });
});

test('an object with a finalizer stays until it is let go', t => {
  const kube = new TestKube({clock: new VirtualClock()});
  kube.create(LEASES, {metadata: {name: 'a', finalizers: ['test.dev/hold']}});
  kube.delete(LEASES, 'a');
  t.is(kube.find(LEASES, 'a')?.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  kube.patch(LEASES, 'a', {metadata: {finalizers: null}});
  t.is(kube.find(LEASES, 'a'), undefined);
});

test('an informer sees a change as soon as promises have settled, and resumes after a cut', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  kube.create(LEASES, lease('a'));
  const {informer, seen} = follow(kube, clock);
  await settle();
  kube.create(LEASES, lease('b'));
  await settle();
  t.deepEqual(seen, ['added a', 'added b']);
  kube.cut();
  kube.delete(LEASES, 'a');
  await clock.advanceAsync(60_000);
  t.deepEqual(seen, ['added a', 'added b', 'deleted a']);
  informer.stop();
});

test('after a cut and a compaction an informer lists again', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  kube.create(LEASES, lease('a'));
  const {informer, seen} = follow(kube, clock);
  await settle();
  const calls: string[] = [];
  kube.fault = ({verb}) => void calls.push(verb);
  kube.cut();
  kube.create(LEASES, lease('b'));
  kube.compact();
  await clock.advanceAsync(60_000);
  t.deepEqual(calls, ['watch', 'list', 'watch']);
  t.deepEqual(seen, ['added a', 'added b']);
  informer.stop();
});

test('a stopped informer leaves no watch behind', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const before = clock.waiting;
  const {informer} = follow(kube, clock);
  await settle();
  t.true(clock.waiting > before);
  informer.stop();
  await settle();
  t.is(clock.waiting, before);
});

const faults = {
  'an error of the server changes nothing': {fault: refusal(500, 'InternalError'), there: false},
  'a broken connection changes nothing': {fault: networkError('refused'), there: false},
  'a lost answer is a change': {fault: 'answer-lost' as const, there: true},
};
for (const [title, {fault, there}] of Object.entries(faults)) {
  test(title, async t => {
    const kube = new TestKube();
    const calls: NetworkCall[] = [];
    kube.fault = call => {
      calls.push(call);
      return fault;
    };
    t.false((await kube.client.create(LEASES, named('a'))).ok);
    t.like(calls, {length: 1, 0: {verb: 'create', kind: LEASES, name: 'a', body: named('a')}});
    t.is(kube.find(LEASES, 'a') !== undefined, there);
  });
}

test('a pod that is bound to a node is gone when its node says so', t => {
  const kube = new TestKube();
  kube.create(PODS, {metadata: {name: 'p'}, spec: {nodeName: 'n', containers: [{name: 'c', image: 'i'}]}});
  kube.delete(PODS, 'p');
  t.is(kube.find(PODS, 'p')?.metadata.deletionGracePeriodSeconds, 30);
  kube.delete(PODS, 'p', {gracePeriodSeconds: 0});
  t.is(kube.find(PODS, 'p'), undefined);
});

test('what a namespaced helper makes is in default, or where it says', t => {
  const kube = new TestKube({namespaces: ['mesos']});
  kube.create(LEASES, lease('a'));
  kube.create(LEASES, {...lease('a'), metadata: {name: 'a', namespace: 'mesos'}});
  kube.delete(LEASES, 'a', {namespace: 'mesos'});
  t.deepEqual(
    kube.objects(LEASES).map(({metadata}) => metadata.namespace),
    ['default'],
  );
  t.throws(() => kube.create(LEASES, {metadata: {name: 'a', namespace: 'nowhere'}}), {message: /nowhere/});
});
