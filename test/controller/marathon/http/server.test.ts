import test from 'ava';
import {createLogger} from '../../../../src/kube/log.ts';
import {rest} from './rest.ts';

test('the leader gives up its place after it has answered', async t => {
  const system = await rest(t);
  const {status, body} = await system.ask('DELETE', '/v2/leader');
  t.is(status, 200);
  t.deepEqual(body, {message: 'Leadership abdicated'});
  t.is(system.abdications, 0);
  await system.cluster.clock.advanceAsync(500);
  t.is(system.abdications, 1);
});

test('without a leader nobody gives up anything, and backups are refused by name', async t => {
  const system = await rest(t);
  const refused = await system.ask('DELETE', '/v2/leader?backup=file:///x');
  t.is(refused.status, 422);
  t.regex(String(refused.body['message']), /^'backup' is not supported: /);
  system.leader = undefined;
  t.is((await system.ask('DELETE', '/v2/leader')).status, 404);
  await system.cluster.clock.advanceAsync(1000);
  t.is(system.abdications, 0);
});

test('what is logged is changed for a time, or until the end', async t => {
  const system = await rest(t);
  system.logging = createLogger({level: 'info', format: 'json'}).level;
  t.deepEqual(await system.must('GET', '/logging'), {ROOT: 'info'});
  t.deepEqual(await system.must('POST', '/logging', {logger: 'ROOT', level: 'error'}), {ROOT: 'error'});
  await system.must('POST', '/logging', {logger: 'ROOT', level: 'trace', durationSeconds: 10});
  t.deepEqual(await system.must('GET', '/logging'), {ROOT: 'debug'});
  await system.cluster.clock.advanceAsync(10_000);
  t.deepEqual(await system.must('GET', '/logging'), {ROOT: 'error'});
});

for (const [title, body, want] of [
  ['an unknown level', {logger: 'ROOT', level: 'loud'}, 'Invalid JSON'],
  ['no level', {logger: 'ROOT'}, 'Invalid JSON'],
  ['no time', {logger: 'ROOT', level: 'info', durationSeconds: 0}, 'Invalid JSON'],
  ['another logger', {logger: 'x', level: 'info'}, "There is no logger 'x'; the only one is 'ROOT'"],
] as const) {
  test(`logging: ${title} is refused`, async t => {
    const system = await rest(t);
    system.logging = createLogger({level: 'info', format: 'json'}).level;
    const {status, body: answer} = await system.ask('POST', '/logging', {body});
    t.is(status, 422);
    t.is(answer['message'], want);
    t.deepEqual(await system.must('GET', '/logging'), {ROOT: 'info'});
  });
}

test('more deployments than there may be are refused; one that replaces another is not', async t => {
  const system = await rest(t, ['--max_running_deployments=1']);
  await system.run({id: 'a', cpus: 100});
  for (const [method, path, body] of [
    ['POST', '/v2/apps', {id: 'b', cmd: 'true x'}],
    ['PUT', '/v2/apps', [{id: 'b', cmd: 'true x'}]],
  ] as const) {
    const {status, body: answer} = await system.ask(method, path, {body});
    t.is(status, 403);
    t.regex(String(answer['message']), /^Max number [(]1[)] of running deployments/);
  }
  t.is((await system.ask('GET', '/v2/apps/b')).status, 404);
  await system.must('PUT', '/v2/apps/a?force=true', {cpus: 0.1});
  await system.cluster.pass(8000);
  await system.must('POST', '/v2/apps', {id: 'b', cmd: 'true x', cpus: 0.1});
});

test('more apps than there may be are refused', async t => {
  const system = await rest(t, ['--max_apps=1']);
  await system.run({id: 'a'});
  t.is((await system.ask('POST', '/v2/apps', {body: {id: 'b', cmd: 'true x'}})).status, 422);
  t.is((await system.ask('PUT', '/v2/apps/a', {body: {cmd: 'true x'}})).status, 200);
});

test('pages of one other origin may read, and a browser that asks is told so', async t => {
  const system = await rest(t, ['--access_control_allow_origin=*']);
  const read = await system.ask('GET', '/v2/apps', {headers: {origin: 'http://other.example'}});
  t.is(read.status, 200);
  t.is(read.headers.get('access-control-allow-origin'), '*');
  const asked = await system.ask('OPTIONS', '/v2/apps', {headers: {'access-control-request-headers': 'x-a, x-b'}});
  t.is(asked.status, 200);
  t.is(asked.headers.get('access-control-allow-methods'), 'GET, HEAD, OPTIONS');
  t.is(asked.headers.get('access-control-allow-headers'), 'x-a, x-b');
  t.is(asked.headers.get('access-control-max-age'), '86400');
  const plain = await rest(t);
  t.is((await plain.ask('GET', '/v2/apps')).headers.get('access-control-allow-origin'), null);
});
