import test from 'ava';
import {Journal} from '../../../src/allocator/journal/journal.ts';
import {JournalReader, journalLines} from '../../../src/allocator/journal/lines.ts';
import {RecordingAllocator} from '../../../src/allocator/journal/recording-allocator.ts';
import type {Policy} from '../../../src/allocator/journal/replay.ts';
import {PolicyComparison, Replay} from '../../../src/allocator/journal/replay.ts';
import type {Resource} from '../../../src/allocator/resource.ts';
import {Resources} from '../../../src/allocator/resources.ts';
import {inOneGo} from '../../../src/allocator/slices.ts';
import {scalar} from '../../../src/allocator/value.ts';
import {seeded} from '../../../src/lib/seeded.ts';
import {agent, cm, Cluster, fw, readable, res, SETTINGS} from '../cluster.ts';
import {readJournal} from './read-journal.ts';

/** A cluster whose allocator keeps a journal. */
function recorded(): {cluster: Cluster; lines: () => string[]} {
  const random = seeded(3);
  const journal = new Journal({options: SETTINGS, random, size: 1e6, now: () => 0});
  const cluster = new Cluster({random: random.next}, inner => new RecordingAllocator(inner, journal));
  return {cluster, lines: () => [...journalLines(journal.segments)]};
}

test('everything that an allocator can be told comes back from a journal', t => {
  const {cluster, lines} = recorded();
  const {allocator} = cluster;
  const traits = {
    hostname: 'h',
    attributes: [{name: 'rack', value: '1', isText: false}],
    domain: {region: 'r', zone: 'z'},
  };
  allocator.addAgent(
    {agentId: agent('a'), total: cm(8, 8192), ...traits},
    new Map([[fw('f'), new Map([['r', cm(1, 0)]])]]),
  );
  cluster.agent('b', res('cpus:4;mem:4096;ports:[31000-31009];cpus(r):2;zones:{x,y}'));
  cluster.framework('f', ['r'], {
    suppressedRoles: [],
    capabilities: new Set(['GPU_RESOURCES', 'REGION_AWARE']),
    minAllocatable: new Map([['r', [new Map([['cpus', 0.5]])]]]),
    offerConstraints: new Map([
      [
        'r',
        [
          [{selector: {kind: 'hostname'}, predicate: {kind: 'text-not-matches', matches: () => false, pattern: 'x+'}}],
          [{selector: {kind: 'attribute', name: 'rack'}, predicate: {kind: 'exists'}}],
        ],
      ],
    ]),
  });
  cluster.weights({r: 2}).quota('r', 'cpus:2', 'cpus:20');
  allocator.updateWhitelist(new Set(['h', '']));
  const [first] = cluster.events();
  if (first === undefined) return t.fail();
  const plain: Resource = {name: 'cpus', value: scalar(1)};
  const reserved: Resource = {
    ...plain,
    reservations: [{type: 'DYNAMIC', role: 'r', principal: 'p', labels: [{key: 'k', value: 'v'}]}],
  };
  const conversion = {consumed: Resources.of([plain]), converted: Resources.of([reserved])};
  allocator.convertHeld(first.agentId, fw('f'), 'r', conversion);
  cluster.periodic();
  allocator.suppress(fw('f'), ['r']);
  allocator.revive(fw('f'), []);
  allocator.updateAgent(agent('b'), cm(9, 9000), {hostname: 'other'});
  allocator.deactivateAgent(agent('b'));
  allocator.activateAgent(agent('b'));
  allocator.updateWhitelist(undefined);
  allocator.updateDomain({region: 'r', zone: 'z'});
  allocator.updateDomain(undefined);
  allocator.updateDomain({region: 'r', zone: 'z2'});
  allocator.deactivateFramework(fw('f'));
  allocator.activateFramework(fw('f'));
  allocator.restore(agent('b'), fw('f'), 'r', res('cpus:0.5'));
  cluster.periodic();
  allocator.updateFramework({frameworkId: fw('f'), roles: ['s']});
  cluster.periodic();
  allocator.setQuota('r', undefined);
  allocator.removeFramework(fw('f'));
  allocator.removeAgent(agent('a'));
  cluster.periodic();

  const {beginning, recorded: inputs} = readJournal(lines());
  if (beginning === undefined) return t.fail();
  const replay = new Replay(beginning);
  const runs = inputs.flatMap(one => replay.apply(one) ?? []);
  t.is(runs.length, 5);
  t.true(runs.every(({agrees}) => agrees));
  t.deepEqual(replay.allocator.view().total(), allocator.view().total());
  t.deepEqual(replay.allocator.view().agent(agent('b'))?.free.list(), allocator.view().agent(agent('b'))?.free.list());
});

