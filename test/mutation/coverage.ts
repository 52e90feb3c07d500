import type {Range} from './protocol.ts';

/** Which test files ran what: by test file, by source file, the ranges that V8 counted. */
export type Coverage = ReadonlyMap<string, Readonly<Record<string, readonly Range[]>>>;

/** The test files that ran the code at a place. */
export const testsOf = (coverage: Coverage, file: string, offset: number): readonly string[] =>
  [...coverage].filter(([, files]) => countAt(files[file] ?? [], offset) > 0).map(([test]) => test);

/** The innermost range decides. */
function countAt(ranges: readonly Range[], offset: number): number {
  let innermost: Range | undefined;
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue;
    if (innermost === undefined || widthOf(range) <= widthOf(innermost)) innermost = range;
  }
  return innermost?.count ?? 0;
}

const widthOf = ({startOffset, endOffset}: Range): number => endOffset - startOffset;
