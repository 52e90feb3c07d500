import {mkdir, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {startAgentApi} from '../../src/agent-api/agent-api.ts';
import {agentCallSchema, agentResponseSchema} from '../../src/api/mesos/v1/agent.ts';
import {PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {readAnswer, send} from '../support/protobuf-client.ts';
import {call, frameworkInfo, subscribe} from '../support/scheduler-client.ts';
import {TestKube} from '../support/test-kube.ts';
import {addAgent, getJson, NAMESPACE, setPodState, testMaster} from '../support/test-master.ts';
import {settle, VirtualClock} from '../support/virtual-clock.ts';

const RESOURCES = 'cpus:4;mem:8192;ports:[31000-31100]';

/** An agent with one task that runs, whose sandbox has two files and a link to what was fetched. */
async function agentWithTask() {
  const directory = await mkdtemp(join(tmpdir(), 'agent-'));
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', RESOURCES);
  const master = await testMaster({client, clock});
  const stream = await subscribe(master.url, frameworkInfo('f'));
  const {offers} = await stream.next('OFFERS');
  const [offer] = offers.offers ?? [];
  const agent_id = offer?.agent_id ?? {value: ''};
  const cpus = [{name: 'cpus', type: 'SCALAR', scalar: {value: 0.5}}] as const;
  const task = {name: 'web', task_id: {value: 't1'}, agent_id, command: {value: 'sleep 9'}, resources: cpus};
  const operations = [{type: 'LAUNCH', launch: {task_infos: [task]}}] as const;
  await call(master.url, stream, {type: 'ACCEPT', accept: {offer_ids: offer ? [offer.id] : [], operations}});
  const pod = await podOf(client);
  await setPodState(client, pod.name);
  const pods = join(directory, 'pods');
  const sandbox = join(pods, pod.uid, 'task', '0');
  await mkdir(sandbox, {recursive: true});
  await mkdir(join(pods, pod.uid, 'fetch', '0'), {recursive: true});
  await writeFile(join(sandbox, 'stdout'), 'hello, world');
  await writeFile(join(pods, pod.uid, 'fetch', '0', 'fetched'), 'fetched');
  await symlink(join(pods, pod.uid, 'fetch', '0', 'fetched'), join(sandbox, 'fetched'));
  await symlink('/etc/hostname', join(sandbox, 'outside'));
  const start = async () => {
    const started = await startAgentApi({
      ...{name: 'a1', namespace: NAMESPACE, client, clock, random: () => 0.5, log: silentLogger},
      ...{ip: '127.0.0.1', port: 0, hostname: 'a1.example', version: '1.2.3'},
      ...{resources: RESOURCES, attributes: 'rack:r1', flags: {name: 'a1'}, podsDirectory: pods},
    });
    if (!started.ok) throw new Error(started.error);
    return {...started.value, url: `http://127.0.0.1:${started.value.port}`};
  };
  const api = await start();
  const end = async () => {
    await api.close();
    await master.close();
    await rm(directory, {recursive: true});
  };
  return {
    ...{client, master, stream, agentId: agent_id.value, frameworkId: stream.frameworkId()},
    ...api,
    sandbox,
    pod,
    end,
    start,
  };
}

async function podOf(client: TestKube['client']) {
  for (;;) {
    const pods = await client.list(PODS, {namespace: NAMESPACE});
    const [pod] = pods.ok ? pods.value.items : [];
    if (pod !== undefined) return {name: pod.metadata.name, uid: pod.metadata.uid ?? ''};
    await settle();
  }
}

type State = {
  readonly id: string;
  readonly attributes: object;
  readonly frameworks: readonly Framework[];
  readonly completed_frameworks: readonly Framework[];
};
type Framework = {
  readonly name: string;
  readonly executors: readonly object[];
  readonly completed_executors: readonly object[];
};

/** `/state` when it is as wanted. */
async function stateOf(url: string, isWanted: (state: State) => boolean): Promise<State> {
  for (;;) {
    const state = await getJson<State>(`${url}/state`);
    if (isWanted(state)) return state;
    await settle();
  }
}

test('an agent shows its task, with the directory of its run, under the framework’s name', async t => {
  const {url, end, sandbox, agentId, pod, master} = await agentWithTask();
  t.teardown(end);
  const state = await stateOf(url, ({frameworks}) => frameworks.length === 1);
  t.is(state.id, agentId);
  t.deepEqual(state.attributes, {rack: 'r1'});
  t.is(state.frameworks[0]?.name, 'f');
  t.like(state.frameworks[0]?.executors[0], {id: 't1', source: 't1', container: pod.uid, directory: sandbox});
  t.like(await getJson<object>(`${url}/slave(1)/state`), {id: agentId});
  t.like(await getJson<object>(`${master.url}/version`), {version: '1.2.3'});
  t.like((await getJson<object[]>(`${url}/containers`))[0], {container_id: pod.uid, statistics: {cpus_limit: 0.5}});
  t.like((await getJson<object[]>(`${url}/monitor/statistics`))[0], {executor_id: 't1', statistics: {cpus_limit: 0.5}});
  t.like(await getJson<object>(`${url}/metrics/snapshot`), {
    'slave/cpus_total': 4,
    'slave/cpus_used': 0.5,
    'slave/tasks_running': 1,
    'slave/registered': 1,
  });
  t.deepEqual(await getJson<object>(`${url}/flags`), {flags: {name: 'a1'}});
  t.is((await fetch(`${url}/health`)).status, 200);
});

test('a sandbox is browsed, read and sent whole, by its real path and by that of the task', async t => {
  const {url, end, sandbox, frameworkId} = await agentWithTask();
  t.teardown(end);
  await stateOf(url, ({frameworks}) => frameworks.length === 1);
  const latest = `/frameworks/${frameworkId}/executors/t1/runs/latest`;
  for (const path of [sandbox, latest]) {
    const listed = await getJson<{path: string}[]>(`${url}/files/browse?path=${path}`);
    t.deepEqual(
      listed.map(file => file.path),
      ['fetched', 'outside', 'stdout'].map(name => `${path}/${name}`),
    );
    const read = (name: string) => fetch(`${url}/files/read?path=${path}/${name}&offset=7`);
    t.deepEqual(await (await read('stdout')).json(), {offset: 7, data: 'world'});
    t.is(await (await fetch(`${url}/files/download?path=${path}/fetched`)).text(), 'fetched');
    // A task can make links to anything.
    t.is((await read('outside')).status, 404);
    t.is((await read('../../../other')).status, 404);
  }
});

test('when the task has ended and its pod is gone, its sandbox is still shown, also by an agent that was started anew', async t => {
  const {client, url, end, start, stream, sandbox, pod, master} = await agentWithTask();
  t.teardown(end);
  await stateOf(url, ({frameworks}) => frameworks.length === 1);
  await setPodState(client, pod.name, 0);
  await call(master.url, stream, {type: 'TEARDOWN'});
  await stateOf(url, ({completed_frameworks}) => completed_frameworks.length === 1);
  await client.delete(PODS, pod.name, NAMESPACE);
  // Notes that nobody can read are passed over.
  await writeFile(join(sandbox, '../../task-1.json'), '{"uid":"x","info":{}}');
  await writeFile(join(sandbox, '../../task-2.json'), '{"uid":');
  // Nor is one believed that is about another place.
  const note = await readFile(join(sandbox, '../../task.json'), 'utf8');
  await writeFile(join(sandbox, '../../task-3.json'), note.replace('"task"', '"../../.."'));
  const again = await start();
  t.teardown(again.close);
  const state = await stateOf(again.url, ({completed_frameworks}) => completed_frameworks.length === 1);
  t.like(state.completed_frameworks[0]?.completed_executors[0], {id: 't1', directory: sandbox});
  t.deepEqual(await getJson<object>(`${again.url}/files/read?path=${sandbox}/stdout&offset=0&length=5`), {
    offset: 0,
    data: 'hello',
  });
  await rm(sandbox, {recursive: true});
  t.is((await fetch(`${again.url}/files/browse?path=${sandbox}`)).status, 404);
});

const CALLS = {
  GET_HEALTH: {get_health: {healthy: true}},
  GET_VERSION: {get_version: {version_info: {version: '1.2.3'}}},
  GET_FLAGS: {get_flags: {flags: [{name: 'name', value: 'a1'}]}},
  GET_LOGGING_LEVEL: {get_logging_level: {level: 0}},
  GET_TASKS: {get_tasks: {launched_tasks: [{name: 'web', state: 'TASK_RUNNING'}]}},
  GET_EXECUTORS: {get_executors: {executors: [{executor_info: {executor_id: {value: 't1'}}}]}},
  GET_FRAMEWORKS: {get_frameworks: {frameworks: [{framework_info: {name: 'f'}}]}},
  GET_STATE: {get_state: {get_tasks: {launched_tasks: [{name: 'web'}]}}},
  GET_CONTAINERS: {
    get_containers: {containers: [{executor_id: {value: 't1'}, resource_statistics: {cpus_limit: 0.5}}]},
  },
  GET_AGENT: {get_agent: {agent_info: {hostname: 'a1.example'}}},
  GET_OPERATIONS: {},
} as const;
test('the calls that read answer in protobuf', async t => {
  const {url, end} = await agentWithTask();
  t.teardown(end);
  await stateOf(url, ({frameworks}) => frameworks.length === 1);
  for (const [type, want] of Object.entries(CALLS)) {
    const message = {type: type as keyof typeof CALLS};
    const response = await send(`${url}/api/v1`, {schema: agentCallSchema, message});
    t.is(response.status, 200, type);
    t.like(await readAnswer(response, agentResponseSchema), {type, ...want}, type);
  }
});

const refusals = {
  'no type': {body: {}, status: 400},
  'a call that only the master has': {body: {type: 'GET_ROLES'}, status: 400},
  'READ_FILE without a path': {body: {type: 'READ_FILE'}, status: 400},
  'READ_FILE of nothing': {body: {type: 'READ_FILE', read_file: {path: '/nothing', offset: 0}}, status: 404},
  'an unknown call': {body: {type: 'UNKNOWN'}, status: 501},
};
for (const [title, {body, status}] of Object.entries(refusals)) {
  test(`${title}: ${status}`, async t => {
    const {url, end} = await agentWithTask();
    t.teardown(end);
    const headers = {'Content-Type': 'application/json'};
    t.is((await fetch(`${url}/api/v1`, {method: 'POST', headers, body: JSON.stringify(body)})).status, status);
  });
}
