import test from 'ava';
import {asJson, listOf, rest, type Json, type Rest} from './rest.ts';

const FULL = {
  id: '/web',
  cmd: 'sleep 1000',
  cpus: 0.1,
  mem: 16,
  env: {A: '1', B: '2'},
  labels: {x: 'y'},
  constraints: [['hostname', 'LIKE', 'node.*']],
  resourceLimits: {mem: 64},
};

/** The fields of `/web` that differ after an update, as they are then; undefined: gone. */
async function difference(system: Rest, method: string, path: string, body: Json): Promise<Json> {
  const before = await system.app('web');
  await system.must(method, path, body);
  const after = await system.app('web');
  const ignored = ['version', 'versionInfo', 'deployments', 'tasks', 'tasksStaged', 'tasksRunning'];
  const names = new Set([...Object.keys(before), ...Object.keys(after)].filter(name => !ignored.includes(name)));
  const different = [...names].filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(different.map(name => [name, after[name]]));
}

const GONE = undefined;
const rows: Record<string, {method: string; query?: string; body: Json; want: Json}> = {
  'PATCH keeps what is absent, but for limits': {
    method: 'PATCH',
    body: {mem: 32},
    want: {mem: 32, resourceLimits: GONE},
  },
  'so does PUT': {method: 'PUT', body: {mem: 32}, want: {mem: 32, resourceLimits: GONE}},
  'limits that are given stay': {method: 'PATCH', body: {resourceLimits: {mem: 64}}, want: {}},
  'a map is replaced as a whole': {
    method: 'PATCH',
    body: {env: {C: '3'}, resourceLimits: {mem: 64}},
    want: {env: {C: '3'}},
  },
  'an empty map clears': {
    method: 'PATCH',
    body: {env: {}, labels: {}, resourceLimits: {mem: 64}},
    want: {env: GONE, labels: {}},
  },
  'an empty list clears': {
    method: 'PUT',
    body: {constraints: [], resourceLimits: {mem: 64}},
    want: {constraints: GONE},
  },
  'null is absent': {
    method: 'PATCH',
    body: {cmd: null, env: null, resourceLimits: {mem: 64}},
    want: {},
  },
  'the id of the URL wins': {
    method: 'PUT',
    body: {id: '/other', mem: 32, resourceLimits: {mem: 64}},
    want: {mem: 32},
  },
  'PUT with partialUpdate=false is a full definition': {
    method: 'PUT',
    query: '?partialUpdate=false',
    body: {args: ['sleep', '9']},
    want: {
      cmd: GONE,
      args: ['sleep', '9'],
      cpus: 1,
      mem: 128,
      env: GONE,
      labels: {},
      constraints: GONE,
      resourceLimits: GONE,
    },
  },
  'PATCH is always partial': {
    method: 'PATCH',
    query: '?partialUpdate=false',
    body: {mem: 32, resourceLimits: {mem: 64}},
    want: {mem: 32},
  },
};
for (const [title, {method, query = '', body, want}] of Object.entries(rows)) {
  test(title, async t => {
    const system = await rest(t);
    await system.run(FULL);
    t.deepEqual(await difference(system, method, `/v2/apps/web${query}`, body), want);
  });
}

test('an update answers with version and deployment, and replaces the tasks', async t => {
  const system = await rest(t);
  await system.run(FULL);
  const before = [...system.cluster.master.tasks.keys()];
  const {status, headers, body} = await system.ask('PATCH', '/v2/apps/web', {body: {cmd: 'sleep 2000'}});
  t.is(status, 200);
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  t.is(headers.get('marathon-deployment-id'), String(body['deploymentId']));
  const [deployment] = JSON.parse((await system.ask('GET', '/v2/deployments')).text);
  t.deepEqual(deployment, {
    id: body['deploymentId'],
    version: body['version'],
    affectedApps: ['/web'],
    affectedPods: [],
    steps: [{actions: [{action: 'RestartApplication', app: '/web'}]}],
    currentActions: [{action: 'RestartApplication', app: '/web', readinessCheckResults: []}],
    currentStep: 1,
    totalSteps: 1,
  });
  await system.cluster.pass(20_000);
  t.false([...system.cluster.master.tasks.keys()].some(id => before.includes(id)));
  t.is((await system.app('web'))['version'], body['version']);
  t.is((await system.ask('GET', '/v2/deployments')).text, '[]');
});

