import test from 'ava';
import {journalLines} from '../../src/allocator/journal/lines.ts';
import {Replay} from '../../src/allocator/journal/replay.ts';
import {MARATHON_FLAGS, settingsOf} from '../../src/controller/marathon/flags.ts';
import {parseFlags} from '../../src/lib/flags.ts';
import {reportPage} from '../../src/simulator/page/page.ts';
import {type Report, reportToJson} from '../../src/simulator/report.ts';
import {simulate, type SimulationOptions} from '../../src/simulator/simulation.ts';
import {readSnapshot} from '../../src/simulator/snapshot.ts';
import {reportTable} from '../../src/simulator/table.ts';
import {decodeWorkload} from '../../src/simulator/workload.ts';
import {readJournal} from '../allocator/journal/read-journal.ts';

function settings() {
  const flags = parseFlags(MARATHON_FLAGS, {argv: []});
  if (!flags.ok) throw new Error(flags.error.join());
  return settingsOf(flags.value);
}

function run(workload: object, options: Partial<SimulationOptions> = {}) {
  const decoded = decodeWorkload({duration: '1hrs', ...workload}, options.snapshot !== undefined);
  if (!decoded.ok) throw new Error(decoded.error.join('\n'));
  return simulate(decoded.value, {marathon: settings(), samples: 60, ...options});
}

function reportOf(workload: object, options: Partial<SimulationOptions> = {}): Report {
  const simulated = run(workload, options);
  if (!simulated.ok) throw new Error(simulated.error.join('\n'));
  return simulated.value.report;
}

const role = ({roles}: Report, name: string) => {
  const found = roles.find(one => one.role === name);
  if (found === undefined) throw new Error(`no role ${name}`);
  return found;
};

/** More work than there is room for. */
const greedy = (name: string, more: object = {}): object => ({
  name,
  role: name,
  task: {cpus: 1, mem: 512},
  backlog: 5000,
  lasts: {exponential: '2mins'},
  ...more,
});
const agents = [{count: 10, resources: 'cpus:8;mem:16384;ports:[31000-32000]'}];

test('two roles that never have enough share in the ratio of their weights', t => {
  const report = reportOf({
    agents,
    roles: {a: {weight: 3}},
    frameworks: [greedy('a'), greedy('b')],
    duration: '30mins',
  });
  const [a, b] = [role(report, 'a').meanShare, role(report, 'b').meanShare];
  t.true(Math.abs(a - 0.75) < 0.03, `${a}`);
  t.true(Math.abs(b - 0.25) < 0.03, `${b}`);
  t.true((report.utilisation.get('cpus') ?? 0) > 0.95);
  t.true((report.fairness?.mean ?? 0) > 0.99);
});

test('a role with a limit gets no more, one with a guarantee does not wait', t => {
  const report = reportOf({
    agents,
    roles: {bounded: {limits: {cpus: 8, mem: 16384}}, promised: {guarantees: {cpus: 16, mem: 8192}}},
    frameworks: [
      greedy('bounded'),
      greedy('greedy'),
      {
        name: 'promised',
        role: 'promised',
        task: {cpus: 1, mem: 256},
        arrivals: '5mins',
        tasksPerJob: 10,
        lasts: '1mins',
      },
    ],
  });
  t.true(Math.max(...(report.samples.roles.get('bounded')?.share ?? [])) <= 0.1 + 1e-9); // 8 of 80 cpus
  t.true((role(report, 'promised').waitMs?.max ?? Infinity) <= 2000);
  t.true((role(report, 'greedy').waitMs?.p95 ?? 0) > 60_000);
});

test('all tasks are accounted for', t => {
  const report = reportOf({
    agents,
    frameworks: [{...greedy('a'), backlog: 0, arrivals: {exponential: '5secs'}, jobs: 100, lasts: '30secs'}],
  });
  const {arrived, started, finished, waiting, lost} = role(report, 'a');
  t.deepEqual(
    {arrived, started, finished, waiting, lost},
    {arrived: 100, started: 100, finished: 100, waiting: 0, lost: 0},
  );
});

test('tasks of an agent that leaves are lost and run again elsewhere', t => {
  const report = reportOf({
    agents: [
      {count: 1, name: 'stays', resources: 'cpus:4;mem:8192'},
      {count: 1, name: 'leaves', resources: 'cpus:4;mem:8192', leaveAt: '10mins'},
    ],
    frameworks: [{...greedy('a'), backlog: 8, lasts: '20mins'}],
  });
  const {arrived, finished, lost, waiting} = role(report, 'a');
  t.deepEqual({arrived, finished, lost, waiting}, {arrived: 12, finished: 8, lost: 4, waiting: 0});
  t.is(report.agents, 1);
});

test('Marathon starts, scales and removes apps with its own core', t => {
  const report = reportOf({
    agents,
    apps: [
      {app: {id: '/web', role: 'web', instances: 10, cpus: 1, mem: 128}},
      {at: '20mins', scale: {id: '/web', instances: 30}},
      {at: '40mins', remove: '/web'},
    ],
  });
  const {arrived, started, finished, waiting} = role(report, 'web');
  t.deepEqual({arrived, started, finished, waiting}, {arrived: 30, started: 30, finished: 30, waiting: 0});
  const share = report.samples.roles.get('web')?.share ?? [];
  t.deepEqual([share[10], share[30], share[50]], [10 / 80, 30 / 80, 0]);
});

