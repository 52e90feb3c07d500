import {reservedTo} from '../../../../allocator/resource.ts';
import type {Resource} from '../../../../allocator/resource.ts';
import type {Quantities, Resources} from '../../../../allocator/resources.ts';
import {fromMilli} from '../../../../allocator/value.ts';
import {totalOf} from '../operations/checkpoint.ts';
import type {ReadonlyAgent, ReadonlyMaster} from '../state.ts';
import {takesRoom} from '../tasks/task.ts';

/** Neither reserved nor revocable: what anybody could have, and what quota is about. */
export const isPlain = (resource: Resource): boolean =>
  reservedTo(resource) === undefined && resource.revocable !== true;

/**
 * What roles consume of their quota, as people are shown it. All that is reserved for the role or below it counts, in use
 * or not, by whomever it was reserved. Of the rest counts what tasks hold. Offers do not count here; in the allocator they
 * do.
 *
 * @returns by role, parents of consuming roles included
 */
export function consumptionOf(master: ReadonlyMaster): ReadonlyMap<string, Quantities> {
  const sums = new Map<string, Map<string, number>>();
  for (const agent of master.agents.values()) count(agent, totalOf(master, agent.record), sums);
  return new Map(Array.from(sums, ([role, sum]) => [role, toQuantities(sum)]));
}

const toQuantities = (sum: ReadonlyMap<string, number>): Quantities =>
  new Map(Array.from(sum, ([name, milli]) => [name, fromMilli(milli)]));

type Sums = Map<string, Map<string, number>>;

function count({launches}: ReadonlyAgent, total: Resources, sums: Sums): void {
  if (total.isRestricted) {
    for (const resource of total.list()) {
      const role = reservedTo(resource);
      if (role !== undefined && resource.value.kind === 'scalar')
        addTo(sums, role, resource.name, resource.value.milli);
    }
  }
  for (const launch of launches.values()) {
    if (!takesRoom(launch)) continue;
    for (const [name, milli] of plainPart(launch.resources).milli) addTo(sums, launch.role, name, milli);
  }
}

export const plainPart = (resources: Resources): Resources =>
  resources.isRestricted ? resources.filter(isPlain) : resources;

/** To the role and all roles above it. */
function addTo(sums: Sums, role: string, name: string, milli: number): void {
  for (const path of withParents(role)) {
    const sum = sums.get(path) ?? new Map<string, number>();
    sums.set(path, sum);
    sum.set(name, (sum.get(name) ?? 0) + milli);
  }
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
export function withParents(role: string): readonly string[] {
  if (!role.includes('/')) return [role];
  const segments = role.split('/');
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}
