import {lstat, readdir, readFile, rm, stat, statfs, writeFile} from 'node:fs/promises';
import {join} from 'node:path';

/** Written into a pod's directory when the pod is gone; its age is the sandbox's. */
const GONE = '.gone';

/** The file says how many bytes the directory holds, so that they are counted once. */
export async function markGone(podDirectory: string): Promise<void> {
  const bytes = await bytesBelow(podDirectory);
  await writeFile(join(podDirectory, GONE), String(bytes)).catch(() => undefined);
}

/** What is kept of the sandboxes of pods that exist no more. `maxBytes` counts all together. */
export type Retention = {readonly maxAgeMs: number; readonly maxCount: number; readonly maxBytes: number};

/** A disk that is this full but for a tenth leaves no sandbox of an ended task: Mesos's gc_disk_headroom. */
const HEADROOM = 0.1;

/**
 * How old a sandbox may become: the fuller the disk, the younger.
 *
 * @param used the fraction of the disk that is in use
 */
export const ageOnDisk = (maxAgeMs: number, used: number): number => maxAgeMs * Math.max(0, 1 - HEADROOM - used);

/** The fraction of the disk under a directory that is in use; 0 when nobody knows. */
export async function diskUse(directory: string): Promise<number> {
  const {blocks, bavail} = await statfs(directory).catch(() => ({blocks: 0, bavail: 0}));
  return blocks === 0 ? 0 : 1 - bavail / blocks;
}

/** Removes old sandboxes, and those that are too many or too large together, the oldest first. @returns the uids of the pods whose directories were removed */
export async function collectSandboxes(
  podsDirectory: string,
  isKnown: (uid: string) => boolean,
  {maxAgeMs, maxCount, maxBytes}: Retention,
  nowMs: number,
): Promise<string[]> {
  const uids = (await readdir(podsDirectory).catch(() => [])).filter(uid => !isKnown(uid));
  const aged = await Promise.all(uids.map(async uid => ({uid, mark: await markOf(join(podsDirectory, uid))})));
  const gone = aged.flatMap(({uid, mark}) => (mark === undefined ? [] : [{uid, ...mark}]));
  gone.sort((a, b) => b.goneAtMs - a.goneAtMs);
  let bytes = 0;
  const old = gone
    .filter(({goneAtMs, bytes: more}, i) => {
      bytes += more;
      return i >= maxCount || nowMs - goneAtMs > maxAgeMs || bytes > maxBytes;
    })
    .map(({uid}) => uid);
  for (const uid of old) await rm(join(podsDirectory, uid), {recursive: true, force: true});
  return old;
}

async function markOf(podDirectory: string): Promise<{goneAtMs: number; bytes: number} | undefined> {
  const path = join(podDirectory, GONE);
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return undefined;
  return {goneAtMs: info.mtimeMs, bytes: Number(await readFile(path, 'utf8').catch(() => '0')) || 0};
}

/** What all files below take on the disk; links count as links. */
async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, {withFileTypes: true, recursive: true}).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** Directories of pods that are not known and not marked yet: nobody has told this node that they are gone. */
export async function findOrphans(podsDirectory: string, isKnown: (uid: string) => boolean): Promise<string[]> {
  const uids = (await readdir(podsDirectory).catch(() => [])).filter(uid => !isKnown(uid));
  const marked = await Promise.all(uids.map(async uid => (await markOf(join(podsDirectory, uid))) !== undefined));
  return uids.filter((_, i) => !marked[i]);
}
