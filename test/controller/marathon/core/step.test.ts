import test from 'ava';
import {parseTaskId} from '../../../../src/controller/marathon/core/ids.ts';
import {appConditions} from '../../../../src/controller/marathon/core/apps/status.ts';
import {countTasks} from '../../../../src/controller/marathon/core/counters.ts';
import {Simulation} from '../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.5, mem: 32};

/** A cluster with one app that runs. */
function running(instances: number, more: object = {}): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, instances, ...more});
  sim.settle();
  return sim;
}

test('an app starts its instances', t => {
  const sim = running(3);
  t.is(sim.running('web').length, 3);
  t.is(sim.app('web').deployment, undefined);
});

test('scaling up keeps what runs', t => {
  const sim = running(3);
  const before = sim.running('web');
  sim.advance(10_000);
  sim.apply('web', {...APP, instances: 5});
  sim.advance(10_000);
  t.is(sim.running('web').length, 5);
  t.true(before.every(id => sim.running('web').includes(id)));
});

test('scaling down kills the youngest', t => {
  const sim = running(2);
  const before = sim.running('web');
  sim.advance(10_000);
  sim.apply('web', {...APP, instances: 5});
  sim.advance(10_000);
  sim.apply('web', {...APP, instances: 2});
  sim.settle();
  t.deepEqual(sim.running('web').toSorted(), before.toSorted());
  t.is(sim.tasks.size, 2);
});

test('scaling down kills those that a person named', t => {
  const sim = running(2);
  const [oldest = '', ...others] = sim.running('web');
  sim.advance(10_000);
  sim.apply('web', {...APP, instances: 4});
  sim.advance(10_000);
  const before = sim.running('web');
  const victim = parseTaskId(oldest)?.instanceId;
  const version = new Date(sim.nowMs).toISOString();
  sim.apply(
    'web',
    {...APP, instances: 3},
    {'marathon.mesos.dev/version': version, 'marathon.mesos.dev/kill-first': victim ?? ''},
  );
  sim.settle();
  t.deepEqual(
    sim.running('web'),
    before.filter(id => id !== oldest),
  );
  // The name is forgotten with the deployment: the next one goes by age again.
  sim.apply('web', {...APP, instances: 1});
  sim.settle();
  t.deepEqual(sim.running('web'), others);
});

test('a change of the command replaces every task, and never too many at a time', t => {
  const sim = running(3);
  const before = sim.running('web');
  let least = 3;
  let most = 0;
  sim.check = () => {
    least = Math.min(least, sim.running('web').length);
    most = Math.max(most, sim.tasks.size);
  };
  sim.apply('web', {
    ...APP,
    cmd: 'sleep 2000',
    instances: 3,
    upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 0},
  });
  sim.advance(60_000);
  t.is(sim.running('web').length, 3);
  t.false(sim.running('web').some(id => before.includes(id)));
  t.deepEqual({least, most}, {least: 3, most: 4}); // no room: one extra
});

test('a failed task comes back under the same instance with the next incarnation', t => {
  const sim = running(1);
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_FAILED', {message: 'exit code 1'});
  sim.advance(10_000);
  t.is(sim.running('web')[0], first.replace(/1$/, '2'));
  t.is(sim.app('web').lastTaskFailure?.message, 'exit code 1');
});

test('an exit with code 0 is no end either', t => {
  const sim = running(1);
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_FINISHED');
  sim.advance(10_000);
  t.is(sim.running('web').length, 1);
  t.is(sim.app('web').lastTaskFailure, undefined);
});

test('the tasks of a deleted app are killed before the object goes', t => {
  const sim = running(3);
  sim.delete('web');
  t.true(sim.objects.has('web'));
  sim.settle();
  t.false(sim.objects.has('web'));
  t.is(sim.tasks.size, 0);
});

