import test from 'ava';
import {call, frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {addAgent, getJson, type TestMasterOptions, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

async function master(options: Partial<TestMasterOptions> = {}) {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192;disk:100;ports:[31000-31100]');
  return testMaster({client, clock, ...options});
}

/** A page that is there but for one framework, which holds all that the agent has as an offer. */
async function withOffer() {
  const running = await master();
  const stream = await subscribe(running.url, frameworkInfo('f', {roles: ['eng']}));
  await stream.next('OFFERS');
  return {...running, stream};
}

/** What the tests look at of the pages. */
type Page = {
  readonly version: string;
  readonly activated_slaves: number;
  readonly leader: string;
  readonly pid: string;
  readonly cluster?: string;
  readonly flags: object;
  readonly slaves: readonly {
    readonly id: string;
    readonly unreserved_resources_full: readonly object[];
    readonly reserved_resources_full?: object;
  }[];
  readonly frameworks: readonly {readonly offers: readonly object[]}[];
  readonly orphan_tasks: readonly object[];
  readonly unregistered_frameworks: readonly object[];
  readonly roles: readonly {readonly name: string; readonly allocated: object}[];
};

const RESOURCES = {cpus: 4, gpus: 0, mem: 8192, disk: 100, ports: '[31000-31100]'};

test('/state has agents, frameworks and who leads', async t => {
  const {url, close, stream} = await withOffer();
  t.teardown(close);
  const state = await getJson<Page>(`${url}/master/state`);
  t.is(state.version, '1.2.3');
  t.is(state.activated_slaves, 1);
  t.is(state.leader, state.pid);
  t.is(state.cluster, undefined);
  t.like(state.slaves[0], {hostname: 'a1.example', active: true, resources: RESOURCES, offered_resources: RESOURCES});
  t.like(state.frameworks[0], {id: stream.frameworkId(), name: 'f', roles: ['eng'], active: true, recovered: false});
  t.is(state.frameworks[0]?.offers.length, 1);
  t.deepEqual(state.orphan_tasks, []);
  t.deepEqual(state.unregistered_frameworks, []);
});

test('/state-summary counts tasks by state, also under its old name', async t => {
  const {url, close} = await withOffer();
  t.teardown(close);
  for (const path of ['/state-summary', '/master/state-summary.json']) {
    const summary = await getJson<Page>(url + path);
    t.like(summary.slaves[0], {TASK_RUNNING: 0, TASK_UNREACHABLE: 0, framework_ids: []});
    t.like(summary.frameworks[0], {name: 'f', TASK_STAGING: 0, slave_ids: []});
  }
});

test('/slaves shows resources whole, and one agent when asked', async t => {
  const {url, close} = await withOffer();
  t.teardown(close);
  const {slaves} = await getJson<Page>(`${url}/slaves`);
  t.is(slaves[0]?.unreserved_resources_full.length, 4);
  t.true(slaves[0]?.unreserved_resources_full.every(one => 'role' in one && one.role === '*'));
  t.deepEqual((await getJson<Page>(`${url}/slaves?slave_id=none`)).slaves, []);
  t.is((await getJson<Page>(`${url}/slaves?slave_id=${slaves[0]?.id}`)).slaves.length, 1);
});

test('/roles shows what is offered under a role', async t => {
  const {url, close, stream} = await withOffer();
  t.teardown(close);
  const {roles} = await getJson<Page>(`${url}/roles`);
  const role = roles.find(({name}) => name === 'eng');
  // Quantities here: 101 ports.
  const held = {cpus: 4, mem: 8192, disk: 100, ports: 101};
  t.like(role, {weight: 1, frameworks: [stream.frameworkId()], offered: held, resources: held});
  t.deepEqual(role?.allocated, {});
});

test('/slaves shows what is reserved in both forms, and what comes back in both is understood', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const {slaves} = await getJson<Page>(`${url}/slaves`);
  const change = async (path: string, resource: object) => {
    const form = new URLSearchParams({slaveId: slaves[0]?.id ?? '', resources: JSON.stringify([resource])});
    return (await fetch(`${url}/${path}`, {method: 'POST', body: form})).status;
  };
  const cpus = {name: 'cpus', type: 'SCALAR', scalar: {value: 1}};
  const reservations = [{type: 'DYNAMIC', role: 'eng', principal: 'p'}];
  t.is(await change('reserve', {...cpus, reservations}), 202);
  const [slave] = (await getJson<Page>(`${url}/slaves`)).slaves;
  const both = {...cpus, role: 'eng', reservation: {principal: 'p'}, reservations};
  t.deepEqual(slave?.reserved_resources_full, {eng: [both]});
  const agents = await fetch(`${url}/api/v1`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: '{"type":"GET_AGENTS"}',
  });
  const {get_agents}: {get_agents: {agents: {total_resources: object[]}[]}} = JSON.parse(await agents.text());
  t.deepEqual(
    get_agents.agents[0]?.total_resources.filter(resource => 'reservations' in resource),
    [both],
  );
  t.is(await change('unreserve', {...both, role: '*'}), 400);
  t.is(await change('unreserve', {...both, reservation: {principal: 'q'}}), 400);
  t.is(await change('unreserve', {...cpus, role: 'eng', reservations}), 400);
  t.is(await change('unreserve', both), 202);
});

