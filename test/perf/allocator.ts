/**
 * How long the allocator takes: `node --expose-gc test/perf/allocator.ts [--quick] [--only CASE] [--json FILE]`.
 * Prints a table; the file gets the same rows. Each row is measured in a process of its own, so that none pays for the
 * garbage and the shapes of those before it.
 */
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import type {Case, Size} from './allocator-cases.ts';
import {CASES} from './allocator-cases.ts';

type Row = {
  readonly case: string;
  readonly agents: number;
  readonly frameworks: number;
  readonly roles: Size['roles'];
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly runs: number;
  /** In use behind the last run, the benchmark's own lists included. */
  readonly heapMb: number;
};

const size = (agents: number, frameworks: number, roles: Size['roles'] = 'own'): Size => ({agents, frameworks, roles});
const PAIRS: readonly (readonly [number, number])[] = [
  [1000, 100],
  [1000, 1000],
  [5000, 500],
  [10_000, 200],
  [10_000, 1000],
  [20_000, 2000],
  [50_000, 1000],
];
const FULL = [
  ...PAIRS.flatMap(([agents, frameworks]) => [size(agents, frameworks), size(agents, frameworks, 'shared')]),
  size(10_000, 1000, 'deep'),
];
const QUICK = [size(1000, 1000), size(10_000, 1000)];
/** Beyond it filters alone take minutes to make. */
const MOST_PAIRS = 10_000_000;
const [WARM_UP, MIN_RUNS, MAX_RUNS] = [5, 20, 200];

const {values: flags} = parseArgs({
  options: {quick: {type: 'boolean'}, only: {type: 'string'}, json: {type: 'string'}, row: {type: 'string'}},
});
const enoughMs = flags.quick === true ? 200 : 1500;
if (flags.row === undefined) measureAll();
else console.log(JSON.stringify(measureHere(JSON.parse(flags.row) as {name: string; where: Size})));

function measureAll(): void {
  const rows: Row[] = [];
  console.log('case               agents  frameworks  roles      median ms     p99 ms   runs  heap MB    best ms');
  for (const benchmark of CASES) {
    if (flags.only !== undefined && flags.only !== benchmark.name) continue;
    for (const where of benchmark.sizes ?? (flags.quick === true ? QUICK : FULL)) {
      if (isTooBig(benchmark, where)) continue;
      const {row, bestMs} = measureApart(benchmark.name, where);
      rows.push(row);
      console.log(`${line(row)} ${bestMs.toFixed(3).padStart(10)}`);
    }
  }
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(rows, undefined, 1)}\n`);
}

type Measured = {readonly row: Row; readonly bestMs: number};

function measureApart(name: string, where: Size): Measured {
  const own = [fileURLToPath(import.meta.url), ...(flags.quick === true ? ['--quick'] : [])];
  const argv = [...process.execArgv, ...own, `--row=${JSON.stringify({name, where})}`];
  return JSON.parse(execFileSync(process.execPath, argv, {encoding: 'utf8'})) as Measured;
}

function measureHere({name, where}: {name: string; where: Size}): Measured {
  const benchmark = CASES.find(each => each.name === name);
  if (benchmark === undefined) throw new Error(`no case ${name}`);
  return measure(benchmark, where);
}

function isTooBig({name}: Case, {agents, frameworks, roles}: Size): boolean {
  if (flags.quick === true && agents * frameworks > MOST_PAIRS) return true;
  if (!name.startsWith('allDeclined')) return false;
  return agents * frameworks > (flags.quick === true || roles !== 'own' ? MOST_PAIRS / 10 : MOST_PAIRS);
}

/** The best run tells what a busy machine hides. */
function measure(benchmark: Case, where: Size): Measured {
  const {timed, again} = benchmark.prepare(where);
  const times: number[] = [];
  let started = performance.now();
  for (let run = 0; run < WARM_UP || performance.now() - started < enoughMs; run++) {
    timed();
    again();
  }
  started = performance.now();
  while (times.length < MIN_RUNS || (times.length < MAX_RUNS && performance.now() - started < enoughMs)) {
    const before = performance.now();
    timed();
    times.push(performance.now() - before);
    again();
  }
  globalThis.gc?.();
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  const row = {
    case: benchmark.name,
    ...where,
    medianMs: round(at(0.5)),
    p99Ms: round(at(0.99)),
    runs: times.length,
    heapMb: round(process.memoryUsage().heapUsed / 2 ** 20),
  };
  return {row, bestMs: at(0)};
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function line(row: Row): string {
  const numbers = [
    row.medianMs.toFixed(3).padStart(10),
    row.p99Ms.toFixed(3).padStart(10),
    String(row.runs).padStart(6),
  ];
  const where = [String(row.agents).padStart(6), String(row.frameworks).padStart(11), row.roles.padEnd(8)];
  return [row.case.padEnd(18), ...where, ...numbers, row.heapMb.toFixed(0).padStart(8)].join(' ');
}
