import test from 'ava';
import {agentRecord, oneTask, World} from '../world.ts';

const AWARE = {capabilities: [{type: 'PARTITION_AWARE' as const}]};
const seconds = (n: number) => ({grace_period: {nanoseconds: n * 1e9}});

const kill = (world: World, taskId: string, rest: {agent?: string; grace?: number} = {}): void =>
  world.call({
    type: 'KILL',
    framework_id: {value: 'M-0000'},
    kill: {
      task_id: {value: taskId},
      ...(rest.agent !== undefined && {agent_id: {value: rest.agent}}),
      ...(rest.grace !== undefined && {kill_policy: seconds(rest.grace)}),
    },
  });
const grace = (world: World): number | undefined => [...world.pods.values()][0]?.graceSeconds;

test("grace: the kill's, else the task's, else 3 s", t => {
  const {world} = oneTask();
  kill(world, 't');
  t.is(grace(world), 3);
  const second = oneTask({}, {kill_policy: seconds(30)}).world;
  kill(second, 't');
  t.is(grace(second), 30);
  const third = oneTask({}, {kill_policy: seconds(30)}).world;
  kill(third, 't', {grace: 0.5});
  t.is(grace(third), 1);
});

test('a second kill brings the end nearer, and never puts it off', t => {
  const {world} = oneTask();
  kill(world, 't', {grace: 60});
  kill(world, 't', {grace: 100});
  t.is(grace(world), 60);
  world.pass(10_000);
  kill(world, 't', {grace: 5});
  t.is(grace(world), 5);
});

test('a kill that names another agent is ignored', t => {
  const {world} = oneTask();
  kill(world, 't', {agent: 'S7'});
  t.is(grace(world), undefined);
});

test('a killed task ends TASK_KILLED, also with exit code 0', t => {
  const {world, stream} = oneTask();
  kill(world, 't');
  world.pod('t', 'TASK_KILLED', {deleted: true, message: 'Command exited with status 0'});
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_KILLED', message: 'Command exited with status 0'});
});

test('killing what is unknown is answered like a reconciliation of it', t => {
  const {world, stream} = oneTask();
  kill(world, 'x', {agent: 'S0'});
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_LOST', reason: 'REASON_RECONCILIATION', task_id: {value: 'x'}});
});

const reconcile = (world: World, ...tasks: readonly (readonly [string, string?])[]): void =>
  world.call({
    type: 'RECONCILE',
    framework_id: {value: 'M-0000'},
    reconcile: {
      tasks: tasks.map(([id, agent]) => ({
        task_id: {value: id},
        ...(agent !== undefined && {agent_id: {value: agent}}),
      })),
    },
  });

test('implicit: every live task, as it was last told, without uuid', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  world.pod('t', 'TASK_FINISHED');
  world.take(stream);
  reconcile(world);
  t.like(world.takeUpdates(stream)[0], {
    state: 'TASK_RUNNING',
    source: 'SOURCE_MASTER',
    reason: 'REASON_RECONCILIATION',
    timestamp: world.nowMs / 1000,
    uuid: undefined,
  });
});

/** S0 registered with task `t`, S1 recovered, S2 unreachable, S3 gone. */
function cluster(info: Parameters<typeof oneTask>[0]) {
  const {world, stream} = oneTask(info);
  for (const number of [2, 3]) world.addAgent(agentRecord(number));
  world.loseAgent('S2', 'unreachable');
  world.loseAgent('S3', 'removed-by-operator');
  world.take(stream);
  return {world, stream};
}

const explicit = {
  'a known task: its state': ['t', 'S0', 'TASK_STAGING', 'TASK_STAGING'],
  'unknown on a registered agent': ['x', 'S0', 'TASK_GONE', 'TASK_LOST'],
  'on an unreachable agent': ['x', 'S2', 'TASK_UNREACHABLE', 'TASK_LOST'],
  'on an agent that was removed': ['x', 'S3', 'TASK_GONE_BY_OPERATOR', 'TASK_LOST'],
  'on an agent nobody knows': ['x', 'S9', 'TASK_UNKNOWN', 'TASK_LOST'],
  'without agent': ['x', undefined, 'TASK_UNKNOWN', 'TASK_LOST'],
} as const;
for (const [title, [id, agent, aware, other]] of Object.entries(explicit)) {
  test(`explicit: ${title}`, t => {
    for (const [info, want] of [
      [AWARE, aware],
      [{}, other],
    ] as const) {
      const {world, stream} = cluster(info);
      reconcile(world, [id, agent]);
      const [update] = world.takeUpdates(stream);
      t.like(update, {state: want, reason: 'REASON_RECONCILIATION', uuid: undefined});
      t.is(update?.unreachable_time !== undefined, agent === 'S2');
    }
  });
}

test('explicit: no answer while an agent may yet return from a failover', t => {
  const world = new World();
  world.do({
    kind: 'restore',
    frameworks: [],
    agents: [agentRecord(1)],
    unreachable: [],
    launches: [],
    roles: {wishes: [], inEffect: []},
  });
  const stream = world.subscribe();
  world.take(stream);
  reconcile(world, ['x', 'S1'], ['x']);
  t.deepEqual(world.takeUpdates(stream), []);
  world.addAgent(agentRecord(1));
  reconcile(world, ['x', 'S1'], ['x']);
  t.is(world.takeUpdates(stream).length, 2);
});

test('the grace is in whole seconds, and at least one', t => {
  for (const [nanoseconds, want] of [
    [1, 1],
    [1e9, 1],
    [1e9 + 1, 2],
    [2.5e9, 3],
    [60e9, 60],
  ] as const) {
    const {world} = oneTask({}, {kill_policy: {grace_period: {nanoseconds}}});
    kill(world, 't');
    t.is(grace(world), want);
  }
});

test('a reconciliation tells the health and the addresses that were seen last', t => {
  const {world, stream, framework} = oneTask();
  const containerStatus = {container_id: {value: 'c'}};
  const ask = () => world.call({type: 'RECONCILE', framework_id: {value: framework}, reconcile: {}});
  ask();
  const [staging] = world.takeUpdates(stream);
  t.like(staging, {state: 'TASK_STAGING', healthy: undefined, container_status: undefined});
  world.pod('t', 'TASK_RUNNING', {healthy: false, containerStatus});
  world.take(stream);
  ask();
  const [running] = world.takeUpdates(stream);
  t.like(running, {state: 'TASK_RUNNING', healthy: false, container_status: containerStatus});
});

test('a reconciliation tells of a task that has ended where it ran and how it was', t => {
  const {world, stream, framework} = oneTask();
  const containerStatus = {container_id: {value: 'c'}};
  world.pod('t', 'TASK_RUNNING', {healthy: false, containerStatus});
  for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  world.pod('t', 'TASK_FINISHED', {healthy: false, containerStatus});
  world.take(stream);
  reconcile(world, ['t']);
  t.like(world.takeUpdates(stream)[0], {
    state: 'TASK_FINISHED',
    healthy: false,
    container_status: containerStatus,
    uuid: undefined,
  });
});
