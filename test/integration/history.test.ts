import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {Cluster} from '../support/cluster.ts';
import {eventually} from '../support/eventually.ts';

const STEPS = 24;
const APPS = ['one', 'two'];
const AGENTS = ['a1', 'a2'];

/** What happens to a running system; `pick` chooses among what there is when the step's turn comes. */
type Step =
  | {readonly kind: 'scale'; readonly app: string; readonly instances: number}
  | {readonly kind: 'update' | 'restart' | 'remove'; readonly app: string}
  | {readonly kind: 'kill-process' | 'kill-task'; readonly pick: number}
  | {readonly kind: 'kill-agent' | 'stop-agent' | 'freeze-agent' | 'start-agent'; readonly agent: string}
  | {readonly kind: 'kill-leader' | 'stop-leader' | 'freeze-leader' | 'kill-api'}
  | {readonly kind: 'look'; readonly times: number};

const app = fc.constantFrom(...APPS);
const agent = fc.constantFrom(...AGENTS);
const pick = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {weight: 5, arbitrary: fc.record({kind: fc.constant('scale'), app, instances: fc.nat(5)})},
  {weight: 3, arbitrary: fc.record({kind: fc.constantFrom('update', 'restart'), app})},
  {weight: 1, arbitrary: fc.record({kind: fc.constant('remove'), app})},
  {weight: 3, arbitrary: fc.record({kind: fc.constantFrom('kill-process', 'kill-task'), pick})},
  {weight: 2, arbitrary: fc.record({kind: fc.constantFrom('kill-agent', 'stop-agent', 'freeze-agent'), agent})},
  {weight: 3, arbitrary: fc.record({kind: fc.constant('start-agent'), agent})},
  {weight: 2, arbitrary: fc.record({kind: fc.constantFrom('kill-leader', 'stop-leader', 'freeze-leader', 'kill-api')})},
  {weight: 5, arbitrary: fc.record({kind: fc.constant('look'), times: fc.integer({min: 1, max: 8})})},
);

/** `npx ava test/integration/history.test.ts -- --seed=1` repeats a history. */
function chooseSeed(): number {
  const given = process.argv.map(word => /^--seed=(-?\d+)$/.exec(word)?.[1]).find(found => found !== undefined);
  return given === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(given);
}

test.serial('whatever happens, no task runs twice, nothing is overcommitted, and the apps end as wanted', async t => {
  const seed = chooseSeed();
  const [steps = []] = fc.sample(fc.array(step, {minLength: STEPS, maxLength: STEPS}), {seed, numRuns: 1});
  t.log(`seed ${seed}`);
  const cluster = await Cluster.start(t, AGENTS);
  const wanted = new Map<string, number>();
  for (const id of APPS) await wantInstances(cluster, wanted, id, 2);
  for (const each of steps) {
    t.log(JSON.stringify(each));
    await startControllers(cluster);
    await perform(cluster, wanted, each);
    await checkInvariants(t, cluster);
  }
  await repair(cluster);
  await settled(cluster, wanted);
  await checkInvariants(t, cluster);
});

async function wantInstances(cluster: Cluster, wanted: Map<string, number>, id: string, count: number): Promise<void> {
  const body = wanted.has(id) ? {instances: count} : cluster.app(id, count);
  const {status} = await cluster.marathon('PUT', `/v2/apps/${id}?force=true`, body);
  if (status > 201) throw new Error(`PUT ${id}: ${status}`);
  wanted.set(id, count);
}

