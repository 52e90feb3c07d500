import test from 'ava';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {MESOS_FRAMEWORKS} from '../../src/crds/mesos-framework.ts';
import {PODS} from '../../src/kube/kinds.ts';
import type {ResourceKind} from '../../src/kube/types.ts';
import {removeAll} from '../../src/programs/uninstall.ts';
import {MemoryKube} from '../support/memory-kube.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

function setUp() {
  const kube = new MemoryKube();
  const clock = new VirtualClock();
  const add = (kind: ResourceKind, name: string) =>
    kube.create(kind, {apiVersion: 'v1', kind: kind.kind, metadata: {name, namespace: 'ns'}});
  add(MARATHON_APPS, 'web');
  add(MESOS_FRAMEWORKS, 'f-0000');
  add(PODS, 'task-1');
  const left = () => [MARATHON_APPS, MESOS_FRAMEWORKS, PODS].map(kind => kube.objects(kind).length);
  return {
    kube,
    clock,
    left,
    remove: () => removeAll({client: kube.client(), namespace: 'ns', clock, timeoutMs: 10_000}),
  };
}

test('apps and frameworks are deleted; it ends when the pods of tasks are gone', async t => {
  const {kube, clock, left, remove} = setUp();
  const removed = remove();
  await clock.advanceAsync(3000);
  t.deepEqual(left(), [0, 0, 1]);
  kube.delete(PODS, 'task-1', 'ns');
  await clock.advanceAsync(1000);
  t.deepEqual(await removed, {ok: true, value: undefined});
});

test('tasks that do not end in time are named', async t => {
  const {clock, remove} = setUp();
  const removed = remove();
  await clock.advanceAsync(11_000);
  t.deepEqual(await removed, {ok: false, error: 'gave up waiting: 1 pods are still there: task-1'});
});
