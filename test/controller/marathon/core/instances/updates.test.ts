import test from 'ava';
import type {TaskState, TaskStatus} from '../../../../../src/api/mesos/v1/common.ts';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import type {Instance, LaunchedTask} from '../../../../../src/controller/marathon/core/instances/instance.ts';
import {step} from '../../../../../src/controller/marathon/core/step.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1, unreachableStrategy: 'disabled'};
const UUID = 'AAAAAAAAAAAAAAAAAAAAAA==';

/** An app with one task that was launched, and of which nothing was heard yet. */
function launched(more: object = {}): {sim: Simulation; instance: Instance; task: LaunchedTask} {
  const sim = new Simulation();
  sim.behaviour = () => 'stay';
  sim.connect();
  sim.apply('web', {...APP, ...more});
  sim.settle();
  const [instance] = sim.instances('web');
  if (instance?.task === undefined) throw new Error('no task');
  sim.marathonEvents.length = 0;
  return {sim, instance, task: instance.task};
}

/** The agent tells of a task. */
function tell(sim: Simulation, taskId: string, state: TaskState, more: Partial<TaskStatus> = {}): void {
  sim.report(taskId, state, more);
  sim.deliver();
}

const effectsOf = (sim: Simulation, status: TaskStatus): readonly Effect[] =>
  step(sim.state, {kind: 'update', status}, sim.nowMs, sim.random);

test('each state of a task is told once, with the instance and where it is', t => {
  const {sim, instance, task} = launched({portDefinitions: [{port: 0}, {port: 0}]});
  t.is(task.hostPorts.length, 2);
  const {agentId, hostname: host} = task.agent;
  const addresses = {container_status: {network_infos: [{ip_addresses: [{ip_address: '10.0.0.1'}]}]}};
  tell(sim, task.taskId, 'TASK_RUNNING', {message: 'it runs', ...addresses});
  tell(sim, task.taskId, 'TASK_RUNNING', {message: 'it still runs', ...addresses});
  const runSpecVersion = sim.app('web').versionInfo?.version ?? '';
  t.deepEqual(sim.marathonEvents.filter(({eventType}) => !eventType.startsWith('deployment')) as readonly object[], [
    {
      eventType: 'instance_changed_event',
      instanceId: instance.id,
      condition: 'Running',
      runSpecId: '/web',
      agentId,
      host,
      runSpecVersion,
    },
    {
      eventType: 'status_update_event',
      slaveId: agentId,
      taskId: task.taskId,
      taskStatus: 'TASK_RUNNING',
      message: 'it runs',
      appId: '/web',
      host,
      ipAddresses: ['10.0.0.1'],
      ports: task.hostPorts,
      version: runSpecVersion,
    },
  ]);
});

test('a message is told up to 10,000 characters', t => {
  const {sim, task} = launched();
  tell(sim, task.taskId, 'TASK_STARTING', {message: `${'a'.repeat(10_000)}b`});
  t.like(sim.marathonEvents.at(-1), {eventType: 'status_update_event', message: 'a'.repeat(10_000)});
});

test('the end of a task is told before its instance waits again', t => {
  const {sim, instance, task} = launched();
  sim.agents.clear();
  tell(sim, task.taskId, 'TASK_FAILED');
  t.deepEqual(
    sim.marathonEvents.map(event => [
      event.eventType,
      'condition' in event ? event.condition : 'taskStatus' in event ? event.taskStatus : '',
    ]),
    [
      ['instance_changed_event', 'Failed'],
      ['status_update_event', 'TASK_FAILED'],
      ['instance_changed_event', 'Scheduled'],
    ],
  );
  t.like(sim.marathonEvents.at(-1), {instanceId: instance.id, agentId: undefined, host: undefined});
});

test('a status is acknowledged when it has a uuid and an agent, and only then', t => {
  const {sim, task} = launched();
  const status = {task_id: {value: task.taskId}, state: 'TASK_STARTING'} as const;
  const agent_id = {value: task.agent.agentId};
  const acknowledged = (more: Partial<TaskStatus>) =>
    effectsOf(sim, {...status, ...more}).filter(({kind}) => kind === 'acknowledge');
  t.deepEqual(acknowledged({agent_id, uuid: UUID}), [
    {kind: 'acknowledge', taskId: task.taskId, agentId: task.agent.agentId, uuid: UUID},
  ]);
  t.deepEqual(acknowledged({agent_id}), []);
  t.deepEqual(acknowledged({uuid: UUID}), []);
});