test('tasks of a lost agent are replaced elsewhere, and killed when it returns', t => {
  const sim = running(6);
  sim.loseAgent('agent-0');
  sim.advance(10_000);
  t.is(sim.running('web').length, 6);
  t.true(sim.instances('web').every(({task}) => task?.agent.agentId !== 'agent-0'));
  sim.returnAgent('agent-0');
  sim.advance(10_000);
  t.is(sim.tasks.size, 6);
});

test('an app goes although an agent fell silent while its tasks were being killed', t => {
  const sim = running(4);
  const lost = sim.agents.get('agent-0');
  if (lost === undefined) return t.fail();
  lost.alive = false; // the kills go unanswered
  sim.delete('web');
  sim.settle();
  t.true(sim.objects.has('web'));
  sim.loseAgent('agent-0');
  sim.advance(1000);
  t.false(sim.objects.has('web'));
  sim.returnAgent('agent-0');
  sim.advance(10_000);
  t.is(sim.tasks.size, 0);
});

test('with a strategy that waits, a returned task makes the replacement surplus', t => {
  const sim = running(3, {unreachableStrategy: {inactiveAfterSeconds: 30, expungeAfterSeconds: 3600}});
  const before = sim.running('web').toSorted();
  const lost = sim.instances('web')[0]?.task?.agent.agentId ?? '';
  sim.loseAgent(lost);
  sim.advance(20_000);
  t.is(sim.everLaunched.size, 3);
  sim.advance(30_000);
  t.is(sim.running('web').length, 3);
  sim.returnAgent(lost);
  sim.advance(10_000);
  t.deepEqual(sim.running('web').toSorted(), before);
  t.is(sim.tasks.size, 3);
});

test('a new leader finds everything and touches nothing', t => {
  const sim = running(4);
  const before = sim.running('web').toSorted();
  const version = sim.app('web').versionInfo;
  sim.failover();
  sim.advance(60_000);
  t.deepEqual(sim.running('web').toSorted(), before);
  t.is(sim.everLaunched.size, 4);
  t.deepEqual(sim.app('web').versionInfo, version);
  t.is(sim.app('web').deployment, undefined);
});

test('a task that died while nobody led is the last failure, and is replaced once', t => {
  const sim = running(2);
  const [first = '', second] = sim.running('web');
  sim.report(first, 'TASK_FAILED', {message: 'exit code 1'});
  sim.failover();
  sim.advance(60_000);
  t.like(sim.app('web').lastTaskFailure, {taskId: first, message: 'exit code 1'});
  t.deepEqual(sim.running('web').toSorted(), [first.replace(/1$/, '2'), second].toSorted());
  t.is(sim.everLaunched.size, 3);
});

test('a change while nobody led is carried out by the next leader', t => {
  const sim = running(2);
  const before = sim.running('web');
  const object = sim.objects.get('web');
  if (object === undefined) return t.fail();
  const metadata = {...object.metadata, generation: 2};
  sim.objects.set('web', {...object, metadata, spec: {...object.spec, cmd: 'sleep 2000'}});
  sim.failover();
  sim.advance(60_000);
  t.is(sim.running('web').length, 2);
  t.false(sim.running('web').some(id => before.includes(id)));
});

test('a rolling replacement goes on under the next leader with the same deployment', t => {
  const sim = running(4, {upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 0}});
  sim.behaviour = () => 'stay';
  sim.advance(10_000);
  sim.apply('web', {...sim.objects.get('web')?.spec, cmd: 'sleep 2000'});
  sim.advance(10_000);
  const id = sim.app('web').deployment?.id;
  t.truthy(id);
  sim.failover();
  t.is(sim.app('web').deployment?.id, id);
  sim.behaviour = () => 'run';
  for (const [taskId, task] of sim.tasks) if (task.state === 'TASK_STAGING') sim.report(taskId, 'TASK_RUNNING');
  sim.advance(120_000);
  t.is(sim.running('web').length, 4);
  t.is(sim.app('web').deployment, undefined);
  t.is(sim.tasks.size, 4);
});

