import test from 'ava';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import {TestKube} from '../../support/test-kube.ts';
import {frameworkInfo, subscribe} from '../../support/scheduler-client.ts';
import {addAgent, NAMESPACE, testMaster} from '../../support/test-master.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

/** Two agents, each in a region of its own, and a framework that is not REGION_AWARE. */
async function regions() {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  const agent = async (name: string, region: string): Promise<void> => {
    await addAgent(client, clock, name, 'cpus:4;mem:1024');
    await client.patch(MESOS_AGENTS, name, NAMESPACE, 'merge', {spec: {domain: {region, zone: 'z1'}}});
  };
  return {client, clock, agent};
}

const THERE = JSON.stringify({fault_domain: {region: {name: 'there'}, zone: {name: 'z1'}}});
const rows = {
  'without --domain the master stands where the agent of its node does': {argv: [], host: 'a1.example', region: 'here'},
  '--domain wins': {argv: [`--domain=${THERE}`], host: 'a2.example', region: 'there'},
};
for (const [title, {argv, host, region}] of Object.entries(rows)) {
  test(title, async t => {
    const {client, clock, agent} = await regions();
    await agent('a1', 'here');
    await agent('a2', 'there');
    const master = await testMaster({client, clock, argv: ['--node_name=a1', ...argv]});
    t.teardown(master.close);
    const stream = await subscribe(master.url, frameworkInfo('f'));
    const {offers} = await stream.next('OFFERS');
    t.deepEqual(
      offers.offers?.map(({hostname}) => hostname),
      [host],
    );
    const said = stream.events.find(({type}) => type === 'SUBSCRIBED');
    t.like(said, {subscribed: {master_info: {domain: {fault_domain: {region: {name: region}, zone: {name: 'z1'}}}}}});
  });
}

test('an agent that comes later than the master tells it where it stands', async t => {
  const {client, clock, agent} = await regions();
  const master = await testMaster({client, clock, argv: ['--node_name=a1']});
  t.teardown(master.close);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  await agent('a2', 'here');
  await agent('a1', 'here');
  const hosts = new Set<string>();
  while (hosts.size < 2) {
    await settle();
    await clock.advanceAsync(1000);
    for (const event of stream.events) {
      if (event.type === 'OFFERS') for (const {hostname} of event.offers.offers ?? []) hosts.add(hostname);
    }
  }
  t.deepEqual([...hosts].sort(), ['a1.example', 'a2.example']);
});
