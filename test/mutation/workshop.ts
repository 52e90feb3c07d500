import {type ChildProcess, execFile, fork} from 'node:child_process';
import {cp, mkdir, mkdtemp, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import type {Request, Response} from './protocol.ts';

const RUNNER = fileURLToPath(new URL('runner-child.ts', import.meta.url));
/** Each run leaves its modules in memory. */
const RUNS_PER_PROCESS = 60;

/** Copies every file that Git knows, as it is now, to a directory of its own; packages are shared. */
export async function copyProject(root: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mutate-'));
  const options = {cwd: root, maxBuffer: 2 ** 26};
  const argv = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const {stdout} = await promisify(execFile)('git', argv, options);
  for (const file of stdout.split('\0').filter(name => name !== '')) {
    await mkdir(dirname(join(directory, file)), {recursive: true});
    await cp(join(root, file), join(directory, file)).catch(() => {}); // deleted, and not yet committed
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

export const removeCopy = (directory: string): Promise<void> => rm(directory, {recursive: true, force: true});

/** A process that runs one test file after the other on a copy of the project. */
export class Bench {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #runs = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param limitMs an endless loop is ended after this. @returns undefined: it was ended, or the process died */
  async run(request: Request, limitMs: number): Promise<Response | undefined> {
    if (this.#runs++ % RUNS_PER_PROCESS === 0) this.close();
    const child = (this.#child ??= this.#start());
    let timer: NodeJS.Timeout | undefined;
    const response = await new Promise<Response | undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), limitMs);
      child.once('exit', () => resolve(undefined));
      child.once('message', (message: Response) => resolve(message));
      child.send(request);
    });
    clearTimeout(timer);
    child.removeAllListeners();
    if (response === undefined) this.close();
    return response;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #start(): ChildProcess {
    return fork(RUNNER, [this.#directory], {
      cwd: this.#directory,
      stdio: 'ignore',
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
  }
}
