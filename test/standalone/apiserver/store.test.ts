import {statSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import test, {type ExecutionContext} from 'ava';
import type {ApiObject} from '../../../src/standalone/apiserver/object.ts';
import {Store} from '../../../src/standalone/apiserver/store.ts';

const directory = async (t: ExecutionContext): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'mesos-store-'));
  t.teardown(() => rm(made, {recursive: true, force: true}));
  return made;
};

function open(t: ExecutionContext, path: string, history?: number): Store {
  const opened = Store.open({directory: path, history});
  if (!opened.ok) throw new Error(opened.error);
  t.teardown(() => {
    try {
      opened.value.close();
    } catch {
      // Closed by the test already.
    }
  });
  return opened.value;
}

const object = (name: string, n: number, namespace?: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: {name, ...(namespace === undefined ? {} : {namespace})},
  n,
});
const seen = (objects: readonly ApiObject[] | undefined) =>
  objects?.map(({metadata, n}) => `${metadata.namespace ?? ''}/${metadata.name}=${String(n)}`);

test('revisions grow by one across everything that is stored', async t => {
  const store = open(t, await directory(t));
  store.put('a', object('x', 1));
  store.put('b', object('x', 1));
  const last = store.remove('a', store.get('a', undefined, 'x') ?? object('x', 0));
  t.is(last.metadata.resourceVersion, '3');
  t.is(store.revision(), 3);
  t.is(store.get('a', undefined, 'x'), undefined);
  t.is(store.get('b', undefined, 'x')?.metadata.resourceVersion, '2');
});

test('lists are in key order, and of one namespace when asked', async t => {
  const store = open(t, await directory(t));
  for (const [namespace, name] of [
    ['b', 'x'],
    ['a-b', 'x'],
    ['a', 'y'],
    ['a', 'x'],
  ] as const) {
    store.put('s', object(name, 0, namespace));
  }
  // '-' sorts before '/'.
  t.deepEqual(seen(store.list('s')), ['a-b/x=0', 'a/x=0', 'a/y=0', 'b/x=0']);
  t.deepEqual(seen(store.list('s', 'a')), ['a/x=0', 'a/y=0']);
});

test('an earlier state can be listed as long as its changes are known', async t => {
  const store = open(t, await directory(t));
  store.put('s', object('x', 1, 'n'));
  store.put('s', object('y', 1, 'n'));
  store.put('s', object('x', 2, 'n'));
  store.remove('s', object('y', 1, 'n'));
  store.put('s', object('z', 1, 'n'));
  t.deepEqual(seen(store.listAt('s', 'n', 2)), ['n/x=1', 'n/y=1']);
  t.deepEqual(seen(store.listAt('s', undefined, 3)), ['n/x=2', 'n/y=1']);
  t.deepEqual(seen(store.listAt('s', 'n', 5)), ['n/x=2', 'n/z=1']);
  store.compact();
  t.is(store.listAt('s', 'n', 4), undefined);
});

test('after reopening everything is as it was, the log included', async t => {
  const path = await directory(t);
  const before = open(t, path);
  before.put('s', object('x', 1));
  before.put('s', object('y', 1));
  before.put('s', object('x', 2));
  before.remove('s', object('y', 1));
  before.close();
  const after = open(t, path);
  t.is(after.revision(), 4);
  t.deepEqual(seen(after.list('s')), ['/x=2']);
  t.deepEqual(
    after.changesSince('s', 1)?.map(({type, revision, previous}) => [revision, type, previous?.['n']]),
    [
      [2, 'ADDED', undefined],
      [3, 'MODIFIED', 1],
      [4, 'DELETED', 1],
    ],
  );
});

test('compaction keeps the current state and what later changes came from', async t => {
  const path = await directory(t);
  const before = open(t, path);
  before.put('s', object('x', 1));
  before.put('s', object('y', 1));
  before.put('s', object('x', 2));
  before.remove('s', object('y', 1));
  before.compact();
  before.put('s', object('x', 3));
  before.close();
  const after = open(t, path);
  t.is(after.compacted(), 4);
  t.is(after.revision(), 5);
  t.deepEqual(seen(after.list('s')), ['/x=3']);
  t.is(after.changesSince('s', 3), undefined);
  t.deepEqual(
    after.changesSince('s', 4)?.map(({previous}) => previous?.['n']),
    [2],
  );
});

test('the log stays within its bounds', async t => {
  const store = open(t, await directory(t), 100);
  for (let n = 0; n < 1000; n++) store.put('s', object('x', n));
  t.true(store.revision() - store.compacted() <= 125);
  t.is(store.changesSince('s', store.revision() - 100)?.length, 100);
});

test('large changes are forgotten sooner than small ones', async t => {
  const opened = Store.open({directory: await directory(t), historyChars: 10_000});
  if (!opened.ok) throw new Error(opened.error);
  const store = opened.value;
  t.teardown(() => store.close());
  const large = (n: number) => ({...object('x', n), text: 'x'.repeat(950)});
  for (let n = 0; n < 100; n++) store.put('s', large(n));
  // Each is about 1,050 characters; a quarter more than the limit is kept until it is trimmed.
  const kept = store.revision() - store.compacted();
  t.true(kept >= 9 && kept <= 12, `${kept}`);
  for (let n = 0; n < 100; n++) store.put('s', object('x', n));
  t.true(store.revision() - store.compacted() > 50);
  t.deepEqual(seen(store.list('s')), ['/x=99']);
});

test('one directory, one server', async t => {
  const path = await directory(t);
  const first = open(t, path);
  const second = Store.open({directory: path});
  t.deepEqual(second, {ok: false, error: `${path} is in use by another running server`});
  first.close();
  open(t, path);
});

test('a directory that cannot be is explained', async t => {
  const file = join(await directory(t), 'file');
  await writeFile(file, '');
  const opened = Store.open({directory: join(file, 'sub')});
  t.false(opened.ok);
  t.regex(opened.ok ? '' : opened.error, /^cannot keep objects in .*file\/sub: /);
});

test('the file shrinks when what was in it is forgotten', async t => {
  const folder = await directory(t);
  const store = open(t, folder, 10);
  const pages = (): number =>
    statSync(join(folder, 'objects.sqlite')).size + statSync(join(folder, 'objects.sqlite-wal')).size;
  for (let n = 0; n < 1000; n++) store.put('a', {...object(`x${n}`, n), text: 'x'.repeat(5000)});
  const full = pages();
  for (let n = 0; n < 1000; n++) store.remove('a', store.get('a', undefined, `x${n}`) ?? object('x', 0));
  store.close();
  // Five megabytes of objects are gone; the last of them are still in the log.
  t.true(statSync(join(folder, 'objects.sqlite')).size < full / 4);
});

test('a database of an earlier version shrinks too', async t => {
  const folder = await directory(t);
  const old = new DatabaseSync(join(folder, 'objects.sqlite'));
  old.exec('CREATE TABLE filler (text TEXT)');
  const insert = old.prepare('INSERT INTO filler VALUES (?)');
  for (let n = 0; n < 500; n++) insert.run('x'.repeat(5000));
  old.exec('DROP TABLE filler');
  old.close();
  const before = statSync(join(folder, 'objects.sqlite')).size;
  const store = open(t, folder);
  store.put('a', object('x', 1));
  store.close();
  t.true(statSync(join(folder, 'objects.sqlite')).size < before / 10);
});
