import test from 'ava';
import {APP_ANNOTATIONS, APP_FINALIZER} from '../../../../../src/crds/meta.ts';
import {toAppObject} from '../../../../../src/controller/marathon/core/apps/app-object.ts';
import {onRestored} from '../../../../../src/controller/marathon/core/instances/restore.ts';
import {newState, newTurn, type App} from '../../../../../src/controller/marathon/core/state.ts';
import {step} from '../../../../../src/controller/marathon/core/step.ts';
import {seededRandom, SETTINGS, Simulation} from '../../simulation.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const VERSION = '2026-01-01T00:00:00.000Z';
const TIMES = {lastScalingAt: '2026-01-01T00:00:01.000Z', lastConfigChangeAt: '2026-01-01T00:00:02.000Z'};
const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2};

const objectOf = (status?: object, annotations: Record<string, string> = {}, generation = 1) =>
  toAppObject(
    {
      apiVersion: '',
      kind: '',
      metadata: {name: 'web', uid: 'u', generation, annotations, finalizers: [APP_FINALIZER]},
      spec: APP,
      status,
    },
    SETTINGS.defaults,
  );
const CONFIG = objectOf().config;

/** What a new leader makes of an object for which nothing runs. */
function taken(status?: object, annotations: Record<string, string> = {}, generation = 1): App {
  const state = newState(SETTINGS);
  const object = objectOf(status, annotations, generation);
  if (!object.definition.ok) throw new Error(object.definition.error);
  step(state, {kind: 'app-seen', object}, NOW, seededRandom(1));
  const turn = newTurn(state, NOW, seededRandom(1));
  onRestored(turn, [], []);
  const app = state.apps.get('web');
  if (app === undefined) throw new Error('no app');
  return app;
}

const recorded = {version: VERSION, versionInfo: TIMES, configHash: CONFIG, observedGeneration: 1};

test('a new leader recalls what an earlier one wrote down', t => {
  const lastTaskFailure = {
    appId: '/web',
    host: 'h',
    message: 'm',
    state: 'TASK_FAILED',
    taskId: 't',
    timestamp: VERSION,
    version: VERSION,
  };
  const launchDelay = {failures: 3, until: new Date(NOW + 5000).toISOString()};
  const app = taken({...recorded, lastTaskFailure, launchDelay, servicePorts: []});
  t.deepEqual(app.versionInfo, {version: VERSION, ...TIMES});
  t.is(app.config, CONFIG);
  t.deepEqual(app.lastTaskFailure, lastTaskFailure);
  t.deepEqual(app.delay, {failures: 3, delayMs: 5000, untilMs: NOW + 5000});
  t.is(app.deployment, undefined);
});

test('a recalled delay that is over has no length', t => {
  const app = taken({...recorded, launchDelay: {failures: 1, until: new Date(NOW - 5000).toISOString()}});
  t.deepEqual(app.delay, {failures: 1, delayMs: 0, untilMs: NOW - 5000});
});

test('without recorded times the version is the time of everything', t => {
  const app = taken({version: VERSION, configHash: CONFIG, observedGeneration: 1});
  t.deepEqual(app.versionInfo, {version: VERSION, lastScalingAt: VERSION, lastConfigChangeAt: VERSION});
});

test('without a recorded configuration the object has not changed', t => {
  const app = taken({version: VERSION, versionInfo: TIMES, observedGeneration: 1});
  t.deepEqual([app.config, app.deployment], [CONFIG, undefined]);
});

const WORK = {
  'an object that was not changed meanwhile has nothing to do': {status: recorded, generation: 1, want: undefined},
  'an object with the same configuration was scaled meanwhile': {
    status: recorded,
    generation: 2,
    want: 'ScaleApplication',
  },
  'an object with another configuration was changed meanwhile': {
    status: {...recorded, configHash: 'other'},
    generation: 2,
    want: 'RestartApplication',
  },
  'an object that was never looked at is new': {status: undefined, generation: 1, want: 'StartApplication'},
} as const;
for (const [title, {status, generation, want}] of Object.entries(WORK)) {
  test(title, t => {
    t.is(taken(status, {}, generation).deployment?.steps[0]?.actions[0]?.action, want);
  });
}

