import {spawn} from 'node:child_process';
import {access, mkdir, open, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Clock} from '../lib/clock.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {rotateAll} from './node/log-rotation.ts';
import {identify, isAlive, type ProcessIdentity, signal} from './node/process-identity.ts';

/** An agent's process; it may have been started by an earlier main process. */
export type AgentProcess = {readonly name: string; readonly pid: number; readonly adopted: boolean};

type AgentProcessRecord = {readonly identity: ProcessIdentity; readonly argv: readonly string[]};

export type AgentProcesses = {
  /** Finds the agent that still runs with the same arguments, or starts one. One with other arguments is stopped first. */
  readonly ensure: (name: string, argv: readonly string[]) => Promise<Result<AgentProcess, string>>;
  /** Sends SIGTERM, which ends the agent's tasks too, and after `graceMs` SIGKILL. Resolves when it is gone. */
  readonly stop: (name: string, graceMs: number) => Promise<void>;
  /** `stopped`: it was told to. `crashed`: it ended, or never began, and nobody had told it to. */
  readonly state: (name: string) => Promise<'running' | 'stopped' | 'crashed'>;
  /** Names of all agents that ever ran on this data directory. */
  readonly known: () => Promise<readonly string[]>;
  readonly forget: (name: string) => Promise<void>;
};

export type AgentProcessesOptions = {
  /** `<data-dir>/agents`; each agent has a folder with `agent.json` and `agent.log`. */
  readonly folder: string;
  /** The program that runs an agent: executable and first arguments. */
  readonly command: readonly [string, ...string[]];
  readonly clock: Clock;
};

/** An agent that is told to stop writes this file into its folder; a crash does not. */
const STOPPED = 'stopped';

/** To be called by the agent itself. `folder`: its own, `<data-dir>/agents/<name>`. */
export const markStopped = (folder: string): Promise<void> => writeFile(join(folder, STOPPED), '');

/**
 * Agents are processes of their own in sessions of their own: they and their tasks outlive a crash of the main process,
 * and a terminal's Ctrl-C reaches the main process alone.
 */
export function createAgentProcesses({folder, command, clock}: AgentProcessesOptions): AgentProcesses {
  const recordPath = (name: string): string => join(folder, name, 'agent.json');

  const running = async (name: string): Promise<AgentProcessRecord | undefined> => {
    const record = await readRecord(recordPath(name));
    return record !== undefined && (await isAlive(record.identity)) ? record : undefined;
  };

  const stop = async (name: string, graceMs: number): Promise<void> => {
    const record = await running(name);
    if (record === undefined) return;
    signal(record.identity.pid, 'SIGTERM');
    if (await gone(record.identity, graceMs, clock)) return;
    signal(record.identity.pid, 'SIGKILL');
    await gone(record.identity, graceMs, clock);
  };

  return {
    stop,
    ensure: async (name, argv) => {
      const record = await running(name);
      if (record !== undefined && sameArguments(record.argv, argv))
        return ok({name, pid: record.identity.pid, adopted: true});
      if (record !== undefined) await stop(name, 10_000);
      return start(name, argv, join(folder, name), command, recordPath(name));
    },
    state: async name => {
      if ((await running(name)) !== undefined) return 'running';
      return (await exists(join(folder, name, STOPPED))) ? 'stopped' : 'crashed';
    },
    known: async () =>
      (await readdir(folder, {withFileTypes: true}).catch(() => []))
        .filter(entry => entry.isDirectory())
        .map(entry => entry.name),
    forget: name => rm(join(folder, name), {recursive: true, force: true}),
  };
}

async function start(
  name: string,
  argv: readonly string[],
  folder: string,
  [program, ...first]: readonly [string, ...string[]],
  recordPath: string,
): Promise<Result<AgentProcess, string>> {
  await mkdir(folder, {recursive: true});
  await rm(join(folder, STOPPED), {force: true});
  await rotateAll([folder], ['agent.log']);
  const log = await open(join(folder, 'agent.log'), 'a');
  try {
    const child = spawn(program, [...first, ...argv], {detached: true, stdio: ['ignore', log.fd, log.fd]});
    const failure = await new Promise<Error | undefined>(resolve => {
      child.once('spawn', () => resolve(undefined));
      child.once('error', resolve);
    });
    if (failure !== undefined || child.pid === undefined)
      return err(`can't start agent ${name}: ${failure?.message ?? 'no pid'}`);
    child.unref();
    const record: AgentProcessRecord = {identity: await identify(child.pid, folder), argv};
    await writeFile(`${recordPath}.new`, JSON.stringify(record));
    await rename(`${recordPath}.new`, recordPath);
    return ok({name, pid: child.pid, adopted: false});
  } finally {
    await log.close();
  }
}

async function readRecord(path: string): Promise<AgentProcessRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as AgentProcessRecord;
  } catch {
    return undefined;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const sameArguments = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, i) => word === b[i]);

const LOOK_EVERY_MS = 25;

async function gone(identity: ProcessIdentity, withinMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.monotonic() + withinMs;
  while (await isAlive(identity)) {
    if (clock.monotonic() >= deadline) return false;
    await new Promise<void>(resolve => clock.after(LOOK_EVERY_MS, resolve));
  }
  return true;
}
