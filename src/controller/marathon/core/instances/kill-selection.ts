import {fieldOf} from '../offers/agent-facts.ts';
import type {Constraint} from '../offers/constraints.ts';
import {countBy} from '../offers/group-by.ts';
import type {Instance} from './instance.ts';

export type KillSelection = 'YOUNGEST_FIRST' | 'OLDEST_FIRST';

/** What runs least goes first. */
const ORDER: readonly Instance['condition'][] = [
  'Scheduled',
  'UnreachableInactive',
  'Unreachable',
  'Provisioned',
  'Staging',
  'Starting',
  'Running',
  'Killing',
];

/**
 * Chooses `count` victims: from the fullest groups of GROUP_BY constraints first, then by state, then by age.
 * What is not launched yet goes before everything.
 */
export function selectVictims(
  instances: readonly Instance[],
  count: number,
  selection: KillSelection,
  constraints: readonly Constraint[],
): Instance[] {
  const fields = constraints.filter(({operator}) => operator === 'GROUP_BY').map(({field}) => field);
  const left = instances.toSorted(byPreference(selection));
  if (fields.length === 0) return left.slice(0, Math.max(0, count));
  const victims: Instance[] = [];
  while (victims.length < count && left.length > 0) {
    const index = left[0]?.condition === 'Scheduled' ? 0 : indexOfFullest(left, fields);
    victims.push(...left.splice(index, 1));
  }
  return victims;
}

function byPreference(selection: KillSelection): (a: Instance, b: Instance) => number {
  const sign = selection === 'YOUNGEST_FIRST' ? -1 : 1;
  return (a, b) =>
    ORDER.indexOf(a.condition) - ORDER.indexOf(b.condition) ||
    sign * (ageKey(a) - ageKey(b)) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const ageKey = (instance: Instance): number =>
  instance.task?.startedAtMs ?? instance.task?.stagedAtMs ?? instance.sinceMs;

/** The first in preference among those whose groups are largest. */
function indexOfFullest(instances: readonly Instance[], fields: readonly string[]): number {
  const groupOf = (instance: Instance, field: string): string =>
    instance.task === undefined ? '' : (fieldOf(instance.task.agent, field) ?? '');
  const counts = new Map(fields.map(field => [field, countBy(instances.map(instance => groupOf(instance, field)))]));
  const fullness = instances.map(instance =>
    fields.reduce((sum, field) => sum + (counts.get(field)?.get(groupOf(instance, field)) ?? 0), 0),
  );
  return fullness.indexOf(Math.max(...fullness));
}
