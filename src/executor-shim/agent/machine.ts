import {statfs} from 'node:fs/promises';
import {availableParallelism, totalmem} from 'node:os';
import type {Machine} from './agent-resources.ts';

const MIB = 2 ** 20;

/** What this machine has; the disk is the one that holds `directory`. */
export async function readMachine(directory: string): Promise<Machine> {
  const disk = await statfs(directory);
  return {
    cpus: availableParallelism(),
    memMb: Math.floor(totalmem() / MIB),
    diskFreeMb: Math.floor((disk.bavail * disk.bsize) / MIB),
  };
}
