import test from 'ava';
import {toAgentId, toFrameworkId} from '../../../../../src/allocator/ids.ts';
import type {OfferOperation} from '../../../../../src/controller/mesos/core/state.ts';
import type {AgentRecord, Drain} from '../../../../../src/controller/mesos/core/agents/agent-record.ts';
import {drainStateOf} from '../../../../../src/controller/mesos/core/agents/drain.ts';
import {agentRecord, launchOf, oneOffer, oneTask, task, type World} from '../world.ts';

const update = (world: World, rest: Partial<AgentRecord>) => world.seeAgent({...agentRecord(0), ...rest});
const drain = (world: World, config: Partial<Drain> = {}) => update(world, {drain: {markGone: false, ...config}});
const state = (world: World) => {
  const agent = world.master.agents.get(toAgentId('S0'));
  return agent === undefined ? undefined : drainStateOf(world.master, agent);
};
const grace = (world: World): number | undefined => [...world.pods.values()][0]?.graceSeconds;
const PARTITION_AWARE = {capabilities: [{type: 'PARTITION_AWARE' as const}]};

test('a drained agent gets no offers, its tasks are killed and told why, and it is empty when that was acknowledged', t => {
  const {world, stream, framework} = oneTask();
  world.pod('t', 'TASK_RUNNING');
  world.acknowledge(framework, world.takeUpdates(stream)[0] ?? t.fail());
  drain(world);
  t.is(grace(world), 3);
  t.is(state(world), 'DRAINING');
  world.pod('t', 'TASK_KILLED', {deleted: true});
  const [killed] = world.takeUpdates(stream);
  t.like(killed, {state: 'TASK_KILLED', reason: 'REASON_AGENT_DRAINING'});
  t.is(state(world), 'DRAINING');
  if (killed !== undefined) world.acknowledge(framework, killed);
  t.is(state(world), 'DRAINED');
  world.call({type: 'REVIVE', framework_id: {value: framework}});
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
  update(world, {});
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
});

test('offers are taken back', t => {
  const {world, stream} = oneOffer();
  drain(world);
  t.is(world.take(stream)[0]?.type, 'RESCIND');
});

const kill_policy = {grace_period: {nanoseconds: 60e9}};
for (const [title, config, want] of [
  ['the task’s own grace', {}, 60],
  ['at most the operator’s grace', {maxGraceSeconds: 10}, 10],
  ['the task’s own where the operator gives more', {maxGraceSeconds: 100}, 60],
  ['never less than a second', {maxGraceSeconds: 0}, 1],
] as const) {
  test(`a drain gives ${title}`, t => {
    const {world} = oneTask({}, {kill_policy});
    drain(world, config);
    t.is(grace(world), want);
  });
}

test('what the framework has killed itself ends as killed for it, but no later than the drain wants', t => {
  const {world, stream, framework} = oneTask({}, {kill_policy});
  world.call({type: 'KILL', framework_id: {value: framework}, kill: {task_id: {value: 't'}}});
  world.pass(1000);
  drain(world, {maxGraceSeconds: 5});
  t.is(grace(world), 5);
  world.pod('t', 'TASK_KILLED', {deleted: true});
  const [killed] = world.takeUpdates(stream);
  t.is(killed?.state, 'TASK_KILLED');
  t.is(killed?.reason, undefined);
});

test('a task that ended by itself meanwhile ends as it did', t => {
  const {world, stream} = oneTask();
  drain(world, {markGone: true});
  world.pod('t', 'TASK_FINISHED');
  t.is(world.takeUpdates(stream)[0]?.state, 'TASK_FINISHED');
});

for (const [info, want] of [
  [PARTITION_AWARE, 'TASK_GONE_BY_OPERATOR'],
  [{}, 'TASK_KILLED'],
] as const) {
  test(`an agent that is drained for good: ${want}, then it is marked as gone, once`, t => {
    const {world, stream, framework} = oneTask(info);
    drain(world, {markGone: true});
    world.pod('t', 'TASK_KILLED', {deleted: true});
    const [ended] = world.takeUpdates(stream);
    t.like(ended, {state: want, reason: 'REASON_AGENT_DRAINING'});
    world.pass(1000);
    t.false(world.effects.some(({kind}) => kind === 'mark-agent-gone'));
    if (ended !== undefined) world.acknowledge(framework, ended);
    world.pass(1000);
    world.pass(1000);
    t.is(world.effects.filter(({kind}) => kind === 'mark-agent-gone').length, 1);
  });
}

test('an agent that was away is drained when it is back', t => {
  const {world} = oneTask(PARTITION_AWARE);
  world.loseAgent('S0', 'unreachable');
  drain(world);
  t.is(grace(world), undefined);
  world.addAgent({...agentRecord(0), drain: {markGone: false}});
  t.is(grace(world), 3);
});

test('an agent that the operator deactivated keeps its tasks and gets no offers', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [launchOf(task('t', 'S0'))], 0);
  world.take(stream);
  update(world, {deactivatedByOperator: true});
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
  t.is(grace(world), undefined);
  t.is(state(world), undefined);
});

test('an agent is not drained while an operation on it waits for its acknowledgement', t => {
  const {world} = oneOffer();
  const agent = world.master.agents.get(agentRecord(0).id);
  if (agent === undefined) return t.fail();
  const drained = {...agent, record: {...agent.record, drain: {markGone: false}}};
  t.is(drainStateOf(world.master, drained), 'DRAINED');
  const operation = (agentId: string): OfferOperation => ({
    frameworkId: toFrameworkId('M-0000'),
    agentId: toAgentId(agentId),
    operationId: 'op',
    uuid: 'u',
    info: {type: 'RESERVE'},
    state: 'OPERATION_FINISHED',
    inFlight: undefined,
  });
  world.master.operations.set('x', operation('S9'));
  t.is(drainStateOf(world.master, drained), 'DRAINED');
  world.master.operations.set('y', operation('S0'));
  t.is(drainStateOf(world.master, drained), 'DRAINING');
});
