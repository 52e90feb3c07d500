import test from 'ava';
import {createLeaderLabel} from '../../../src/controller/runtime/leader-label.ts';
import {networkError} from '../../../src/kube/kube-error.ts';
import {PODS} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeError} from '../../../src/kube/types.ts';
import {TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const LABEL = 'mesos.dev/leader';

function setUp(podName: string | undefined, failures: readonly KubeError[] = []) {
  const clock = new VirtualClock();
  const kube = new TestKube({clock, kinds: [], namespaces: ['ns']});
  const left = [...failures];
  const pod = (name: string, labels: Record<string, string>) =>
    kube.create(PODS, {metadata: {name, namespace: 'ns', labels}, spec: {containers: [{name: 'c', image: 'i'}]}});
  pod('a', {app: 'controller'});
  pod('b', {app: 'controller', [LABEL]: 'true'});
  kube.fault = () => left.shift();
  const label = createLeaderLabel({
    client: kube.client,
    namespace: 'ns',
    podName,
    clock,
    random: () => 0.5,
    log: silentLogger,
  });
  const labels = () => Object.fromEntries(kube.objects(PODS).map(({metadata}) => [metadata.name, metadata.labels]));
  const annotations = () =>
    Object.fromEntries(kube.objects(PODS).map(({metadata}) => [metadata.name, metadata.annotations ?? {}]));
  return {label, labels, annotations, clock};
}

test('the leader has the label, the one before it has it no more', async t => {
  const {label, labels, clock} = setUp('a');
  label.take();
  await clock.advanceAsync(1);
  t.deepEqual(labels(), {a: {app: 'controller', [LABEL]: 'true'}, b: {app: 'controller'}});
});

test('a leader that stops gives the label up', async t => {
  const {label, labels} = setUp('b');
  await label.drop();
  t.deepEqual(labels(), {a: {app: 'controller'}, b: {app: 'controller'}});
});

test('what failed is tried again until it succeeds', async t => {
  const {label, labels, clock} = setUp('a', [networkError('away'), networkError('away')]);
  label.take();
  await clock.advanceAsync(10_000);
  t.deepEqual(labels()['a'], {app: 'controller', [LABEL]: 'true'});
});

test('who gave the label up does not take it any more', async t => {
  const {label, labels, clock} = setUp('a', [networkError('away')]);
  label.take();
  await clock.advanceAsync(1);
  await label.drop();
  await clock.advanceAsync(10_000);
  t.deepEqual(labels()['a'], {app: 'controller'});
});

test('a process that may not write any more stops trying', async t => {
  const fenced: KubeError = {kind: 'fenced', message: 'not the leader'};
  const {label, labels, clock} = setUp('a', [fenced]);
  label.take();
  await clock.advanceAsync(60_000);
  t.deepEqual(labels()['a'], {app: 'controller'});
});

test('outside of Kubernetes there is no pod to label', async t => {
  const {label, labels, clock} = setUp(undefined);
  label.take();
  await label.drop();
  await clock.advanceAsync(1000);
  t.deepEqual(labels()['b'], {app: 'controller', [LABEL]: 'true'});
});

test('the pod of the leader is the last that a Deployment takes away', async t => {
  const {label, annotations, clock} = setUp('a');
  label.take();
  await clock.advanceAsync(1);
  t.deepEqual(annotations()['a'], {'controller.kubernetes.io/pod-deletion-cost': '1000'});
  await label.drop();
  t.deepEqual(annotations(), {a: {}, b: {}});
});