test('scaling keeps the tasks and the time of the last configuration', async t => {
  const system = await rest(t);
  const {version} = await system.run(FULL);
  const [before] = system.cluster.master.tasks.keys();
  const changed = await system.must('PUT', '/v2/apps/web', {instances: 3, resourceLimits: {mem: 64}});
  await system.cluster.pass(5000);
  t.deepEqual((await system.app('web'))['versionInfo'], {
    lastScalingAt: changed['version'],
    lastConfigChangeAt: version,
  });
  t.is(system.cluster.master.tasks.size, 3);
  t.true(system.cluster.master.tasks.has(before ?? ''));
});

const same: Record<string, (app: Json) => Json> = {
  'an empty update': () => ({}),
  'what was posted': () => FULL,
  'what is shown': ({version: _version, ...app}) => app,
  'defaults that are written out': () => ({networks: [{mode: 'host'}], executor: '', dependencies: []}),
  'the port that it was given': () => ({portDefinitions: [{port: 10_000, name: 'default'}]}),
  'any port, as before': () => ({ports: [0]}),
  'the version in force': ({version}) => ({version}),
};
for (const [title, update] of Object.entries(same)) {
  for (const method of ['PATCH', 'PUT']) {
    test(`${method} of ${title} changes nothing`, async t => {
      const system = await rest(t);
      const {resourceLimits: _limits, ...plain} = FULL;
      await system.run(plain);
      const before = await system.app('web');
      const tasks = [...system.cluster.master.tasks.keys()];
      const {resourceLimits: _none, ...body} = update(before);
      const answer = await system.ask(method, '/v2/apps/web', {body});
      t.is(answer.status, 200, answer.text);
      await system.cluster.pass(5000);
      t.deepEqual([...system.cluster.master.tasks.keys()], tasks);
      t.deepEqual(await system.app('web'), before);
    });
  }
}

test('PUT of what is shown with other instances only scales', async t => {
  const system = await rest(t);
  await system.run({id: 'web'});
  const {version: _version, ...shown} = await system.app('web');
  const [task] = system.cluster.master.tasks.keys();
  await system.must('PUT', '/v2/apps/web?partialUpdate=false', {...shown, instances: 2});
  await system.cluster.pass(5000);
  t.is(system.cluster.master.tasks.size, 2);
  t.true(system.cluster.master.tasks.has(task ?? ''));
});

test('a version goes alone, and only the one in force is kept', async t => {
  const system = await rest(t);
  await system.run({id: 'web'});
  const ask = async (body: Json) => {
    const answer = await system.ask('PUT', '/v2/apps/web', {body});
    return [answer.status, answer.body['message']];
  };
  const old = '2020-01-01T00:00:00.000Z';
  t.deepEqual(await ask({version: old}), [404, `App '/web' does not exist in version ${old}`]);
  t.deepEqual(await ask({version: old, cmd: 'sleep 1'}), [422, 'Object is not valid']);
  t.deepEqual(await ask({version: 'yesterday'}), [422, "Invalid timestamp provided 'yesterday'."]);
  t.deepEqual(await ask({version: 5}), [422, 'Invalid JSON']);
});

test('a version in a whole definition is only what a GET showed', async t => {
  const system = await rest(t);
  await system.run({id: 'web'});
  const shown = {...(await system.app('web')), cpus: 0.5};
  const replaced = await system.ask('PUT', '/v2/apps/web?partialUpdate=false', {body: shown});
  t.deepEqual([replaced.status, (await system.app('web'))['cpus']], [200, 0.5]);
  await system.cluster.pass(60_000);
  const again = await system.ask('PUT', '/v2/apps?partialUpdate=false', {body: [{...shown, cpus: 0.25}]});
  t.deepEqual([again.status, (await system.app('web'))['cpus']], [200, 0.25]);
  const created = await system.ask('PUT', '/v2/apps/new', {body: {...shown, id: '/new'}});
  t.deepEqual([created.status, (await system.app('new'))['cpus']], [201, 0.5]);
});

test('PUT creates what is missing, as a full definition', async t => {
  const system = await rest(t);
  const {status, headers, body} = await system.ask('PUT', '/v2/apps/a/b', {body: {cmd: 'sleep 1'}});
  t.is(status, 201);
  t.is(headers.get('location'), '/a/b');
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  t.like(await system.app('a/b'), {id: '/a/b', cpus: 1, mem: 128, instances: 1});
});

