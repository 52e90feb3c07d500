import test from 'ava';
import {asJson, idsOf, listOf, rest, type Json, type Rest} from './rest.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 16};
/** A product with a database and a service that depends on it, as in the Marathon documentation's way to say it. */
const PRODUCT = {
  id: '/product',
  groups: [
    {
      id: 'database',
      apps: [
        {...APP, id: 'mongo'},
        {...APP, id: 'mysql', instances: 2},
      ],
    },
    {id: '/product/service', dependencies: ['/product/database'], apps: [{...APP, id: 'rails', instances: 2}]},
  ],
};

async function deployments(system: Rest): Promise<Json[]> {
  return listOf({list: JSON.parse((await system.ask('GET', '/v2/deployments')).text)}, 'list');
}

const stepsOf = (plan: Json): string[] =>
  listOf(plan, 'steps').map(step =>
    listOf(step, 'actions')
      .map(({action, app}) => `${String(action).replace('Application', '')} ${app}`)
      .join(', '),
  );

/** A group as nested ids: `/a [/a/x] {/a/b [/a/b/y] {}}`. */
function shape(group: Json): string {
  const apps = idsOf(listOf(group, 'apps')).join(' ');
  return `${group['id']} [${apps}] {${listOf(group, 'groups').map(shape).join(' ')}}`;
}

/** With the product, running. */
async function product(t: Parameters<typeof rest>[0]): Promise<Rest> {
  const system = await rest(t);
  await system.must('POST', '/v2/groups', PRODUCT);
  await system.cluster.pass(10_000);
  return system;
}

test('POST creates groups and apps inside each other, in the order of their dependencies', async t => {
  const system = await rest(t);
  const {status, headers, body} = await system.ask('POST', '/v2/groups', {body: PRODUCT});
  t.is(status, 201);
  t.is(headers.get('location'), '/product');
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  t.is(headers.get('marathon-deployment-id'), String(body['deploymentId']));
  const [deployment = {}] = await deployments(system);
  t.like(deployment, {
    id: body['deploymentId'],
    version: body['version'],
    affectedApps: ['/product/database/mongo', '/product/database/mysql', '/product/service/rails'],
  });
  t.deepEqual(stepsOf(deployment), [
    'Start /product/database/mongo, Start /product/database/mysql, Start /product/service/rails',
    'Scale /product/database/mongo, Scale /product/database/mysql',
    'Scale /product/service/rails',
  ]);
  await system.cluster.pass(10_000);
  t.is(system.cluster.master.tasks.size, 5);
  t.deepEqual(await deployments(system), []);
  t.is(
    shape(await system.must('GET', '/v2/groups/product')),
    '/product [] {/product/database [/product/database/mongo /product/database/mysql] {} /product/service [/product/service/rails] {}}',
  );
});

test('GET shows what lies where, and apps in the version of the change', async t => {
  const system = await rest(t);
  const {version} = await system.must('POST', '/v2/groups', PRODUCT);
  await system.cluster.pass(10_000);
  const root = await system.must('GET', '/v2/groups');
  t.like(root, {id: '/', apps: [], pods: [], dependencies: [], version});
  t.false('enforceRole' in root);
  const [group = {}] = listOf(root, 'groups');
  t.like(group, {id: '/product', version, enforceRole: false});
  const service = await system.must('GET', '/v2/groups/product/service');
  t.like(service, {id: '/product/service', dependencies: ['/product/database'], groups: [], version});
  const [rails = {}] = listOf(service, 'apps');
  t.like(rails, {id: '/product/service/rails', instances: 2, version});
  t.false('tasksRunning' in rails);
  t.false('enforceRole' in service);
});

