import test from 'ava';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {MESOS_AGENTS} from '../../src/crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../src/crds/mesos-framework.ts';
import {MESOS_ROLES} from '../../src/crds/mesos-role.ts';
import {CONFIG_MAPS, DAEMON_SETS, DEPLOYMENTS, LEASES, PODS} from '../../src/kube/kinds.ts';
import type {KubeObject, ResourceKind} from '../../src/kube/types.ts';
import {uninstall} from '../../src/programs/uninstall.ts';
import {TestKube} from '../support/test-kube.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

/** A cluster with an app, its framework and its task; `ready` controllers run. */
function setUp({ready, appHeldBy}: {ready: number; appHeldBy: readonly string[]}) {
  const clock = new VirtualClock();
  const kube = new TestKube({clock, namespaces: ['ns']});
  kube.define(DEPLOYMENTS);
  kube.define(DAEMON_SETS);
  const add = (kind: ResourceKind, name: string, spec: object, metadata: object = {}) =>
    kube.create(kind, {metadata: {name, namespace: 'ns', ...metadata}, spec});
  add(MARATHON_APPS, 'web', {cmd: 'sleep 1000'}, {finalizers: appHeldBy});
  add(MESOS_FRAMEWORKS, 'f-0000', {frameworkInfo: {name: 'marathon', user: 'root'}});
  add(MESOS_AGENTS, 'node-1', {nodeName: 'node-1', hostname: 'node-1', resources: 'cpus:1'});
  add(MESOS_ROLES, 'eng', {});
  add(LEASES, 'mesos-master', {});
  kube.create(CONFIG_MAPS, {metadata: {name: 'marathon-framework-id', namespace: 'ns'}});
  const task = {labels: {'mesos.dev/managed': 'true'}, finalizers: ['mesos.dev/task-status']};
  add(PODS, 'task-1', {nodeName: 'node-1', containers: [{name: 'task', image: 'none'}]}, task);
  add(DAEMON_SETS, 'mesos-agent', {});
  add(DEPLOYMENTS, 'mesos-controller', {});
  kube.patch(DEPLOYMENTS, 'mesos-controller', {status: {readyReplicas: ready}}, {...NS, subresource: 'status'});
  const namesOf = (kind: ResourceKind): string[] =>
    kube.objects<KubeObject>(kind).flatMap(({metadata}) => (metadata.namespace === 'ns' ? [metadata.name] : []));
  const kinds = [MARATHON_APPS, MESOS_FRAMEWORKS, MESOS_AGENTS, MESOS_ROLES, LEASES, CONFIG_MAPS, PODS, DAEMON_SETS];
  return {
    kube,
    clock,
    namesOf,
    left: () => [...kinds, DEPLOYMENTS].flatMap(kind => namesOf(kind)),
    start: (tasks: 'keep' | 'remove') =>
      uninstall({client: kube.client, namespace: 'ns', tasks, clock, timeoutMs: 10_000}),
    /** Marathon has killed the app's tasks; the master lets the task's pod go, and the node has ended it. */
    release: () => kube.patch(MARATHON_APPS, 'web', {metadata: {finalizers: null}}, NS),
    endTask: () => {
      kube.patch(PODS, 'task-1', {metadata: {finalizers: null}}, NS);
      kube.delete(PODS, 'task-1', {...NS, gracePeriodSeconds: 0});
    },
  };
}

const NS = {namespace: 'ns'};
const OURS = ['mesos.dev/marathon'];

test('remove: while controllers run, nothing but apps and frameworks is deleted until their tasks have ended', async t => {
  const {kube, clock, left, namesOf, start, release, endTask} = setUp({ready: 3, appHeldBy: OURS});
  const ended = start('remove');
  await clock.advanceAsync(1000);
  t.truthy(kube.find<KubeObject>(MARATHON_APPS, 'web', 'ns')?.metadata.deletionTimestamp);
  t.deepEqual(namesOf(MESOS_FRAMEWORKS), ['f-0000']);
  release();
  await clock.advanceAsync(2000);
  t.deepEqual([namesOf(MARATHON_APPS), namesOf(MESOS_FRAMEWORKS)], [[], []]);
  t.deepEqual(
    [namesOf(PODS), namesOf(DEPLOYMENTS), namesOf(MESOS_AGENTS)],
    [['task-1'], ['mesos-controller'], ['node-1']],
  );
  // Marathon, which still runs, subscribes again.
  kube.create(MESOS_FRAMEWORKS, {metadata: {name: 'f-0001', ...NS}, spec: {frameworkInfo: {}}});
  endTask();
  await clock.advanceAsync(2000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.deepEqual(left(), []);
});

test('remove: without a controller that could end tasks, all goes at once', async t => {
  const {kube, clock, left, start} = setUp({ready: 0, appHeldBy: OURS});
  const ended = start('remove');
  await clock.advanceAsync(1000);
  // The node ends what was to be deleted.
  kube.delete(PODS, 'task-1', {...NS, gracePeriodSeconds: 0});
  await clock.advanceAsync(1000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.deepEqual(left(), []);
});

test('remove: tasks that do not end in time are named, and the controllers stay', async t => {
  const {clock, namesOf, start, release} = setUp({ready: 1, appHeldBy: OURS});
  release();
  const ended = start('remove');
  await clock.advanceAsync(11_000);
  t.deepEqual(await ended, {
    ok: false,
    error: 'gave up waiting: 1 pods are still there: task-1. Nothing else was removed; what do the controllers log?',
  });
  t.deepEqual(namesOf(DEPLOYMENTS), ['mesos-controller']);
});

test('keep: the controllers end, and what stays waits for none', async t => {
  const {kube, clock, left, start} = setUp({ready: 3, appHeldBy: [...OURS, 'a.b/c']});
  const ended = start('keep');
  await clock.advanceAsync(1000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.deepEqual(left(), [
    'web',
    'f-0000',
    'node-1',
    'eng',
    'mesos-master',
    'marathon-framework-id',
    'task-1',
    'mesos-agent',
  ]);
  t.deepEqual(kube.find<KubeObject>(MARATHON_APPS, 'web', 'ns')?.metadata.finalizers, ['a.b/c']);
  const pod = kube.find<KubeObject>(PODS, 'task-1', 'ns');
  t.is(pod?.metadata.finalizers, undefined);
  // The next controller knows by it that the task is to be adopted.
  t.deepEqual(pod?.metadata.annotations, {'mesos.dev/unattended': 'true'});
});

test('an object that others write at the same time is released all the same', async t => {
  const {kube, clock, start} = setUp({ready: 0, appHeldBy: OURS});
  let writes = 0;
  kube.fault = ({verb, name}) => {
    if (verb === 'patch' && name === 'task-1' && writes++ < 2)
      kube.patch(PODS, 'task-1', {metadata: {labels: {write: String(writes)}}}, NS);
    return undefined;
  };
  const ended = start('keep');
  await clock.advanceAsync(1000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.true(writes > 2);
  t.is(kube.find<KubeObject>(PODS, 'task-1', 'ns')?.metadata.finalizers, undefined);
});
