import {execFile} from 'node:child_process';
import {readdir, readFile, readlink} from 'node:fs/promises';

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
const PARENT = 1;
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
 * Kills every process that bears the mark of a run (`MESOS_CONTAINER_ID=<id>`), whatever group or session it has moved
 * to. The mark is in its environment. A process that has thrown that away is known by its output, which goes to the
 * run's, or as an orphan in the run's sandbox. Where there is no /proc nothing is found.
 */
export async function killByMark(mark: string): Promise<void> {
  // Again until nothing is found, because a process may have forked while the list was read.
  for (let round = 0; round < 5; round++) {
    const found = await findByMark(mark);
    if (found.length === 0) return;
    for (const pid of found) signal(pid, 'SIGKILL');
  }
}

/** Pids of the processes that bear the mark, zombies left out. */
export async function findByMark(mark: string): Promise<number[]> {
  return (await environments()).get(mark) ?? [];
}

/** Pids of all processes of the runs of these pods. */
export async function findByPods(uids: readonly string[]): Promise<number[]> {
  const marks = [...(await environments())];
  return marks.flatMap(([mark, pids]) => (uids.some(uid => mark.startsWith(`${MARK}${uid}`)) ? pids : []));
}

/** The marks of runs, `MESOS_CONTAINER_ID=<id>`, with the processes that bear them. */
type Marks = ReadonlyMap<string, number[]>;

let nextScan: Promise<Marks> | undefined;
let scanning: Promise<unknown> = Promise.resolve();

/** Reads all of /proc once for everybody who has asked before the reading began. */
function environments(): Promise<Marks> {
  if (nextScan === undefined) {
    const scan = scanning.then(() => {
      nextScan = undefined;
      return scanEnvironments();
    });
    nextScan = scan;
    scanning = scan;
  }
  return nextScan;
}

const MARK = 'MESOS_CONTAINER_ID=';

async function scanEnvironments(): Promise<Marks> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter(name => /^\d+$/.test(name)).map(Number);
  const marks = new Map<string, number[]>();
  const scan = async (pid: number): Promise<void> => {
    const text = (await readText(`/proc/${pid}/environ`)) ?? '';
    const mark = text.split('\0').find(variable => variable.startsWith(MARK)) ?? (await markOfFiles(pid));
    if (mark !== undefined) marks.set(mark, [...(marks.get(mark) ?? []), pid]);
  };
  await Promise.all(pids.map(scan));
  return marks;
}

/** What a process without the variable has open: its output goes to a run's, or it is an orphan in a run's sandbox. */
async function markOfFiles(pid: number): Promise<string | undefined> {
  const [stdout, stderr, cwd] = await Promise.all(
    ['fd/1', 'fd/2', 'cwd'].map(name => readlink(`/proc/${pid}/${name}`).catch(() => '')),
  );
  const output = [stdout, stderr].map(path => OUTPUT.exec(path ?? '')?.[1]).find(id => id !== undefined);
  if (output !== undefined) return `${MARK}${output}`;
  const sandbox = SANDBOX.exec(cwd ?? '')?.[1];
  // A person who looks around in a sandbox has a shell there, and that has a parent.
  if (sandbox === undefined || (await parentOf(pid)) !== 1) return undefined;
  return `${MARK}${sandbox}`;
}

/** `<pod uid>/<container>/<restart>`, as in the mark. */
const SANDBOX = /\/agents\/[^/]+\/pods\/([^/]+\/[^/]+\/\d+)(?:[/ ]|$)/;
const OUTPUT = /\/agents\/[^/]+\/pods\/([^/]+\/[^/]+\/\d+)\/std(?:out|err)(?:[. ]|$)/;

async function parentOf(pid: number): Promise<number> {
  return Number(fieldsOf((await readText(`/proc/${pid}/stat`)) ?? '')[PARENT]);
}

/** All processes that descend from this one now. Those whose parents have ended descend from nobody. */
export async function descendantsOf(ancestor: number): Promise<ProcessIdentity[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter(name => /^\d+$/.test(name)).map(Number);
  const children = new Map<number, number[]>();
  const parents = await Promise.all(pids.map(parentOf));
  for (const [index, pid] of pids.entries()) {
    const parent = parents[index] ?? 0;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  // Grows while it is walked: the children of children come after them.
  const found = [ancestor];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return Promise.all(found.slice(1).map(pid => identify(pid, '')));
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
