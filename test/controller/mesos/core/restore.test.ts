import test from 'ava';
import {toAgentId, toFrameworkId} from '../../../../src/allocator/ids.ts';
import type {TaskInfo} from '../../../../src/api/mesos/v1/common.ts';
import type {Command} from '../../../../src/controller/mesos/core/commands.ts';
import type {ObservedStatus, RestoredLaunch} from '../../../../src/controller/mesos/core/tasks/task-record.ts';
import {type TaskId, toTaskId} from '../../../../src/controller/mesos/core/ids.ts';
import {agentRecord, cpusAndMem, task, World} from './world.ts';

const FRAMEWORK = 'old-0000';
type Restore = Command & {kind: 'restore'};

const info = (id: string, agent: string): TaskInfo =>
  task(id, agent, {resources: cpusAndMem(1, 100).map(resource => ({...resource, allocation_info: {role: 'r'}}))});

const restored = (
  id: string,
  state: ObservedStatus['state'],
  agent = 'S0',
  framework: string = FRAMEWORK,
): RestoredLaunch & {taskId: TaskId; status: ObservedStatus} => {
  const status: ObservedStatus = {state, source: 'SOURCE_EXECUTOR'};
  return {
    frameworkId: toFrameworkId(framework),
    taskId: toTaskId(id),
    launchId: `launch-${id}`,
    pod: {name: id},
    agentId: toAgentId(agent),
    tasks: [{info: info(id, agent), status}],
    status,
  };
};

function failover(rest: Partial<Restore> = {}): World {
  const world = new World({masterId: 'N'});
  const frameworkInfo = {user: 'u', name: 'f', role: 'r', failover_timeout: 60, id: {value: FRAMEWORK}};
  world.do({
    kind: 'restore',
    frameworks: [{id: toFrameworkId(FRAMEWORK), uid: 'uid', info: frameworkInfo, suppressedRoles: [], registeredMs: 1}],
    agents: [agentRecord(0)],
    unreachable: [],
    launches: [],
    roles: {wishes: [], inEffect: []},
    ...rest,
  });
  return world;
}

const resubscribe = (world: World): string => world.subscribe({role: 'r', id: {value: FRAMEWORK}});

test('a recovered framework resubscribes with its id, and new ones get ids of the new leader', t => {
  const world = failover();
  t.true(world.framework(FRAMEWORK).recovered);
  const stream = resubscribe(world);
  t.like(world.take(stream)[0], {subscribed: {framework_id: {value: FRAMEWORK}}});
  t.false(world.framework(FRAMEWORK).recovered);
  t.like(world.take(world.subscribe())[0], {subscribed: {framework_id: {value: 'N-0000'}}});
});

test('an agent makes offers once it was heard of, less what its tasks hold', t => {
  const world = failover({launches: [restored('t', 'TASK_RUNNING')]});
  const stream = resubscribe(world);
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
  world.addAgent(agentRecord(0));
  t.is(world.free(0).scalar('cpus'), 3);
  world.allocate(false);
  t.is(world.takeOffers(stream).length, 1);
});

test('what tasks hold counts in the share of their framework before that is back', t => {
  const world = failover({launches: [restored('t', 'TASK_RUNNING')]});
  world.addAgent(agentRecord(0));
  const role = world.master.allocator
    .view()
    .roles()
    .find(view => view.role === 'r');
  t.is(role?.share, 0.25); // 1 of 4 cpus
});

test('a task is told once more, for nobody knows what was acknowledged; its end must be', t => {
  const world = failover({launches: [restored('t', 'TASK_RUNNING'), restored('u', 'TASK_FINISHED')]});
  world.addAgent(agentRecord(0));
  const stream = resubscribe(world);
  const updates = world.takeUpdates(stream);
  t.deepEqual(
    updates.map(({state}) => state),
    ['TASK_RUNNING', 'TASK_FINISHED'],
  );
  for (const update of updates) world.acknowledge(FRAMEWORK, update);
  const released = world.effects.filter(({kind}) => kind === 'release-pod');
  t.is(released.length, 1);
  t.is(world.framework(FRAMEWORK).tasks.size, 1);
});

test('a task that ends after the failover gives its resources back, once', t => {
  const world = failover({launches: [restored('t', 'TASK_RUNNING')]});
  world.addAgent(agentRecord(0));
  const {frameworkId, taskId, launchId} = restored('t', 'TASK_RUNNING');
  const status: ObservedStatus = {state: 'TASK_FAILED', source: 'SOURCE_EXECUTOR'};
  world.seePod({frameworkId, taskId, launchId}, status);
  world.seePod({frameworkId, taskId, launchId}, status);
  t.is(world.free(0).scalar('cpus'), 4);
});

test('an agent that never returns is lost with its tasks', t => {
  const world = failover({launches: [restored('t', 'TASK_RUNNING')]});
  const stream = resubscribe(world);
  world.take(stream);
  world.loseAgent('S0', 'unreachable');
  t.is(world.takeUpdates(stream)[0]?.state, 'TASK_LOST');
});

