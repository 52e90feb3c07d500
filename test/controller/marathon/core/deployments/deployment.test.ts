import test from 'ava';
import {affectedApps, describeActions} from '../../../../../src/controller/marathon/core/deployments/deployment.ts';
import {toDeployment} from '../../../../../src/controller/marathon/core/deployments/deployment-object.ts';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import {app} from '../fixtures.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1};
const CHECKED = {...APP, healthChecks: [{protocol: 'MESOS_TCP'}]};
const [O1, O2] = [toAppId('/o1'), toAppId('/o2')];
const VERSION = '2026-01-02T00:00:00.000Z';
const PLAN = {'marathon.mesos.dev/version': VERSION, 'marathon.mesos.dev/deployment-id': 'd-1'};

type Specs = Readonly<Record<string, Record<string, unknown>>>;

/** What an array PUT of these apps does: the plan first, then each app. */
function put(sim: Simulation, specs: Specs, failed: readonly string[] = []): void {
  const apps = Object.entries(specs).map(([name, fields]) => ({
    app: toAppId(`/${name}`),
    definition: {...app(fields), id: toAppId(`/${name}`)},
  }));
  sim.send({kind: 'plan-deployment', id: 'd-1', version: VERSION, apps});
  for (const [name, fields] of Object.entries(specs)) if (!failed.includes(name)) sim.apply(name, fields, PLAN);
  sim.send({kind: 'plan-written', id: 'd-1', failed: failed.map(name => toAppId(`/${name}`))});
}

/** `o2` depends on `o1`, which has a health check and is not healthy. */
function waiting(): Simulation {
  const sim = new Simulation();
  sim.connect();
  put(sim, {o2: {...APP, dependencies: ['/o1']}, o1: CHECKED});
  sim.advance(5000);
  return sim;
}

const heal = (sim: Simulation): void => {
  for (const taskId of sim.tasks.keys()) sim.report(taskId, 'TASK_RUNNING', {healthy: true});
  sim.advance(10_000);
};

test('an app waits until those that it depends on are healthy', t => {
  const sim = waiting();
  t.deepEqual([sim.running('o1').length, sim.running('o2').length], [1, 0]);
  t.is(sim.state.deployments.size, 1);
  heal(sim);
  t.deepEqual([sim.running('o1').length, sim.running('o2').length], [1, 1]);
  t.is(sim.state.deployments.size, 0);
  t.is(sim.deployments.size, 0);
  t.deepEqual([sim.app('o1').versionInfo?.version, sim.app('o2').versionInfo?.version], [VERSION, VERSION]);
});

test('the steps of a deployment are told one after the other', t => {
  const sim = waiting();
  heal(sim);
  t.deepEqual(
    sim.marathonEvents.flatMap(event =>
      'deployment' in event ? `${event.eventType} ${event.deployment.currentStep}` : [],
    ),
    [
      'deployment_info 1',
      'deployment_step_success 1',
      'deployment_info 2',
      'deployment_step_success 2',
      'deployment_info 3',
      'deployment_step_success 3',
      'deployment_success 3',
    ],
  );
});

test('a new leader goes on at the same step', t => {
  const sim = waiting();
  t.is(sim.state.deployments.get('d-1')?.currentStep, 2);
  sim.failover();
  sim.advance(10_000);
  t.is(sim.state.deployments.get('d-1')?.currentStep, 2);
  t.deepEqual([sim.running('o1').length, sim.running('o2').length], [1, 0]);
  heal(sim);
  t.deepEqual([sim.running('o1').length, sim.running('o2').length], [1, 1]);
  t.is(sim.deployments.size, 0);
});

