import test from 'ava';
import {isSameUuid} from '../../../../../src/controller/mesos/core/tasks/updates.ts';
import {launchOf, oneOffer, oneTask, task} from '../world.ts';
import type {ObservedStatus} from '../../../../../src/controller/mesos/core/tasks/task-record.ts';

const KILLING = {capabilities: [{type: 'TASK_KILLING_STATE' as const}]};
const CHECKED = {health_check: {type: 'TCP' as const, tcp: {port: 1}}};

test('an update carries a uuid, the agent, the source and the time', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_RUNNING', {containerStatus: {container_id: {value: 'c'}}});
  const [update] = world.takeUpdates(stream);
  t.is(update?.uuid?.length, 24);
  t.like(update, {
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    agent_id: {value: 'S0'},
    executor_id: {value: 't'},
    timestamp: world.nowMs / 1000,
    container_status: {container_id: {value: 'c'}},
  });
});

test('staging and repeats are not told', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_STAGING');
  world.pod('t', 'TASK_RUNNING');
  world.pod('t', 'TASK_RUNNING');
  t.is(world.takeUpdates(stream).length, 1);
});

test('starting is told first, once, and not any more when the task runs', t => {
  const {world, stream, framework} = oneTask();
  for (const [state, message] of [
    ['TASK_STAGING', ''],
    ['TASK_STARTING', 'PodInitializing'],
    ['TASK_STARTING', 'ContainerCreating'],
    ['TASK_RUNNING', ''],
    ['TASK_STARTING', 'ContainerCreating'],
  ] as const) {
    world.pod('t', state, {message});
  }
  const told: string[] = [];
  for (let [update] = world.takeUpdates(stream); update !== undefined; [update] = world.takeUpdates(stream)) {
    told.push(update.state);
    world.acknowledge(framework, update);
  }
  t.deepEqual(told, ['TASK_STARTING', 'TASK_RUNNING']);
});

test('one update is in flight; the next waits for its acknowledgement', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  world.pod('t', 'TASK_FINISHED');
  const [running, none] = world.takeUpdates(stream);
  t.is(none, undefined);
  if (running !== undefined) world.acknowledge(framework, running);
  t.is(world.takeUpdates(stream)[0]?.state, 'TASK_FINISHED');
});

test('sent again after 10 s, then 20 s, at last every 10 minutes', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  world.takeUpdates(stream);
  const waits: number[] = [];
  let waited = 0;
  for (let second = 0; second < 3000; second++) {
    world.pass(1000);
    waited++;
    if (world.takeUpdates(stream).length === 0) continue;
    waits.push(waited);
    waited = 0;
  }
  t.deepEqual(waits, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
});

test('an acknowledgement of something else changes nothing', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED');
  const [update] = world.takeUpdates(stream);
  if (update === undefined) return t.fail();
  world.acknowledge(framework, {...update, uuid: btoa('0'.repeat(16))});
  world.acknowledge(framework, {...update, agent_id: {value: 'S1'}});
  world.acknowledge(framework, {...update, task_id: {value: 'u'}});
  t.is(world.framework(framework).tasks.size, 1);
  t.is(world.pods.size, 1);
});

test('an acknowledgement without base64 padding is one', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED');
  const [update] = world.takeUpdates(stream);
  if (update !== undefined) world.acknowledge(framework, {...update, uuid: (update.uuid ?? '').replace(/=+$/, '')});
  t.is(world.framework(framework).tasks.size, 0);
});

test('a terminal state frees the resources at once; task and pod stay until it was acknowledged', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FAILED', {message: 'Command exited with status 1'});
  t.is(world.free(0).scalar('cpus'), 4);
  t.is(world.framework(framework).tasks.size, 1);
  const [update] = world.takeUpdates(stream);
  if (update !== undefined) world.acknowledge(framework, update);
  t.is(world.framework(framework).tasks.size, 0);
  t.deepEqual(world.framework(framework).completedTasks[0]?.phase, {kind: 'history', state: 'TASK_FAILED'});
  t.is(world.pods.size, 0);
  t.is(world.free(0).scalar('cpus'), 4);
});

test('nothing follows a terminal state', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_FINISHED');
  world.pod('t', 'TASK_FAILED');
  world.do({kind: 'pod-gone', launch: world.launchOf('t')});
  t.deepEqual(
    world.takeUpdates(stream).map(({state}) => state),
    ['TASK_FINISHED'],
  );
});

test('health: told when it changes, with its own reason', t => {
  const {world, stream, framework} = oneTask({}, CHECKED);
  const seen = [undefined, true, true, false, true].flatMap(healthy => {
    world.pod('t', 'TASK_RUNNING', healthy === undefined ? {} : {healthy});
    return world.takeUpdates(stream).map(update => {
      world.acknowledge(framework, update);
      return [update.healthy, update.reason];
    });
  });
  const reason = 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED';
  t.deepEqual(seen, [
    [undefined, undefined],
    [true, reason],
    [false, reason],
    [true, reason],
  ]);
});

