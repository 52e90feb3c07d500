import {mkdtemp, mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {VirtualFiles} from '../../../src/controller/web/virtual-files.ts';

async function shown() {
  const directory = await mkdtemp(join(tmpdir(), 'files-'));
  await mkdir(join(directory, 'run/inner'), {recursive: true});
  await writeFile(join(directory, 'run/stdout'), 'hello, world');
  await writeFile(join(directory, 'secret'), 'secret');
  await symlink('../secret', join(directory, 'run/outside'));
  await symlink('stdout', join(directory, 'run/inside'));
  await symlink(join(directory, 'run'), join(directory, 'latest'));
  const files = new VirtualFiles(() => [
    {path: '/frameworks/f/runs/latest', real: join(directory, 'latest')},
    {path: '/frameworks/f', real: join(directory, 'run')},
    {path: '/fetched', real: join(directory, 'run'), links: [join(directory, 'secret'), join(directory, 'nothing')]},
  ]);
  return {directory, files, remove: () => rm(directory, {recursive: true})};
}

const most = 65_536;

test('a directory is listed by path, with what a link inside of it leads to', async t => {
  const {files, remove} = await shown();
  t.teardown(remove);
  const listed = await files.list('/frameworks/f');
  const names = listed.ok ? listed.value.map(({path}) => path) : [];
  t.deepEqual(
    names,
    ['inner', 'inside', 'outside', 'stdout'].map(name => `/frameworks/f/${name}`),
  );
});

test('a part of a file comes with the length of the whole', async t => {
  const {files, remove} = await shown();
  t.teardown(remove);
  const read = async (offset: number, length?: number) => {
    const part = await files.read('/frameworks/f/stdout', {offset, most, ...(length !== undefined && {length})});
    return part.ok ? [part.value.size, part.value.data.toString()] : part.error.kind;
  };
  t.deepEqual(await read(7), [12, 'world']);
  t.deepEqual(await read(0, 5), [12, 'hello']);
  t.deepEqual(await read(12), [12, '']);
  t.deepEqual(await read(100), [12, '']);
});

test('of two that fit the longer path counts, and it may be a link', async t => {
  const {files, remove} = await shown();
  t.teardown(remove);
  const part = await files.read('/frameworks/f/runs/latest/stdout', {offset: 0, most});
  t.true(part.ok);
});

test('a link may lead to a place that is named', async t => {
  const {files, remove} = await shown();
  t.teardown(remove);
  const part = await files.read('/fetched/outside', {offset: 0, most});
  t.is(part.ok ? part.value.data.toString() : part.error.kind, 'secret');
});

const refusals = {
  '/frameworks/f/outside': 'not-found', // a link that leads out
  '/frameworks/f/../secret': 'not-found',
  '/frameworks/f/nothing': 'not-found',
  '/frameworks/fx': 'not-found',
  '/': 'not-found',
  'frameworks/f/stdout': 'wrong-path',
  '/frameworks/f/\0': 'wrong-path',
  '/frameworks/f/inner': 'directory',
};
for (const [path, want] of Object.entries(refusals)) {
  test(`${JSON.stringify(path)} is not read: ${want}`, async t => {
    const {files, remove} = await shown();
    t.teardown(remove);
    const part = await files.read(path, {offset: 0, most});
    t.is(part.ok ? 'read' : part.error.kind, want);
  });
}
