import test from 'ava';
import type {TaskState, TaskStatus} from '../../../../../src/api/mesos/v1/common.ts';
import type {Task} from '../../../../../src/api/mesos/v1/operator.ts';
import {toAppObject} from '../../../../../src/controller/marathon/core/apps/app-object.ts';
import {toAppId, toInstanceId, toTaskId} from '../../../../../src/controller/marathon/core/ids.ts';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import {onRestored} from '../../../../../src/controller/marathon/core/instances/restore.ts';
import type {Instance} from '../../../../../src/controller/marathon/core/instances/instance.ts';
import {agentFacts} from '../../../../../src/controller/marathon/core/offers/agent-facts.ts';
import {newState, newTurn, type App, type MarathonState} from '../../../../../src/controller/marathon/core/state.ts';
import {step} from '../../../../../src/controller/marathon/core/step.ts';
import {seededRandom, SETTINGS} from '../../simulation.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const UUID = '00000000-0000-4000-8000-000000000000';
const INSTANCE = toInstanceId(`web.instance-${UUID}`);
const taskId = (incarnation: number): string => `${INSTANCE}._app.${incarnation}`;
const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1, unreachableStrategy: 'disabled'};
const AGENT = agentFacts({agentId: 'A', hostname: 'host-a'});

const CONFIG = toAppObject({apiVersion: '', kind: '', metadata: {name: 'web'}, spec: APP}, SETTINGS.defaults).config;
/** An earlier leader had the app in force, as it is. */
const RECORDED = {version: '2026-01-01T00:00:00.000Z', configHash: CONFIG, observedGeneration: 1};

type Seen = {id?: string; createdAt?: string; status?: object; spec?: object};

/** A leader that has seen the objects and no tasks yet. */
function leaderOf(objects: Record<string, Seen>): MarathonState {
  const state = newState(SETTINGS);
  for (const [name, {id, createdAt = '2026-01-01T00:00:00Z', status, spec}] of Object.entries(objects)) {
    const object = {
      apiVersion: 'mesos.dev/v1',
      kind: 'MarathonApp',
      metadata: {name, uid: `u-${name}`, generation: 1, creationTimestamp: createdAt},
      spec: {...APP, ...spec, ...(id !== undefined && {id})},
      status: {...RECORDED, ...status},
    };
    step(state, {kind: 'app-seen', object: toAppObject(object, SETTINGS.defaults)}, NOW, seededRandom(1));
  }
  return state;
}

const LABELS = {'marathon.mesos.dev/version': 'v-1', 'marathon.mesos.dev/config': CONFIG};

/** A task of /web. */
function task(state: TaskState, more: Partial<Task> & {owner?: string; incarnation?: number} = {}): Task {
  const {owner = '/web', incarnation = 3, ...rest} = more;
  const labels = Object.entries({...LABELS, 'marathon.mesos.dev/app': owner});
  return {
    name: 'web',
    task_id: {value: taskId(incarnation)},
    framework_id: {value: 'f'},
    agent_id: {value: 'A'},
    state,
    resources: [],
    statuses: [],
    labels: {labels: labels.map(([key, value]) => ({key, value}))},
    ...rest,
  };
}

const status = (state: TaskState, timestamp: number | undefined, more: Partial<TaskStatus> = {}): TaskStatus => ({
  task_id: {value: taskId(3)},
  state,
  timestamp,
  ...more,
});

/** Before anything follows from what was found. */
const onlyRestored = (state: MarathonState, ...tasks: readonly Task[]): void =>
  onRestored(newTurn(state, NOW, seededRandom(2)), tasks, [AGENT]);

const restored = (state: MarathonState, ...tasks: readonly Task[]): readonly Effect[] =>
  step(state, {kind: 'restored', tasks, agents: [AGENT]}, NOW, seededRandom(2));