test('a new leader knows how far a rolling replacement was', t => {
  const sim = new Simulation();
  sim.connect();
  const spec = {...CHECKED, instances: 4, upgradeStrategy: {minimumHealthCapacity: 0.5, maximumOverCapacity: 0}};
  sim.apply('web', spec);
  sim.advance(5000);
  heal(sim);
  sim.apply('web', {...spec, cmd: 'sleep 2000'});
  sim.advance(3000);
  const [fresh = ''] = [...sim.tasks.values()].flatMap(({info, state}) =>
    info.command?.value === 'sleep 2000' && state === 'TASK_RUNNING' ? [info.task_id.value] : [],
  );
  sim.report(fresh, 'TASK_RUNNING', {healthy: true});
  sim.advance(3000);
  const before = sim.app('web').deployment?.progress.get(toAppId('/web'));
  t.like(before?.restart, {killNow: 2, max: 4, killed: 3});
  sim.failover();
  t.deepEqual(sim.app('web').deployment?.progress.get(toAppId('/web')), before);
});

test('while an app waits for its step it keeps what it runs', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', CHECKED);
  sim.apply('o2', {...APP, instances: 2, dependencies: ['/o1']});
  sim.advance(5000);
  heal(sim);
  sim.advance(5000);
  put(sim, {o1: {...CHECKED, cmd: 'sleep 2000'}, o2: {...APP, cmd: 'sleep 2000', instances: 3, dependencies: ['/o1']}});
  const [first = ''] = sim.running('o2');
  sim.report(first, 'TASK_FAILED');
  sim.advance(10_000);
  const commands = sim.running('o2').map(id => sim.tasks.get(id)?.info.command?.value);
  t.deepEqual(commands, ['sleep 1000', 'sleep 1000']);
  heal(sim);
  sim.advance(30_000);
  heal(sim);
  t.is(sim.running('o2').length, 3);
  t.true(sim.running('o2').every(id => sim.tasks.get(id)?.info.command?.value === 'sleep 2000'));
});

test('apps of a plan are locked before they are there', t => {
  const sim = new Simulation();
  sim.connect();
  sim.send({kind: 'plan-deployment', id: 'd-1', version: VERSION, apps: [{app: O1, definition: {...app(), id: O1}}]});
  t.is(sim.state.locks.get(O1)?.id, 'd-1');
});

test('an app whose change was not taken leaves the plan, and the others go on', t => {
  const sim = new Simulation();
  sim.connect();
  put(sim, {o1: APP, o2: {...APP, dependencies: ['/o1']}}, ['o1']);
  sim.advance(5000);
  t.is(sim.state.deployments.size, 0);
  t.is(sim.running('o2').length, 1);
});

test('a plan of which nothing was taken leaves no trace', t => {
  const sim = new Simulation();
  sim.connect();
  put(sim, {o1: APP}, ['o1']);
  t.deepEqual([sim.state.deployments.size, sim.state.locks.size, sim.deployments.size], [0, 0, 0]);
});

test('a plan that changes nothing is no deployment', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', APP);
  sim.settle();
  sim.send({
    kind: 'plan-deployment',
    id: 'd-1',
    version: VERSION,
    apps: [{app: O1, definition: {...app(APP), id: O1}}],
  });
  t.is(sim.state.deployments.size, 0);
});

test('deleting its object cancels a deployment: what waited gets its spec, and what runs stays', t => {
  const sim = waiting();
  sim.send({kind: 'deployment-gone', id: 'd-1'});
  t.is(sim.state.deployments.size, 0);
  t.is(sim.state.locks.size, 0);
  sim.advance(10_000);
  t.deepEqual([sim.running('o1').length, sim.running('o2').length], [1, 1]);
  t.is(sim.app('o2').deployment, undefined);
});

test('a cancelled replacement stays where it is, also for the next leader', t => {
  const sim = new Simulation();
  sim.connect();
  const spec = {...CHECKED, instances: 2, upgradeStrategy: {minimumHealthCapacity: 0.5, maximumOverCapacity: 0}};
  sim.apply('web', spec);
  sim.advance(5000);
  heal(sim);
  sim.apply('web', {...spec, cmd: 'sleep 2000'});
  sim.advance(5000);
  sim.send({kind: 'deployment-gone', id: sim.app('web').deployment?.id ?? ''});
  const old = sim.running('web').filter(id => sim.tasks.get(id)?.info.command?.value === 'sleep 1000');
  t.true(old.length > 0);
  sim.failover();
  sim.advance(30_000);
  t.is(sim.app('web').deployment, undefined);
  t.true(old.some(id => sim.tasks.has(id)));
});

