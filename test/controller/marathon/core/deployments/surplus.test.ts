import test from 'ava';
import {removeSurplus} from '../../../../../src/controller/marathon/core/deployments/surplus.ts';
import {newTurn} from '../../../../../src/controller/marathon/core/state.ts';
import {Simulation} from '../../simulation.ts';

const APP = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 4};

type Setup = {readonly unmade?: number; readonly named?: number; readonly old?: number; readonly waiting?: number};

/** Four instances, of which those at the given places are special. @returns what is left of them, and of those not made */
function left(count: number, {unmade = 0, named, old, waiting}: Setup) {
  const sim = new Simulation();
  sim.connect();
  sim.apply('web', APP);
  sim.settle();
  const app = sim.app('web');
  if (app.definition === undefined) throw new Error('not in force');
  const all = [...app.instances.values()];
  const at = (place: number | undefined) => (place === undefined ? undefined : all[place]);
  app.unmade = unmade;
  app.victims = new Set([at(named)?.id ?? []].flat());
  Object.assign(at(old) ?? {}, {config: 'earlier'});
  Object.assign(at(waiting) ?? {}, {condition: 'Scheduled', task: undefined});
  removeSurplus(newTurn(sim.state, sim.nowMs, sim.random), app, app.definition, count);
  const stays = (id: (typeof all)[number]['id']): boolean => app.instances.get(id)?.goal === 'Running';
  return {unmade: app.unmade, places: all.flatMap(({id}, place) => (stays(id) ? [place] : []))};
}

test('what a person named goes before what was never made', t => {
  t.deepEqual(left(1, {unmade: 2, named: 2}), {unmade: 2, places: [0, 1, 3]});
  t.deepEqual(left(2, {unmade: 2, named: 2}), {unmade: 1, places: [0, 1, 3]});
});

test('what was never made goes before what waits, and both before what runs', t => {
  t.deepEqual(left(1, {unmade: 1, waiting: 1}), {unmade: 0, places: [0, 1, 2, 3]});
  t.deepEqual(left(2, {unmade: 1, waiting: 1}), {unmade: 0, places: [0, 2, 3]});
});

test('what is old goes before what is not', t => {
  t.deepEqual(left(1, {old: 2}), {unmade: 0, places: [0, 1, 3]});
  t.deepEqual(left(2, {old: 2, named: 0}), {unmade: 0, places: [1, 3]});
});

test('no more goes than is too much', t => {
  t.deepEqual(left(0, {unmade: 3, named: 0, old: 1}), {unmade: 3, places: [0, 1, 2, 3]});
  t.is(left(3, {}).places.length, 1);
});
