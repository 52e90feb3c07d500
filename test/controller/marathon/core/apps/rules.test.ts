import test from 'ava';
import {allowedRoles} from '../../../../../src/controller/marathon/core/apps/rules.ts';
import {toAppId} from '../../../../../src/controller/marathon/core/ids.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 1};
const SAME_ID = {reason: 'InvalidSpec', message: 'Groups and Applications may not have the same identifier.'};
const CYCLE = {reason: 'InvalidSpec', message: 'Dependency graph has cyclic dependencies.'};

/** Objects as kubectl creates them, in this order. */
function created(specs: Record<string, object>): Simulation {
  const sim = new Simulation();
  sim.connect();
  for (const [name, more] of Object.entries(specs)) sim.apply(name, {...APP, ...more});
  sim.advance(5000);
  return sim;
}

const blocks = (sim: Simulation): Record<string, unknown> =>
  Object.fromEntries([...sim.state.apps].flatMap(([name, {block}]) => (block === undefined ? [] : [[name, block]])));

test('an app inside of an app is refused, and so is an app around others', t => {
  t.deepEqual(blocks(created({'m.app': {}, 'm.app.svc': {}, m: {}})), {'m.app.svc': SAME_ID, m: SAME_ID});
});

test('an app that begins like another is not inside of it', t => {
  t.deepEqual(blocks(created({'m.app': {}, 'm.apple': {}, mm: {}})), {});
});

test('once the app in the way is gone, the other one runs', t => {
  const sim = created({'m.app': {}, 'm.app.svc': {}});
  sim.delete('m.app');
  sim.advance(10_000);
  t.deepEqual(blocks(sim), {});
  t.is(sim.running('m.app.svc').length, 1);
});

test('a new leader forbids the same app', t => {
  const sim = created({'z.app': {}, z: {}});
  sim.objects.set('z', structuredClone(sim.objects.get('z') ?? t.fail()) as never);
  // The objects come in any order.
  const [first, second] = [...sim.objects];
  sim.objects.clear();
  for (const entry of [second, first]) if (entry !== undefined) sim.objects.set(...entry);
  sim.failover();
  sim.advance(10_000);
  t.deepEqual(blocks(sim), {z: SAME_ID});
  t.is(sim.running('z.app').length, 1);
});

test('the app that closes a cycle of dependencies is refused, and what it runs goes on', t => {
  const sim = created({a: {}, b: {dependencies: ['/a']}});
  sim.apply('a', {...APP, dependencies: ['/b']});
  sim.advance(5000);
  t.deepEqual(blocks(sim), {a: CYCLE});
  t.is(sim.running('a').length, 1);
});

test('an app that depends on itself is refused', t => {
  t.deepEqual(blocks(created({a: {dependencies: ['/a']}})), {a: CYCLE});
});

test('a dependency on the group that the app is in is a cycle', t => {
  t.deepEqual(blocks(created({'g.a': {dependencies: ['/g']}})), {'g.a': CYCLE});
});

test('once a cycle is broken, the refused app runs', t => {
  const sim = created({a: {}, b: {dependencies: ['/a']}});
  sim.apply('a', {...APP, dependencies: ['/b']});
  sim.apply('b', APP);
  sim.advance(10_000);
  t.deepEqual(blocks(sim), {});
});

const roles: Record<string, {id: string; held?: string; want: readonly string[]}> = {
  'an app of the root has the default role': {id: '/web', want: ['*']},
  'an app in a group may have the role of its top-level group': {id: '/dev/shop/web', want: ['*', 'dev']},
  'an app keeps the role that it has': {id: '/dev/web', held: 'old', want: ['*', 'dev', 'old']},
};
for (const [title, {id, held, want}] of Object.entries(roles)) {
  test(title, t => t.deepEqual(allowedRoles(toAppId(id), '*', held), want));
}

test('also while both are under way, the app that closes a cycle is refused', t => {
  const sim = new Simulation();
  sim.behaviour = () => 'stay';
  sim.connect();
  sim.apply('a', APP);
  sim.apply('b', {...APP, dependencies: ['/a']});
  t.truthy(sim.app('a').deployment);
  sim.apply('a', {...APP, dependencies: ['/b']});
  t.deepEqual(blocks(sim), {a: CYCLE});
});
