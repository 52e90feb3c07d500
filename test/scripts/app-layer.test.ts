import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {appLayer, packagesLayer} from '../../scripts/image/root.ts';
import {PROGRAMS} from '../../src/programs/programs.ts';
import {VERSION} from '../../src/version.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** The application as in the image, with this checkout's packages. */
async function unpacked(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-app-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  for (const entry of await appLayer(ROOT)) {
    if (entry.kind !== 'file') continue;
    const path = join(folder, entry.path);
    await mkdir(dirname(path), {recursive: true});
    await writeFile(path, Buffer.isBuffer(entry.content) ? entry.content : await readFile(entry.content.from));
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'app/node_modules'));
  return join(folder, 'app');
}

test('the application in the image has no types left, and every program of it can be loaded', async t => {
  const app = await unpacked(t);
  const {stdout} = await run(process.execPath, [join(app, 'bin/mesos.js'), '--version']);
  t.is(stdout.trim(), VERSION);
  const load = `const {PROGRAMS} = await import(${JSON.stringify(join(app, 'src/programs/programs.js'))});
    for (const {load} of Object.values(PROGRAMS)) await load();
    console.log(Object.keys(PROGRAMS).join(' '));`;
  const loaded = await run(process.execPath, ['--no-strip-types', '--input-type=module', '--eval', load]);
  t.is(loaded.stdout.trim(), Object.keys(PROGRAMS).join(' '));
});

test('packages bring their licences, and neither types, maps nor Node once more', async t => {
  const paths = (await packagesLayer(ROOT)).map(({path}) => path);
  t.true(paths.includes('app/node_modules/express/LICENSE'));
  t.deepEqual(
    paths.filter(path => /[.]d[.]ts$|[.]map$|node_modules[/](?:node|typescript|ava)[/]/.test(path)),
    [],
  );
});
