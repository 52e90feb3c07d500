import test from 'ava';
import {toAgentId} from '../../../../../src/allocator/ids.ts';
import {nameOfAgent} from '../../../../../src/controller/mesos/core/agents/find-agent.ts';
import {hasRoom} from '../../../../../src/controller/mesos/core/agents/room.ts';
import {toFrameworkId} from '../../../../../src/allocator/ids.ts';
import {Resources} from '../../../../../src/allocator/resources.ts';
import type {AgentLossReason, AgentRecord} from '../../../../../src/controller/mesos/core/agents/agent-record.ts';
import {agentRecord, launchOf, oneOffer, oneTask, resources, task, World} from '../world.ts';
import {toTaskId} from '../../../../../src/controller/mesos/core/ids.ts';
import {agentsMessage, countTasks, tasksMessage} from '../../../../../src/controller/mesos/views/operator-views.ts';

const AWARE = {capabilities: [{type: 'PARTITION_AWARE' as const}]};
const lose = (world: World, reason: AgentLossReason = 'unreachable'): void => world.loseAgent('S0', reason);

test('a lost agent takes its offers with it', t => {
  const {world, stream} = oneOffer();
  lose(world);
  t.deepEqual(world.take(stream), [
    {type: 'RESCIND', rescind: {offer_id: {value: 'M-O0'}}},
    {type: 'FAILURE', failure: {agent_id: {value: 'S0'}}},
  ]);
  t.is(world.master.offers.size, 0);
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
});

const losses = {
  'unreachable, aware': ['unreachable', AWARE, 'TASK_UNREACHABLE', 'REASON_AGENT_REMOVED'],
  'unreachable, others': ['unreachable', {}, 'TASK_LOST', 'REASON_AGENT_REMOVED'],
  'unregistered, aware': ['unregistered', AWARE, 'TASK_LOST', 'REASON_AGENT_REMOVED'],
  'removed, aware': ['removed-by-operator', AWARE, 'TASK_GONE_BY_OPERATOR', 'REASON_AGENT_REMOVED_BY_OPERATOR'],
  'removed, others': ['removed-by-operator', {}, 'TASK_LOST', 'REASON_AGENT_REMOVED_BY_OPERATOR'],
} as const;
for (const [title, [reason, info, state, why]] of Object.entries(losses)) {
  test(`tasks of a lost agent: ${title}`, t => {
    const {world, stream, framework} = oneTask(info);
    world.pod('t', 'TASK_RUNNING');
    world.take(stream);
    lose(world, reason);
    const [update] = world.takeUpdates(stream);
    t.like(update, {state, reason: why, source: 'SOURCE_MASTER', uuid: undefined});
    t.is(update?.unreachable_time !== undefined, reason === 'unreachable');
    t.is(world.framework(framework).tasks.size, 0);
    t.is(world.framework(framework).unreachableTasks.size, reason === 'unreachable' ? 1 : 0);
    world.pass(700_000);
    t.deepEqual(world.takeUpdates(stream), []);
  });
}

test('a removed agent cannot come back, and its pods are given up', t => {
  const {world} = oneTask();
  lose(world, 'removed-by-operator');
  world.addAgent(agentRecord(0));
  t.is(world.master.agents.size, 0);
  t.is(world.pods.size, 0);
});

test('an agent that returns brings its tasks back, told with their real state', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING', {healthy: true});
  lose(world);
  world.take(stream);
  world.pass(1000);
  world.addAgent(agentRecord(0));
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_RUNNING', reason: 'REASON_AGENT_REREGISTERED', uuid: undefined});
  t.is(world.framework(framework).tasks.size, 1);
  t.is(world.free(0).scalar('cpus'), 3);
  world.pod('t', 'TASK_FINISHED');
  t.is(world.free(0).scalar('cpus'), 4);
});

