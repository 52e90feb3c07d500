import {mkdir, stat} from 'node:fs/promises';
import {dirname} from 'node:path';

/**
 * Makes a directory and those above it. Not Node's own recursive mkdir: that one never returns where a file system
 * answers ENOENT below a directory that exists, as /proc does.
 *
 * @throws as mkdir does, also when the path is there and no directory
 */
export async function makeDirectory(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, {mode});
  } catch (error) {
    if (await isDirectory(path)) return;
    const parent = dirname(path);
    if (!isMissing(error) || parent === path || (await isDirectory(parent))) throw error;
    await makeDirectory(parent, mode);
    await mkdir(path, {mode});
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const isDirectory = async (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  );
