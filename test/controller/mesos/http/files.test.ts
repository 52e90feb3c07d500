import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {TestKube} from '../../../support/test-kube.ts';
import {testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

const LINES = 'first\nsecond\n';

async function withLog() {
  const directory = await mkdtemp(join(tmpdir(), 'log-'));
  const log = join(directory, 'master.log');
  await writeFile(log, LINES);
  const clock = new VirtualClock();
  const {url, close} = await testMaster({client: new TestKube().client, clock, argv: [`--external_log_file=${log}`]});
  const end = async () => {
    await close();
    await rm(directory, {recursive: true});
  };
  return {url, clock, log, end};
}

const callOperator = (url: string, body: object) =>
  fetch(`${url}/api/v1`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', Accept: 'application/json'},
    body: JSON.stringify(body),
  });

test('the log is shown as /master/log: listed, read from an offset, and sent whole', async t => {
  const {url, log, end} = await withLog();
  t.teardown(end);
  const json = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  t.deepEqual(await json('/files/debug'), {'/master/log': log});
  t.like(await json('/files/browse?path=/master/log'), [{path: '/master/log', size: LINES.length, nlink: 1}]);
  t.deepEqual(await json('/files/read?path=/master/log'), {offset: LINES.length, data: ''});
  t.deepEqual(await json('/files/read?path=/master/log&offset=-1'), {offset: LINES.length, data: ''});
  t.deepEqual(await json('/files/read?path=/master/log&offset=6'), {offset: 6, data: 'second\n'});
  t.deepEqual(await json('/files/read?path=/master/log&offset=0&length=5'), {offset: 0, data: 'first'});
  const sent = await fetch(`${url}/files/download?path=/master/log`);
  t.is(sent.headers.get('Content-Type'), 'application/octet-stream');
  t.regex(sent.headers.get('Content-Disposition') ?? '', /^attachment; .*log$/);
  t.is(await sent.text(), LINES);
});

const refusals = {
  '/files/browse': 400,
  '/files/browse?path=/nothing': 404,
  '/files/browse?path=nothing': 400,
  '/files/read': 400,
  '/files/read?path=/nothing': 404,
  '/files/read?path=/master/log&offset=x': 400,
  '/files/read?path=/master/log&offset=-2': 400,
  '/files/read?path=/master/log&offset=0&length=-2': 400,
  '/files/download': 400,
  '/files/download?path=/master/log/../x': 404,
};
for (const [path, status] of Object.entries(refusals)) {
  test(`GET ${path}: ${status}`, async t => {
    const {url, end} = await withLog();
    t.teardown(end);
    t.is((await fetch(url + path)).status, status);
  });
}

test('LIST_FILES and READ_FILE show the same', async t => {
  const {url, end} = await withLog();
  t.teardown(end);
  const listed = await callOperator(url, {type: 'LIST_FILES', list_files: {path: '/master/log'}});
  t.like(await listed.json(), {list_files: {file_infos: [{path: '/master/log', size: LINES.length}]}});
  const read = await callOperator(url, {type: 'READ_FILE', read_file: {path: '/master/log', offset: 6, length: 6}});
  const data = Buffer.from('second').toString('base64');
  t.deepEqual(await read.json(), {type: 'READ_FILE', read_file: {size: LINES.length, data}});
  const missing = await callOperator(url, {type: 'READ_FILE', read_file: {path: '/nothing', offset: 0}});
  t.is(missing.status, 404);
});

test('the level of the log is changed for a while', async t => {
  const {url, clock, end} = await withLog();
  t.teardown(end);
  const level = async () => {
    const answer: {get_logging_level: {level: number}} = JSON.parse(
      await (await callOperator(url, {type: 'GET_LOGGING_LEVEL'})).text(),
    );
    return answer.get_logging_level.level;
  };
  t.is(await level(), 0);
  const set_logging_level = {level: 2, duration: {nanoseconds: 60e9}};
  t.is((await callOperator(url, {type: 'SET_LOGGING_LEVEL', set_logging_level})).status, 200);
  t.is(await level(), 2);
  clock.advance(59_999);
  t.is(await level(), 2);
  clock.advance(1);
  t.is(await level(), 0);

  const toggle = (query: string) => fetch(`${url}/logging/toggle${query}`, {method: 'POST'});
  t.is((await toggle('?level=3&duration=1mins')).status, 200);
  t.is(await (await toggle('')).text(), '3\n');
  t.is((await toggle('?level=1')).status, 400);
  t.is((await toggle('?level=x&duration=1mins')).status, 400);
});