test('an app that fits nowhere waits', t => {
  const report = reportOf({agents, apps: [{app: {id: '/big', role: 'big', instances: 2, cpus: 9, mem: 128}}]});
  t.is(role(report, 'big').waiting, 2);
});

test('what is wrong with an app is said, and where', t => {
  const simulated = run({
    agents,
    apps: [{app: {id: '/a', instances: 'many'}}, {scale: {id: '/b', instances: 1}}, {app: 5}],
  });
  t.deepEqual(simulated.ok ? [] : simulated.error, [
    'apps[0]: spec.instances: must be integer',
    'apps[1]: want the id of an app that came before, got "/b"',
    'apps[2]: want an app with an id, got 5',
  ]);
});

test('the same workload and seed come to the same report, and the journal of it replays', t => {
  const workload = {
    agents,
    roles: {a: {weight: 2}},
    frameworks: [greedy('a'), greedy('b', {count: 2, arrivals: {uniform: ['1secs', '9secs']}})],
    apps: [{app: {id: '/web', instances: 5, cpus: 0.5, mem: 64}}],
    roleSorter: 'random',
    duration: '10mins',
  };
  const [one, other] = [run(workload, {withJournal: true}), run(workload)];
  if (!one.ok || !other.ok) return t.fail();
  t.deepEqual(one.value.report, other.value.report);
  const {beginning, recorded} = readJournal(journalLines(one.value.journal?.segments ?? []));
  if (beginning === undefined) return t.fail();
  const replay = new Replay(beginning);
  const runs = recorded.flatMap(input => replay.apply(input) ?? []);
  t.true(runs.length >= 600 && runs.every(({agrees}) => agrees));
});

const STATE = {
  slaves: [
    {
      id: 'S0',
      hostname: 'one',
      active: true,
      resources: {cpus: 8, mem: 8192, disk: 0, gpus: 0, ports: '[31000-31999]'},
      unreserved_resources: {cpus: 6, mem: 8192, disk: 0, gpus: 0, ports: '[31000-31999]'},
      reserved_resources: {web: {cpus: 2, mem: 0, disk: 0, gpus: 0}},
      attributes: {rack: 'r1'},
    },
    {id: 'S1', hostname: 'two', active: false, resources: {cpus: 8, mem: 8192}},
  ],
  frameworks: [
    {
      id: 'F0',
      roles: ['old'],
      tasks: [
        {slave_id: 'S0', role: 'old', state: 'TASK_RUNNING', resources: {cpus: 2, mem: 1024, disk: 0, gpus: 0}},
        {slave_id: 'S0', role: 'old', state: 'TASK_FINISHED', resources: {cpus: 2, mem: 1024}},
        {slave_id: 'S9', role: 'old', state: 'TASK_RUNNING', resources: {cpus: 2, mem: 1024}},
      ],
    },
  ],
};
const ROLES = {roles: [{name: 'old', weight: 2, quota: {guarantee: {}, limit: {cpus: 4}}}]};

test('a live cluster is where the simulation begins', t => {
  const snapshot = readSnapshot(STATE, ROLES);
  if (!snapshot.ok) return t.fail(snapshot.error);
  t.is(snapshot.value.agents.length, 1);
  t.deepEqual(snapshot.value.roles.get('old'), {weight: 2, guarantees: undefined, limits: new Map([['cpus', 4]])});
  const workload = {snapshotTasks: '30mins', frameworks: [{...greedy('new'), task: {cpus: 1, mem: 64}}]};
  const report = reportOf(workload, {snapshot: snapshot.value});
  const share = report.samples.roles.get('new')?.share ?? [];
  // 8 cpus: 2 in use until half time, 2 reserved for others.
  t.deepEqual([share[20], share[50]], [4 / 8, 6 / 8]);
  t.is(report.samples.roles.get('old')?.share[20], 2 / 8);
});

for (const [title, state] of Object.entries({'no object': 5, 'no agents': {slaves: []}, 'another page': {roles: []}})) {
  test(`a snapshot of ${title} is refused`, t => {
    t.false(readSnapshot(state, undefined).ok);
  });
}

test('a report is a table, JSON and a page that needs nothing else', t => {
  const report = reportOf({
    agents,
    frameworks: [greedy('<b>bold</b>'.replace(/[<>/]/g, '')), greedy('b')],
    duration: '10mins',
  });
  const table = reportTable(report);
  t.is(table[0], '10 agents with 80 cpus, 160 GiB mem, 10 min, seed 1');
  t.regex(table.join('\n'), /^role +weight +quota +arrived/m);
  const json = JSON.parse(JSON.stringify(reportToJson(report)));
  t.is(json.samples.roles.b.share.length, json.samples.atMs.length);
  const page = reportPage(report, '<i>"name"</i>');
  t.false(page.includes('<i>'));
  t.true(page.includes('&lt;i&gt;&quot;name&quot;&lt;/i&gt;'));
  t.notRegex(page, /(src|href)=|url\(|@import|https?:/);
  t.is(page.match(/<svg /g)?.length, 5);
});
