import {mkdir, open, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type ProcessIdentity, parseIdentity} from './process-identity.ts';

/** What is written before a run is started, so that a restarted agent knows of it. Times are milliseconds since the epoch. */
export type RunRecord = {
  /** The value of MESOS_CONTAINER_ID: pod uid, container and restart. */
  readonly id: string;
  readonly startedAtMs: number;
  /** The command that removes what the run may leave behind: a container of the image runtime. */
  readonly cleanup?: readonly string[];
};

export type RunExit = {readonly exitCode: number; readonly finishedAtMs: number};

/**
 * The files of one run of one container. `directory` is its sandbox with `stdout` and `stderr`; beside it lie
 * `.json` (RunRecord), `.pid` (the monitor's identity) and `.exit` (the exit code), out of the task's way.
 */
export type RunFiles = {readonly directory: string; readonly restart: number};

const VOID = 'void\n';

export const runFiles = (containerDirectory: string, restart: number): RunFiles => ({
  directory: join(containerDirectory, String(restart)),
  restart,
});

/** Every run of a container that was begun, oldest first. */
export async function listRuns(containerDirectory: string): Promise<RunFiles[]> {
  const names = await readdir(containerDirectory).catch(() => []);
  const restarts = names.filter(name => /^\d+\.json$/.test(name)).map(name => Number.parseInt(name, 10));
  return restarts.sort((a, b) => a - b).map(restart => runFiles(containerDirectory, restart));
}

/** Makes the sandbox and writes the record; the run counts as begun from here on. */
export async function beginRun(files: RunFiles, record: RunRecord): Promise<void> {
  await mkdir(files.directory, {recursive: true});
  await writeFile(`${files.directory}.json.tmp`, JSON.stringify(record));
  await rename(`${files.directory}.json.tmp`, `${files.directory}.json`);
}

export async function readRecord(files: RunFiles): Promise<RunRecord | undefined> {
  const text = await readFile(`${files.directory}.json`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord);
}

/** The exit code, once the monitor has written all of it. */
export async function readExit(files: RunFiles): Promise<RunExit | undefined> {
  const path = `${files.directory}.exit`;
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!/^\d+\n$/.test(text)) return undefined;
  const info = await stat(path).catch(() => undefined);
  return info && {exitCode: Number.parseInt(text, 10), finishedAtMs: info.mtimeMs};
}

/** Writes an exit code for a run whose monitor could not. */
export async function writeExit(files: RunFiles, exitCode: number): Promise<void> {
  await writeFile(`${files.directory}.exit`, `${exitCode}\n`).catch(() => undefined);
}

/**
 * Takes the run's place before its monitor does: a monitor that finds the pid file there leaves at once.
 *
 * @returns false when the monitor was first
 */
export async function claim(files: RunFiles): Promise<boolean> {
  const handle = await open(`${files.directory}.pid`, 'wx').catch(() => undefined);
  await handle?.write(VOID);
  await handle?.close();
  return handle !== undefined;
}

/** Who runs it; `void` when the place was claimed, undefined when a monitor was killed while it wrote its name. */
export async function readMonitor(files: RunFiles): Promise<ProcessIdentity | 'void' | undefined> {
  const text = await readFile(`${files.directory}.pid`, 'utf8').catch(() => '');
  return text === VOID ? 'void' : parseIdentity(text, files.directory);
}

export async function removeRun(files: RunFiles): Promise<void> {
  await rm(files.directory, {recursive: true, force: true});
  for (const ending of ['exit', 'pid', 'json']) await rm(`${files.directory}.${ending}`, {force: true});
}
