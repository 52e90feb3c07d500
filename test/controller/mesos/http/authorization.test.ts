import test, {type ExecutionContext} from 'ava';
import {type Refused, believingGate} from '../../../support/believing-gate.ts';
import {call, frameworkInfo, post, subscribe} from '../../../support/scheduler-client.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {addAgent, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

const ANY = {type: 'ANY'};
const of = (...values: string[]) => ({values});

/** `ads` and `web` are frameworks with a role each; `ops` may everything; `reader` sees everything of users `nobody`. */
const ACLS = {
  permissive: false,
  register_frameworks: [
    {principals: of('ads'), roles: of('ads')},
    {principals: of('web'), roles: of('web/%')},
    {principals: of('ops'), roles: ANY},
  ],
  run_tasks: [
    {principals: of('ads', 'web'), users: of('nobody')},
    {principals: of('ops'), users: ANY},
  ],
  reserve_resources: [
    {principals: of('ads'), roles: of('ads')},
    {principals: of('ops'), roles: ANY},
  ],
  unreserve_resources: [
    {principals: of('ads'), reserver_principals: of('ads')},
    {principals: of('ops'), reserver_principals: ANY},
  ],
  teardown_frameworks: [
    {principals: of('ads'), framework_principals: of('ads')},
    {principals: of('ops'), framework_principals: ANY},
  ],
  update_weights: [{principals: of('ads'), roles: of('ads')}],
  update_quotas: [{principals: of('ads'), roles: of('ads')}],
  drain_agents: [{principals: of('ops'), agents: ANY}],
  view_frameworks: [
    {principals: of('reader', 'ads'), users: of('nobody')},
    {principals: of('ops'), users: ANY},
  ],
  view_tasks: [{principals: of('ops'), users: ANY}],
  view_roles: [
    {principals: of('reader'), roles: of('ads')},
    {principals: of('ops'), roles: ANY},
  ],
  get_endpoints: [{principals: of('reader'), paths: of('/metrics/snapshot')}],
};

/** Of any shape: what is missing fails the test. */
const json = async (answer: Response | Promise<Response>) => JSON.parse(await (await answer).text());
const as = (name: string) => ({authorization: `Bearer ${name}`});

async function master(t: ExecutionContext, open = false) {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192;disk:1000');
  const refused: Refused[] = [];
  const {url, close} = await testMaster({client, clock, gatekeeper: believingGate(open ? undefined : ACLS, refused)});
  t.teardown(close);
  const operator = (name: string, body: object) =>
    fetch(`${url}/api/v1`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', Accept: 'application/json', ...as(name)},
      body: JSON.stringify(body),
    });
  const framework = (name: string, role = name, user = 'nobody') =>
    subscribe(url, frameworkInfo(name, {roles: [role], user}), {}, as(name));
  return {url, refused, operator, framework};
}

test('a framework belongs to whoever registers it', async t => {
  const {framework, operator} = await master(t);
  await (await framework('ads')).next('SUBSCRIBED');
  const {get_frameworks} = await json(operator('ops', {type: 'GET_FRAMEWORKS'}));
  t.is(get_frameworks.frameworks[0].framework_info.principal, 'ads');
});

test('a framework may not name another principal', async t => {
  const {url} = await master(t);
  const body = {type: 'SUBSCRIBE', subscribe: {framework_info: frameworkInfo('f', {principal: 'ops'})}};
  t.is((await post(url, body, as('ads'))).status, 400);
});

test('a framework gets only roles that its principal may have: the stream says so, and ends', async t => {
  const {framework, refused} = await master(t);
  const stream = await framework('ads', 'web/a');
  const {error} = await stream.next('ERROR');
  t.regex(error.message, /Not authorized to register a framework with the role 'web\/a'/);
  await stream.ended;
  t.like(refused, [{principal: 'ads', asked: 'register_frameworks of "web/a"'}]);
  await (await framework('web', 'web/a')).next('SUBSCRIBED');
});

