import test from 'ava';
import {MARATHON_APPS} from '../../../../src/crds/marathon-app.ts';
import {asJson, idsOf, listOf, rest, type Json, type Rest} from './rest.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z$/;

const STORED = {
  id: '/sleep',
  cmd: 'sleep 1000',
  cpus: 1,
  mem: 128,
  disk: 0,
  gpus: 0,
  instances: 1,
  executor: '',
  backoffSeconds: 1,
  backoffFactor: 1.15,
  maxLaunchDelaySeconds: 300,
  labels: {},
  networks: [{mode: 'host'}],
  portDefinitions: [{port: 10000, protocol: 'tcp', name: 'default'}],
  requirePorts: false,
  role: '*',
  upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 1},
  killSelection: 'YOUNGEST_FIRST',
  unreachableStrategy: {inactiveAfterSeconds: 0, expungeAfterSeconds: 0},
};

test('POST answers 201 with every default, counters and the deployment', async t => {
  const system = await rest(t);
  const {status, headers, body} = await system.ask('POST', '/v2/apps', {body: {id: 'sleep', cmd: 'sleep 1000'}});
  const {version, deployments, ...app} = body;
  t.is(status, 201);
  t.is(headers.get('location'), '/sleep');
  t.deepEqual(app, {...STORED, tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0});
  t.regex(String(version), TIME);
  t.regex(headers.get('marathon-deployment-id') ?? '', UUID);
  t.deepEqual(deployments, [{id: headers.get('marathon-deployment-id')}]);
});

test('GET shows versionInfo, counters, tasks and deployments besides', async t => {
  const system = await rest(t);
  const created = await system.must('POST', '/v2/apps', {id: 'sleep', cmd: 'sleep 1000'});
  await system.cluster.pass(3000);
  const {version, versionInfo, tasks, ...app} = await system.app('sleep');
  t.is(version, created['version']);
  t.deepEqual(versionInfo, {lastScalingAt: version, lastConfigChangeAt: version});
  t.is(listOf({tasks}, 'tasks').length, 1);
  const counts = {tasksStaged: 0, tasksRunning: 1, tasksHealthy: 0, tasksUnhealthy: 0};
  t.deepEqual(app, {...STORED, ...counts, deployments: []});
});

test('an old-style docker app is stored in the new style', async t => {
  const system = await rest(t);
  const docker = {image: 'nginx', network: 'BRIDGE', portMappings: [{containerPort: 80}]};
  const created = await system.must('POST', '/v2/apps', {id: 'web', container: {type: 'DOCKER', docker}});
  t.deepEqual(created['container'], {
    type: 'DOCKER',
    docker: {image: 'nginx', forcePullImage: false, privileged: false, parameters: []},
    volumes: [],
    portMappings: [{containerPort: 80, hostPort: 0, servicePort: 10000, protocol: 'tcp'}],
  });
  t.deepEqual(created['networks'], [{mode: 'container/bridge'}]);
  t.false('portDefinitions' in created);
  t.is(created['requirePorts'], false);
});

test('uris and ports come back as fetch and portDefinitions', async t => {
  const system = await rest(t);
  const old = {id: 'old', cmd: 'sleep 1', uris: ['http://x/a.tgz'], ports: [9000, 0]};
  const {fetch: fetched, portDefinitions, ...app} = await system.must('POST', '/v2/apps', old);
  t.deepEqual(fetched, [{uri: 'http://x/a.tgz', extract: true, executable: false, cache: false}]);
  t.deepEqual(portDefinitions, [
    {port: 9000, protocol: 'tcp', name: 'default'},
    {port: 10000, protocol: 'tcp'},
  ]);
  t.false('uris' in app || 'ports' in app);
});

