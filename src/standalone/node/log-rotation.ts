import {open, rename, rm, stat, truncate} from 'node:fs/promises';
import {join} from 'node:path';
import {limitOf} from '../../lib/limits.ts';

const STREAMS: readonly string[] = ['stdout', 'stderr'];
const CHUNK = 1024 * 1024;

/** How large a file of a task's output may become, and how many files are kept with it, itself included. */
export type Rotation = {readonly maxBytes: number; readonly maxFiles: number};

const ROTATION: Rotation = {maxBytes: limitOf('logBytes'), maxFiles: limitOf('logFiles')};

/** Rotates what has become too large in these directories. What goes wrong with one is no matter of the others. */
export async function rotateAll(directories: readonly string[], names = STREAMS, rotation = ROTATION): Promise<void> {
  for (const directory of directories) {
    for (const name of names) await rotate(join(directory, name), rotation).catch(() => undefined);
  }
}

/**
 * `stdout` becomes `stdout.1`, that `stdout.2`, and the oldest goes. The task has the file open and writes at its end,
 * so the last part is copied and the file is emptied: what is written between the two is lost. Of a file that has
 * grown to more than the limit meanwhile the begin is lost.
 */
async function rotate(path: string, {maxBytes, maxFiles}: Rotation): Promise<void> {
  const info = await stat(path);
  if (info.size <= maxBytes) return;
  for (let number = maxFiles - 1; number > 1; number--) {
    await rename(`${path}.${number - 1}`, `${path}.${number}`).catch(() => undefined);
  }
  if (maxFiles > 1) await copyEnd(path, `${path}.1`, maxBytes);
  await truncate(path, 0);
}

/** Of a run that has ended, and will write no more, the end of each file stays where it is. */
export async function trim(directory: string): Promise<void> {
  for (const name of STREAMS) await trimFile(join(directory, name), ROTATION.maxBytes).catch(() => undefined);
}

async function trimFile(path: string, maxBytes: number): Promise<void> {
  if ((await stat(path)).size <= maxBytes) return;
  await copyEnd(path, `${path}.end`, maxBytes);
  await rename(`${path}.end`, path);
}

/** Also when the disk is full: then there is no copy, and the room is what counts. */
async function copyEnd(from: string, to: string, bytes: number): Promise<void> {
  const source = await open(from, 'r');
  try {
    const {size} = await source.stat();
    const target = await open(to, 'w', 0o644);
    try {
      let at = Math.max(0, size - bytes);
      while (at < size) {
        const {buffer, bytesRead} = await source.read(Buffer.alloc(CHUNK), 0, Math.min(CHUNK, size - at), at);
        if (bytesRead === 0) break;
        await target.write(buffer, 0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await target.close();
    }
  } catch {
    await rm(to, {force: true});
  } finally {
    await source.close();
  }
}