function appOf(state: MarathonState, name = 'web'): App {
  const app = state.apps.get(name);
  if (app === undefined) throw new Error(`no app ${name}`);
  return app;
}

const instanceOf = (state: MarathonState, name = 'web'): Instance | undefined =>
  appOf(state, name).instances.get(INSTANCE);

test('a running task becomes the instance that it was', t => {
  const state = leaderOf({web: {}});
  const port = {number: 31000, protocol: 'tcp', labels: {labels: [{key: 'network-scope', value: 'host'}]}};
  restored(
    state,
    task('TASK_RUNNING', {
      resources: [{name: 'cpus', type: 'SCALAR', scalar: {value: 1}, allocation_info: {role: 'dev'}}],
      statuses: [
        status('TASK_STAGING', 1000.0004),
        status('TASK_RUNNING', 1001.5, {healthy: true}),
        status('TASK_RUNNING', 1002),
      ],
      discovery: {visibility: 'FRAMEWORK', ports: {ports: [port]}},
    }),
  );
  t.deepEqual(instanceOf(state), {
    id: INSTANCE,
    goal: 'Running',
    condition: 'Running',
    sinceMs: NOW,
    incarnation: 3,
    version: 'v-1',
    config: CONFIG,
    task: {
      taskId: toTaskId(taskId(3)),
      agent: AGENT,
      role: 'dev',
      hostPorts: [31000],
      ipAddresses: [],
      stagedAtMs: 1_000_000,
      startedAtMs: 1_001_500,
      agentHealth: undefined,
      unreachableAtMs: undefined,
    },
  });
  t.deepEqual([...state.tasks], [[toTaskId(taskId(3)), {app: 'web', instance: INSTANCE}]]);
  t.true(state.ready);
  t.is(state.agents.get('A'), AGENT);
});

test('a task that says little becomes an instance all the same', t => {
  const state = leaderOf({web: {}});
  const labels = {labels: [{key: 'marathon.mesos.dev/app', value: '/web'}]};
  onlyRestored(
    state,
    task('TASK_STAGING', {agent_id: {value: 'B'}, resources: undefined, statuses: undefined, labels}),
  );
  t.like(instanceOf(state), {condition: 'Staging', version: '', config: ''});
  t.like(instanceOf(state)?.task, {
    agent: agentFacts({agentId: 'B', hostname: 'B'}),
    role: '*',
    hostPorts: [],
    stagedAtMs: NOW,
  });
  t.is(instanceOf(state)?.task?.startedAtMs, undefined);
});

test('the latest status counts, and the state of the task before it', t => {
  const state = leaderOf({web: {}});
  restored(
    state,
    task('TASK_RUNNING', {
      statuses: [status('TASK_RUNNING', 5, {healthy: false}), status('TASK_STARTING', 6, {healthy: true})],
    }),
  );
  t.is(instanceOf(state)?.condition, 'Running');
  t.is(instanceOf(state)?.task?.agentHealth?.alive, true);
});

const goals = {
  'a task that is being killed is not wanted any more': {state: 'TASK_KILLING', goal: 'Decommissioned', in: 'Killing'},
  'a task that is starting is wanted': {state: 'TASK_STARTING', goal: 'Running', in: 'Starting'},
  'an unreachable task is wanted': {state: 'TASK_UNREACHABLE', goal: 'Running', in: 'Unreachable'},
} as const;
for (const [title, row] of Object.entries(goals)) {
  test(title, t => {
    const state = leaderOf({web: {}});
    restored(state, task(row.state));
    const found = instanceOf(state);
    t.deepEqual([found?.goal, found?.condition], [row.goal, row.in]);
  });
}

test('an end that nobody has seen is the last failure, and its instance waits for an offer', t => {
  const state = leaderOf({web: {}});
  restored(state, task('TASK_FAILED', {statuses: [status('TASK_FAILED', 7, {message: 'exit code 1'})]}));
  t.like(appOf(state).lastTaskFailure, {
    taskId: taskId(3),
    message: 'exit code 1',
    state: 'TASK_FAILED',
    timestamp: '1970-01-01T00:00:07.000Z',
  });
  t.is(state.tasks.size, 0);
  t.deepEqual(state.held, []);
});

