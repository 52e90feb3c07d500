import test from 'ava';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {MESOS_AGENTS} from '../../src/crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../src/crds/mesos-framework.ts';
import {MESOS_ROLES} from '../../src/crds/mesos-role.ts';
import {CONFIG_MAPS, DAEMON_SETS, DEPLOYMENTS, LEASES, PODS} from '../../src/kube/kinds.ts';
import type {ResourceKind} from '../../src/kube/types.ts';
import {uninstall} from '../../src/programs/uninstall.ts';
import {MemoryKube} from '../support/memory-kube.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

/** A cluster with an app, its framework and its task; `ready` controllers run. */
function setUp({ready}: {ready: number}) {
  const kube = new MemoryKube();
  const clock = new VirtualClock();
  const add = (kind: ResourceKind, name: string, more: object = {}) =>
    kube.create(kind, {apiVersion: 'v1', kind: kind.kind, metadata: {name, namespace: 'ns', ...more}});
  add(MARATHON_APPS, 'web', {finalizers: ['mesos.dev/marathon', 'a.b/c']});
  add(MESOS_FRAMEWORKS, 'f-0000');
  add(MESOS_AGENTS, 'node-1');
  add(MESOS_ROLES, 'eng');
  add(LEASES, 'mesos-master');
  add(CONFIG_MAPS, 'marathon-framework-id');
  add(PODS, 'task-1', {labels: {'mesos.dev/managed': 'true'}, finalizers: ['mesos.dev/task-status']});
  add(DAEMON_SETS, 'mesos-agent');
  add(DEPLOYMENTS, 'mesos-controller');
  kube.patch(DEPLOYMENTS, 'mesos-controller', 'ns', {status: {readyReplicas: ready}});
  const namesOf = (kind: ResourceKind): string[] => kube.objects(kind).map(({metadata}) => metadata.name);
  const kinds = [MARATHON_APPS, MESOS_FRAMEWORKS, MESOS_AGENTS, MESOS_ROLES, LEASES, CONFIG_MAPS, PODS, DAEMON_SETS];
  return {
    kube,
    clock,
    namesOf,
    left: () => [...kinds, DEPLOYMENTS].flatMap(kind => namesOf(kind)),
    start: (tasks: 'keep' | 'remove') =>
      uninstall({client: kube.client(), namespace: 'ns', tasks, clock, timeoutMs: 10_000}),
  };
}

test('remove: while controllers run, nothing but apps and frameworks is deleted until their tasks have ended', async t => {
  const {kube, clock, left, namesOf, start} = setUp({ready: 3});
  const ended = start('remove');
  await clock.advanceAsync(3000);
  t.deepEqual([namesOf(MARATHON_APPS), namesOf(MESOS_FRAMEWORKS)], [[], []]);
  t.deepEqual(
    [namesOf(PODS), namesOf(DEPLOYMENTS), namesOf(MESOS_AGENTS)],
    [['task-1'], ['mesos-controller'], ['node-1']],
  );
  // Marathon, which still runs, subscribes again.
  kube.create(MESOS_FRAMEWORKS, {
    apiVersion: 'v1',
    kind: 'MesosFramework',
    metadata: {name: 'f-0001', namespace: 'ns'},
  });
  kube.delete(PODS, 'task-1', 'ns');
  await clock.advanceAsync(2000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.deepEqual(left(), []);
});

test('remove: without a controller that could end tasks, all goes at once', async t => {
  const {clock, left, start} = setUp({ready: 0});
  const ended = start('remove');
  await clock.advanceAsync(2000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.deepEqual(left(), []);
});

test('remove: tasks that do not end in time are named, and the controllers stay', async t => {
  const {clock, namesOf, start} = setUp({ready: 1});
  const ended = start('remove');
  await clock.advanceAsync(11_000);
  t.deepEqual(await ended, {
    ok: false,
    error: 'gave up waiting: 1 pods are still there: task-1. Nothing else was removed; what do the controllers log?',
  });
  t.deepEqual(namesOf(DEPLOYMENTS), ['mesos-controller']);
});

test('keep: the controllers end, and what stays waits for none', async t => {
  const {kube, clock, left, start} = setUp({ready: 3});
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
  const [app] = kube.objects(MARATHON_APPS);
  t.deepEqual(app?.metadata.finalizers, ['a.b/c']);
  const [pod] = kube.objects(PODS);
  t.is(pod?.metadata.finalizers, undefined);
  // The next controller knows by it that the task is to be adopted.
  t.deepEqual(pod?.metadata.annotations, {'mesos.dev/unattended': 'true'});
});

test('an object that others write at the same time is released all the same', async t => {
  const {kube, clock} = setUp({ready: 0});
  let writes = 0;
  const client = kube.client(async verb => {
    if (verb === 'patch' && writes++ < 2)
      kube.patch(PODS, 'task-1', 'ns', {metadata: {labels: {write: String(writes)}}});
    return undefined;
  });
  const ended = uninstall({client, namespace: 'ns', tasks: 'keep', clock, timeoutMs: 10_000});
  await clock.advanceAsync(1000);
  t.deepEqual(await ended, {ok: true, value: undefined});
  t.is(kube.objects(PODS)[0]?.metadata.finalizers, undefined);
});
