import test from 'ava';
import {Resources} from '../../src/allocator/resources.ts';
import {scalar} from '../../src/allocator/value.ts';
import {agent, cm, Cluster, fw, quota, readable, res} from './cluster.ts';

/** Three agents of 4 cpus and 4096 MiB; prod is guaranteed 6 and 6144. */
function three(limits?: string): Cluster {
  const cluster = new Cluster().quota('prod', 'cpus:6;mem:6144', limits).framework('d', 'dev');
  for (const id of ['X', 'Y', 'Z']) cluster.agent(id, cm(4, 4096));
  return cluster;
}

/** Cores and MiB by role, whatever the agents. */
function byRole(cluster: Cluster): Record<string, string> {
  const sums = new Map<string, Resources>();
  for (const {role, resources} of cluster.events()) sums.set(role, (sums.get(role) ?? Resources.EMPTY).add(resources));
  return Object.fromEntries(Array.from(sums, ([role, r]) => [role, `${r.scalar('cpus')}/${r.scalar('mem')}`]));
}

test('a guarantee without a framework: others get what is left beside it', t => {
  const cluster = three();
  const offers = cluster.events();
  t.deepEqual(
    offers.map(({resources}) => resources.scalar('cpus')),
    [4, 2],
  ); // surplus 6, then 2, then 0
  t.deepEqual(cluster.allocator.view().headroom(), {
    required: quota('cpus:6;mem:6144'),
    available: quota('cpus:6;mem:6144'),
  });
});

test('a guarantee without a limit: the last agent comes as a whole', t => {
  t.deepEqual(byRole(three().framework('p', 'prod')), {prod: '8/8192', dev: '4/4096'});
});

test('a limit like the guarantee: exactly that', t => {
  t.deepEqual(byRole(three('cpus:6;mem:6144').framework('p', 'prod')), {prod: '6/6144', dev: '6/6144'});
});

test('idle reservations meet a guarantee', t => {
  const cluster = new Cluster().quota('prod', 'cpus:6;mem:6144').framework('d', 'dev');
  for (const id of ['R', 'S']) cluster.agent(id, res('cpus(prod):3;mem(prod):3072'));
  for (const id of ['X', 'Y', 'Z']) cluster.agent(id, cm(4, 4096));
  t.deepEqual(byRole(cluster), {dev: '12/12288'});
});

test('a limited role and another share an agent', t => {
  const cluster = new Cluster().quota('q', 'cpus:1;mem:300', 'cpus:1;mem:300');
  cluster.framework('f', 'q').framework('g', 'n').agent('a1', cm(2, 1000));
  t.deepEqual(readable(cluster.events()), ['f@a1 q cpus:1;mem:300', 'g@a1 n cpus:1;mem:700']);
});

test('where one limit is reached, other resources still come', t => {
  const cluster = new Cluster().quota('q', 'cpus:6;mem:2048', 'cpus:6;mem:2048').framework('f', 'q');
  cluster.agent('a1', cm(3, 2048));
  t.deepEqual(readable(cluster.events()), ['f@a1 q cpus:3;mem:2048']);
  cluster.agent('a2', cm(3, 2048));
  t.deepEqual(readable(cluster.events()), ['f@a2 q cpus:3']);
});

test("a child's reservation counts for its parent's limit", t => {
  const cluster = new Cluster().quota('a', 'cpus:3;mem:300', 'cpus:3;mem:300').framework('f', 'a');
  cluster.agent('a1', res('cpus(a/b):1;mem(a/b):100')).agent('a2', cm(12, 1200));
  t.deepEqual(readable(cluster.events()), ['f@a2 a cpus:2;mem:200']);
});

test("a child is not bound by its parent's limit", t => {
  const cluster = new Cluster().framework('child', 'a/b').agent('a1', cm(2, 2048));
  t.is(cluster.events().length, 1);
  cluster.quota('a', 'cpus:2;mem:2048', 'cpus:2;mem:2048').framework('parent', 'a').agent('a2', cm(2, 2048));
  t.deepEqual(readable(cluster.events()), ['child@a2 a/b cpus:2;mem:2048']);
});

