import test from 'ava';
import {at, namesOf, TABLE, Target, until, versionOf} from './target.ts';

let target: Awaited<ReturnType<typeof Target.open>>;
test.before(async () => {
  target = await Target.open();
});
test.after.always(() => target.stop());

const maps = (namespace: string, name = '') =>
  `/api/v1/namespaces/${namespace}/configmaps${name === '' ? '' : `/${name}`}`;
const map = (name: string, n: string, labels: object = {}) => ({metadata: {name, labels}, data: {n}});
const brief = ({type, object}: {type: string; object: unknown}) => [
  type,
  at(object, 'metadata', 'name'),
  at(object, 'data', 'n'),
];

test('a watch without a version shows what is there, then what happens', async t => {
  const namespace = await target.namespace();
  await target.must('POST', maps(namespace), map('a', '1'));
  const stream = await target.watch(`${maps(namespace)}?watch=true&fieldSelector=metadata.name!=kube-root-ca.crt`);
  t.deepEqual((await until(t, stream, () => true)).map(brief), [['ADDED', 'a', '1']]);
  await target.must('PUT', maps(namespace, 'a'), map('a', '2'));
  await target.must('DELETE', maps(namespace, 'a'));
  t.deepEqual((await until(t, stream, event => event.type === 'DELETED')).map(brief), [
    ['MODIFIED', 'a', '2'],
    ['DELETED', 'a', '2'],
  ]);
  stream.close();
});

test('a watch resumes after any version that it has seen, and misses nothing', async t => {
  const namespace = await target.namespace();
  const first = await target.must('POST', maps(namespace), map('a', '1'));
  for (const n of ['2', '3', '4']) await target.must('PUT', maps(namespace, 'a'), map('a', n));
  await target.must('DELETE', maps(namespace, 'a'));
  const query = `watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${versionOf(first)}`;
  const stream = await target.watch(`${maps(namespace)}?${query}`);
  const events = await until(t, stream, event => event.type === 'DELETED');
  t.deepEqual(events.map(brief), [
    ['MODIFIED', 'a', '2'],
    ['MODIFIED', 'a', '3'],
    ['MODIFIED', 'a', '4'],
    ['DELETED', 'a', '4'],
  ]);
  const versions = events.map(event => Number(versionOf(event.object)));
  t.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  stream.close();
});

test('a version that is forgotten ends the watch with 410', async t => {
  const stream = await target.watch('/api/v1/configmaps?watch=true&resourceVersion=1');
  const event = await stream.next();
  t.is(event?.type, 'ERROR');
  t.like(event?.object, {kind: 'Status', status: 'Failure', reason: 'Expired', code: 410});
  t.regex(String(event?.object['message']), /^too old resource version: 1 \(\d+\)$/);
  t.is(await stream.next(), undefined);
});

test('a watch is no page of a list', async t => {
  const answer = await target.call('GET', '/api/v1/configmaps?watch=true&continue=abc');
  t.is(answer.status, 422);
  t.regex(String(answer.body['message']), /resourceVersionMatch is forbidden when continue is provided/);
});

test('a watch ends in time, with a bookmark before', async t => {
  const namespace = await target.namespace();
  const {resourceVersion} = (await target.must('GET', maps(namespace)))['metadata'] as {resourceVersion: string};
  const query = `watch=true&resourceVersion=${resourceVersion}&allowWatchBookmarks=true&timeoutSeconds=3`;
  const stream = await target.watch(`${maps(namespace)}?${query}`);
  const events = await until(t, stream, event => event.type === 'BOOKMARK');
  const bookmark = events.at(-1);
  t.is(bookmark?.object['kind'], 'ConfigMap');
  t.true(Number(versionOf(bookmark?.object)) >= Number(resourceVersion));
  let last = await stream.next();
  while (last?.type === 'BOOKMARK') last = await stream.next();
  t.is(last, undefined);
});

test('a streaming list ends its initial events with an annotated bookmark', async t => {
  const namespace = await target.namespace();
  await target.must('POST', maps(namespace), map('a', '1', {mine: ''}));
  const query =
    'watch=true&labelSelector=mine&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const stream = await target.watch(`${maps(namespace)}?${query}`);
  const events = await until(t, stream, event => event.type === 'BOOKMARK');
  t.deepEqual(
    events.map(({type}) => type),
    ['ADDED', 'BOOKMARK'],
  );
  t.is(at(events.at(-1)?.object, 'metadata', 'annotations', 'k8s.io/initial-events-end'), 'true');
  await target.must('POST', maps(namespace), map('b', '1', {mine: ''}));
  // A slow server may have time for another bookmark.
  const later = await until(t, stream, event => event.type !== 'BOOKMARK');
  t.deepEqual(later.slice(-1).map(brief), [['ADDED', 'b', '1']]);
  stream.close();
  const wrong = await target.call('GET', `${maps(namespace)}?watch=true&sendInitialEvents=true`);
  t.is(wrong.status, 422);
});