const UNKNOWN: Record<string, {state: TaskState; more?: Partial<TaskStatus>; killed: boolean}> = {
  'an unknown task that runs is killed': {state: 'TASK_RUNNING', killed: true},
  'an unknown task that is being killed is killed too': {state: 'TASK_KILLING', killed: true},
  'an unknown task whose agent is silent is left until it is back': {state: 'TASK_UNREACHABLE', killed: false},
  'an unknown task without an agent can not be killed': {
    state: 'TASK_RUNNING',
    more: {agent_id: undefined},
    killed: false,
  },
  'an unknown task that has ended is left': {state: 'TASK_FAILED', killed: false},
  'a task that nobody knows is left': {state: 'TASK_UNKNOWN', killed: false},
};
for (const [title, {state, more, killed}] of Object.entries(UNKNOWN)) {
  test(title, t => {
    const {sim} = launched();
    const taskId = 'other.instance-00000000-0000-0000-0000-000000000000._app.1';
    effectsOf(sim, {task_id: {value: taskId}, agent_id: {value: 'agent-0'}, state, ...more});
    t.deepEqual([...sim.state.kills.keys()].map(String), killed ? [taskId] : []);
  });
}

const ENDS: Record<string, {before: readonly TaskState[]; end: TaskState; want: readonly string[]}> = {
  'the end of a task that was killed as unknown is told': {
    before: ['TASK_RUNNING'],
    end: 'TASK_KILLED',
    want: ['/prod/other Killed'],
  },
  'a task that was killed as unknown, and that nobody knows now, has ended': {
    before: ['TASK_RUNNING'],
    end: 'TASK_UNKNOWN',
    want: ['/prod/other Unknown'],
  },
  'the end of a task that was never seen alive is not told': {before: [], end: 'TASK_KILLED', want: []},
};
for (const [title, {before, end, want}] of Object.entries(ENDS)) {
  test(title, t => {
    const {sim} = launched();
    const instanceId = 'prod_other.instance-00000000-0000-0000-0000-000000000000';
    const status = {task_id: {value: `${instanceId}._app.1`}, agent_id: {value: 'agent-0'}};
    for (const state of before) effectsOf(sim, {...status, state});
    const told = effectsOf(sim, {...status, state: end}).flatMap(effect =>
      effect.kind === 'marathon-event' && effect.event.eventType === 'unknown_instance_terminated_event'
        ? [effect.event]
        : [],
    );
    t.deepEqual(
      told.map(({runSpecId, condition}) => `${runSpecId} ${condition}`),
      want,
    );
    t.true(told.every(event => event.instanceId === instanceId));
    t.is(sim.state.kills.size, 0);
  });
}

test('a task has started when its agent says so, and that time stays', t => {
  const {sim, instance, task} = launched();
  const startedAtMs = sim.nowMs - 2000;
  tell(sim, task.taskId, 'TASK_STARTING', {timestamp: (startedAtMs - 1000) / 1000});
  t.is(instance.task?.startedAtMs, undefined);
  tell(sim, task.taskId, 'TASK_RUNNING', {timestamp: startedAtMs / 1000});
  t.is(instance.task?.startedAtMs, startedAtMs);
  tell(sim, task.taskId, 'TASK_RUNNING', {timestamp: sim.nowMs / 1000});
  t.is(instance.task?.startedAtMs, startedAtMs);
});

test('without a time of the agent a task has started now', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_RUNNING', {timestamp: undefined});
  t.is(instance.task?.startedAtMs, sim.nowMs);
});

test('an instance is in its condition since that was heard, however often it is said again', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_RUNNING');
  const sinceMs = sim.nowMs;
  sim.nowMs += 5000;
  tell(sim, task.taskId, 'TASK_RUNNING');
  t.is(instance.sinceMs, sinceMs);
  tell(sim, task.taskId, 'TASK_UNREACHABLE');
  t.is(instance.sinceMs, sim.nowMs);
});

test('a task that is back is not unreachable since any time', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_RUNNING');
  tell(sim, task.taskId, 'TASK_UNREACHABLE');
  t.is(instance.task?.unreachableAtMs, sim.nowMs);
  tell(sim, task.taskId, 'TASK_RUNNING');
  t.deepEqual([instance.condition, instance.task?.unreachableAtMs], ['Running', undefined]);
});

test('a master whose clock is ahead does not make a task unreachable in the future', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_UNREACHABLE', {unreachable_time: {nanoseconds: (sim.nowMs + 9000) * 1e6}});
  t.is(instance.task?.unreachableAtMs, sim.nowMs);
});

test('an inactive instance stays so while its agent is silent, and runs again when it is back', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_RUNNING');
  tell(sim, task.taskId, 'TASK_UNREACHABLE');
  instance.condition = 'UnreachableInactive';
  tell(sim, task.taskId, 'TASK_UNREACHABLE');
  t.like(instance, {condition: 'UnreachableInactive'});
  tell(sim, task.taskId, 'TASK_RUNNING');
  t.like(instance, {condition: 'Running'});
});

