import test, {type ExecutionContext} from 'ava';
import {eventually} from '../support/eventually.ts';
import {reigns, usurpations, writesIn} from './support/audit.ts';
import {InstalledChart, type Json, type Leader} from './support/installed-chart.ts';
import {identityOf, isReady, isRunning, type Pod} from './support/objects.ts';
import {cutNetwork, pidsOf, sandboxOf, signal} from './support/processes.ts';
import {realCluster} from './support/real-cluster.ts';

const LEASE_MS = 15_000;
/** The retry period, the way of a write to those who watch, and a busy machine; another Lease is waited out in none. */
const SLACK_MS = 10_000;
/** Far less than to wait the Lease out. */
const HANDOVER_MS = 6_000;

const cluster = await realCluster();
/** Faults need a way into the nodes. */
const faults = cluster.nodes.length > 0 ? test.serial : test.serial.skip;
const controlPlane = cluster.faults === undefined ? test.serial.skip : test.serial;
let chart: InstalledChart;

test.before(async () => {
  if (cluster.nodes.length > 0) chart = await InstalledChart.install(cluster);
});
test.after.always(async () => {
  await chart?.remove();
});

const app = (name: string, instances: number): object => ({
  apiVersion: 'mesos.dev/v1',
  kind: 'MarathonApp',
  metadata: {name},
  spec: {cmd: 'exec sleep 100000', cpus: 0.01, mem: 16, instances, backoffSeconds: 0.1, maxLaunchDelaySeconds: 1},
});

/** What must be the same under every leader. */
async function rebuilt() {
  const state = await eventually('the state', () => chart.master('GET', '/master/state'));
  const frameworks = list(state, 'frameworks');
  return {
    frameworks: frameworks.map(({id}) => id),
    agents: list(state, 'slaves')
      .map(({id, used_resources: used}) => ({id, used}))
      .toSorted(byId),
    tasks: frameworks
      .flatMap(each => list(each, 'tasks').map(({id, slave_id: agent, state: now}) => ({id, agent, now})))
      .toSorted(byId),
  };
}

const list = (from: Json, name: string): Json[] => (from[name] ?? []) as Json[];
const byId = (a: {readonly id: unknown}, b: {readonly id: unknown}): number => (String(a.id) < String(b.id) ? -1 : 1);

/** Fails when two pods wrote in the same reign, or a task was launched twice. */
async function atMostOneLed(t: ExecutionContext): Promise<void> {
  if (cluster.auditLogPath === undefined) return;
  const writes = await writesIn(cluster.auditLogPath, chart.namespace);
  const controllers = new Set(
    chart.pods.events
      .map(({event}) => event.object)
      .filter(isControllerPod)
      .map(nameOf),
  );
  t.deepEqual(usurpations(writes, [...controllers]), [], JSON.stringify(reigns(writes)));
}

const isControllerPod = ({metadata}: Pod): boolean => metadata.labels?.['app.kubernetes.io/component'] === 'controller';
const nameOf = ({metadata}: Pod): string => metadata.name;

/** How many pods of an app were ever made. */
const everMade = (name: string): number =>
  new Set(
    chart.pods.events
      .map(({event}) => event.object.metadata)
      .filter(({labels}) => labels?.['marathon.mesos.dev/name'] === name)
      .map(({uid}) => uid),
  ).size;

/**
 * An app of three; then the fault, and while nobody leads the app is scaled to five and one task of another dies. The
 * next leader does what was asked, hears of the death, and nothing else happens.
 */
async function survives(t: ExecutionContext, name: string, fault: (leader: Leader) => Promise<void>): Promise<void> {
  const other = `${name}-other`;
  await chart.apply(app(name, 3), app(other, 1));
  const three = await chart.untilRunning(name, 3);
  const [victim] = await chart.untilRunning(other, 1);
  if (victim === undefined) return t.fail('no task');
  const before = await rebuilt();
  const leader = await chart.leader();

  await fault(leader);
  await chart.apply(app(name, 5));
  await signal(
    chart.nodeOf(victim),
    await pidsOf(chart.nodeOf(victim), victim.metadata.uid ?? '', /^sleep 100000/),
    'KILL',
  );

  const five = await chart.untilRunning(name, 5, 90_000);
  const untouched = five.filter(pod => three.some(each => each.metadata.uid === pod.metadata.uid));
  t.deepEqual(untouched.map(identityOf).toSorted(), three.map(identityOf).toSorted(), 'the three run on undisturbed');
  t.is(everMade(name), 5, 'each instance was launched once');
  await chart.pods.until('another task in place of the dead one', () => {
    const now = chart.tasksOf(other);
    return now.length === 1 && now[0]?.metadata.uid !== victim.metadata.uid && now.every(isRunning);
  });
  t.is(everMade(other), 2, 'it was replaced once');
  const {app: seen} = await eventually('the app', () => chart.marathon('GET', `/v2/apps/${other}`));
  t.like(seen, {lastTaskFailure: {state: 'TASK_FAILED'}}, 'its end was heard of');
  await chart.pods.until('its end was acknowledged', pods =>
    pods.every(({metadata: {uid, finalizers = []}}) => uid !== victim.metadata.uid || finalizers.length === 0),
  );
  const {frameworks, agents} = await rebuilt();
  t.deepEqual(
    {frameworks, agents: agents.map(({id}) => id)},
    {frameworks: before.frameworks, agents: before.agents.map(({id}) => id)},
  );
  await atMostOneLed(t);
  await chart.kubectl(['delete', 'marathonapp', name, other, '--wait=false']);
  await chart.pods.until(
    'all tasks gone',
    () => chart.tasksOf(name).length + chart.tasksOf(other).length === 0,
    90_000,
  );
}

