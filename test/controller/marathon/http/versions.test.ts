import test from 'ava';
import {MARATHON_APPS} from '../../../../src/crds/marathon-app.ts';
import {CONTROLLER_REVISIONS} from '../../../../src/kube/kinds.ts';
import {asJson, rest, type Json, type Rest} from './rest.ts';

const versionsOf = async (system: Rest, id: string): Promise<unknown[]> => {
  const {versions} = await system.must('GET', `/v2/apps/${id}/versions`);
  return [versions].flat();
};
const at = (system: Rest, id: string, version: unknown): Promise<Json> =>
  system.must('GET', `/v2/apps/${id}/versions/${String(version)}`);

test('every accepted change is a version, the newest first, the first one included', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web', cmd: 'sleep 1'});
  const {version: second} = await system.must('PUT', '/v2/apps/web', {cmd: 'sleep 2'});
  await system.cluster.pass(5000);
  const {version: third} = await system.must('PUT', '/v2/apps/web', {instances: 2});
  await system.cluster.pass(5000);
  const {version: fourth} = await system.must('POST', '/v2/apps/web/restart');
  await system.cluster.pass(5000);
  t.deepEqual(await versionsOf(system, 'web'), [fourth, third, second, first]);
});

test('an app is shown as it was in each version', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web', cmd: 'sleep 1', labels: {a: 'b'}});
  const {version: second} = await system.must('PUT', '/v2/apps/web', {instances: 2, labels: {}});
  await system.cluster.pass(5000);
  const {version: third} = await system.must('PUT', '/v2/apps/web', {instances: 3});
  await system.cluster.pass(5000);
  const shown = await at(system, 'web', first);
  t.like(shown, {
    id: '/web',
    cmd: 'sleep 1',
    instances: 1,
    labels: {a: 'b'},
    version: first,
    versionInfo: {lastScalingAt: first, lastConfigChangeAt: first},
    portDefinitions: [{port: 10000, protocol: 'tcp', name: 'default'}],
  });
  t.false('tasks' in shown || 'app' in shown);
  t.like(await at(system, 'web', third), {
    ...{instances: 3, labels: {}, version: third},
    versionInfo: {lastScalingAt: third, lastConfigChangeAt: second},
  });
});

test('what kubectl changes is a version too', async t => {
  const system = await rest(t);
  system.cluster.create('web', {cmd: 'sleep 1', cpus: 0.1, mem: 16});
  await system.cluster.pass(3000);
  system.cluster.kube.patch(MARATHON_APPS, 'web', {spec: {cmd: 'sleep 2'}});
  await system.cluster.pass(5000);
  const versions = await versionsOf(system, 'web');
  t.is(versions.length, 2);
  t.like(await at(system, 'web', versions[1]), {cmd: 'sleep 1', version: versions[1]});
  t.like(await at(system, 'web', versions[0]), {cmd: 'sleep 2', version: versions[0]});
});

test('a body that changes nothing is no version', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web'});
  await system.must('PUT', '/v2/apps/web', {instances: 1});
  await system.cluster.pass(3000);
  t.deepEqual(await versionsOf(system, 'web'), [first]);
});

test('what was refused is no version', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web'});
  t.is((await system.ask('PUT', '/v2/apps/web', {body: {cpus: -1}})).status, 422);
  t.deepEqual(await versionsOf(system, 'web'), [first]);
});

for (const [title, method, path, wrap] of [
  ['PUT', 'PUT', '/v2/apps/web', (body: Json) => body],
  ['PATCH', 'PATCH', '/v2/apps/web', (body: Json) => body],
  ['an array PUT', 'PUT', '/v2/apps', (body: Json) => [body]],
] as const) {
  test(`${title} of a version brings that definition back, as a new version`, async t => {
    const system = await rest(t);
    const {version: first} = await system.run({id: 'web', cmd: 'sleep 1', env: {A: '1'}, instances: 2});
    await system.must('PUT', '/v2/apps/web', {cmd: 'sleep 2', env: {}, instances: 1});
    await system.cluster.pass(8000);
    const {version: third} = await system.must(method, path, wrap({id: '/web', version: first}));
    await system.cluster.pass(8000);
    const app = await system.app('web');
    t.like(app, {cmd: 'sleep 1', env: {A: '1'}, instances: 2, version: third, tasksRunning: 2, deployments: []});
    t.is((await versionsOf(system, 'web')).length, 3);
  });
}

