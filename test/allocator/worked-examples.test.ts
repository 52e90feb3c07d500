import test from 'ava';
import type {Allocation} from '../../src/allocator/records.ts';
import type {Resources} from '../../src/allocator/resources.ts';
import {cm, Cluster, readable, res} from './cluster.ts';

/** Each pick launches one task of the picked framework and gives the rest back without a filter. */
function picks(cluster: Cluster, count: number, taskOf: (a: Allocation) => Resources, name: (a: Allocation) => string) {
  const picked: string[] = [];
  while (picked.length < count) {
    const [allocation] = cluster.periodic();
    if (allocation === undefined) break;
    const task = taskOf(allocation);
    if (!allocation.resources.contains(task)) {
      cluster.giveBack(allocation, 3600);
      continue;
    }
    picked.push(name(allocation));
    cluster.giveBack(allocation, 0, allocation.resources.subtract(task));
  }
  return picked;
}
const byRole = (a: Allocation): string => a.role;

test('the paper: 9 cpus, 18 GB, A <1 cpu, 4 GB>, B <3 cpu, 1 GB> settle at 3 and 2 tasks', t => {
  const cluster = new Cluster().agent('a1', cm(9, 18432)).framework('A', 'A').framework('B', 'B');
  const shares: [number, number][] = [];
  const task = ({role}: Allocation): Resources => (role === 'A' ? cm(1, 4096) : cm(3, 1024));
  const order: string[] = [];
  for (let step = 0; step < 5; step++) {
    order.push(...picks(cluster, 1, task, byRole));
    shares.push([cluster.share('A'), cluster.share('B')]);
  }
  t.deepEqual(order, ['A', 'B', 'A', 'B', 'A']);
  t.deepEqual(shares, [
    [4 / 18, 0],
    [4 / 18, 3 / 9],
    [8 / 18, 3 / 9],
    [8 / 18, 6 / 9],
    [12 / 18, 6 / 9],
  ]);
});

test('the paper, until nobody fits: A 3 tasks, B 2', t => {
  const cluster = new Cluster().agent('a1', cm(9, 18432)).framework('A', 'A').framework('B', 'B');
  picks(cluster, 20, ({role}) => (role === 'A' ? cm(1, 4096) : cm(3, 1024)), byRole);
  const held = (role: string) =>
    cluster.allocator
      .view()
      .roles()
      .find(v => v.role === role)?.offeredOrAllocated;
  t.deepEqual(
    held('A'),
    new Map([
      ['cpus', 3],
      ['mem', 12288],
    ]),
  );
  t.deepEqual(
    held('B'),
    new Map([
      ['cpus', 6],
      ['mem', 2048],
    ]),
  );
});

const oneCpu = {
  'weights 2 and 1': {cpus: 9, weights: {r1: 2, r2: 1}, roles: ['r1', 'r2'], want: 'r1 r2 r1 r2 r1 r1 r2 r1 r1'},
  'two leaves under one role against a third': {
    cpus: 8,
    weights: {},
    roles: ['a/x', 'a/y', 'b'],
    want: 'a/x b a/y b a/x b a/y b',
  },
  'a heavy role against two leaves': {
    cpus: 8,
    weights: {b: 3},
    roles: ['a/x', 'a/y', 'b'],
    want: 'a/x b b b a/y b b b',
  },
};
for (const [title, {cpus, weights, roles, want}] of Object.entries(oneCpu)) {
  test(`picks of 1 cpu: ${title}`, t => {
    const cluster = new Cluster().weights(weights).agent('a1', res(`cpus:${cpus}`));
    for (const role of roles) cluster.framework(`f-${role.replaceAll('/', '-')}`, role);
    t.is(picks(cluster, cpus, () => res('cpus:1'), byRole).join(' '), want);
  });
}

const counts = (list: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(list)].sort().map(name => [name, list.filter(other => other === name).length]));

test('weights on two levels: a = 2, a/x = 3 of 12 cpus', t => {
  const cluster = new Cluster().weights({a: 2, 'a/x': 3}).agent('a1', res('cpus:12'));
  cluster.framework('fx', 'a/x').framework('fy', 'a/y').framework('fb', 'b');
  t.deepEqual(counts(picks(cluster, 12, () => res('cpus:1'), byRole)), {'a/x': 6, 'a/y': 2, b: 4});
});

test('a role that is client and parent at once is a sibling of its children', t => {
  const cluster = new Cluster().agent('a1', res('cpus:12'));
  cluster.framework('fa', 'a').framework('fx', 'a/x').framework('fb', 'b');
  const order = picks(cluster, 12, () => res('cpus:1'), byRole);
  t.is(order.slice(0, 5).join(' '), 'a b a/x b a');
  t.deepEqual(counts(order), {a: 3, 'a/x': 3, b: 6});
});

test('the role is chosen before the framework', t => {
  const cluster = new Cluster().framework('f1', 'r1').agent('a1', cm(4, 4096));
  t.deepEqual(readable(cluster.events()), ['f1@a1 r1 cpus:4;mem:4096']);
  cluster.framework('f2', 'r2').agent('a2', cm(2, 2048));
  t.deepEqual(readable(cluster.events()), ['f2@a2 r2 cpus:2;mem:2048']);
  cluster.framework('f3', 'r1').agent('a3', cm(2, 2048));
  t.deepEqual(readable(cluster.events()), ['f2@a3 r2 cpus:2;mem:2048']);
  t.is(cluster.share('r1'), 0.5);
  t.is(cluster.share('r2'), 0.5);
});

const agentsPerRole = {
  'four equal agents, weights 1 and 3': {agents: 4, weights: {r1: 1, r2: 3}, want: {r1: 1, r2: 3}},
  'two equal agents, equal weights': {agents: 2, weights: {}, want: {r1: 1, r2: 1}},
};
for (const [title, {agents, weights, want}] of Object.entries(agentsPerRole)) {
  test(`agents per role in one run: ${title}`, t => {
    const cluster = new Cluster().weights(weights).framework('f1', 'r1').framework('f2', 'r2');
    for (let i = 0; i < agents; i++) cluster.agent(`a${i}`, cm(2, 1024));
    t.deepEqual(counts(cluster.events().map(byRole)), want);
  });
}

test('two frameworks of one role that keep declining without a filter alternate', t => {
  const cluster = new Cluster().framework('f1', 'r').framework('f2', 'r').agent('a1', cm(2, 1024));
  const asked: string[] = [];
  for (let i = 0; i < 6; i++) {
    for (const allocation of cluster.periodic()) {
      asked.push(allocation.frameworkId);
      cluster.giveBack(allocation, 0);
    }
  }
  t.deepEqual(asked, ['f1', 'f2', 'f1', 'f2', 'f1', 'f2']);
});

test('an excluded resource makes nobody dominant', t => {
  const cluster = new Cluster({excludedFromFairness: new Set(['gpus'])});
  cluster.framework('fA', 'A', {capabilities: ['GPU_RESOURCES']}).agent('gpu', res('cpus:1;mem:1024;gpus:1'));
  t.deepEqual(readable(cluster.events()), ['fA@gpu A cpus:1;gpus:1;mem:1024']);
  cluster.framework('fB', 'B').agent('big', cm(4, 4096));
  t.deepEqual(readable(cluster.events()), ['fB@big B cpus:4;mem:4096']);
  t.is(cluster.share('A'), 0.2);
  t.is(cluster.share('B'), 0.8);
});
