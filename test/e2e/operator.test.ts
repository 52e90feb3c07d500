import test from 'ava';
import {eventually} from '../support/eventually.ts';
import {type Json, Standalone} from '../support/standalone.ts';

type Slave = {id: string; hostname: string; deactivated?: boolean; reserved_resources: Record<string, {cpus: number}>};
type Drained = {agent_info: {id: {value: string}}; drain_info?: {state: string}; deactivated: boolean};

const slaves = async (system: Standalone): Promise<Slave[]> =>
  ((await system.mesos('GET', '/slaves')).body['slaves'] as Slave[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
const call = async (system: Standalone, body: object): Promise<number> =>
  (await system.mesos('POST', '/api/v1', body)).status;
const agentsOf = async (system: Standalone): Promise<Drained[]> => {
  const {body} = await system.mesos('POST', '/api/v1', {type: 'GET_AGENTS'});
  return ((body['get_agents'] as Json)['agents'] ?? []) as Drained[];
};

const web = {id: 'web', cmd: 'sleep 1000', cpus: 0.1, mem: 16, instances: 4};

test.serial('reservations outlive a crash; a drain moves the tasks; a machine goes down and comes up', async t => {
  const system = await Standalone.start(t, ['--agents=2', '--agent-resources=cpus:2;mem:512;cpus(prod):1']);
  const [first] = await eventually('two agents', async () => {
    const found = await slaves(system);
    return found.length === 2 ? found : undefined;
  });
  if (first === undefined) return t.fail();
  const agent_id = {value: first.id};
  t.like(first.reserved_resources, {prod: {cpus: 1}});

  const resources = [
    {name: 'cpus', type: 'SCALAR', scalar: {value: 1}, reservations: [{type: 'DYNAMIC', role: 'dev'}]},
  ];
  t.is(await call(system, {type: 'RESERVE_RESOURCES', reserve_resources: {agent_id, resources}}), 202);
  await system.end('SIGKILL');
  await system.up();
  await eventually('both agents are back, with what was reserved', async () => {
    const found = await slaves(system);
    return found.length === 2 && found[0]?.reserved_resources['dev']?.cpus === 1;
  });
  t.is(await call(system, {type: 'UNRESERVE_RESOURCES', unreserve_resources: {agent_id, resources}}), 202);

  await system.marathon('POST', '/v2/apps', web);
  await system.untilRunning('web', 4);
  const drain_agent = {agent_id, max_grace_period: {seconds: 2}};
  t.is(await call(system, {type: 'DRAIN_AGENT', drain_agent}), 200);
  await eventually('the agent is drained', async () => {
    const agent = (await agentsOf(system)).find(({agent_info}) => agent_info.id.value === first.id);
    return agent?.drain_info?.state === 'DRAINED';
  });
  const moved = await system.untilRunning('web', 4);
  t.true(moved.every(({slaveId}) => slaveId !== first.id));
  t.is(await call(system, {type: 'REACTIVATE_AGENT', reactivate_agent: {agent_id}}), 200);
  t.true((await agentsOf(system)).every(({deactivated}) => !deactivated));

  const machines = [{hostname: first.hostname}];
  const unavailability = {start: {nanoseconds: 1e18}};
  const schedule = {windows: [{machine_ids: machines, unavailability}]};
  t.is((await system.mesos('POST', '/maintenance/schedule', schedule)).status, 200);
  t.deepEqual((await system.mesos('GET', '/maintenance/schedule')).body, schedule);
  t.is((await system.mesos('POST', '/machine/down', machines)).status, 200);
  t.true((await slaves(system)).every(({hostname}) => hostname !== first.hostname));
  t.is((await system.mesos('POST', '/machine/up', machines)).status, 200);
  await eventually('both agents are back', async () => (await slaves(system)).length === 2);
  await system.untilRunning('web', 4);
});