const seenFailure = (id: string) => ({
  lastTaskFailure: {
    appId: '/web',
    host: 'host-a',
    message: 'seen',
    state: 'TASK_FAILED',
    taskId: id,
    timestamp: '2026-01-01T00:00:00.000Z',
    version: '2026-01-01T00:00:00.000Z',
    slaveId: 'A',
  },
});

test('an end that an earlier leader has seen only keeps the number', t => {
  const state = leaderOf({web: {status: seenFailure(taskId(3))}});
  onlyRestored(state, task('TASK_FAILED'));
  t.deepEqual(instanceOf(state), {
    id: INSTANCE,
    goal: 'Running',
    condition: 'Scheduled',
    sinceMs: NOW,
    incarnation: 3,
    version: RECORDED.version, // it will be launched with what is in force
    config: CONFIG,
  });
  t.is(state.tasks.size, 0);
});

test('an end of another task than the one that was seen is new', t => {
  const state = leaderOf({web: {status: seenFailure(taskId(2))}});
  restored(state, task('TASK_FAILED'));
  t.is(appOf(state).lastTaskFailure?.taskId, taskId(3));
});

test('an end that is listed after the running task of its instance changes nothing', t => {
  const state = leaderOf({web: {}});
  restored(state, task('TASK_RUNNING'), task('TASK_FAILED', {incarnation: 2}));
  t.like(instanceOf(state), {condition: 'Running', incarnation: 3});
  t.is(instanceOf(state)?.task?.taskId, toTaskId(taskId(3)));
  t.is(appOf(state).lastTaskFailure, undefined);
  t.is(state.kills.size, 0);
});

test('a later end beside a running task keeps the higher number', t => {
  const state = leaderOf({web: {}});
  restored(state, task('TASK_RUNNING'), task('TASK_FAILED', {incarnation: 5}));
  t.like(instanceOf(state), {condition: 'Running', incarnation: 5});
  t.is(instanceOf(state)?.task?.taskId, toTaskId(taskId(3)));
});

test('a running task takes the number of an end that was seen', t => {
  const state = leaderOf({web: {status: seenFailure(taskId(5))}});
  restored(state, task('TASK_FAILED', {incarnation: 5}), task('TASK_RUNNING', {incarnation: 4}));
  t.like(instanceOf(state), {condition: 'Running', incarnation: 5});
  t.is(instanceOf(state)?.task?.taskId, toTaskId(taskId(4)));
});

test('a second running task of one instance is killed', t => {
  const state = leaderOf({web: {}});
  restored(state, task('TASK_RUNNING'), task('TASK_RUNNING', {incarnation: 4}));
  t.is(instanceOf(state)?.task?.taskId, toTaskId(taskId(3)));
  t.deepEqual([...state.kills], [[toTaskId(taskId(4)), {agentId: 'A', sentAtMs: undefined}]]);
});

const strangers: Record<string, {task: Task; killed: boolean}> = {
  'a running task of no known app is killed': {task: task('TASK_RUNNING', {owner: '/other'}), killed: true},
  'a running task without labels is killed': {task: task('TASK_RUNNING', {labels: undefined}), killed: true},
  'a running task with an id of another kind is killed': {
    task: task('TASK_RUNNING', {task_id: {value: 'web.1'}}),
    killed: true,
  },
  'a task of no known app that has ended is left': {task: task('TASK_FAILED', {owner: '/other'}), killed: false},
};
for (const [title, {task: stranger, killed}] of Object.entries(strangers)) {
  test(title, t => {
    const state = leaderOf({web: {}});
    restored(state, stranger);
    t.is(instanceOf(state), undefined);
    t.deepEqual(
      [...state.kills],
      killed ? [[toTaskId(stranger.task_id.value), {agentId: 'A', sentAtMs: undefined}]] : [],
    );
  });
}

