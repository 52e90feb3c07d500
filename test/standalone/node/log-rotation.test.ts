import {appendFile, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {rotateAll} from '../../../src/standalone/node/log-rotation.ts';
import {NodeBench, shell} from './node-bench.ts';

async function directory(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'mesos-logs-'));
  t.teardown(() => rm(made, {recursive: true, force: true}));
  return made;
}

const rotate = (folder: string): Promise<void> =>
  rotateAll([folder, join(folder, 'none')], undefined, {maxBytes: 4, maxFiles: 3});

const contents = async (folder: string): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) found[name] = await readFile(join(folder, name), 'utf8');
  return found;
};

test('output that is small stays as it is', async t => {
  const folder = await directory(t);
  await writeFile(join(folder, 'stdout'), 'abcd');
  await rotate(folder);
  t.deepEqual(await contents(folder), {stdout: 'abcd'});
});

test('what is too large moves on, and the oldest goes', async t => {
  const folder = await directory(t);
  for (const text of ['aaaaa', 'bbbbb', 'ccccc', 'ddddd']) {
    await appendFile(join(folder, 'stderr'), text);
    await rotate(folder);
  }
  // Of five bytes the last four are kept.
  t.deepEqual(await contents(folder), {stderr: '', 'stderr.1': 'dddd', 'stderr.2': 'cccc'});
});

test('of a run that wrote too much the end is left', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {containers: [shell('head -c 25000000 /dev/zero; echo; echo end')]});
  await bench.phase('p', 'Succeeded');
  const {stdout = '', ...others} = await contents(bench.sandbox(pod));
  t.is(stdout.length, 10 * 2 ** 20);
  t.true(stdout.endsWith('\0\nend\n'));
  t.deepEqual(others, {stderr: ''});
});
