import test, {type ExecutionContext} from 'ava';
import {toAppId} from '../../../src/controller/marathon/core/ids.ts';
import type {MarathonAppSpec} from '../../../src/crds/marathon-app.ts';
import {decodeObject} from '../../../src/crds/kind.ts';
import {MARATHON_APPS} from '../../../src/crds/marathon-app.ts';
import {err, ok} from '../../../src/lib/result.ts';
import {MarathonCluster} from './marathon-cluster.ts';

const SPEC = {cmd: 'sleep 1000', cpus: 0.5, mem: 32, instances: 2};
const WEB = toAppId('/web');

async function started(t: ExecutionContext): Promise<MarathonCluster> {
  const cluster = new MarathonCluster();
  t.teardown(() => cluster.marathon.stop());
  await cluster.start();
  return cluster;
}

function fullSpec(t: ExecutionContext, spec: Record<string, unknown>): MarathonAppSpec {
  const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec});
  if (!decoded.ok) return t.fail(JSON.stringify(decoded.error)) as never;
  return decoded.value.spec;
}

/** A change through REST, and the time it takes. */
async function change(cluster: MarathonCluster, ...args: Parameters<MarathonCluster['marathon']['change']>) {
  const pending = cluster.marathon.change(...args);
  await cluster.pass(1000);
  return pending;
}

test('an object that kubectl creates runs, and its status tells so', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  t.is(cluster.master.tasks.size, 2);
  const object = cluster.object('web');
  t.deepEqual(object?.metadata.finalizers, ['mesos.dev/marathon']);
  t.is(object?.status?.tasksRunning, 2);
  t.is(object?.status?.replicas, 2);
  t.is(object?.status?.observedGeneration, 1);
  t.deepEqual(object?.status?.servicePorts, [10000]);
  t.is(object?.status?.deployments, undefined);
  t.is(cluster.condition('web', 'Available')?.status, 'True');
  t.is(cluster.condition('web', 'Progressing')?.reason, 'Stable');
  t.is(cluster.condition('web', 'Degraded')?.status, 'False');
});

test('the status says which resource is short by how much', async t => {
  const cluster = await started(t);
  cluster.create('web', {...SPEC, cpus: 16});
  await cluster.pass(3000);
  const progressing = cluster.condition('web', 'Progressing');
  t.is(progressing?.reason, 'WaitingForOffers');
  t.is(progressing?.message, '2 instances to be launched: no agent has enough cpus: 16 wanted, at most 8 offered');
});

test('deleting the object kills the tasks first', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  cluster.kube.delete(MARATHON_APPS, 'web');
  t.truthy(cluster.object('web'));
  await cluster.pass(3000);
  t.is(cluster.object('web'), undefined);
  t.is(cluster.master.tasks.size, 0);
});

test('every update with a uuid is acknowledged', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  t.is(cluster.master.calls.filter(call => call.type === 'ACKNOWLEDGE').length, 2);
});

test('a new leader subscribes under the same id and touches nothing', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  const before = [...cluster.master.tasks.keys()];
  await cluster.takeOver();
  await cluster.pass(30_000);
  t.deepEqual([...cluster.master.tasks.keys()], before);
  t.is(cluster.master.subscriptions.at(-1)?.framework_id?.value, 'fake-0000');
  t.is(cluster.marathon.app(WEB)?.instances.size, 2);
});

test('a broken stream is opened again, and what ended meanwhile is replaced', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  const [lost = ''] = cluster.master.tasks.keys();
  cluster.master.cut();
  cluster.master.tasks.delete(lost);
  await cluster.pass(10_000);
  t.is(cluster.master.subscriptions.length, 2);
  t.is(cluster.master.tasks.size, 2);
  t.true(cluster.master.tasks.has(lost.replace(/1$/, '2')));
});

test('a stream without heartbeats is given up', async t => {
  const cluster = await started(t);
  await cluster.clock.advanceAsync(80_000);
  t.is(cluster.master.subscriptions.length, 2);
});

test('after a teardown Marathon comes back as another framework', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  cluster.master.removed.add('fake-0000');
  cluster.master.tasks.clear();
  cluster.master.cut();
  await cluster.pass(10_000);
  t.is(cluster.marathon.frameworkId(), 'fake-0001');
  t.is(cluster.master.tasks.size, 2);
});

