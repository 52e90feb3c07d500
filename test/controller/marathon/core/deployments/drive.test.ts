import test from 'ava';
import {drive} from '../../../../../src/controller/marathon/core/deployments/drive.ts';
import type {ActionProgress, Deployment} from '../../../../../src/controller/marathon/core/deployments/deployment.ts';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import type {Instance} from '../../../../../src/controller/marathon/core/instances/instance.ts';
import {newTurn, type App, type Turn} from '../../../../../src/controller/marathon/core/state.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2};

function running(more: object = {}): {sim: Simulation; app: App; all: readonly Instance[]} {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, ...more});
  sim.settle();
  const app = sim.app('web');
  return {sim, app, all: [...app.instances.values()]};
}

function driven(sim: Simulation): Turn {
  const turn = newTurn(sim.state, sim.nowMs, sim.random);
  drive(turn, sim.app('web'));
  return turn;
}

/** The app is in a deployment, and its part has begun. */
function inDeployment({state}: Simulation, app: App, progress: Partial<ActionProgress>): ActionProgress {
  const mine = {growing: false, restart: undefined, done: false, ...progress};
  const deployment: Deployment = {
    id: 'd-1',
    version: '2026-01-01T00:00:00.000Z',
    startedAtMs: 0,
    steps: [{actions: [{action: 'ScaleApplication', app: app.object.id}]}],
    currentStep: 1,
    progress: new Map([[app.object.id, mine]]),
    expected: new Set(),
  };
  app.deployment = deployment;
  state.deployments.set('d-1', deployment);
  return mine;
}

const lostFor = (sim: Simulation, instance: Instance, ageMs: number): void => {
  if (instance.task === undefined) throw new Error('no task');
  instance.condition = 'Unreachable';
  instance.task = {...instance.task, unreachableAtMs: sim.nowMs - ageMs};
};

const STRATEGY = {unreachableStrategy: {inactiveAfterSeconds: 10, expungeAfterSeconds: 20}};
const ages = {
  'an unreachable instance is kept until it is inactive': {ageMs: 9999, want: 'Unreachable', unmade: 0},
  'an inactive instance is replaced': {ageMs: 10_000, want: 'UnreachableInactive', unmade: 1},
  'an inactive instance is kept until it is expunged': {ageMs: 19_999, want: 'UnreachableInactive', unmade: 1},
  'an expunged instance is forgotten, and its task is remembered': {ageMs: 20_000, want: undefined, unmade: 1},
} as const;
for (const [title, {ageMs, want, unmade}] of Object.entries(ages)) {
  test(title, t => {
    const {sim, app, all} = running(STRATEGY);
    const [first] = all;
    if (first?.task === undefined) return t.fail();
    const {taskId} = first.task;
    lostFor(sim, first, ageMs);
    driven(sim);
    t.is(app.instances.get(first.id)?.condition, want);
    t.is(app.unmade, unmade);
    t.deepEqual([...app.lost], want === undefined ? [taskId] : []);
    t.is(sim.state.tasks.has(taskId), want !== undefined);
  });
}

test('with the strategy disabled an unreachable instance is never replaced', t => {
  const {sim, app, all} = running({unreachableStrategy: 'disabled'});
  for (const instance of all) lostFor(sim, instance, 1e12);
  driven(sim);
  t.deepEqual([app.instances.size, app.unmade], [2, 0]);
});

test('nothing is done before the running tasks are known', t => {
  const {sim, app} = running();
  app.instances.clear();
  sim.state.ready = false;
  driven(sim);
  t.is(app.unmade, 0);
  sim.state.ready = true;
  driven(sim);
  t.is(app.unmade, 2);
});

test('an app without a definition in force keeps what it has', t => {
  const {sim, app} = running();
  app.definition = undefined;
  app.instances.clear();
  driven(sim);
  t.is(app.unmade, 0);
});

test('what is missing is counted once', t => {
  const {sim, app, all} = running();
  for (const {id} of all.slice(1)) app.instances.delete(id);
  driven(sim);
  driven(sim);
  t.is(app.unmade, 1);
});

test('as many as wanted are left alone', t => {
  const {sim, app, all} = running();
  const {effects, touched} = driven(sim);
  t.deepEqual([effects, touched.size, app.unmade, sim.state.kills.size], [[], 0, 0, 0]);
  t.true(all.every(({goal}) => goal === 'Running'));
});

