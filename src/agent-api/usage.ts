import {readdir, readFile} from 'node:fs/promises';

/** What the processes of a container use together. Ticks of the clock are hundredths of a second. */
export type Usage = {readonly userSeconds: number; readonly systemSeconds: number; readonly rssBytes: number};

const TICKS = 100;
const PAGE_BYTES = 4096;

/**
 * Adds up what processes of this machine use, by the container that they say in their environment that they belong to.
 *
 * @param variable whose value is the container's id
 */
export async function usageByContainer(variable: string): Promise<ReadonlyMap<string, Usage>> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name));
  const found = new Map<string, Usage>();
  for (const one of await Promise.all(pids.map(pid => usageOf(pid, variable)))) {
    if (one === undefined) continue;
    const [id, {userSeconds, systemSeconds, rssBytes}] = one;
    const sum = found.get(id);
    found.set(id, {
      userSeconds: (sum?.userSeconds ?? 0) + userSeconds,
      systemSeconds: (sum?.systemSeconds ?? 0) + systemSeconds,
      rssBytes: (sum?.rssBytes ?? 0) + rssBytes,
    });
  }
  return found;
}

/** Undefined: not of a container, of somebody else, or gone. */
async function usageOf(pid: string, variable: string): Promise<readonly [string, Usage] | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const own = environment.split('\0').find(line => line.startsWith(`${variable}=`));
    if (own === undefined) return undefined;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name may hold blanks and brackets; fields are counted behind it.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [userSeconds, systemSeconds] = [(fields[11] ?? 0) / TICKS, (fields[12] ?? 0) / TICKS];
    return [own.slice(variable.length + 1), {userSeconds, systemSeconds, rssBytes: (fields[21] ?? 0) * PAGE_BYTES}];
  } catch {
    return undefined;
  }
}