test('an object that stops to match a selector goes, one that starts to match comes', async t => {
  const namespace = await target.namespace();
  const list = await target.must('GET', maps(namespace));
  const stream = await target.watch(
    `${maps(namespace)}?watch=true&labelSelector=in%3Dyes&resourceVersion=${versionOf(list)}`,
  );
  await target.must('POST', maps(namespace), map('a', '1', {in: 'no'}));
  await target.must('PUT', maps(namespace, 'a'), map('a', '2', {in: 'yes'}));
  await target.must('PUT', maps(namespace, 'a'), map('a', '3', {in: 'yes'}));
  const out = await target.must('PUT', maps(namespace, 'a'), map('a', '4', {in: 'no'}));
  const events = await until(t, stream, event => event.type === 'DELETED');
  t.deepEqual(events.map(brief), [
    ['ADDED', 'a', '2'],
    ['MODIFIED', 'a', '3'],
    ['DELETED', 'a', '3'],
  ]);
  t.is(versionOf(events.at(-1)?.object), versionOf(out));
  stream.close();
});

test('a Table watch names its columns once', async t => {
  const namespace = await target.namespace();
  const list = await target.must('GET', maps(namespace));
  const stream = await target.watch(
    `${maps(namespace)}?watch=true&resourceVersion=${versionOf(list)}&fieldSelector=metadata.name%3Da`,
    TABLE,
  );
  await target.must('POST', maps(namespace), map('a', '1'));
  await target.must('PUT', maps(namespace, 'a'), map('a', '2'));
  const first = await stream.next();
  const second = await stream.next();
  t.is(first?.object['kind'], 'Table');
  t.is(at(first?.object, 'columnDefinitions', 0, 'name'), 'Name');
  t.falsy(at(second?.object, 'columnDefinitions', 0));
  t.is(at(second?.object, 'rows', 0, 'cells', 0), 'a');
  stream.close();
});

test('pages of a list belong together, whatever happens meanwhile', async t => {
  const namespace = await target.namespace();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await target.must('POST', maps(namespace), map(name, '1', {page: ''}));
  const path = `${maps(namespace)}?limit=2&labelSelector=page`;
  const first = await target.must('GET', path);
  t.deepEqual(namesOf(first), ['a', 'b']);
  await target.must('DELETE', maps(namespace, 'c'));
  await target.must('POST', maps(namespace), map('d2', '1', {page: ''}));
  const next = (page: unknown) => `${path}&continue=${String(at(page, 'metadata', 'continue'))}`;
  const second = await target.must('GET', next(first));
  t.deepEqual(namesOf(second), ['c', 'd']);
  t.is(versionOf(second), versionOf(first));
  const third = await target.must('GET', next(second));
  t.deepEqual(namesOf(third), ['e']);
  t.falsy(at(third, 'metadata', 'continue'));
  const broken = await target.call('GET', `${path}&continue=nonsense`);
  t.is(broken.status, 400);
});

const selectors = {
  'x=1': ['a'],
  'x!=1': ['b', 'c'],
  'x in (1,2)': ['a', 'b'],
  'x notin (1)': ['b', 'c'],
  x: ['a', 'b'],
  '!x': ['c'],
  'x,y': ['b'],
  'x==2,y=z': ['b'],
};
test('label selectors', async t => {
  const namespace = await target.namespace();
  const all = {all: ''};
  await target.must('POST', maps(namespace), map('a', '1', {...all, x: '1'}));
  await target.must('POST', maps(namespace), map('b', '1', {...all, x: '2', y: 'z'}));
  await target.must('POST', maps(namespace), map('c', '1', all));
  for (const [selector, want] of Object.entries(selectors)) {
    const query = encodeURIComponent(`all,${selector}`);
    t.deepEqual(namesOf(await target.must('GET', `${maps(namespace)}?labelSelector=${query}`)), want, selector);
  }
  t.is((await target.call('GET', `${maps(namespace)}?labelSelector=%3D%3D`)).status, 400);
});