test('of two objects with one id the older one runs', t => {
  const sim = running(1);
  sim.apply('other', {...APP, id: '/web', instances: 2});
  sim.settle();
  t.is(sim.tasks.size, 1);
  t.is(sim.app('other').block?.reason, 'DuplicateId');
  sim.delete('web');
  sim.advance(10_000);
  t.is(sim.app('other').block, undefined);
  t.is(sim.running('other').length, 2);
});

test('an invalid spec leaves running tasks alone, and the mended one goes on', t => {
  const sim = running(2);
  const before = sim.running('web');
  sim.apply('web', {...APP, instances: 2, constraints: [['hostname', 'NEAR']]});
  sim.advance(10_000);
  t.is(sim.app('web').block?.reason, 'InvalidSpec');
  t.deepEqual(sim.running('web'), before);
  sim.apply('web', {...APP, instances: 2});
  sim.advance(10_000);
  t.deepEqual(sim.running('web'), before);
  t.is(sim.app('web').block, undefined);
});

test('an unknown task that runs is killed', t => {
  const sim = running(1);
  sim.tasks.set('old.instance-x._app.1', {
    info: {name: 'old', task_id: {value: 'old.instance-x._app.1'}, agent_id: {value: 'agent-0'}},
    agentId: 'agent-0',
    state: 'TASK_RUNNING',
    statuses: [],
  });
  sim.report('old.instance-x._app.1', 'TASK_RUNNING');
  sim.settle();
  t.is(sim.tasks.size, 1);
});

test('a task that never says anything is killed and launched again', t => {
  const sim = new Simulation();
  sim.connect();
  sim.behaviour = () => 'stay';
  sim.apply('web', {...APP, instances: 1});
  sim.advance(290_000);
  sim.behaviour = () => 'run';
  t.is(sim.everLaunched.size, 1);
  sim.advance(30_000);
  t.is(sim.running('web').length, 1);
});

test('a kill that goes unanswered is sent again', t => {
  const sim = running(1);
  const lost = sim.agents.get(sim.instances('web')[0]?.task?.agent.agentId ?? '');
  if (lost === undefined) return t.fail();
  lost.alive = false;
  sim.apply('web', {...APP, instances: 0});
  sim.advance(5000);
  t.is(sim.tasks.size, 1);
  lost.alive = true;
  sim.advance(30_000);
  t.is(sim.tasks.size, 0);
});

test('a restart request replaces the tasks and keeps the time of the last scaling', t => {
  const sim = running(2);
  const before = sim.running('web');
  const scaledAt = sim.app('web').versionInfo?.lastScalingAt;
  sim.advance(10_000);
  sim.apply('web', {...APP, instances: 2}, {'marathon.mesos.dev/restarted-at': '2026-01-01T00:00:10.000Z'});
  sim.advance(60_000);
  t.is(sim.running('web').length, 2);
  t.false(sim.running('web').some(id => before.includes(id)));
  t.is(sim.app('web').versionInfo?.lastScalingAt, scaledAt);
});

test('a change through REST brings its version and deployment along', t => {
  const sim = running(1);
  const version = '2026-01-01T00:01:00.000Z';
  sim.behaviour = () => 'stay';
  sim.apply(
    'web',
    {...APP, instances: 2},
    {
      'marathon.mesos.dev/version': version,
      'marathon.mesos.dev/deployment-id': 'd-1',
    },
  );
  t.is(sim.app('web').versionInfo?.version, version);
  t.is(sim.app('web').deployment?.id, 'd-1');
  // kubectl leaves the annotations as they were: this is a change of its own.
  sim.apply('web', {...APP, instances: 3});
  t.true((sim.app('web').versionInfo?.version ?? '') > version);
  t.not(sim.app('web').deployment?.id, 'd-1');
});