test('nobody speaks for the framework of another', async t => {
  const {url, framework} = await master(t);
  const stream = await framework('ads');
  await stream.next('SUBSCRIBED');
  t.is(await call(url, stream, {type: 'REVIVE'}, as('ads')), 202);
  t.is(await call(url, stream, {type: 'REVIVE'}, as('web')), 400);
  t.is(await call(url, stream, {type: 'TEARDOWN'}, as('ops')), 400);
  const id = {value: stream.frameworkId()};
  const thief = await subscribe(url, frameworkInfo('ads', {roles: ['web/x'], id}), {}, as('web'));
  t.regex((await thief.next('ERROR')).error.message, /principal/);
  t.is(await call(url, stream, {type: 'REVIVE'}, as('ads')), 202);
});

test('an update with a role that the principal may not have is forbidden', async t => {
  const {url, framework} = await master(t);
  const stream = await framework('web', 'web/a');
  await stream.next('SUBSCRIBED');
  const update = (role: string) =>
    call(
      url,
      stream,
      {
        type: 'UPDATE_FRAMEWORK',
        update_framework: {framework_info: frameworkInfo('web', {roles: [role], id: {value: stream.frameworkId()}})},
      },
      as('web'),
    );
  t.is(await update('ads'), 403);
  t.is(await update('web/b'), 200);
});

test('a task of a user that the principal may not run as is ended, and the others of its launch run', async t => {
  const {url, framework, operator} = await master(t);
  const stream = await framework('ads');
  const {offers} = (await stream.next('OFFERS')).offers;
  const [offer] = offers ?? [];
  if (offer === undefined) return t.fail('no offer');
  const task = (id: string, user: string) => ({
    name: id,
    task_id: {value: id},
    agent_id: offer.agent_id,
    resources: [
      {name: 'cpus', type: 'SCALAR' as const, scalar: {value: 0.1}, allocation_info: {role: 'ads'}},
      {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}, allocation_info: {role: 'ads'}},
    ],
    command: {value: 'true', user},
  });
  const operations = [
    {type: 'LAUNCH' as const, launch: {task_infos: [task('bad', 'root'), task('good', 'nobody')]}},
    {
      type: 'RESERVE' as const,
      id: {value: 'foreign'},
      reserve: {
        resources: [
          {
            name: 'cpus',
            type: 'SCALAR' as const,
            scalar: {value: 1},
            allocation_info: {role: 'ads'},
            reservations: [{role: 'ads/x', type: 'DYNAMIC' as const, principal: 'ads'}],
          },
        ],
      },
    },
  ];
  const accept = {offer_ids: [offer.id], operations};
  t.is(await call(url, stream, {type: 'ACCEPT', accept}, as('ads')), 202);
  const {status} = (await stream.next('UPDATE')).update;
  t.like(status, {task_id: {value: 'bad'}, state: 'TASK_ERROR', reason: 'REASON_TASK_UNAUTHORIZED'});
  const outcome = await stream.next('UPDATE_OPERATION_STATUS');
  t.like(outcome.update_operation_status.status, {operation_id: {value: 'foreign'}, state: 'OPERATION_ERROR'});
  const {get_tasks} = await json(operator('ops', {type: 'GET_TASKS'}));
  t.deepEqual(
    get_tasks.tasks.map((one: {task_id: {value: string}}) => one.task_id.value),
    ['good'],
  );
});

const weights = (role: string) => ({type: 'UPDATE_WEIGHTS', update_weights: {weight_infos: [{role, weight: 2}]}});
const quota = (role: string) => ({type: 'UPDATE_QUOTA', update_quota: {quota_configs: [{role}]}});

