import {request} from 'node:http';
import test from 'ava';
import {operatorCallSchema} from '../../../../src/api/mesos/v1/operator.ts';
import {type OperatorEvent, operatorEventSchema} from '../../../../src/api/mesos/v1/operator-events.ts';
import type {Encoding} from '../../../../src/api/mesos/v1/encodings.ts';
import {PODS} from '../../../../src/kube/kinds.ts';
import type {KubeClient} from '../../../../src/kube/types.ts';
import {JSON_ENCODING, messages, PROTOBUF, send} from '../../../support/protobuf-client.ts';
import {call, frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {addAgent, NAMESPACE, renewLease, setPodState, testMaster} from '../../../support/test-master.ts';
import {settle, VirtualClock} from '../../../support/virtual-clock.ts';

async function master(argv: readonly string[] = []) {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192');
  return {clock, client, ...(await testMaster({client, clock, argv}))};
}

type Running = Awaited<ReturnType<typeof master>>;

/** The name of the first pod there will be. */
async function firstPod(client: KubeClient): Promise<string> {
  for (;;) {
    const pods = await client.list(PODS, {namespace: NAMESPACE});
    const [pod] = pods.ok ? pods.value.items : [];
    if (pod !== undefined) return pod.metadata.name;
    await settle();
  }
}

/** Follows the cluster. `next` moves the clock on until an event of the type comes; those before it are skipped. */
async function follow({url, clock}: Running, as: Encoding = JSON_ENCODING) {
  const abort = new AbortController();
  const response = await send(`${url}/api/v1`, {
    schema: operatorCallSchema,
    message: {type: 'SUBSCRIBE'},
    as,
    signal: abort.signal,
  });
  const events: OperatorEvent[] = [];
  const ended = (async () => {
    try {
      for await (const event of messages(response, operatorEventSchema, as)) events.push(event);
    } catch {
      // Cut off.
    }
  })();
  let at = 0;
  const next = async (type: OperatorEvent['type'] & string): Promise<OperatorEvent> => {
    for (;;) {
      while (at < events.length) {
        const event = events[at++];
        if (event?.type === type) return event;
      }
      await settle();
      clock.advance(5);
    }
  };
  return {response, events, next, ended, close: () => abort.abort()};
}

for (const [name, as] of Object.entries({JSON: JSON_ENCODING, protobuf: PROTOBUF})) {
  test(`a subscriber hears the whole state, a heartbeat, and what becomes of a task, in ${name}`, async t => {
    const running = await master();
    t.teardown(running.close);
    const {url, client, clock} = running;
    const stream = await follow(running, as);
    t.is(stream.response.status, 200);
    t.is(stream.response.headers.get('Content-Type'), as.type);
    t.is(stream.response.headers.get('Mesos-Stream-Id'), null);
    const {subscribed} = await stream.next('SUBSCRIBED');
    t.is(subscribed?.heartbeat_interval_seconds, 15);
    t.is(subscribed?.get_state?.get_agents?.agents?.[0]?.agent_info.hostname, 'a1.example');
    await stream.next('HEARTBEAT');

    const framework = await subscribe(url, frameworkInfo('f'));
    const {framework_added} = await stream.next('FRAMEWORK_ADDED');
    t.like(framework_added?.framework, {connected: true, active: true, framework_info: {name: 'f'}});

    const {offers} = await framework.next('OFFERS');
    const [offer] = offers.offers ?? [];
    const task = {
      name: 't',
      task_id: {value: 't1'},
      agent_id: offer?.agent_id ?? {value: ''},
      command: {value: 'sleep 1000'},
      resources: [{name: 'cpus', type: 'SCALAR', scalar: {value: 1}}],
    } as const;
    const launch = {type: 'LAUNCH', launch: {task_infos: [task]}} as const;
    const accept = {offer_ids: offer === undefined ? [] : [offer.id], operations: [launch]};
    t.is(await call(url, framework, {type: 'ACCEPT', accept}), 202);
    const {task_added} = await stream.next('TASK_ADDED');
    t.like(task_added?.task, {state: 'TASK_STAGING', task_id: {value: 't1'}, name: 't'});

    await setPodState(client, await firstPod(client));
    let updated: OperatorEvent['task_updated'];
    do updated = (await stream.next('TASK_UPDATED')).task_updated;
    while (updated?.status.state !== 'TASK_RUNNING');
    t.like(updated, {state: 'TASK_RUNNING', framework_id: {value: framework.frameworkId()}});

    t.is(await call(url, framework, {type: 'TEARDOWN'}), 202);
    const killed = await stream.next('TASK_UPDATED');
    t.like(killed.task_updated, {state: 'TASK_KILLED', status: {reason: 'REASON_FRAMEWORK_REMOVED'}});
    const {framework_removed} = await stream.next('FRAMEWORK_REMOVED');
    t.is(framework_removed?.framework_info.id?.value, framework.frameworkId());

    await renewLease(client, clock, 'a1', '');
    const {agent_removed} = await stream.next('AGENT_REMOVED');
    t.is(agent_removed?.agent_id.value, offer?.agent_id.value);
    await renewLease(client, clock, 'a1');
    t.is((await stream.next('AGENT_ADDED')).agent_added?.agent.agent_info.hostname, 'a1.example');
    stream.close();
  });
}

test('a framework that leaves, returns and changes is told each time', async t => {
  const running = await master();
  t.teardown(running.close);
  const {url} = running;
  const first = await subscribe(url, frameworkInfo('f', {failover_timeout: 60}));
  await first.next('SUBSCRIBED');
  const stream = await follow(running);
  const {subscribed} = await stream.next('SUBSCRIBED');
  t.is(subscribed?.get_state?.get_frameworks?.frameworks?.length, 1);
  const updated = async () => (await stream.next('FRAMEWORK_UPDATED')).framework_updated?.framework;
  first.close();
  t.like(await updated(), {connected: false});
  const id = {value: first.frameworkId()};
  const second = await subscribe(url, frameworkInfo('f', {failover_timeout: 60, id}));
  await second.next('SUBSCRIBED');
  t.like(await updated(), {connected: true});
  const update_framework = {framework_info: frameworkInfo('g', {failover_timeout: 60, id})};
  t.is(await call(url, second, {type: 'UPDATE_FRAMEWORK', update_framework}), 200);
  t.like(await updated(), {framework_info: {name: 'g'}});
  t.false(stream.events.some(({type}) => type === 'FRAMEWORK_ADDED'));
});

test('with one subscriber too many the oldest is closed, and a metric counts them', async t => {
  const running = await master(['--max_operator_event_stream_subscribers=2']);
  t.teardown(running.close);
  const count = () => running.service.metrics.snapshot()['master/operator_event_stream_subscribers'];
  t.is(count(), 0);
  const streams = [await follow(running), await follow(running)];
  for (const stream of streams) await stream.next('HEARTBEAT');
  t.is(count(), 2);
  const third = await follow(running);
  await third.next('HEARTBEAT');
  await streams[0]?.ended;
  t.is(count(), 2);
  third.close();
  while (count() !== 1) await settle();
});

test('a subscriber that does not read is closed, and others do not notice', async t => {
  const running = await master(['--max_stream_buffer_bytes=65536']);
  t.teardown(running.close);
  const {url} = running;
  const sent = request(`${url}/api/v1`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', Accept: 'application/json'},
  });
  sent.on('error', () => {});
  sent.on('response', response => response.pause().on('error', () => {}));
  sent.end('{"type":"SUBSCRIBE"}');
  const other = await follow(running);
  await other.next('HEARTBEAT');
  const count = () => running.service.metrics.snapshot()['master/operator_event_stream_subscribers'];
  while (count() !== 2) await settle();
  const webui_url = `http://${'x'.repeat(100_000)}`;
  const framework = await subscribe(url, frameworkInfo('f'));
  await framework.next('SUBSCRIBED');
  await other.next('FRAMEWORK_ADDED');
  const id = {value: framework.frameworkId()};
  // More than sockets and the buffer hold.
  for (let round = 0; round < 200 && count() === 2; round++) {
    const update_framework = {framework_info: frameworkInfo(`f${round}`, {id, webui_url})};
    t.is(await call(url, framework, {type: 'UPDATE_FRAMEWORK', update_framework}), 200);
    await other.next('FRAMEWORK_UPDATED');
  }
  t.is(count(), 1);
});

test('a master that stops leading ends its streams', async t => {
  const running = await master();
  t.teardown(running.close);
  const stream = await follow(running);
  await stream.next('HEARTBEAT');
  await running.service.stop();
  await stream.ended;
  t.pass();
});
