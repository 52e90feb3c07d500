import test, {type ExecutionContext} from 'ava';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../../src/crds/mesos-framework.ts';
import {MESOS_ROLES} from '../../../src/crds/mesos-role.ts';
import {NODES, PODS} from '../../../src/kube/kinds.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {refusal, TestKube} from '../../support/test-kube.ts';
import {call, frameworkInfo, type Stream, subscribe} from '../../support/scheduler-client.ts';
import {
  addAgent,
  endDeletedPods,
  getJson,
  NAMESPACE,
  renewLease,
  setPodState,
  type TestMasterOptions,
  testMaster,
} from '../../support/test-master.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

const FAILOVER = {failover_timeout: 3600};

/** A cluster of one agent, its master, and what a test does to both. */
async function cluster(t: ExecutionContext, argv: readonly string[] = []) {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  await addAgent(kube.client, clock, 'a1', 'cpus:4;mem:8192;disk:100;ports:[31000-31100]');
  const start = async (options: Partial<TestMasterOptions> = {}) => {
    const master = await testMaster({client: kube.client, clock, argv, ...options});
    t.teardown(master.close);
    return master;
  };
  return {kube, clock, start, master: await start()};
}

/** Waits for something that comes over sockets and watches. */
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (let turn = 0; turn < 100_000; turn++) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await settle();
  }
  throw new Error(`it did not happen: ${look}`);
}

const task = (id: string, agentId: string, cpus = 1) => ({
  name: id,
  task_id: {value: id},
  agent_id: {value: agentId},
  command: {value: 'sleep 1000'},
  resources: [
    {name: 'cpus', type: 'SCALAR' as const, scalar: {value: cpus}},
    {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}},
  ],
});

/** Launches a task on the next offer, filtering nothing. @returns the agent's id */
async function launch(url: string, stream: Stream, id: string, cpus = 1): Promise<string> {
  const {offers} = await stream.next('OFFERS');
  const [offer] = offers.offers ?? [];
  if (offer === undefined) throw new Error('an empty OFFERS event');
  const operations = [{type: 'LAUNCH' as const, launch: {task_infos: [task(id, offer.agent_id.value, cpus)]}}];
  await call(url, stream, {type: 'ACCEPT', accept: {offer_ids: [offer.id], operations, filters: {refuse_seconds: 0}}});
  return offer.agent_id.value;
}

const podOf = (kube: TestKube, id: string): KubeObject | undefined =>
  kube.objects(PODS).find(({metadata}) => metadata.annotations?.['mesos.dev/task-id'] === id);

async function acknowledge(url: string, stream: Stream, state: string) {
  const {update} = await stream.next('UPDATE');
  const {agent_id, task_id, uuid} = update.status;
  if (update.status.state !== state) throw new Error(`${update.status.state} instead of ${state}`);
  if (agent_id === undefined || uuid === undefined) throw new Error(`${state} cannot be acknowledged`);
  await call(url, stream, {type: 'ACKNOWLEDGE', acknowledge: {agent_id, task_id, uuid}});
  return update.status;
}

/** A task is told to start before it is told to run, also when its pod is seen running at once. */
async function acknowledgeStart(url: string, stream: Stream): Promise<void> {
  await acknowledge(url, stream, 'TASK_STARTING');
  await acknowledge(url, stream, 'TASK_RUNNING');
}

