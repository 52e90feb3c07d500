import {eventually} from '../../support/eventually.ts';
import test, {type ExecutionContext} from 'ava';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import type {Offer} from '../../../src/api/mesos/v1/common.ts';
import {call, frameworkInfo, subscribe} from '../../support/scheduler-client.ts';
import {clusterOfOneAgent, getJson} from '../../support/test-master.ts';

const RESERVED = {
  name: 'cpus',
  type: 'SCALAR',
  scalar: {value: 1},
  reservations: [{type: 'DYNAMIC', role: 'eng'}],
} as const;
const eng = frameworkInfo('f', {
  roles: ['eng'],
  failover_timeout: 3600,
  capabilities: [{type: 'MULTI_ROLE'}, {type: 'RESERVATION_REFINEMENT'}],
});

async function cluster(t: ExecutionContext) {
  const {kube, clock, start} = await clusterOfOneAgent(t);
  const status = () =>
    kube.find(MESOS_AGENTS, 'a1')?.status as {agentId: string; reserved?: unknown; operations?: unknown[]};
  return {kube, clock, start, status};
}

const post = (url: string, body: unknown) =>
  fetch(`${url}/api/v1`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', Accept: 'application/json'},
    body: JSON.stringify(body),
  });

test('an operator reserves: 202 when the agent’s object has it, and the pages show it', async t => {
  const {start, status} = await cluster(t);
  const {url} = await start();
  const agent_id = {value: await eventually('the id of the agent', () => status()?.agentId)};
  const reserve_resources = {agent_id, resources: [RESERVED]};
  t.is((await post(url, {type: 'RESERVE_RESOURCES', reserve_resources})).status, 202);
  t.like(status(), {reserved: [RESERVED]});
  const {slaves} = await getJson<{slaves: [{reserved_resources: object; unreserved_resources: object}]}>(
    `${url}/slaves`,
  );
  t.like(slaves[0].reserved_resources, {eng: {cpus: 1}});
  t.like(slaves[0].unreserved_resources, {cpus: 3});
  t.is((await post(url, {type: 'UNRESERVE_RESOURCES', unreserve_resources: reserve_resources})).status, 202);
  t.is(status().reserved, undefined);
  t.is((await post(url, {type: 'UNRESERVE_RESOURCES', unreserve_resources: reserve_resources})).status, 409);
});

test('what a framework reserved, and what it was not told of, is known to the next leader', async t => {
  const {start, status} = await cluster(t);
  const first = await start();
  const stream = await subscribe(first.url, eng);
  const offers: readonly Offer[] = (await stream.next('OFFERS')).offers.offers ?? [];
  const operations = [{type: 'RESERVE' as const, id: {value: 'op'}, reserve: {resources: [RESERVED]}}];
  await call(first.url, stream, {
    type: 'ACCEPT',
    accept: {offer_ids: offers.map(({id}) => id), operations, filters: {refuse_seconds: 0}},
  });
  const {update_operation_status} = await stream.next('UPDATE_OPERATION_STATUS');
  t.is(update_operation_status.status.state, 'OPERATION_FINISHED');
  t.is(status().operations?.length, 1);
  await first.close();

  const second = await start();
  const again = await subscribe(second.url, {...eng, id: {value: stream.frameworkId()}});
  const repeated = await again.next('UPDATE_OPERATION_STATUS');
  t.deepEqual(repeated.update_operation_status, update_operation_status);
  const [offer] = (await again.next('OFFERS')).offers.offers ?? [];
  t.deepEqual(
    offer?.resources
      ?.filter(({name}) => name === 'cpus')
      .map(({scalar, reservations}) => [scalar?.value, reservations?.length]),
    [
      [3, undefined],
      [1, 1],
    ],
  );
  await call(second.url, again, {
    type: 'ACKNOWLEDGE_OPERATION_STATUS',
    acknowledge_operation_status: {
      agent_id: {value: status().agentId},
      operation_id: {value: 'op'},
      uuid: update_operation_status.status.uuid?.value ?? '',
    },
  });
  while (status().operations !== undefined) await new Promise(resolve => setImmediate(resolve));
  t.like(status(), {reserved: [RESERVED]});
});
