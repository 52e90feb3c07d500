import test from 'ava';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import {startKubeletAgent} from '../../../src/executor-shim/agent/kubelet-agent.ts';
import {parseNodeResources} from '../../../src/executor-shim/agent/node-resources.ts';
import {LEASES, NODES, PODS} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {TestKube} from '../../support/test-kube.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';
import {kubeNode, kubePod} from './node-fixtures.ts';

/** A node with its agent; `calls` are those that changed something. */
async function start() {
  const clock = new VirtualClock();
  const kube = new TestKube({clock, namespaces: ['mesos']});
  const calls: string[] = [];
  const resources = parseNodeResources('ports:[1-2]', '');
  if (!resources.ok) throw new Error(resources.error);
  createNode(kube);
  kube.fault = ({verb}) => {
    if (verb === 'create' || verb === 'patch') calls.push(verb);
    return undefined;
  };
  const agent = startKubeletAgent({
    nodeName: 'n1',
    namespace: 'mesos',
    report: {
      resources: resources.value,
      attributes: '',
      labelsAsAttributes: [],
      tolerated: [],
      hostname: undefined,
      port: 5051,
      version: '1',
    },
    headroomWindowMs: 60_000,
    pingTimeoutMs: 15_000,
    maxPingTimeouts: 5,
    identity: 'me',
    client: kube.client,
    clock,
    random: () => 0,
    log: silentLogger,
  });
  await agent.registered;
  return {kube, clock, agent, calls};
}

/** A Node as a kubelet makes it: the object, then its status. */
function createNode(kube: TestKube): void {
  kube.create(NODES, kubeNode());
  kube.patch(NODES, 'n1', {status: kubeNode().status}, {subresource: 'status'});
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await settle();
};

const found = (kube: TestKube) => kube.find<KubeObject<Record<string, unknown>>>(MESOS_AGENTS, 'n1', 'mesos');
const resourcesOf = (kube: TestKube): unknown => found(kube)?.spec?.['resources'];
const renewTime = (kube: TestKube): unknown => leaseOf(kube)?.spec?.renewTime;
const leaseOf = (kube: TestKube) =>
  kube.find<KubeObject<{renewTime?: string; holderIdentity?: string}>>(LEASES, 'mesos-agent-n1', 'mesos');

test('a node is reported with its Node as the owner', async t => {
  const {kube, agent} = await start();
  const uid = kube.find(NODES, 'n1')?.metadata.uid;
  t.is(resourcesOf(kube), 'cpus:4;mem:8192;disk:1024;ports:[1-2]');
  t.deepEqual(found(kube)?.metadata.ownerReferences, [{apiVersion: 'v1', kind: 'Node', name: 'n1', uid: uid ?? ''}]);
  await agent.stop();
});

test('less room is told at once, more after a moment', async t => {
  const {kube, clock, agent} = await start();
  kube.create(PODS, kubePod({name: 'a', cpu: '1'}));
  await settled();
  t.is(resourcesOf(kube), 'cpus:2;mem:8192;disk:1024;ports:[1-2]'); // 1 used, 1 for another like it
  kube.delete(PODS, 'a', {gracePeriodSeconds: 0});
  await settled();
  t.is(resourcesOf(kube), 'cpus:2;mem:8192;disk:1024;ports:[1-2]');
  await clock.advanceAsync(2100);
  await settled();
  t.is(resourcesOf(kube), 'cpus:3;mem:8192;disk:1024;ports:[1-2]'); // one like it may be on its way
  await clock.advanceAsync(60_000);
  await settled();
  t.is(resourcesOf(kube), 'cpus:4;mem:8192;disk:1024;ports:[1-2]');
  await agent.stop();
});

test('room that is taken again before anybody was told makes no write', async t => {
  const {kube, clock, agent, calls} = await start();
  kube.create(PODS, kubePod({name: 'a', cpu: '1'}));
  await settled();
  kube.delete(PODS, 'a', {gracePeriodSeconds: 0});
  await clock.advanceAsync(1050);
  const before = calls.length;
  kube.create(PODS, kubePod({name: 'b', cpu: '1'}));
  await settled();
  await clock.advanceAsync(1000);
  t.is(calls.length, before);
  await agent.stop();
});

test('pods that come together are told with few writes', async t => {
  const {kube, agent, calls} = await start();
  const before = calls.length;
  for (let i = 0; i < 20; i++) kube.create(PODS, kubePod({name: `p${i}`, cpu: '100m'}));
  await settled();
  t.is(resourcesOf(kube), 'cpus:1;mem:8192;disk:1024;ports:[1-2]'); // 2 used, a quarter of the node kept
  t.true(calls.length - before <= 3, String(calls.length - before));
  await agent.stop();
});

test('a cordoned node says so, and stops saying so', async t => {
  const {kube, clock, agent} = await start();
  kube.patch(NODES, 'n1', {spec: {unschedulable: true}});
  await settled();
  t.like(found(kube)?.spec?.['unschedulable'], {reason: 'NodeCordoned'});
  kube.patch(NODES, 'n1', {spec: {unschedulable: null}});
  await settled();
  await clock.advanceAsync(100);
  await settled();
  t.is(found(kube)?.spec?.['unschedulable'] ?? undefined, undefined);
  await agent.stop();
});

test('a node whose kubelet is silent is not kept alive by its agent', async t => {
  const {kube, clock, agent} = await start();
  await clock.advanceAsync(5000);
  const last = renewTime(kube);
  kube.patch(NODES, 'n1', {status: kubeNode({ready: 'Unknown'}).status}, {subresource: 'status'});
  await settled();
  t.like(found(kube)?.spec?.['unschedulable'], {reason: 'NodeUnreachable'});
  await clock.advanceAsync(60_000);
  t.is(renewTime(kube), last);
  kube.patch(NODES, 'n1', {status: kubeNode().status}, {subresource: 'status'});
  await settled();
  await clock.advanceAsync(5000);
  t.not(renewTime(kube), last);
  await agent.stop();
});

test('a stopped agent leaves its Lease to the next', async t => {
  const {kube, agent} = await start();
  await agent.stop();
  t.like(leaseOf(kube)?.spec, {holderIdentity: 'me'});
});

test('a node that is gone is not reported any more, another of its name anew', async t => {
  const {kube, clock, agent} = await start();
  kube.delete(NODES, 'n1');
  await settled();
  kube.delete(MESOS_AGENTS, 'n1', {namespace: 'mesos'});
  await clock.advanceAsync(60_000);
  t.is(found(kube), undefined);
  createNode(kube);
  await settled();
  t.is(found(kube)?.metadata.ownerReferences?.[0]?.uid, kube.find(NODES, 'n1')?.metadata.uid);
  await agent.stop();
});

test('what somebody else wrote into the spec is put right', async t => {
  const {kube, clock, agent} = await start();
  kube.patch(MESOS_AGENTS, 'n1', {spec: {resources: 'cpus:100'}}, {namespace: 'mesos'});
  await clock.advanceAsync(5000);
  t.is(resourcesOf(kube), 'cpus:4;mem:8192;disk:1024;ports:[1-2]');
  await agent.stop();
});