test('two roles get offers each, and a role that nobody uses is left', t => {
  const sim = running(1);
  sim.apply('dev', {...APP, instances: 1, role: 'dev'});
  sim.advance(10_000);
  t.is(sim.running('dev').length, 1);
  t.deepEqual([...sim.state.subscribedRoles], ['*', 'dev']);
  sim.delete('dev');
  sim.advance(10_000);
  t.deepEqual([...sim.state.subscribedRoles], ['*']);
});

test('a replacement that began with too few goes on once enough are healthy', t => {
  const sim = running(2, {upgradeStrategy: {minimumHealthCapacity: 0.9, maximumOverCapacity: 0}});
  sim.advance(10_000);
  sim.behaviour = () => 'stay';
  sim.apply('web', {...sim.objects.get('web')?.spec, cmd: 'sleep 2000'});
  sim.tasks.delete(sim.running('web')[0] ?? '');
  sim.failover();
  sim.behaviour = () => 'run';
  for (const [taskId, task] of sim.tasks) if (task.state === 'TASK_STAGING') sim.report(taskId, 'TASK_RUNNING');
  sim.advance(60_000);
  t.is(sim.app('web').deployment, undefined);
  t.is(sim.running('web').length, 2);
});

test('a replacement that began before anything ran does not wait for ever', t => {
  const sim = new Simulation();
  sim.connect();
  const app = {...APP, instances: 2, upgradeStrategy: {minimumHealthCapacity: 0, maximumOverCapacity: 0}};
  sim.behaviour = () => 'stay';
  sim.apply('web', app);
  sim.settle();
  sim.apply('web', {...app, cmd: 'sleep 2000'});
  sim.behaviour = () => 'run';
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING');
  sim.advance(60_000);
  t.is(sim.app('web').deployment, undefined);
});

test('old tasks that fail their checks may go although too few are healthy', t => {
  const checked = {
    healthChecks: [{protocol: 'MESOS_TCP'}],
    upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 0},
  };
  const sim = running(2, checked);
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING', {healthy: false});
  sim.settle();
  sim.apply('web', {...APP, ...checked, instances: 2, cmd: 'sleep 2000'});
  for (let i = 0; i < 60; i++) {
    sim.advance(1000);
    for (const [taskId, {info, state}] of sim.tasks) {
      if (state === 'TASK_RUNNING' && info.command?.value === 'sleep 2000')
        sim.report(taskId, 'TASK_RUNNING', {healthy: true});
    }
  }
  t.is(sim.app('web').deployment, undefined);
  t.is(sim.tasks.size, 2);
});

test('a million wanted instances cost nothing until there is room for them', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, instances: 1_000_000});
  sim.settle();
  t.is(sim.running('web').length, 24); // 3 agents of 4 cores, 0.5 each
  t.is(sim.app('web').instances.size, 24);
  t.is(sim.app('web').unmade, 999_976);
  sim.apply('web', {...APP, instances: 2});
  sim.settle();
  t.deepEqual([sim.running('web').length, sim.app('web').unmade], [2, 0]);
});

/** Ten tasks on three agents, two of which are lost for a while; the third has room for few replacements. */
function afterLoss(): {sim: Simulation; before: string[]} {
  const sim = new Simulation({cpus: 2});
  sim.connect();
  sim.apply('web', {...APP, instances: 10});
  sim.advance(10_000);
  const before = sim.running('web');
  sim.behaviour = () => 'stay';
  sim.loseAgent('agent-0');
  sim.loseAgent('agent-1');
  sim.advance(20_000);
  return {sim, before};
}

test('what comes back with its agent and runs is kept before what only starts', t => {
  const {sim, before} = afterLoss();
  t.true(sim.running('web').length < 10);
  sim.returnAgent('agent-0');
  sim.returnAgent('agent-1');
  sim.advance(10_000);
  t.deepEqual(sim.running('web').toSorted(), before.toSorted());
  t.is(sim.tasks.size, 10);
});

test('a new leader knows what comes back too', t => {
  const {sim, before} = afterLoss();
  sim.failover();
  sim.advance(5000);
  sim.returnAgent('agent-0');
  sim.returnAgent('agent-1');
  sim.advance(10_000);
  t.deepEqual(sim.running('web').toSorted(), before.toSorted());
});

