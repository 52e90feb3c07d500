// Changes code at random, on copies, and tells which changes no test notices: see CONTRIBUTING.
import {glob, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {type Coverage, readCoverage, testsOf} from './coverage.ts';
import {applied, type Mutant, mutantsOf, sample} from './mutants.ts';
import {Workshop} from './workshop.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AREAS = [
  'src/allocator',
  'src/controller/mesos/core',
  'src/controller/mesos/pods',
  'src/controller/marathon/core',
];
/** For all tests of an area, on a busy machine. */
const BASELINE_LIMIT_MS = 20 * 60_000;
/** Beyond twice the time that all tests take: this much for a machine that has become busier. */
const GRACE_MS = 20_000;

const {values: flags} = parseArgs({
  options: {
    files: {type: 'string', multiple: true, default: AREAS.map(area => `${area}/**/*.ts`)},
    tests: {type: 'string', multiple: true},
    count: {type: 'string', default: '200'},
    seed: {type: 'string', default: '1'},
    jobs: {type: 'string', default: '2'},
    'at-least': {type: 'string', default: '0'},
  },
});

type Verdict = 'noticed' | 'survived' | 'not reached';
type Judged = {readonly mutant: Mutant; readonly verdict: Verdict};

const texts = new Map<string, string>();
for (const pattern of flags.files) {
  for await (const file of glob(pattern, {cwd: ROOT})) texts.set(file, await readFile(join(ROOT, file), 'utf8'));
}
const all = [...texts].toSorted().flatMap(([file, text]) => mutantsOf(file, text));
const chosen = sample(all, Number(flags.count), Number(flags.seed));
const patterns = flags.tests ?? [...new Set([...texts.keys()].map(file => `test/${areaOf(file)}/**/*.test.ts`))];
console.log(
  `${chosen.length} of ${all.length} mutants in ${texts.size} files, seed ${flags.seed}, tests ${patterns.join(' ')}`,
);

const workshops = await Promise.all(Array.from({length: Number(flags.jobs)}, () => Workshop.open(ROOT)));
try {
  const [first] = workshops;
  if (first === undefined) throw new Error('--jobs: want a whole number above 0');
  const startMs = performance.now();
  const coverage = await baseline(first);
  const limitMs = 2 * (performance.now() - startMs) + GRACE_MS;
  const waiting = [...chosen];
  const judged: Judged[] = [];
  await Promise.all(
    workshops.map(workshop => work(mutant => judge(workshop, coverage, limitMs, mutant), waiting, judged)),
  );
  report(judged);
} finally {
  await Promise.all(workshops.map(workshop => workshop.close()));
}

/** `controller/mesos/core`, `allocator`: the part of the path that a suite of tests mirrors. */
function areaOf(file: string): string {
  const parts = file.split('/').slice(1, -1);
  return parts.slice(0, parts[0] === 'controller' ? 3 : 1).join('/');
}

/** The tests pass as long as nobody has changed anything, and tell which code they run. */
async function baseline(workshop: Workshop): Promise<Coverage> {
  const directory = join(workshop.directory, 'coverage');
  const {result, output} = await workshop.run(patterns, BASELINE_LIMIT_MS, {NODE_V8_COVERAGE: directory});
  if (result !== 'passed') throw new Error(`the tests have ${result} before anything was changed:\n${output}`);
  return readCoverage(directory, workshop.directory);
}

async function work(
  judgeOne: (mutant: Mutant) => Promise<Verdict>,
  waiting: Mutant[],
  judged: Judged[],
): Promise<void> {
  for (let mutant = waiting.pop(); mutant !== undefined; mutant = waiting.pop()) {
    const verdict = await judgeOne(mutant);
    judged.push({mutant, verdict});
    console.log(`${judged.length}/${chosen.length} ${verdict}: ${mutant.file}:${mutant.line} ${mutant.kind}`);
  }
}

async function judge(workshop: Workshop, coverage: Coverage, limitMs: number, mutant: Mutant): Promise<Verdict> {
  const tests = testsOf(coverage, mutant.file, mutant.start);
  if (tests.length === 0) return 'not reached';
  const text = texts.get(mutant.file) ?? '';
  const path = join(workshop.directory, mutant.file);
  await writeFile(path, applied(text, mutant));
  try {
    for (const some of nearestFirst(tests, mutant.file)) {
      const {result} = await workshop.run(some, limitMs);
      if (result !== 'passed') return 'noticed';
    }
    return 'survived';
  } finally {
    await writeFile(path, text);
  }
}

/** The file's own tests, then the others: most mutants are noticed by the first. */
function nearestFirst(tests: readonly string[], file: string): readonly (readonly string[])[] {
  const own = file.replace(/^src\//, 'test/').replace(/[.]ts$/, '.');
  const near = tests.filter(test => test.startsWith(own));
  return [near, tests.filter(test => !near.includes(test))].filter(some => some.length > 0);
}

function report(judged: readonly Judged[]): void {
  for (const {mutant, verdict} of judged.toSorted((a, b) => (a.mutant.file < b.mutant.file ? -1 : 1))) {
    if (verdict !== 'noticed') console.log(diffOf(mutant, verdict));
  }
  const areas = Map.groupBy(judged, ({mutant}) => areaOf(mutant.file));
  console.log('\n| area | mutants | noticed | survived | not reached | % |\n| --- | --: | --: | --: | --: | --: |');
  for (const [area, some] of [...areas].toSorted()) {
    const count = (verdict: Verdict): number => some.filter(each => each.verdict === verdict).length;
    const percent = (100 * count('noticed')) / some.length;
    const cells = [some.length, count('noticed'), count('survived'), count('not reached'), percent.toFixed(1)];
    console.log(`| src/${area} | ${cells.join(' | ')} |`);
    if (percent < Number(flags['at-least'])) process.exitCode = 1;
  }
}

function diffOf(mutant: Mutant, verdict: Verdict): string {
  const text = texts.get(mutant.file) ?? '';
  const from = text.lastIndexOf('\n', mutant.start) + 1;
  const until = text.indexOf('\n', mutant.end);
  const changed = applied(text, mutant).slice(from, until + mutant.replacement.length - (mutant.end - mutant.start));
  const lines = (mark: string, some: string): string => some.replace(/^/gm, mark);
  const before = lines('-', text.slice(from, until));
  return `\n${mutant.file}:${mutant.line} (${mutant.kind}, ${verdict})\n${before}\n${lines('+', changed)}`;
}
