import test from 'ava';
import {toTaskId} from '../../../../src/controller/marathon/core/ids.ts';
import type {Instance} from '../../../../src/controller/marathon/core/instances/instance.ts';
import {newTurn, type App, type Turn} from '../../../../src/controller/marathon/core/state.ts';
import {onTick} from '../../../../src/controller/marathon/core/tick.ts';
import {Simulation} from '../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1, backoffSeconds: 1, maxLaunchDelaySeconds: 60};

/** One app with one running task; nothing is due by time. */
function quiet(fields: object = {}): Simulation {
  const sim = new Simulation({settings: {taskLaunchConfirmTimeoutMs: 10_000, taskLaunchTimeoutMs: 20_000}});
  sim.connect();
  sim.apply('web', {...APP, ...fields});
  sim.settle();
  Object.assign(sim.state, {nextTaskCheckMs: Infinity, nextReconcileMs: Infinity, tokensRefilledMs: sim.nowMs});
  return sim;
}

function tickAt(sim: Simulation, afterMs: number): Turn {
  const turn = newTurn(sim.state, sim.nowMs + afterMs, sim.random);
  onTick(turn);
  return turn;
}

/** One check of all tasks, at once. */
const checkNow = (sim: Simulation): Turn => {
  sim.state.nextTaskCheckMs = sim.nowMs;
  return tickAt(sim, 0);
};

function only(sim: Simulation): {app: App; instance: Instance; task: NonNullable<Instance['task']>} {
  const app = sim.app('web');
  const [instance] = app.instances.values();
  if (instance?.task === undefined) throw new Error('no task');
  return {app, instance, task: instance.task};
}

test('a tick at which nothing is due does nothing', t => {
  const turn = tickAt(quiet(), 0);
  t.deepEqual([turn.effects, turn.touched.size], [[], 0]);
});

test('launch tokens are full again as soon as their time has passed, and not before', t => {
  const sim = quiet();
  sim.state.tokens = 3;
  tickAt(sim, 29_999);
  t.is(sim.state.tokens, 3);
  tickAt(sim, 30_000);
  t.deepEqual([sim.state.tokens, sim.state.tokensRefilledMs], [100, sim.nowMs + 30_000]);
});

test('tasks are looked through every second', t => {
  const sim = quiet();
  sim.state.nextTaskCheckMs = sim.nowMs + 1;
  tickAt(sim, 0);
  t.is(sim.state.nextTaskCheckMs, sim.nowMs + 1);
  tickAt(sim, 1);
  t.is(sim.state.nextTaskCheckMs, sim.nowMs + 1001);
});

const timeouts = {
  'a task that nobody has heard of has the time to confirm': {condition: 'Provisioned', ageMs: 9999, want: []},
  'a task that nobody has heard of is killed when that time is over': {
    condition: 'Provisioned',
    ageMs: 10_000,
    want: ['a task on HOST is not running after 10 s'],
  },
  'a task in staging has the time to launch': {condition: 'Staging', ageMs: 19_999, want: []},
  'a task in staging is killed when that time is over': {
    condition: 'Staging',
    ageMs: 20_000,
    want: ['a task on HOST is not running after 20 s'],
  },
  'a task that is starting has the time to launch': {condition: 'Starting', ageMs: 19_999, want: []},
  'a task that is starting is killed when that time is over': {
    condition: 'Starting',
    ageMs: 20_000,
    want: ['a task on HOST is not running after 20 s'],
  },
  'a running task may be of any age': {condition: 'Running', ageMs: 1e9, want: []},
} as const;
for (const [title, {condition, ageMs, want}] of Object.entries(timeouts)) {
  test(title, t => {
    const sim = quiet();
    const {instance, task} = only(sim);
    instance.condition = condition;
    instance.task = {...task, stagedAtMs: sim.nowMs - ageMs};
    const {effects} = checkNow(sim);
    const {name, uid} = sim.app('web').object;
    const warnings = want.map(text => ({
      kind: 'kube-event' as const,
      name,
      uid,
      type: 'Warning' as const,
      reason: 'LaunchTimeout',
      message: text.replace('HOST', task.agent.hostname),
    }));
    t.deepEqual(effects, warnings);
    t.deepEqual(
      [...sim.state.kills],
      want.map(() => [task.taskId, {agentId: task.agent.agentId, sentAtMs: undefined}]),
    );
    t.deepEqual(checkNow(sim).effects, []); // told once
  });
}

test('an instance without a task has no limit', t => {
  const sim = quiet();
  const {instance} = only(sim);
  Object.assign(instance, {condition: 'Provisioned', task: undefined});
  t.deepEqual(checkNow(sim).effects, []);
});

test('an app with an unreachable task is driven with every check, and no other', t => {
  const sim = quiet();
  t.is(checkNow(sim).touched.size, 0);
  const {app, instance, task} = only(sim);
  instance.task = {...task, unreachableAtMs: sim.nowMs};
  t.deepEqual([...checkNow(sim).touched], [app]);
});