test('what comes back with an old configuration is killed', t => {
  const {sim} = afterLoss();
  sim.behaviour = () => 'run';
  sim.apply('web', {...APP, instances: 2, cmd: 'sleep 2000'});
  sim.advance(60_000);
  sim.returnAgent('agent-0');
  sim.returnAgent('agent-1');
  sim.advance(10_000);
  t.is(sim.tasks.size, 2);
  t.true([...sim.tasks.values()].every(({info}) => info.command?.value === 'sleep 2000'));
});

test('what comes back after its replacement runs is killed', t => {
  const {sim} = afterLoss();
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING');
  sim.addAgent('agent-3', 8);
  sim.behaviour = () => 'run';
  sim.advance(20_000);
  const before = sim.running('web');
  t.is(before.length, 10);
  sim.returnAgent('agent-0');
  sim.returnAgent('agent-1');
  sim.advance(10_000);
  t.deepEqual(sim.running('web').toSorted(), before.toSorted());
  t.is(sim.tasks.size, 10);
});

test('a task of an app that is not understood any more is not taken back', t => {
  const {sim} = afterLoss();
  sim.apply('web', {...APP, cpus: 'many'});
  const before = sim.app('web').instances.size;
  sim.returnAgent('agent-0');
  sim.returnAgent('agent-1');
  sim.deliver();
  t.is(sim.app('web').instances.size, before);
});

test('old tasks whose checks have not answered yet are waited for', t => {
  const checked = {
    healthChecks: [{protocol: 'TCP', gracePeriodSeconds: 600}],
    upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 0},
  };
  const sim = running(2, checked);
  const before = [...sim.tasks.keys()];
  sim.apply('web', {...APP, ...checked, instances: 2, cmd: 'sleep 2000'});
  sim.advance(60_000);
  t.deepEqual([...sim.tasks.keys()], before);
});

test('an instance that a person has killed is launched again, without a delay', t => {
  const sim = running(2);
  const [first] = sim.instances('web');
  if (first?.task === undefined) return t.fail();
  const {taskId} = first.task;
  sim.send({kind: 'kill-instances', instanceIds: [first.id], decommission: false});
  sim.advance(10_000);
  t.false(sim.tasks.has(taskId));
  t.is(sim.app('web').instances.get(first.id)?.incarnation, 2);
  t.is(sim.running('web').length, 2);
  t.is(sim.app('web').delay, undefined);
});

test('an unhealthy task that Marathon kills has not failed', t => {
  const sim = running(2, {healthChecks: [{protocol: 'TCP'}]});
  const [first] = sim.instances('web');
  if (first?.task === undefined) return t.fail();
  const {taskId} = first.task;
  sim.report(taskId, 'TASK_RUNNING', {healthy: false});
  sim.deliver();
  first.task = {...first.task, healthy: false};
  sim.agents.clear();
  sim.send({kind: 'kill-instances', instanceIds: [first.id], decommission: false});
  sim.report(taskId, 'TASK_KILLED', {healthy: false});
  sim.deliver();
  t.deepEqual([sim.app('web').delay, sim.app('web').lastTaskFailure], [undefined, undefined]);
  t.is(first.condition, 'Scheduled');
});

test('an unhealthy task that its agent kills has failed', t => {
  const sim = running(1, {healthChecks: [{protocol: 'TCP'}]});
  const [taskId = ''] = sim.running('web');
  sim.agents.clear();
  sim.report(taskId, 'TASK_KILLED', {healthy: false, message: 'unhealthy'});
  sim.deliver();
  t.is(sim.app('web').delay?.failures, 1);
  t.like(sim.app('web').lastTaskFailure, {taskId, state: 'TASK_KILLED', message: 'unhealthy'});
});

