import test from 'ava';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import type {KubeClient} from '../../../src/kube/types.ts';
import {err} from '../../../src/lib/result.ts';
import {createMemoryCluster} from '../../support/memory-cluster.ts';
import {frameworkInfo, subscribe} from '../../support/scheduler-client.ts';
import {addAgent, NAMESPACE, testMaster} from '../../support/test-master.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

const UNAVAILABLE = err({kind: 'http' as const, status: 503, reason: 'ServiceUnavailable', message: 'not now'});

/** Two agents, each in a region of its own. */
async function regions() {
  const kube = createMemoryCluster();
  const clock = new VirtualClock();
  for (const [name, region] of [
    ['a1', 'here'],
    ['a2', 'there'],
  ] as const) {
    await addAgent(kube.client, clock, name, 'cpus:4;mem:1024');
    const spec = {domain: {region, zone: 'z1'}};
    await kube.client.patch(MESOS_AGENTS, name, NAMESPACE, 'merge', {spec});
  }
  return {clock, client: kube.client};
}

test('without --domain the master stands where the agent of its node does', async t => {
  const {client, clock} = await regions();
  const master = await testMaster({client, clock, argv: ['--node_name=a1']});
  t.teardown(master.close);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  const {offers} = await stream.next('OFFERS');
  t.deepEqual(
    offers.offers?.map(({hostname}) => hostname),
    ['a1.example'],
  );
  const said = stream.events.find(({type}) => type === 'SUBSCRIBED');
  t.like(said, {subscribed: {master_info: {domain: {fault_domain: {region: {name: 'here'}, zone: {name: 'z1'}}}}}});
});

test('--domain wins', async t => {
  const {client, clock} = await regions();
  const domain = JSON.stringify({fault_domain: {region: {name: 'there'}, zone: {name: 'z'}}});
  const master = await testMaster({client, clock, argv: ['--node_name=a1', `--domain=${domain}`]});
  t.teardown(master.close);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  const {offers} = await stream.next('OFFERS');
  t.deepEqual(
    offers.offers?.map(({hostname}) => hostname),
    ['a2.example'],
  );
});

test('it asks until the API server answers; a node without an agent is no reason to wait', async t => {
  const {client: steady, clock} = await regions();
  let asked = 0;
  const get: KubeClient['get'] = (kind, ...rest) =>
    kind === MESOS_AGENTS && asked++ < 2 ? Promise.resolve(UNAVAILABLE) : steady.get(kind, ...rest);
  const client = {...steady, get};
  const master = await testMaster({client, clock, argv: ['--node_name=a3'], started: false});
  t.teardown(master.close);
  const started = master.service.start();
  while (asked < 3) await clock.advanceAsync(1000);
  await started;
  t.is(master.service.phase(), 'leading');
});

test('a master that is stopped while it asks never leads', async t => {
  const {client: steady, clock} = await regions();
  const client = {...steady, get: () => Promise.resolve(UNAVAILABLE)};
  const master = await testMaster({client, clock, argv: ['--node_name=a1'], started: false});
  t.teardown(master.close);
  const started = master.service.start();
  await settle();
  await master.service.stop();
  await clock.advanceAsync(1000);
  await started;
  t.is(master.service.phase(), 'standby');
});
