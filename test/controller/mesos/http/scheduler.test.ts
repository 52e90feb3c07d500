import test from 'ava';
import {TestKube} from '../../../support/test-kube.ts';
import {call, frameworkInfo, post, subscribe} from '../../../support/scheduler-client.ts';
import {type TestMasterOptions, testMaster} from '../../../support/test-master.ts';
import {settle, VirtualClock} from '../../../support/virtual-clock.ts';

const ID = 'no-such-framework';
const JSON_TYPE = {'Content-Type': 'application/json'};

const master = (options: Partial<TestMasterOptions> = {}) =>
  testMaster({client: new TestKube().client, clock: new VirtualClock(), ...options});

type Row = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly status: number;
  readonly text?: string;
};

const decline = JSON.stringify({type: 'DECLINE', framework_id: {value: ID}, decline: {offer_ids: []}});
const subscribeBody = JSON.stringify({type: 'SUBSCRIBE', subscribe: {framework_info: frameworkInfo('f')}});

const rows: Readonly<Record<string, Row>> = {
  'another method, whatever else is wrong': {
    method: 'GET',
    status: 405,
    text: "Expecting one of { 'POST' }, but received 'GET'",
  },
  'no Content-Type': {
    body: decline,
    headers: {'Content-Type': ''},
    status: 400,
    text: "Expecting 'Content-Type' to be present",
  },
  'a Content-Type that nobody reads': {
    body: decline,
    headers: {'Content-Type': 'text/plain'},
    status: 415,
    text: "Expecting 'Content-Type' of application/json or application/x-protobuf",
  },
  'a charset does not matter': {
    body: decline,
    headers: {'Content-Type': 'application/json; charset=utf-8'},
    status: 400,
    text: 'Framework cannot be found',
  },
  'a body that is no JSON': {body: '{"type"', headers: JSON_TYPE, status: 400},
  'no body': {headers: JSON_TYPE, status: 400},
  'a call without a type': {
    body: '{}',
    headers: JSON_TYPE,
    status: 400,
    text: "Failed to validate scheduler::Call: Expecting 'type' to be present",
  },
  'a call without a framework': {
    body: '{"type":"DECLINE","decline":{}}',
    headers: JSON_TYPE,
    status: 400,
    text: "Failed to validate scheduler::Call: Expecting 'framework_id' to be present",
  },
  'a required field that is missing': {
    body: '{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u"}}}',
    headers: JSON_TYPE,
    status: 400,
    text: "Missing required field 'subscribe.framework_info.name'",
  },
  'a subscriber that reads neither JSON nor protobuf': {
    body: subscribeBody,
    headers: {...JSON_TYPE, Accept: 'text/html, application/json;q=0'},
    status: 406,
    text: "Expecting 'Accept' to allow 'application/json' or 'application/x-protobuf'",
  },
  'a Content-Type that is JSON of another kind': {
    body: decline,
    headers: {'Content-Type': 'application/merge-patch+json'},
    status: 415,
  },
  'JSON that says that it is protobuf': {
    body: decline,
    headers: {'Content-Type': 'application/x-protobuf'},
    status: 400,
  },
  'no body, as protobuf': {
    headers: {'Content-Type': 'application/x-protobuf'},
    status: 400,
    text: "Failed to validate scheduler::Call: Expecting 'type' to be present",
  },
  'a subscriber with a stream id': {
    body: subscribeBody,
    headers: {...JSON_TYPE, 'Mesos-Stream-Id': 'x'},
    status: 400,
    text: "Subscribe calls should not include the 'Mesos-Stream-Id' header",
  },
  'an unknown framework': {body: decline, headers: JSON_TYPE, status: 400, text: 'Framework cannot be found'},
  'another call may want any answer type': {
    body: decline,
    headers: {...JSON_TYPE, Accept: 'text/html'},
    status: 400,
    text: 'Framework cannot be found',
  },
};

for (const [title, {method = 'POST', headers, body, status, text}] of Object.entries(rows)) {
  for (const path of ['/api/v1/scheduler', '/master/api/v1/scheduler']) {
    test(`${title}: ${status} at ${path}`, async t => {
      const {url, close} = await master();
      t.teardown(close);
      // fetch would add a Content-Type of its own to a text.
      const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
      const given = Object.entries(headers ?? {}).filter(([, value]) => value !== '');
      const response = await fetch(url + path, {method, headers: given, body: bytes});
      t.is(response.status, status);
      const answer = await response.text();
      if (text !== undefined) t.is(answer, text);
    });
  }
}

test('405 says which methods there are', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const response = await fetch(`${url}/api/v1/scheduler`, {method: 'PUT'});
  t.is(response.headers.get('Allow'), 'POST');
});

