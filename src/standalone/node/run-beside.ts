import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {signal} from './process-identity.ts';
import {findProgram} from './program.ts';

/** Where a command that runs beside a task runs: same directory, same variables, or inside the task's container. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly execPrefix: readonly string[];
};

export type Beside = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a command in a group of its own, so that all of it can be killed. A program that is not there exits 127. */
export async function spawnBeside(argv: readonly string[], task: Surroundings): Promise<Beside> {
  const [name = '', ...rest] = [...task.execPrefix, ...argv];
  const found = await findProgram(name, task.env['PATH'] ?? '', task.cwd);
  // The shell says why, on the command's standard error, and exits with the right code.
  const [program, args] = found.ok
    ? [found.value, rest]
    : ['/bin/sh', ['-c', 'printf "%s\\n" "$1" >&2; exit "$2"', 'sh', found.error.message, `${found.error.exitCode}`]];
  return spawn(program, args, {cwd: task.cwd, env: task.env, detached: true, stdio: ['pipe', 'pipe', 'pipe']});
}

export const killBeside = (child: Beside): void => {
  const gone = child.exitCode !== null || child.signalCode !== null;
  if (child.pid !== undefined && !gone) signal(-child.pid, 'SIGKILL');
};

const MAX_OUTPUT = 1024;

/** @returns the exit code, undefined when the command took longer than `timeoutMs`, and the first kilobyte it wrote */
export async function runBeside(
  argv: readonly string[],
  task: Surroundings,
  timeoutMs: number,
): Promise<{exitCode: number | undefined; output: string}> {
  const child = await spawnBeside(argv, task);
  const timeout = AbortSignal.timeout(timeoutMs);
  timeout.addEventListener('abort', () => killBeside(child));
  let output = '';
  const collect = (chunk: Buffer): void => {
    if (output.length < MAX_OUTPUT) output = (output + chunk.toString()).slice(0, MAX_OUTPUT);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.stdin.on('error', () => undefined).end();
  return new Promise(resolve => {
    child.once('error', error => resolve({exitCode: 127, output: error.message}));
    child.once('exit', code => resolve({exitCode: timeout.aborted ? undefined : (code ?? 137), output: output.trim()}));
  });
}
