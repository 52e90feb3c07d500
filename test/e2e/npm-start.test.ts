import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {eventually} from '../support/eventually.ts';
import {type Endpoints, killAll, processesOf} from '../support/standalone.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PORTS = ['--api-port', '0', '--mesos-port', '0', '--marathon-port', '0'];

type Started = {
  readonly dataDir: string;
  readonly output: () => string;
  readonly end: (s: NodeJS.Signals) => Promise<number | null>;
};

/** The README's command, with flags as words of their own, without a terminal. */
async function npmStart(t: ExecutionContext, signalled: 'npm' | 'group'): Promise<Started> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mesos-npm-'));
  const child = spawn('npm', ['start', '--', '--data-dir', dataDir, '--agents', '1', ...PORTS], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await killAll(dataDir);
    await rm(dataDir, {recursive: true, force: true});
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const pid = child.pid ?? 0;
  return {
    dataDir,
    output: () => text,
    end: signal => {
      process.kill(signalled === 'npm' ? pid : -pid, signal);
      return ended;
    },
  };
}

for (const [title, signalled, signal] of [
  ['SIGTERM to npm', 'npm', 'SIGTERM'],
  ['SIGINT to npm', 'npm', 'SIGINT'],
  ['Ctrl-C, which reaches all processes of the terminal', 'group', 'SIGINT'],
] as const) {
  test.serial(`npm start: says what to try and stops cleanly on ${title}`, async t => {
    const {dataDir, output, end} = await npmStart(t, signalled);
    const endpoints = await eventually('endpoints.json', async () => {
      const text = await readFile(join(dataDir, 'endpoints.json'), 'utf8');
      return JSON.parse(text) as Endpoints;
    });
    t.is(endpoints.kubeconfig, join(dataDir, 'kubeconfig'));
    t.like(endpoints.agents, {length: 1, 0: {name: 'agent1'}});
    t.regex(endpoints.apiUrl, /^https:\/\/127\.0\.0\.1:\d+$/);
    await eventually('the greeting', () => output().includes(`curl -X POST ${endpoints.marathonUrl}/v2/apps`));
    const created = await fetch(`${endpoints.marathonUrl}/v2/apps`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({id: 'x', cmd: 'sleep 1000', cpus: 0.1, mem: 32}),
    });
    t.is(created.status, 201);
    t.is(await end(signal), 0, output());
    t.deepEqual(await processesOf(dataDir), []);
  });
}
