import {readFile} from 'node:fs/promises';
import test from 'ava';
import {eventually} from '../support/eventually.ts';
import {type Json, killAll, processesOf, Standalone} from '../support/standalone.ts';

/** The standalone's: five times a second without a renewed Lease. */
const AGENT_TIMEOUT_MS = 5000;

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

test.serial('kill -9 of an agent: its tasks run elsewhere and the MesosAgent is not ready', async t => {
  const system = await Standalone.start(t);
  await system.marathon('POST', '/v2/apps', app(6));
  const before = await system.untilRunning('long', 6);
  const host = String(before[0]?.['slaveId']);
  const state = await system.mesos('GET', '/master/state');
  const slave = (state.body['slaves'] as Json[]).find(each => each['id'] === host);
  const victim =
    system.at.agents.find(
      agent => agent.name === slave?.['hostname'] || String(slave?.['hostname']).includes(agent.name),
    ) ?? system.at.agents[0];
  if (victim === undefined) throw new Error('no agent');
  process.kill(victim.pid, 'SIGKILL');
  const killedAt = performance.now();
  await eventually(
    'the agent to be lost',
    async () => Number((await system.mesos('GET', '/master/state')).body['activated_slaves']) === 2,
  );
  await eventually('six tasks elsewhere', async () => {
    const {body} = await system.mesos('GET', '/master/state');
    const active = new Set((body['slaves'] as Json[]).filter(each => each['active'] === true).map(each => each['id']));
    const running = await system.running('long');
    return running.length === 6 && running.every(task => active.has(task['slaveId']));
  });
  const tookMs = performance.now() - killedAt;
  t.true(tookMs < AGENT_TIMEOUT_MS + 3000, `${tookMs} ms`);

  t.is(await system.end('SIGTERM'), 0);
  t.deepEqual(await processesOf(system.dataDir), [], 'the tasks of the dead agent end too');
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