const parts = {
  'a part that makes the app smaller is over when nothing is left to kill': {
    progress: {growing: false},
    change: () => {},
    done: true,
  },
  'a part is not over while an instance is being killed': {
    progress: {growing: false},
    change: ([first]: readonly Instance[]) => Object.assign(first ?? {}, {goal: 'Decommissioned'}),
    done: false,
  },
  'a part that makes the app smaller does not wait for instances that start': {
    progress: {growing: false},
    change: ([first]: readonly Instance[]) => Object.assign(first ?? {}, {condition: 'Staging'}),
    done: true,
  },
  'a part that makes the app larger waits for instances that start': {
    progress: {growing: true},
    change: ([first]: readonly Instance[]) => Object.assign(first ?? {}, {condition: 'Staging'}),
    done: false,
  },
  'a part that makes the app larger is over when enough run': {
    progress: {growing: true},
    change: () => {},
    done: true,
  },
  'a replacement is not over while an old instance runs': {
    progress: {restart: {killNow: 0, max: 2, killed: 0, credited: new Set<never>()}},
    change: ([first]: readonly Instance[]) => Object.assign(first ?? {}, {config: 'old'}),
    done: false,
  },
  'a replacement waits for instances that start': {
    progress: {restart: {killNow: 0, max: 2, killed: 0, credited: new Set<never>()}},
    change: ([first]: readonly Instance[]) => Object.assign(first ?? {}, {condition: 'Staging'}),
    done: false,
  },
  'a replacement is over when every new instance runs': {
    progress: {restart: {killNow: 0, max: 2, killed: 0, credited: new Set<never>()}},
    change: () => {},
    done: true,
  },
};
for (const [title, {progress, change, done}] of Object.entries(parts)) {
  test(title, t => {
    const {sim, app, all} = running();
    const mine = inDeployment(sim, app, progress);
    app.victims = new Set(all.map(({id}) => id));
    change(all);
    const {deployments} = driven(sim);
    t.is(mine.done, done);
    // Those that a person named go with this change and with no other.
    t.is(app.victims.size, done ? 0 : 2);
    if (done) t.deepEqual([...deployments], [app.deployment]);
  });
}

test('a part that is over stays so, and is not told again', t => {
  const {sim, app, all} = running();
  inDeployment(sim, app, {done: true});
  app.victims = new Set(all.map(({id}) => id));
  t.is(driven(sim).deployments.size, 0);
  t.is(app.victims.size, 2);
});

test('after its replacement is over an app is scaled as ever', t => {
  const {sim, app, all} = running();
  const restart = {killNow: 0, max: 0, killed: 0, credited: new Set<never>()};
  inDeployment(sim, app, {done: true, restart});
  for (const {id} of all) app.instances.delete(id);
  driven(sim);
  t.is(app.unmade, 2);
});

test('a replacement is written down when it went on, and only then', t => {
  const {sim, app, all} = running();
  const restart = {killNow: 0, max: 2, killed: 0, credited: new Set<never>()};
  inDeployment(sim, app, {restart});
  const [first] = all;
  Object.assign(first ?? {}, {config: 'old', condition: 'Staging'});
  t.is(driven(sim).deployments.size, 1); // the one new instance was credited, so an old one went
  t.deepEqual([restart.killed, restart.credited.size], [1, 1]);
  t.is(driven(sim).deployments.size, 0);
});

const kinds = (effects: readonly Effect[]): readonly string[] => effects.map(({kind}) => kind);

test('an app that goes kills its tasks, and its object goes after them', t => {
  const {sim, app, all} = running();
  app.object = {...app.object, deleting: true};
  t.deepEqual(kinds(driven(sim).effects), []);
  t.true(all.every(({goal}) => goal === 'Decommissioned'));
  t.is(sim.state.kills.size, 2);
  app.instances.clear();
  t.deepEqual(driven(sim).effects, [{kind: 'release-app', name: 'web', uid: app.object.uid}]);
});

test('an object that goes and was not claimed needs no release', t => {
  const {sim, app} = running();
  app.object = {...app.object, deleting: true, claimed: false};
  app.instances.clear();
  t.deepEqual(driven(sim).effects, []);
});

test('an app that goes waits for its step', t => {
  const {sim, app, all} = running();
  inDeployment(sim, app, {}).done = false;
  app.deployment?.progress.clear();
  app.object = {...app.object, deleting: true};
  driven(sim);
  t.true(all.every(({goal}) => goal === 'Running'));
});

test('the part of an app that goes is over with its last task', t => {
  const {sim, app} = running();
  const mine = inDeployment(sim, app, {});
  app.object = {...app.object, deleting: true};
  driven(sim);
  t.false(mine.done);
  app.instances.clear();
  t.is(driven(sim).deployments.size, 1);
  t.true(mine.done);
  t.is(driven(sim).deployments.size, 0);
});

test('a replacement that is at rest counts anew what may go', t => {
  const {sim, app, all} = running({
    healthChecks: [{protocol: 'MESOS_TCP'}],
    upgradeStrategy: {minimumHealthCapacity: 1, maximumOverCapacity: 0},
  });
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING', {healthy: false});
  sim.deliver();
  app.config = 'newer';
  const restart = {killNow: 0, max: 2, killed: 1, credited: new Set<Instance['id']>()};
  inDeployment(sim, app, {restart});
  driven(sim);
  t.is(all.filter(({goal}) => goal === 'Decommissioned').length, 1);
});