test('tasks of an agent that was unreachable stay so until it returns', t => {
  const world = failover({
    agents: [],
    unreachable: [{agent: agentRecord(0), sinceMs: 5}],
    launches: [restored('t', 'TASK_RUNNING'), restored('u', 'TASK_FAILED')],
  });
  t.deepEqual([...world.framework(FRAMEWORK).unreachableTasks.keys()].map(String), ['t']);
  const stream = resubscribe(world);
  t.deepEqual(
    world.takeUpdates(stream).map(({state}) => state),
    ['TASK_FAILED'],
  );
  world.addAgent(agentRecord(0));
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_RUNNING', reason: 'REASON_AGENT_REREGISTERED'});
});

test('pods of a framework that is no more are killed, counted until they ended, and released', t => {
  const world = failover({frameworks: [], launches: [restored('t', 'TASK_RUNNING'), restored('u', 'TASK_FINISHED')]});
  world.addAgent(agentRecord(0));
  t.is(world.free(0).scalar('cpus'), 3);
  const kinds = world.effects.map(({kind}) => kind);
  t.deepEqual(
    kinds.filter(kind => kind === 'kill-pod' || kind === 'release-pod'),
    ['kill-pod', 'release-pod'],
  );
  const {frameworkId, taskId, launchId} = restored('t', 'TASK_KILLED');
  world.do({kind: 'pod-gone', launch: {frameworkId, launchId, pod: {name: taskId}}});
  t.is(world.free(0).scalar('cpus'), 4);
});

test('pods of an agent that is no more are given up', t => {
  const world = failover({agents: [], launches: [restored('t', 'TASK_RUNNING')]});
  t.like(
    world.effects.find(({kind}) => kind === 'release-pod'),
    {force: true},
  );
  t.is(world.framework(FRAMEWORK).tasks.size, 0);
});

test('a pod that an earlier leader created late is adopted', t => {
  const world = failover();
  world.addAgent(agentRecord(0));
  const found = restored('t', 'TASK_RUNNING');
  world.seePod(found, found.status);
  world.seePod(found, found.status);
  t.is(world.effects.filter(({kind}) => kind === 'read-pod').length, 1);
  world.do({kind: 'pod-read', launch: found, found});
  world.do({kind: 'pod-read', launch: found, found});
  t.is(world.free(0).scalar('cpus'), 3);
  t.is(world.framework(FRAMEWORK).tasks.size, 1);
});

test('a recovered framework that does not come back is removed, after ten minutes at least', t => {
  const world = failover({launches: [restored('t', 'TASK_RUNNING')]});
  world.pass(599_000);
  t.true(world.master.frameworks.has(toFrameworkId(FRAMEWORK)));
  world.pass(1000);
  t.false(world.master.frameworks.has(toFrameworkId(FRAMEWORK)));
});

test('weights of the earlier leader hold', t => {
  const wish = {role: 'r', weight: 4, force: false, generation: 1};
  const world = failover({roles: {wishes: [wish], inEffect: []}});
  t.is(
    world.master.allocator
      .view()
      .roles()
      .find(view => view.role === 'r')?.weight,
    4,
  );
});

for (const [title, found] of Object.entries({
  'is gone, or was released': undefined,
  'has another launch': {...restored('t', 'TASK_RUNNING'), launchId: 'other'},
})) {
  test(`an unknown pod that ${title} by the time it is read is nobody's`, t => {
    const world = failover();
    world.addAgent(agentRecord(0));
    const seen = restored('t', 'TASK_RUNNING');
    world.seePod(seen, seen.status);
    world.do({kind: 'pod-read', launch: seen, found});
    t.is(world.framework(FRAMEWORK).tasks.size, 0);
    t.is(world.master.launches.size, 0);
  });
}

test('an unknown pod that is seen to go while it is read is not adopted', t => {
  const world = failover();
  world.addAgent(agentRecord(0));
  const found = restored('t', 'TASK_RUNNING');
  world.seePod(found, found.status);
  world.do({kind: 'pod-gone', launch: found});
  world.do({kind: 'pod-read', launch: found, found});
  t.is(world.framework(FRAMEWORK).tasks.size, 0);
});

test('while agents are still to come, nothing is said of operations there', t => {
  const world = failover();
  const stream = resubscribe(world);
  world.take(stream);
  const states = (agent?: string): unknown[] => {
    const operations = [{operation_id: {value: 'op'}, ...(agent !== undefined && {agent_id: {value: agent}})}];
    world.call({type: 'RECONCILE_OPERATIONS', framework_id: {value: FRAMEWORK}, reconcile_operations: {operations}});
    return world
      .take(stream)
      .flatMap(event => (event.type === 'UPDATE_OPERATION_STATUS' ? [event.update_operation_status.status.state] : []));
  };
  t.deepEqual(states('S0'), ['OPERATION_RECOVERING']);
  t.deepEqual(states(), ['OPERATION_RECOVERING']);
  t.deepEqual(states('S9'), ['OPERATION_UNKNOWN']);
  world.addAgent(agentRecord(0));
  t.deepEqual(states(), ['OPERATION_UNKNOWN']);
});

test('weights that were in effect hold, also where the wish is refused now', t => {
  const setting = {role: 'a/b', weight: 3, force: false, generation: 1};
  const refused = {
    ...setting,
    quota: {guarantees: new Map([['cpus', 1]]), limits: new Map<string, number>()},
    weight: 5,
  };
  const world = failover({roles: {wishes: [refused], inEffect: [setting, {...setting, role: 'c', weight: undefined}]}});
  t.is(world.master.roleProblems.get('a/b')?.reason, 'NestedRole');
  t.deepEqual([...world.master.weights], [['a/b', 3]]);
});