const ends = {
  'SIGKILL after the check failed: the check killed it': [CHECKED, false, 9, 'TASK_KILLED', false],
  'SIGTERM before the check ever succeeded: so too': [CHECKED, undefined, 15, 'TASK_KILLED', false],
  'SIGKILL while healthy: a failure': [CHECKED, true, 9, 'TASK_FAILED', undefined],
  'SIGKILL without a check: a failure': [{}, undefined, 9, 'TASK_FAILED', undefined],
} as const;
for (const [title, [rest, healthy, signal, state, want]] of Object.entries(ends)) {
  test(`ended by a signal nobody asked for: ${title}`, t => {
    const {world, framework} = oneTask({}, rest);
    world.pod('t', 'TASK_RUNNING', healthy === undefined ? {} : {healthy});
    world.pod('t', 'TASK_FAILED', {signal});
    const last = [...world.framework(framework).tasks.values()][0]?.statuses.at(-1);
    t.is(last?.state, state);
    t.is(last?.healthy, want);
  });
}

test('a pod that will never run is deleted, and its end is told as what it was', t => {
  const {world, stream} = oneTask();
  const hopeless = {reason: 'REASON_CONTAINER_LAUNCH_FAILED', message: 'no image', giveUp: true} as const;
  world.pod('t', 'TASK_FAILED', hopeless);
  t.deepEqual(world.takeUpdates(stream), []);
  t.is([...world.pods.values()][0]?.graceSeconds, 1);
  t.is(world.free(0).scalar('cpus'), 3);
  world.pod('t', 'TASK_KILLED', {deleted: true});
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_FAILED', message: 'no image'});
});

test('a pod that somebody deleted is TASK_KILLED, and the message says so', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_KILLED', {deleted: true, message: 'Command exited with status 0'});
  t.like(world.takeUpdates(stream)[0], {
    state: 'TASK_KILLED',
    message: 'The pod was deleted, but not by its framework',
  });
});

test('a pod removed behind our back is lost', t => {
  const {world, stream} = oneTask({capabilities: [{type: 'PARTITION_AWARE'}]});
  world.do({kind: 'pod-gone', launch: world.launchOf('t')});
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_GONE'});
  t.is(world.free(0).scalar('cpus'), 4);
});

test('a pod that the API server refuses is an error of the task', t => {
  const {world, stream} = oneTask();
  world.do({kind: 'launch-refused', launch: world.launchOf('t'), state: 'TASK_ERROR', message: 'Forbidden'});
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: 'Forbidden'});
  t.is(world.free(0).scalar('cpus'), 4);
});

test('an earlier launch of the same task id is not this one', t => {
  const {world, stream} = oneTask();
  const {frameworkId, taskId} = world.launchOf('t');
  const status = {state: 'TASK_FAILED', source: 'SOURCE_EXECUTOR'} as const;
  world.seePod({frameworkId, taskId, launchId: 'earlier'}, status);
  t.deepEqual(world.takeUpdates(stream), []);
});

test('TASK_KILLING only for those who know it', t => {
  for (const [info, want] of [
    [KILLING, ['TASK_KILLING']],
    [{}, []],
  ] as const) {
    const {world, stream, framework} = oneTask(info);
    world.pod('t', 'TASK_RUNNING');
    for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
    world.pod('t', 'TASK_KILLING');
    t.deepEqual<readonly string[], readonly string[]>(
      world.takeUpdates(stream).map(({state}) => state),
      want,
    );
  }
});

test('completed tasks are remembered up to a limit', t => {
  const {world, stream, framework} = oneTask();
  t.is(world.master.options.maxCompletedTasksPerFramework, 1000);
  world.pod('t', 'TASK_FINISHED');
  for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  t.is(world.framework(framework).completedTasks.length, 1);
});

test('a pod that lingers keeps its room, and its task until it is down', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED', {lingers: true});
  const [update] = world.takeUpdates(stream);
  t.is(update?.state, 'TASK_FINISHED');
  t.is(world.free(0).scalar('cpus'), 3);
  if (update !== undefined) world.acknowledge(framework, update);
  t.is(world.free(0).scalar('cpus'), 3);
  t.is(world.pods.size, 1);
  world.pod('t', 'TASK_FINISHED');
  t.is(world.free(0).scalar('cpus'), 4);
  t.is(world.framework(framework).completedTasks.length, 1);
  t.is(world.pods.size, 0);
});

test('a pod that is down before its end is acknowledged gives up its room, not its task', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED', {lingers: true});
  world.pod('t', 'TASK_FINISHED');
  t.is(world.free(0).scalar('cpus'), 4);
  const [update] = world.takeUpdates(stream);
  if (update !== undefined) world.acknowledge(framework, update);
  t.is(world.framework(framework).completedTasks.length, 1);
  t.is(world.pods.size, 0);
});

test('an acknowledged task whose pod lingers on a lost agent is history', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED', {lingers: true});
  const [update] = world.takeUpdates(stream);
  if (update !== undefined) world.acknowledge(framework, update);
  world.loseAgent('S0', 'unreachable');
  t.is(world.framework(framework).tasks.size, 0);
  t.deepEqual(world.framework(framework).completedTasks[0]?.phase, {kind: 'history', state: 'TASK_FINISHED'});
  t.is(world.pods.size, 0);
});

