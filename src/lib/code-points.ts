/** A set of Unicode code points: inclusive ranges in ascending order, none touching the next. */
export type CodePoints = readonly (readonly [first: number, last: number])[];

const LAST = 0x10ffff;

/** Any ranges, in any order, as a set. */
export function codePoints(ranges: Iterable<readonly [first: number, last: number]>): CodePoints {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** The set of these characters. */
export const charactersOf = (text: string): CodePoints =>
  codePoints(Array.from(text, char => [char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0] as const));

export const union = (...sets: readonly CodePoints[]): CodePoints => codePoints(sets.flat());

export function complement(set: CodePoints): CodePoints {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST) rest.push([next, LAST]);
  return rest;
}

export const intersection = (a: CodePoints, b: CodePoints): CodePoints =>
  complement(union(complement(a), complement(b)));

const SHIFT = 32;
const UPPER: CodePoints = [[0x41, 0x5a]];
const LOWER: CodePoints = [[0x61, 0x7a]];

/** With both cases of each ASCII letter that it holds. */
export function foldAscii(set: CodePoints): CodePoints {
  const moved = (letters: CodePoints, by: number): CodePoints =>
    intersection(set, letters).map(([first, last]) => [first + by, last + by] as const);
  return union(set, moved(UPPER, SHIFT), moved(LOWER, -SHIFT));
}
