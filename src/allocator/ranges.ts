/** Whole numbers from `begin` to `end`, both included. */
export type Range = {readonly begin: number; readonly end: number};

/** Sorted, disjoint and not even touching: one form for one set of numbers. Empty ranges (`begin > end`) vanish. */
export function normalizeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const next of ranges.filter(r => r.begin <= r.end).sort((a, b) => a.begin - b.begin)) {
    const last = merged.at(-1);
    if (last !== undefined && next.begin <= last.end + 1) {
      merged[merged.length - 1] = {begin: last.begin, end: Math.max(last.end, next.end)};
    } else {
      merged.push(next);
    }
  }
  return merged;
}

/** What is in `from` but not in `taken`; both normalized, and so is the answer. */
export function subtractRanges(from: readonly Range[], taken: readonly Range[]): Range[] {
  const left: Range[] = [];
  let t = 0;
  for (const range of from) {
    let begin = range.begin;
    while (t < taken.length && (taken[t]?.end ?? 0) < begin) t++;
    for (let k = t; k < taken.length; k++) {
      const cut = taken[k];
      if (cut === undefined || cut.begin > range.end) break;
      if (cut.begin > begin) left.push({begin, end: cut.begin - 1});
      begin = Math.max(begin, cut.end + 1);
    }
    if (begin <= range.end) left.push({begin, end: range.end});
  }
  return left;
}

/** Whether `outer` has every number of `inner`; both normalized. */
export function containsRanges(outer: readonly Range[], inner: readonly Range[]): boolean {
  let at = 0;
  return inner.every(range => {
    while (at < outer.length && (outer[at]?.end ?? 0) < range.begin) at++;
    const around = outer[at];
    return around !== undefined && around.begin <= range.begin && around.end >= range.end;
  });
}
