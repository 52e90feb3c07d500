import {execFile, spawn} from 'node:child_process';
import {cp, mkdir, mkdtemp, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';

/** How a run of tests ended, and what it said; `overdue` was stopped. */
export type Outcome = {readonly result: 'passed' | 'failed' | 'overdue'; readonly output: string};

/** A copy of the project in which code may be changed: the original is never touched. */
export class Workshop {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Copies every file that Git knows, as it is now; packages are shared. */
  static async open(root: string): Promise<Workshop> {
    const directory = await mkdtemp(join(tmpdir(), 'mutate-'));
    const {stdout} = await promisify(execFile)(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        cwd: root,
        maxBuffer: 2 ** 26,
      },
    );
    for (const file of stdout.split('\0').filter(name => name !== '')) {
      await mkdir(dirname(join(directory, file)), {recursive: true});
      await cp(join(root, file), join(directory, file), {force: true}).catch(() => {}); // deleted and not yet committed
    }
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    return new Workshop(directory);
  }

  /** Runs test files until the first failure. @param limitMs an endless loop is ended after this */
  run(tests: readonly string[], limitMs: number, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const argv = ['node_modules/ava/entrypoints/cli.js', '--fail-fast', '--concurrency=1', ...tests];
    const child = spawn(process.execPath, argv, {
      cwd: this.directory,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, ...env},
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return new Promise(resolve => {
      let overdue = false;
      const timer = setTimeout(() => {
        overdue = true;
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }, limitMs);
      child.once('exit', code => {
        clearTimeout(timer);
        resolve({result: overdue ? 'overdue' : code === 0 ? 'passed' : 'failed', output});
      });
    });
  }

  close(): Promise<void> {
    return rm(this.directory, {recursive: true, force: true});
  }
}