test('a deployment that an earlier leader had not finished goes on under its id', t => {
  const app = taken({...recorded, deployments: [{id: 'd-9', version: VERSION, action: 'ScaleApplication'}]});
  t.is(app.deployment?.id, 'd-9');
  t.is(app.deployment?.version, VERSION);
});

const LATER = '2026-01-01T00:30:00.000Z';
const stamps: Record<string, {status: object; annotations: Record<string, string>; version: string; id?: string}> = {
  'a change through REST has its version and its deployment': {
    status: {...recorded, configHash: 'other'},
    annotations: {[APP_ANNOTATIONS.version]: LATER, [APP_ANNOTATIONS.deploymentId]: 'd-2'},
    version: LATER,
    id: 'd-2',
  },
  'an annotation of the version in force is of an earlier change': {
    status: {...recorded, configHash: 'other'},
    annotations: {[APP_ANNOTATIONS.version]: VERSION, [APP_ANNOTATIONS.deploymentId]: 'd-2'},
    version: '2026-01-01T01:00:00.000Z',
  },
  'a change from kubectl has the time as its version': {
    status: {...recorded, configHash: 'other'},
    annotations: {},
    version: '2026-01-01T01:00:00.000Z',
  },
  'a version is later than the one before, though the clock was turned back': {
    status: {...recorded, version: '2026-01-01T02:00:00.000Z', configHash: 'other'},
    annotations: {},
    version: '2026-01-01T02:00:00.001Z',
  },
};
for (const [title, {status, annotations, version, id}] of Object.entries(stamps)) {
  test(title, t => {
    const {versionInfo, deployment} = taken(status, annotations);
    t.is(versionInfo?.version, version);
    t.is(deployment?.version, version);
    if (id === undefined) t.not(deployment?.id, 'd-2');
    else t.is(deployment?.id, id);
  });
}

function running(): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  sim.advance(1000);
  return sim;
}

const at = (sim: Simulation): string => new Date(sim.nowMs).toISOString();

test('a change of the configuration is both the last scaling and the last change', t => {
  const sim = running();
  sim.apply('web', {...APP, cmd: 'sleep 2000'});
  const now = at(sim);
  t.deepEqual(sim.app('web').versionInfo, {version: now, lastScalingAt: now, lastConfigChangeAt: now});
});

test('a scaling leaves the time of the last change as it is', t => {
  const sim = running();
  const before = sim.app('web').versionInfo;
  sim.apply('web', {...APP, instances: 3});
  const now = at(sim);
  t.deepEqual(sim.app('web').versionInfo, {...before, version: now, lastScalingAt: now});
});

test('a restart leaves the time of the last scaling as it is', t => {
  const sim = running();
  const before = sim.app('web').versionInfo;
  sim.apply('web', APP, {[APP_ANNOTATIONS.restartedAt]: LATER});
  const now = at(sim);
  t.deepEqual(sim.app('web').versionInfo, {...before, version: now, lastConfigChangeAt: now});
  t.is(sim.app('web').restartedAt, LATER);
});

const forgiving = {
  'scaling does not forgive failures': {spec: {...APP, instances: 3}, kept: true},
  'what changes nothing does not forgive failures': {spec: APP, kept: true},
  'another configuration starts afresh': {spec: {...APP, cmd: 'sleep 2000'}, kept: false},
};
for (const [title, {spec, kept}] of Object.entries(forgiving)) {
  test(title, t => {
    const sim = running();
    const delay = {failures: 2, delayMs: 1000, untilMs: sim.nowMs + 1000};
    sim.app('web').delay = delay;
    sim.apply('web', spec);
    t.is(sim.app('web').delay, kept ? delay : undefined);
  });
}

const actions = {
  'another configuration with no instances is a scaling': {
    spec: {...APP, cmd: 'sleep 2000', instances: 0},
    want: 'ScaleApplication',
  },
  'another configuration with one instance is a restart': {
    spec: {...APP, cmd: 'sleep 2000', instances: 1},
    want: 'RestartApplication',
  },
  'more instances are a scaling': {spec: {...APP, instances: 3}, want: 'ScaleApplication'},
};
for (const [title, {spec, want}] of Object.entries(actions)) {
  test(title, t => {
    const sim = running();
    sim.behaviour = () => 'stay';
    sim.apply('web', spec);
    const started = sim.events.flatMap(it =>
      it.kind === 'kube-event' && it.reason === 'DeploymentStarted' ? it.message : [],
    );
    t.true(started.at(-1)?.startsWith(`${want} (deployment `));
  });
}