test('a version may be written in another zone', async t => {
  const system = await rest(t);
  const {version} = await system.run({id: 'web', cmd: 'sleep 1'});
  const twoHoursOn = new Date(Date.parse(String(version)) + 7_200_000).toISOString();
  t.like(await at(system, 'web', encodeURIComponent(twoHoursOn.replace('Z', '+02:00'))), {version});
});

test('a change that waits for its step of a deployment is a version already', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web', instances: 0, dependencies: ['/db']});
  system.cluster.master.cpus = 0;
  const changes = [
    {id: '/db', cmd: 'sleep 1', cpus: 0.1},
    {id: '/web', cmd: 'sleep 2', instances: 1},
  ];
  const {version: second} = await system.must('PUT', '/v2/apps', changes);
  await system.cluster.pass(5000);
  t.deepEqual(await versionsOf(system, 'web'), [second, first]);
  t.like(await at(system, 'web', second), {cmd: 'sleep 2'});
  t.like(await at(system, 'web', first), {cmd: 'sleep 1000'});
  system.cluster.master.cpus = 4;
  await system.cluster.pass(20_000);
  t.deepEqual(await versionsOf(system, 'web'), [second, first]);
});

test('an unknown version is 404, a text that is none 422, and other fields go with no version', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web'});
  const old = '2001-01-01T00:00:00.000Z';
  const missing = await system.ask('GET', `/v2/apps/web/versions/${old}`);
  t.is(missing.status, 404);
  t.is(missing.body['message'], `App '/web' does not exist in version ${old}`);
  t.is((await system.ask('GET', '/v2/apps/web/versions/latest')).status, 422);
  t.is((await system.ask('GET', '/v2/apps/none/versions')).status, 404);
  t.is((await system.ask('PUT', '/v2/apps/web', {body: {version: old}})).status, 404);
  t.is((await system.ask('PUT', '/v2/apps/none', {body: {version: old}})).status, 404);
  t.is((await system.ask('PUT', '/v2/apps/web', {body: {version: 'x'}})).status, 422);
  t.is((await system.ask('PUT', '/v2/apps/web', {body: {version: first, cmd: 'x y'}})).status, 422);
});

test('only so many versions are kept', async t => {
  const system = await rest(t, ['--zk_max_versions=3']);
  await system.run({id: 'web', instances: 0});
  for (const cmd of ['a b', 'c d', 'e f', 'g h']) {
    await system.must('PUT', '/v2/apps/web?force=true', {cmd});
    await system.cluster.pass(1000);
  }
  await system.cluster.pass(10_000);
  t.is(system.cluster.kube.objects(CONTROLLER_REVISIONS).length, 3);
  const versions = await versionsOf(system, 'web');
  t.is(versions.length, 3);
  t.like(await at(system, 'web', versions[2]), {cmd: 'c d'});
});

test('versions outlive a change of leader, and those of an app of the same id that is gone do not come back', async t => {
  const system = await rest(t);
  const {version: first} = await system.run({id: 'web', cmd: 'sleep 1'});
  await system.must('PUT', '/v2/apps/web', {cmd: 'sleep 2'});
  await system.cluster.pass(5000);
  const before = await versionsOf(system, 'web');
  await system.cluster.takeOver();
  const marathon = system.cluster.marathon;
  const app = marathon.apps()[0];
  if (app === undefined) return t.fail('no app');
  t.deepEqual(await marathon.versions(app), {ok: true, value: before.map(String)});
  const former = await marathon.version(app, String(first));
  t.like(asJson(former), {ok: true, value: {version: first, spec: {cmd: 'sleep 1'}, servicePorts: [10000]}});
  t.deepEqual(await marathon.versions({...app, object: {...app.object, uid: 'another'}, versionInfo: undefined}), {
    ok: true,
    value: [],
  });
});