test('a task that ended while its agent was away is told as soon as that is known', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  lose(world);
  world.take(stream);
  world.pod('t', 'TASK_FAILED');
  const [update] = world.takeUpdates(stream);
  t.is(update?.state, 'TASK_FAILED');
  world.addAgent(agentRecord(0));
  t.is(world.free(0).scalar('cpus'), 4);
  if (update !== undefined) world.acknowledge(framework, update);
  t.is(world.pods.size, 0);
});

test('an end that waits for its acknowledgement survives the loss of the agent', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED');
  const [update] = world.takeUpdates(stream);
  lose(world);
  t.deepEqual(world.takeUpdates(stream), []);
  if (update !== undefined) world.acknowledge(framework, update);
  t.deepEqual(world.framework(framework).completedTasks[0]?.phase, {kind: 'history', state: 'TASK_FINISHED'});
});

test('an id is taken while its task may return', t => {
  const {world, stream, framework} = oneTask();
  lose(world);
  world.addAgent(agentRecord(1));
  world.allocate();
  const offers = world.takeOffers(stream);
  world.accept(framework, offers, [launchOf(task('t', 'S1'))]);
  t.is(world.takeUpdates(stream)[0]?.message, 'Task has duplicate ID: t');
});

test('the framework went while the agent was away: its pods are killed, and count until they ended', t => {
  const {world, framework} = oneTask();
  lose(world);
  world.do({kind: 'teardown', frameworkId: toFrameworkId(framework)});
  t.is([...world.pods.values()][0]?.graceSeconds, 3);
  world.addAgent(agentRecord(0));
  t.is(world.free(0).scalar('cpus'), 3);
  world.pod('t', 'TASK_KILLED', {deleted: true});
  t.is(world.free(0).scalar('cpus'), 4);
});

test('an agent that shrinks: its offers are rescinded, the next ones are right', t => {
  const {world, stream} = oneOffer();
  world.seeAgent(agentRecord(0, 'cpus:2;mem:512'));
  t.is(world.take(stream)[0]?.type, 'RESCIND');
  world.allocate();
  t.is(world.takeOffers(stream)[0]?.resources?.[0]?.scalar?.value, 2);
});

test('an agent that grows, or loses what nobody has, keeps its offers', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.seeAgent(agentRecord(0, 'cpus:8;mem:1024;ports:[31000-31009]'));
  t.deepEqual(world.take(stream), []);
  world.allocate();
  const [more] = world.takeOffers(stream);
  t.is(more?.resources?.[0]?.scalar?.value, 4); // 8 less the 4 on offer already
  world.call({type: 'DECLINE', framework_id: {value: framework}, decline: {offer_ids: offers.map(({id}) => id)}});
  world.seeAgent(agentRecord(0, 'cpus:5;mem:1024;ports:[31000-31009]'));
  t.deepEqual(world.take(stream), []);
  t.is(world.free(0).scalar('cpus'), 1);
});

test('an agent with less than its tasks use has nothing free, and its tasks go on', t => {
  const {world, framework} = oneTask();
  world.seeAgent(agentRecord(0, 'cpus:0.5;mem:1024'));
  t.is(world.free(0).scalar('cpus'), 0);
  t.is(world.free(0).scalar('mem'), 924);
  world.pod('t', 'TASK_FINISHED');
  t.deepEqual(world.framework(framework).tasks.get(toTaskId('t'))?.phase, {kind: 'over', state: 'TASK_FINISHED'});
  t.is(world.free(0).scalar('cpus'), 0.5);
});

