import test from 'ava';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import {updateDemand} from '../../../../../src/controller/marathon/core/offers/demand.ts';
import {SETTINGS, Simulation} from '../../simulation.ts';

/** The effects of one look at the demand, `sinceMs` after the last revive, while an app waits for offers. */
function effectsAfter(sinceMs: number): readonly string[] {
  const sim = new Simulation({agents: 0});
  sim.connect();
  sim.apply('web', {cmd: 'sleep 1000', cpus: 0.5, mem: 32, instances: 1});
  const {state, nowMs, random} = sim;
  for (const demand of state.roles.values()) demand.suppressed = true;
  state.lastReviveMs = nowMs - sinceMs;
  const effects: Effect[] = [];
  updateDemand({state, nowMs, random, effects} as Parameters<typeof updateDemand>[0]);
  return effects.map(({kind}) => kind);
}

test('offers are asked for again only when the least time between two revives is over', t => {
  t.deepEqual(effectsAfter(SETTINGS.minReviveOffersMs - 1), []);
  t.deepEqual(effectsAfter(SETTINGS.minReviveOffersMs), ['revive']);
});
