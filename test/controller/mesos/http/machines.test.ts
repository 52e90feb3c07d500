import test, {type ExecutionContext} from 'ava';
import {MESOS_AGENTS} from '../../../../src/crds/mesos-agent.ts';
import {CONFIG_MAPS} from '../../../../src/kube/kinds.ts';
import {clusterOfOneAgent, getJson, NAMESPACE, renewLease} from '../../../support/test-master.ts';
import {settle, type VirtualClock} from '../../../support/virtual-clock.ts';

type AgentStatus = {agentId: string; conditions?: {type: string; status: string; reason: string}[]};

async function cluster(t: ExecutionContext) {
  const {kube, clock, start} = await clusterOfOneAgent(t);
  const master = await start();
  const object = () => kube.find(MESOS_AGENTS, 'a1');
  const status = () => object()?.status as AgentStatus;
  const condition = (type: string) => status().conditions?.find(found => found.type === type);
  return {kube, clock, start, master, object, status, condition};
}

const headers = {'Content-Type': 'application/json', Accept: 'application/json'};
const post = (url: string, body: unknown, path = '/api/v1', more: Record<string, string> = headers) =>
  fetch(`${url}${path}`, {method: 'POST', headers: more, body: typeof body === 'string' ? body : JSON.stringify(body)});
const call = async (url: string, body: unknown) => (await post(url, body)).status;

type Agents = {get_agents: {agents?: [{deactivated: boolean; drain_info?: object}]}};
const agentOf = async (url: string) => {
  const {get_agents} = (await (await post(url, {type: 'GET_AGENTS'})).json()) as Agents;
  return get_agents.agents?.[0];
};

/** The master’s clock goes on until something holds. */
async function until(clock: VirtualClock, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if (holds()) return;
    clock.advance(1000);
    await settle();
  }
  throw new Error(`it did not happen: ${holds}`);
}

test('deactivate, reactivate: kept in the object’s spec, shown in its condition, known to the next leader', async t => {
  const {master, start, clock, object, status, condition} = await cluster(t);
  const agent_id = {value: status().agentId};
  t.is(await call(master.url, {type: 'REACTIVATE_AGENT', reactivate_agent: {agent_id}}), 400);
  t.is(await call(master.url, {type: 'DEACTIVATE_AGENT', deactivate_agent: {agent_id: {value: 'x'}}}), 400);
  t.is(await call(master.url, {type: 'DEACTIVATE_AGENT', deactivate_agent: {agent_id}}), 200);
  t.like(object()?.spec, {deactivated: true});
  t.like(await agentOf(master.url), {deactivated: true});
  await until(clock, () => condition('Schedulable')?.reason === 'Deactivated');
  await master.close();
  const next = await start();
  await until(clock, () => next.service.healthy());
  t.like(await agentOf(next.url), {deactivated: true});
  t.is(await call(next.url, {type: 'REACTIVATE_AGENT', reactivate_agent: {agent_id}}), 200);
  t.like(await agentOf(next.url), {deactivated: false});
});

test('drain: an agent without tasks is drained at once, and may be reactivated', async t => {
  const {master, clock, object, status, condition} = await cluster(t);
  const agent_id = {value: status().agentId};
  t.is(await call(master.url, {type: 'DRAIN_AGENT', drain_agent: {agent_id: {value: 'x'}}}), 400);
  t.is(await call(master.url, {type: 'DRAIN_AGENT', drain_agent: {agent_id, max_grace_period: {seconds: 10}}}), 200);
  t.like(object()?.spec, {drain: {maxGracePeriodSeconds: 10, markGone: false}});
  t.like(await agentOf(master.url), {
    deactivated: true,
    drain_info: {state: 'DRAINED', config: {max_grace_period: {nanoseconds: 10e9}, mark_gone: false}},
  });
  for (const path of ['/state', '/slaves', '/state-summary']) {
    const {slaves} = await getJson<{readonly slaves: readonly object[]}>(master.url + path);
    t.like(slaves[0], {deactivated: true, drain_info: {state: 'DRAINED', config: {mark_gone: false}}}, path);
    t.true('estimated_drain_start_time_seconds' in (slaves[0] ?? {}), path);
  }
  await until(clock, () => condition('Drained')?.status === 'True');
  t.is(await call(master.url, {type: 'REACTIVATE_AGENT', reactivate_agent: {agent_id}}), 200);
  await until(clock, () => condition('Drained') === undefined);
  t.is((object()?.spec as {drain?: object}).drain, undefined);
});

