import test from 'ava';
import type {ExecutorInfo, FrameworkInfo, TaskInfo, TaskStatus} from '../../../../../src/api/mesos/v1/common.ts';
import type {Operation} from '../../../../../src/api/mesos/v1/scheduler.ts';
import type {ObservedStatus} from '../../../../../src/controller/mesos/core/tasks/task-record.ts';
import {agentRecord, cpusAndMem, oneOffer, resources, task, World} from '../world.ts';

const amounts = (cpus: number, mem: number): NonNullable<TaskInfo['resources']> => [
  ...cpusAndMem(cpus, mem),
  {name: 'disk', type: 'SCALAR', scalar: {value: 10}},
];
const EXECUTOR: ExecutorInfo = {executor_id: {value: 'e'}, type: 'DEFAULT', resources: amounts(0.1, 32)};
const AGENT = 'cpus:4;mem:1024;disk:100';

const groupOf = (tasks: readonly TaskInfo[], executor: ExecutorInfo = EXECUTOR): Operation => ({
  type: 'LAUNCH_GROUP',
  launch_group: {executor, task_group: {tasks}},
});

/** One framework, one agent with a disk, its offer taken. */
function offered(info: Partial<FrameworkInfo> = {}) {
  const world = new World();
  const stream = world.subscribe(info);
  world.addAgent(agentRecord(0, AGENT));
  world.allocate();
  return {world, stream, framework: 'M-0000', offers: world.takeOffers(stream)};
}

/** A group of `a` and `b`, just launched. */
function launched(info: Partial<FrameworkInfo> = {}) {
  const all = offered(info);
  all.world.accept(all.framework, all.offers, [groupOf([task('a', 'S0'), task('b', 'S0')])], 1e6);
  all.world.take(all.stream);
  return all;
}

/** The same, its containers being made, which was told and acknowledged. */
function started() {
  const all = launched();
  see(all.world, {a: 'TASK_STARTING', b: 'TASK_STARTING'});
  hear(all.world, all.stream);
  return all;
}

/** The pod of the group is seen, with its containers as they are. */
function see(world: World, states: Readonly<Record<string, ObservedStatus['state'] | Partial<ObservedStatus>>>): void {
  const seen = Object.entries(states).map(([id, given]) => {
    const status = typeof given === 'string' ? {state: given} : given;
    const {taskId} = world.launchOf(id);
    return {taskId, status: {state: 'TASK_RUNNING', source: 'SOURCE_EXECUTOR', ...status} as const};
  });
  const [first = ''] = Object.keys(states);
  world.do({kind: 'pod-seen', launch: world.launchOf(first), seen, held: true});
}

/** Acknowledges everything until there is nothing more. @returns `<task> <state>` in order */
function hear(world: World, stream: string): readonly string[] {
  const heard: string[] = [];
  for (let updates = world.takeUpdates(stream); updates.length > 0; updates = world.takeUpdates(stream)) {
    for (const update of updates) {
      heard.push(`${update.task_id.value} ${update.state}`);
      world.acknowledge('M-0000', update);
    }
  }
  return heard;
}

const graces = (world: World) => [...world.pods.values()].map(({graceSeconds}) => graceSeconds);

test('a group is one pod; it takes what its tasks and its executor take', t => {
  const {world, framework} = launched();
  t.is(world.pods.size, 1);
  const [pod] = world.pods.values();
  t.deepEqual(
    pod?.launch.tasks.map(({task_id}) => task_id.value),
    ['a', 'b'],
  );
  t.like(pod?.launch.executor, {executor_id: {value: 'e'}, framework_id: {value: framework}});
  t.true(world.free(0).equals(resources('cpus:1.9;mem:792;disk:90'))); // 4 - 2 - 0.1, 1024 - 200 - 32, 100 - 10
  t.deepEqual(
    [...world.framework(framework).tasks.keys()],
    world.launches()[0]?.tasks.map(({taskId}) => taskId),
  );
});

test('tasks of a group report themselves, and name their executor', t => {
  const {world, stream} = launched();
  see(world, {a: 'TASK_STARTING', b: 'TASK_STAGING'});
  see(world, {a: 'TASK_RUNNING', b: 'TASK_STARTING'});
  const updates = world.takeUpdates(stream);
  t.deepEqual(
    updates.map(({task_id, state, executor_id}) => [task_id.value, state, executor_id?.value]),
    [
      ['a', 'TASK_STARTING', 'e'],
      ['b', 'TASK_STARTING', 'e'],
    ],
  );
});

