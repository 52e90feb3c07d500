import test from 'ava';
import {idsOf, listOf, rest, type Json, type Rest} from './rest.ts';

/** An app with three running tasks. */
async function three(system: Rest, id = 'web'): Promise<string[]> {
  await system.run({id, instances: 3});
  return idsOf(await system.tasks(`/v2/apps/${id}/tasks`)).map(String);
}

const running = (system: Rest): string[] => [...system.cluster.master.tasks.keys()];
/** Without the number of the launch. */
const instanceOf = (taskId: unknown): string => String(taskId).replace(/[.]_app[.]\d+$/, '');

test('a task is shown with where it runs and its ports', async t => {
  const system = await rest(t);
  const {version} = await system.run({id: '/prod/web', ports: [0, 0]});
  const [task = {}] = await system.tasks('/v2/apps/prod/web/tasks');
  const {id, stagedAt, startedAt, ports, ...shown} = task;
  t.regex(String(id), /^prod_web[.]instance-[0-9a-f-]{36}[.]_app[.]1$/);
  t.regex(String(stagedAt), /[.]\d{3}Z$/);
  t.regex(String(startedAt), /[.]\d{3}Z$/);
  t.is(listOf({ports}, 'ports').length, 2);
  t.deepEqual(shown, {
    appId: '/prod/web',
    host: 'node-a',
    slaveId: 'A',
    state: 'TASK_RUNNING',
    version,
    servicePorts: [10_000, 10_001],
    ipAddresses: [],
    role: '*',
  });
});

test('tasks of groups and of all apps; what waits for an offer is no task', async t => {
  const system = await rest(t);
  await three(system, '/prod/web');
  await three(system, '/prod/db/main');
  await system.run({id: '/big', cpus: 100});
  const counts: Record<string, number> = {
    '/v2/tasks': 6,
    '/v2/apps/prod/*/tasks': 6,
    '/v2/apps/prod/db/*/tasks': 3,
    '/v2/apps/*/tasks': 6,
    '/v2/apps/big/tasks': 0,
  };
  for (const [path, want] of Object.entries(counts)) t.is((await system.tasks(path)).length, want, path);
  t.is((await system.ask('GET', '/v2/apps/none/*/tasks')).status, 404);
});

test('tasks by status', async t => {
  const system = await rest(t);
  const [first = ''] = await three(system);
  system.cluster.master.report(first, 'TASK_STAGING');
  await system.cluster.pass(1000);
  const counts: Record<string, number> = {
    '': 3,
    '?status=running': 2,
    '?status=staging': 1,
    '?status[]=running&status[]=staging': 3,
    '?status=running&status=staging': 3,
    '?status=lost': 3,
    '?status=lost&status=staging': 1,
  };
  for (const [query, want] of Object.entries(counts))
    t.is((await system.tasks(`/v2/tasks${query}`)).length, want, query);
});

test('a killed task is replaced under the same instance', async t => {
  const system = await rest(t);
  const [victim = '', ...others] = await three(system);
  const {status, body} = await system.ask('DELETE', `/v2/apps/web/tasks/${victim}`);
  t.is(status, 200);
  t.like(body, {task: {id: victim, appId: '/web'}});
  await system.cluster.pass(5000);
  t.is((await system.app('web'))['instances'], 3);
  t.deepEqual(running(system).toSorted(), [...others, victim.replace(/1$/, '2')].toSorted());
});

test('a wiped one is replaced by another instance', async t => {
  const system = await rest(t);
  const [victim = ''] = await three(system);
  await system.must('DELETE', `/v2/apps/web/tasks/${victim}?wipe=true`);
  await system.cluster.pass(5000);
  t.is(running(system).length, 3);
  t.false(running(system).map(instanceOf).includes(instanceOf(victim)));
});

test('with scale exactly that task goes for good', async t => {
  const system = await rest(t);
  // The oldest: scaling alone would take the youngest.
  const [victim = '', ...others] = await three(system);
  const {status, headers, body} = await system.ask('DELETE', `/v2/apps/web/tasks/${victim}?scale=true`);
  t.is(status, 200);
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  t.is(headers.get('marathon-deployment-id'), String(body['deploymentId']));
  await system.cluster.pass(5000);
  t.like(await system.app('web'), {instances: 2, version: body['version'], deployments: []});
  t.deepEqual(running(system).toSorted(), others.toSorted());
});

test('all tasks, or those on a host', async t => {
  const system = await rest(t);
  const all = await three(system);
  const killed = async (query: string): Promise<unknown[]> =>
    idsOf(listOf(await system.must('DELETE', `/v2/apps/web/tasks${query}`), 'tasks'));
  t.deepEqual(await killed('?host=node-b'), []);
  t.deepEqual(await killed('?host=ode-a'), all);
  await system.cluster.pass(5000);
  t.is((await killed('?host=*')).length, 3);
  await system.cluster.pass(5000);
  t.is((await killed('')).length, 3);
  await system.cluster.pass(5000);
  t.is(running(system).length, 3);
});

test('all tasks with scale: none is wanted any more', async t => {
  const system = await rest(t);
  await three(system);
  await system.must('DELETE', '/v2/apps/web/tasks?scale=true&host=node-a');
  await system.cluster.pass(5000);
  t.is((await system.app('web'))['instances'], 0);
  t.deepEqual(running(system), []);
});

