import test from 'ava';
import type {Allocator} from '../../src/allocator/allocator.ts';
import {HierarchicalAllocator} from '../../src/allocator/hierarchical-allocator.ts';
import type {AllocatorOptions} from '../../src/allocator/options.ts';
import type {SeededRandom} from '../../src/lib/seeded.ts';
import {seeded} from '../../src/lib/seeded.ts';
import {agent, cm, Cluster, fw, readable, res, SETTINGS} from './cluster.ts';

type Twin = {readonly allocator: Allocator; readonly random: SeededRandom};

/** Another allocator in the same state, with the same chance. */
function twinOf(cluster: Cluster, random: SeededRandom, options: Partial<AllocatorOptions> = {}): Twin {
  const same = seeded(random.state());
  const allocator = new HierarchicalAllocator({...SETTINGS, ...options, random: same.next});
  allocator.load(cluster.allocator.snapshot());
  return {allocator, random: same};
}

test('who had fewer hand-outs comes first among equal shares, also after a snapshot', t => {
  const random = seeded(1);
  const cluster = new Cluster({random: random.next}).agent('a', cm(1, 1024)).framework('f1', 'r').framework('f2', 'r');
  const [first] = cluster.events();
  t.is(first?.frameworkId, fw('f1'));
  if (first !== undefined) cluster.giveBack(first);
  const {allocator} = twinOf(cluster, random);
  t.deepEqual(readable(allocator.runPeriodic(1000)), ['f2@a r cpus:1;mem:1024']); // f1 had one, f2 none
});

test('roles keep their hand-outs too', t => {
  const random = seeded(1);
  const cluster = new Cluster({random: random.next})
    .agent('a', cm(1, 1024))
    .framework('f1', 'r')
    .framework('f2', 's/t');
  for (const given of cluster.events()) cluster.giveBack(given);
  const {allocator} = twinOf(cluster, random);
  t.deepEqual(readable(allocator.runPeriodic(1000)), ['f2@a s/t cpus:1;mem:1024']);
});

test('agents asked in vain are not asked again, so that a random sorter draws the same', t => {
  const options = {roleSorter: 'random', frameworkSorter: 'random'} as const;
  const random = seeded(1);
  // Too little for any offer.
  const cluster = new Cluster({...options, random: random.next}).agent('tiny', res('cpus:0.005'));
  cluster.framework('f1', 'r').framework('f2', 'r').framework('f3', 's');
  cluster.periodic();
  const twin = twinOf(cluster, random, options);
  cluster.periodic();
  twin.allocator.runPeriodic(cluster.nowMs);
  t.is(twin.random.state(), random.state());
});

test('filters end when they did, seen by a periodic run or not', t => {
  const random = seeded(1);
  const cluster = new Cluster({random: random.next})
    .agent('a', cm(1, 1024))
    .agent('b', cm(1, 1024))
    .framework('f', 'r');
  const [one, other] = cluster.events();
  if (one === undefined || other === undefined) return t.fail();
  cluster.giveBack(one, 3); // until 3 s
  cluster.periodic(); // 1 s
  cluster.giveBack(other, 4); // until 5 s, and no periodic run has seen it
  const {allocator} = twinOf(cluster, random);
  const runs = [2000, 3000, 4000, 5000, 6000].map(ms => readable(allocator.runPeriodic(ms)).length);
  t.deepEqual(runs, [0, 0, 1, 0, 1]);
});

test('what was asked for is still to be done', t => {
  const random = seeded(1);
  const cluster = new Cluster({random: random.next}).agent('a', cm(1, 1024)).agent('b', cm(1, 1024));
  cluster.events();
  cluster.framework('f', 'r');
  cluster.allocator.deactivateAgent(agent('b'));
  const {allocator} = twinOf(cluster, random);
  t.true(allocator.runPending());
  t.deepEqual(readable(allocator.runEvents(0)), ['f@a r cpus:1;mem:1024']);
});

test('weights, quota and whitelist stay in force', t => {
  const random = seeded(1);
  const cluster = new Cluster({random: random.next}).weights({r: 3}).quota('r', 'cpus:1', 'cpus:2');
  cluster.agent('a', cm(4, 4096), {hostname: 'a'}).agent('b', cm(4, 4096), {hostname: 'b'}).framework('f', 'r');
  cluster.allocator.updateWhitelist(new Set(['a']));
  const {allocator} = twinOf(cluster, random);
  t.deepEqual(readable(allocator.runPeriodic(0)), ['f@a r cpus:2;mem:4096']); // up to the limit, of the one host
  const [role] = allocator.view().roles();
  t.deepEqual([role?.weight, role?.quota?.guarantees?.get('cpus')], [3, 1]);
});

test('what runs counts, also that of frameworks which are not known', t => {
  const random = seeded(1);
  const cluster = new Cluster({random: random.next});
  const used = new Map([[fw('gone'), new Map([['r', cm(1, 0)]])]]);
  cluster.allocator.addAgent({agentId: agent('a'), total: cm(4, 4096)}, used);
  cluster.framework('f', 'r');
  const {allocator} = twinOf(cluster, random);
  t.deepEqual(readable(allocator.runEvents(0)), ['f@a r cpus:3;mem:4096']);
});
