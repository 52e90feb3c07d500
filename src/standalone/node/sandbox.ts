import {lstat, mkdir, readdir, symlink, writeFile} from 'node:fs/promises';
import {dirname, join, relative, sep} from 'node:path';
import type {LaunchPlan} from './launch-plan.ts';

/**
 * Makes a run's sandbox: its directories, the links that stand for mounts, and links to what init containers left.
 *
 * @throws when a link that an earlier container has left in a volume stands in the way: it could lead anywhere
 */
export async function prepareSandbox(runDirectory: string, plan: LaunchPlan): Promise<void> {
  // `<pod>/<container>/<restart>`: volumes lie beside the containers.
  const podDirectory = dirname(dirname(runDirectory));
  await mkdir(runDirectory, {recursive: true});
  for (const directory of plan.directories) await makeBelow(podDirectory, directory);
  // A directory that leads out was found above, so the files are below.
  for (const [path, data] of plan.files) await writeOnce(path, data);
  for (const [path, target] of plan.links) await link(path, target);
  const inherited = plan.inherit === undefined ? [] : await readdir(plan.inherit).catch(() => []);
  for (const name of inherited) await link(join(runDirectory, name), join(plan.inherit ?? '', name));
}

/** Like `mkdir -p`, but follows no link below `base`. Containers of one pod may make the same directory at once. */
async function makeBelow(base: string, directory: string): Promise<void> {
  let path = base;
  for (const name of relative(base, directory).split(sep)) {
    if (name === '..') throw new Error(`${directory} is not below ${base}`);
    path = join(path, name);
    await unlessThere(mkdir(path));
    if ((await lstat(path)).isSymbolicLink()) throw new Error(`${path} is a link: it could lead out of its volume`);
  }
}

/** A secret stays as it was when the pod began: a file that is there is not followed, and not written again. */
async function writeOnce(path: string, data: Uint8Array): Promise<void> {
  await writeFile(path, data, {flag: 'wx', mode: 0o400}).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/** A link that is there already stays: the volume may be shared. */
async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), {recursive: true});
  await unlessThere(symlink(target, path));
}

const unlessThere = (making: Promise<unknown>): Promise<unknown> =>
  making.catch((error: unknown) => {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
  });