const shortages = {
  'as it is': [{capabilities: [{type: 'PARTITION_AWARE' as const}]}, 'TASK_DROPPED'],
  'to frameworks that do not know TASK_DROPPED': [{}, 'TASK_LOST'],
} as const;
for (const [title, [info, state]] of Object.entries(shortages)) {
  test(`a node without room is told ${title}`, t => {
    const {world, stream} = oneTask(info);
    world.do({kind: 'launch-refused', launch: world.launchOf('t'), state: 'TASK_DROPPED', message: 'full'});
    t.like(world.takeUpdates(stream)[0], {state, reason: 'REASON_RESOURCES_UNKNOWN', message: 'full'});
    t.is(world.free(0).scalar('cpus'), 4);
  });
}

test('a terminal update says where the task ran, when its pod says so no more', t => {
  const {world, stream, framework} = oneTask();
  const containerStatus = {network_infos: [{ip_addresses: [{ip_address: '10.0.0.1'}]}]};
  world.pod('t', 'TASK_RUNNING', {containerStatus});
  for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  world.pod('t', 'TASK_FINISHED');
  t.deepEqual(world.takeUpdates(stream)[0]?.container_status, containerStatus);
});

test('each state that a task enters is counted, with its source and reason', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  world.pod('t', 'TASK_FAILED', {reason: 'REASON_COMMAND_EXECUTOR_FAILED'});
  for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  t.deepEqual(
    world.effects.flatMap(effect =>
      effect.kind === 'count-task' ? [[effect.state, effect.source, effect.reason]] : [],
    ),
    [
      ['TASK_STARTING', 'SOURCE_EXECUTOR', ''],
      ['TASK_RUNNING', 'SOURCE_EXECUTOR', ''],
      ['TASK_FAILED', 'SOURCE_EXECUTOR', 'REASON_COMMAND_EXECUTOR_FAILED'],
    ],
  );
});

test('acknowledgements are counted, valid ones and others', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  const [update] = world.takeUpdates(stream);
  if (update === undefined) return t.fail();
  world.acknowledge(framework, {...update, agent_id: {value: 'S9'}});
  world.acknowledge(framework, {...update, task_id: {value: 'u'}});
  world.acknowledge(framework, update);
  world.acknowledge(framework, update);
  const count = (counter: string): number =>
    world.effects.filter(effect => effect.kind === 'count' && effect.counter === counter).length;
  t.is(count('valid-status-update-acknowledgements'), 2); // that it starts, and that it runs
  t.is(count('invalid-status-update-acknowledgements'), 3);
});

test('a uuid is the same without padding, and in the form for URLs', t => {
  t.true(isSameUuid('a+b/cA==', 'a-b_cA'));
  t.true(isSameUuid('a+b/cA==', 'a+b/cA=='));
  t.false(isSameUuid('a+b/cA==', 'a+b/dA=='));
  t.false(isSameUuid(undefined, 'a'));
});

test('nothing waits for an acknowledgement once it has come', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  t.is(world.master.unacknowledged.size, 1);
  for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  t.is(world.master.unacknowledged.size, 0);
});

test('only so many tasks that are over are remembered, the latest ones', t => {
  const {world, stream, framework, offers} = oneOffer({maxCompletedTasksPerFramework: 1});
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))]);
  for (const id of ['a', 'b']) {
    world.pod(id, 'TASK_FINISHED');
    for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  }
  t.deepEqual(
    world.framework(framework).completedTasks.map(({taskId}) => String(taskId)),
    ['b'],
  );
});
/** All that is told of a task whose pod is seen for the first time like this. */
function told(seen: Partial<ObservedStatus>): readonly string[] {
  const {world, stream, framework} = oneTask();
  const status = {state: 'TASK_RUNNING', source: 'SOURCE_EXECUTOR', ...seen} as const;
  world.seePod(world.launchOf('t'), status);
  const states: string[] = [];
  for (let [update] = world.takeUpdates(stream); update !== undefined; [update] = world.takeUpdates(stream)) {
    states.push(update.state);
    world.acknowledge(framework, update);
  }
  return states;
}

const CONTAINER: ObservedStatus['containerStatus'] = {container_id: {value: 'c'}};
const firstSeen: Readonly<Record<string, readonly [Partial<ObservedStatus>, readonly string[]]>> = {
  'that runs': [{state: 'TASK_RUNNING'}, ['TASK_STARTING', 'TASK_RUNNING']],
  'whose process has ended': [{state: 'TASK_FAILED', containerStatus: CONTAINER}, ['TASK_STARTING', 'TASK_FAILED']],
  'whose process could not be started': [
    {state: 'TASK_FAILED', containerStatus: CONTAINER, reason: 'REASON_CONTAINER_LAUNCH_FAILED'},
    ['TASK_FAILED'],
  ],
  'that never had a process': [{state: 'TASK_DROPPED'}, ['TASK_LOST']],
};
for (const [title, [seen, want]] of Object.entries(firstSeen)) {
  test(`a pod seen for the first time ${title}: ${want.join(', ')}`, t => {
    t.deepEqual(told(seen), want);
  });
}