test('unknown fields are ignored and named; what Marathon shows is not unknown', async t => {
  const system = await rest(t);
  const body = {id: 'web', cmd: 'sleep 1', colour: 'red', container: {type: 'MESOS', x: 1}, tasksRunning: 5, tasks: []};
  const created = await system.ask('POST', '/v2/apps', {body});
  t.is(created.headers.get('warning'), '299 - "Ignored unknown fields: /colour, /container/x"');
  t.false('colour' in created.body);
  const updated = await system.ask('PATCH', '/v2/apps?force=true', {body: [{id: 'web', 'ö"': 1}]});
  t.is(updated.headers.get('warning'), '299 - "Ignored unknown fields: (0)/??"');
  t.is((await system.ask('GET', '/v2/apps/web')).headers.get('warning'), null);
});

const WAITING = {id: '/web', cmd: 'sleep 1000', cpus: 100};
const LOCKED =
  "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.";

const changes: Record<string, {method: string; path: string; body?: unknown}> = {
  PUT: {method: 'PUT', path: '/v2/apps/web', body: {mem: 1}},
  PATCH: {method: 'PATCH', path: '/v2/apps/web', body: {mem: 1}},
  'PUT of several': {
    method: 'PUT',
    path: '/v2/apps',
    body: [
      {id: '/new', cmd: 'sleep 1'},
      {id: '/web', mem: 1},
    ],
  },
  restart: {method: 'POST', path: '/v2/apps/web/restart'},
  'a kill that scales': {method: 'DELETE', path: '/v2/apps/web/tasks?scale=true'},
};
for (const [title, {method, path, body}] of Object.entries(changes)) {
  test(`a locked app refuses without force: ${title}`, async t => {
    const system = await rest(t);
    // One runs, the others fit nowhere: the deployment goes on for ever.
    await system.run({...WAITING, cpus: 5, instances: 2});
    const [{id} = {id: ''}] = JSON.parse((await system.ask('GET', '/v2/deployments')).text);
    const refused = await system.ask(method, path, {body});
    t.is(refused.status, 409);
    t.deepEqual(refused.body, {message: LOCKED, deployments: [{id}]});
    t.is((await system.ask('GET', '/v2/apps/new')).status, 404);
    const forced = await system.ask(method, `${path}${path.includes('?') ? '&' : '?'}force=true`, {body});
    t.is(forced.status, 200);
  });
}

test('what changes nothing needs no force', async t => {
  const system = await rest(t);
  await system.run(WAITING);
  t.is((await system.ask('PATCH', '/v2/apps/web', {body: {cmd: 'sleep 1000'}})).status, 200);
});

test('a duplicate is told apart from a lock', async t => {
  const system = await rest(t);
  await system.run(WAITING);
  const {status, body} = await system.ask('POST', '/v2/apps', {body: {id: 'web', cmd: 'sleep 1'}});
  t.is(status, 409);
  t.deepEqual(body, {message: 'An app with id [/web] already exists.'});
});

test('DELETE needs no force unless that is asked for', async t => {
  const system = await rest(t);
  await system.run(WAITING);
  t.is((await system.ask('DELETE', '/v2/apps/web?force=false')).status, 409);
  const {status, body} = await system.ask('DELETE', '/v2/apps/web');
  t.is(status, 200);
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  t.is((await system.ask('GET', '/v2/apps/web')).status, 404);
  t.is((await system.ask('DELETE', '/v2/apps/web')).status, 404);
});

test('an app that was deleted can be made again at once', async t => {
  const system = await rest(t);
  await system.run(FULL);
  await system.must('DELETE', '/v2/apps/web');
  t.deepEqual((await system.must('GET', '/v2/apps'))['apps'], []);
  t.is((await system.ask('POST', '/v2/apps', {body: FULL})).status, 201);
  await system.cluster.pass(5000);
  t.is(system.cluster.master.tasks.size, 1);
});

test('a restart replaces the tasks under a new version', async t => {
  const system = await rest(t);
  const {version} = await system.run(FULL);
  const before = [...system.cluster.master.tasks.keys()];
  const {status, body} = await system.ask('POST', '/v2/apps/web/restart');
  t.is(status, 200);
  await system.cluster.pass(20_000);
  const app = await system.app('web');
  t.is(app['version'], body['version']);
  t.deepEqual(app['versionInfo'], {lastScalingAt: version, lastConfigChangeAt: body['version']});
  t.false([...system.cluster.master.tasks.keys()].some(id => before.includes(id)));
});

test('PUT of several apps is one change and one deployment', async t => {
  const system = await rest(t);
  await system.run({id: '/a'});
  const {status, body} = await system.ask('PUT', '/v2/apps', {
    body: [
      {id: '/a', instances: 2},
      {id: 'b', cmd: 'sleep 1', cpus: 100},
      {id: '/a', labels: {x: 'y'}},
    ],
  });
  t.is(status, 200);
  t.like(await system.app('a'), {instances: 2, labels: {x: 'y'}, version: body['version']});
  t.like(await system.app('b'), {version: body['version'], deployments: [{id: body['deploymentId']}]});
  const all: readonly Json[] = JSON.parse((await system.ask('GET', '/v2/deployments')).text);
  t.is(all.length, 1);
  t.deepEqual(all[0]?.['affectedApps'], ['/a', '/b']);
});