/** Three controllers that are Ready, and a leader. */
const untilWhole = (): Promise<Leader> =>
  chart.pods
    .until('three controllers are Ready', () => chart.controllers.filter(isReady).length === 3, 120_000)
    .then(() => chart.leader());

test.serial.beforeEach(async () => {
  if (cluster.nodes.length > 0) await untilWhole();
});

/** When a pod was first seen to be on its way out, by the test's clock. */
const deletionSeen = (pod: Pod): number =>
  chart.pods.events.find(
    ({event: {object}}) => object.metadata.uid === pod.metadata.uid && object.metadata.deletionTimestamp !== undefined,
  )?.atMs ?? Infinity;

faults('the leader steps down: another leads within two seconds, with the same state', async t => {
  await chart.apply(app('calm', 3));
  t.teardown(() => chart.kubectl(['delete', 'marathonapp', 'calm', '--wait=false']));
  const three = await chart.untilRunning('calm', 3);
  const before = await rebuilt();
  const {holder, pod} = await chart.leader();

  await chart.kubectl(['delete', 'pod', pod.metadata.name, '--wait=false']);
  await chart.leaderAfter(holder);
  const tookMs = performance.now() - deletionSeen(pod);
  t.log(`handed over in ${tookMs.toFixed(0)} ms`);
  t.true(tookMs < HANDOVER_MS, `handed over in ${tookMs.toFixed(0)} ms`);

  t.deepEqual(await rebuilt(), before);
  t.deepEqual((await chart.untilRunning('calm', 3)).map(identityOf).toSorted(), three.map(identityOf).toSorted());
  await atMostOneLed(t);
});

faults('kill -9 of the leader', async t => {
  await survives(t, 'killed', async ({holder, pod}) => {
    const pids = await chart.processOf(pod);
    const beganMs = performance.now();
    await signal(chart.nodeOf(pod), pids, 'KILL');
    await chart.leaderAfter(holder);
    const tookMs = performance.now() - beganMs;
    t.log(`another leads after ${tookMs.toFixed(0)} ms`);
    t.true(tookMs < LEASE_MS + SLACK_MS, `another led after ${tookMs.toFixed(0)} ms`);
  });
});

faults('kubectl delete pod --force of the leader', async t => {
  await survives(t, 'forced', async ({pod}) => {
    await chart.kubectl(['delete', 'pod', pod.metadata.name, '--force', '--grace-period=0']);
  });
});

faults('a leader that was stopped for longer than its Lease does nothing when it wakes', async t => {
  const {holder, pod} = await chart.leader();
  const pids = await chart.processOf(pod);
  await survives(t, 'stalled', async () => {
    await signal(chart.nodeOf(pod), pids, 'STOP');
    await chart.leaderAfter(holder);
    // There is work to do when it wakes, and its liveness probe has not yet ended it.
    await chart.apply(app('stalled', 5));
    await signal(chart.nodeOf(pod), pids, 'CONT');
  });
  await untilWhole();
  await atMostOneLed(t);
});

faults('the network of the leader is cut', async t => {
  const {holder, pod} = await chart.leader();
  const node = chart.nodeOf(pod);
  const sandbox = await sandboxOf(node, pod.metadata.uid ?? '');
  try {
    await survives(t, 'cut', async () => {
      await cutNetwork(node, sandbox, 'cut');
      await chart.leaderAfter(holder);
    });
  } finally {
    await cutNetwork(node, sandbox, 'joined');
  }
  await untilWhole();
  await atMostOneLed(t);
});

for (const program of ['kube-apiserver', 'etcd'] as const)
  controlPlane(`${program} is killed and comes back`, async t => {
    await survives(t, program, async () => {
      await cluster.faults?.kill(program);
      await cluster.faults?.startAgain(program);
    });
  });
