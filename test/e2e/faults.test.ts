import {readFile} from 'node:fs/promises';
import test from 'ava';
import {eventually} from '../support/eventually.ts';
import {type Json, killAll, processesOf, Standalone} from '../support/standalone.ts';

/** The standalone's: five times a second without a renewed Lease. */
const AGENT_TIMEOUT_MS = 5000;
/** The standalone's: after this long without a renewal it must not act any more. */
const LEASE_MS = 10_000;

const app = (instances: number): Json => ({id: 'long', cmd: 'exec sleep 4321', cpus: 0.1, mem: 16, instances});

/** Task ids of all processes of the directory that run the app's command, from their environment. */
async function runningProcesses(dataDir: string): Promise<string[]> {
  const ids: string[] = [];
  for (const pid of await processesOf(dataDir)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const id = /(?:^|\0)MESOS_TASK_ID=([^\0]+)/.exec(environment)?.[1];
    if (command.startsWith('sleep\0') && id !== undefined) ids.push(id);
  }
  return ids.sort();
}

/** The agent that runs this task. */
async function agentOf(system: Standalone, task: Json | undefined): Promise<{name: string; pid: number}> {
  const {body} = await system.mesos('GET', '/master/state');
  const slave = (body['slaves'] as Json[]).find(each => each['id'] === task?.['slaveId']);
  const agent = system.at.agents.find(({name}) => String(slave?.['hostname']).startsWith(name));
  if (agent === undefined) throw new Error('no agent');
  return agent;
}

const activeAgents = async (system: Standalone): Promise<number> =>
  Number((await system.mesos('GET', '/master/state')).body['activated_slaves']);

/** Waits until six tasks run, all of them on agents that are active. */
const untilSixElsewhere = (system: Standalone): Promise<true> =>
  eventually('six tasks elsewhere', async () => {
    const {body} = await system.mesos('GET', '/master/state');
    const active = new Set((body['slaves'] as Json[]).filter(each => each['active'] === true).map(each => each['id']));
    const running = await system.running('long');
    return running.length === 6 && active.size === 2 && running.every(task => active.has(task['slaveId']));
  });

const idsOf = (tasks: readonly Json[]): string[] => tasks.map(task => String(task['id'])).sort();

test.serial('kill -9 of an agent: it is started again, and its tasks were never gone', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(6));
  const before = await system.untilRunning('long', 6);
  const victim = await agentOf(system, before[0]);
  for (let time = 1; time <= 2; time++) {
    const {pid} = system.at.agents.find(({name}) => name === victim.name) ?? victim;
    process.kill(pid, 'SIGKILL');
    await eventually('another process', async () => {
      const agent = (await system.reread()).agents.find(({name}) => name === victim.name);
      return agent?.pid !== pid;
    });
    t.is(await activeAgents(system), 3);
    t.deepEqual(idsOf(await system.untilRunning('long', 6)), idsOf(before));
    t.deepEqual(await runningProcesses(system.dataDir), idsOf(before));
  }
  t.is((await system.marathon('DELETE', '/v2/apps/long')).status, 200);
  await eventually('no process', async () => (await runningProcesses(system.dataDir)).length === 0);
  t.is(await system.end('SIGTERM'), 0);
  t.deepEqual(await processesOf(system.dataDir), []);
});

test.serial('an agent that was told to stop stays away: its tasks end and run elsewhere', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(6));
  const before = await system.untilRunning('long', 6);
  process.kill((await agentOf(system, before[0])).pid, 'SIGTERM');
  await eventually('the agent to be gone', async () => (await activeAgents(system)) === 2);
  await untilSixElsewhere(system);
  t.is((await runningProcesses(system.dataDir)).length, 6);
  t.is(await activeAgents(system), 2);
});

test.serial('an agent that hangs: its tasks run elsewhere, and what had moved ends when it goes on', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(6));
  const before = await system.untilRunning('long', 6);
  const {pid} = await agentOf(system, before[0]);
  process.kill(pid, 'SIGSTOP');
  const stoppedAt = performance.now();
  await eventually('the agent to be lost', async () => (await activeAgents(system)) === 2);
  await untilSixElsewhere(system);
  const tookMs = performance.now() - stoppedAt;
  t.true(tookMs < AGENT_TIMEOUT_MS + 3000, `${tookMs} ms`);
  t.true((await runningProcesses(system.dataDir)).length > 6, 'nobody was there to end what had moved');

  process.kill(pid, 'SIGCONT');
  await eventually('the agent to be back', async () => (await activeAgents(system)) === 3);
  await eventually('six processes, those of the six tasks', async () => {
    const running = await runningProcesses(system.dataDir);
    return running.length === 6 && running.join() === idsOf(await system.running('long')).join();
  });
});

test.serial('a pause of the main process: it leads again, and what ran goes on', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(3));
  const before = idsOf(await system.untilRunning('long', 3));
  const agents = system.at.agents;
  // The first is shorter than the time after which a leader gives up, and longer than agents may be silent; the second
  // is longer than both.
  for (const pauseMs of [AGENT_TIMEOUT_MS + 2000, LEASE_MS + 2000]) {
    system.signal('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, pauseMs));
    system.signal('SIGCONT');
    await eventually('Marathon to answer', async () => (await system.marathon('GET', '/v2/apps')).status === 200);
    const grown = await eventually('a change to be taken', async () => {
      const {status} = await system.marathon('PUT', '/v2/apps/long?force=true', {instances: 4});
      return status === 200 ? await system.untilRunning('long', 4) : undefined;
    });
    t.true(
      before.every(id => idsOf(grown).includes(id)),
      'no task was replaced',
    );
    await system.marathon('PUT', '/v2/apps/long?force=true', {instances: 3});
    await system.untilRunning('long', 3);
    t.is(await activeAgents(system), 3);
    t.deepEqual((await system.reread()).agents, agents);
  }
  t.is(await system.end('SIGTERM'), 0);
  t.deepEqual(await processesOf(system.dataDir), []);
});

test.serial('kill -9 of the main process: tasks go on, and the next one finds them', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(3));
  const before = (await system.untilRunning('long', 3)).map(task => String(task['id'])).sort();
  const agents = system.at.agents.map(agent => agent.pid).sort();

  await system.end('SIGKILL');
  t.deepEqual(await runningProcesses(system.dataDir), before, 'nobody touched the tasks');

  await system.up();
  t.deepEqual(system.at.agents.map(agent => agent.pid).sort(), agents, 'the agents are the same processes');
  const after = (await system.untilRunning('long', 3)).map(task => String(task['id'])).sort();
  t.deepEqual(after, before);
  t.deepEqual(await runningProcesses(system.dataDir), before);
  t.like((await system.marathon('GET', '/v2/apps/long')).body['app'], {id: '/long', instances: 3});
});

test.serial('kill -9 of everything, tasks included: the apps come back, no task id runs twice', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(3));
  await system.marathon('POST', '/v2/apps', {...app(1), id: 'other'});
  await system.untilRunning('long', 3);
  await system.untilRunning('other', 1);

  await killAll(system.dataDir);
  await system.up();
  await system.untilRunning('long', 3);
  await system.untilRunning('other', 1);
  const ids = await eventually('four processes', async () => {
    const found = await runningProcesses(system.dataDir);
    return found.length === 4 ? found : undefined;
  });
  t.is(new Set(ids).size, 4);
});
