import type {AppDefinition} from '../apps/app.ts';
import {isLaunched, isWanted, type Instance} from '../instances/instance.ts';
import {selectVictims} from '../instances/kill-selection.ts';
import {decommission} from '../instances/kills.ts';
import {isOld, type App, type MarathonState, type Turn} from '../state.ts';
import {isLeaving} from './surge.ts';

/**
 * The order in which instances go. A person named it. It was not launched. It is old: it was unreachable during an
 * upgrade, or the upgrade was ended half-way, and then it is better than nothing. Its agent is to be emptied.
 */
const RANKS = ['named', 'scheduled', 'old', 'leaving', 'rest'] as const;

/**
 * Takes instances out of what is wanted.
 *
 * @param from those that may go; the ones never launched are counted apart and go with the scheduled ones
 */
export function removeSurplus(
  turn: Turn,
  app: App,
  definition: AppDefinition,
  count: number,
  from: readonly Instance[] = [...app.instances.values()].filter(isWanted),
): void {
  const groups = Map.groupBy(from, instance => rankOf(turn.state, app, instance));
  let left = count;
  for (const rank of RANKS) {
    if (rank === 'scheduled') {
      const dropped = Math.min(left, app.unmade);
      app.unmade -= dropped;
      left -= dropped;
    }
    const victims = selectVictims(groups.get(rank) ?? [], left, definition.spec.killSelection, definition.constraints);
    for (const victim of victims) decommission(turn, app, victim);
    left -= victims.length;
  }
}

function rankOf(state: MarathonState, app: App, instance: Instance): (typeof RANKS)[number] {
  if (app.victims.has(instance.id)) return 'named';
  if (!isLaunched(instance)) return 'scheduled';
  if (isOld(app, instance)) return 'old';
  return isLeaving(state, instance) ? 'leaving' : 'rest';
}