test('an instance that waits for an offer is launched with the definition in force', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, instances: 1});
  sim.behaviour = () => 'fail';
  sim.settle(1);
  sim.deliver();
  const [waiting] = sim.instances('web');
  t.is(waiting?.condition, 'Scheduled');
  sim.nowMs += 1000;
  sim.apply('web', {...APP, instances: 1, cmd: 'sleep 2000'});
  t.is(waiting?.config, sim.app('web').config);
  t.is(waiting?.version, at(sim));
});

test('every accepted change is kept as a version, with the spec and the ports that it had', t => {
  const sim = new Simulation();
  const kept = new Map<string, unknown>();
  sim.onEffect = effect => {
    if (effect.kind !== 'keep-version') return;
    const {version, spec, servicePorts} = effect.version;
    kept.set(version, [effect.name, spec.instances, servicePorts]);
  };
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  const first = sim.app('web').versionInfo?.version ?? '';
  sim.apply('web', {...APP, instances: 3});
  sim.settle();
  const second = sim.app('web').versionInfo?.version ?? '';
  sim.apply('web', {...APP, instances: 3}, {note: 'nothing new'});
  t.deepEqual(
    [...kept],
    [
      [first, ['web', 2, [10_000]]],
      [second, ['web', 3, [10_000]]],
    ],
  );
});

/** Half replaced, and then nobody understands the spec. */
function brokenHalfWay(): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  sim.behaviour = () => 'stay';
  sim.apply('web', {...APP, cmd: 'sleep 2000'});
  sim.advance(10_000);
  sim.apply('web', {...APP, cmd: 'sleep 2000', cpus: 'many'});
  sim.behaviour = () => 'run';
  return sim;
}

test('a mended spec goes on where the broken one has stopped', t => {
  const sim = brokenHalfWay();
  t.is(sim.app('web').deployment, undefined);
  sim.apply('web', {...APP, cmd: 'sleep 2000'});
  t.truthy(sim.app('web').deployment);
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING');
  sim.advance(60_000);
  t.deepEqual(
    sim.running('web').map(id => sim.tasks.get(id)?.info.command?.value),
    ['sleep 2000', 'sleep 2000'],
  );
});

test('a mended spec of which everything runs already begins no deployment', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  sim.apply('web', {...APP, cpus: 'many'});
  sim.apply('web', APP);
  t.is(sim.app('web').deployment, undefined);
  t.is(sim.app('web').block, undefined);
});

test('a change from kubectl is told with its deployment, and what it changes with it', t => {
  const sim = running();
  sim.marathonEvents.length = 0;
  sim.apply('web', {...APP, instances: 3});
  const deploymentId = sim.app('web').deployment?.id;
  t.deepEqual(sim.marathonEvents[0] as object, {
    eventType: 'group_change_success',
    groupId: '/',
    version: at(sim),
    deploymentId,
  });
});

test('what an app was before a change from kubectl can be brought back', t => {
  const sim = running();
  const {spec} = sim.app('web').definition ?? {};
  sim.apply('web', {...APP, cmd: 'sleep 2000'}, {[APP_ANNOTATIONS.restartedAt]: LATER});
  const {before} = sim.app('web').deployment ?? {};
  t.deepEqual([...(before?.apps ?? [])], [['/web', {spec, restartedAt: undefined}]] as never);
});

test('before a new app there was nothing, and that can be brought back too', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  t.deepEqual([...(sim.app('web').deployment?.before?.apps ?? [])], [['/web', undefined]] as never);
});

test('what an app was under an earlier leader is not known, so nothing can be brought back', t => {
  const app = taken({...recorded, configHash: 'other'}, {}, 2);
  t.truthy(app.deployment);
  t.is(app.deployment?.before, undefined);
});

test('before an app was deleted it was what it was', t => {
  const sim = running();
  const {spec} = sim.app('web').definition ?? {};
  sim.marathonEvents.length = 0;
  sim.delete('web');
  t.like(sim.marathonEvents[0], {eventType: 'group_change_success', version: at(sim)});
  const {before, steps} = sim.app('web').deployment ?? {};
  t.deepEqual([...(before?.apps ?? [])], [['/web', {spec, restartedAt: undefined}]] as never);
  t.is(steps?.[0]?.actions[0]?.action, 'StopApplication');
});

