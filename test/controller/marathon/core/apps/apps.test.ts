import test from 'ava';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.5, mem: 32, instances: 2};
const WEB = toAppId('/web');

/** An app whose tasks start and never run: its deployment stays under way. */
function starting(): Simulation {
  const sim = new Simulation();
  sim.behaviour = () => 'stay';
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  return sim;
}

/** Its finalizer was taken off by hand: the object is gone at once. */
function vanish(sim: Simulation, name: string): void {
  const uid = sim.objects.get(name)?.metadata.uid ?? '';
  sim.objects.delete(name);
  sim.send({kind: 'app-gone', name, uid});
}

const told = (sim: Simulation): readonly string[] =>
  sim.marathonEvents.map(({eventType}) => eventType).filter(type => type.startsWith('deployment_'));

test('an object that vanishes takes its deployment and its tasks along', t => {
  const sim = starting();
  t.is(sim.state.deployments.size, 1);
  vanish(sim, 'web');
  sim.settle();
  t.deepEqual([sim.state.deployments.size, sim.state.locks.size, sim.tasks.size], [0, 0, 0]);
  t.true(told(sim).includes('deployment_failed'));
});

test('a second object of the same id that goes leaves the deployment of the first alone', t => {
  const sim = starting();
  sim.apply('copy', {...APP, id: '/web'});
  t.is(sim.app('copy').block?.reason, 'DuplicateId');
  vanish(sim, 'copy');
  sim.settle();
  t.is(sim.state.locks.get(WEB), sim.app('web').deployment);
  t.is(sim.state.deployments.size, 1);
  t.is(sim.tasks.size, 2);
});

test('when the first object of an id goes, the second has its turn', t => {
  const sim = starting();
  sim.apply('copy', {...APP, id: '/web', instances: 1});
  vanish(sim, 'web');
  sim.advance(10_000);
  t.is(sim.app('copy').block, undefined);
  t.is(sim.app('copy').instances.size, 1);
  t.is(sim.tasks.size, 1);
});

test('news of an object of an earlier uid change nothing', t => {
  const sim = starting();
  sim.send({kind: 'app-gone', name: 'web', uid: 'another'});
  t.is(sim.app('web').instances.size, 2);
});

test('an object that was made again under its name is another app', t => {
  const sim = starting();
  const before = sim.instances('web').map(({id}) => id);
  sim.objects.delete('web');
  sim.apply('web', {...APP, instances: 1});
  sim.advance(10_000);
  const after = sim.instances('web').map(({id}) => id);
  t.is(after.length, 1);
  t.false(before.some(id => after.includes(id)));
  t.is(sim.tasks.size, 1);
});

test('a deletion is a deployment that stops the app, over with its last task', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  sim.marathonEvents.length = 0;
  sim.delete('web');
  const [deployment] = sim.state.deployments.values();
  t.deepEqual(deployment?.steps, [{actions: [{action: 'StopApplication', app: WEB}]}]);
  t.true((deployment?.version ?? '') > (sim.app('web').versionInfo?.version ?? ''));
  sim.settle();
  t.is(sim.state.deployments.size, 0);
  t.deepEqual(told(sim), ['deployment_info', 'deployment_step_success', 'deployment_success']);
});

test('a role is subscribed as long as an app of it is there', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('a', {...APP, role: 'dev'});
  sim.apply('b', {...APP, role: 'dev'});
  sim.settle();
  t.deepEqual([...sim.state.subscribedRoles], ['*', 'dev']);
  sim.delete('a');
  sim.settle();
  t.deepEqual([...sim.state.subscribedRoles], ['*', 'dev']);
  sim.delete('b');
  sim.settle();
  t.deepEqual([...sim.state.subscribedRoles], ['*']);
});

test('an app that moves to another role leaves the former one', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', {...APP, role: 'dev'});
  sim.settle();
  sim.apply('web', {...APP, role: 'ops'});
  sim.advance(30_000);
  t.deepEqual([...sim.state.subscribedRoles], ['*', 'ops']);
  t.is(sim.running('web').length, 2);
});

test('the service ports of an app that is gone are for the next one', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  t.deepEqual(sim.app('web').servicePorts, [10_000]);
  sim.apply('db', APP);
  t.deepEqual(sim.app('db').servicePorts, [10_001]);
  vanish(sim, 'web');
  sim.apply('next', APP);
  t.deepEqual(sim.app('next').servicePorts, [10_000]);
});

test('an app that was left alone and is seen again has its tasks asked for', t => {
  const sim = new Simulation();
  sim.connect();
  const later = sim.nowMs + 1e6;
  sim.state.nextReconcileMs = later;
  sim.apply('web', APP);
  t.is(sim.state.nextReconcileMs, later);
  sim.send({kind: 'app-aside', name: 'web', id: WEB});
  sim.apply('web', {...APP, instances: 1});
  t.is(sim.state.nextReconcileMs, sim.nowMs);
  t.is(sim.state.aside.size, 0);
});

test('nobody looks after the tasks of an app that is left alone, until it is gone', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  const [taskId = ''] = sim.running('web');
  sim.send({kind: 'app-aside', name: 'web', id: WEB});
  vanish(sim, 'web');
  sim.settle();
  sim.report(taskId, 'TASK_RUNNING');
  sim.settle();
  t.deepEqual([sim.state.aside.size, sim.tasks.size], [0, 0]);
});

test('what is known of groups goes with their last app', t => {
  const sim = new Simulation();
  sim.connect();
  sim.apply('prod.a', {...APP, id: '/prod/a'});
  sim.apply('prod.b', {...APP, id: '/prod/b'});
  const groups = (): unknown => [...sim.state.groups].map(([id, inside]) => [id, [...inside]]);
  t.deepEqual(groups(), [['/prod', ['/prod/a', '/prod/b']]]);
  vanish(sim, 'prod.a');
  t.deepEqual(groups(), [['/prod', ['/prod/b']]]);
  vanish(sim, 'prod.b');
  t.deepEqual(groups(), []);
});