const postedAgain: Record<string, {body: Json; want: Json}> = {
  'on the host': {
    body: {
      ports: [10102],
      portDefinitions: [{port: 10102, protocol: 'tcp', labels: {}}],
      uris: ['http://x/a.tgz'],
      fetch: [{uri: 'http://x/a.tgz', extract: true, executable: false, cache: false}],
      requirePorts: false,
    },
    want: {portDefinitions: [{port: 10102, protocol: 'tcp'}]},
  },
  'on a bridge': {
    body: {
      ports: [10200],
      portDefinitions: [{port: 10200, protocol: 'tcp', labels: {}}],
      container: {
        type: 'DOCKER',
        docker: {
          image: 'busybox',
          network: 'BRIDGE',
          portMappings: [{containerPort: 80, hostPort: 0, servicePort: 10200, protocol: 'tcp'}],
        },
      },
    },
    want: {networks: [{mode: 'container/bridge'}], portDefinitions: undefined},
  },
};
for (const [title, {body, want}] of Object.entries(postedAgain)) {
  test(`what an older Marathon showed of an app ${title} is taken`, async t => {
    const system = await rest(t);
    const created = await system.must('POST', '/v2/apps', {id: '/exp', args: ['sleep', '700'], ...body});
    t.like(created, want);
  });
}

const defaultPorts: Record<string, {fields: Json; want: unknown}> = {
  'a bridge has one port on the host': {
    fields: {networks: [{mode: 'container/bridge'}]},
    want: [{containerPort: 0, hostPort: 0, servicePort: 10000, protocol: 'tcp', name: 'default'}],
  },
  'a container network has one port, not on the host': {
    fields: {networks: [{mode: 'container', name: 'blue'}]},
    want: [{containerPort: 0, servicePort: 10000, protocol: 'tcp', name: 'default'}],
  },
  'empty mappings stay empty': {
    fields: {
      networks: [{mode: 'container', name: 'blue', labels: {}}],
      container: {type: 'MESOS', portMappings: []},
    },
    want: [],
  },
};
for (const [title, {fields, want}] of Object.entries(defaultPorts)) {
  test(title, async t => {
    const system = await rest(t);
    const container = {type: 'DOCKER', docker: {image: 'nginx'}};
    const created = await system.must('POST', '/v2/apps', {id: 'web', cmd: 'sleep 1', container, ...fields});
    t.deepEqual(asJson(created['container'])['portMappings'], want);
  });
}

test('every field of an app is shown', async t => {
  const system = await rest(t);
  const all = {
    id: '/full',
    cmd: 'sleep 1000',
    user: 'nobody',
    env: {A: 'b'},
    resourceLimits: {cpus: 2, mem: 'unlimited'},
    constraints: [['hostname', 'UNIQUE']],
    fetch: [{uri: 'http://x/y', extract: true, executable: false, cache: false}],
    container: {type: 'MESOS', volumes: [{containerPath: 'x', hostPath: '/tmp', mode: 'RO'}]},
    healthChecks: [{protocol: 'COMMAND', command: {value: 'true'}}],
    check: {tcp: {portIndex: 0}},
    readinessChecks: [{name: 'ready', portName: 'default'}],
    executorResources: {cpus: 0.1, mem: 32},
    taskKillGracePeriodSeconds: 5,
    dependencies: ['/db', '../cache'],
    acceptedResourceRoles: ['*'],
    tty: true,
    residency: {taskLostBehavior: 'WAIT_FOREVER'},
  };
  const created = await system.must('POST', '/v2/apps', all);
  // Of an argument list, the older form of ports and secrets: cmd excludes the first, the others are not taken.
  const left = Object.keys(MARATHON_APPS.spec.properties).filter(name => !(name in created));
  t.deepEqual(left, ['args', 'ports', 'secrets']);
  const {healthChecks: _checks, readinessChecks: _readiness, ...plain} = all;
  t.like(created, {...plain, dependencies: ['/db', '/cache']});
  const times = {intervalSeconds: 60, timeoutSeconds: 20, delaySeconds: 15};
  t.deepEqual(created['check'], {tcp: {portIndex: 0}, ...times});
  t.deepEqual(listOf(created, 'readinessChecks')[0], {
    name: 'ready',
    protocol: 'HTTP',
    path: '/',
    portName: 'default',
    intervalSeconds: 30,
    timeoutSeconds: 10,
    httpStatusCodesForReady: [200],
    preserveLastResponse: false,
  });
  t.like(listOf(created, 'healthChecks')[0], {protocol: 'COMMAND', intervalSeconds: 60, gracePeriodSeconds: 300});
});