test('another decision than the journal says is noticed', t => {
  const {cluster, lines} = recorded();
  cluster.agent('a', cm(1, 1024)).framework('f', 'r').events();
  const changed = lines().map(line => line.replace('["cpus",1]', '["cpus",2]'));
  const {beginning, recorded: inputs} = readJournal(changed);
  if (beginning === undefined) return t.fail();
  const replay = new Replay(beginning);
  t.deepEqual(
    inputs.flatMap(one => replay.apply(one)?.agrees ?? []),
    [false],
  );
});

test('a comparison shows what another weight would have changed, from the state that there really was', t => {
  const {cluster, lines} = recorded();
  for (const id of ['a', 'b', 'c']) cluster.agent(id, cm(1, 1024));
  cluster.framework('f', 'r').framework('g', 's');
  cluster.allocator.restore(agent('a'), fw('f'), 'r', cm(1, 1024)); // r has a third of all
  cluster.events(); // s, which has less, gets the first agent; then both have a third, and r comes by name
  const {beginning, recorded: inputs} = readJournal(lines());
  if (beginning === undefined) return t.fail();
  const comparison = new PolicyComparison(beginning, {weights: new Map([['s', 3]])});
  const [run] = inputs.flatMap(one => comparison.apply(one) ?? []);
  const roles = (list: readonly {role: string}[] = []): string[] => list.map(({role}) => role).sort();
  t.deepEqual(roles(run?.actual), ['r', 's']);
  t.deepEqual(roles(run?.other), ['s', 's']); // a ninth, then two ninths: still less than a third
});

const broken = {
  'no JSON': {lines: ['{"journal":1'], want: /^line 1: this is no JSON/},
  'no journal': {lines: ['{"a":1}'], want: /^line 1: want the first line of a journal/},
  'an input that nobody knows': {lines: [undefined, '{"t":1,"in":"dance"}'], want: /^line 2: want an input/},
  'an agent without a total': {
    lines: [undefined, '{"t":1,"in":"add-agent","agent":"a"}'],
    want: /^line 2: want an input/,
  },
};
for (const [title, {lines, want}] of Object.entries(broken)) {
  test(`a journal with ${title} is refused`, t => {
    const {cluster, lines: good} = recorded();
    cluster.weights({r: 1});
    const reader = new JournalReader(() => () => true);
    const answers = lines.map(line => reader.read(line ?? good()[0] ?? ''));
    const last = answers.at(-1);
    t.regex(last?.ok === false ? last.error : '', want);
  });
}

test('a run without hand-outs has the same digest as any other', t => {
  const {cluster, lines} = recorded();
  cluster.periodic();
  cluster.periodic();
  const digests = lines().flatMap(line => /"digest":"(\w+)"/.exec(line)?.[1] ?? []);
  t.is(new Set(digests).size, 1);
  t.is(readable([]).length, 0);
});

