import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {checkNode} from '../../bin/check-node.js';

test('the Node that npm ci brought is the one of our hash', async t => {
  t.deepEqual(await checkNode(), {verdict: 'right', message: ''});
});

test('another one must not run, and both hashes are told', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-node-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  await writeFile(join(folder, 'node'), 'something else');
  const {verdict, message} = await checkNode(join(folder, 'node'), 'linux-x64');
  t.is(verdict, 'wrong');
  t.regex(message, /its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}\. Do not run it/);
});

test('one that is missing, or of a platform without a hash, is not trusted', async t => {
  t.is((await checkNode('/nowhere/node')).verdict, 'unknown');
  t.is((await checkNode(undefined, 'plan9-mips')).verdict, 'unknown');
});

test('the hashes are those of the version in package.json', async t => {
  const read = async (path: string) => JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'));
  t.is((await read('bin/node-hashes.json')).version, (await read('package.json')).dependencies.node);
});
