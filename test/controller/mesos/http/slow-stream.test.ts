import {type IncomingMessage, request} from 'node:http';
import test from 'ava';
import {TestKube} from '../../../support/test-kube.ts';
import {call, frameworkInfo, post, subscribe} from '../../../support/scheduler-client.ts';
import {getJson, testMaster} from '../../../support/test-master.ts';
import {settle, VirtualClock} from '../../../support/virtual-clock.ts';

/** Subscribes and never reads the stream. */
function subscribeWithoutReading(url: string): Promise<IncomingMessage> {
  const body = JSON.stringify({
    type: 'SUBSCRIBE',
    subscribe: {framework_info: frameworkInfo('slow', {failover_timeout: 3600})},
  });
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1/scheduler`, {method: 'POST', headers: {'Content-Type': 'application/json'}});
    sent.on('response', response => resolve(response.pause()));
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a reader that does not read is cut off, and others do not notice', async t => {
  const {client} = new TestKube();
  const master = await testMaster({client, clock: new VirtualClock(), argv: ['--max_stream_buffer_bytes=65536']});
  t.teardown(master.close);
  const slow = await subscribeWithoutReading(master.url);
  slow.on('error', () => {});
  const streamId = String(slow.headers['mesos-stream-id']);
  const other = await subscribe(master.url, frameworkInfo('other'));
  await other.next('SUBSCRIBED');
  type Frameworks = {frameworks: {id: string; name: string}[]};
  const {frameworks} = await getJson<Frameworks>(`${master.url}/frameworks`);
  const frameworkId = frameworks.find(({name}) => name === 'slow')?.id ?? '';

  // An answer of some 300 bytes for each: far more than sockets hold.
  const tasks = Array.from({length: 40_000}, (_, i) => ({task_id: {value: `unknown-${i}`}}));
  const reconcile = {type: 'RECONCILE', framework_id: {value: frameworkId}, reconcile: {tasks}};
  t.is((await post(master.url, reconcile, {'Mesos-Stream-Id': streamId})).status, 202);

  while (master.service.metrics.snapshot()['master/frameworks_disconnected'] !== 1) await settle();
  t.is((await post(master.url, reconcile, {'Mesos-Stream-Id': streamId})).status, 403);
  t.is(await call(master.url, other, {type: 'REVIVE'}), 202);
});