test('headroom is one sum over all agents', t => {
  const cluster = new Cluster().quota('q', 'cpus:3;mem:3072').framework('f', 'n');
  for (const id of ['a1', 'a2', 'a3']) cluster.agent(id, cm(2, 2048));
  t.deepEqual(
    cluster.events().map(({resources: r}) => [r.scalar('cpus'), r.scalar('mem')]),
    [
      [2, 2048],
      [1, 1024],
    ],
  );
});

test('what a role refuses of its guarantee stays idle', t => {
  const cluster = new Cluster().quota('q', 'cpus:2;mem:2048').framework('f', 'q').framework('g', 'n');
  cluster.agent('a1', cm(2, 2048));
  for (const offer of cluster.events()) cluster.giveBack(offer, 3600);
  t.deepEqual(readable([1, 2, 3].flatMap(() => cluster.periodic())), []);
});

const special = Resources.of([
  {name: 'cpus', value: scalar(4)},
  {name: 'cpus', value: scalar(1), reservations: [{type: 'STATIC', role: 'q'}]},
  {name: 'cpus', value: scalar(2), revocable: true},
]).add(res('ports:[1-9]'));

test('a limit of 0 leaves reservations, ports and revocable resources', t => {
  const cluster = new Cluster().quota('q', undefined, 'cpus:0');
  cluster.framework('f', 'q', {capabilities: ['REVOCABLE_RESOURCES']}).agent('a1', special);
  const [offer] = cluster.events();
  t.is(offer?.resources.scalar('cpus'), 3);
  t.is(offer?.resources.ranges('ports').length, 1);
});

test('a mount is too large for a limit or comes as a whole', t => {
  const mount = Resources.of([{name: 'disk', value: scalar(100), disk: {source: {type: 'MOUNT', root: '/m'}}}]);
  const disk = (limit: string): number | undefined =>
    new Cluster()
      .quota('q', undefined, limit)
      .framework('f', 'q')
      .agent('a1', cm(1, 64).add(mount))
      .events()[0]
      ?.resources.scalar('disk');
  t.is(disk('disk:99'), 0);
  t.is(disk('disk:100'), 100);
});

test('nothing is taken back when a limit sinks below what is in use', t => {
  const cluster = new Cluster().framework('f', 'q').agent('a1', cm(4, 1024));
  cluster.events();
  cluster.quota('q', undefined, 'cpus:1;mem:64').agent('a2', cm(4, 1024));
  t.deepEqual(readable(cluster.events()), []);
  t.is(cluster.allocator.view().held(agent('a1'), fw('f'), 'q').scalar('cpus'), 4);
});

const loosening = {
  'another role gives something back': (_: Cluster, task: () => void) => task(),
  'the limit rises': (c: Cluster) => void c.quota('q', undefined, 'cpus:8;mem:8192'),
  'the quota goes': (c: Cluster) => c.allocator.setQuota('q', undefined),
};
for (const [title, act] of Object.entries(loosening)) {
  test(`an agent that quota closed is open again when ${title}`, t => {
    const cluster = new Cluster().quota('q', undefined, 'cpus:2;mem:2048').framework('f', 'q');
    cluster.agent('a1', cm(2, 2048));
    const [task] = cluster.events();
    cluster.agent('a2', cm(2, 2048));
    t.deepEqual([cluster.events().length, cluster.periodic().length], [0, 0]);
    act(cluster, () => task && cluster.giveBack(task));
    t.is(cluster.periodic().length, 1);
  });
}

test('quota is for top-level roles', t => {
  t.throws(() => new Cluster().quota('a/b', 'cpus:1'), {message: /^Bug: /});
});

test('a role with quota is known, with what it consumes', t => {
  const cluster = new Cluster().quota('q', 'cpus:1').framework('f', 'q/r').agent('a1', res('cpus:1;mem:64;cpus(q):1'));
  cluster.events();
  const view = cluster.allocator
    .view()
    .roles()
    .find(({role}) => role === 'q');
  t.deepEqual(view?.quota, {
    guarantees: quota('cpus:1'),
    consumed: new Map([
      ['cpus', 2],
      ['mem', 64],
    ]),
  });
});