test('a task that finished leaves the others alone; its id is free, the room of the pod is not', t => {
  const {world, stream, framework} = started();
  see(world, {a: 'TASK_RUNNING', b: 'TASK_RUNNING'});
  see(world, {a: {state: 'TASK_FINISHED', lingers: true}, b: 'TASK_RUNNING'});
  t.deepEqual(hear(world, stream), ['a TASK_RUNNING', 'b TASK_RUNNING', 'a TASK_FINISHED']);
  t.deepEqual(graces(world), [undefined]);
  t.deepEqual([...world.framework(framework).tasks.keys()] as string[], ['b']);
  t.is(world.free(0).scalar('cpus'), 1.9);
  see(world, {a: 'TASK_FINISHED', b: 'TASK_FINISHED'});
  t.is(world.free(0).scalar('cpus'), 4);
  t.is(world.pods.size, 1);
  t.deepEqual(hear(world, stream), ['b TASK_FINISHED']);
  t.is(world.pods.size, 0);
  t.is(world.framework(framework).completedTasks.length, 2);
});

for (const state of ['TASK_FAILED', 'TASK_KILLED'] as const) {
  test(`${state} of one task kills the rest of its group`, t => {
    const {world, stream} = started();
    see(world, {a: 'TASK_RUNNING', b: 'TASK_RUNNING'});
    see(world, {a: {state, lingers: true}, b: 'TASK_RUNNING'});
    t.deepEqual(graces(world), [3]);
    const stop = {why: 'killed', untilMs: world.nowMs + 3000} as const;
    t.deepEqual(world.launches()[0]?.phase, {kind: 'stopping', stop});
    see(world, {a: state, b: {state: 'TASK_KILLED', deleted: true}});
    t.deepEqual(hear(world, stream), ['a TASK_RUNNING', 'b TASK_RUNNING', `a ${state}`, 'b TASK_KILLED']);
    t.is(world.free(0).scalar('cpus'), 4);
  });
}

test('KILL of one task kills its group, with the longest grace of its tasks', t => {
  const {world, stream, framework, offers} = offered();
  const kill_policy = {grace_period: {nanoseconds: 20e9}};
  world.accept(framework, offers, [groupOf([task('a', 'S0'), task('b', 'S0', {kill_policy})])], 1e6);
  see(world, {a: 'TASK_RUNNING', b: 'TASK_RUNNING'});
  world.call({type: 'KILL', framework_id: {value: framework}, kill: {task_id: {value: 'a'}}});
  t.deepEqual(graces(world), [20]);
  see(world, {a: {state: 'TASK_KILLED', deleted: true}, b: {state: 'TASK_KILLED', deleted: true}});
  const heard = hear(world, stream);
  t.deepEqual(heard.slice(-2), ['a TASK_KILLED', 'b TASK_KILLED']);
});

test('a group that cannot be made ends with the reason of the task that is in the way; the others were killed', t => {
  const {world, stream} = started();
  see(world, {a: {state: 'TASK_FAILED', giveUp: true, message: 'no image'}, b: 'TASK_RUNNING'});
  t.deepEqual(graces(world), [1]);
  see(world, {a: {state: 'TASK_KILLED', deleted: true}, b: {state: 'TASK_KILLED', deleted: true}});
  const ends = world.takeUpdates(stream).filter(({state}) => state !== 'TASK_RUNNING');
  t.like(ends, [{task_id: {value: 'a'}, state: 'TASK_FAILED', message: 'no image'}]);
  t.deepEqual(hear(world, stream), []);
});

test('of a group that does not start in time, what did not run has failed, what did was killed', t => {
  const {world, stream} = launched();
  see(world, {a: 'TASK_STAGING', b: 'TASK_RUNNING'});
  hear(world, stream);
  world.pass(301_000);
  t.deepEqual(graces(world), [1]);
  see(world, {a: {state: 'TASK_KILLED', deleted: true}, b: {state: 'TASK_KILLED', deleted: true}});
  t.deepEqual(hear(world, stream), ['a TASK_FAILED', 'b TASK_KILLED']);
});