test('embed: whoever names something gets only that', async t => {
  const system = await product(t);
  const keys = async (query: string): Promise<string[]> =>
    Object.keys(await system.must('GET', `/v2/groups/product/service?${query}`)).toSorted();
  t.deepEqual(await keys(''), ['apps', 'dependencies', 'groups', 'id', 'pods', 'version']);
  t.deepEqual(await keys('embed=group.groups'), ['dependencies', 'groups', 'id', 'version']);
  t.deepEqual(await keys('embed=group.apps&embed=group.pods'), ['apps', 'dependencies', 'id', 'pods', 'version']);
  t.deepEqual(await keys('embed=nonsense'), ['dependencies', 'id', 'version']);
  const query = ['apps', 'apps.tasks', 'apps.counts', 'apps.lastTaskFailure', 'apps.taskStats', 'apps.readiness'];
  const embeds = query.map(name => `embed=group.${name}`).join('&');
  const [rails = {}] = listOf(await system.must('GET', `/v2/groups/product/service?${embeds}`), 'apps');
  t.like(rails, {tasksRunning: 2, deployments: [], readinessCheckResults: []});
  t.is(listOf(rails, 'tasks').length, 2);
  t.true('tasksStats' in rails);
});

test('the apps of a group, at any depth, as a list of their own', async t => {
  const system = await product(t);
  const listed = JSON.parse((await system.ask('GET', '/v2/groups/product/apps?embed=apps.counts')).text);
  t.deepEqual(idsOf(listed), ['/product/database/mongo', '/product/database/mysql', '/product/service/rails']);
  t.is(listed[0].tasksRunning, 1);
  t.is(JSON.parse((await system.ask('GET', '/v2/groups//apps')).text).length, 3);
  t.deepEqual(idsOf(listOf(await system.must('GET', '/v2/apps/product/database/*'), '*')), [
    '/product/database/mongo',
    '/product/database/mysql',
  ]);
});

const missing: Record<string, readonly [method: string, path: string, body?: Json]> = {
  GET: ['GET', '/v2/groups/nobody'],
  'GET of its apps': ['GET', '/v2/groups/nobody/apps'],
  'GET of apps with a star': ['GET', '/v2/apps/nobody/*'],
  'GET of an app as a group': ['GET', '/v2/groups/product/service/rails'],
  DELETE: ['DELETE', '/v2/groups/nobody'],
  PATCH: ['PATCH', '/v2/groups/nobody', {enforceRole: true}],
  scaleBy: ['PUT', '/v2/groups/nobody', {scaleBy: 2}],
};
for (const [title, [method, path, body]] of Object.entries(missing)) {
  test(`404: ${title} of a group that is not there`, async t => {
    const system = await product(t);
    const id = path.includes('rails') ? '/product/service/rails' : '/nobody';
    const answer = await system.ask(method, path, {body});
    t.is(answer.status, 404);
    t.is(answer.body['message'], `Group '${id}' does not exist`);
  });
}

test('the root is always there', async t => {
  const system = await rest(t);
  t.like(await system.must('GET', '/v2/groups'), {id: '/', apps: [], groups: [], dependencies: []});
  t.deepEqual(await system.must('GET', '/v2/apps/*'), {'*': []});
});

test('409: a group that is there, and a path that is an app’s, are not created', async t => {
  const system = await product(t);
  const again = await system.ask('POST', '/v2/groups', {body: {id: '/product'}});
  t.deepEqual(
    [again.status, again.body],
    [409, {message: 'Group /product is already created. Use PUT to change this group.'}],
  );
  const implied = await system.ask('POST', '/v2/groups/product', {body: {id: 'service'}});
  t.is(implied.status, 409);
  const onApp = await system.ask('POST', '/v2/groups', {body: {id: '/product/service/rails'}});
  t.deepEqual(
    [onApp.status, onApp.body],
    [409, {message: 'An app with the path /product/service/rails already exists.'}],
  );
  t.is((await system.ask('POST', '/v2/groups', {body: {apps: []}})).status, 409);
});