test('a task becomes a pod bound to its node, and its end releases the pod', async t => {
  const {kube, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  t.like(pod.spec, {nodeName: 'a1', restartPolicy: 'Never'});
  t.is(pod.metadata.ownerReferences?.[0]?.name, stream.frameworkId());
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  t.deepEqual(pod.metadata.finalizers, ['mesos.dev/task-status']);
  await setPodState(kube.client, pod.metadata.name, 0);
  await acknowledge(master.url, stream, 'TASK_FINISHED');
  await until(() => podOf(kube, 't1')?.metadata.finalizers === undefined);
  t.pass();
});

test('a kill deletes the pod with its grace, and TASK_KILLED comes when the node has ended it', async t => {
  const {kube, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  const kill_policy = {grace_period: {nanoseconds: 7e9}};
  await call(master.url, stream, {type: 'KILL', kill: {task_id: {value: 't1'}, kill_policy}});
  const deleted = await until(() => {
    const found = podOf(kube, 't1');
    return found?.metadata.deletionTimestamp !== undefined && found;
  });
  t.is(deleted.metadata.deletionGracePeriodSeconds, 7);
  await endDeletedPods(kube.client, kube.objects(PODS));
  t.truthy(podOf(kube, 't1')); // its finalizer keeps it until the end was acknowledged
  await acknowledge(master.url, stream, 'TASK_KILLED');
  await until(() => podOf(kube, 't1') === undefined);
  t.pass();
});

const refusals = {
  'a pod that is invalid is TASK_ERROR': {status: 422, reason: 'Invalid', want: 'TASK_ERROR'},
  'a pod that is forbidden is TASK_FAILED': {status: 403, reason: 'Forbidden', want: 'TASK_FAILED'},
};
for (const [title, {status, reason, want}] of Object.entries(refusals)) {
  test(`${title}, with the server's message`, async t => {
    const {kube, clock, master} = await cluster(t);
    kube.fault = ({verb, kind}) =>
      verb === 'create' && kind.plural === 'pods'
        ? {kind: 'http', status, reason, message: 'quota is used up'}
        : undefined;
    const stream = await subscribe(master.url, frameworkInfo('f'));
    await launch(master.url, stream, 't1');
    const {message} = await acknowledge(master.url, stream, want);
    t.regex(message ?? '', /quota is used up/);
    await clock.advanceAsync(1000);
    const {offers} = await stream.next('OFFERS'); // with the resources that the task did not use
    t.is(offers.offers?.[0]?.resources?.[0]?.scalar?.value, 4);
    t.is(podOf(kube, 't1'), undefined);
  });
}

test('a create that took effect although nobody answered is not a second task', async t => {
  const {kube, clock, master} = await cluster(t);
  let creates = 0;
  const {create} = kube.client;
  Object.assign(kube.client, {
    create: async (kind: typeof PODS, object: KubeObject) => {
      const made = await create(kind, object);
      return kind.plural === 'pods' && creates++ === 0 ? {ok: false, error: {kind: 'network', message: 'cut'}} : made;
    },
  });
  const stream = await subscribe(master.url, frameworkInfo('f'));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await clock.advanceAsync(1000);
  t.is(creates, 2);
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  t.is(kube.objects(PODS).length, 1);
});

test('a second master on the same objects has everything, and touches no running task', async t => {
  const {kube, start, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  const agentId = await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  const before = podOf(kube, 't1');
  await master.close();

  const next = await start();
  await until(() => next.service.metrics.snapshot()['master/slaves_active'] === 1);
  const snapshot = next.service.metrics.snapshot();
  t.like(snapshot, {
    'master/cpus_used': 1,
    'master/tasks_running': 1,
    'master/frameworks_disconnected': 1,
    'allocator/mesos/resources/cpus/offered_or_allocated': 1,
  });
  const state = await getJson<{slaves: {id: string}[]; frameworks: object[]}>(`${next.url}/state`);
  t.is(state.slaves[0]?.id, agentId);
  t.like(state.frameworks[0], {id: stream.frameworkId(), recovered: true});

  const id = {value: stream.frameworkId()};
  const again = await subscribe(next.url, frameworkInfo('f', {...FAILOVER, id}));
  const {offers} = await again.next('OFFERS');
  const cpus = offers.offers?.[0]?.resources?.find(({name}) => name === 'cpus');
  t.is(cpus?.scalar?.value, 3); // 4 less the running task's
  await acknowledge(next.url, again, 'TASK_RUNNING'); // told once more: the first may have been lost
  t.deepEqual(podOf(kube, 't1'), before);
});

test('what happened while nobody led is told by the next master', async t => {
  const {kube, start, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  await master.close();
  await setPodState(kube.client, pod.metadata.name, 3);

  const next = await start();
  const again = await subscribe(next.url, frameworkInfo('f', {...FAILOVER, id: {value: stream.frameworkId()}}));
  await acknowledge(next.url, again, 'TASK_FAILED');
  await until(() => podOf(kube, 't1')?.metadata.finalizers === undefined);
  t.pass();
});

test('a framework deleted while nobody led is torn down by the next master', async t => {
  const {kube, clock, start, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  await until(() => podOf(kube, 't1'));
  await master.close();
  await kube.client.delete(MESOS_FRAMEWORKS, stream.frameworkId(), NAMESPACE);

  await start();
  await until(() => podOf(kube, 't1')?.metadata.deletionTimestamp);
  await endDeletedPods(kube.client, kube.objects(PODS));
  await clock.advanceAsync(5000); // the pod was changed under the master's hands: it tries again
  await until(() => podOf(kube, 't1') === undefined);
  t.pass();
});

test('deleting the MesosFramework is the teardown: stream ended, tasks killed, pods gone', async t => {
  const {kube, clock, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  await until(() => podOf(kube, 't1'));
  await kube.client.delete(MESOS_FRAMEWORKS, stream.frameworkId(), NAMESPACE);
  await stream.ended;
  await until(() => podOf(kube, 't1')?.metadata.deletionTimestamp);
  await endDeletedPods(kube.client, kube.objects(PODS));
  await clock.advanceAsync(5000); // the pod was changed under the master's hands: it tries again
  await until(() => podOf(kube, 't1') === undefined);
  t.pass();
});

test('a silent agent is lost with its tasks, and welcome when it renews its Lease', async t => {
  const {kube, clock, master} = await cluster(t, ['--agent_ping_timeout=1secs']);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  const agentId = await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  for (let tick = 0; tick < 60; tick++) await clock.advanceAsync(100); // 5 × 1 s and a little
  const {update} = await stream.next('UPDATE');
  t.like(update.status, {state: 'TASK_UNREACHABLE', reason: 'REASON_AGENT_REMOVED', source: 'SOURCE_MASTER'});
  t.is(update.status.uuid, undefined);
  const {failure} = await stream.next('FAILURE');
  t.is(failure.agent_id?.value, agentId);
  await clock.advanceAsync(1100);
  const conditions = () => JSON.stringify(kube.find(MESOS_AGENTS, 'a1')?.status);
  t.regex(conditions(), /AgentUnreachable/);

  await renewLease(kube.client, clock, 'a1');
  const back = await stream.next('UPDATE');
  t.like(back.update.status, {state: 'TASK_RUNNING', reason: 'REASON_AGENT_REREGISTERED'});
  await clock.advanceAsync(1100);
  t.regex(conditions(), /AgentReady/);
});

test('a silent agent on a node that is ready keeps its tasks; they are lost when the node is not ready', async t => {
  const {kube, clock, master} = await cluster(t, ['--agent_ping_timeout=1secs']);
  const node = (status: string) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {name: 'a1'},
    status: {conditions: [{type: 'Ready', status}]},
  });
  const written = await kube.client.create(NODES, node('True'));
  t.true(written.ok);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  const status = (): string => JSON.stringify(kube.find(MESOS_AGENTS, 'a1')?.status);
  // Many times the time after which an agent is lost.
  for (let tick = 0; tick < 100; tick++) await clock.advanceAsync(500);
  t.regex(status(), /"reason":"AgentSilent"/);
  // It gets no offers, and no framework has a reason to move what runs there.
  const {slaves} = await getJson<{slaves: object[]}>(`${master.url}/slaves`);
  t.like(slaves[0], {active: false, deactivated: false});
  t.is(podOf(kube, 't1')?.metadata.deletionTimestamp, undefined);

  await kube.client.patch(NODES, 'a1', undefined, 'merge', {status: node('Unknown').status}, {subresource: 'status'});
  for (let tick = 0; tick < 20; tick++) await clock.advanceAsync(100);
  t.regex(status(), /"reason":"AgentUnreachable"/);
  const {update} = await stream.next('UPDATE');
  t.like(update.status, {state: 'TASK_UNREACHABLE', reason: 'REASON_AGENT_REMOVED'});
});

test('a master that may not read nodes goes on without: a silent agent is lost', async t => {
  const {kube, clock, master, start} = await cluster(t, ['--agent_ping_timeout=1secs']);
  await master.close();
  kube.create(NODES, {metadata: {name: 'a1'}, status: {conditions: [{type: 'Ready', status: 'True'}]}} as never);
  kube.fault = ({kind}) => (kind === NODES ? refusal(403, 'Forbidden') : undefined);
  const next = await start();
  await subscribe(next.url, frameworkInfo('f'));
  for (let tick = 0; tick < 80; tick++) await clock.advanceAsync(100);
  t.regex(JSON.stringify(kube.find(MESOS_AGENTS, 'a1')?.status), /AgentUnreachable/);
});

test('to kill a task takes one DELETE and one PATCH', async t => {
  const {kube, clock, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name);
  await acknowledgeStart(master.url, stream);
  let calls: string[] = [];
  kube.fault = ({verb, kind}) => {
    if (kind === PODS && verb !== 'watch') calls.push(verb);
    return undefined;
  };
  await call(master.url, stream, {type: 'KILL', kill: {task_id: {value: 't1'}}});
  await until(() => podOf(kube, 't1')?.metadata.deletionTimestamp);
  t.deepEqual(calls, ['delete']);
  await endDeletedPods(kube.client, kube.objects(PODS));
  // Those were the node's.
  calls = [];
  await acknowledge(master.url, stream, 'TASK_KILLED');
  await until(() => podOf(kube, 't1') === undefined);
  for (let second = 0; second < 60; second++) await clock.advanceAsync(1000);
  t.deepEqual(calls, ['patch']);
});

test('a pod of another launch under the same name is not released', async t => {
  const {kube, clock, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  const pod = await until(() => podOf(kube, 't1'));
  await setPodState(kube.client, pod.metadata.name, 0);
  // Somebody has removed the pod, and made one that looks like a later launch.
  kube.cut();
  await kube.client.patch(PODS, pod.metadata.name, NAMESPACE, 'merge', {metadata: {finalizers: null}});
  await kube.client.delete(PODS, pod.metadata.name, NAMESPACE, {gracePeriodSeconds: 0});
  const {uid: _uid, resourceVersion: _version, ...metadata} = pod.metadata;
  const annotations = {...metadata.annotations, 'mesos.dev/launch-id': 'another'};
  await kube.client.create(PODS, {...pod, metadata: {...metadata, annotations}});
  for (let second = 0; second < 10; second++) await clock.advanceAsync(1000);
  t.true((podOf(kube, 't1')?.metadata.finalizers ?? []).length > 0);
});

test('an agent that releases its Lease is gone at once', async t => {
  const {kube, clock, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  const {offers} = await stream.next('OFFERS');
  await renewLease(kube.client, clock, 'a1', '');
  const {rescind} = await stream.next('RESCIND');
  t.deepEqual(rescind.offer_id, offers.offers?.[0]?.id);
  await clock.advanceAsync(1100);
  t.regex(JSON.stringify(kube.find(MESOS_AGENTS, 'a1')?.status), /AgentShutdown/);
});

test('an agent whose resources cannot be understood says so, and is not used', async t => {
  const {kube, clock} = await cluster(t);
  await addAgent(kube.client, clock, 'a2', 'cpus:many');
  for (let i = 0; i < 10; i++) await clock.advanceAsync(300);
  t.regex(JSON.stringify(kube.find(MESOS_AGENTS, 'a2')?.status), /InvalidResources/);
  t.regex(JSON.stringify(kube.find(MESOS_AGENTS, 'a2')?.status), /want a number, 0 or more, got \\"cpus:many\\"/);
});

test('statuses count tasks, offers and resources', async t => {
  const {kube, clock, master} = await cluster(t);
  const stream = await subscribe(master.url, frameworkInfo('f', FAILOVER));
  await launch(master.url, stream, 't1');
  for (let i = 0; i < 10; i++) await clock.advanceAsync(300);
  t.like(kube.find(MESOS_AGENTS, 'a1')?.status, {tasks: 1, total: {cpus: 4, mem: 8192}, used: {cpus: 1, mem: 32}});
  t.like(kube.find(MESOS_FRAMEWORKS, stream.frameworkId())?.status, {phase: 'Active', tasks: 1, used: {cpus: 1}});
  stream.close();
  await stream.ended;
  await until(() => master.service.metrics.snapshot()['master/frameworks_disconnected'] === 1);
  await clock.advanceAsync(1100);
  t.like(kube.find(MESOS_FRAMEWORKS, stream.frameworkId())?.status, {phase: 'Disconnected', offers: 0});
});

test('the weight of a MesosRole counts, and the younger of two for one role says that it does not', async t => {
  const {kube, clock, master} = await cluster(t);
  for (const [name, weight] of [['eng', 3] as const, ['eng-again', 5] as const]) {
    await kube.client.create(MESOS_ROLES, {
      apiVersion: 'mesos.dev/v1',
      kind: 'MesosRole',
      metadata: {name, namespace: NAMESPACE},
      spec: {role: 'eng', weight},
    });
  }
  const weights = async () => {
    const answer = await master.service.operatorTransport.call({type: 'GET_WEIGHTS'});
    return answer.ok ? answer.value.get_weights?.weight_infos : undefined;
  };
  for (let i = 0; i < 60; i++) await clock.advanceAsync(100);
  t.deepEqual(await weights(), [{role: 'eng', weight: 3}]);
  t.regex(JSON.stringify(kube.find(MESOS_ROLES, 'eng')?.status), /"reason":"InEffect"/);
  t.regex(JSON.stringify(kube.find(MESOS_ROLES, 'eng-again')?.status), /DuplicateRole/);
});

test('offers are rescinded after offer_timeout, and made again', async t => {
  const {clock, master} = await cluster(t, ['--offer_timeout=10secs']);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  const first = await stream.next('OFFERS');
  for (let s = 0; s < 12; s++) await clock.advanceAsync(1000);
  const {rescind} = await stream.next('RESCIND');
  t.deepEqual(rescind.offer_id, first.offers.offers?.[0]?.id);
  t.truthy((await stream.next('OFFERS')).offers.offers?.[0]);
});

test('a framework that cannot be saved hears why, and nothing is left of it', async t => {
  const {kube, master} = await cluster(t);
  kube.fault = ({verb, kind}) =>
    verb === 'create' && kind.plural === 'mesosframeworks'
      ? {kind: 'http', status: 403, reason: 'Forbidden', message: 'not in this namespace'}
      : undefined;
  const stream = await subscribe(master.url, frameworkInfo('f'));
  t.regex((await stream.next('ERROR')).error.message, /not in this namespace/);
  await stream.ended;
  t.is(master.service.metrics.snapshot()['master/frameworks_connected'], 0);
});
