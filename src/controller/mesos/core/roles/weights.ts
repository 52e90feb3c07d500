import {rolesOf} from '../frameworks/names.ts';
import {rescindOffer} from '../offers/offers.ts';
import type {Turn} from '../turn.ts';

/** The weights of all roles that have one; a role left out has 1 again. Other weights void every offer, as in Mesos. */
export function setWeights(turn: Turn, weights: ReadonlyMap<string, number>): void {
  const changed = addWeights(turn, weights);
  const known = new Set([...turn.master.frameworks.values()].flatMap(({info}) => rolesOf(info)));
  if (!changed.some(role => known.has(role))) return;
  for (const id of [...turn.master.offers.keys()]) rescindOffer(turn, id);
}

/** @returns the roles whose weight changed */
export function addWeights({master}: Turn, weights: ReadonlyMap<string, number>): readonly string[] {
  const roles = new Set([...master.weights.keys(), ...weights.keys()]);
  const changed = [...roles].filter(role => (weights.get(role) ?? 1) !== (master.weights.get(role) ?? 1));
  master.allocator.updateWeights(new Map(changed.map(role => [role, weights.get(role) ?? 1])));
  master.weights = weights;
  return changed;
}