test('PUT replaces the apps of the group, and stops those that are left out', async t => {
  const system = await product(t);
  const body = {
    apps: [
      {...APP, id: 'mysql', instances: 2},
      {...APP, id: 'redis'},
    ],
  };
  t.deepEqual(stepsOf(await system.must('PUT', '/v2/groups/product/database?dryRun=true', body)), [
    'Stop /product/database/mongo',
    'Start /product/database/redis',
    'Scale /product/database/redis',
  ]);
  const {status, body: result, headers} = await system.ask('PUT', '/v2/groups/product/database', {body});
  t.is(status, 200);
  t.is(headers.get('marathon-deployment-id'), String(result['deploymentId']));
  await system.cluster.pass(10_000);
  t.is(
    shape(await system.must('GET', '/v2/groups/product/database')),
    '/product/database [/product/database/mysql /product/database/redis] {}',
  );
  t.is(system.cluster.master.tasks.size, 5);
});

test('PUT without apps keeps them, and replaces the groups inside', async t => {
  const system = await product(t);
  await system.must('PUT', '/v2/groups/product', {
    groups: [{id: 'database'}, {id: 'cache', apps: [{...APP, id: 'c'}]}],
  });
  await system.cluster.pass(10_000);
  t.is(
    shape(await system.must('GET', '/v2/groups/product')),
    '/product [] {/product/cache [/product/cache/c] {} /product/database [/product/database/mongo /product/database/mysql] {}}',
  );
  t.is((await system.ask('GET', '/v2/groups/product/service')).status, 404);
});

test('PUT with neither apps nor groups changes what is said of the group alone', async t => {
  const system = await product(t);
  await system.must('PUT', '/v2/groups/product/service', {dependencies: []});
  t.deepEqual((await system.must('GET', '/v2/groups/product/service'))['dependencies'], []);
  t.deepEqual(await deployments(system), []);
  t.is(system.cluster.master.tasks.size, 5);
  await system.must('PUT', '/v2/groups/product/service', {});
  await system.must('PUT', '/v2/groups/product/service', {dependencies: ['../database/mongo', '/x']});
  const {dependencies} = await system.must('GET', '/v2/groups/product/service');
  t.deepEqual(dependencies, ['/product/database/mongo', '/x']);
});

test('PUT of what is there changes nothing, and is a deployment without steps', async t => {
  const system = await product(t);
  const before = [...system.cluster.master.tasks.keys()];
  const {version: _version, ...shown} = await system.must('GET', '/v2/groups/product');
  const result = await system.must('PUT', '/v2/groups/product', shown);
  t.deepEqual(Object.keys(result), ['version', 'deploymentId']);
  t.deepEqual(await deployments(system), []);
  await system.cluster.pass(10_000);
  t.deepEqual([...system.cluster.master.tasks.keys()], before);
  const {version: _again, ...after} = await system.must('GET', '/v2/groups/product');
  t.deepEqual(after, shown);
});

test('PUT creates a group that is not there, also an empty one, and the body may name it', async t => {
  const system = await rest(t);
  await system.must('PUT', '/v2/groups', {id: '/empty'});
  t.is(shape(await system.must('GET', '/v2/groups')), '/ [] {/empty [] {}}');
  await system.must('PUT', '/v2/groups/empty', {id: 'inside/deep', apps: [{...APP, id: 'a'}]});
  t.is(
    shape(await system.must('GET', '/v2/groups')),
    '/ [] {/empty [] {/empty/inside [] {/empty/inside/deep [/empty/inside/deep/a] {}}}}',
  );
  t.deepEqual(await system.must('GET', '/v2/apps/empty/*'), {
    '*': listOf(await system.must('GET', '/v2/apps'), 'apps'),
  });
});

test('PUT of the root has apps and groups for all that there is', async t => {
  const system = await product(t);
  await system.run({id: '/alone'});
  await system.cluster.pass(10_000);
  await system.must('PUT', '/v2/groups', {apps: [{...APP, id: '/other'}], groups: []});
  await system.cluster.pass(10_000);
  t.is(shape(await system.must('GET', '/v2/groups')), '/ [/other] {}');
  t.is(system.cluster.master.tasks.size, 1);
});

