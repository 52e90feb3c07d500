import test from 'ava';
import {LEADER, Rest, type Ask} from './rest.ts';

const shared = new Rest();
const teardowns: (() => unknown)[] = [];
test.before(async () => {
  await shared.start({teardown: fn => void teardowns.push(fn)});
  await shared.run({id: 'web'});
});
test.after.always(async () => {
  for (const fn of teardowns) await fn();
});

const json = {'content-type': 'application/json'};
const app = JSON.stringify({id: 'other', cmd: 'sleep 1'});

const rows: Record<string, {method: string; path: string; ask?: Ask; status: number; want: unknown}> = {
  'an unknown route': {
    method: 'GET',
    path: '/v2/nothing',
    status: 404,
    want: {message: 'URI not found'},
  },
  'POST of one app': {method: 'POST', path: '/v2/apps/web', status: 405, want: {message: 'Method Not Allowed'}},
  'DELETE of all apps': {method: 'DELETE', path: '/v2/apps', status: 405, want: {message: 'Method Not Allowed'}},
  'GET of a restart': {method: 'GET', path: '/v2/apps/web/restart', status: 405, want: {message: 'Method Not Allowed'}},
  'PUT of tasks': {method: 'PUT', path: '/v2/apps/web/tasks', status: 405, want: {message: 'Method Not Allowed'}},
  'PUT of versions': {method: 'PUT', path: '/v2/apps/web/versions', status: 405, want: {message: 'Method Not Allowed'}},
  'POST of a group': {method: 'POST', path: '/v2/apps/*', status: 405, want: {message: 'Method Not Allowed'}},
  'POST of info': {method: 'POST', path: '/v2/info', status: 405, want: {message: 'Method Not Allowed'}},
  'POST of tasks': {method: 'POST', path: '/v2/tasks', status: 405, want: {message: 'Method Not Allowed'}},
  'GET of the deletion of tasks': {
    method: 'GET',
    path: '/v2/tasks/delete',
    status: 405,
    want: {message: 'Method Not Allowed'},
  },
  'POST of ping': {method: 'POST', path: '/ping', status: 405, want: {message: 'Method Not Allowed'}},
  'tasks as text': {
    method: 'GET',
    path: '/v2/apps/web/tasks',
    ask: {headers: {accept: 'text/plain'}},
    status: 406,
    want: {message: 'Not Acceptable'},
  },
  'apps as a page': {
    method: 'GET',
    path: '/v2/apps',
    ask: {headers: {accept: 'text/html'}},
    status: 406,
    want: {message: 'Not Acceptable'},
  },
  'a form': {
    method: 'POST',
    path: '/v2/apps',
    ask: {raw: app, headers: {'content-type': 'application/x-www-form-urlencoded'}},
    status: 415,
    want: {message: 'Unsupported Media Type'},
  },
  'a text': {
    method: 'PUT',
    path: '/v2/apps/other',
    ask: {raw: app, headers: {'content-type': 'text/plain'}},
    status: 415,
    want: {message: 'Unsupported Media Type'},
  },
  'a broken escape': {
    method: 'GET',
    path: '/v2/apps/a%E0%A4%A',
    status: 400,
    want: {message: "Malformed escape in '/v2/apps/a%E0%A4%A'"},
  },
  'a list where one app is wanted': {
    method: 'PUT',
    path: '/v2/apps/web',
    ask: {raw: '[]', headers: json},
    status: 422,
    want: {message: 'Invalid JSON', details: [{path: '/', errors: ['error.expected.jsobject']}]},
  },
  'one app where a list is wanted': {
    method: 'PUT',
    path: '/v2/apps',
    ask: {raw: app, headers: json},
    status: 422,
    want: {message: 'Invalid JSON', details: [{path: '/', errors: ['error.expected.jsarray']}]},
  },
  'who leads': {method: 'GET', path: '/v2/leader', status: 200, want: {leader: LEADER}},
  info: {method: 'GET', path: '/v2/info', status: 200, want: {name: 'marathon'}},
  plugins: {method: 'GET', path: '/v2/plugins', status: 200, want: {plugins: []}},
};
for (const [title, {method, path, ask, status, want}] of Object.entries(rows)) {
  test.serial(title, async t => {
    const answer = await shared.ask(method, path, ask);
    t.is(answer.status, status);
    t.deepEqual(answer.body, want);
  });
}

test.serial('405 says what is allowed', async t => {
  const {headers} = await shared.ask('POST', '/v2/apps/web');
  t.is(headers.get('allow'), 'GET, HEAD, PUT, PATCH, DELETE');
  const options = await shared.ask('OPTIONS', '/v2/apps');
  t.deepEqual([options.status, options.headers.get('allow')], [200, 'GET, HEAD, POST, PUT, PATCH']);
});

for (const path of [
  '/v2/apps',
  '/v2/apps/web',
  '/v2/apps/web/tasks',
  '/v2/apps/web/versions',
  '/v2/tasks',
  '/v2/info',
  '/ping',
]) {
  test.serial(`HEAD ${path} is GET without a body`, async t => {
    const answer = await shared.ask('HEAD', path);
    t.deepEqual([answer.status, answer.text], [200, '']);
  });
}

test.serial('a body of no declared type is not taken for JSON', async t => {
  t.is((await shared.ask('PUT', '/v2/apps/web', {raw: '{}'})).status, 415);
});

const pings: Record<string, {accept: string; want: readonly unknown[]}> = {
  anything: {accept: '*/*', want: [200, 'text/plain; charset=utf-8', 'pong']},
  text: {accept: 'text/plain', want: [200, 'text/plain; charset=utf-8', 'pong']},
  JSON: {accept: 'application/json', want: [200, 'application/json; charset=utf-8', '"pong"']},
  'a picture': {accept: 'image/png', want: [204, null, '']},
};
for (const [title, {accept, want}] of Object.entries(pings)) {
  test.serial(`ping for who takes ${title}`, async t => {
    const {status, headers, text} = await shared.ask('GET', '/ping', {headers: {accept}});
    t.deepEqual([status, headers.get('content-type'), text], want);
  });
}

test.serial('headers of every answer, errors too', async t => {
  for (const path of ['/v2/apps', '/v2/apps/none', '/v2/nothing', '/ping']) {
    const {headers} = await shared.ask('GET', path);
    const names = ['x-marathon-leader', 'x-frame-options', 'x-xss-protection', 'cache-control', 'pragma', 'expires'];
    t.deepEqual(
      names.map(name => headers.get(name)),
      [`http://${LEADER}`, 'DENY', '1; mode=block', 'no-cache, no-store, must-revalidate', 'no-cache', '0'],
    );
  }
});

test.serial('nobody leads', async t => {
  shared.leader = undefined;
  const {status, body, headers} = await shared.ask('GET', '/v2/leader');
  shared.leader = LEADER;
  t.deepEqual([status, body, headers.get('x-marathon-leader')], [404, {message: 'There is no leader'}, null]);
});
