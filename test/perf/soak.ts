// Tasks come and go at a rate while what must not grow is measured: npm run soak -- --minutes 60 --rate 50.
import {execFile} from 'node:child_process';
import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {parseArgs, promisify} from 'node:util';
import {createKubeClient} from '../../src/kube/client.ts';
import {EVENTS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import {Standalone} from '../support/standalone.ts';

const {values} = parseArgs({
  options: {minutes: {type: 'string', default: '60'}, rate: {type: 'string', default: '50'}},
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
/** How long a task runs; as many instances as the rate times this come and go. */
const TASK_SECONDS = 2;

const teardowns: (() => Promise<void>)[] = [];
const run = promisify(execFile);
const system = await Standalone.start({teardown: action => void teardowns.push(async () => void (await action()))});
const client = createKubeClient({
  kubeconfigPath: system.at.kubeconfig,
  log: silentLogger,
  clock: systemClock,
  random: systemRandom,
});

type Row = Record<string, number>;
const MIB = 2 ** 20;

async function megabytesOf(pid: number): Promise<number> {
  const {stdout} = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({stdout: '0'}));
  return Math.round(Number(stdout) / 1024);
}

const descriptorsOf = async (pid: number): Promise<number> => (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;

async function megabytesBelow(path: string): Promise<number> {
  const {stdout} = await run('du', ['-sk', path]).catch(({stdout: partly}: {stdout: string}) => ({stdout: partly}));
  return Math.round(Number.parseInt(stdout, 10) / 1024);
}

async function sizeOf(...paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    paths.map(path =>
      stat(path).then(
        ({size}) => size,
        () => 0,
      ),
    ),
  );
  return Math.round((10 * sizes.reduce((sum, size) => sum + size, 0)) / MIB) / 10;
}

let finished = 0;
let counted = 0;

/** A master that begins anew counts from 0 again; while none answers, nothing is added. */
async function countFinished(): Promise<number> {
  const {body} = await system.mesos('GET', '/metrics/snapshot').catch(() => ({body: {}}) as {body: Row});
  const now = Number(body['master/tasks_finished'] ?? counted);
  finished += now >= counted ? now - counted : now;
  counted = now;
  return finished;
}

/** How often the main process had lost its Lease: on a machine with too much to do. */
const beginnings = (): number => system.log.split('begin again; agents and tasks go on').length - 1;

async function measure(minute: number): Promise<Row> {
  const {agents} = await system.reread();
  const folder = (name: string): string => join(system.dataDir, 'agents', name);
  const events = await client.list(EVENTS, {limit: 1});
  const each = async (of: (agent: {name: string; pid: number}) => Promise<number>): Promise<number> =>
    Math.max(...(await Promise.all(agents.map(of))));
  const database = join(system.dataDir, 'apiserver/objects.sqlite');
  return {
    minute,
    finished: await countFinished(),
    'begun again': beginnings(),
    'main MB': await megabytesOf(system.pid),
    'agent MB': await each(({pid}) => megabytesOf(pid)),
    'main fds': await descriptorsOf(system.pid),
    'agent fds': await each(({pid}) => descriptorsOf(pid)),
    'database MB': await sizeOf(database, `${database}-wal`),
    events: events.ok ? 1 + (events.value.metadata.remainingItemCount ?? 0) : 0,
    'sandboxes/agent': await each(async ({name}) => (await readdir(join(folder(name), 'pods'))).length),
    'agents disk MB': await megabytesBelow(join(system.dataDir, 'agents')),
  };
}

/** An instance that ends is started again at once: the churn. Each writes a little. */
async function begin(): Promise<void> {
  const churn = {
    id: 'churn',
    cmd: `head -c 2000 /dev/zero | tr '\\0' x; sleep ${TASK_SECONDS}`,
    cpus: 0.01,
    mem: 1,
    disk: 0,
    instances: Math.round(rate * TASK_SECONDS),
    backoffSeconds: 0,
    backoffFactor: 1,
    maxLaunchDelaySeconds: 0,
  };
  const loud = {id: 'loud', cmd: 'while :; do head -c 1000000 /dev/zero; sleep 0.5; done', cpus: 0.1, mem: 1};
  for (const app of [churn, loud]) {
    const {status, body} = await system.marathon('POST', '/v2/apps', app);
    if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
  }
}

const rows: Row[] = [];
try {
  await begin();
  const startedMs = performance.now();
  for (let minute = 1; minute <= minutes; minute++) {
    const waitMs = startedMs + minute * 60_000 - performance.now();
    await new Promise(resolve => setTimeout(resolve, Math.max(0, waitMs)));
    const row = await measure(minute);
    rows.push(row);
    console.log(JSON.stringify(row));
  }
} finally {
  console.table(
    rows.filter((_, index) => index % Math.max(1, Math.floor(rows.length / 10)) === 0 || index === rows.length - 1),
  );
  await system.end('SIGTERM');
  for (const teardown of teardowns) await teardown();
}
process.exit(0);
