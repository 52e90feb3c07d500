import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';

const MESOS = fileURLToPath(new URL('../../bin/mesos.js', import.meta.url));

/** What a controller says when it is started with these flags, which must be wrong. */
function refusal(...flags: readonly string[]): Promise<{readonly code: unknown; readonly said: string}> {
  return new Promise(resolve => {
    execFile(process.execPath, [MESOS, 'controller', ...flags], (error, _stdout, stderr) =>
      resolve({code: error?.code, said: stderr.trim()}),
    );
  });
}

/** A directory with a file for each flag. */
async function directory(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mesos-flags-'));
  t.teardown(() => rm(path, {recursive: true, force: true}));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

test('flags come from several directories; the later one wins', async t => {
  const first = await directory(t, {allocation_interval: 'never', port: '5050'});
  const second = await directory(t, {allocation_interval: '1secs', launch_tokens: 'many'});
  const {code, said} = await refusal(`--flags_dir=${first},${second}`);
  t.is(code, 2);
  t.is(said, 'mesos: --launch_tokens: want a whole number of 1 or more, got "many"');
});

test('a mounted ConfigMap is such a directory: its versions in hidden folders are no flags', async t => {
  const path = await directory(t, {});
  await mkdir(join(path, '..2026_11_22'));
  await writeFile(join(path, '..2026_11_22', 'launch_tokens'), 'many');
  await symlink('..2026_11_22', join(path, '..data'));
  await symlink('..data/launch_tokens', join(path, 'launch_tokens'));
  const {said} = await refusal(`--flags_dir=${path}`);
  t.is(said, 'mesos: --launch_tokens: want a whole number of 1 or more, got "many"');
});

test('a directory that is not there is named', async t => {
  const {code, said} = await refusal('--flags_dir=/nowhere');
  t.is(code, 2);
  t.regex(said, /^mesos: --flags_dir: can't read [/]nowhere: ENOENT/);
});

test('flags of Marathon that mean nothing here are refused by name, wherever they are given', async t => {
  const path = await directory(t, {zk: 'zk://a:2181/marathon', '?no-ha': ''});
  const {code, said} = await refusal(`--flags_dir=${path}`, '--master', 'zk://a:2181/mesos', '--disable_checkpoint');
  t.is(code, 2);
  t.deepEqual(said.split('\n').toSorted(), [
    'mesos: --disable_checkpoint: not supported: tasks always outlive Marathon',
    'mesos: --master: not supported: the master is in the same process',
    'mesos: file ?no-ha: not supported: replicas stand by behind a Lease, one or many',
    'mesos: file zk: not supported: what is stored are Kubernetes objects',
  ]);
});
