import {constants} from 'node:fs';
import {access, stat} from 'node:fs/promises';
import {delimiter, resolve} from 'node:path';
import {err, ok, type Result} from '../../lib/result.ts';

/** Why a program cannot be executed, with the shell's exit code for it: 127 not found, 126 not executable. */
export type ProgramError = {readonly exitCode: 126 | 127; readonly message: string};

/** Finds a program as execvp does: by path, or by name in `path`. */
export async function findProgram(name: string, path: string, cwd: string): Promise<Result<string, ProgramError>> {
  const byPath = name.includes('/');
  const candidates = byPath
    ? [resolve(cwd, name)]
    : path.split(delimiter).map(directory => resolve(cwd, directory, name));
  let denied = false;
  for (const candidate of candidates) {
    const info = await stat(candidate).catch(() => undefined);
    if (info === undefined) continue;
    if (info.isFile() && (await isExecutable(candidate))) return ok(candidate);
    denied = true;
  }
  if (denied) return err({exitCode: 126, message: `exec: "${name}": permission denied`});
  const where = byPath ? 'no such file or directory' : 'executable file not found in $PATH';
  return err({exitCode: 127, message: `exec: "${name}": ${where}`});
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