test('a group whose pod is refused fails as a whole', t => {
  const {world, stream} = launched();
  world.do({kind: 'launch-refused', launch: world.launchOf('a'), state: 'TASK_FAILED', message: 'quota'});
  t.deepEqual(hear(world, stream), ['a TASK_FAILED', 'b TASK_FAILED']);
  t.is(world.free(0).scalar('cpus'), 4);
});

test('a group away with its agent comes back whole', t => {
  const {world, stream, framework} = started();
  see(world, {a: 'TASK_RUNNING', b: 'TASK_RUNNING'});
  hear(world, stream);
  world.loseAgent('S0', 'unreachable');
  t.is(world.framework(framework).unreachableTasks.size, 2);
  world.addAgent(agentRecord(0, AGENT));
  t.is(world.framework(framework).tasks.size, 2);
  t.is(world.free(0).scalar('cpus'), 1.9);
});

test('a group that lost one task before its agent went away is whole, too: the end is told, the rest may return', t => {
  const {world, stream, framework} = started();
  see(world, {a: {state: 'TASK_FINISHED', lingers: true}, b: 'TASK_RUNNING'});
  world.loseAgent('S0', 'unreachable');
  t.deepEqual(hear(world, stream).toSorted(), ['a TASK_FINISHED', 'b TASK_LOST', 'b TASK_RUNNING'].toSorted());
  t.is(world.framework(framework).tasks.size, 0);
  world.addAgent(agentRecord(0, AGENT));
  t.deepEqual([...world.framework(framework).tasks.keys()] as string[], ['b']);
});

test('the next leader knows a group by its pod, with what the executor takes', t => {
  const {world} = launched();
  const [pod] = world.pods.values();
  if (pod === undefined) return t.fail('no pod');
  const {frameworkId, launchId, executor, tasks} = pod.launch;
  const next = new World({masterId: 'N'});
  const info = {user: 'u', name: 'f', failover_timeout: 60, id: {value: frameworkId}};
  next.do({
    kind: 'restore',
    frameworks: [{id: frameworkId, uid: 'uid', info, suppressedRoles: [], registeredMs: 1}],
    agents: [agentRecord(0, AGENT)],
    unreachable: [],
    launches: [
      {
        ...{frameworkId, launchId, pod: pod.launch.pod, agentId: pod.launch.agent.id},
        tasks: tasks.map(each => ({info: each, status: {state: 'TASK_RUNNING', source: 'SOURCE_EXECUTOR'}})),
        ...(executor !== undefined && {executor}),
      },
    ],
    roles: {wishes: [], inEffect: []},
  });
  next.addAgent(agentRecord(0, AGENT));
  t.true(next.free(0).equals(resources('cpus:1.9;mem:792;disk:90')));
  const stream = next.subscribe({id: {value: frameworkId}});
  const told: readonly TaskStatus[] = next.takeUpdates(stream);
  t.deepEqual(
    told.map(({task_id, state}) => `${task_id.value} ${state}`),
    ['a TASK_RUNNING', 'b TASK_RUNNING'],
  );
});

test('what a running executor takes is counted once', t => {
  const {world, framework, offers} = offered();
  world.accept(framework, offers, [groupOf([task('a', 'S0')]), groupOf([task('b', 'S0')])], 1e6);
  t.is(world.pods.size, 2);
  t.is(world.free(0).scalar('cpus'), 1.9);
});