const sameApp = [
  '/v2/apps/prod/db/main',
  '/v2/apps//prod/db/main',
  '/v2/apps/prod//db/main/',
  '/v2/apps/prod%2Fdb/main',
];
for (const path of sameApp) {
  test(`the app behind ${path}`, async t => {
    const system = await rest(t);
    await system.must('POST', '/v2/apps', {id: '/prod/db/main', cmd: 'sleep 1'});
    const {status, body} = await system.ask('GET', path);
    t.is(status, 200);
    t.is(asJson(body['app'])['id'], '/prod/db/main');
  });
}

const idForms = {
  basic1: '/basic1',
  '//basic1': '/basic1',
  'a/./b/../c': '/a/c',
  'v1.2/web': '/v1.2/web',
};
for (const [id, want] of Object.entries(idForms)) {
  test(`POST of id ${id}`, async t => {
    const system = await rest(t);
    t.is((await system.must('POST', '/v2/apps', {id, cmd: 'sleep 1'}))['id'], want);
    t.is((await system.app(want.slice(1)))['id'], want);
  });
}

test('an id of a thousand characters', async t => {
  const system = await rest(t);
  const id = `/${'abc/'.repeat(250)}x`;
  t.is((await system.must('POST', '/v2/apps', {id, cmd: 'sleep 1'}))['id'], id);
  t.is((await system.app(id.slice(1)))['id'], id);
});

test('an id with words of URLs in the middle is an app like any other', async t => {
  const system = await rest(t);
  await system.must('POST', '/v2/apps', {id: '/restart/web', cmd: 'sleep 1'});
  t.is((await system.app('restart/web'))['id'], '/restart/web');
});

test('lists, groups and filters', async t => {
  const system = await rest(t);
  const apps = [
    {id: '/prod/web', cmd: 'Serve it', labels: {tier: 'front', 'a,b': 'x'}},
    {id: '/prod/db', cmd: 'store it', labels: {tier: 'back'}},
    {id: '/product', args: ['x']},
  ];
  for (const app of apps) await system.must('POST', '/v2/apps', app);
  const found: Record<string, unknown> = {
    '/v2/apps': ['/prod/db', '/prod/web', '/product'],
    '/v2/apps?cmd=SERVE': ['/prod/web'],
    '/v2/apps?id=PROD/': ['/prod/db', '/prod/web'],
    '/v2/apps?id=prod&cmd=it': ['/prod/db', '/prod/web'],
    '/v2/apps?label=tier': ['/prod/db', '/prod/web'],
    '/v2/apps?label=tier%3D%3Dback': ['/prod/db'],
    '/v2/apps?label=tier!%3Dback': ['/prod/web'],
    '/v2/apps?label=tier+in+(front,back),a%5C,b': ['/prod/web'],
    '/v2/apps?label=tier+notin+(front)': ['/prod/db'],
  };
  for (const [path, want] of Object.entries(found)) {
    t.deepEqual(idsOf(listOf(await system.must('GET', path), 'apps')), want, path);
  }
  const groups: Record<string, unknown> = {
    '/v2/apps/prod/*': ['/prod/db', '/prod/web'],
    '/v2/apps/*': ['/prod/db', '/prod/web', '/product'],
  };
  for (const [path, want] of Object.entries(groups)) {
    t.deepEqual(idsOf(listOf(await system.must('GET', path), '*')), want, path);
  }
  t.is((await system.ask('GET', '/v2/apps?label=tier+in')).status, 422);
  const {status, body} = await system.ask('GET', '/v2/apps/nobody/*');
  t.is(status, 404);
  t.deepEqual(body, {message: "Group '/nobody' does not exist", details: []});
});

