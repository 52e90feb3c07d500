import test from 'ava';
import {oneTask} from '../world.ts';

// How the ends of pods that nobody asked for reach a framework, and what happens to a pod that never runs.

const AWARE = {capabilities: [{type: 'PARTITION_AWARE' as const}]};
const CHECKED = {health_check: {type: 'TCP' as const, tcp: {port: 1}}};

test('a pod that does not run in time is deleted, and the message says what it waited for', t => {
  const {world, stream} = oneTask();
  world.pod('t', 'TASK_STAGING', {message: 'ContainerCreating'});
  world.pass(299_000);
  t.is([...world.pods.values()][0]?.graceSeconds, undefined);
  world.pass(2_000);
  t.is([...world.pods.values()][0]?.graceSeconds, 1);
  t.deepEqual(world.takeUpdates(stream), []);
  world.pod('t', 'TASK_KILLED', {deleted: true});
  t.like(world.takeUpdates(stream)[0], {
    state: 'TASK_FAILED',
    source: 'SOURCE_AGENT',
    reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
    message: 'The task did not start within 300 s: ContainerCreating',
  });
  t.is(world.free(0).scalar('cpus'), 4);
});

test('a pod whose containers are never made is overdue, too', t => {
  const {world} = oneTask();
  world.pod('t', 'TASK_STARTING', {message: 'ContainerCreating'});
  world.pass(301_000);
  t.is([...world.pods.values()][0]?.graceSeconds, 1);
});

test('a pod that runs has all the time in the world', t => {
  const {world} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  world.pass(400_000);
  t.is([...world.pods.values()][0]?.graceSeconds, undefined);
  t.is(world.master.starting.size, 0);
});

test('a task that its framework kills before it runs is killed, not overdue', t => {
  const {world, stream, framework} = oneTask();
  world.call({type: 'KILL', framework_id: {value: framework}, kill: {task_id: {value: 't'}}});
  world.pass(400_000);
  world.pod('t', 'TASK_KILLED', {deleted: true});
  t.is(world.takeUpdates(stream)[0]?.state, 'TASK_KILLED');
});

for (const [title, info, state] of [
  ['as it is for those who know it', AWARE, 'TASK_GONE'],
  ['as TASK_LOST for others', {}, 'TASK_LOST'],
] as const) {
  test(`a node that is no more: ${title}`, t => {
    const {world, stream} = oneTask(info);
    world.pod('t', 'TASK_RUNNING');
    const [running] = world.takeUpdates(stream);
    if (running !== undefined) world.acknowledge(world.launchOf('t').frameworkId, running);
    world.pod('t', 'TASK_GONE', {reason: 'REASON_AGENT_REMOVED', deleted: true, message: 'The node is gone: x'});
    t.like(world.takeUpdates(stream)[0], {state, reason: 'REASON_AGENT_REMOVED', message: 'The node is gone: x'});
  });
}

test('who deleted a pod with a reason is told by the reason', t => {
  const {world, stream} = oneTask();
  const drained = {reason: 'REASON_AGENT_DRAINING', message: 'The pod was evicted: drain', deleted: true} as const;
  world.pod('t', 'TASK_KILLED', drained);
  t.like(world.takeUpdates(stream)[0], {
    state: 'TASK_KILLED',
    reason: 'REASON_AGENT_DRAINING',
    message: 'The pod was evicted: drain',
  });
});

for (const [title, healthy, state] of [
  ['after its check had failed: the check ended it', false, 'TASK_KILLED'],
  ['while healthy: it was done', true, 'TASK_FINISHED'],
  ['before the check had a result: it was done', undefined, 'TASK_FINISHED'],
] as const) {
  test(`exit code 0 ${title}`, t => {
    const {world, framework} = oneTask({}, CHECKED);
    world.pod('t', 'TASK_RUNNING', healthy === undefined ? {} : {healthy});
    world.pod('t', 'TASK_FINISHED');
    const last = [...world.framework(framework).tasks.values()][0]?.statuses.at(-1);
    t.is(last?.state, state);
    t.is(last?.healthy, state === 'TASK_KILLED' ? false : undefined);
  });
}