const a = task('a', 'S0');
const b = task('b', 'S0');
const refusals: Readonly<Record<string, readonly [Operation, string]>> = {
  'too large': [
    groupOf([task('a', 'S0', {resources: cpusAndMem(2, 10)}), task('b', 'S0', {resources: cpusAndMem(2, 10)})]),
    'Total resources cpus:4.1;mem:52;disk:10 required by task group and its executor are more than available ' +
      'cpus:4;mem:1024;disk:100',
  ],
  'with a bad task': [groupOf([a, task('b', 'S1')]), "Task 'b' is invalid: "],
  'with one id twice': [groupOf([a, a]), 'Task has duplicate ID: a'],
  'with a Docker container': [
    groupOf([a, {...b, container: {type: 'DOCKER', docker: {image: 'i'}}}]),
    "Task 'b' is invalid: Docker ContainerInfo is not supported on the task",
  ],
  'with a network of a task': [
    groupOf([a, {...b, container: {type: 'MESOS', network_infos: [{name: 'n'}]}}]),
    "Task 'b' is invalid: NetworkInfos must not be set on the task",
  ],
  'with a second executor': [
    groupOf([a, {...b, executor: EXECUTOR}]),
    "Task 'b' is invalid: 'TaskInfo.executor' must not be set",
  ],
  'without a type of executor': [
    groupOf([a, b], {executor_id: {value: 'e'}, resources: amounts(1, 32)}),
    "'ExecutorInfo.type' must be set",
  ],
  'with an executor of its own': [groupOf([a, b], {...EXECUTOR, type: 'CUSTOM'}), 'Custom executors are not supported'],
  'with a command of the executor': [
    groupOf([a, b], {...EXECUTOR, command: {value: 'true'}}),
    "'ExecutorInfo.command' must not be set for 'DEFAULT' executor",
  ],
  'with an executor in Docker': [
    groupOf([a, b], {...EXECUTOR, container: {type: 'DOCKER', docker: {image: 'i'}}}),
    "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor",
  ],
  'with too few cores': [
    groupOf([a, b], {...EXECUTOR, resources: amounts(0.001, 32)}),
    "Executor 'e' uses less CPUs (0.001) than the minimum required (0.01)",
  ],
  'with too little memory': [
    groupOf([a, b], {...EXECUTOR, resources: amounts(0.1, 31)}),
    "Executor 'e' uses less memory (31MB) than the minimum required (32MB)",
  ],
  'without disk': [groupOf([a, b], {...EXECUTOR, resources: cpusAndMem(0.1, 32)}), "Executor 'e' uses no disk"],
  'with an operation id': [{...groupOf([a, b]), id: {value: 'o'}}, 'LAUNCH_GROUP cannot have an operation id'],
};
for (const [title, [operation, message]] of Object.entries(refusals)) {
  test(`a group ${title} is refused as a whole`, t => {
    const {world, stream, framework, offers} = offered();
    world.accept(framework, offers, [operation]);
    t.is(world.pods.size, 0);
    t.is(world.free(0).scalar('cpus'), 4);
    const updates = world.takeUpdates(stream);
    t.is(updates.length, operation.launch_group?.task_group.tasks?.length ?? 0);
    for (const update of updates) {
      t.like(update, {state: 'TASK_ERROR', source: 'SOURCE_MASTER', reason: 'REASON_TASK_GROUP_INVALID'});
      t.true(update.message?.startsWith(message), update.message);
    }
  });
}

test('another executor under the id of one that runs is refused', t => {
  const {world, stream, framework, offers} = offered();
  const other = {...EXECUTOR, name: 'other'};
  world.accept(framework, offers, [groupOf([a]), groupOf([b], other)]);
  t.is(world.pods.size, 1);
  t.like(world.takeUpdates(stream), [{task_id: {value: 'b'}, reason: 'REASON_TASK_GROUP_INVALID'}]);
});

test('a group on offers that are not valid is dropped as a whole', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, [...offers, ...offers], [groupOf([a, b])]);
  t.deepEqual(
    world.takeUpdates(stream).map(({reason}) => reason),
    ['REASON_INVALID_OFFERS', 'REASON_INVALID_OFFERS'],
  );
});

test('the pod of a removed framework is kept until all of its group has ended', t => {
  const {world, framework} = started();
  world.do({kind: 'teardown', frameworkId: world.framework(framework).id});
  see(world, {a: {state: 'TASK_KILLED', deleted: true}, b: 'TASK_RUNNING'});
  t.is(world.pods.size, 1);
  t.is(world.free(0).scalar('cpus'), 1.9);
  see(world, {a: {state: 'TASK_KILLED', deleted: true}, b: {state: 'TASK_KILLED', deleted: true}});
  t.is(world.pods.size, 0);
  t.is(world.free(0).scalar('cpus'), 4);
});

test('a group one task of which was seen is not withdrawn from an agent that shrinks', t => {
  const {world} = launched();
  see(world, {a: 'TASK_STARTING'});
  world.seeAgent(agentRecord(0, 'cpus:1;mem:1024;disk:100'));
  t.false(world.effects.some(({kind}) => kind === 'withdraw-launch'));
});
