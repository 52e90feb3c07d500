import {mkdtemp, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {makeDirectory} from '../../src/programs/make-directory.ts';

const scratch = async (t: {teardown: (run: () => Promise<void>) => void}): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'make-directory-'));
  t.teardown(() => rm(dir, {recursive: true}));
  return dir;
};
const codeOf = async (path: string): Promise<string> =>
  makeDirectory(path).then(
    () => 'made',
    (error: NodeJS.ErrnoException) => error.code ?? '',
  );

test('directories above are made too, and once more is no mistake', async t => {
  const path = join(await scratch(t), 'a', 'b', 'c');
  t.is(await codeOf(path), 'made');
  t.is(await codeOf(path), 'made');
  t.true((await stat(path)).isDirectory());
});

test('a file in the way is named', async t => {
  const dir = await scratch(t);
  await writeFile(join(dir, 'file'), '');
  t.is(await codeOf(join(dir, 'file')), 'EEXIST');
  t.is(await codeOf(join(dir, 'file', 'x')), 'ENOTDIR');
});

test('where nothing can be made, it ends', async t => {
  t.is(await codeOf('/proc/no-such-directory/x'), 'ENOENT');
});
