import type {Range} from './ranges.ts';
import {containsRanges, normalizeRanges, subtractRanges} from './ranges.ts';

/**
 * An amount. Scalars are whole thousandths (`milli`), so that sums never drift. Ranges are normalized. The items of a
 * set are sorted and unique.
 */
export type Value =
  | {readonly kind: 'scalar'; readonly milli: number}
  | {readonly kind: 'ranges'; readonly ranges: readonly Range[]}
  | {readonly kind: 'set'; readonly items: readonly string[]};

/** An amount in units (cores, MiB), rounded to three decimals as Mesos does. */
export const scalar = (amount: number): Value => ({kind: 'scalar', milli: toMilli(amount)});
export const ranges = (list: readonly Range[]): Value => ({kind: 'ranges', ranges: normalizeRanges(list)});
export const set = (items: Iterable<string>): Value => ({kind: 'set', items: [...new Set(items)].sort()});

/** Units to thousandths, rounded to the nearest. */
export const toMilli = (amount: number): number => Math.round(amount * 1000);
/** Thousandths to units. */
export const fromMilli = (milli: number): number => milli / 1000;

export function isNothing(value: Value): boolean {
  switch (value.kind) {
    case 'scalar':
      return value.milli <= 0;
    case 'ranges':
      return value.ranges.length === 0;
    case 'set':
      return value.items.length === 0;
    default:
      return value satisfies never;
  }
}

export function addValues(a: Value, b: Value): Value {
  if (a.kind === 'scalar' && b.kind === 'scalar') return {kind: 'scalar', milli: a.milli + b.milli};
  if (a.kind === 'ranges' && b.kind === 'ranges') return ranges([...a.ranges, ...b.ranges]);
  if (a.kind === 'set' && b.kind === 'set') return set([...a.items, ...b.items]);
  throw mixed(a, b);
}

/** What is left of `a`; where `b` has more than `a`, nothing is. */
export function subtractValues(a: Value, b: Value): Value {
  if (a.kind === 'scalar' && b.kind === 'scalar') return {kind: 'scalar', milli: Math.max(0, a.milli - b.milli)};
  if (a.kind === 'ranges' && b.kind === 'ranges') return {kind: 'ranges', ranges: subtractRanges(a.ranges, b.ranges)};
  if (a.kind === 'set' && b.kind === 'set') return {kind: 'set', items: a.items.filter(i => !b.items.includes(i))};
  throw mixed(a, b);
}

export function containsValue(outer: Value, inner: Value): boolean {
  if (outer.kind === 'scalar' && inner.kind === 'scalar') return outer.milli >= inner.milli;
  if (outer.kind === 'ranges' && inner.kind === 'ranges') return containsRanges(outer.ranges, inner.ranges);
  if (outer.kind === 'set' && inner.kind === 'set') return inner.items.every(i => outer.items.includes(i));
  throw mixed(outer, inner);
}

const mixed = (a: Value, b: Value): Error => new Error(`Bug: ${a.kind} and ${b.kind} of one resource`);
