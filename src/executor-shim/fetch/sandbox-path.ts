import {constants, type Stats} from 'node:fs';
import {chmod, type FileHandle, lstat, mkdir, open, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';

// The fetcher runs as a user of its own, and archives are strangers' work: what it writes stays inside the sandbox, and
// the task can use it whoever it runs as.

/**
 * The absolute path of a file in the sandbox, its directory made. A link on the way would lead elsewhere: an error.
 *
 * @param path relative, made of names only
 */
export async function sandboxFile(sandbox: string, path: string): Promise<string> {
  const names = path.split('/');
  let directory = sandbox;
  for (const name of names.slice(0, -1)) {
    directory = join(directory, name);
    const found = await statOf(directory);
    if (found === undefined) await mkdir(directory);
    else if (!found.isDirectory()) throw new Error(`${directory} is not a directory`);
  }
  return join(directory, names.at(-1) ?? '');
}

/**
 * Why a symbolic link of an archive may not be made. It may go up from its own directory and then down, and not up
 * again: what it goes down through may itself be a link, so that `..` after it leads anywhere.
 *
 * @param path of the link, relative to the directory that it may not leave, made of names only
 */
export function linkProblem(path: string, target: string): string | undefined {
  const names = target.split('/').filter(name => name !== '' && name !== '.');
  const up = names.findIndex(name => name !== '..');
  const ups = up === -1 ? names.length : up;
  const depth = path.split('/').length - 1;
  const leadsOut = target.startsWith('/') || ups > depth || names.slice(ups).includes('..');
  return leadsOut ? `the link ${path} leads out of the sandbox` : undefined;
}

const statOf = (path: string): Promise<Stats | undefined> => lstat(path).catch(() => undefined);

/** Opens a new file; one of that name, or a link, makes room. */
export async function createFile(path: string): Promise<FileHandle> {
  await rm(path, {force: true});
  return open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o644);
}

const EXECUTABLE = 0o111;

/** Everybody may read the file, and run it if it can be run. */
export async function share(path: string, isExecutable = false): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return;
  const runs = isExecutable || (found.mode & EXECUTABLE) !== 0;
  await chmod(path, (found.mode & 0o777) | (runs ? 0o555 : 0o444));
}

/** The same for all below a directory; in directories everybody may make and remove files. */
export async function shareTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, {withFileTypes: true})) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      await chmod(path, 0o777);
      await shareTree(path);
    } else if (entry.isFile()) await share(path);
  }
}
