import test from 'ava';
import fc from 'fast-check';
import {HierarchicalAllocator} from '../../src/allocator/hierarchical-allocator.ts';
import {Journal} from '../../src/allocator/journal/journal.ts';
import {journalLines} from '../../src/allocator/journal/lines.ts';
import {RecordingAllocator} from '../../src/allocator/journal/recording-allocator.ts';
import {normaliseApp} from '../../src/controller/marathon/core/apps/app.ts';
import {toAppId} from '../../src/controller/marathon/core/ids.ts';
import {decodeObject} from '../../src/crds/kind.ts';
import {MARATHON_APPS} from '../../src/crds/marathon-app.ts';
import {seeded} from '../../src/lib/seeded.ts';
import type {AppToPlace} from '../../src/what-if/placer.ts';
import {type LiveCluster, type Question, type RoleChange, whatIf} from '../../src/what-if/what-if.ts';
import {agent, cm, Cluster, fw, res, SETTINGS} from '../allocator/cluster.ts';
import {histories} from '../allocator/history-arbitrary.ts';
import {History} from '../allocator/history.ts';

function app(fields: object, more: Partial<AppToPlace> = {}): AppToPlace {
  const raw = {apiVersion: 'mesos.dev/v1', kind: 'MarathonApp', metadata: {name: 'a'}};
  const decoded = decodeObject(MARATHON_APPS, {
    ...raw,
    spec: {cmd: 'true', cpus: 1, mem: 64, portDefinitions: [], ...fields},
  });
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  const definition = normaliseApp(toAppId('/a'), decoded.value.spec, {role: 'web', acceptedResourceRoles: 'any'});
  if (!definition.ok) throw new Error(definition.error);
  const {instances, role} = definition.value;
  return {
    definition: definition.value,
    role,
    frameworkId: fw('marathon'),
    capabilities: ['MULTI_ROLE'],
    wanted: instances,
    placed: [],
    servicePorts: [],
    homeRegion: undefined,
    ...more,
  };
}

const change = (role: string, more: Partial<RoleChange>): RoleChange => ({
  role,
  weight: undefined,
  guarantees: undefined,
  limits: undefined,
  ...more,
});

const live = (cluster: Cluster, seed = 1): LiveCluster => ({
  allocator: cluster.allocator,
  options: SETTINGS,
  randomState: seed,
  nowMs: cluster.nowMs,
  agent: id => ({hostname: id, attributes: []}),
});

const ask = (cluster: Cluster, question: Partial<Question>) =>
  whatIf(live(cluster), {app: undefined, change: undefined, ...question});

const reasons = (outcome: ReturnType<typeof whatIf>['now']) =>
  Object.fromEntries(outcome.blocked.map(({reason, agents}) => [reason, agents]));
const count = (outcome: ReturnType<typeof whatIf>['now'] | undefined): number =>
  [...(outcome?.placed?.values() ?? [])].reduce((a, b) => a + b, 0);

test('instances go where there is room, and the rest is told why', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).agent('b', cm(2.5, 4096)).agent('c', cm(0.5, 4096));
  cluster.framework('other', 'batch');
  cluster.allocator.suppress(fw('other'), []);
  cluster.allocator.restore(agent('a'), fw('other'), 'batch', cm(1, 0));
  const {now} = ask(cluster, {app: app({instances: 10})});
  t.deepEqual(now.placed, new Map([...(now.placed ?? [])].sort()));
  t.deepEqual(Object.fromEntries(now.placed ?? []), {a: 3, b: 2}); // one cpu of a is in use
  t.deepEqual(reasons(now), {InsufficientCpus: 3});
  t.deepEqual(now.blocked[0]?.example.verdict, {text: 'cpus: 1 wanted, at most 0.5 left'});
});

test('all that fits is no reason to complain', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096));
  t.deepEqual(ask(cluster, {app: app({instances: 4})}).now.blocked, []);
});

test('who is served first gets first; what fits there is counted', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).agent('b', cm(4, 4096));
  cluster.framework('hungry', 'batch').framework('marathon', 'web');
  cluster.allocator.suppress(fw('marathon'), []);
  const [first] = cluster.events();
  if (first === undefined) return t.fail();
  // It has nothing, and so much as the other; its name comes first.
  for (const {agentId} of [{agentId: agent('a')}, {agentId: agent('b')}]) {
    cluster.allocator.recoverResources(agentId, fw('hungry'), 'batch', cm(4, 4096), {seconds: 0}, 0);
  }
  const {now} = ask(cluster, {app: app({instances: 8})});
  t.is(count(now), 4);
  t.deepEqual(reasons(now), {InsufficientCpus: 1, behind: 1});
  t.is(now.blocked.find(({reason}) => reason === 'behind')?.instances, 4);
});

