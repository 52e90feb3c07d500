import {execFile} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';

/**
 * A process that can be told from a later one with the same pid: `boot` is the kernel's boot id and `startTime` its
 * start in clock ticks since then. Both are empty on systems without /proc; there `mark` has to occur among the
 * process's arguments.
 */
export type ProcessIdentity = {
  readonly pid: number;
  readonly boot: string;
  readonly startTime: string;
  readonly mark: string;
};

/** Fields of /proc/<pid>/stat after the command name, which may hold spaces and brackets itself. */
const fieldsOf = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
const START_TIME = 19;

/** Reads `<pid> <boot id> <line of /proc/pid/stat>`, as the monitor writes it; undefined when it is incomplete. */
export function parseIdentity(line: string, mark: string): ProcessIdentity | undefined {
  const match = /^(\d+) (\S*) (.*)\n$/s.exec(line);
  if (match === null) return undefined;
  const startTime = match[3] ? (fieldsOf(match[3])[START_TIME] ?? '') : '';
  return {pid: Number(match[1]), boot: match[2] ?? '', startTime, mark};
}

/** The identity of a running process, for example this one. */
export async function identify(pid: number, mark: string): Promise<ProcessIdentity> {
  const stat = await readText(`/proc/${pid}/stat`);
  if (stat === undefined) return {pid, boot: '', startTime: '', mark};
  return {pid, boot: await bootId(), startTime: fieldsOf(stat)[START_TIME] ?? '', mark};
}

/** Whether that very process still runs; a zombie does not. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.startTime === '') return (await argumentsOf(identity.pid)).includes(identity.mark);
  if (identity.boot !== (await bootId())) return false;
  const fields = fieldsOf((await readText(`/proc/${identity.pid}/stat`)) ?? '');
  return fields[START_TIME] === identity.startTime && fields[0] !== 'Z' && fields[0] !== 'X';
}

/**
 * Kills every process whose environment holds `variable`, whatever group or session it has moved to. Where there is no
 * /proc nothing is found.
 */
export async function killByEnvironment(variable: string): Promise<void> {
  // Twice, because a process may have forked while the list was read.
  for (let round = 0; round < 5; round++) {
    const found = await findByEnvironment(variable);
    if (found.length === 0) return;
    for (const pid of found) signal(pid, 'SIGKILL');
  }
}

export async function findByEnvironment(variable: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter(name => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async pid => ((await holds(pid, variable)) ? [pid] : [])));
  return found.flat();
}

async function holds(pid: number, variable: string): Promise<boolean> {
  const environment = await readText(`/proc/${pid}/environ`);
  return environment?.split('\0').includes(variable) === true;
}

/** Sends a signal to a process, or to a group when `pid` is negative; a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  // 0 would be this process's own group, -1 every process there is.
  if (Math.abs(pid) <= 1) return;
  try {
    process.kill(pid, name);
  } catch {
    // Gone, or not ours any more.
  }
}

let boot: Promise<string> | undefined;
const bootId = (): Promise<string> => {
  boot ??= readText('/proc/sys/kernel/random/boot_id').then(text => text?.trim() ?? '');
  return boot;
};

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

const argumentsOf = (pid: number): Promise<string> =>
  new Promise(resolve => {
    execFile('ps', ['-ww', '-o', 'args=', '-p', String(pid)], (error, stdout) => resolve(error ? '' : stdout));
  });