test('an estimate of what is not used is offered as revocable, and rescinded when it is lower', t => {
  const withSpare = (cpus: number): AgentRecord => {
    const spare = resources(`cpus:${cpus}`).list();
    const total = resources('cpus:4').add(Resources.of(spare.map(each => ({...each, revocable: true}))));
    return {...agentRecord(0), total};
  };
  const {world, stream} = oneOffer({}, {capabilities: [{type: 'REVOCABLE_RESOURCES'}]});
  world.seeAgent(withSpare(2));
  world.take(stream);
  world.allocate();
  const offered = world.takeOffers(stream).flatMap(({resources: list = []}) => list);
  t.deepEqual(
    offered.map(({revocable, scalar}) => [revocable !== undefined, scalar?.value]),
    [
      [false, 4],
      [true, 2],
    ],
  );
  world.seeAgent(withSpare(1));
  t.is(world.take(stream)[0]?.type, 'RESCIND');
});

const CORDONED = {reason: 'NodeCordoned', message: 'The node is cordoned'};

test('a deactivated agent: offers are rescinded, none follow, tasks go on, until it is activated', t => {
  const {world, stream, framework} = oneTask();
  world.call({type: 'REVIVE', framework_id: {value: framework}});
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
  world.seeAgent({...agentRecord(0), deactivated: CORDONED});
  t.is(world.take(stream)[0]?.type, 'RESCIND');
  world.allocate();
  t.deepEqual(world.take(stream), []);
  t.is(world.framework(framework).tasks.size, 1);
  t.like(agentsMessage(world.master).agents?.[0], {active: false, deactivated: true});
  world.seeAgent(agentRecord(0));
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
  t.like(agentsMessage(world.master).agents?.[0], {active: true, deactivated: false});
});

test('an agent that comes or returns deactivated gets no offers', t => {
  const {world, stream} = oneOffer();
  lose(world);
  world.addAgent({...agentRecord(0), deactivated: CORDONED});
  world.addAgent({...agentRecord(1), deactivated: CORDONED});
  world.take(stream);
  world.allocate();
  t.deepEqual(world.take(stream), []);
});

test('a node that takes no more pods: offers end, what is too much is dropped, until a task ends', t => {
  const {world, stream, framework, offers} = oneOffer({}, AWARE);
  world.seeAgent({...agentRecord(0), maxTasks: 1});
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))], 0);
  t.like(world.takeUpdates(stream)[0], {task_id: {value: 'b'}, state: 'TASK_DROPPED', reason: 'REASON_INVALID_OFFERS'});
  world.allocate();
  t.deepEqual(world.take(stream), []);
  t.like(agentsMessage(world.master).agents?.[0], {active: false, deactivated: false});
  world.pod('a', 'TASK_FINISHED');
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('a task accepted before its agent shrank finds no room; one that fits does', t => {
  const {world, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))]);
  const withdrawn = () =>
    world.effects.flatMap(effect => (effect.kind === 'withdraw-launch' ? [effect.launch.launchId] : []));
  world.seeAgent(agentRecord(0, 'cpus:2;mem:1024'));
  t.deepEqual(withdrawn(), []);
  world.seeAgent(agentRecord(0, 'cpus:1.5;mem:1024'));
  t.deepEqual(withdrawn(), [world.launchOf('b').launchId]);
});

test('a task whose pod is there already is not withdrawn from an agent that shrinks', t => {
  const {world, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))]);
  world.pod('b', 'TASK_RUNNING');
  world.seeAgent(agentRecord(0, 'cpus:0.5;mem:1024'));
  const withdrawn = world.effects.flatMap(effect =>
    effect.kind === 'withdraw-launch' ? [effect.launch.launchId] : [],
  );
  t.deepEqual(withdrawn, [world.launchOf('a').launchId]);
});

test('an agent told again without a change keeps its offers', t => {
  const {world, stream} = oneOffer();
  world.addAgent(agentRecord(0));
  t.deepEqual(world.take(stream), []);
  t.is(world.master.offers.size, 1);
});

