import test from 'ava';
import {createEventRecorder} from '../../../src/controller/runtime/events.ts';
import {referenceTo} from '../../support/reference-to.ts';
import {createLeaderElector} from '../../../src/controller/runtime/leader-election.ts';
import {createKubeClient} from '../../../src/kube/client.ts';
import {createInformer} from '../../../src/kube/informer.ts';
import {EVENTS, LEASES} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../../src/kube/system-clock.ts';
import type {Informer, KubeClient, KubeObject, ResourceKind} from '../../../src/kube/types.ts';
import {at, Target} from './target.ts';

// The project's own client, informer, election and events: what they take for granted has to hold on every server.
const shared = {clock: systemClock, random: systemRandom, log: silentLogger};
const CONFIG_MAPS: ResourceKind = {group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true};

let target: Awaited<ReturnType<typeof Target.open>>;
let client: KubeClient;
test.before(async () => {
  target = await Target.open();
  client = createKubeClient({kubeconfigPath: target.kubeconfigPath, ...shared});
});
test.after.always(() => target.stop());

const map = (namespace: string, name: string, n = '1'): KubeObject & {data: object} => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name, namespace},
  data: {n},
});

/** Resolves with the first object that is as wanted. */
const found = (informer: Informer<KubeObject>, wanted: (object: KubeObject) => boolean): Promise<KubeObject> =>
  new Promise(resolve => {
    informer.list().filter(wanted).forEach(resolve);
    informer.onEvent(({type, object}) => {
      if (type !== 'deleted' && wanted(object)) resolve(object);
    });
  });

const inform = (kind: ResourceKind, namespace: string): Informer<KubeObject> =>
  createInformer({client, kind, namespace, project: raw => raw, pageSize: 2, ...shared});

test('an informer lists in pages and follows what happens', async t => {
  const namespace = await target.namespace();
  for (const name of ['a', 'b', 'c', 'd', 'e']) t.true((await client.create(CONFIG_MAPS, map(namespace, name))).ok);
  const informer = inform(CONFIG_MAPS, namespace);
  t.teardown(informer.stop);
  informer.start();
  await informer.synced();
  const names = () =>
    informer
      .list()
      .map(({metadata}) => metadata.name)
      .filter(name => name !== 'kube-root-ca.crt')
      .toSorted();
  t.deepEqual(names(), ['a', 'b', 'c', 'd', 'e']);
  const gone = new Promise<void>(resolve => informer.onEvent(({type}) => (type === 'deleted' ? resolve() : undefined)));
  t.true((await client.update(CONFIG_MAPS, map(namespace, 'b', '2'))).ok);
  t.true((await client.delete(CONFIG_MAPS, 'a', namespace)).ok);
  await gone;
  t.deepEqual(names(), ['b', 'c', 'd', 'e']);
  t.is(at(informer.get('b', namespace), 'data', 'n'), '2');
});

test('one of two candidates leads; the other follows when it leaves', async t => {
  const namespace = await target.namespace();
  const candidate = (identity: string) => {
    const {promise: leading, resolve: onStartedLeading} = Promise.withResolvers<void>();
    const timing = {leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 200};
    const elector = createLeaderElector({
      ...{client, namespace, name: 'master', identity, onStartedLeading, onStoppedLeading: () => {}},
      ...shared,
      ...timing,
    });
    t.teardown(() => elector.stop());
    elector.start();
    return {elector, leading};
  };
  const holder = async () => {
    const lease = await client.get(LEASES, 'master', namespace);
    return lease.ok ? at(lease.value, 'spec', 'holderIdentity') : lease.error;
  };
  const first = candidate('first');
  await first.leading;
  const second = candidate('second');
  t.is(await holder(), 'first');
  t.false(second.elector.isLeader());
  await first.elector.stop();
  await second.leading;
  t.is(await holder(), 'second');
});

test('the same event twice is one object that counts to two', async t => {
  const namespace = await target.namespace();
  const made = await client.create(CONFIG_MAPS, map(namespace, 'a'));
  if (!made.ok) return t.fail(JSON.stringify(made.error));
  const recorder = createEventRecorder({client, component: 'test', ...shared});
  const about = referenceTo(made.value);
  recorder.record({about, type: 'Normal', reason: 'Seen', message: 'twice'});
  recorder.record({about, type: 'Normal', reason: 'Seen', message: 'twice'});
  const events = inform(EVENTS, namespace);
  t.teardown(events.stop);
  events.start();
  const event = await found(events, object => at(object, 'count') === 2);
  t.like(event, {reason: 'Seen', message: 'twice', involvedObject: {kind: 'ConfigMap', name: 'a'}});
});
