import test from 'ava';
import {eventually} from '../support/eventually.ts';
import {InstalledChart, type Json} from './support/installed-chart.ts';
import {identityOf, isRunning, type Pod} from './support/objects.ts';
import {realCluster} from './support/real-cluster.ts';

const LOST_WITHIN_MS = 120_000;

const cluster = await realCluster();
const onNodes = cluster.nodes.length > 0 ? test.serial : test.serial.skip;
let chart: InstalledChart;

test.before(async () => {
  if (cluster.nodes.length > 0)
    chart = await InstalledChart.install(cluster, {
      // Lost after 10 s of silence, not after 75.
      master: {flags: {agent_ping_timeout: '2secs', max_agent_ping_timeouts: 5}},
    });
});
test.after.always(async () => {
  await chart?.remove();
});

const app = {
  apiVersion: 'mesos.dev/v1',
  kind: 'MarathonApp',
  metadata: {name: 'web'},
  spec: {
    cmd: 'exec sleep 100000',
    cpus: 0.01,
    mem: 16,
    instances: 6,
    unreachableStrategy: {inactiveAfterSeconds: 1, expungeAfterSeconds: 3600},
  },
};

const statesOfTasks = async (): Promise<string[]> => {
  const answer = await eventually('the tasks', () => chart.marathon('GET', '/v2/apps/web/tasks'));
  return ((answer['tasks'] ?? []) as Json[]).map(({state}) => String(state)).toSorted();
};

onNodes('a node dies: its tasks are replaced elsewhere; it returns: the surplus goes', async t => {
  await chart.apply(app);
  const six = await chart.untilRunning('web', 6);
  // A node with tasks, but not the leader's: whether that one is lost is a question of its own.
  const leader = await chart.leader();
  const victim = six.find(pod => pod.spec?.nodeName !== leader.pod.spec?.nodeName);
  if (victim === undefined) return t.fail('all tasks run beside the leader');
  const node = chart.nodeOf(victim);
  const isThere = (pod: Pod): boolean => pod.spec?.nodeName === node.name;
  const elsewhere = six.filter(pod => !isThere(pod));

  await node.stopRuntime();
  try {
    const beganMs = performance.now();
    // Marathon may have replaced one before, when the node was only silent; that one is no instance any more.
    await eventually(
      'the tasks of the node are unreachable, and replaced',
      async () => {
        const states = await statesOfTasks();
        const running = states.filter(state => state === 'TASK_RUNNING').length;
        const replaced = chart.tasksOf('web').filter(pod => isRunning(pod) && !isThere(pod)).length === 6;
        return replaced && running === 6 && states.slice(running).every(state => state === 'TASK_UNREACHABLE');
      },
      LOST_WITHIN_MS,
    );
    t.log(`replaced ${((performance.now() - beganMs) / 1000).toFixed(0)} s after the kubelet fell silent`);
    const unharmed = chart.tasksOf('web').map(identityOf);
    t.true(
      elsewhere.every(pod => unharmed.includes(identityOf(pod))),
      'the others run on',
    );
  } finally {
    await node.startRuntime();
  }

  await chart.untilRunning('web', 6, LOST_WITHIN_MS);
  await eventually('six tasks, all running', async () => {
    const states = await statesOfTasks();
    return states.length === 6 && states.every(state => state === 'TASK_RUNNING');
  });
  await chart.untilServing();
});
