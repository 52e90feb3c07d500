/**
 * What a journal, a replay and a what-if cost: `node --expose-gc test/perf/what-if.ts [--json FILE]`. Rows as of the
 * allocator's benchmark.
 */
import {writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import type {Allocator} from '../../src/allocator/allocator.ts';
import {HierarchicalAllocator} from '../../src/allocator/hierarchical-allocator.ts';
import {toAgentId, toFrameworkId} from '../../src/allocator/ids.ts';
import {Journal} from '../../src/allocator/journal/journal.ts';
import {entryLine, JournalReader, journalLines} from '../../src/allocator/journal/lines.ts';
import {RecordingAllocator} from '../../src/allocator/journal/recording-allocator.ts';
import {Replay} from '../../src/allocator/journal/replay.ts';
import {ResourceTexts} from '../../src/allocator/journal/resources-json.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import {normaliseApp} from '../../src/controller/marathon/core/apps/app.ts';
import {toAppId} from '../../src/controller/marathon/core/ids.ts';
import {decodeObject} from '../../src/crds/kind.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {seeded} from '../../src/lib/seeded.ts';
import {whatIf} from '../../src/what-if/what-if.ts';
import {res, SETTINGS} from '../allocator/cluster.ts';

const AGENTS = 10_000;
const FRAMEWORKS = 1000;
const TOTAL = res('cpus:24;mem:4096;disk:4096;ports:[31000-32000]');
const [RUNS, WARM_UP, SECONDS] = [20, 3, 20];

const {values: flags} = parseArgs({options: {json: {type: 'string'}}});
const rows: object[] = [];

function row(name: string, times: number[]): void {
  globalThis.gc?.();
  times.sort((a, b) => a - b);
  const at = (part: number): number => Math.round((times[Math.floor(times.length * part)] ?? 0) * 1000) / 1000;
  const heapMb = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  const sizes = {agents: AGENTS, frameworks: FRAMEWORKS, roles: 'own'};
  rows.push({case: name, ...sizes, medianMs: at(0.5), p99Ms: at(0.99), runs: times.length, heapMb});
  console.log(
    `${name.padEnd(22)} median ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, best ${at(0).toFixed(1)} ms`,
  );
}

function measure(name: string, run: () => void): void {
  const times: number[] = [];
  for (let i = 0; i < RUNS + WARM_UP; i++) {
    const before = performance.now();
    run();
    if (i >= WARM_UP) times.push(performance.now() - before);
  }
  row(name, times);
}

/** The original's cluster, everything free, all accept; each cycle gives everything back. */
function filled(wrap: (inner: Allocator) => Allocator): {allocator: Allocator; cycle: () => void; answer: () => void} {
  const allocator = wrap(new HierarchicalAllocator({...SETTINGS, random: random.next}));
  for (let i = 0; i < FRAMEWORKS; i++) {
    allocator.addFramework({frameworkId: toFrameworkId(`framework-${i}`), roles: [`role-${i}`]}, true);
  }
  for (let i = 0; i < AGENTS; i++) {
    allocator.addAgent({agentId: toAgentId(`agent-${i}`), total: TOTAL, hostname: `agent-${i}`});
  }
  let nowMs = 1e12;
  let last: readonly Allocation[] = [];
  const answer = (): void => {
    for (const {agentId, frameworkId, role, resources} of last) {
      allocator.recoverResources(agentId, frameworkId, role, resources, {seconds: 0}, nowMs);
    }
  };
  const cycle = (): void => {
    last = allocator.runPeriodic((nowMs += 1000));
  };
  return {allocator, cycle, answer};
}

const random = seeded(7);
const plain = filled(inner => inner);
measure('cycle and answers', () => {
  plain.cycle();
  plain.answer();
});
const journal = new Journal({options: SETTINGS, random, size: 20_000, now: () => 0});
const recorded = filled(inner => new RecordingAllocator(inner, journal));
measure('the same, recorded', () => {
  recorded.cycle();
  recorded.answer();
});
measure('snapshot', () => void plain.allocator.snapshot());
const texts = new ResourceTexts();
const entries = journal.segments.flatMap(segment => segment.entries).slice(0, 10_000);
measure('10,000 lines for a file', () => {
  for (const entry of entries) entryLine(entry, texts);
});

measureReplay();
measureWhatIf();
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(rows, undefined, 1)}\n`);

/** Seconds in which every agent is offered and declined: no cluster is as busy. */
function measureReplay(): void {
  const whole = new Journal({options: SETTINGS, random, size: Number.POSITIVE_INFINITY, now: () => 1e12});
  const busy = filled(inner => new RecordingAllocator(inner, whole));
  for (let i = 0; i < SECONDS; i++) {
    busy.cycle();
    busy.answer();
  }
  const lines = [...journalLines(whole.segments)];
  const before = performance.now();
  const reader = new JournalReader(() => () => true);
  let replay: Replay | undefined;
  let same = true;
  for (const line of lines) {
    const read = reader.read(line);
    if (!read.ok || read.value === undefined) continue;
    const beginning = replay === undefined ? reader.beginning() : undefined;
    if (beginning !== undefined) replay = new Replay(beginning);
    same &&= replay?.apply(read.value)?.agrees !== false;
  }
  const tookMs = performance.now() - before;
  console.log(
    `replay of ${SECONDS} s, ${lines.length} lines: ${(tookMs / 1000).toFixed(1)} s, ${same ? 'the same' : 'DIFFERENT'}`,
  );
  row('replay, per second', [tookMs / SECONDS]);
}

function measureWhatIf(): void {
  plain.cycle();
  plain.answer();
  const decoded = decodeObject(MARATHON_APPS, {
    apiVersion: 'mesos.dev/v1',
    kind: 'MarathonApp',
    metadata: {name: 'web'},
    spec: {cmd: 'true', cpus: 1, mem: 256, instances: 500, role: 'web'},
  });
  if (!decoded.ok) throw new Error('the app of the benchmark is wrong');
  const definition = normaliseApp(toAppId('/web'), decoded.value.spec, {role: '*', acceptedResourceRoles: 'any'});
  if (!definition.ok) throw new Error(definition.error);
  const live = {
    allocator: plain.allocator,
    options: SETTINGS,
    randomState: 1,
    nowMs: 2e12,
    agent: (hostname: string) => ({hostname, attributes: []}),
  };
  const app = {
    definition: definition.value,
    role: 'web',
    frameworkId: toFrameworkId('marathon'),
    capabilities: [],
    wanted: 500,
    placed: [],
    servicePorts: [],
    homeRegion: undefined,
  };
  const change = {role: 'web', weight: 2, guarantees: undefined, limits: undefined};
  measure('whatIf app', () => void whatIf(live, {app, change: undefined}));
  measure('whatIf role', () => void whatIf(live, {app: undefined, change}));
  measure('whatIf app and role', () => void whatIf(live, {app, change}));
}
