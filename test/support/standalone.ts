import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {eventually} from './eventually.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/mesos.js', import.meta.url));

export type Endpoints = {
  readonly apiUrl: string;
  readonly mesosUrl: string;
  readonly marathonUrl: string;
  readonly kubeconfig: string;
  readonly agents: readonly {readonly name: string; readonly pid: number}[];
};

export type Json = Record<string, unknown>;
export type Answer = {readonly status: number; readonly body: Json; readonly headers: Headers};

/** A standalone system in a directory of its own, on free ports, with everything a test asks of it. */
export class Standalone {
  endpoints: Endpoints | undefined;
  private child: ChildProcess | undefined;
  private output = '';
  readonly dataDir: string;
  private readonly flags: readonly string[];

  private readonly env: Readonly<Record<string, string>>;

  private constructor(dataDir: string, flags: readonly string[], env: Readonly<Record<string, string>>) {
    this.dataDir = dataDir;
    this.flags = flags;
    this.env = env;
  }

  /** Starts it; when the test ends everything that it started is gone and so is its directory. */
  static async start(
    t: Pick<ExecutionContext, 'teardown'>,
    flags: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Standalone> {
    const system = new Standalone(await mkdtemp(join(tmpdir(), 'mesos-e2e-')), flags, env);
    t.teardown(() => system.destroy());
    await system.up();
    return system;
  }

  /** Starts the main process, on the same directory when called again. */
  async up(): Promise<void> {
    await rm(join(this.dataDir, 'endpoints.json'), {force: true});
    const ports = ['--api-port=0', '--mesos-port=0', '--marathon-port=0'];
    const child = spawn(
      process.execPath,
      [PROGRAM, 'standalone', '--data-dir', this.dataDir, ...ports, ...this.flags],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {...process.env, ...this.env},
      },
    );
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.endpoints = await Promise.race([
      eventually(
        'endpoints.json',
        async () => JSON.parse(await readFile(join(this.dataDir, 'endpoints.json'), 'utf8')) as Endpoints,
      ),
      new Promise<never>((_resolve, reject) => {
        child.once('exit', code => reject(new Error(`the standalone ended with ${code}:\n${this.output}`)));
      }),
    ]);
  }

  /** Of the main process. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get log(): string {
    return this.output;
  }

  get at(): Endpoints {
    if (this.endpoints === undefined) throw new Error('the standalone is not up');
    return this.endpoints;
  }

  /** Sends the main process a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** What runs now: an agent that crashed is another process. */
  async reread(): Promise<Endpoints> {
    this.endpoints = JSON.parse(await readFile(join(this.dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
    return this.endpoints;
  }

  /** Ends the main process with a signal. @returns its exit code, null after SIGKILL */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  async marathon(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(this.at.marathonUrl, method, path, body);
  }

  async mesos(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(this.at.mesosUrl, method, path, body);
  }

  /** Running tasks of an app, as /v2 shows them. */
  async running(id: string): Promise<Json[]> {
    const {body} = await this.marathon('GET', `/v2/apps/${id}/tasks`);
    return ((body['tasks'] ?? []) as Json[]).filter(task => task['state'] === 'TASK_RUNNING');
  }

  /** Waits until exactly `count` tasks run. */
  async untilRunning(id: string, count: number, withinMs = 60_000): Promise<Json[]> {
    return eventually(
      `${count} running tasks of ${id}`,
      async () => {
        const tasks = await this.running(id);
        return tasks.length === count ? tasks : undefined;
      },
      withinMs,
    );
  }

  private async destroy(): Promise<void> {
    if (this.endpoints !== undefined && this.child?.exitCode === null && this.child.signalCode === null)
      await this.end('SIGTERM');
    else this.child?.kill('SIGKILL');
    await killAll(this.dataDir);
    await rm(this.dataDir, {recursive: true, force: true});
  }
}

export async function request(base: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers: {accept: 'application/json', ...(body === undefined ? {} : {'content-type': 'application/json'})},
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {status: response.status, body: parse(text), headers: response.headers};
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {text};
  }
}

/** Pids of all processes that name the directory in their arguments, environment or working directory. */
export async function processesOf(dataDir: string): Promise<number[]> {
  const {readdir, readlink} = await import('node:fs/promises');
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue;
    const texts = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${pid}/cwd`).catch(() => ''),
    ]);
    if (texts.some(text => text.includes(dataDir))) found.push(Number(pid));
  }
  return found;
}

/** kill -9 for everything that belongs to the directory. */
export async function killAll(dataDir: string): Promise<void> {
  for (const pid of await processesOf(dataDir)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