test('what is no number counts for nothing at /tasks, a negative limit is no limit, and a form says the same', async t => {
  const {url, close, stream} = await withOffer();
  t.teardown(close);
  const [offer] = stream.events.flatMap(event => (event.type === 'OFFERS' ? (event.offers.offers ?? []) : []));
  const agent_id = offer?.agent_id ?? {value: ''};
  const cpus = [{name: 'cpus', type: 'SCALAR', scalar: {value: 0.01}}] as const;
  const task_infos = ['t1', 't2'].map(name => ({
    ...{name, task_id: {value: name}, agent_id, command: {value: 'true'}},
    resources: cpus,
  }));
  const accept = {
    offer_ids: offer === undefined ? [] : [offer.id],
    operations: [{type: 'LAUNCH', launch: {task_infos}} as const],
  };
  t.is(await call(url, stream, {type: 'ACCEPT', accept}), 202);
  const count = async (query: string) => (await getJson<{tasks: object[]}>(`${url}/tasks${query}`)).tasks.length;
  t.is(await count(''), 2);
  t.is(await count('?limit=1'), 1);
  t.is(await count('?limit=-1'), 2);
  t.is(await count('?limit=x'), 2);
  t.is(await count('?limit=0'), 0);
  t.is(await count('?offset=1'), 1);
  t.is(await count('?offset=-1'), 0);
  t.is(await count('?task_id=t2&order=asc'), 1);
  const form = new URLSearchParams({limit: '1'});
  const response = await fetch(`${url}/master/tasks`, {method: 'POST', body: form});
  t.is((JSON.parse(await response.text()) as {tasks: object[]}).tasks.length, 1);
  await call(url, stream, {type: 'TEARDOWN'});
  const prefix = `master/frameworks/f/${stream.frameworkId()}`;
  t.like(await getJson<object>(`${url}/metrics/snapshot`), {
    [`${prefix}/operations`]: 1,
    [`${prefix}/operations/launch`]: 1,
    [`${prefix}/tasks/terminal/task_killed`]: 2,
    'master/tasks_killed': 2,
  });
});

test('the counters of a framework go with it when it is remembered no more', async t => {
  const {url, close} = await master({argv: ['--max_completed_frameworks=0']});
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  await stream.next('SUBSCRIBED');
  const names = async () => Object.keys(await getJson<object>(`${url}/metrics/snapshot`));
  const isOfFramework = (name: string) => name.startsWith('master/frameworks/f/');
  t.true((await names()).some(isOfFramework));
  await call(url, stream, {type: 'TEARDOWN'});
  await stream.ended;
  t.false((await names()).some(isOfFramework));
});

test('/state says where the master stands', async t => {
  const fault_domain = {region: {name: 'r'}, zone: {name: 'z'}};
  const {url, close} = await master({argv: [`--domain=${JSON.stringify({fault_domain})}`]});
  t.teardown(close);
  const state = await getJson<object>(`${url}/state`);
  t.like(state, {domain: {fault_domain}, leader_info: {domain: {fault_domain}}});
});

test('a path that begins with that of the operator API is served by it, and a slash at the end does not matter', async t => {
  const {url, close} = await master();
  t.teardown(close);
  for (const path of ['/api/v1/', '/api/v1/operator', '/master/api/v1/operator', '/api/v1/a/b']) {
    const headers = {'Content-Type': 'application/json'};
    const response = await fetch(url + path, {method: 'POST', headers, body: '{"type":"GET_HEALTH"}'});
    t.deepEqual(await response.json(), {type: 'GET_HEALTH', get_health: {healthy: true}}, path);
  }
  for (const path of ['/state/', '/master/slaves/', '/metrics/snapshot/', '/version/', '/roles/', '/redirect/']) {
    t.not((await fetch(url + path, {redirect: 'manual'})).status, 404, path);
  }
});