test('embeds come on top of what is always shown', async t => {
  const system = await rest(t);
  await system.run({id: 'web', instances: 2});
  const keys = async (query: string): Promise<string[]> => {
    const [app = {}] = listOf(await system.must('GET', `/v2/apps${query}`), 'apps');
    const extra = ['tasksRunning', 'deployments', 'tasks', 'readinessCheckResults', 'tasksStats', 'lastTaskFailure'];
    return extra.filter(name => name in app);
  };
  const always = ['tasksRunning', 'deployments'];
  t.deepEqual(await keys(''), always);
  t.deepEqual(await keys('?embed=apps.tasks'), [...always, 'tasks']);
  t.deepEqual(await keys('?embed=tasks&embed=app.readiness'), [...always, 'tasks', 'readinessCheckResults']);
  t.deepEqual(await keys('?embed=group.apps.failures'), [...always, 'tasks']);
  t.deepEqual(await keys('?embed=nonsense'), always);
  const [app = {}] = listOf(await system.must('GET', '/v2/apps?embed=taskStats'), 'apps');
  const {totalSummary, withLatestConfig, startedAfterLastScaling, ...rest_} = asJson(app['tasksStats']);
  t.deepEqual(rest_, {});
  t.deepEqual([withLatestConfig, startedAfterLastScaling], [totalSummary, totalSummary]);
  t.like(totalSummary, {stats: {counts: {staged: 0, running: 2, healthy: 0, unhealthy: 0}}});
});

test('the last failure is shown until the app goes', async t => {
  const system = await rest(t);
  await system.run({id: 'web'});
  const [taskId = ''] = system.cluster.master.tasks.keys();
  system.cluster.master.report(taskId, 'TASK_FAILED');
  await system.cluster.pass(3000);
  t.like((await system.app('web'))['lastTaskFailure'], {appId: '/web', host: 'node-a', state: 'TASK_FAILED', taskId});
});

const portsOf = async (system: Rest, id: string): Promise<unknown[]> =>
  listOf(await system.app(id), 'portDefinitions').map(({port}) => port);

test('service ports: those of the app again, then the lowest free', async t => {
  const system = await rest(t, ['--local_port_min=10', '--local_port_max=20']);
  await system.must('POST', '/v2/apps', {id: 'a', cmd: 'sleep 1', ports: [0, 0]});
  t.deepEqual(await portsOf(system, 'a'), [10, 11]);
  await system.must('PUT', '/v2/apps/a?force=true', {ports: [10, 0, 11]});
  t.deepEqual(await portsOf(system, 'a'), [10, 12, 11]);
  await system.must('POST', '/v2/apps', {id: 'b', cmd: 'sleep 1', ports: [0, 10]});
  t.deepEqual(await portsOf(system, 'b'), [13, 10], 'what a user chose may collide, what is chosen for him does not');
});

test('service ports of two apps are distinct', async t => {
  const system = await rest(t, ['--local_port_min=10', '--local_port_max=20']);
  await system.must('POST', '/v2/apps', {id: 'a', cmd: 'sleep 1', ports: [0, 2, 0]});
  await system.must('POST', '/v2/apps', {id: 'b', cmd: 'sleep 1', ports: [0, 0, 0]});
  t.deepEqual([...(await portsOf(system, 'a')), ...(await portsOf(system, 'b'))], [10, 2, 11, 12, 13, 14]);
});

test('500: more service ports than there are', async t => {
  const system = await rest(t, ['--local_port_min=10', '--local_port_max=14']);
  const six = await system.ask('POST', '/v2/apps', {body: {id: 'a', cmd: 'sleep 1', ports: [0, 0, 0, 0, 0, 0]}});
  t.is(six.status, 500);
  t.deepEqual(six.body, {message: 'All ports in the range [10-14) are already in use'});
  t.is((await system.ask('GET', '/v2/apps/a')).status, 404);
  t.is((await system.ask('POST', '/v2/apps', {body: {id: 'a', cmd: 'sleep 1', ports: [0, 0, 0, 0, 0]}})).status, 201);
});

test('roles: the default, the top-level group and the one that the app has', async t => {
  const system = await rest(t, ['--mesos_role=prod']);
  const roleOf = async (id: string, role?: string): Promise<unknown> => {
    const {status, body} = await system.ask('POST', '/v2/apps', {body: {id, cmd: 'sleep 1', role}});
    return status === 201 ? body['role'] : status;
  };
  t.is(await roleOf('a'), 'prod');
  t.is(await roleOf('dev/a'), 'prod');
  t.is(await roleOf('dev/b', 'dev'), 'dev');
  t.is(await roleOf('c', 'dev'), 422);
  system.cluster.create('old', {cmd: 'sleep 1', role: 'legacy'});
  await system.cluster.pass(2000);
  t.is((await system.ask('PATCH', '/v2/apps/old?force=true', {body: {role: 'legacy', mem: 1}})).status, 200);
});