test('an instance that is not wanted any more is forgotten when its agent falls silent', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_RUNNING');
  instance.goal = 'Decommissioned';
  tell(sim, task.taskId, 'TASK_UNREACHABLE');
  t.false(sim.app('web').instances.has(instance.id));
  t.false(sim.state.tasks.has(task.taskId));
});

test('an instance that is not wanted any more is forgotten with the end of its task', t => {
  const {sim, instance, task} = launched();
  tell(sim, task.taskId, 'TASK_RUNNING');
  sim.agents.clear();
  instance.goal = 'Decommissioned';
  tell(sim, task.taskId, 'TASK_FAILED');
  t.false(sim.app('web').instances.has(instance.id));
  t.false(sim.state.tasks.has(task.taskId));
  // Nobody waits for it, so nobody waits longer.
  t.is(sim.app('web').delay, undefined);
});

test('what the agent finds of a task is told when it is another result', t => {
  const {sim, instance, task} = launched({healthChecks: [{protocol: 'MESOS_TCP'}]});
  const results = [undefined, true, true, undefined, false, false, true];
  for (const healthy of results) tell(sim, task.taskId, 'TASK_RUNNING', {healthy, message: 'refused'});
  t.deepEqual(
    sim.marathonEvents.flatMap(event => (event.eventType === 'health_status_changed_event' ? [event.alive] : [])),
    [true, false, true],
  );
  t.like(instance.task?.agentHealth, {alive: true, consecutiveFailures: 0});
});

test('what the agent finds stays when an update says nothing of it', t => {
  const {sim, instance, task} = launched({healthChecks: [{protocol: 'MESOS_TCP'}]});
  tell(sim, task.taskId, 'TASK_RUNNING', {healthy: false, message: 'refused'});
  tell(sim, task.taskId, 'TASK_RUNNING');
  t.like(instance.task?.agentHealth, {alive: false, consecutiveFailures: 1, lastFailureCause: 'refused'});
});

const FAILURES: Record<string, {state: TaskState; more?: Partial<TaskStatus>; kept: boolean; delayed: boolean}> = {
  'a task that has failed': {state: 'TASK_FAILED', kept: true, delayed: true},
  'a task that could not be launched': {state: 'TASK_ERROR', kept: true, delayed: true},
  'a task whose agent is gone': {state: 'TASK_GONE', kept: true, delayed: true},
  'a task that has finished': {state: 'TASK_FINISHED', kept: false, delayed: true},
  'a task that somebody has killed': {state: 'TASK_KILLED', kept: false, delayed: false},
  'a task that was killed for its health': {state: 'TASK_KILLED', more: {healthy: false}, kept: true, delayed: true},
  'a task that nobody knows any more': {state: 'TASK_UNKNOWN', kept: true, delayed: false},
};
for (const [title, {state, more, kept, delayed}] of Object.entries(FAILURES)) {
  test(`${title} is ${kept ? '' : 'not '}the last failure, and ${delayed ? 'delays' : 'does not delay'} the next`, t => {
    const {sim, task} = launched();
    tell(sim, task.taskId, 'TASK_RUNNING');
    sim.agents.clear();
    tell(sim, task.taskId, state, more);
    t.is(sim.app('web').lastTaskFailure?.state, kept ? state : undefined);
    t.is(sim.app('web').delay?.failures, delayed ? 1 : undefined);
  });
}

test('the last failure says what ended where and when', t => {
  const {sim, task} = launched();
  const version = sim.app('web').versionInfo?.version ?? '';
  sim.agents.clear();
  sim.nowMs += 9000;
  tell(sim, task.taskId, 'TASK_FAILED', {message: 'exit code 1', timestamp: (sim.nowMs - 3000) / 1000});
  t.deepEqual(sim.app('web').lastTaskFailure, {
    appId: '/web',
    host: task.agent.hostname,
    message: 'exit code 1',
    state: 'TASK_FAILED',
    taskId: task.taskId,
    timestamp: new Date(sim.nowMs - 3000).toISOString(),
    version,
    slaveId: task.agent.agentId,
  });
});

test('a failure without a text and a time has happened now', t => {
  const {sim, task} = launched();
  sim.agents.clear();
  sim.nowMs += 9000;
  tell(sim, task.taskId, 'TASK_FAILED', {timestamp: undefined});
  t.like(sim.app('web').lastTaskFailure, {message: '', timestamp: new Date(sim.nowMs).toISOString()});
  t.regex(JSON.stringify(sim.events.at(-1)), /no message/);
});
