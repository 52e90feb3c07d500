import type {RunCause} from '../../../../allocator/allocation-cycle.ts';
import type {Slices} from '../../../../allocator/slices.ts';
import type {Effect} from '../effects.ts';
import {holdsOff} from './hold-off.ts';
import {sendInverseOffers} from '../maintenance/inverse-offers.ts';
import {makeOffers} from './offers.ts';
import type {Master} from '../state.ts';
import {Turn} from '../turn.ts';

/**
 * An allocation run as a step in slices of a few milliseconds, each with the effects it leads to. No other step may
 * begin before the last slice is done: so the decisions are those of a run in one go.
 */
export function* allocateInSlices(
  master: Master,
  cause: RunCause,
  nowMs: number,
): Generator<readonly Effect[], readonly Effect[]> {
  const turn = new Turn(master, nowMs);
  const slices = allocate(turn, cause);
  while (slices.next().done !== true) yield turn.effects.splice(0);
  return turn.finish();
}

/** One run, and the offers that come of it. */
export function* allocate(turn: Turn, cause: RunCause): Slices<void> {
  if (holdsOff(turn)) return;
  const allocations = yield* turn.master.allocator.runInSlices(cause, turn.nowMs);
  yield* makeOffers(turn, allocations);
  sendInverseOffers(turn);
  turn.count('allocation-runs');
}