test('an app that is listed at another place of the same change stays', async t => {
  const system = await product(t);
  const before = [...system.cluster.master.tasks.keys()].filter(id => id.startsWith('product_database_mongo'));
  await system.must('PUT', '/v2/groups/product', {
    apps: [{...APP, id: 'database/mongo'}],
    groups: [],
  });
  await system.cluster.pass(10_000);
  t.is(
    shape(await system.must('GET', '/v2/groups/product')),
    '/product [] {/product/database [/product/database/mongo] {}}',
  );
  t.deepEqual([...system.cluster.master.tasks.keys()], before);
});

const factors: Record<string, {factor: number; want: readonly number[]}> = {
  'twice as many': {factor: 2, want: [2, 4, 4]},
  'rounded up': {factor: 1.1, want: [2, 3, 3]},
  'one and a half': {factor: 1.5, want: [2, 3, 3]},
  none: {factor: 0, want: [0, 0, 0]},
  'as they are': {factor: 1, want: [1, 2, 2]},
};
for (const [title, {factor, want}] of Object.entries(factors)) {
  test(`scaleBy: ${title}`, async t => {
    const system = await product(t);
    await system.must('PATCH', '/v2/apps/product/service/rails', {resourceLimits: {mem: 64}});
    await system.cluster.pass(10_000);
    const before = new Set(system.cluster.master.tasks.keys());
    await system.must('PUT', '/v2/groups/product', {scaleBy: factor});
    await system.cluster.pass(10_000);
    const apps = listOf(await system.must('GET', '/v2/apps/product/*'), '*');
    t.deepEqual(
      apps.map(({instances}) => instances),
      want,
    );
    t.is(
      system.cluster.master.tasks.size,
      want.reduce((sum, count) => sum + count, 0),
    );
    t.deepEqual(apps[2]?.['resourceLimits'], {mem: 64});
    const kept = [...system.cluster.master.tasks.keys()].filter(id => before.has(id));
    t.is(kept.length, Math.min(before.size, system.cluster.master.tasks.size));
  });
}

test('scaleBy 1.1 of ten instances is eleven', async t => {
  const system = await rest(t);
  await system.run({id: '/g/a', instances: 10, cpus: 0.01});
  await system.must('PUT', '/v2/groups/g', {scaleBy: 1.1});
  t.is((await system.app('g/a'))['instances'], 11);
});

test('dryRun shows the steps and changes nothing', async t => {
  const system = await product(t);
  const body = {
    groups: [
      {id: 'database', apps: [{...APP, id: 'mongo', cmd: 'sleep 2000'}]},
      {
        id: 'service',
        apps: [
          {...APP, id: 'rails', instances: 3},
          {...APP, id: 'new', dependencies: ['../rails']},
        ],
      },
    ],
  };
  const {status, body: plan} = await system.ask('PUT', '/v2/groups/product?dryRun=true', {body});
  t.is(status, 200);
  t.deepEqual(Object.keys(plan), ['steps']);
  t.deepEqual(stepsOf(plan), [
    'Stop /product/database/mysql',
    'Start /product/service/new',
    'Restart /product/database/mongo',
    'Scale /product/service/rails',
    'Scale /product/service/new',
  ]);
  t.deepEqual(await deployments(system), []);
  t.is((await system.app('product/service/rails'))['instances'], 2);
  t.deepEqual(stepsOf(await system.must('PUT', '/v2/groups/product?dryRun=true', {scaleBy: 1})), []);
  t.is((await system.ask('PUT', '/v2/groups/product?dryRun=true', {body: {scaleBy: -1}})).status, 422);
});

test('DELETE deletes everything inside, and the group itself', async t => {
  const system = await product(t);
  await system.run({id: '/alone'});
  await system.cluster.pass(10_000);
  const {status, body} = await system.ask('DELETE', '/v2/groups/product');
  t.is(status, 200);
  t.deepEqual(Object.keys(body), ['version', 'deploymentId']);
  await system.cluster.pass(10_000);
  t.is(shape(await system.must('GET', '/v2/groups')), '/ [/alone] {}');
  t.is(system.cluster.master.tasks.size, 1);
  t.is((await system.ask('DELETE', '/v2/groups/product')).status, 404);
});