async function perform(cluster: Cluster, wanted: Map<string, number>, each: Step): Promise<void> {
  switch (each.kind) {
    case 'scale':
      return wantInstances(cluster, wanted, each.app, each.instances);
    case 'update':
      if (!wanted.has(each.app)) return;
      return void (await cluster.marathon('PUT', `/v2/apps/${each.app}?force=true`, {env: {AT: String(Date.now())}}));
    case 'restart':
      return void (await cluster.marathon('POST', `/v2/apps/${each.app}/restart?force=true`));
    case 'kill-process':
    case 'kill-task':
      return killSome(cluster, each.kind, each.pick);
    case 'remove':
      wanted.delete(each.app);
      return void (await cluster.marathon('DELETE', `/v2/apps/${each.app}`));
    case 'kill-agent':
      return void (await cluster.agents.get(each.agent)?.end('SIGKILL'));
    case 'stop-agent':
      cluster.agents.get(each.agent)?.signal('SIGCONT');
      return void (await cluster.agents.get(each.agent)?.end('SIGTERM'));
    case 'freeze-agent':
      return cluster.agents.get(each.agent)?.signal('SIGSTOP');
    case 'start-agent':
      return startAgent(cluster, each.agent);
    case 'kill-leader':
    case 'stop-leader':
      await (await cluster.leader()).program.end(each.kind === 'kill-leader' ? 'SIGKILL' : 'SIGTERM');
      return;
    case 'freeze-leader':
      return freezeLeader(cluster);
    case 'kill-api':
      await cluster.api.end('SIGKILL');
      return cluster.startApi();
    case 'look':
      for (let i = 0; i < each.times; i++) await cluster.taskProcesses();
      return;
    default:
      return each satisfies never;
  }
}

async function killSome(cluster: Cluster, kind: 'kill-process' | 'kill-task', picked: number): Promise<void> {
  const processes = await cluster.taskProcesses();
  const victim = processes[picked % Math.max(1, processes.length)];
  if (victim === undefined) return;
  if (kind === 'kill-process') kill(victim.pid);
  else await cluster.marathon('DELETE', `/v2/apps/${victim.taskId.split('.')[0] ?? ''}/tasks/${victim.taskId}`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** It sleeps until another one leads, and wakes to find that out. */
async function freezeLeader(cluster: Cluster): Promise<void> {
  const leader = await cluster.leader();
  leader.program.signal('SIGSTOP');
  cluster.controllers = cluster.running().filter(controller => controller !== leader);
  await cluster.leader();
  leader.program.signal('SIGCONT');
  await leader.program.ended;
}

/** Starts it anew, or wakes it. */
function startAgent(cluster: Cluster, name: string): void {
  cluster.agents.get(name)?.signal('SIGCONT');
  if (cluster.agents.get(name)?.isRunning !== true) cluster.startAgent(name);
}

/** As whoever supervises them would: there are always two. */
async function startControllers(cluster: Cluster): Promise<void> {
  while (cluster.running().length < 2) await cluster.startController();
}

async function checkInvariants(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const ids = (await cluster.taskProcesses()).map(({taskId}) => taskId);
  t.deepEqual(duplicates(ids), [], 'one task, one process');
  t.deepEqual(duplicates(await cluster.starts()), [], 'nothing was started twice');
  const view = await cluster.viewNow();
  if (view === undefined) return;
  const {used, total} = view;
  for (const [id, resources] of Object.entries(used)) {
    for (const name of ['cpus', 'mem', 'disk']) {
      t.true(Number(resources[name]) <= Number(total[id]?.[name]), `${name} of ${id}`);
    }
  }
}

const duplicates = (ids: readonly string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index);

async function repair(cluster: Cluster): Promise<void> {
  for (const name of AGENTS) startAgent(cluster, name);
  await startControllers(cluster);
  await cluster.untilReady(AGENTS.length);
}

/** Marathon, the master and the machine agree, and it is what was asked for. */
async function settled(cluster: Cluster, wanted: ReadonlyMap<string, number>): Promise<void> {
  await eventually('exactly the wanted tasks', async () => {
    const running: string[] = [];
    for (const [id, count] of wanted) running.push(...(await cluster.untilRunning(id, count)));
    const processes = (await cluster.taskProcesses()).map(({taskId}) => taskId);
    const {taskIds, used} = await cluster.view();
    const cpus = Object.values(used).reduce((sum, resources) => sum + Number(resources['cpus']), 0);
    const same = [processes, taskIds].every(ids => ids.join() === running.toSorted().join());
    return same && Math.round(cpus * 10) === running.length;
  });
}
