import type {Resource} from '../allocator/resource.ts';
import {isWhole, reservedTo} from '../allocator/resource.ts';
import {Resources} from '../allocator/resources.ts';

/** Thousandths by name. */
export type Milli = ReadonlyMap<string, number>;

/** How many times the amounts are in what is there. */
export function timesIn(wanted: Milli, there: Resources): number {
  const {milli} = there.isRestricted ? there.filter(isPlain) : there;
  let times = Number.POSITIVE_INFINITY;
  for (const [name, amount] of wanted) {
    if (amount > 0) times = Math.min(times, Math.floor((milli.get(name) ?? 0) / amount));
  }
  return times;
}

/** So much of it, reserved resources first: they are of no use to anybody else. The caller has checked that it is there. */
export function take(wanted: Milli, times: number, from: Resources): Resources {
  const taken: Resource[] = [];
  const usable = from.list().filter(isPlain);
  for (const [name, amount] of wanted) {
    let left = amount * times;
    for (const resource of usable.filter(one => one.name === name).sort(reservedFirst)) {
      if (resource.value.kind !== 'scalar' || left <= 0) continue;
      const part = Math.min(left, resource.value.milli);
      left -= part;
      taken.push({...resource, value: {kind: 'scalar', milli: part}});
    }
  }
  return Resources.of(taken);
}

const isPlain = (resource: Resource): boolean =>
  !isWhole(resource) && resource.revocable !== true && resource.disk === undefined;

const reservedFirst = (a: Resource, b: Resource): number => rank(a) - rank(b);
const rank = (resource: Resource): number => (reservedTo(resource) === undefined ? 1 : 0);