test('DELETE of the root leaves nothing', async t => {
  const system = await product(t);
  await system.run({id: '/alone'});
  await system.cluster.pass(10_000);
  await system.must('DELETE', '/v2/groups');
  await system.cluster.pass(10_000);
  t.is(shape(await system.must('GET', '/v2/groups')), '/ [] {}');
  t.is(system.cluster.master.tasks.size, 0);
});

test('409: what a deployment has locked is changed with force only', async t => {
  const system = await product(t);
  system.cluster.master.cpus = 0.5;
  const {deploymentId} = await system.must('PUT', '/v2/apps/product/service/rails', {instances: 50});
  for (const [method, body] of [
    ['DELETE', undefined],
    ['PUT', {scaleBy: 2}],
    ['PUT', {groups: []}],
  ] as const) {
    const answer = await system.ask(method, '/v2/groups/product', {body});
    t.is(answer.status, 409);
    t.deepEqual(answer.body['deployments'], [{id: deploymentId}]);
    t.regex(String(answer.body['message']), /^App is locked by one or more deployments[.]/);
  }
  await system.must('PUT', '/v2/groups/product/database', {scaleBy: 2});
  t.is((await system.ask('PUT', '/v2/groups/product?force=true', {body: {groups: []}})).status, 200);
  await system.cluster.pass(10_000);
  t.is(system.cluster.master.tasks.size, 0);
  t.deepEqual(await deployments(system), []);
});