test('an instance waits for an offer from the moment its task has ended, under the version in force', t => {
  const sim = running(2);
  const [first] = sim.instances('web');
  if (first?.task === undefined) return t.fail();
  sim.apply('web', {...APP, instances: 3});
  sim.settle();
  sim.agents.clear();
  sim.nowMs += 5000;
  sim.report(first.task.taskId, 'TASK_FAILED');
  sim.deliver();
  t.like(first, {
    condition: 'Scheduled',
    sinceMs: sim.nowMs,
    task: undefined,
    version: sim.app('web').versionInfo?.version,
  });
});

test('a failure is told to people, with its state and host', t => {
  const sim = running(1);
  const [taskId = ''] = sim.running('web');
  sim.agents.clear();
  sim.report(taskId, 'TASK_FAILED', {message: 'exit code 1'});
  sim.deliver();
  t.like(sim.events.at(-1), {type: 'Warning', reason: 'TaskFailed'});
  t.regex(JSON.stringify(sim.events.at(-1)), /TASK_FAILED on agent-[0-9]: exit code 1/);
});

test('an instance is launched at the moment of its offer', t => {
  const sim = running(1);
  sim.apply('web', {...APP, instances: 2});
  sim.nowMs += 60_000;
  sim.advance(1000);
  const [second] = sim.instances('web').slice(1);
  t.like(second, {incarnation: 1, sinceMs: sim.nowMs});
  t.is(second?.task?.stagedAtMs, sim.nowMs);
});

test('a task is unreachable since its master says so, and not since it is told', t => {
  const sim = running(1, {unreachableStrategy: 'disabled'});
  const [taskId = ''] = sim.running('web');
  const since = (): number | undefined => sim.instances('web')[0]?.task?.unreachableAtMs;
  const sinceMs = sim.nowMs - 5000;
  sim.report(taskId, 'TASK_UNREACHABLE', {unreachable_time: {nanoseconds: sinceMs * 1e6}});
  sim.deliver();
  t.is(since(), sinceMs);
  sim.report(taskId, 'TASK_UNREACHABLE', {unreachable_time: {nanoseconds: sim.nowMs * 1e6}});
  sim.deliver();
  t.is(since(), sinceMs);
});

test('a failure while nobody led delays the next launch', t => {
  const sim = running(1);
  const [taskId = ''] = sim.running('web');
  sim.agents.clear();
  sim.report(taskId, 'TASK_FAILED');
  sim.failover();
  t.is(sim.app('web').delay?.failures, 1);
});

test('a pod that found no room on its node is no failure', t => {
  const sim = running(1);
  const [taskId = ''] = sim.running('web');
  sim.agents.clear();
  sim.report(taskId, 'TASK_DROPPED', {reason: 'REASON_RESOURCES_UNKNOWN'});
  sim.deliver();
  t.is(sim.app('web').delay, undefined);
  t.is(sim.instances('web')[0]?.condition, 'Scheduled');
});

test('a task that was dropped for another reason has failed', t => {
  const sim = running(1);
  const [taskId = ''] = sim.running('web');
  sim.agents.clear();
  sim.report(taskId, 'TASK_DROPPED', {reason: 'REASON_INVALID_OFFERS'});
  sim.deliver();
  t.is(sim.app('web').delay?.failures, 1);
});

for (const condition of ['Unreachable', 'UnreachableInactive'] as const) {
  test(`an instance that is ${condition} and not wanted any more is forgotten at once`, t => {
    const sim = running(2);
    const [first] = sim.instances('web');
    if (first?.task === undefined) return t.fail();
    first.condition = condition;
    sim.send({kind: 'kill-instances', instanceIds: [first.id], decommission: true});
    t.false(sim.app('web').instances.has(first.id));
    t.false(sim.state.tasks.has(first.task.taskId));
    t.is(sim.state.kills.size, 0);
  });
}