test('tasks are reconciled when the time has come, and again after the interval', t => {
  const sim = quiet();
  const {task} = only(sim);
  sim.state.nextReconcileMs = sim.nowMs + 1;
  t.deepEqual(tickAt(sim, 0).effects, []);
  t.deepEqual(tickAt(sim, 1).effects, [
    {kind: 'reconcile', tasks: [{taskId: task.taskId, agentId: task.agent.agentId}]},
    {kind: 'reconcile', tasks: []},
  ]);
  t.is(sim.state.nextReconcileMs, sim.nowMs + 600_001);
});

test('without tasks of its own the framework asks for everything only', t => {
  const sim = quiet();
  only(sim).instance.task = undefined;
  sim.state.nextReconcileMs = sim.nowMs;
  t.deepEqual(tickAt(sim, 0).effects, [{kind: 'reconcile', tasks: []}]);
});

test('nothing is reconciled while the master is away', t => {
  const sim = quiet();
  Object.assign(sim.state, {nextReconcileMs: sim.nowMs, connected: false});
  t.deepEqual(tickAt(sim, 0).effects, []);
});

const UNTIL = 1000;
// A delay is forgotten a minute after its end.
const delays = {
  'a delay holds the app back until its end': {phase: 'waiting', afterMs: 999, want: {touched: false, kept: true}},
  'an app may launch at the end of its delay': {phase: 'waiting', afterMs: 1000, want: {touched: true, kept: true}},
  'an app is told the end of its delay once': {phase: 'passed', afterMs: 60_999, want: {touched: false, kept: true}},
  'a delay is forgotten when nothing failed for its longest time': {
    phase: 'passed',
    afterMs: 61_000,
    want: {touched: true, kept: false},
  },
} as const;
for (const [title, {phase, afterMs, want}] of Object.entries(delays)) {
  test(title, t => {
    const sim = quiet();
    const {app} = only(sim);
    app.delay = {failures: 1, delayMs: 1000, untilMs: sim.nowMs + UNTIL};
    sim.state.delayed.set('web', phase);
    const turn = tickAt(sim, afterMs);
    t.deepEqual({touched: turn.touched.has(app), kept: app.delay !== undefined}, want);
  });
}

test('a blocked app forgets its delay at its end', t => {
  const sim = quiet();
  const {app} = only(sim);
  Object.assign(app, {definition: undefined, delay: {failures: 1, delayMs: 1000, untilMs: sim.nowMs + UNTIL}});
  sim.state.delayed.set('web', 'waiting');
  tickAt(sim, UNTIL - 1);
  t.truthy(app.delay);
  t.true(tickAt(sim, UNTIL).touched.has(app));
  t.is(app.delay, undefined);
});

test('a delay of an app that is gone does no harm', t => {
  const sim = quiet();
  sim.state.delayed.set('gone', 'waiting');
  t.is(tickAt(sim, 0).touched.size, 0);
});

test('a task that is being killed is not killed again for its time', t => {
  const sim = quiet();
  const {instance, task} = only(sim);
  Object.assign(instance, {condition: 'Staging', task: {...task, stagedAtMs: 0}});
  sim.state.kills.set(toTaskId(task.taskId), {agentId: 'a', sentAtMs: 5});
  t.deepEqual(checkNow(sim).effects, []);
  t.deepEqual(sim.state.kills.get(task.taskId), {agentId: 'a', sentAtMs: 5});
});

test('a task that turns out never to have been healthy changes what its app says', t => {
  const sim = quiet({healthChecks: [{protocol: 'MESOS_TCP', gracePeriodSeconds: 30, intervalSeconds: 10}]});
  const {app, instance, task} = only(sim);
  const startedMs = task.startedAtMs ?? NaN;
  const checkAt = (ms: number): Turn => {
    sim.state.nextTaskCheckMs = 0;
    return tickAt(sim, startedMs + ms - sim.nowMs);
  };
  t.false(checkAt(39_999).touched.has(app));
  t.true(checkAt(40_000).touched.has(app));
  t.like(instance.task?.agentHealth, {alive: false});
  t.false(checkAt(50_000).touched.has(app));
});

test('that a task was never healthy is told once, of one that runs', t => {
  const sim = quiet({healthChecks: [{protocol: 'MESOS_TCP', gracePeriodSeconds: 30, intervalSeconds: 10}]});
  const {instance} = only(sim);
  const toldAt = (ms: number): readonly boolean[] => {
    sim.state.nextTaskCheckMs = 0;
    return tickAt(sim, ms).effects.flatMap(effect =>
      effect.kind === 'marathon-event' && effect.event.eventType === 'health_status_changed_event'
        ? [effect.event.alive]
        : [],
    );
  };
  instance.condition = 'Unreachable';
  t.deepEqual(toldAt(60_000), []);
  instance.condition = 'Running';
  const {config} = instance;
  instance.config = 'earlier';
  t.deepEqual(toldAt(60_000), []);
  instance.config = config;
  t.deepEqual([toldAt(60_000), toldAt(61_000)], [[false], []]);
});
