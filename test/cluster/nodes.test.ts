import test from 'ava';
import {parseResources} from '../../src/allocator/text-form.ts';
import {MESOS_AGENTS} from '../../src/crds/mesos-agent.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import {eventually} from '../support/eventually.ts';
import {Churn} from './support/churn.ts';
import {InstalledChart} from './support/installed-chart.ts';
import {identityOf, isReady, type Pod} from './support/objects.ts';
import {Observer} from './support/observer.ts';
import {realCluster} from './support/real-cluster.ts';

const IMAGE = 'busybox:1.37';
const CHURN_MS = 60_000;
/** More than run at a time. */
const LEAST_TASKS = 20;

type Agent = KubeObject<
  {readonly resources: string; readonly unschedulable?: {readonly reason: string}; readonly attributes?: string},
  {readonly conditions?: readonly {readonly type: string; readonly status: string; readonly reason: string}[]}
>;

const cluster = await realCluster();
const onNodes = cluster.nodes.length > 1 ? test.serial : test.serial.skip;
let chart: InstalledChart;
let agents: Observer<Agent>;

test.before(async () => {
  if (cluster.nodes.length < 2) return;
  chart = await InstalledChart.install(cluster);
  agents = await Observer.start(cluster.client, MESOS_AGENTS, chart.namespace, object => object as Agent);
});
test.after.always(async () => {
  agents?.stop();
  await chart?.remove();
});

const cpusOf = ({spec}: Agent): number => {
  const parsed = parseResources(spec?.resources ?? '');
  return parsed.ok ? parsed.value.scalar('cpus') : Number.NaN;
};
const named = (all: readonly Agent[], name: string): Agent | undefined =>
  all.find(({metadata}) => metadata.name === name);
const conditionOf = (agent: Agent | undefined): string | undefined =>
  agent?.status?.conditions?.find(({type}) => type === 'Schedulable')?.reason;

const readinessOf = (agent: Agent): string | undefined =>
  agent.status?.conditions?.find(({type}) => type === 'Ready')?.reason;

const app = (name: string, spec: object) => ({
  apiVersion: 'mesos.dev/v1',
  kind: 'MarathonApp',
  metadata: {name},
  spec: {cmd: 'exec sleep 100000', cpus: 0.05, mem: 8, ...spec},
});

/** A pod of somebody else's on one node, past kube-scheduler. */
const foreignPod = (name: string, nodeName: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name},
  spec: {
    nodeName,
    terminationGracePeriodSeconds: 0,
    containers: [{name: 'c', image: IMAGE, command: ['sleep', '100000'], resources: {requests: {cpu, memory: '8Mi'}}}],
  },
});

onNodes('a node is known by its name, address, labels and zone', async t => {
  const [node] = cluster.nodes;
  const agent = await agents.until('the agent', all => named(all, node?.name ?? ''));
  t.regex(agent.spec?.attributes ?? '', new RegExp(`kubernetes.io/hostname:${node?.name}`));
  t.is(agent.metadata.ownerReferences?.[0]?.kind, 'Node');
  t.is(conditionOf(agent), 'Schedulable');
});

onNodes('the master stands where its node does', async t => {
  const domain = await eventually('a place', async () => {
    const answer = await chart.master('POST', '/api/v1', {type: 'GET_MASTER'});
    return (answer?.['get_master'] as {master_info?: {domain?: unknown}} | undefined)?.master_info?.domain;
  });
  t.like(domain, {fault_domain: {region: {name: 'local'}}});
});

onNodes('offers shrink when a pod of somebody else comes, and grow when it has gone', async t => {
  const [node] = cluster.nodes;
  const name = node?.name ?? '';
  const before = await agents.until('the agent', all => named(all, name));
  await chart.apply(foreignPod('foreign', name, '300m'));
  const shrunk = await agents.until('less to offer', all => {
    const agent = named(all, name);
    return agent !== undefined && cpusOf(agent) <= cpusOf(before) - 0.299 ? agent : undefined;
  });
  await chart.kubectl(['delete', 'pod', 'foreign', '--wait=false']);
  // The room for one more like it is kept for a while.
  await agents.until('more again', all => cpusOf(named(all, name) ?? shrunk) >= cpusOf(shrunk) + 0.299);
  t.pass();
});

