import {execFile, type ExecFileException} from 'node:child_process';
import {accessSync, constants} from 'node:fs';
import {delimiter, join} from 'node:path';

/** The kubectl to test with: $KUBECTL, else the first on the PATH. In CI its absence is a failure. */
export const kubectlPath = find();

function find(): string | undefined {
  const {KUBECTL, CI, PATH = ''} = process.env;
  const candidates = KUBECTL ? [KUBECTL] : PATH.split(delimiter).map(folder => join(folder, 'kubectl'));
  const found = candidates.find(isExecutable);
  if (found === undefined && CI !== undefined) throw new Error('CI needs a kubectl: set KUBECTL');
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export type Run = {readonly code: number; readonly stdout: string; readonly stderr: string};

/** Runs kubectl against one cluster. A test says what it gives on standard input and what it wants back. */
export const kubectlFor =
  (kubeconfig: string, cacheDir: string) =>
  (
    args: readonly string[],
    options: {
      readonly input?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly timeoutMs?: number;
    } = {},
  ): Promise<Run> =>
    new Promise(resolve => {
      const child = execFile(
        kubectlPath ?? 'kubectl',
        ['--kubeconfig', kubeconfig, '--cache-dir', cacheDir, ...args],
        {env: {...process.env, ...options.env}, timeout: options.timeoutMs ?? 30_000, maxBuffer: 1 << 24},
        (error: ExecFileException | null, stdout, stderr) =>
          resolve({code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr}),
      );
      child.stdin?.end(options.input ?? '');
    });
