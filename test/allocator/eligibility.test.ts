import test from 'ava';
import type {AgentTraits, FrameworkSpec} from '../../src/allocator/records.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {scalar} from '../../src/allocator/value.ts';
import {cm, Cluster, readable, res} from './cluster.ts';

const q = (quantities: Record<string, number>): ReadonlyMap<string, number> => new Map(Object.entries(quantities));

const minimums: Record<string, {total: string; own?: readonly ReadonlyMap<string, number>[]; want: boolean}> = {
  'either cpus or mem is enough: cpus': {total: 'cpus:0.01', want: true},
  'either cpus or mem is enough: mem': {total: 'mem:32', want: true},
  'less than both': {total: 'cpus:0.009;mem:31.999;disk:5000', want: false},
  'ports alone': {total: 'ports:[1-100]', want: false},
  'all of one alternative, one short': {total: 'cpus:2;mem:100', own: [q({cpus: 2, mem: 200})], want: false},
  'all of one alternative': {total: 'cpus:2;mem:200', own: [q({cpus: 2, mem: 200})], want: true},
  'an own empty list is no minimum': {total: 'ports:[1-100]', own: [], want: true},
  'reserved resources count': {total: 'cpus(r):0.005;cpus:0.005', want: true},
};
for (const [title, {total, own, want}] of Object.entries(minimums)) {
  test(`minimum: ${title}`, t => {
    const more = own === undefined ? {} : {minAllocatable: new Map([['r', own]])};
    const cluster = new Cluster().framework('f', 'r', more).agent('a1', res(total));
    t.is(cluster.events().length === 1, want);
  });
}

type Row = {role?: string; capabilities?: readonly string[]; traits?: AgentTraits; total?: string; want: boolean};
const away = {domain: {region: 'away', zone: 'z'}};
const rows: Record<string, Row> = {
  'GPUs for a framework that knows them': {total: 'cpus:1;gpus:1', capabilities: ['GPU_RESOURCES'], want: true},
  'not even the cpus of a GPU agent for others': {total: 'cpus:1;gpus:1', want: false},
  'the same region': {traits: {domain: {region: 'home', zone: 'z9'}}, want: true},
  'an agent without a domain is local': {want: true},
  'another region': {traits: away, want: false},
  'another region for REGION_AWARE': {traits: away, capabilities: ['REGION_AWARE'], want: true},
  'a multi-role framework, an agent without MULTI_ROLE': {
    capabilities: ['MULTI_ROLE'],
    traits: {capabilities: new Set()},
    want: false,
  },
  'a plain framework, an agent without MULTI_ROLE': {traits: {capabilities: new Set()}, want: true},
  'a nested role, an agent without HIERARCHICAL_ROLE': {
    role: 'a/b',
    traits: {capabilities: new Set(['MULTI_ROLE'])},
    want: false,
  },
  'a nested role, an agent with HIERARCHICAL_ROLE': {
    role: 'a/b',
    traits: {capabilities: new Set(['HIERARCHICAL_ROLE'])},
    want: true,
  },
};
for (const [title, {role = 'r', capabilities = [], traits = {}, total = 'cpus:1', want}] of Object.entries(rows)) {
  test(`eligible: ${title}`, t => {
    const spec: Partial<FrameworkSpec> = {capabilities};
    const cluster = new Cluster({domain: {region: 'home', zone: 'z1'}}).framework('f', role, spec);
    t.is(cluster.agent('a1', res(total), traits).events().length === 1, want);
  });
}

test('a master without a domain refuses agents with one', t => {
  t.deepEqual(new Cluster().framework('f', 'r').agent('a1', cm(1, 64), away).events(), []);
});

test('the GPU rule can be switched off', t => {
  const cluster = new Cluster({filterGpuResources: false}).framework('f', 'r').agent('a1', res('cpus:1;gpus:1'));
  t.is(cluster.events().length, 1);
});

test('reservations go to their role and the roles below it', t => {
  const cluster = new Cluster().framework('fb', 'a/b').framework('fx', 'ab');
  cluster.agent('a1', res('cpus:1;mem:64;cpus(a):2;cpus(a/b):3;cpus(a/c):4;cpus(q):5'));
  t.deepEqual(readable(cluster.events()), ['fb@a1 a/b cpus:1;cpus(a):2;cpus(a/b):3;mem:64']);
});

const special = {
  revocable: {resource: {revocable: true}, capability: 'REVOCABLE_RESOURCES'},
  shared: {resource: {shared: true}, capability: 'SHARED_RESOURCES'},
  'twice reserved': {
    resource: {
      reservations: [
        {type: 'STATIC' as const, role: 'r'},
        {type: 'DYNAMIC' as const, role: 'r'},
      ],
    },
    capability: 'RESERVATION_REFINEMENT',
  },
};
for (const [title, {resource, capability}] of Object.entries(special)) {
  test(`${title} resources only for ${capability}`, t => {
    const total = Resources.of([
      {name: 'cpus', value: scalar(1)},
      {name: 'disk', value: scalar(10), ...resource},
    ]);
    const disk = (capabilities: readonly string[]): number | undefined =>
      new Cluster().framework('f', 'r', {capabilities}).agent('a1', total).events()[0]?.resources.scalar('disk');
    t.is(disk([]), 0);
    t.is(disk([capability]), 10);
  });
}

test('what the first may not have goes on to the next', t => {
  const total = Resources.of([
    {name: 'cpus', value: scalar(1)},
    {name: 'cpus', value: scalar(2), revocable: true},
  ]);
  const cluster = new Cluster().framework('f1', 'r1').framework('f2', 'r2', {capabilities: ['REVOCABLE_RESOURCES']});
  t.deepEqual(
    cluster
      .agent('a1', total)
      .events()
      .map(a => `${a.frameworkId} ${a.resources.scalar('cpus')}`),
    ['f1 1', 'f2 2'],
  );
});
