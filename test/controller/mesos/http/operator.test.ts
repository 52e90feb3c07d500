import test from 'ava';
import {TestKube} from '../../../support/test-kube.ts';
import {frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {addAgent, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

async function master() {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192');
  return testMaster({client, clock, argv: ['--cluster=lab']});
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', Accept: 'application/json', ...headers},
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const reads = {
  GET_HEALTH: {get_health: {healthy: true}},
  GET_VERSION: {get_version: {version_info: {version: '1.2.3'}}},
  GET_AGENTS: {get_agents: {agents: [{agent_info: {hostname: 'a1.example'}, active: true}]}},
  GET_FRAMEWORKS: {
    get_frameworks: {
      frameworks: [{framework_info: {name: 'f'}, connected: true, offer_constraints: {}}],
      completed_frameworks: [],
    },
  },
  GET_ROLES: {get_roles: {roles: [{name: '*', weight: 1}]}},
  GET_STATE: {get_state: {get_agents: {agents: [{agent_info: {hostname: 'a1.example'}}]}}},
  GET_MASTER: {get_master: {master_info: {hostname: 'localhost'}}},
  // These lists are there when they are empty.
  GET_TASKS: {get_tasks: {tasks: [], unreachable_tasks: [], completed_tasks: []}},
  GET_EXECUTORS: {get_executors: {executors: []}},
  GET_WEIGHTS: {},
  GET_FLAGS: {},
  GET_QUOTA: {},
  GET_OPERATIONS: {},
};
for (const [type, want] of Object.entries(reads)) {
  test(`${type} answers 200 with its type`, async t => {
    const {url, close} = await master();
    t.teardown(close);
    const stream = await subscribe(url, frameworkInfo('f'));
    await stream.next('OFFERS');
    const response = await post(url, {type});
    t.is(response.status, 200);
    t.like(await response.json(), {type, ...want});
  });
}

const refusals = {
  'no type': {body: {}, status: 400, text: "Failed to validate master::Call: Expecting 'type' to be present"},
  'an unknown type': {body: {type: 'UNKNOWN'}, status: 501, text: 'Unknown call type'},
  'no JSON': {body: '{', status: 400},
  'a teardown of nobody': {
    body: {type: 'TEARDOWN', teardown: {framework_id: {value: 'x'}}},
    status: 400,
    text: 'No framework found with specified ID',
  },
};
for (const [title, row] of Object.entries(refusals)) {
  test(`${title}: ${row.status}`, async t => {
    const {url, close} = await master();
    t.teardown(close);
    const response = await post(url, row.body);
    t.is(response.status, row.status);
    const text = await response.text();
    if ('text' in row) t.is(text, row.text);
  });
}

test('an answer that nobody can read is 406, before an unknown type is 501', async t => {
  const {url, close} = await master();
  t.teardown(close);
  t.is((await post(url, {type: 'UNKNOWN'}, {Accept: 'text/html'})).status, 406);
});

test('GET_METRICS carries the snapshot', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const answer = await (await post(url, {type: 'GET_METRICS', get_metrics: {}})).text();
  t.true(answer.includes('{"name":"master/cpus_total","value":4}'));
});

test('TEARDOWN ends the framework: 200 without a body', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  await stream.next('SUBSCRIBED');
  const response = await post(url, {type: 'TEARDOWN', teardown: {framework_id: {value: stream.frameworkId()}}});
  t.is(response.status, 200);
  t.is(await response.text(), '');
  await stream.ended;
  t.pass();
});
