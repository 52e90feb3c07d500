import test from 'ava';
import {appsInside, groupVersion} from '../../../../../src/controller/marathon/core/groups/group-status.ts';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import {groupOf} from '../../../../../src/controller/marathon/core/state.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1};

function connected(): Simulation {
  const sim = new Simulation();
  sim.connect();
  return sim;
}

const problemOf = (sim: Simulation, id: string): string | undefined => groupOf(sim.state, toAppId(id))?.problem;

test('a group without apps is there by its object, and says how many apps are available', t => {
  const sim = connected();
  sim.group('prod', {});
  t.like(sim.groups.get('prod')?.status, {
    id: '/prod',
    apps: 0,
    conditions: [{type: 'Available', status: 'True', message: '0 of 0 apps available'}],
  });
  sim.apply('prod.web', {...APP, instances: 2});
  sim.apply('prod.db.main', APP);
  sim.advance(5000);
  t.like(sim.groups.get('prod')?.status, {
    apps: 2,
    version: groupVersion(sim.state, toAppId('/prod')),
    conditions: [{type: 'Available', status: 'True', message: '2 of 2 apps available'}],
  });
  t.deepEqual(
    appsInside(sim.state, toAppId('/prod/db')).map(app => app.object.name),
    ['prod.db.main'],
  );
  sim.behaviour = () => 'stay';
  sim.apply('prod.web', {...APP, instances: 3});
  sim.advance(5000);
  t.like(sim.groups.get('prod')?.status, {
    conditions: [{status: 'False', reason: 'AppsMissing', message: '1 of 2 apps available: /prod/web is not'}],
  });
});

test('a group that would close a circle is not in force, and comes into force when the circle is open', t => {
  const sim = connected();
  sim.apply('db.main', {...APP, dependencies: ['/web']});
  sim.apply('web.a', APP);
  sim.group('web', {dependencies: ['/db']});
  t.is(problemOf(sim, '/web'), 'Dependency graph has cyclic dependencies.');
  t.like(sim.groups.get('web')?.status, {conditions: [{status: 'False', reason: 'InvalidSpec'}]});
  sim.failover();
  t.is(problemOf(sim, '/web'), 'Dependency graph has cyclic dependencies.');
  t.is(sim.app('db.main').block, undefined);
  sim.apply('db.main', APP);
  t.is(problemOf(sim, '/web'), undefined);
  t.deepEqual(groupOf(sim.state, toAppId('/web'))?.definition?.dependencies, [toAppId('/db')]);
});

test('an app that would close a circle through a group is refused, as long as the group says so', t => {
  const sim = connected();
  sim.apply('web.a', APP);
  sim.group('web', {dependencies: ['/db']});
  sim.apply('db.main', {...APP, dependencies: ['/web/a']});
  t.is(sim.app('db.main').block?.message, 'Dependency graph has cyclic dependencies.');
  sim.failover();
  t.is(problemOf(sim, '/web'), undefined);
  t.is(sim.app('db.main').block?.message, 'Dependency graph has cyclic dependencies.');
  sim.ungroup('web');
  t.is(sim.app('db.main').block, undefined);
});

test('a group that has the id of an app gives way to it', t => {
  const sim = connected();
  sim.group('m', {});
  sim.apply('m', APP);
  sim.advance(3000);
  t.is(sim.running('m').length, 1);
  t.is(problemOf(sim, '/m'), 'Groups and Applications may not have the same identifier.');
  sim.delete('m');
  sim.advance(3000);
  t.is(problemOf(sim, '/m'), undefined);
});

test('of two objects for one group the older one counts', t => {
  const sim = connected();
  sim.group('a', {id: '/web', dependencies: ['/one']});
  sim.group('b', {id: '/web', dependencies: ['/two']});
  t.deepEqual(groupOf(sim.state, toAppId('/web'))?.definition?.dependencies, [toAppId('/one')]);
  t.is([...sim.state.groupObjects.values()][1]?.problem, '/web belongs to the older MarathonGroup a');
  sim.ungroup('a');
  t.deepEqual([...sim.state.groupObjects.keys()], ['b']);
  t.deepEqual(groupOf(sim.state, toAppId('/web'))?.definition?.dependencies, [toAppId('/two')]);
});

test('a top-level group enforces its name as the role of new apps, and of no other', t => {
  const sim = connected();
  sim.apply('dev.old', {...APP, role: 'other'});
  sim.advance(3000);
  sim.group('dev', {enforceRole: true});
  sim.apply('dev.new', APP);
  t.is(sim.app('dev.new').block?.message, '/role: got *, expected one of: [dev]');
  sim.apply('dev.new', {...APP, role: 'dev'});
  t.is(sim.app('dev.new').block, undefined);
  sim.apply('dev.old', {...APP, role: 'other', instances: 2});
  t.is(sim.app('dev.old').block, undefined);
  sim.failover();
  t.is(sim.app('dev.old').block, undefined);
  sim.apply('dev.old', {...APP, role: 'third'});
  t.is(sim.app('dev.old').block?.message, '/role: got third, expected one of: [dev]');
  sim.group('dev.sub', {enforceRole: true});
  t.is(problemOf(sim, '/dev/sub'), '/enforceRole: enforceRole can only be set for top-level groups.');
});

test('a group that was not in force and is gone is not looked at any more', t => {
  const sim = connected();
  sim.group('a', {id: '/web'});
  sim.group('b', {id: '/web'});
  t.is(sim.state.blockedGroups.size, 1);
  sim.ungroup('b');
  t.is(sim.state.blockedGroups.size, 0);
  t.deepEqual([...(sim.state.groupClaims.get(toAppId('/web')) ?? [])], ['a']);
  sim.ungroup('a');
  t.is(sim.state.groupClaims.size, 0);
});