test('an agent marked as gone never comes back under its id, whoever leads', async t => {
  const {kube, master, start, clock, object, status, condition} = await cluster(t);
  const agent_id = {value: status().agentId};
  t.is(await call(master.url, {type: 'MARK_AGENT_GONE', mark_agent_gone: {agent_id: {value: 'x'}}}), 404);
  t.is(await call(master.url, {type: 'MARK_AGENT_GONE', mark_agent_gone: {agent_id}}), 200);
  t.is(await call(master.url, {type: 'MARK_AGENT_GONE', mark_agent_gone: {agent_id}}), 200);
  t.like(object()?.spec, {gone: true});
  t.is(await agentOf(master.url), undefined);
  await until(clock, () => condition('Ready')?.reason === 'AgentGone');
  await master.close();
  const next = await start();
  await renewLease(kube.client, clock, 'a1');
  await settle();
  t.is(await agentOf(next.url), undefined);
  t.is(await call(next.url, {type: 'DRAIN_AGENT', drain_agent: {agent_id}}), 400);
});

const window = {
  windows: [{machine_ids: [{hostname: 'a1.example'}], unavailability: {start: {nanoseconds: 1e18}}}],
};

test('a machine goes through maintenance over the older pages, and the next leader knows where it stands', async t => {
  const {kube, master, start, clock, condition, status} = await cluster(t);
  const machines = [{hostname: 'a1.example'}];
  t.is((await post(master.url, machines, '/machine/down')).status, 400);
  t.is((await post(master.url, window, '/master/maintenance/schedule')).status, 200);
  t.deepEqual(await getJson(`${master.url}/maintenance/schedule`), window);
  t.like(await getJson(`${master.url}/maintenance/status`), {draining_machines: [{id: {hostname: 'a1.example'}}]});
  const drain_agent = {agent_id: {value: status().agentId}};
  t.is(await call(master.url, {type: 'DRAIN_AGENT', drain_agent}), 400);
  t.is((await post(master.url, machines, '/machine/down')).status, 200);
  t.is(await agentOf(master.url), undefined);
  await until(clock, () => condition('Ready')?.reason === 'MachineDown');
  await master.close();

  const next = await start();
  await renewLease(kube.client, clock, 'a1');
  await settle();
  t.is(await agentOf(next.url), undefined);
  t.deepEqual(await getJson(`${next.url}/maintenance/status`), {down_machines: machines});
  t.is((await post(next.url, {}, '/maintenance/schedule')).status, 400);
  t.is((await post(next.url, machines, '/machine/up')).status, 200);
  t.like(await agentOf(next.url), {deactivated: false});
  t.deepEqual(await getJson(`${next.url}/maintenance/schedule`), {});
});

test('a schedule that somebody has broken by hand changes nothing, and is mended by the next', async t => {
  const {kube, master} = await cluster(t);
  const schedule = {type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: {schedule: window}};
  t.is(await call(master.url, schedule), 200);
  await kube.client.patch(CONFIG_MAPS, 'mesos-maintenance', NAMESPACE, 'merge', {data: {'schedule.json': '{'}});
  await settle();
  t.deepEqual(await getJson(`${master.url}/maintenance/schedule`), window);
  t.is(await call(master.url, schedule), 200);
  t.deepEqual(await getJson(`${master.url}/maintenance/schedule`), window);
});

const form = {'Content-Type': 'application/x-www-form-urlencoded'};
const reserved = JSON.stringify([
  {name: 'cpus', type: 'SCALAR', scalar: {value: 1}, reservations: [{type: 'DYNAMIC', role: 'eng'}]},
]);

test('the older pages reserve and unreserve', async t => {
  const {master, status} = await cluster(t);
  const body = new URLSearchParams({slaveId: status().agentId, resources: reserved}).toString();
  t.is((await post(master.url, body, '/master/reserve', form)).status, 202);
  t.like(await getJson(`${master.url}/slaves`), {slaves: [{reserved_resources: {eng: {cpus: 1}}}]});
  t.is((await post(master.url, body, '/unreserve', form)).status, 202);
  t.is((await post(master.url, body, '/unreserve', form)).status, 409);
  t.is((await post(master.url, 'slaveId=x', '/reserve', form)).status, 400);
  t.is((await post(master.url, 'slaveId=x&resources={', '/reserve', form)).status, 400);
  t.is((await fetch(`${master.url}/create-volumes`)).status, 405);
});
