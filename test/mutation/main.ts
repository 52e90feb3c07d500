// Changes code at random, on copies, and tells which changes no test notices: see CONTRIBUTING.
import {glob, mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {testsOf} from './coverage.ts';
import type {Range} from './protocol.ts';
import {applied, diffOf, type Mutant, mutantsOf, sample} from './mutants.ts';
import {Bench, copyProject, removeCopy} from './workshop.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AREAS = [
  'src/allocator',
  'src/controller/mesos/core',
  'src/controller/mesos/pods',
  'src/controller/marathon/core',
];
/** For a test file on unchanged code; changed, it may take a few times what it took. */
const FIRST_LIMIT_MS = 5 * 60_000;
const SLOWER = 5;
const GRACE_MS = 10_000;
/** What was not noticed: files with diffs; what has been changed since is no longer found. */
const MEMORY = join(ROOT, 'node_modules/.cache/mutate/not-noticed.json');

const {values: flags} = parseArgs({
  options: {
    files: {type: 'string', multiple: true, default: AREAS.map(area => `${area}/**/*.ts`)},
    tests: {type: 'string', multiple: true},
    count: {type: 'string', default: '200'},
    seed: {type: 'string', default: '1'},
    jobs: {type: 'string', default: '2'},
    again: {type: 'boolean', default: false},
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
const memory = await readMemory();
const chosen = flags.again
  ? all.filter(mutant => memory.has(nameOf(mutant)))
  : sample(all, Number(flags.count), Number(flags.seed));
const judgedFiles = (flags.again ? chosen : all).map(({file}) => file);
// What all implementations of one interface share has its suite apart.
const patterns = flags.tests ?? [
  ...new Set(judgedFiles.map(file => `test/${areaOf(file)}/**/*.test.ts`)),
  'test/contract/*.test.ts',
];
console.log(
  `${chosen.length} of ${all.length} mutants in ${texts.size} files, seed ${flags.seed}, tests ${patterns.join(' ')}`,
);

const directory = await copyProject(ROOT);
const benches = Array.from({length: Number(flags.jobs)}, () => new Bench(directory));
const coverage = new Map<string, Record<string, readonly Range[]>>();
const tookMs = new Map<string, number>();
const judged: Judged[] = [];
try {
  await share(await testFiles(), learn);
  await share(chosen, async (mutant, bench) => {
    const verdict = await judge(bench, mutant);
    judged.push({mutant, verdict});
    console.log(`${judged.length}/${chosen.length} ${verdict}: ${mutant.file}:${mutant.line} ${mutant.kind}`);
  });
  report();
  await remember();
} finally {
  for (const bench of benches) bench.close();
  await removeCopy(directory);
}

/** Every bench takes the next piece of work as soon as it is free. */
async function share<T>(all: readonly T[], work: (piece: T, bench: Bench) => Promise<void>): Promise<void> {
  const waiting = all.values();
  await Promise.all(
    benches.map(async bench => {
      for (const piece of waiting) await work(piece, bench);
    }),
  );
}

async function testFiles(): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) for await (const file of glob(pattern, {cwd: directory})) found.add(file);
  return [...found].toSorted();
}

/** `controller/mesos/core`, `allocator`: the part of the path that a suite of tests mirrors. */
function areaOf(file: string): string {
  const parts = file.split('/').slice(1, -1);
  return parts.slice(0, parts[0] === 'controller' ? 3 : 1).join('/');
}

/** A test file passes as long as nobody has changed anything, and tells which code it runs. */
async function learn(test: string, bench: Bench): Promise<void> {
  const startMs = performance.now();
  const response = await bench.run({test, change: undefined, coverage: true}, FIRST_LIMIT_MS);
  if (response?.passed !== true) throw new Error(`${test} does not pass before anything was changed`);
  coverage.set(test, response.ranges);
  tookMs.set(test, performance.now() - startMs);
}

async function judge(bench: Bench, mutant: Mutant): Promise<Verdict> {
  const {file, start} = mutant;
  const tests = testsOf(coverage, file, start);
  const change = {file, text: applied(texts.get(file) ?? '', mutant)};
  for (const test of nearestFirst(tests, file)) {
    const limitMs = SLOWER * (tookMs.get(test) ?? 0) + GRACE_MS;
    const response = await bench.run({test, change, coverage: false}, limitMs);
    if (response?.passed !== true) return 'noticed';
  }
  return tests.length === 0 ? 'not reached' : 'survived';
}

/** The file's own tests, then the others, fast ones first: most mutants are noticed by the first. */
function nearestFirst(tests: readonly string[], file: string): readonly string[] {
  const own = file.replace(/^src\//, 'test/').replace(/[.]ts$/, '.');
  const rank = (test: string): number => (test.startsWith(own) ? 0 : (tookMs.get(test) ?? 0));
  return tests.toSorted((a, b) => rank(a) - rank(b));
}

function report(): void {
  for (const {mutant, verdict} of judged.toSorted((a, b) => (a.mutant.file < b.mutant.file ? -1 : 1))) {
    const {file, line, kind} = mutant;
    if (verdict !== 'noticed') console.log(`\n${file}:${line} (${kind}, ${verdict})\n${diff(mutant)}`);
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

function diff(mutant: Mutant): string {
  return diffOf(texts.get(mutant.file) ?? '', mutant);
}

function nameOf(mutant: Mutant): string {
  return `${mutant.file}\n${diff(mutant)}`;
}

async function readMemory(): Promise<ReadonlySet<string>> {
  return new Set(JSON.parse(await readFile(MEMORY, 'utf8').catch(() => '[]')) as string[]);
}

/** Of the files of this run only what this run has not noticed stays. */
async function remember(): Promise<void> {
  const others = [...memory].filter(name => !texts.has(name.slice(0, name.indexOf('\n'))));
  const missed = judged.filter(({verdict}) => verdict !== 'noticed').map(({mutant}) => nameOf(mutant));
  await mkdir(dirname(MEMORY), {recursive: true});
  await writeFile(MEMORY, JSON.stringify([...others, ...missed]));
}
