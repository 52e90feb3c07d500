import {readdir, readFile} from 'node:fs/promises';
import {join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';

type Range = {readonly startOffset: number; readonly endOffset: number; readonly count: number};
type Script = {readonly url: string; readonly functions: readonly {readonly ranges: readonly Range[]}[]};

/** Which test files ran what: by source file, by test file, the ranges that V8 counted. */
export type Coverage = ReadonlyMap<string, ReadonlyMap<string, readonly Range[]>>;

/** Reads what NODE_V8_COVERAGE left: one file for each thread, and each test file has a thread of its own. */
export async function readCoverage(directory: string, root: string): Promise<Coverage> {
  const coverage = new Map<string, Map<string, readonly Range[]>>();
  for (const name of await readdir(directory)) {
    const {result} = JSON.parse(await readFile(join(directory, name), 'utf8')) as {result: readonly Script[]};
    const scripts = result.filter(({url}) => url.startsWith('file:'));
    const files = scripts.map(script => ({script, file: relative(root, fileURLToPath(script.url))}));
    const testFile = files.find(({file}) => file.endsWith('.test.ts'))?.file;
    if (testFile === undefined) continue;
    for (const {script, file} of files.filter(each => each.file.startsWith('src/'))) {
      const byTest = coverage.get(file) ?? new Map<string, readonly Range[]>();
      coverage.set(
        file,
        byTest.set(
          testFile,
          script.functions.flatMap(({ranges}) => ranges),
        ),
      );
    }
  }
  return coverage;
}

/** The test files that ran the code at a place. The innermost range decides. */
export function testsOf(coverage: Coverage, file: string, offset: number): readonly string[] {
  return [...(coverage.get(file) ?? [])].filter(([, ranges]) => countAt(ranges, offset) > 0).map(([test]) => test);
}

function countAt(ranges: readonly Range[], offset: number): number {
  let innermost: Range | undefined;
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue;
    if (innermost === undefined || widthOf(range) <= widthOf(innermost)) innermost = range;
  }
  return innermost?.count ?? 0;
}

const widthOf = ({startOffset, endOffset}: Range): number => endOffset - startOffset;