test('JSONP calls the function that is named, and only a function', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const response = await fetch(`${url}/version?jsonp=angular.callbacks._1`);
  t.is(await response.text(), 'angular.callbacks._1({"version":"1.2.3"});');
  t.regex(response.headers.get('Content-Type') ?? '', /^text\/javascript/);
  t.is((await fetch(`${url}/version?jsonp=alert(1)`)).status, 400);
});

test('/metrics/snapshot is flat, with the names of Mesos', async t => {
  const {url, close} = await withOffer();
  t.teardown(close);
  const snapshot = await getJson<object>(`${url}/metrics/snapshot?timeout=10secs`);
  t.like(snapshot, {
    'master/cpus_total': 4,
    'master/cpus_used': 0, // offers are not used
    'master/elected': 1,
    'master/slaves_active': 1,
    'master/frameworks_active': 1,
    'master/outstanding_offers': 1,
    'master/messages_register_framework': 1,
    'allocator/mesos/resources/cpus/offered_or_allocated': 4,
  });
  t.is((await fetch(`${url}/metrics/snapshot?timeout=soon`)).status, 400);
});

test('/metrics/snapshot tells of each framework, unless it should not', async t => {
  const {url, close, stream} = await withOffer();
  t.teardown(close);
  const prefix = `master/frameworks/f/${stream.frameworkId()}`;
  t.like(await getJson<object>(`${url}/metrics/snapshot`), {
    [`${prefix}/subscribed`]: 1,
    [`${prefix}/events/offers`]: 1,
    [`${prefix}/offers/sent`]: 1,
    [`${prefix}/roles/eng/suppressed`]: 0,
    // A counter is there from the start.
    [`${prefix}/calls/accept`]: 0,
    [`${prefix}/events/update`]: 0,
    [`${prefix}/offers/declined`]: 0,
    [`${prefix}/tasks/active/task_running`]: 0,
    [`${prefix}/tasks/terminal/task_finished`]: 0,
    [`${prefix}/operations/reserve`]: 0,
  });
  await call(url, stream, {type: 'TEARDOWN'});
  t.is((await getJson<Record<string, number>>(`${url}/metrics/snapshot`))[`${prefix}/calls/teardown`], 1);
  const silent = await master({argv: ['--no-publish_per_framework_metrics']});
  t.teardown(silent.close);
  const other = await subscribe(silent.url, frameworkInfo('f'));
  await other.next('SUBSCRIBED');
  const names = Object.keys(await getJson<object>(`${silent.url}/metrics/snapshot`));
  t.false(names.some(name => name.startsWith('master/frameworks/')));
});

test('/metrics is Prometheus text', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const response = await fetch(`${url}/metrics`);
  t.regex(response.headers.get('Content-Type') ?? '', /^text\/plain/);
  t.true((await response.text()).includes('mesos_master_resources{resource="cpus"} 4'));
});

test('/flags shows the flags as text', async t => {
  const {url, close} = await master({argv: ['--cluster=lab', '--offer_timeout=1mins']});
  t.teardown(close);
  const {flags} = await getJson<Page>(`${url}/flags`);
  t.like(flags, {cluster: 'lab', offer_timeout: '1mins', allocation_interval: '1secs'});
});

test('/redirect points to the leader, whoever answers', async t => {
  const {url, close} = await master({leaderAddress: '10.0.0.7:5050'});
  t.teardown(close);
  const response = await fetch(`${url}/master/redirect`, {redirect: 'manual'});
  t.is(response.status, 307);
  t.is(response.headers.get('Location'), '//10.0.0.7:5050');
  t.is((await fetch(`${url}/redirect/x`)).status, 404);
});

const refusals = {
  '/nothing': {method: 'GET', status: 404},
  '/master/nothing': {method: 'GET', status: 404},
  '/master/master/state': {method: 'GET', status: 404},
  '/state': {method: 'POST', status: 405},
  '/health': {method: 'DELETE', status: 405},
  '/metrics/snapshot': {method: 'PUT', status: 405},
};
for (const [path, {method, status}] of Object.entries(refusals)) {
  test(`${method} ${path}: ${status}`, async t => {
    const {url, close} = await master();
    t.teardown(close);
    t.is((await fetch(url + path, {method})).status, status);
  });
}
