import {mkdir, readdir, readFile, rmdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {eventually} from '../support/eventually.ts';

const CGROUPS = '/sys/fs/cgroup';
const EMPTY_WITHIN_MS = 30_000;

/** Makes `/a/b` in every hierarchy. A kubelet makes its own cgroups below one, but not that one. */
export async function makeCgroup(path: string): Promise<void> {
  for (const root of await hierarchies()) {
    let dir = root;
    for (const part of path.split('/').filter(Boolean)) {
      const parent = dir;
      dir = join(dir, part);
      await mkdir(dir).catch(ignoreExisting);
      await inheritCpuset(parent, dir);
      await delegate(parent);
    }
  }
}

/** Takes it away with all below it, once their processes have ended. */
export async function removeCgroup(path: string): Promise<void> {
  for (const root of await hierarchies()) await removeTree(join(root, path));
}

async function hierarchies(): Promise<string[]> {
  const entries = await readdir(CGROUPS, {withFileTypes: true}).catch(() => []);
  if (entries.some(({name}) => name === 'cgroup.controllers')) return [CGROUPS];
  // Version 1: one hierarchy a controller.
  return entries.filter(entry => entry.isDirectory()).map(({name}) => join(CGROUPS, name));
}

const ignoreExisting = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};

/** Version 1 starts a cpuset empty, and nothing can run in it. */
async function inheritCpuset(parent: string, dir: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const value = await readFile(join(parent, file), 'utf8').catch(() => undefined);
    if (value !== undefined) await writeFile(join(dir, file), value).catch(() => undefined);
  }
}

/** Version 2 lets a cgroup use only the controllers that its parent hands on. */
async function delegate(parent: string): Promise<void> {
  const names = await readFile(join(parent, 'cgroup.controllers'), 'utf8').catch(() => '');
  for (const name of names.trim().split(' ').filter(Boolean))
    await writeFile(join(parent, 'cgroup.subtree_control'), `+${name}`).catch(() => undefined);
}

/** Innermost first. */
async function removeTree(dir: string): Promise<void> {
  const entries = await readdir(dir, {withFileTypes: true}).catch(() => []);
  for (const entry of entries.filter(each => each.isDirectory())) await removeTree(join(dir, entry.name));
  await eventually(`the end of ${dir}`, () => removed(dir), EMPTY_WITHIN_MS);
}

const removed = (dir: string): Promise<boolean> =>
  rmdir(dir).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