const operatorRows: Record<string, {who: string; body: object; want: number}> = {
  'weight of the own role': {who: 'ads', body: weights('ads'), want: 200},
  'weight of another role': {who: 'ads', body: weights('web'), want: 403},
  'quota of the own role': {who: 'ads', body: quota('ads'), want: 200},
  'quota of another role': {who: 'ads', body: quota('web'), want: 403},
  'drain by an operator': {who: 'ops', body: {type: 'DRAIN_AGENT', drain_agent: {agent_id: {value: 'x'}}}, want: 400},
  'drain by a framework': {who: 'ads', body: {type: 'DRAIN_AGENT', drain_agent: {agent_id: {value: 'x'}}}, want: 403},
  'flags, which nobody may see': {who: 'ops', body: {type: 'GET_FLAGS'}, want: 403},
  'metrics by a reader': {who: 'reader', body: {type: 'GET_METRICS', get_metrics: {}}, want: 200},
  'metrics by a framework': {who: 'ads', body: {type: 'GET_METRICS', get_metrics: {}}, want: 403},
};
for (const [title, {who, body, want}] of Object.entries(operatorRows)) {
  test(`${title}: ${want}`, async t => {
    const {operator} = await master(t);
    t.is((await operator(who, body)).status, want);
  });
}

test('a framework is torn down by those who may do that to its principal', async t => {
  const {operator, framework} = await master(t);
  const [ads, web] = [await framework('ads'), await framework('web', 'web/a')];
  await Promise.all([ads.next('SUBSCRIBED'), web.next('SUBSCRIBED')]);
  const tearDown = async (who: string, value: string) =>
    (await operator(who, {type: 'TEARDOWN', teardown: {framework_id: {value}}})).status;
  t.is(await tearDown('ads', web.frameworkId()), 403);
  t.is(await tearDown('web', web.frameworkId()), 403);
  t.is(await tearDown('ads', ads.frameworkId()), 200);
  t.is(await tearDown('ops', web.frameworkId()), 200);
  t.is(await tearDown('web', 'no-such-framework'), 400);
});

test('everybody sees what he may see, on the older pages as well', async t => {
  const {url, operator, framework} = await master(t);
  await (await framework('ads')).next('SUBSCRIBED');
  await (await framework('ops', 'web/a', 'root')).next('SUBSCRIBED');
  type Named = {name: string};
  const seen = async (who: string) => {
    const {get_frameworks} = await json(operator(who, {type: 'GET_FRAMEWORKS'}));
    const older = await json(fetch(`${url}/frameworks`, {headers: as(who)}));
    const roles = await json(fetch(`${url}/roles`, {headers: as(who)}));
    return [
      (get_frameworks.frameworks ?? []).map(({framework_info}: {framework_info: Named}) => framework_info.name),
      older.frameworks.map(({name}: Named) => name),
      roles.roles.map(({name}: Named) => name),
    ];
  };
  t.deepEqual(await seen('ops'), [
    ['ads', 'ops'],
    ['ads', 'ops'],
    ['ads', 'web', 'web/a'],
  ]);
  t.deepEqual(await seen('reader'), [['ads'], ['ads'], ['ads']]);
  t.deepEqual(await seen('web'), [[], [], []]);
});

test('a reservation by the operator is the caller’s own', async t => {
  const {url, operator} = await master(t);
  const {get_agents} = await json(operator('ops', {type: 'GET_AGENTS'}));
  const agent_id = get_agents.agents[0].agent_info.id;
  const reserve = (role: string, principal: string) => ({
    type: 'RESERVE_RESOURCES',
    reserve_resources: {
      agent_id,
      resources: [
        {name: 'cpus', type: 'SCALAR', scalar: {value: 1}, reservations: [{role, type: 'DYNAMIC', principal}]},
      ],
    },
  });
  t.is((await operator('ads', reserve('ads', 'ads'))).status, 202);
  t.is((await operator('ads', reserve('web', 'ads'))).status, 403);
  t.is((await operator('ads', reserve('ads', 'ops'))).status, 400);
  const {resources} = reserve('ads', 'ads').reserve_resources;
  const unreserve = {type: 'UNRESERVE_RESOURCES', unreserve_resources: {agent_id, resources}};
  t.is((await operator('web', unreserve)).status, 403);
  t.is((await operator('ads', unreserve)).status, 202);
  t.is((await fetch(`${url}/metrics`, {headers: as('web')})).status, 403);
});

test('without ACLs, whoever is let in may do everything', async t => {
  const {operator, framework} = await master(t, true);
  t.is((await operator('anybody', weights('web'))).status, 200);
  await (await framework('anybody', 'ads')).next('SUBSCRIBED');
});