test('unreachable tasks are remembered by id up to a limit, and all come back', t => {
  const {world, stream, framework, offers} = oneOffer({maxUnreachableTasksPerFramework: 1});
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))]);
  lose(world);
  t.deepEqual([...world.framework(framework).unreachableTasks.keys()].map(String), ['b']);
  world.take(stream);
  world.addAgent(agentRecord(0));
  t.is(world.framework(framework).tasks.size, 2);
  t.true(world.free(0).equals(resources('cpus:2;mem:824;ports:[31000-31009]')));
});

for (const [title, [info, state, gauge]] of Object.entries({
  'is unreachable to those who know the word': [AWARE, 'TASK_UNREACHABLE', 1],
  'is lost to the others': [{}, 'TASK_LOST', 0],
} as const)) {
  test(`a task on an unreachable agent ${title}, and is no end of it`, t => {
    const {world, stream, framework} = oneTask(info);
    world.pod('t', 'TASK_RUNNING');
    for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
    lose(world);
    t.is(world.takeUpdates(stream)[0]?.state, state);
    t.is(tasksMessage(world.master).unreachable_tasks?.[0]?.state, state);
    t.is(countTasks(world.master).get('TASK_UNREACHABLE'), gauge);
    world.addAgent(agentRecord(0));
    t.is(tasksMessage(world.master).tasks?.[0]?.state, 'TASK_RUNNING');
  });
}

test('removals are counted with their reasons', t => {
  for (const [reason, want] of [
    ['unreachable', ['agents-removed', 'agents-unreachable']],
    ['unregistered', ['agents-removed', 'agents-unregistered']],
    ['removed-by-operator', ['agents-removed']],
  ] as const) {
    const {world} = oneOffer();
    lose(world, reason);
    const counted = world.effects.flatMap(effect => (effect.kind === 'count' ? [effect.counter] : []));
    t.deepEqual<readonly string[], readonly string[]>(counted.slice(-want.length), want);
  }
});

test('tasks that are lost with their agent are counted by state and reason', t => {
  for (const [reason, want] of [
    ['unreachable', 'TASK_UNREACHABLE SOURCE_MASTER REASON_AGENT_REMOVED'],
    ['unregistered', 'TASK_LOST SOURCE_MASTER REASON_AGENT_REMOVED'],
    ['removed-by-operator', 'TASK_GONE_BY_OPERATOR SOURCE_MASTER REASON_AGENT_REMOVED_BY_OPERATOR'],
  ] as const) {
    const {world} = oneTask(AWARE);
    lose(world, reason);
    const counted = world.effects.flatMap(effect =>
      effect.kind === 'count-task' ? [`${effect.state} ${effect.source} ${effect.reason}`] : [],
    );
    t.deepEqual(counted, [want]);
  }
});

test('an unreachable agent that is removed for good takes its tasks along', t => {
  const {world, stream, framework} = oneTask(AWARE);
  world.pod('t', 'TASK_RUNNING');
  lose(world);
  world.take(stream);
  lose(world, 'removed-by-operator');
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_GONE_BY_OPERATOR'});
  t.is(world.framework(framework).unreachableTasks.size, 0);
  t.is(world.master.unreachableAgents.size, 0);
  t.true(world.master.goneAgents.has(toAgentId('S0')));
  t.deepEqual(world.take(stream), []);
});

test('the pod of an agent that is removed goes without its node', t => {
  const {world} = oneTask();
  lose(world, 'removed-by-operator');
  t.deepEqual(
    world.effects.flatMap(effect => (effect.kind === 'release-pod' ? [effect.force] : [])),
    [true],
  );
});

test('a pod whose task has ended and was acknowledged is released, not torn away', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_FINISHED');
  for (const update of world.takeUpdates(stream)) world.acknowledge(framework, update);
  t.deepEqual(
    world.effects.flatMap(effect => (effect.kind === 'release-pod' ? [effect.force] : [])),
    [false],
  );
});

