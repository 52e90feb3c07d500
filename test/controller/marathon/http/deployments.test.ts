import test from 'ava';
import {MARATHON_DEPLOYMENTS} from '../../../../src/crds/marathon-deployment.ts';
import {asJson, listOf, rest, type Json, type Rest} from './rest.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 16};

async function deployments(system: Rest): Promise<Json[]> {
  return listOf({list: JSON.parse((await system.ask('GET', '/v2/deployments')).text)}, 'list');
}

const running = (system: Rest): string[] =>
  [...system.cluster.master.tasks.values()].map(({info}) => `${info.name} ${info.command?.value}`).toSorted();

/**
 * Three apps that run: `a` gets another command, `gone` goes, `new` comes, and `last`, which depends on `a`, is scaled
 * down. The new task of `a` can't be placed, so the deployment stays where it is.
 */
async function stuck(t: Parameters<typeof rest>[0]): Promise<{system: Rest; id: string}> {
  const system = await rest(t);
  await system.must('PUT', '/v2/groups/g', {
    apps: [
      {...APP, id: 'a'},
      {...APP, id: 'gone'},
      {...APP, id: 'last', instances: 3},
    ],
  });
  await system.cluster.pass(6000);
  const {deploymentId} = await system.must('PUT', '/v2/groups/g', {
    dependencies: ['/other'],
    apps: [
      {...APP, id: 'a', cmd: 'sleep 2000', cpus: 100},
      {...APP, id: 'new', dependencies: ['/g/a']},
      {...APP, id: 'last', dependencies: ['/g/a'], instances: 1},
    ],
  });
  await system.cluster.pass(6000);
  return {system, id: String(deploymentId)};
}

const BEFORE = ['a.g sleep 1000', 'gone.g sleep 1000', 'last.g sleep 1000', 'last.g sleep 1000', 'last.g sleep 1000'];

async function showsBefore(system: Rest): Promise<Json> {
  const group = await system.must('GET', '/v2/groups/g');
  return {
    apps: listOf(group, 'apps').map(({id, cmd, cpus, instances}) => ({id, cmd, cpus, instances})),
    dependencies: group['dependencies'],
    running: running(system),
  };
}

const WANT = {
  apps: [
    {id: '/g/a', cmd: 'sleep 1000', cpus: 0.1, instances: 1},
    {id: '/g/gone', cmd: 'sleep 1000', cpus: 0.1, instances: 1},
    {id: '/g/last', cmd: 'sleep 1000', cpus: 0.1, instances: 3},
  ],
  dependencies: [],
  running: BEFORE,
};

test('DELETE takes a deployment back: what it changed or removed is as it was, what it added goes', async t => {
  const {system, id} = await stuck(t);
  await system.run({id: '/elsewhere'});
  const {status, headers, body} = await system.ask('DELETE', `/v2/deployments/${id}`);
  t.is(status, 200);
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  t.is(headers.get('marathon-deployment-id'), String(body['deploymentId']));
  t.not(body['deploymentId'], id);
  await system.cluster.pass(30_000);
  t.deepEqual(await deployments(system), []);
  await system.must('DELETE', '/v2/apps/elsewhere');
  await system.cluster.pass(2000);
  t.deepEqual(await showsBefore(system), WANT);
});

test('what waited for its step is not touched when the deployment is taken back', async t => {
  const {system, id} = await stuck(t);
  const before = [...system.cluster.master.tasks.keys()].filter(task => task.startsWith('g_last'));
  t.is(before.length, 3);
  await system.must('DELETE', `/v2/deployments/${id}`);
  await system.cluster.pass(30_000);
  t.deepEqual(
    [...system.cluster.master.tasks.keys()].filter(task => task.startsWith('g_last')),
    before,
  );
});

test('a later leader takes a deployment back too', async t => {
  const {system, id} = await stuck(t);
  const {cluster} = system;
  await cluster.takeOver();
  await cluster.pass(3000);
  t.deepEqual(
    [...cluster.marathon.deployments()].map(deployment => deployment.id),
    [id],
  );
  const reverted = cluster.marathon.revertDeployment(id);
  await cluster.pass(30_000);
  t.true((await reverted).ok);
  t.deepEqual([...cluster.marathon.deployments()], []);
  t.deepEqual(running(system), BEFORE);
});