test('an agent that is removed is no reason any more why an app waits', t => {
  const sim = new Simulation({agents: 1});
  sim.connect();
  sim.apply('web', {...APP, cpus: 99});
  sim.settle();
  t.deepEqual([...(sim.app('web').offerStats?.lastByAgent.keys() ?? [])], ['agent-0']);
  sim.send({kind: 'agent-removed', agentId: 'agent-0'});
  t.is(sim.app('web').offerStats?.lastByAgent.size, 0);
  t.false(sim.state.agents.has('agent-0'));
});

test('a launch that the master refused is tried again, one that has begun is not', t => {
  const sim = new Simulation({settings: {launchTokens: 100}});
  sim.behaviour = () => 'stay';
  sim.connect();
  sim.apply('web', {...APP, instances: 2});
  sim.settle();
  const [first, second] = sim.instances('web');
  if (first?.task === undefined || second?.task === undefined) return t.fail();
  sim.agents.clear();
  const taskIds = [first.task.taskId, second.task.taskId, 'of.nobody'];
  sim.report(second.task.taskId, 'TASK_RUNNING');
  sim.deliver();
  first.condition = 'Provisioned';
  sim.send({kind: 'accept-refused', taskIds, message: 'no such offer'});
  t.deepEqual([first.condition, second.condition], ['Scheduled', 'Running']);
  t.is(sim.app('web').delay, undefined);
  t.like(sim.events.at(-1), {reason: 'LaunchRefused', message: 'no such offer'});
});

test('a task that runs gives its launch token back, and never more than there are', t => {
  const sim = new Simulation();
  sim.behaviour = () => 'stay';
  sim.connect();
  sim.apply('web', {...APP, instances: 2});
  sim.settle();
  t.is(sim.state.tokens, 98);
  const [first = '', second = ''] = sim.tasks.keys();
  sim.report(first, 'TASK_RUNNING');
  sim.deliver();
  t.is(sim.state.tokens, 99);
  sim.report(first, 'TASK_RUNNING');
  sim.deliver();
  t.is(sim.state.tokens, 99);
  sim.state.tokens = 100;
  sim.report(second, 'TASK_RUNNING');
  sim.deliver();
  t.is(sim.state.tokens, 100);
});

test('an update without addresses keeps those that are known', t => {
  const sim = running(1);
  const [taskId = ''] = sim.running('web');
  const at = (ip: string) => ({container_status: {network_infos: [{ip_addresses: [{ip_address: ip}]}]}});
  const addresses = (): unknown => sim.instances('web')[0]?.task?.ipAddresses;
  sim.report(taskId, 'TASK_RUNNING', at('10.0.0.1'));
  sim.deliver();
  t.deepEqual(addresses(), ['10.0.0.1']);
  sim.report(taskId, 'TASK_RUNNING');
  sim.deliver();
  t.deepEqual(addresses(), ['10.0.0.1']);
  sim.report(taskId, 'TASK_RUNNING', at('10.0.0.2'));
  sim.deliver();
  t.deepEqual(addresses(), ['10.0.0.2']);
});

test('only what runs and answers its checks counts as healthy', t => {
  const sim = running(4, {healthChecks: [{protocol: 'MESOS_TCP'}], unreachableStrategy: 'disabled'});
  const [healthy = '', failing = '', away = ''] = sim.running('web');
  sim.report(healthy, 'TASK_RUNNING', {healthy: true});
  sim.report(failing, 'TASK_RUNNING', {healthy: false});
  sim.report(away, 'TASK_RUNNING', {healthy: true});
  sim.report(away, 'TASK_UNREACHABLE');
  sim.deliver();
  t.like(countTasks(sim.app('web').instances.values()), {
    replicas: 4,
    tasksRunning: 3,
    tasksHealthy: 1,
    tasksUnhealthy: 1,
  });
});