const attributes = {
  'a text': [{name: 'x', type: 'TEXT', text: {value: 'v'}}, 'v'],
  'a number': [{name: 'x', type: 'SCALAR', scalar: {value: 1.5}}, '1.5'],
  'a set': [{name: 'x', type: 'SET', set: {item: ['a', 'b']}}, '{a,b}'],
  ranges: [
    {
      name: 'x',
      type: 'RANGES',
      ranges: {
        range: [
          {begin: 1, end: 2},
          {begin: 4, end: 4},
        ],
      },
    },
    '[1-2,4-4]',
  ],
} as const;
for (const [title, [attribute, value]] of Object.entries(attributes)) {
  test(`the allocator knows an attribute that is ${title} as text`, t => {
    const world = new World();
    const {allocator} = world.master;
    const added: unknown[] = [];
    const addAgent = allocator.addAgent.bind(allocator);
    allocator.addAgent = (spec, used) => {
      added.push(spec.attributes);
      addAgent(spec, used);
    };
    world.addAgent({...agentRecord(0), attributes: [attribute]});
    t.deepEqual(added, [[{name: 'x', value, isText: title === 'a text'}]]);
  });
}

test('there is room for what fits, and none for what has become too much, as long as the agent is there', t => {
  const {world, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('a', 'S0'))]);
  const launch = world.master.launches.get(world.launchOf('a').launchId);
  if (typeof launch !== 'object') return t.fail();
  t.true(hasRoom(world.master, launch));
  world.seeAgent(agentRecord(0, 'cpus:0.5;mem:1024'));
  t.false(hasRoom(world.master, launch));
  lose(world);
  t.true(hasRoom(world.master, launch));
});

test('the object of an agent is found by its id, also after it has left', t => {
  const {world} = oneOffer();
  world.addAgent(agentRecord(1));
  t.is(nameOfAgent(world.master, toAgentId('S1')), 'agent-1');
  world.loseAgent('S1', 'unregistered');
  t.is(nameOfAgent(world.master, toAgentId('S1')), 'agent-1');
  t.is(nameOfAgent(world.master, toAgentId('S9')), undefined);
});

test('an agent knows when it came back, if it did', t => {
  const {world} = oneOffer();
  const reregisteredMs = () => world.master.agents.get(toAgentId('S0'))?.reregisteredMs;
  t.is(reregisteredMs(), undefined);
  lose(world);
  world.pass(1000);
  world.addAgent(agentRecord(0));
  t.is(reregisteredMs(), world.nowMs);
});

test('what the object of an agent says is reserved there is so', t => {
  const world = new World();
  const list = resources('cpus:1').list();
  const reserved = Resources.of(list.map(each => ({...each, reservations: [{type: 'DYNAMIC', role: 'eng'}]})));
  world.addAgent({...agentRecord(0, 'cpus:4;mem:1024'), made: {resources: reserved, operations: []}});
  t.true(world.free(0).equals(reserved.add(resources('cpus:3;mem:1024'))));
});

test('a task whose id another one has by now does not come back, and its pod is killed', t => {
  const {world, stream, framework, offers} = oneOffer({maxUnreachableTasksPerFramework: 1});
  world.accept(framework, offers, [launchOf(task('a', 'S0'), task('b', 'S0'))]);
  const {launchId} = world.launchOf('a');
  lose(world);
  world.addAgent(agentRecord(1));
  world.allocate();
  world.accept(framework, world.takeOffers(stream), [launchOf(task('a', 'S1'))]);
  world.addAgent(agentRecord(0));
  const completed = world.framework(framework).completedTasks;
  t.deepEqual(
    completed.map(({launch, phase}) => [launch.launchId, phase]),
    [[launchId, {kind: 'history', state: 'TASK_LOST'}]],
  );
  t.is(world.pods.get(launchId)?.graceSeconds, 3);
  const tasks = [...world.framework(framework).tasks.values()];
  t.deepEqual(
    tasks.map(({taskId, launch}) => `${taskId} on ${launch.agentId}`),
    ['a on S1', 'b on S0'],
  );
});