test('a change from kubectl of one app takes it out of a deployment by force', t => {
  const sim = waiting();
  sim.apply('o1', {...APP, cmd: 'sleep 3000'});
  sim.advance(20_000);
  t.deepEqual([sim.running('o1').length, sim.running('o2').length], [1, 1]);
  t.is(sim.state.deployments.size, 0);
});

test('an app that is deleted leaves its deployment', t => {
  const sim = waiting();
  sim.delete('o1');
  sim.advance(10_000);
  t.false(sim.objects.has('o1'));
  t.is(sim.running('o2').length, 1);
  t.is(sim.state.deployments.size, 0);
});

test('affected apps are named once, in order', t => {
  const steps = [
    {actions: [{action: 'StartApplication' as const, app: O2}]},
    {
      actions: [
        {action: 'RestartApplication' as const, app: O1},
        {action: 'ScaleApplication' as const, app: O2},
      ],
    },
  ];
  t.deepEqual(affectedApps({steps}), [O1, O2]);
});

test('a cancelled deployment is told, with its reason', t => {
  const sim = waiting();
  sim.marathonEvents.length = 0;
  sim.send({kind: 'cancel-deployment', id: 'd-1'});
  t.like(sim.marathonEvents[0], {eventType: 'deployment_step_failure'});
  t.like(sim.marathonEvents[1], {eventType: 'deployment_failed', reason: 'somebody asked for it'});
});

test('an app that leaves a deployment is locked no more, and the others still are', t => {
  const sim = waiting();
  sim.apply('o2', {cmd: 'sleep 1', cpus: 'many'});
  t.is(sim.state.locks.get(O2), undefined);
  t.is(sim.state.locks.get(O1)?.id, 'd-1');
  t.is(sim.app('o1').deployment?.id, 'd-1');
});

test('an app of a plan stays as it is until its own change has come, also when it is looked at', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', APP);
  sim.advance(5000);
  const changed = {...app({...APP, cmd: 'sleep 2000'}), id: O1};
  sim.send({kind: 'plan-deployment', id: 'd-1', version: VERSION, apps: [{app: O1, definition: changed}]});
  sim.apply('o1', APP, {note: 'of somebody else'});
  sim.advance(5000);
  t.is(sim.state.deployments.size, 1);
  sim.apply('o1', {...APP, cmd: 'sleep 2000'}, PLAN);
  sim.send({kind: 'plan-written', id: 'd-1', failed: []});
  sim.advance(30_000);
  t.is(sim.state.deployments.size, 0);
  t.deepEqual(
    [...sim.tasks.values()].map(({info}) => info.command?.value),
    ['sleep 2000'],
  );
});

test('what kubectl changes while a plan is written comes into force', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', APP);
  sim.advance(5000);
  const planned = {...app({...APP, instances: 2}), id: O1};
  sim.send({kind: 'plan-deployment', id: 'd-1', version: VERSION, apps: [{app: O1, definition: planned}]});
  sim.apply('o1', {...APP, cmd: 'sleep 3000'});
  sim.advance(30_000);
  t.is(sim.app('o1').definition?.spec.cmd, 'sleep 3000');
  t.deepEqual(
    [...sim.tasks.values()].map(({info}) => info.command?.value),
    ['sleep 3000'],
  );
});

test('a new leader goes on to the next step when the one it finds is over', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', APP);
  sim.apply('o2', APP);
  sim.advance(5000);
  const scale = (id: string) => ({actions: [{action: 'ScaleApplication', app: id}]});
  sim.deployments.set('d-2', {
    spec: {version: VERSION, startedAt: VERSION, apps: [O1, O2], steps: [scale(O1), scale(O2)]},
    status: {currentStep: 1, progress: [{app: O1, done: true, growing: true}]},
  });
  sim.failover();
  t.deepEqual([sim.state.deployments.size, sim.state.locks.size], [0, 0]);
  t.deepEqual(sim.problems, []);
});

