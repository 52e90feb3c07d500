export type GroupByInput = {
  /** The offer's value. */
  readonly value: string;
  /** Values of the placed instances, one for each instance. */
  readonly placed: readonly string[];
  /** How many groups; absent: as many as there are. */
  readonly groups: number | undefined;
  readonly instances: number;
  /** Every value that any agent has; looked at only without `groups`. */
  readonly known: ReadonlySet<string>;
};

/** True when one more instance in this group keeps the spread even. */
export const groupByAccepts = (input: GroupByInput): boolean =>
  input.groups === undefined ? acceptsLeast(input) : acceptsWithin(input, input.groups);

/** N instances over n groups: N div n each, and N mod n groups may have one more. */
function acceptsWithin({value, placed, instances}: GroupByInput, groups: number): boolean {
  const counts = countBy(placed);
  const count = counts.get(value);
  if (count === undefined) return counts.size < groups;
  const quotient = Math.floor(instances / groups);
  if (count < quotient) return true;
  const extra = [...counts.values()].reduce((sum, other) => sum + Math.max(0, other - quotient), 0);
  return count === quotient && extra < instances % groups;
}

function acceptsLeast({value, placed, known}: GroupByInput): boolean {
  const counts = countBy(placed);
  const countOf = (group: string): number => counts.get(group) ?? 0;
  return [...known, ...counts.keys()].every(group => countOf(value) <= countOf(group));
}

export function countBy(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
