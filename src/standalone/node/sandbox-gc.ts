import {readdir, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';

/** Written into a pod's directory when the pod is gone; its age is the sandbox's. */
const GONE = '.gone';

export const markGone = (podDirectory: string): Promise<void> =>
  writeFile(join(podDirectory, GONE), '').catch(() => undefined);

/** How long and how many sandboxes of pods that exist no more are kept. */
export type Retention = {readonly maxAgeMs: number; readonly maxCount: number};

/** Removes old sandboxes. @returns the uids of the pods whose directories were removed */
export async function collectSandboxes(
  podsDirectory: string,
  isKnown: (uid: string) => boolean,
  {maxAgeMs, maxCount}: Retention,
  nowMs: number,
): Promise<string[]> {
  const uids = (await readdir(podsDirectory).catch(() => [])).filter(uid => !isKnown(uid));
  const aged = await Promise.all(uids.map(async uid => ({uid, goneAtMs: await goneAt(join(podsDirectory, uid))})));
  const gone = aged.flatMap(({uid, goneAtMs}) => (goneAtMs === undefined ? [] : [{uid, goneAtMs}]));
  gone.sort((a, b) => b.goneAtMs - a.goneAtMs);
  const old = gone.filter(({goneAtMs}, i) => i >= maxCount || nowMs - goneAtMs > maxAgeMs).map(({uid}) => uid);
  for (const uid of old) await rm(join(podsDirectory, uid), {recursive: true, force: true});
  return old;
}

const goneAt = (podDirectory: string): Promise<number | undefined> =>
  stat(join(podDirectory, GONE)).then(
    ({mtimeMs}) => mtimeMs,
    () => undefined,
  );

/** Directories of pods that are not known and not marked yet: nobody has told this node that they are gone. */
export async function findOrphans(podsDirectory: string, isKnown: (uid: string) => boolean): Promise<string[]> {
  const uids = (await readdir(podsDirectory).catch(() => [])).filter(uid => !isKnown(uid));
  const marked = await Promise.all(uids.map(async uid => (await goneAt(join(podsDirectory, uid))) !== undefined));
  return uids.filter((_, i) => !marked[i]);
}
