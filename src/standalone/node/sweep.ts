import {readdir} from 'node:fs/promises';
import type {Clock} from '../../lib/clock.ts';
import {findByPods, signal} from './process-identity.ts';

const LOOK_EVERY_MS = 50;

/**
 * Ends the tasks of an agent that is gone, as the agent would have: SIGTERM, and SIGKILL to what is left after
 * `graceMs`. Nobody reports their end; the next agent of this name finds them ended.
 */
export async function sweepTasks(podsDirectory: string, graceMs: number, clock: Clock): Promise<void> {
  const uids = await readdir(podsDirectory).catch(() => []);
  if (uids.length === 0) return;
  for (const pid of await findByPods(uids)) signal(pid, 'SIGTERM');
  const deadline = clock.monotonic() + graceMs;
  for (let left = await findByPods(uids); left.length > 0; left = await findByPods(uids)) {
    if (clock.monotonic() >= deadline) for (const pid of left) signal(pid, 'SIGKILL');
    await new Promise<void>(resolve => clock.after(LOOK_EVERY_MS, resolve));
  }
}