test('a new leader leaves out of a deployment what is not there any more', t => {
  const sim = waiting();
  sim.objects.delete('o1');
  sim.failover();
  sim.advance(10_000);
  t.deepEqual([sim.state.deployments.size, sim.state.locks.size], [0, 0]);
  t.is(sim.running('o2').length, 1);
});

test('a deployment of which nothing was written down yet is at its first step', t => {
  const steps = [{actions: [{action: 'ScaleApplication', app: O1}]}];
  const read = toDeployment({
    apiVersion: '',
    kind: '',
    metadata: {name: 'd-3'},
    spec: {version: VERSION, startedAt: VERSION, apps: [O1], steps},
  });
  t.like(read, {id: 'd-3', version: VERSION, startedAtMs: Date.parse(VERSION), currentStep: 1});
});

test('a step that nothing is left of says so', t => {
  t.is(describeActions([]), 'no step');
  t.is(describeActions([{action: 'ScaleApplication', app: O1}]), 'ScaleApplication');
});

test('an app whose change was not taken is free for the next change, while the others go on', t => {
  const sim = new Simulation();
  sim.connect();
  for (const name of ['o1', 'o2']) sim.apply(name, APP);
  sim.advance(5000);
  sim.behaviour = () => 'stay';
  put(sim, {o1: {...APP, cmd: 'sleep 2000'}, o2: {...APP, cmd: 'sleep 2000'}}, ['o2']);
  t.is(sim.app('o1').deployment?.id, 'd-1');
  t.deepEqual([sim.app('o2').deployment, sim.state.locks.get(O2)], [undefined, undefined]);
});

test('a deployment that only ends another one is over at once', t => {
  const sim = waiting();
  sim.send({kind: 'plan-deployment', id: 'd-2', version: VERSION, apps: [], reverts: 'd-1'});
  t.is(sim.state.deployments.size, 0);
  t.deepEqual(
    sim.marathonEvents
      .flatMap(event => ('deployment' in event ? [`${event.deployment.id} ${event.eventType}`] : []))
      .slice(-3),
    ['d-1 deployment_failed', 'd-2 deployment_info', 'd-2 deployment_success'],
  );
});

/** Two apps that run, and a plan that changes both; the second waits for the first. */
function planned(): Simulation {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', CHECKED);
  sim.apply('o2', {...APP, dependencies: ['/o1']});
  sim.advance(5000);
  heal(sim);
  sim.advance(5000);
  put(sim, {o1: {...CHECKED, cmd: 'sleep 2000'}, o2: {...APP, cmd: 'sleep 2000', dependencies: ['/o1']}});
  return sim;
}

test('a version that waits for its step is kept when it is accepted, and once more when it is in force', t => {
  const sim = planned();
  const kept = () => sim.versions.filter(({name, version}) => name === 'o2' && version.version === VERSION).length;
  t.is(kept(), 1);
  sim.apply('o2', {...APP, cmd: 'sleep 2000', dependencies: ['/o1']}, {note: 'looked at again'});
  t.is(kept(), 1);
  for (let i = 0; i < 3; i++) heal(sim);
  t.is(kept(), 2);
});

test('what the apps of a plan were before can be brought back', t => {
  const {apps} = planned().state.deployments.get('d-1')?.before ?? {};
  t.deepEqual([apps?.get(O1)?.spec.cmd, apps?.get(O2)?.spec.cmd], ['sleep 1000', 'sleep 1000']);
  t.is(apps?.get(O1)?.restartedAt, undefined);
});

test('what an app was whose definition can not be read is not known', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('o1', APP);
  sim.apply('o1', {...APP, cpus: 'many'});
  put(sim, {o1: {...APP, cmd: 'sleep 2000'}});
  t.truthy(sim.state.deployments.get('d-1'));
  t.is(sim.state.deployments.get('d-1')?.before, undefined);
});
