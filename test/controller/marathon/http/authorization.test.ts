import test, {type ExecutionContext} from 'ava';
import {type Refused, believingGate} from '../../../support/believing-gate.ts';
import {type Ask, asJson, idsOf, listOf, Rest} from './rest.ts';

const ANY = {type: 'ANY'};
const of = (...values: string[]) => ({values});

/** `dev` owns what is below /dev, with its role; `reader` sees that; `ops` may everything. */
const ACLS = {
  permissive: false,
  view_apps: [
    {principals: of('dev', 'reader', 'restarter'), paths: of('/dev/%')},
    {principals: of('half'), paths: ANY},
    {principals: of('ops'), paths: ANY},
  ],
  create_apps: [
    {principals: of('dev', 'narrow'), paths: of('/dev/%')},
    {principals: of('ops'), paths: ANY},
  ],
  update_apps: [
    {principals: of('dev', 'restarter', 'half'), paths: of('/dev/%')},
    {principals: of('ops'), paths: ANY},
  ],
  delete_apps: [
    {principals: of('dev'), paths: of('/dev/%')},
    {principals: of('ops'), paths: ANY},
  ],
  register_frameworks: [
    {principals: of('dev', 'half'), roles: of('*', 'dev')},
    {principals: of('narrow'), roles: of('dev')},
    {principals: of('ops'), roles: ANY},
  ],
  run_tasks: [
    {principals: of('dev'), users: of('nobody')},
    {principals: of('ops'), users: ANY},
  ],
};

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 16};