test('an app that was stopped stays in the plan', async t => {
  const {system} = await stuck(t);
  const [deployment = {}] = await deployments(system);
  t.like(deployment, {
    affectedApps: ['/g/a', '/g/gone', '/g/last', '/g/new'],
    steps: [
      {actions: [{action: 'StopApplication', app: '/g/gone'}]},
      {actions: [{action: 'StartApplication', app: '/g/new'}]},
      {actions: [{action: 'RestartApplication', app: '/g/a'}]},
      {
        actions: [
          {action: 'RestartApplication', app: '/g/last'},
          {action: 'ScaleApplication', app: '/g/new'},
        ],
      },
    ],
    currentActions: [{action: 'RestartApplication', app: '/g/a', readinessCheckResults: []}],
    currentStep: 3,
    totalSteps: 4,
  });
});

test('deleting the object of a deployment takes it back', async t => {
  const {system, id} = await stuck(t);
  t.like(system.cluster.kube.find(MARATHON_DEPLOYMENTS, id)?.status, {step: '3 of 4', done: '0 of 1'});
  system.cluster.kube.delete(MARATHON_DEPLOYMENTS, id);
  await system.cluster.pass(30_000);
  t.deepEqual(await deployments(system), []);
  t.deepEqual(await showsBefore(system), WANT);
});

test('deleting the object and leaving its dependents ends the deployment where it is', async t => {
  const {system, id} = await stuck(t);
  system.cluster.kube.delete(MARATHON_DEPLOYMENTS, id, {propagationPolicy: 'Orphan'});
  await system.cluster.pass(5000);
  t.deepEqual(await deployments(system), []);
  t.is((await system.app('g/a'))['cpus'], 100);
});

test('force=true ends a deployment where it is: definitions stay', async t => {
  const {system, id} = await stuck(t);
  const {status, text} = await system.ask('DELETE', `/v2/deployments/${id}?force=true`);
  t.deepEqual([status, text], [202, '']);
  await system.cluster.pass(5000);
  t.deepEqual(await deployments(system), []);
  t.is((await system.app('g/a'))['cpus'], 100);
  t.is((await system.ask('GET', '/v2/apps/g/gone')).status, 404);
});

test('a restart that is taken back leaves the tasks that still run', async t => {
  const system = await rest(t);
  await system.run({id: '/web', cpus: 5});
  const before = [...system.cluster.master.tasks.keys()];
  const {deploymentId} = await system.must('POST', '/v2/apps/web/restart');
  await system.cluster.pass(3000);
  await system.must('DELETE', `/v2/deployments/${deploymentId}`);
  await system.cluster.pass(10_000);
  t.deepEqual([...system.cluster.master.tasks.keys()], before);
  t.deepEqual(await deployments(system), []);
});

test('a deletion that is taken back makes the app again', async t => {
  const system = await rest(t);
  await system.run({id: '/web', labels: {x: 'y'}});
  system.cluster.master.ignoresKills = true;
  const {deploymentId} = await system.must('DELETE', '/v2/apps/web');
  const {status} = await system.ask('DELETE', `/v2/deployments/${deploymentId}`);
  t.is(status, 200);
  for (const taskId of system.cluster.master.tasks.keys()) system.cluster.master.report(taskId, 'TASK_KILLED');
  await system.cluster.pass(10_000);
  t.like(asJson(await system.app('web')), {labels: {x: 'y'}, tasksRunning: 1, deployments: []});
});

test('an app that was created is gone when its deployment is taken back', async t => {
  const system = await rest(t);
  const {deployments: made} = await system.must('POST', '/v2/apps', {...APP, id: '/web', cpus: 100});
  const [{id} = {}] = listOf({made}, 'made');
  await system.must('DELETE', `/v2/deployments/${id}`);
  await system.cluster.pass(5000);
  t.is((await system.ask('GET', '/v2/apps/web')).status, 404);
});

test('404: a deployment that is not under way is neither taken back nor ended', async t => {
  const system = await rest(t);
  for (const query of ['', '?force=true']) {
    const {status, body} = await system.ask('DELETE', `/v2/deployments/nobody${query}`);
    t.deepEqual([status, body['message']], [404, 'DeploymentPlan nobody does not exist']);
  }
});
