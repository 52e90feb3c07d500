import {lstat, mkdir, readdir, symlink} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {LaunchPlan} from './launch-plan.ts';

/** Makes a run's sandbox: its directories, the links that stand for mounts, and links to what init containers left. */
export async function prepareSandbox(runDirectory: string, plan: LaunchPlan): Promise<void> {
  for (const directory of [runDirectory, ...plan.directories]) await mkdir(directory, {recursive: true});
  for (const [path, target] of plan.links) await link(path, target);
  const inherited = plan.inherit === undefined ? [] : await readdir(plan.inherit).catch(() => []);
  for (const name of inherited) await link(join(runDirectory, name), join(plan.inherit ?? '', name));
}

/** A link that is there already stays: the volume may be shared. */
async function link(path: string, target: string): Promise<void> {
  const exists = await lstat(path).catch(() => undefined);
  if (exists !== undefined) return;
  await mkdir(dirname(path), {recursive: true});
  await symlink(target, path);
}