const refused: Record<string, {method?: string; path?: string; body: unknown; message?: string; details?: Json[]}> = {
  'no object': {body: [], details: [{path: '/', errors: ['error.expected.jsobject']}]},
  'apps are no list': {body: {apps: {}}, details: [{path: '/apps', errors: ['error.expected.jsarray']}]},
  'an app without an id': {
    body: {apps: [{cmd: 'x'}]},
    details: [{path: '/apps(0)/id', errors: ['error.path.missing']}],
  },
  'a wrong type deep inside': {
    body: {
      groups: [
        {
          id: 'g',
          groups: [
            {
              id: 'h',
              apps: [
                {...APP, id: 'a'},
                {...APP, id: 'b', cpus: 'x'},
              ],
            },
          ],
        },
      ],
    },
    details: [{path: '/groups(0)/groups(0)/apps(1)/cpus', errors: ['error.expected.jsnumber']}],
  },
  'a group without an id': {body: {groups: [{}]}, details: [{path: '/groups(0)/id', errors: ['error.path.missing']}]},
  'an id that is none': {body: {groups: [{id: 'A b'}]}, details: [{path: '/groups(0)/id', errors: ['error.pattern']}]},
  'a negative factor': {body: {scaleBy: -1}, details: [{path: '/scaleBy', errors: ['error.min']}]},
  'a factor that is no number': {
    body: {scaleBy: 'x'},
    details: [{path: '/scaleBy', errors: ['error.expected.jsnumber']}],
  },
  'dependencies that are no paths': {
    body: {dependencies: ['x', 'A b']},
    details: [{path: '/dependencies(1)', errors: ['error.pattern']}],
  },
  'an app that says nothing to run': {
    body: {groups: [{id: 'g', apps: [{id: 'a'}]}]},
    message: 'Object is not valid',
    details: [
      {
        path: '/groups(0)/apps(0)',
        errors: ["AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
      },
    ],
  },
  'an app outside of its group': {
    body: {groups: [{id: 'g', apps: [{...APP, id: '/product/a'}]}]},
    message: 'Object is not valid',
    details: [
      {
        path: '/groups(0)/apps(0)/id',
        errors: ['Identifier /product/a is not child of /product/g. Hint: use relative paths.'],
      },
    ],
  },
  'a group outside of its group': {
    body: {groups: [{id: '/other'}]},
    message: 'Object is not valid',
    details: [
      {path: '/groups(0)/id', errors: ['Identifier /other is not child of /product. Hint: use relative paths.']},
    ],
  },
  'a factor and apps': {
    body: {scaleBy: 2, apps: []},
    message: 'Object is not valid',
    details: [{path: '/scaleBy', errors: ['not allowed in conjunction with other properties']}],
  },
  'a version and groups': {
    body: {version: '2026-01-01T00:00:00.000Z', groups: []},
    message: 'Object is not valid',
    details: [{path: '/version', errors: ['not allowed in conjunction with other properties']}],
  },
  'a factor inside': {
    body: {groups: [{id: 'g', scaleBy: 2}]},
    message: 'Object is not valid',
    details: [{path: '/groups(0)/scaleBy', errors: ['not allowed in a group inside']}],
  },
  'a cycle of two apps': {
    body: {
      apps: [
        {...APP, id: 'a', dependencies: ['../b']},
        {...APP, id: 'b', dependencies: ['/product/a']},
      ],
    },
    message: 'Object is not valid',
    details: [{path: '/', errors: ['Dependency graph has cyclic dependencies.']}],
  },
  'a cycle of two groups': {
    path: '/v2/groups/product/database',
    body: {dependencies: ['/product/service']},
    message: 'Object is not valid',
    details: [{path: '/', errors: ['Dependency graph has cyclic dependencies.']}],
  },
  'an app and a group with one id': {
    body: {apps: [{...APP, id: 'x'}], groups: [{id: 'x'}]},
    message: 'Object is not valid',
    details: [{path: '/', errors: ['Groups and Applications may not have the same identifier.']}],
  },
  'a group with the id of an app': {
    path: '/v2/groups/product/service/rails',
    body: {dependencies: []},
    message: 'Object is not valid',
    details: [{path: '/', errors: ['Groups and Applications may not have the same identifier.']}],
  },
  'a group below an app': {
    path: '/v2/groups/product/service/rails/below',
    body: {},
    message: 'Object is not valid',
    details: [{path: '/', errors: ['Groups and Applications may not have the same identifier.']}],
  },
  'a role that only a top-level group may enforce': {
    path: '/v2/groups/product/service',
    body: {enforceRole: true},
    message: 'Object is not valid',
    details: [{path: '/enforceRole', errors: ['enforceRole can only be set for top-level groups.']}],
  },
  'a role that is enforced together with apps': {
    body: {enforceRole: true, apps: []},
    message: 'Object is not valid',
    details: [{path: '/enforceRole', errors: ['enforceRole can not be changed together with apps or groups.']}],
  },
  'PATCH without a word': {
    method: 'PATCH',
    body: {},
    details: [{path: '/enforceRole', errors: ['error.path.missing']}],
  },
  'PATCH of a group inside': {
    method: 'PATCH',
    path: '/v2/groups/product/service',
    body: {enforceRole: true},
    message: 'Object is not valid',
    details: [{path: '/enforceRole', errors: ['enforceRole can only be set for top-level groups.']}],
  },
  'an id that ends with a word of URLs': {
    body: {groups: [{id: 'versions'}]},
    message: 'Object is not valid',
    details: [
      {
        path: '/groups(0)/id',
        errors: ['must not end with any of the following reserved keywords: restart, tasks, versions, ., ..'],
      },
    ],
  },
};
for (const [title, row] of Object.entries(refused)) {
  const {method = 'PUT', path = '/v2/groups/product', body, message = 'Invalid JSON', details} = row;
  test(`422: ${title}`, async t => {
    const system = await product(t);
    const before = await system.must('GET', '/v2/groups');
    const answer = await system.ask(method, path, {body});
    t.is(answer.status, 422, answer.text);
    t.deepEqual(answer.body, {message, details});
    t.deepEqual(await system.must('GET', '/v2/groups'), before);
  });
}

test('422: a version that is not kept, and one that is none', async t => {
  const system = await product(t);
  const unknown = await system.ask('PUT', '/v2/groups/product', {body: {version: '2020-01-01T00:00:00.000Z'}});
  t.deepEqual(
    [unknown.status, unknown.body],
    [422, {message: 'Group /product not available in version 2020-01-01T00:00:00.000Z'}],
  );
  const none = await system.ask('PUT', '/v2/groups/product', {body: {version: 'yesterday'}});
  t.deepEqual([none.status, none.body], [422, {message: "Invalid timestamp provided 'yesterday'."}]);
});

test('a group that enforces its role gives it to new apps, and refuses others', async t => {
  const system = await rest(t);
  await system.must('POST', '/v2/groups', {id: '/dev', enforceRole: true, apps: [{...APP, id: 'a'}]});
  t.is((await system.app('dev/a'))['role'], 'dev');
  t.is((await system.must('GET', '/v2/groups/dev'))['enforceRole'], true);
  await system.must('POST', '/v2/apps', {...APP, id: '/dev/sub/b'});
  t.is((await system.app('dev/sub/b'))['role'], 'dev');
  const other = await system.ask('POST', '/v2/apps', {body: {...APP, id: '/dev/c', role: '*'}});
  t.is(other.status, 422);
  t.deepEqual(other.body['details'], [{path: '/role', errors: ['got *, expected one of: [dev]']}]);
  const inGroup = await system.ask('PUT', '/v2/groups/dev', {
    body: {groups: [{id: 'g', apps: [{...APP, id: 'd', role: 'x'}]}]},
  });
  t.deepEqual(inGroup.body['details'], [{path: '/groups(0)/apps(0)/role', errors: ['got x, expected one of: [dev]']}]);
  const patched = await system.ask('PATCH', '/v2/groups/dev', {body: {enforceRole: false}});
  t.deepEqual([patched.status, patched.text], [200, '']);
  t.is((await system.must('GET', '/v2/groups/dev'))['enforceRole'], false);
  await system.must('POST', '/v2/apps', {...APP, id: '/dev/c', role: '*'});
});

test('what kubectl says of a group, /v2 shows, and the other way round', async t => {
  const system = await rest(t);
  const {cluster} = system;
  cluster.createGroup('prod', {dependencies: ['db']});
  await cluster.pass(1000);
  t.like(await system.must('GET', '/v2/groups/prod'), {id: '/prod', dependencies: ['/prod/db']});
  await system.must('PUT', '/v2/groups/prod', {dependencies: ['/other']});
  t.deepEqual(asJson(cluster.group('prod')?.spec), {dependencies: ['/other']});
  await system.must('DELETE', '/v2/groups/prod');
  t.is(cluster.group('prod'), undefined);
  t.is((await system.ask('GET', '/v2/groups/prod')).status, 404);
  await system.must('POST', '/v2/groups', {id: '/a/b'});
  t.deepEqual(asJson(cluster.group('a.b')?.spec), {id: '/a/b'});
  await cluster.pass(2000);
  t.like(asJson(cluster.group('a.b')?.status), {
    id: '/a/b',
    apps: 0,
    conditions: [{type: 'Available', status: 'True'}],
  });
});

test('an array PUT waits for what a group depends on', async t => {
  const system = await rest(t);
  await system.must('POST', '/v2/groups', {id: '/web', dependencies: ['/db']});
  const body = [
    {...APP, id: '/web/o2'},
    {...APP, id: '/db/o1', healthChecks: [{protocol: 'TCP'}]},
  ];
  await system.must('PUT', '/v2/apps', JSON.parse(JSON.stringify(body)));
  await system.cluster.pass(10_000);
  t.deepEqual(
    [...system.cluster.master.tasks.keys()].map(id => id.slice(0, 5)),
    ['db_o1'],
  );
  const [deployment = {}] = await deployments(system);
  t.like(deployment, {currentStep: 2, totalSteps: 3, currentActions: [{action: 'ScaleApplication', app: '/db/o1'}]});
});