test('a limit holds instances back, and a change of it lets them go', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).agent('b', cm(4, 4096)).quota('web', undefined, 'cpus:2');
  const asked = {app: app({instances: 6}), change: change('web', {limits: new Map([['cpus', 5]])})};
  const {now, changed} = ask(cluster, asked);
  t.is(count(now), 2);
  t.is(reasons(now)['held-by-quota'], 2);
  t.is(count(changed), 5);
  t.is(count(ask(cluster, {...asked, change: change('web', {limits: null})}).changed), 6);
});

test('a guarantee of another role holds instances back', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096));
  const {now, changed} = ask(cluster, {
    app: app({instances: 4}),
    change: change('db', {guarantees: new Map([['cpus', 3]])}),
  });
  t.deepEqual([count(now), count(changed)], [4, 1]);
});

test('constraints and ports are judged as Marathon does', t => {
  const cluster = new Cluster().agent('a', res('cpus:4;mem:4096;ports:[31000-31001]')).agent('b', cm(4, 4096));
  const unique = ask(cluster, {app: app({instances: 3, constraints: [['hostname', 'UNIQUE']]})}).now;
  t.deepEqual([count(unique), reasons(unique)], [2, {UnfulfilledConstraint: 2}]);
  const ports = ask(cluster, {app: app({instances: 3, portDefinitions: [{port: 0}]})}).now;
  t.deepEqual([count(ports), reasons(ports)], [2, {InsufficientPorts: 2}]);
  const placed = [{agentId: 'a', hostname: 'a', attributes: new Map<string, string>(), scalars: new Set<string>()}];
  const more = ask(cluster, {app: app({instances: 2, constraints: [['hostname', 'UNIQUE']]}, {wanted: 1, placed})}).now;
  t.deepEqual(Object.fromEntries(more.placed ?? []), {b: 1});
});

test('reasons of the allocator are told: GPUs, inactive agents, nothing free', t => {
  const cluster = new Cluster()
    .agent('gpu', res('cpus:4;mem:4096;gpus:1'))
    .agent('off', cm(4, 4096))
    .agent('full', cm(4, 4096));
  cluster.allocator.deactivateAgent(agent('off'));
  cluster.framework('other', 'batch');
  cluster.allocator.suppress(fw('other'), []);
  cluster.allocator.restore(agent('full'), fw('other'), 'batch', cm(4, 4096));
  const {now} = ask(cluster, {app: app({instances: 1})});
  t.deepEqual(reasons(now), {gpu: 1, 'agent-inactive': 1, 'nothing-free': 1});
});

test('agents under maintenance take nothing', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).agent('b', cm(4, 4096));
  const unavailability = {start: {nanoseconds: 0}, duration: {nanoseconds: 3600e9}};
  const underMaintenance = {...live(cluster), nowMs: 60_000};
  const {now} = whatIf(
    {...underMaintenance, agent: id => ({hostname: id, attributes: [], ...(id === 'a' && {unavailability})})},
    {app: app({instances: 5}), change: undefined},
  );
  t.deepEqual(
    [Object.fromEntries(now.placed ?? []), reasons(now)],
    [{b: 4}, {AgentMaintenance: 1, InsufficientCpus: 1}],
  );
});

test('a weight alone is answered in offers and shares', t => {
  const cluster = new Cluster();
  for (const id of ['a', 'b', 'c', 'd']) cluster.agent(id, cm(1, 1024));
  cluster.framework('f', 'r').framework('g', 's');
  const {now, changed} = ask(cluster, {change: change('s', {weight: 3})});
  const offers = (outcome: typeof changed) =>
    Object.fromEntries(outcome?.roles.map(one => [one.role, one.offers]) ?? []);
  t.deepEqual(offers(now), {r: 2, s: 2});
  t.deepEqual(offers(changed), {r: 1, s: 3});
});

test('a question changes nothing: state, chance and later decisions are as if nobody had asked', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, fc.boolean(), ([seed, ops], withRole) => {
        const random = seeded(seed);
        const cluster = new Cluster({random: random.next});
        const history = new History(seed, cluster);
        for (const op of ops) history.step(op);
        const stateOf = () => {
          const journal = new Journal({options: SETTINGS, random, size: 10, now: () => 0});
          const recording = new RecordingAllocator(cluster.allocator, journal);
          journal.prepare(recording);
          return [...journalLines(journal.segments)].join('\n');
        };
        const before = stateOf();
        const question = {
          app: app({instances: 5, role: 'r'}, {frameworkId: fw('f1')}),
          change: withRole ? change('r', {weight: 2, limits: new Map([['cpus', 3]])}) : undefined,
        };
        whatIf({...live(cluster), randomState: random.state()}, question);
        return stateOf() === before;
      }),
      {numRuns: 100},
    );
  });
  t.true(new HierarchicalAllocator({...SETTINGS, random: () => 0}).view().roles().length === 0);
});