const progress: Record<string, {spec: Record<string, unknown>; growing: boolean; restart: boolean}> = {
  'more instances make an app larger': {spec: {...APP, instances: 3}, growing: true, restart: false},
  'fewer instances make an app smaller': {spec: {...APP, instances: 1}, growing: false, restart: false},
  'another configuration replaces what runs': {spec: {...APP, cmd: 'sleep 2000'}, growing: false, restart: true},
  'another configuration with more instances does both': {
    spec: {...APP, cmd: 'sleep 2000', instances: 3},
    growing: true,
    restart: true,
  },
  'without instances nothing is replaced': {
    spec: {...APP, cmd: 'sleep 2000', instances: 0},
    growing: false,
    restart: false,
  },
};
for (const [title, {spec, growing, restart}] of Object.entries(progress)) {
  test(title, t => {
    const sim = running();
    const app = sim.app('web');
    let seen: unknown;
    sim.onEffect = () => {
      const part = app.deployment?.progress.get(app.object.id);
      if (part !== undefined) seen ??= [part.growing, part.restart !== undefined];
    };
    sim.apply('web', spec);
    t.deepEqual(seen, [growing, restart]);
  });
}

test('a scaling while an old instance runs replaces that one too', t => {
  const sim = running();
  sim.behaviour = () => 'stay';
  sim.apply('web', {...APP, cmd: 'sleep 2000'});
  sim.advance(5000);
  sim.send({kind: 'cancel-deployment', id: sim.app('web').deployment?.id ?? ''});
  t.is(sim.app('web').deployment, undefined);
  sim.apply('web', {...APP, cmd: 'sleep 2000', instances: 3});
  const app = sim.app('web');
  t.is(app.deployment?.steps[0]?.actions[0]?.action, 'RestartApplication');
  t.truthy(app.deployment?.progress.get(app.object.id)?.restart);
});

const CHECK = {protocol: 'TCP'};
const checks: Record<string, {before: object; after: object; want: readonly string[]}> = {
  'the checks of a new configuration come after those of the former one go': {
    before: {healthChecks: [CHECK]},
    after: {cmd: 'sleep 2000', healthChecks: [CHECK, CHECK]},
    want: ['remove_health_check_event', 'add_health_check_event', 'add_health_check_event'],
  },
  'where there were no checks none go': {
    before: {},
    after: {healthChecks: [CHECK]},
    want: ['add_health_check_event'],
  },
  'a scaling leaves the checks as they are': {
    before: {healthChecks: [CHECK]},
    after: {healthChecks: [CHECK], instances: 3},
    want: [],
  },
};
for (const [title, {before, after, want}] of Object.entries(checks)) {
  test(title, t => {
    const sim = new Simulation();
    sim.connect();
    sim.apply('web', {...APP, ...before});
    sim.settle();
    sim.marathonEvents.length = 0;
    sim.apply('web', {...APP, ...after});
    t.deepEqual(
      sim.marathonEvents.map(({eventType}) => eventType as string).filter(type => type.endsWith('_check_event')),
      want,
    );
  });
}

test('an app that finds no service port says so, and runs nothing', t => {
  const sim = new Simulation({settings: {servicePorts: {min: 10, max: 10}}});
  sim.connect();
  sim.apply('web', APP);
  sim.apply('second', APP);
  sim.advance(3000);
  t.like(sim.app('second').block, {reason: 'NoServicePort'});
  t.deepEqual([sim.running('web').length, sim.running('second').length], [2, 0]);
});

test('what was written on an app is recalled when it is seen for the first time, and not again', t => {
  const state = newState(SETTINGS);
  onRestored(newTurn(state, NOW, seededRandom(1)), [], []);
  const see = (status: object): void =>
    void step(state, {kind: 'app-seen', object: objectOf(status)}, NOW, seededRandom(1));
  see(recorded);
  t.deepEqual(state.apps.get('web')?.versionInfo, {version: VERSION, ...TIMES});
  see({...recorded, version: LATER});
  t.is(state.apps.get('web')?.versionInfo?.version, VERSION);
});