test('REST creates an app with its version and deployment, and kubectl sees it', async t => {
  const cluster = await started(t);
  const spec = fullSpec(t, SPEC);
  const result = await change(cluster, {id: WEB, force: false, edit: () => ok({kind: 'create', spec})});
  if (!result.ok) return t.fail(JSON.stringify(result.error));
  t.true(result.value.created);
  const object = cluster.object('web');
  t.is(object?.metadata.annotations?.['marathon.mesos.dev/version'], result.value.version);
  t.is(object?.status?.version, result.value.version);
  t.is(cluster.marathon.app(WEB)?.object.id, WEB);
});

test('an app that a deployment has locked is changed only by force', async t => {
  const cluster = await started(t);
  cluster.create('web', {...SPEC, cpus: 16});
  await cluster.pass(2000);
  const spec = fullSpec(t, {...SPEC, cmd: 'sleep 2000'});
  const edit = () => ok({kind: 'replace' as const, spec});
  const refused = await change(cluster, {id: WEB, force: false, edit});
  const deployment = cluster.marathon.app(WEB)?.deployment?.id ?? '';
  t.deepEqual(refused, err({kind: 'locked', deployments: [deployment]}));
  const forced = await change(cluster, {id: WEB, force: true, edit});
  t.true(forced.ok);
  await cluster.pass(5000);
  t.is(cluster.master.tasks.size, 2);
});

test('an update that changes nothing writes nothing', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  const before = cluster.object('web')?.metadata.resourceVersion;
  const result = await change(cluster, {
    id: WEB,
    force: false,
    edit: current => (current === undefined ? err('gone') : ok({kind: 'replace', spec: current})),
  });
  t.true(result.ok);
  t.is(cluster.object('web')?.metadata.resourceVersion, before);
});

test('REST restarts an app', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  const before = [...cluster.master.tasks.keys()];
  await change(cluster, {id: WEB, force: false, edit: () => ok({kind: 'restart'})});
  await cluster.pass(20_000);
  t.is(cluster.master.tasks.size, 2);
  t.false(before.some(id => cluster.master.tasks.has(id)));
});

test('REST deletes an app, and can make it again at once', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  const spec = fullSpec(t, SPEC);
  const deleted = await change(cluster, {id: WEB, force: true, edit: () => ok({kind: 'delete'})});
  t.true(deleted.ok);
  const created = await change(cluster, {id: WEB, force: false, edit: () => ok({kind: 'create', spec})});
  t.true(created.ok);
  await cluster.pass(10_000);
  t.is(cluster.master.tasks.size, 2);
});

test('what the caller refuses changes nothing', async t => {
  const cluster = await started(t);
  const result = await change(cluster, {
    id: WEB,
    force: false,
    edit: current => (current === undefined ? err('no such app') : ok({kind: 'restart'})),
  });
  t.deepEqual(result, err({kind: 'refused', error: 'no such app'}));
  t.is(cluster.object('web'), undefined);
});

test('an id whose usual name is taken gets an object of another name', async t => {
  const cluster = await started(t);
  cluster.create('web', {...SPEC, id: '/other'});
  await cluster.pass(2000);
  const spec = fullSpec(t, SPEC);
  const result = await change(cluster, {id: WEB, force: false, edit: () => ok({kind: 'create', spec})});
  t.true(result.ok);
  t.regex(cluster.marathon.app(WEB)?.object.name ?? '', /^web-[0-9a-f]{8}$/);
});

test('the status is written a few times a second at most', async t => {
  const cluster = await started(t);
  cluster.create('web', {...SPEC, cpus: 0.1, instances: 20});
  const before = Number(cluster.object('web')?.metadata.resourceVersion);
  await cluster.pass(2000);
  t.is(cluster.object('web')?.status?.tasksRunning, 20);
  t.true(Number(cluster.object('web')?.metadata.resourceVersion) - before < 25);
});

test('a deactivated agent is noticed: one instance more, also for the next leader, as long as it lasts', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(3000);
  cluster.master.deactivated = true;
  await cluster.pass(12_000);
  t.is(cluster.master.tasks.size, 3);
  const before = [...cluster.master.tasks.keys()];
  await cluster.takeOver();
  await cluster.pass(12_000);
  t.deepEqual([...cluster.master.tasks.keys()], before);
  cluster.master.deactivated = false;
  await cluster.pass(6000);
  t.is(cluster.master.tasks.size, 2);
});