test('a segment that begins later has the region and the constraints of before', t => {
  const random = seeded(3);
  const journal = new Journal({options: SETTINGS, random, size: 1e6, now: () => 0});
  const cluster = new Cluster({random: random.next});
  cluster.allocator.updateDomain({region: 'r', zone: 'z'});
  const away = {domain: {region: 'elsewhere', zone: 'z'}};
  cluster.agent('home', cm(1, 1024)).agent('away', cm(1, 1024), away).agent('other', cm(1, 1024), {hostname: 'h'});
  const named = {kind: 'text-not-matches' as const, matches: (text: string) => text !== 'h', pattern: 'h'};
  cluster.framework('f', 'r', {
    offerConstraints: new Map([['r', [[{selector: {kind: 'hostname'}, predicate: named}]]]]),
  });
  const lines = [...journalLines([journal.begin(cluster.allocator)])];
  const {beginning} = readJournal(lines);
  if (beginning === undefined) return t.fail();
  t.deepEqual([...journalLines([{...beginning, entries: []}])], lines);
});

test('a comparison under other weights leaves out what the journal says of these roles, and no other', t => {
  const {cluster, lines} = recorded();
  for (const id of ['a', 'b', 'c']) cluster.agent(id, cm(1, 1024));
  cluster.framework('f', 'r').framework('g', 's');
  cluster.weights({r: 5});
  cluster.events();
  const {beginning, recorded: inputs} = readJournal(lines());
  if (beginning === undefined) return t.fail();
  const shares = (weights: Readonly<Record<string, number>>): string[] => {
    const comparison = new PolicyComparison(beginning, {weights: new Map(Object.entries(weights))});
    const [run] = inputs.flatMap(one => comparison.apply(one) ?? []);
    return (run?.other ?? []).map(({role}) => role).sort();
  };
  t.deepEqual(shares({s: 5}), ['r', 'r', 's']); // r keeps its weight of 5: equal ones, by name
  t.deepEqual(shares({r: 1, s: 5}), ['r', 's', 's']);
});

test('an empty allocator is a head and nothing else', t => {
  const {cluster, lines} = recorded();
  cluster.weights({r: 2});
  t.is(lines().length, 2); // with the input
});

test('runs in slices are in the journal, and an event run only when one is due', t => {
  const {cluster, lines} = recorded();
  cluster.agent('a', cm(1, 1024)).framework('f', 'r');
  const {allocator} = cluster;
  t.is(inOneGo(allocator.runInSlices('events', 1)).length, 1);
  t.is(inOneGo(allocator.runInSlices('events', 2)).length, 0); // not due
  inOneGo(allocator.runInSlices('periodic', 3));
  const runs = readJournal(lines()).recorded.filter(({input: {kind}}) => kind.startsWith('run-'));
  t.deepEqual(
    runs.map(({atMs, input: {kind}}) => [atMs, kind]),
    [
      [1, 'run-events'],
      [3, 'run-periodic'],
    ],
  );
});

test('the traits of a changed agent come back as they were, and no traits as none', t => {
  const {cluster, lines} = recorded();
  cluster.agent('a', cm(1, 1024));
  const traits = {hostname: 'h', capabilities: new Set(['MULTI_ROLE'])};
  cluster.allocator.updateAgent(agent('a'), cm(2, 1024), traits);
  cluster.allocator.updateAgent(agent('a'), cm(3, 1024));
  const changes = readJournal(lines()).recorded.flatMap(({input}) => (input.kind === 'update-agent' ? input : []));
  t.deepEqual(
    changes.map(change => change.traits),
    [traits, undefined],
  );
});

test('a comparison can draw frameworks that were ordered by share', t => {
  const {cluster, lines} = recorded();
  for (let i = 10; i < 20; i++) cluster.agent(`a${i}`, cm(1, 1024)).framework(`f${i}`, 'r');
  cluster.events();
  const {beginning, recorded: inputs} = readJournal(lines());
  if (beginning === undefined) return t.fail();
  // How many frameworks got something.
  const takers = (policy: Policy): number => {
    const comparison = new PolicyComparison(beginning, policy);
    const taken = inputs.flatMap(one => comparison.apply(one)?.other ?? []);
    return new Set(taken.map(({frameworkId}) => frameworkId)).size;
  };
  t.is(takers({}), 10); // each in its turn
  t.is(takers({roleSorter: 'random'}), 10);
  t.true(takers({frameworkSorter: 'random'}) < 10);
});
