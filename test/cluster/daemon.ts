import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {eventually} from '../support/eventually.ts';

const STOP_WITHIN_MS = 5_000;
/** What was killed waits for its disk at most. */
const KILLED_WITHIN_MS = 60_000;
const LOG_SHOWN = 4_000;

/** What is kept on disk of a running daemon: the start time tells it from a later process under the same pid. */
type Entry = {readonly pid: number; readonly startedAt: string; readonly argv: readonly string[]};

/**
 * Programs that outlive the one that started them. Each has a file with its pid and one with its output in a directory,
 * so that any later process finds, ends and restarts them.
 */
export class Daemons {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Starts it in a session of its own; one that runs under this name is left alone. */
  async start(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
    const running = await this.pid(name);
    if (running !== undefined) return running;
    await mkdir(this.#dir, {recursive: true});
    const [program = '', ...rest] = argv;
    const log = openSync(this.#logPath(name), 'a');
    const child = spawn(program, rest, {detached: true, stdio: ['ignore', log, log], env: {...process.env, ...env}});
    closeSync(log);
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = child.pid ?? 0;
    const entry: Entry = {pid, startedAt: (await startTime(pid)) ?? '', argv};
    await writeFile(this.#entryPath(name), JSON.stringify(entry));
    return pid;
  }

  /** Undefined when it does not run. */
  async pid(name: string): Promise<number | undefined> {
    const entry = await this.#entry(name);
    return entry !== undefined && (await isAlive(entry)) ? entry.pid : undefined;
  }

  /** Starts again what ran under this name, with the same arguments. */
  async again(name: string): Promise<void> {
    const entry = await this.#entry(name);
    if (entry === undefined) throw new Error(`${name} was never started`);
    await this.start(name, entry.argv);
  }

  /** Ends it by SIGTERM, and by SIGKILL when that takes too long. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const entry = await this.#entry(name);
    if (entry === undefined) return;
    await end(entry, signal).catch((error: unknown) => {
      if (signal === 'SIGKILL') throw error;
      return end(entry, 'SIGKILL');
    });
  }

  /** Ends all of them at once and forgets them. */
  async stopAll(): Promise<void> {
    const files = await readdir(this.#dir).catch(() => []);
    const names = files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length));
    await Promise.all(names.map(name => this.stop(name, 'SIGKILL')));
    await rm(this.#dir, {recursive: true, force: true});
  }

  /** The end of its output. */
  async output(name: string): Promise<string> {
    return (await readFile(this.#logPath(name), 'utf8').catch(() => '')).slice(-LOG_SHOWN);
  }

  /** What `look` finds; throws with the daemon's output when it ends before or the time is over. */
  async until<T>(
    name: string,
    what: string,
    look: () => Promise<T>,
    withinMs?: number,
  ): Promise<Exclude<T, undefined | false | null>> {
    try {
      const seen = await eventually(
        what,
        async () => ((await this.pid(name)) === undefined ? ENDED : look()),
        withinMs,
      );
      if (seen === ENDED) throw new Error(`${name} ended`);
      return seen as Exclude<T, undefined | false | null>;
    } catch (error) {
      throw new Error(`not seen: ${what}\n${await this.output(name)}`, {cause: error});
    }
  }

  async #entry(name: string): Promise<Entry | undefined> {
    const text = await readFile(this.#entryPath(name), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Entry);
  }

  #entryPath = (name: string): string => join(this.#dir, `${name}.json`);
  #logPath = (name: string): string => join(this.#dir, `${name}.log`);
}

/** Makes this process the owner that a file names. @throws when the owner so far still runs */
export async function claim(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const owner = text === undefined ? undefined : (JSON.parse(text) as Entry);
  if (owner !== undefined && owner.pid !== process.pid && (await isAlive(owner)))
    throw new Error(`process ${owner.pid} uses the cluster: ${owner.argv.join(' ')}`);
  const self: Entry = {pid: process.pid, startedAt: (await startTime(process.pid)) ?? '', argv: process.argv};
  await writeFile(path, JSON.stringify(self));
}

const ENDED = Symbol('ended');

const isAlive = async ({pid, startedAt}: Entry): Promise<boolean> => (await startTime(pid)) === startedAt;

/**
 * In ticks since the boot; undefined for a process that is gone or a zombie. One whose first thread is a zombie while
 * others still end is there yet: it holds its files and listens on its ports.
 */
async function startTime(pid: number): Promise<string | undefined> {
  const fields = await statFields(pid);
  const ended = fields[0] === 'Z' && (await threadsOf(pid)) <= 1;
  return ended ? undefined : fields[19];
}

const threadsOf = async (pid: number): Promise<number> => (await readdir(`/proc/${pid}/task`).catch(() => [])).length;

async function end(entry: Entry, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(entry))) return;
  try {
    for (const pid of await signalled(entry)) process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw error;
  }
  const withinMs = signal === 'SIGKILL' ? KILLED_WITHIN_MS : STOP_WITHIN_MS;
  await eventually('its end', async () => !(await isAlive(entry)), withinMs);
}

/** nsenter stays as the parent of what it runs, passes no signal on, and ends when that ends. */
async function signalled({pid, argv}: Entry): Promise<readonly number[]> {
  return argv[0] === 'nsenter' ? childrenOf(pid) : [pid];
}

export async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async pid => (await statFields(pid))[1]));
  return pids.filter((_, index) => parents[index] === `${parent}`);
}

/** Of /proc/<pid>/stat from the third on, which is the state; empty for a process that is gone. */
async function statFields(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second is the name, which may hold anything but is in parentheses.
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
