import type {Quantities, Resources} from './resources.ts';
import {toMilli} from './value.ts';

/** Alternatives in thousandths; an offer needs all amounts of one of them. No alternatives: no minimum. */
export type Minimum = readonly ReadonlyMap<string, number>[];

export const toMinimum = (alternatives: readonly Quantities[]): Minimum =>
  alternatives.map(quantities => new Map(Array.from(quantities, ([name, amount]) => [name, toMilli(amount)])));

/** Whether an offer is worth sending. Reserved resources count, whatever their identity. */
export function reaches(offer: Resources, minimum: Minimum): boolean {
  if (offer.isEmpty) return false;
  if (minimum.length === 0) return true;
  const {milli} = offer;
  for (const alternative of minimum) if (hasAll(milli, alternative)) return true;
  return false;
}

function hasAll(milli: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): boolean {
  for (const [name, amount] of wanted) if ((milli.get(name) ?? 0) < amount) return false;
  return true;
}