const halves: Record<string, {method: string; bad: Json; status: number; path?: string}> = {
  'a wrong type': {method: 'PUT', bad: {id: '/b', cpus: 'x'}, status: 422, path: '(1)/cpus'},
  'a broken rule': {method: 'PUT', bad: {id: '/b', cmd: 'sleep 1', args: ['a']}, status: 422, path: '/'},
  'a bad id': {method: 'PUT', bad: {id: '/tasks', cmd: 'sleep 1'}, status: 422, path: '(1)/id'},
  'no id': {method: 'PATCH', bad: {cmd: 'sleep 1'}, status: 422, path: '(1)/id'},
  'an app that is missing': {method: 'PATCH', bad: {id: '/b', cmd: 'sleep 1'}, status: 404},
  'no object': {method: 'PUT', bad: asJson([]), status: 422, path: '(1)'},
  'a cycle with one of the others': {
    method: 'PUT',
    bad: {id: '/b', cmd: 'sleep 1', dependencies: ['/a']},
    status: 422,
    path: '/',
  },
};
for (const [title, {method, bad, status, path}] of Object.entries(halves)) {
  test(`of several updates none is made when one has ${title}`, async t => {
    const system = await rest(t);
    await system.run({id: '/a'});
    const before = await system.app('a');
    const good = {id: '/a', mem: 64, ...(bad['dependencies'] === undefined ? {} : {dependencies: ['/b']})};
    const answer = await system.ask(method, '/v2/apps', {body: [good, title === 'no object' ? [] : bad]});
    t.is(answer.status, status, answer.text);
    if (path !== undefined) t.is(listOf(answer.body, 'details')[0]?.['path'], path);
    t.deepEqual(await system.app('a'), before);
  });
}

test('several updates may turn a dependency around', async t => {
  const system = await rest(t);
  await system.run({id: '/b'});
  await system.run({id: '/a', dependencies: ['/b']});
  const body = [
    {id: '/b', dependencies: ['/a']},
    {id: '/a', dependencies: []},
  ];
  t.is((await system.ask('PUT', '/v2/apps', {body})).status, 200);
  t.deepEqual((await system.app('b'))['dependencies'], ['/a']);
  const refused = await system.ask('PATCH', '/v2/apps/a?force=true', {body: {dependencies: ['/b']}});
  t.is(refused.status, 422);
});

test('no updates are fine', async t => {
  const system = await rest(t);
  const {status, body} = await system.ask('PUT', '/v2/apps', {body: []});
  t.deepEqual([status, Object.keys(body)], [200, ['version', 'deploymentId']]);
});

const MERGE = {'content-type': 'application/merge-patch+json'};

for (const method of ['PUT', 'PATCH']) {
  test(`${method} of a merge patch merges maps, and null unsets a field`, async t => {
    const system = await rest(t);
    await system.run({id: 'web', cmd: 'sleep 1', user: 'me', env: {A: '1', B: '2'}, labels: {x: 'y'}});
    const raw = JSON.stringify({cmd: null, args: ['sleep', '2'], user: null, env: {A: null, C: '3'}});
    const {status, body} = await system.ask(method, '/v2/apps/web', {raw, headers: MERGE});
    t.is(status, 200);
    await system.cluster.pass(5000);
    const app = await system.app('web');
    t.like(app, {args: ['sleep', '2'], env: {B: '2', C: '3'}, labels: {x: 'y'}, version: body['version']});
    t.false('cmd' in app || 'user' in app);
  });
}

const wrongMerges: Record<string, {raw: string; id?: string; status: number}> = {
  'nothing to run is left': {raw: '{"cmd":null}', status: 422},
  'a wrong type': {raw: '{"cpus":"x"}', status: 422},
  'no object': {raw: '[1]', status: 422},
  'an app that is not there': {raw: '{"cpus":1}', id: 'none', status: 404},
};
for (const [title, {raw, id = 'web', status}] of Object.entries(wrongMerges)) {
  test(`a merge patch is refused: ${title}`, async t => {
    const system = await rest(t);
    const {version} = await system.run({id: 'web'});
    t.is((await system.ask('PUT', `/v2/apps/${id}`, {raw, headers: MERGE})).status, status);
    t.is((await system.app('web'))['version'], version);
  });
}