test('a task of an app that is left alone is not killed', t => {
  const state = leaderOf({});
  state.aside.set('web', toAppId('/web'));
  restored(state, task('TASK_RUNNING'));
  t.is(state.kills.size, 0);
});

const owners = {
  'of two objects with one id the older one has the task': {
    objects: {web: {createdAt: '2026-01-01T00:00:02Z'}, first: {id: '/web', createdAt: '2026-01-01T00:00:01Z'}},
    want: 'first',
  },
  'of two objects of one second the first by name has the task': {
    objects: {web: {}, first: {id: '/web'}},
    want: 'first',
  },
  'the order in which objects were seen does not matter': {objects: {first: {id: '/web'}, web: {}}, want: 'first'},
};
for (const [title, {objects, want}] of Object.entries(owners)) {
  test(title, t => {
    const state = leaderOf(objects);
    restored(state, task('TASK_RUNNING'));
    t.deepEqual(state.tasks.get(toTaskId(taskId(3))), {app: want, instance: INSTANCE});
  });
}

test('an app whose configuration was in force stays so, and a later one that does not fit beside it waits', t => {
  // An app can't be inside another app's id.
  const state = leaderOf({web: {status: {configHash: 'other'}}, 'web.db': {}});
  restored(state);
  t.is(appOf(state, 'web.db').block, undefined);
  t.is(appOf(state, 'web').block?.reason, 'InvalidSpec');
});

test('an update that came before the tasks is taken in after them, and acknowledged', t => {
  const state = leaderOf({web: {}});
  const update = status('TASK_FAILED', 9, {uuid: 'U', agent_id: {value: 'A'}});
  step(state, {kind: 'update', status: update}, NOW, seededRandom(1));
  t.deepEqual(state.held, [update]);
  const effects = restored(state, task('TASK_RUNNING'));
  t.deepEqual(state.held, []);
  t.is(appOf(state).lastTaskFailure?.taskId, taskId(3));
  t.deepEqual(
    effects.filter(({kind}) => kind === 'acknowledge'),
    [{kind: 'acknowledge', taskId: taskId(3), agentId: 'A', uuid: 'U'}],
  );
});

/** Its one task runs, and the stream to the master was lost. */
function connectedBefore(): MarathonState {
  const state = leaderOf({web: {}});
  restored(state, task('TASK_RUNNING'));
  return state;
}

test('a task that the master does not have any more has ended', t => {
  const state = connectedBefore();
  restored(state);
  t.is(state.tasks.size, 0);
  t.is(appOf(state).lastTaskFailure?.state, 'TASK_UNKNOWN');
});

test('a task that the master still has goes on', t => {
  const state = connectedBefore();
  restored(state, task('TASK_RUNNING', {statuses: [status('TASK_RUNNING', 9, {healthy: false})]}));
  t.is(instanceOf(state)?.condition, 'Running');
  t.is(instanceOf(state)?.task?.agentHealth?.alive, false);
});

test('a task that changed while the master was away is taken in', t => {
  const state = connectedBefore();
  restored(state, task('TASK_UNREACHABLE'));
  t.is(instanceOf(state)?.condition, 'Unreachable');
});

test('kills are sent again after a lost stream, but for tasks that are gone', t => {
  const state = connectedBefore();
  const pending = {agentId: 'A', sentAtMs: NOW - 1};
  state.kills.set(toTaskId(taskId(3)), {...pending});
  state.kills.set(toTaskId('gone'), {...pending});
  restored(state, task('TASK_RUNNING'));
  t.deepEqual([...state.kills], [[toTaskId(taskId(3)), {agentId: 'A', sentAtMs: undefined}]]);
});
