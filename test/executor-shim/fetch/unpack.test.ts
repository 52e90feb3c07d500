import {lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {type Entry, TAR_BZ2, TAR_XZ, tarOf, TREE, zipOf} from './archives.ts';
import {fetchInto, scratch} from './bench.ts';

/** Fetches an archive from a file. */
async function fetchArchive(
  t: ExecutionContext,
  name: string,
  content: Buffer,
  {sandbox, maxBytes, extract}: {sandbox?: string; maxBytes?: number; extract?: boolean} = {},
): Promise<{sandbox: string; error: string | undefined}> {
  const from = await scratch(t);
  const into = sandbox ?? (await scratch(t));
  await writeFile(join(from, name), content);
  const uri = {value: join(from, name), ...(extract !== undefined && {extract})};
  const result = await fetchInto(into, [uri], {...(maxBytes !== undefined && {max_size: maxBytes})});
  return {sandbox: into, error: result.ok ? undefined : result.error.replace(/^Failed to fetch '[^']*': /, '')};
}

const archives: Readonly<Record<string, Buffer>> = {
  'x.tar': tarOf(TREE),
  'x.tar.gz': gzipSync(tarOf(TREE)),
  'x.tgz': gzipSync(tarOf(TREE)),
  'x.tar.bz2': TAR_BZ2,
  'x.tbz2': TAR_BZ2,
  'x.tar.xz': TAR_XZ,
  'x.txz': TAR_XZ,
  'x.zip': zipOf(TREE),
};
for (const [name, content] of Object.entries(archives)) {
  test(`${name} is unpacked beside itself`, async t => {
    const {sandbox, error} = await fetchArchive(t, name, content);
    t.is(error, undefined);
    t.deepEqual((await readdir(sandbox)).sort(), ['dir', name]);
    t.is(await readFile(join(sandbox, 'dir/a.txt'), 'utf8'), 'hello\n');
    t.is((await stat(join(sandbox, 'dir/run.sh'))).mode & 0o777, 0o755);
    t.is(await readlink(join(sandbox, 'dir/link')), 'a.txt');
    // Whoever the task runs as may write here.
    t.is((await stat(join(sandbox, 'dir'))).mode & 0o777, 0o777);
  });
}

test('a packed file is unpacked under its name', async t => {
  const {sandbox} = await fetchArchive(t, 'words.txt.gz', gzipSync('hello'));
  t.is(await readFile(join(sandbox, 'words.txt'), 'utf8'), 'hello');
});

test('extract false leaves an archive as it is; other files are no archives', async t => {
  const {sandbox} = await fetchArchive(t, 'x.zip', zipOf(TREE), {extract: false});
  t.deepEqual(await readdir(sandbox), ['x.zip']);
  const plain = await fetchArchive(t, 'x.jar', zipOf(TREE));
  t.deepEqual(await readdir(plain.sandbox), ['x.jar']);
});

test('absolute paths lose their root', async t => {
  const {sandbox, error} = await fetchArchive(t, 'x.tar', tarOf([{name: '/etc/x', content: 'x'}]));
  t.is(error, undefined);
  t.is(await readFile(join(sandbox, 'etc/x'), 'utf8'), 'x');
});

test('the directory itself may be named', async t => {
  const tree = [
    {name: './', mode: 0o700},
    {name: './a', content: 'x'},
  ];
  const {sandbox, error} = await fetchArchive(t, 'x.tar', tarOf(tree));
  t.is(error, undefined);
  t.is((await stat(sandbox)).mode & 0o777, 0o777);
});

const traps: Readonly<
  Record<string, readonly [name: string, pack: (entries: readonly Entry[]) => Buffer, Entry[], RegExp]>
> = {
  'a tar that climbs': ['x.tar', tarOf, [{name: '../out', content: 'x'}], /contains '\.\.'/],
  'a zip that climbs': ['x.zip', zipOf, [{name: '../out', content: 'x'}], /invalid relative path/],
  'an absolute path in a zip': ['x.zip', zipOf, [{name: '/out', content: 'x'}], /absolute path/],
  'a link of a tar that leads out': ['x.tar', tarOf, [{name: 'l', link: '../../out'}], /the link l leads out of/],
  'a link of a zip that leads out': [
    'x.zip',
    zipOf,
    [{name: 'l', link: '../out'}],
    /the link l leads out of the sandbox/,
  ],
  'a link of a tar that leads out through another link': [
    'x.tar',
    tarOf,
    [
      {name: 'd/x', link: '..'},
      {name: 'l', link: 'd/x/../../out'},
    ],
    /the link l leads out of the sandbox/,
  ],
  'a link of a zip that leads out through another link': [
    'x.zip',
    zipOf,
    [
      {name: 'd/x', link: '..'},
      {name: 'l', link: 'd/x/../../out'},
    ],
    /the link l leads out of the sandbox/,
  ],
  'an absolute link of a zip': ['x.zip', zipOf, [{name: 'l', link: '/etc'}], /the link l leads out of the sandbox/],
};
for (const [title, [name, pack, entries, problem]] of Object.entries(traps)) {
  test(`refused: ${title}`, async t => {
    const {sandbox, error = ''} = await fetchArchive(t, name, pack(entries));
    t.regex(error, problem);
    t.regex(error, new RegExp(`^${name} cannot be unpacked: `));
    await t.throwsAsync(lstat(join(sandbox, '..', 'out')));
    await t.throwsAsync(lstat(join(sandbox, 'l')));
  });
}

for (const [name, pack] of [
  ['x.tar', tarOf],
  ['x.zip', zipOf],
] as const) {
  test(`${name}: nothing is written through a link that was there before`, async t => {
    const [outside, sandbox] = [await scratch(t), await scratch(t)];
    await symlink(outside, join(sandbox, 'door'));
    const {error} = await fetchArchive(t, name, pack([{name: 'door/x', content: 'x'}]), {sandbox});
    t.not(error, undefined);
    t.deepEqual(await readdir(outside), []);
  });
}

const bombs: Readonly<Record<string, Buffer>> = {
  'x.tar.gz': gzipSync(tarOf([{name: 'zeros', content: '0'.repeat(1_000_000)}])),
  'x.gz': gzipSync('0'.repeat(1_000_000)),
  'x.zip': zipOf([
    {name: 'a', content: '0'.repeat(40_000)},
    {name: 'b', content: '0'.repeat(40_000)},
  ]),
};
for (const [name, content] of Object.entries(bombs)) {
  test(`${name}: more than the limit comes out`, async t => {
    const {error = ''} = await fetchArchive(t, name, content, {maxBytes: 50_000});
    t.regex(error, /larger than \d+ bytes/);
  });
}

for (const name of ['x.tar.gz', 'x.tar.bz2', 'x.tar.xz', 'x.zip', 'x.gz']) {
  test(`${name} that is none is an error`, async t => {
    const {error = ''} = await fetchArchive(t, name, Buffer.from('not an archive at all, whatever its name says'));
    t.regex(error, new RegExp(`^${name} cannot be unpacked: `));
  });
}

for (const [name, content] of Object.entries(archives)) {
  test(`${name} cut short is an error`, async t => {
    const {error = ''} = await fetchArchive(t, name, content.subarray(0, Math.floor(content.length / 3)));
    t.regex(error, new RegExp(`^${name} cannot be unpacked: `));
  });
}

test('a damaged file in a zip is an error', async t => {
  const [hello, other] = [zipOf([{name: 'a', content: 'hello'}]), zipOf([{name: 'a', content: 'Hello'}])];
  const zip = Buffer.concat([other.subarray(0, 40), hello.subarray(40)]);
  const {error} = await fetchArchive(t, 'x.zip', zip);
  t.is(error, 'x.zip cannot be unpacked: a is damaged');
});

test('directories that an archive makes read-only can be used', async t => {
  const {sandbox} = await fetchArchive(
    t,
    'x.tar',
    tarOf([
      {name: 'd/', mode: 0o555},
      {name: 'd/a', content: 'x'},
    ]),
  );
  await mkdir(join(sandbox, 'd/more'));
  t.pass();
});