test('a stream begins with SUBSCRIBED and a heartbeat, and has an id', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  const {subscribed} = await stream.next('SUBSCRIBED');
  t.regex(subscribed.framework_id.value, /-0000$/);
  t.is(subscribed.heartbeat_interval_seconds, 15);
  await stream.next('HEARTBEAT');
  t.regex(stream.streamId, /^[0-9a-f-]{36}$/);
});

test('calls of a subscribed framework: 202, and 400 without the right stream id', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  await stream.next('SUBSCRIBED');
  t.is(await call(url, stream, {type: 'REVIVE'}), 202);
  t.is(await call(url, {...stream, streamId: 'other'}, {type: 'REVIVE'}), 400);
  const none = await post(url, {type: 'REVIVE', framework_id: {value: stream.frameworkId()}});
  t.is(none.status, 400);
  t.is(await none.text(), "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
});

test('an unknown type of call is 501, after all other checks', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  await stream.next('SUBSCRIBED');
  t.is(await call(url, stream, {type: 'UNKNOWN'}), 501);
});

test('UPDATE_FRAMEWORK is 200 when done, 400 when it may not be', async t => {
  const {url, close, service} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  await stream.next('SUBSCRIBED');
  const id = {value: stream.frameworkId()};
  const update = (more: object) => ({
    type: 'UPDATE_FRAMEWORK' as const,
    update_framework: {framework_info: frameworkInfo('g', {id, ...more})},
  });
  t.is(await call(url, stream, update({roles: ['eng']})), 200);
  t.is(await call(url, stream, update({user: 'somebody-else'})), 400);
  const answer = await service.operatorTransport.call({type: 'GET_FRAMEWORKS'});
  const frameworks = answer.ok ? answer.value.get_frameworks?.frameworks : undefined;
  t.deepEqual(frameworks?.[0]?.framework_info.roles, ['eng']);
});

test('what is wrong with a subscription is said on the stream, which then ends', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f', {roles: ['a//b']}));
  const {error} = await stream.next('ERROR');
  t.regex(error.message, /Role 'a\/\/b'/);
  await stream.ended;
  t.is(stream.events.length, 1);
});

test('a second subscription takes over: the first hears so and ends', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const first = await subscribe(url, frameworkInfo('f', {failover_timeout: 60}));
  await first.next('SUBSCRIBED');
  const id = {value: first.frameworkId()};
  const second = await subscribe(url, frameworkInfo('f', {failover_timeout: 60, id}));
  await second.next('SUBSCRIBED');
  const {error} = await first.next('ERROR');
  t.is(error.message, 'Framework failed over');
  await first.ended;
  t.is(await call(url, first, {type: 'REVIVE'}), 400); // its stream is not the current one
  t.is(await call(url, second, {type: 'REVIVE'}), 202);
});

test('a framework whose stream has ended is not subscribed: 403', async t => {
  const {url, close, service} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f', {failover_timeout: 60}));
  await stream.next('SUBSCRIBED');
  stream.close();
  await stream.ended;
  while (service.metrics.snapshot()['master/frameworks_connected'] !== 0) await settle();
  t.is(await call(url, stream, {type: 'REVIVE'}), 403);
});

test('two frameworks have two streams, and neither hears of the other', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const [one, two] = [await subscribe(url, frameworkInfo('one')), await subscribe(url, frameworkInfo('two'))];
  await one.next('SUBSCRIBED');
  await two.next('SUBSCRIBED');
  t.not(one.frameworkId(), two.frameworkId());
  t.is(await call(url, one, {type: 'TEARDOWN'}), 202);
  await one.ended;
  t.is(await call(url, two, {type: 'REVIVE'}), 202);
  t.is(await call(url, one, {type: 'REVIVE'}), 400);
});

test('the id of a removed framework is never taken again', async t => {
  const {url, close} = await master();
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  await stream.next('SUBSCRIBED');
  await call(url, stream, {type: 'TEARDOWN'});
  await stream.ended;
  const again = await subscribe(url, frameworkInfo('f', {id: {value: stream.frameworkId()}}));
  const {error} = await again.next('ERROR');
  t.is(error.message, 'Framework has been removed');
});

test('a master that stands by sends clients to the leader, in every case', async t => {
  const {url, close} = await master({started: false, leaderAddress: '10.0.0.7:5050'});
  t.teardown(close);
  for (const path of ['/api/v1/scheduler', '/master/api/v1/scheduler?x=1', '/state', '/master/roles', '/api/v1']) {
    const response = await fetch(url + path, {redirect: 'manual'});
    t.is(response.status, 307);
    t.is(response.headers.get('Location'), `//10.0.0.7:5050${path}`);
  }
});

test('without a known leader a master that stands by answers 503', async t => {
  const {url, close} = await master({started: false});
  t.teardown(close);
  t.is((await fetch(`${url}/api/v1/scheduler`, {method: 'POST'})).status, 503);
  t.is((await fetch(`${url}/state`)).status, 503);
  t.is((await fetch(`${url}/health`)).status, 200);
});