onNodes('beside kube-scheduler no pod of ours ends for want of room', async t => {
  const churn = await Churn.start(cluster, chart.namespace, {image: IMAGE, atOnce: 12});
  const churning = churn.run(CHURN_MS, LEAST_TASKS);
  // More than there is room for, so that every bit of it is fought over.
  const much = {cpus: 0.15, backoffSeconds: 1, backoffFactor: 1};
  await chart.apply(app('steady', {...much, instances: 8}), app('short', {...much, cmd: 'sleep 2', instances: 16}));
  const {ours, foreign} = await churning;
  t.log(
    `${ours.seen} pods of ours and ${foreign.seen} of others came; refused for want of room:`,
    ours.refused,
    foreign.refused,
  );
  t.true(ours.seen >= LEAST_TASKS, 'tasks came and went');
  t.deepEqual(ours.refused, []);
  await chart.kubectl(['delete', 'marathonapps', 'steady', 'short', '--wait=true']);
});

onNodes('a cordoned node gets no tasks, and keeps those that it has', async t => {
  const [node] = cluster.nodes;
  const name = node?.name ?? '';
  await chart.apply(
    app('cordon', {instances: 6, constraints: [['kubernetes.io/hostname', 'GROUP_BY', String(cluster.nodes.length)]]}),
  );
  const before = await chart.untilRunning('cordon', 6);
  const there = (pods: readonly Pod[]) =>
    pods.filter(({spec}) => spec?.nodeName === name).map(({metadata}) => metadata.uid);
  await cluster.kubectl(['cordon', name]);
  try {
    await agents.until('word of the cordon', all => conditionOf(named(all, name)) === 'NodeCordoned');
    await chart.apply(app('late', {instances: 6}));
    const late = await chart.untilRunning('late', 6);
    t.deepEqual(there(late), []);
    t.deepEqual(there(chart.tasksOf('cordon')).slice(0, there(before).length), there(before));
  } finally {
    await cluster.kubectl(['uncordon', name]);
  }
  await agents.until('word of its end', all => conditionOf(named(all, name)) === 'Schedulable');
  await chart.kubectl(['delete', 'marathonapps', 'cordon', 'late', '--wait=true']);
});

onNodes('an upgrade of the agents costs no task', async t => {
  await chart.apply(app('calm', {instances: 4}));
  const before = (await chart.untilRunning('calm', 4)).map(identityOf).toSorted();
  await chart.kubectl(['rollout', 'restart', 'daemonset/mesos-agent']);
  await chart.kubectl(['rollout', 'status', 'daemonset/mesos-agent', '--timeout=100s']);
  t.deepEqual(chart.tasksOf('calm').map(identityOf).toSorted(), before);
  t.true(
    agents.events.every(({event}) => readinessOf(event.object) !== 'AgentUnreachable'),
    'no agent was taken for lost',
  );
  await chart.kubectl(['delete', 'marathonapp', 'calm', '--wait=true']);
});

onNodes('a drain leaves an app what minimumHealthCapacity says', async t => {
  const [drained, ...others] = cluster.nodes.map(({name}) => name);
  const name = drained ?? '';
  // All must stay healthy, and all are on the node that is drained.
  await cluster.kubectl(['cordon', ...others]);
  try {
    await agents.until('word of the cordons', all =>
      others.every(other => conditionOf(named(all, other)) === 'NodeCordoned'),
    );
    await chart.apply(app('whole', {instances: 3}));
    await chart.untilRunning('whole', 3);
  } finally {
    await cluster.kubectl(['uncordon', ...others]);
  }
  const from = chart.pods.events.length;
  try {
    const drain = await cluster.kubectl([
      ...['drain', name, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=110s'],
      '--pod-selector=marathon.mesos.dev/name=whole',
    ]);
    t.is(drain.code, 0, drain.stderr);
    const three = await chart.untilRunning('whole', 3);
    t.deepEqual(
      three.filter(({spec}) => spec?.nodeName === name).map(({metadata}) => metadata.name),
      [],
    );
    t.true(fewestReady(chart.pods.events, from, 'whole') >= 3, 'three were ready at any time');
  } finally {
    await cluster.kubectl(['uncordon', name]);
    await chart.kubectl(['delete', 'marathonapp', 'whole', '--wait=true']);
  }
});

/** How many pods of an app were ready at the worst moment after the first events. */
function fewestReady(events: Observer<Pod>['events'], from: number, name: string): number {
  const ready = new Set<string>();
  let fewest = Number.POSITIVE_INFINITY;
  for (const [index, {event}] of events.entries()) {
    const {uid = '', labels} = event.object.metadata;
    if (labels?.['marathon.mesos.dev/name'] !== name) continue;
    if (event.type !== 'deleted' && isReady(event.object)) ready.add(uid);
    else ready.delete(uid);
    if (index >= from) fewest = Math.min(fewest, ready.size);
  }
  return fewest;
}
