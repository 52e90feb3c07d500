import test from 'ava';
import type {SchedulerEvent} from '../../../../src/api/mesos/v1/scheduler.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {frameworkInfo} from '../../../support/scheduler-client.ts';
import {addAgent, type TestMasterOptions, testMaster} from '../../../support/test-master.ts';
import {settle, VirtualClock} from '../../../support/virtual-clock.ts';

async function master(options: Partial<TestMasterOptions> = {}) {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192');
  return testMaster({client, clock, ...options});
}

/** A listener that remembers, in one list, what it heard. */
function listener() {
  const heard: (SchedulerEvent | string)[] = [];
  return {
    heard,
    onEvent: (event: SchedulerEvent) => void heard.push(event),
    onClosed: (reason: string) => void heard.push(reason),
    until: async (holds: () => boolean) => {
      for (let turn = 0; turn < 10_000 && !holds(); turn++) await settle();
    },
  };
}

const typeOf = (heard: SchedulerEvent | string): string => (typeof heard === 'string' ? heard : heard.type);
const call = (name: string, more = {}) => ({
  type: 'SUBSCRIBE' as const,
  subscribe: {framework_info: frameworkInfo(name, more)},
});

test('a framework in this process gets what one over HTTP gets', async t => {
  const {service, close} = await master();
  t.teardown(close);
  const ear = listener();
  const session = await service.schedulerTransport.subscribe(call('f'), ear);
  if (!session.ok) return t.fail(session.error.message);
  t.is(ear.heard.length, 0); // never from within the call
  await ear.until(() => ear.heard.length >= 3);
  t.deepEqual(ear.heard.map(typeOf), ['SUBSCRIBED', 'HEARTBEAT', 'OFFERS']);
});

test('calls are checked as over HTTP', async t => {
  const {service, close} = await master();
  t.teardown(close);
  const ear = listener();
  const session = await service.schedulerTransport.subscribe(call('f'), ear);
  if (!session.ok) return t.fail(session.error.message);
  await ear.until(() => ear.heard.length >= 1);
  const [first] = ear.heard;
  const id = typeof first === 'object' && first.type === 'SUBSCRIBED' ? first.subscribed.framework_id : {value: ''};
  t.deepEqual(await session.value.call({type: 'REVIVE', framework_id: id}), {ok: true, value: undefined});
  const foreign = await session.value.call({type: 'REVIVE', framework_id: {value: 'other'}});
  t.like(foreign, {ok: false, error: {status: 400, message: 'Framework cannot be found'}});
  const invalid = await session.value.call({
    type: 'ACKNOWLEDGE',
    framework_id: id,
    acknowledge: {agent_id: {value: 'a'}, task_id: {value: 't'}, uuid: 'AAAA'},
  });
  t.like(invalid, {ok: false, error: {status: 400}});
});

test('a refusal is an ERROR event and the end', async t => {
  const {service, close} = await master();
  t.teardown(close);
  const ear = listener();
  await service.schedulerTransport.subscribe(call('f', {roles: ['..']}), ear);
  await ear.until(() => ear.heard.length >= 2);
  t.is(ear.heard.map(typeOf)[0], 'ERROR');
  t.is(ear.heard.length, 2);
});

test('closing the session disconnects the framework', async t => {
  const {service, close} = await master();
  t.teardown(close);
  const ear = listener();
  const session = await service.schedulerTransport.subscribe(call('f', {failover_timeout: 60}), ear);
  if (!session.ok) return t.fail(session.error.message);
  await ear.until(() => ear.heard.length >= 2);
  session.value.close();
  t.is(service.metrics.snapshot()['master/frameworks_disconnected'], 1);
  await ear.until(() => typeof ear.heard.at(-1) === 'string');
  t.is(ear.heard.at(-1), 'the scheduler closed the stream');
});

test('a listener that throws harms nobody', async t => {
  const {service, close, fatal} = await master();
  t.teardown(close);
  const ear = listener();
  await service.schedulerTransport.subscribe(call('bad'), {
    onEvent: () => {
      throw new Error('a bug of the framework');
    },
    onClosed: () => {},
  });
  await service.schedulerTransport.subscribe(call('good'), ear);
  await ear.until(() => ear.heard.length >= 2);
  t.deepEqual(fatal, []);
});

test('a master that stands by refuses with 503', async t => {
  const {service, close} = await master({started: false});
  t.teardown(close);
  t.like(await service.schedulerTransport.subscribe(call('f'), listener()), {ok: false, error: {status: 503}});
  t.like(await service.operatorTransport.call({type: 'GET_HEALTH'}), {ok: false, error: {status: 503}});
});

test('the operator API answers in this process too', async t => {
  const {service, close} = await master();
  t.teardown(close);
  const answer = await service.operatorTransport.call({type: 'GET_TASKS'});
  t.deepEqual(answer, {
    ok: true,
    value: {type: 'GET_TASKS', get_tasks: {tasks: [], unreachable_tasks: [], completed_tasks: []}},
  });
});

test('streams end when the master stops', async t => {
  const {service, close} = await master();
  t.teardown(close);
  const ear = listener();
  await service.schedulerTransport.subscribe(call('f'), ear);
  await ear.until(() => ear.heard.length >= 2);
  await service.stop();
  await ear.until(() => typeof ear.heard.at(-1) === 'string');
  t.is(ear.heard.at(-1), 'This master does not lead any more');
});
