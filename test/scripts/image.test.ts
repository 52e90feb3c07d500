import {mkdtemp, readFile, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {list} from 'tar';
import {type RootEntry, tarOf} from '../../scripts/image/layer.ts';
import {writeImage} from '../../scripts/image/write-image.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mesos-image-'));
  t.teardown(() => rm(path, {recursive: true, force: true}));
  return path;
}

type Listed = {path: string; mode?: number; uid?: number; type: string; linkpath?: string; mtime?: Date};

function listed(tar: Buffer): Listed[] {
  const entries: Listed[] = [];
  const parser = list({
    sync: true,
    onReadEntry: ({path, mode, uid, type, linkpath, mtime}) =>
      void entries.push({path, mode, uid, type, linkpath: linkpath || undefined, mtime}),
  });
  parser.end(tar);
  return entries;
}

const LONG = `app/${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(60)}.js`;
const ENTRIES: RootEntry[] = [
  {kind: 'file', path: 'usr/bin/tool', mode: 0o755, content: Buffer.from('#!')},
  {kind: 'link', path: 'bin', target: 'usr/bin'},
  {kind: 'folder', path: 'tmp', mode: 0o1777},
  {kind: 'file', path: LONG, content: Buffer.from('x')},
];

test('a layer has what it was given, sorted, with its folders, of root and of 1970', async t => {
  const entries = listed(await tarOf(ENTRIES));
  t.deepEqual(
    entries.map(({path}) => path).filter(path => !path.startsWith('app/d')),
    ['app/', 'bin', 'tmp/', 'usr/', 'usr/bin/', 'usr/bin/tool'],
  );
  t.true(entries.every(({uid, mtime}) => uid === 0 && mtime?.getTime() === 0));
  t.is(entries.find(({path}) => path === 'usr/bin/tool')?.mode, 0o755);
  t.is(entries.find(({path}) => path === 'tmp/')?.mode, 0o1777);
  t.is(entries.find(({path}) => path === 'bin')?.linkpath, 'usr/bin');
  t.true(entries.some(({path}) => path === LONG));
});

test('the same entries in another order are the same layer', async t => {
  t.deepEqual(await tarOf(ENTRIES.toReversed()), await tarOf(ENTRIES));
});

async function image(t: ExecutionContext, name = 'registry.example.com/team/tool:1.2') {
  const path = await folder(t);
  const config = {Entrypoint: ['/usr/bin/tool'], User: '65532:65532'};
  return writeImage({name, layers: [ENTRIES], config, folder: path});
}

type Descriptor = {digest: string; size: number; annotations?: Record<string, string>};
const blob = (ociDir: string, {digest}: {digest: string}): Promise<Buffer> =>
  readFile(join(ociDir, 'blobs', digest.replace(':', '/')));
const json = async <T>(content: Promise<Buffer>): Promise<T> => JSON.parse((await content).toString()) as T;

test('the OCI layout leads from its index to the layer', async t => {
  const {ociDir, digest} = await image(t);
  const index = await json<{manifests: Descriptor[]}>(readFile(join(ociDir, 'index.json')));
  const [described] = index.manifests;
  t.is(described?.digest, digest);
  t.deepEqual(described?.annotations, {
    'io.containerd.image.name': 'registry.example.com/team/tool:1.2',
    'org.opencontainers.image.ref.name': '1.2',
  });
  const manifest = await json<{config: Descriptor; layers: Descriptor[]}>(blob(ociDir, {digest}));
  const config = await json<{config: {User: string}; rootfs: {diff_ids: string[]}}>(blob(ociDir, manifest.config));
  t.is(config.config.User, '65532:65532');
  t.is(config.rootfs.diff_ids.length, 1);
  const [layer] = manifest.layers;
  t.truthy(layer);
  if (layer !== undefined) t.deepEqual(gunzipSync(await blob(ociDir, layer)), await tarOf(ENTRIES));
  t.is((await readdir(join(ociDir, 'blobs/sha256'))).length, 3);
});

test('the archive is the layout with a manifest for Docker, named after the image', async t => {
  const {tarPath} = await image(t);
  t.regex(tarPath, /[/]tool[.]tar$/);
  const paths = listed(await readFile(tarPath)).map(({path}) => path);
  for (const path of ['oci-layout', 'index.json', 'manifest.json']) t.true(paths.includes(path), path);
});

test('an image is the same bytes each time, also when its layers were kept', async t => {
  const first = await image(t);
  const second = await image(t);
  t.is(second.digest, first.digest);
  t.deepEqual(await readFile(second.tarPath), await readFile(first.tarPath));
});

for (const [name, whole] of Object.entries({
  busybox: 'docker.io/library/busybox:latest',
  'busybox:1.37': 'docker.io/library/busybox:1.37',
  'team/tool:2': 'docker.io/team/tool:2',
  'localhost/tool:2': 'localhost/tool:2',
  'localhost:5000/tool': 'localhost:5000/tool:latest',
})) {
  test(`container engines know ${name} as ${whole}`, async t => {
    const {ociDir} = await image(t, name);
    const index = await json<{manifests: Descriptor[]}>(readFile(join(ociDir, 'index.json')));
    t.is(index.manifests[0]?.annotations?.['io.containerd.image.name'], whole);
  });
}