test('kills by a person concern the named instances of any app', t => {
  const sim = running(2);
  sim.apply('db', {...APP, instances: 2});
  sim.advance(5000);
  const [web, db] = [sim.instances('web')[0], sim.instances('db')[0]];
  if (web === undefined || db === undefined) return t.fail();
  sim.send({kind: 'kill-instances', instanceIds: [web.id, db.id], decommission: true});
  sim.advance(5000);
  t.is(sim.tasks.size, 4);
  t.false(sim.state.apps.get('web')?.instances.has(web.id));
  t.false(sim.state.apps.get('db')?.instances.has(db.id));
});

test('a check that fails behind its grace period, and never succeeded, is unhealthy', t => {
  const check = {protocol: 'MESOS_TCP', gracePeriodSeconds: 30, intervalSeconds: 10, maxConsecutiveFailures: 0};
  const sim = running(2, {healthChecks: [check]});
  const unhealthy = (): number => countTasks(sim.app('web').instances.values()).tasksUnhealthy;
  const [first = ''] = sim.running('web');
  sim.report(first, 'TASK_RUNNING', {healthy: true});
  sim.deliver();
  sim.advance(39_000);
  t.is(unhealthy(), 0);
  // A check begins in the ten seconds after the grace period.
  sim.advance(3000);
  t.is(unhealthy(), 1);
  t.is(appConditions(sim.app('web'), sim.nowMs).find(({type}) => type === 'Degraded')?.reason, 'Unhealthy');
  t.is(sim.running('web').length, 2);
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING', {healthy: true});
  sim.deliver();
  t.is(unhealthy(), 0);
});

test('a deletion that would leave tasks to nobody is refused, also by the next leader', t => {
  const sim = running(2);
  const before = sim.running('web');
  sim.orphan('web');
  sim.advance(5000);
  t.deepEqual(sim.running('web'), before);
  const refused = sim.events.filter(effect => effect.kind === 'kube-event' && effect.reason === 'DeletionRefused');
  t.is(refused.length, 1);
  t.is(appConditions(sim.app('web'), sim.nowMs).find(({type}) => type === 'Degraded')?.reason, 'DeletionRefused');
  sim.failover();
  sim.advance(5000);
  t.deepEqual(sim.running('web'), before);
  // It goes on: it can be scaled.
  sim.apply('web', {...APP, instances: 3});
  sim.settle();
  t.is(sim.running('web').length, 3);
  sim.removeAnnotation('web', 'marathon.mesos.dev/deletion-refused');
  sim.advance(5000);
  t.is(sim.tasks.size, 0);
  t.false(sim.objects.has('web'));
});

test('a failure while an app is blocked under a new leader is its last one, also when it is mended', t => {
  const sim = running(2);
  const [first = '', second = ''] = sim.running('web');
  sim.report(first, 'TASK_FAILED', {message: 'the first'});
  sim.advance(10_000);
  const {spec} = sim.objects.get('web') ?? {spec: {}};
  sim.apply('web', {...spec, constraints: [['hostname', 'NONE']]});
  sim.failover();
  sim.report(second, 'TASK_FAILED', {message: 'the second'});
  sim.advance(10_000);
  t.is(sim.app('web').block?.reason, 'InvalidSpec');
  sim.apply('web', spec);
  sim.advance(10_000);
  t.is(sim.app('web').lastTaskFailure?.message, 'the second');
});

test('a delay that a person resets is over, and the app launches at once', t => {
  const sim = running(1);
  sim.app('web').delay = {failures: 3, delayMs: 60_000, untilMs: sim.nowMs + 60_000};
  const told: string[] = [];
  sim.onEffect = effect => void told.push(effect.kind);
  sim.send({kind: 'reset-delay', name: 'web'});
  t.is(sim.app('web').delay, undefined);
  t.true(told.includes('app-changed'));
  t.notThrows(() => sim.send({kind: 'reset-delay', name: 'nobody'}));
});

test('after a subscription tasks are reconciled when the first pause is over', t => {
  const sim = running(1);
  sim.connect();
  t.is(sim.state.nextReconcileMs, sim.nowMs + sim.settings.reconciliationInitialDelayMs);
});