test('a task that is being killed already does not count again', async t => {
  const system = await rest(t);
  const [victim = ''] = await three(system);
  system.cluster.master.report(victim, 'TASK_KILLING');
  await system.cluster.pass(1000);
  await system.must('DELETE', '/v2/apps/web/tasks?scale=true');
  t.is((await system.app('web'))['instances'], 1);
});

test('tasks of several apps at once', async t => {
  const system = await rest(t);
  const [web = ''] = await three(system, 'web');
  const [db = ''] = await three(system, 'db');
  const gone = web.replace(/-[0-9a-f-]{36}/, '-00000000-0000-4000-8000-000000000000');
  const killed = await system.must('POST', '/v2/tasks/delete', {ids: [web, gone, db, web]});
  t.deepEqual(idsOf(listOf(killed, 'tasks')), [web, db]);
  await system.cluster.pass(5000);
  t.is(running(system).length, 6);
  const again = [web, db].map(id => id.replace(/1$/, '2'));
  const {version} = await system.must('POST', '/v2/tasks/delete?scale=true', {ids: again});
  t.like(await system.app('db'), {instances: 2, version});
  await system.cluster.pass(5000);
  t.like(await system.app('web'), {instances: 2, version});
  t.is(running(system).length, 4);
  t.false(running(system).some(id => again.includes(id)));
});

test('ids of pods and of older Marathons are well formed, and nothing runs under them', async t => {
  const system = await rest(t);
  const uuid = '00000000-0000-4000-8000-000000000000';
  const ids = [
    `p.instance-${uuid}.web.1`,
    `prod_web.${uuid}`,
    `prod_web.marathon-${uuid}`,
    `prod_web.instance-${uuid}._app.2`,
  ];
  t.deepEqual(await system.must('POST', '/v2/tasks/delete', {ids}), {tasks: []});
});

test('tasks as text: a line for each service port, or for an app without any', async t => {
  const system = await rest(t);
  await system.run({id: '/prod/web', ports: [0, 0], instances: 1});
  await system.run({id: '/job', portDefinitions: [], instances: 2});
  await system.run({id: '/waits', cpus: 100, ports: [0]});
  const [task = {}] = await system.tasks('/v2/apps/prod/web/tasks');
  const [first, second] = [task['ports']].flat();
  const {status, headers, text} = await system.ask('GET', '/v2/tasks', {headers: {accept: 'text/plain'}});
  t.is(status, 200);
  t.regex(headers.get('content-type') ?? '', /^text\/plain/);
  t.deepEqual(text.split('\n'), [
    'job\t \tnode-a\tnode-a\t',
    `prod_web\t10000\tnode-a:${String(first)}\t`,
    `prod_web\t10001\tnode-a:${String(second)}\t`,
    'waits\t10002\t',
    '',
  ]);
  t.is((await system.ask('GET', '/v2/apps/prod/web/tasks', {headers: {accept: 'text/plain'}})).status, 406);
});

const refused: Record<string, {method: string; path: string; body?: Json; status: number; message: string}> = {
  'scale and wipe': {
    method: 'DELETE',
    path: '/v2/apps/web/tasks?scale=true&wipe=true',
    status: 400,
    message: 'You cannot use scale and wipe at the same time.',
  },
  'scale and wipe of named tasks': {
    method: 'POST',
    path: '/v2/tasks/delete?scale=true&wipe=true',
    body: {ids: []},
    status: 400,
    message: 'You cannot use scale and wipe at the same time.',
  },
  'an id that no task has': {
    method: 'POST',
    path: '/v2/tasks/delete',
    body: {ids: ['x']},
    status: 400,
    message: "Invalid task id 'x'.",
  },
  'no ids': {method: 'POST', path: '/v2/tasks/delete', body: {}, status: 422, message: 'Invalid JSON'},
  'a task that is gone': {
    method: 'DELETE',
    path: '/v2/apps/web/tasks/web.x',
    status: 404,
    message: "Task 'web.x' does not exist",
  },
  'the tasks of a group': {
    method: 'DELETE',
    path: '/v2/apps/prod/*/tasks',
    status: 404,
    message: "App '/prod/*' does not exist",
  },
};
for (const [title, {method, path, body, status, message}] of Object.entries(refused)) {
  test(`refused: ${title}`, async t => {
    const system = await rest(t);
    const before = await three(system);
    const answer = await system.ask(method, path, {body});
    t.deepEqual([answer.status, answer.body['message']], [status, message]);
    await system.cluster.pass(2000);
    t.deepEqual(running(system).toSorted(), before.toSorted());
  });
}

test('what a refused kill with scale asked for is not done later', async t => {
  const system = await rest(t);
  await system.run({id: '/web', instances: 1});
  const [old] = idsOf(await system.tasks('/v2/apps/web/tasks'));
  await system.must('PUT', '/v2/apps/web', {instances: 4});
  await system.cluster.pass(5000);
  await system.must('PUT', '/v2/apps/web', {cpus: 100});
  const refused = await system.ask('DELETE', `/v2/apps/web/tasks/${old}?scale=true`);
  t.is(refused.status, 409);
  await system.must('PUT', '/v2/apps/web?force=true', {instances: 3, cpus: 0.1});
  await system.cluster.pass(10_000);
  const left = idsOf(await system.tasks('/v2/apps/web/tasks'));
  t.is(left.length, 3);
  t.true(left.includes(old));
});