/** With /dev/web (role dev) and /prod/db (role prod), running. */
async function system(t: ExecutionContext) {
  const refused: Refused[] = [];
  const gate = {gatekeeper: believingGate(ACLS, refused), tls: undefined};
  const rest = await new Rest([], gate).start(t);
  const as = (name: string, method: string, path: string, ask: Ask = {}) =>
    rest.ask(method, path, {...ask, headers: {...ask.headers, authorization: `Bearer ${name}`}});
  const must = async (name: string, method: string, path: string, body?: unknown) => {
    const answer = await as(name, method, path, {body});
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  for (const [role, name] of Object.entries({dev: 'web', prod: 'db'})) {
    await must('ops', 'POST', '/v2/apps', {...APP, id: `/${role}/${name}`});
    await rest.cluster.pass(5000);
  }
  return {rest, as, must, refused};
}

test('whoever shows no name may nothing but ask whether it lives', async t => {
  const {rest} = await system(t);
  const {status, headers, body} = await rest.ask('GET', '/v2/apps');
  t.is(status, 401);
  t.is(headers.get('www-authenticate'), 'Bearer realm="test"');
  t.is(typeof body['message'], 'string');
  t.is((await rest.ask('GET', '/ping')).status, 200);
});

test('everybody sees his apps, groups, tasks, queue and deployments, and no others', async t => {
  const {as, must} = await system(t);
  const seen = async (name: string) => {
    const tasks = listOf(await must(name, 'GET', '/v2/tasks'), 'tasks');
    const {apps, groups} = asJson(await must(name, 'GET', '/v2/groups'));
    return [
      idsOf(listOf(await must(name, 'GET', '/v2/apps'), 'apps')),
      [...new Set(tasks.map(({appId}) => appId))],
      [...listOf({apps}, 'apps'), ...listOf({groups}, 'groups')].map(({id}) => id),
    ];
  };
  t.deepEqual(await seen('ops'), [
    ['/dev/web', '/prod/db'],
    ['/dev/web', '/prod/db'],
    ['/dev', '/prod'],
  ]);
  t.deepEqual(await seen('reader'), [['/dev/web'], ['/dev/web'], ['/dev']]);
  t.deepEqual(await seen('stranger'), [[], [], []]);
  t.is((await as('reader', 'GET', '/v2/apps//prod/db')).status, 404);
  t.is((await as('reader', 'GET', '/v2/apps//dev/web')).status, 200);
});

type Row = {who: string; method: string; path: string; body?: unknown; want: number};
const app = (id: string, more: object = {}) => ({...APP, id, ...more});
const rows: Record<string, Row> = {
  'an app of the own group': {
    who: 'dev',
    method: 'POST',
    path: '/v2/apps',
    body: app('/dev/new', {role: 'dev'}),
    want: 201,
  },
  'an app of another group': {
    who: 'dev',
    method: 'POST',
    path: '/v2/apps',
    body: app('/prod/new', {role: 'prod'}),
    want: 403,
  },
  'an app by a reader': {who: 'reader', method: 'POST', path: '/v2/apps', body: app('/dev/new'), want: 403},
  'an app of a role that is not the own': {
    who: 'narrow',
    method: 'POST',
    path: '/v2/apps',
    body: app('/dev/new', {role: '*'}),
    want: 403,
  },
  'an app of a user that it may not run as': {
    who: 'dev',
    method: 'POST',
    path: '/v2/apps',
    body: app('/dev/new', {role: 'dev', user: 'root'}),
    want: 403,
  },
  'a change of the own': {who: 'dev', method: 'PUT', path: '/v2/apps//dev/web', body: {instances: 2}, want: 200},
  'a change of another': {who: 'dev', method: 'PUT', path: '/v2/apps//prod/db', body: {instances: 2}, want: 403},
  'a change with a role that is not the own': {
    who: 'restarter',
    method: 'PUT',
    path: '/v2/apps//dev/web',
    body: {instances: 2},
    want: 403,
  },
  'a change by a reader': {who: 'reader', method: 'PATCH', path: '/v2/apps//dev/web', body: {instances: 2}, want: 403},
  'a restart': {who: 'restarter', method: 'POST', path: '/v2/apps//dev/web/restart', want: 200},
  'a restart by a reader': {who: 'reader', method: 'POST', path: '/v2/apps//dev/web/restart', want: 403},
  'a deletion': {who: 'dev', method: 'DELETE', path: '/v2/apps//dev/web', want: 200},
  'a deletion by who may only change': {who: 'restarter', method: 'DELETE', path: '/v2/apps//dev/web', want: 403},
  'a deletion of what it does not see': {who: 'dev', method: 'DELETE', path: '/v2/apps//prod/db', want: 404},
  'a group of the own': {
    who: 'dev',
    method: 'PUT',
    path: '/v2/groups//dev/more',
    body: {apps: [app('a', {role: 'dev'})]},
    want: 200,
  },
  'a group of another': {who: 'dev', method: 'PUT', path: '/v2/groups//prod', body: {apps: [app('a')]}, want: 403},
  'a kill of all tasks': {who: 'restarter', method: 'DELETE', path: '/v2/apps//dev/web/tasks', want: 200},
  'a kill of all tasks by a reader': {who: 'reader', method: 'DELETE', path: '/v2/apps//dev/web/tasks', want: 403},
  'flags by a developer': {who: 'dev', method: 'GET', path: '/v2/info', want: 403},
};
for (const [title, {who, method, path, body, want}] of Object.entries(rows)) {
  test(`${title}: ${want}`, async t => {
    const {as, rest} = await system(t);
    const before = rest.cluster.marathon.apps().map(({object}) => object.version);
    t.is((await as(who, method, path, {body})).status, want);
    if (want >= 400)
      t.deepEqual(
        rest.cluster.marathon.apps().map(({object}) => object.version),
        before,
      );
  });
}

test('a change of several apps of which one is not allowed changes none, and is written down', async t => {
  const {as, must, refused} = await system(t);
  const both = [
    {id: '/dev/web', instances: 3},
    {id: '/prod/db', instances: 3},
  ];
  t.is((await as('half', 'PUT', '/v2/apps?partialUpdate=true', {body: both})).status, 403);
  const {app: web} = await must('ops', 'GET', '/v2/apps//dev/web');
  t.is(asJson(web)['instances'], 1);
  t.like(refused.at(-1), {message: 'caller not authorized', principal: 'half', asked: 'update_apps of "/prod/db"'});
});

test('tasks of others are not killed, even by id', async t => {
  const {as, must} = await system(t);
  const [task = {}] = listOf(await must('ops', 'GET', '/v2/apps//prod/db/tasks'), 'tasks');
  const killed = await as('dev', 'POST', '/v2/tasks/delete', {body: {ids: [task['id']]}});
  t.deepEqual(killed.body['tasks'], []);
  const [still = {}] = listOf(await must('ops', 'GET', '/v2/apps//prod/db/tasks'), 'tasks');
  t.is(still['id'], task['id']);
});
