import test from 'ava';
import {agent, cm, Cluster, fw, readable, res} from './cluster.ts';

/** Two idle frameworks and an agent, nothing pending. */
function settled(): Cluster {
  const cluster = new Cluster().framework('f', 'r').framework('g', 'r').agent('a1', cm(2, 1024));
  for (const offer of cluster.events()) cluster.giveBack(offer, 0);
  return cluster;
}

const asking = {
  'an agent comes': (c: Cluster) => c.agent('a2', cm(1, 64)),
  'an agent changes its total': (c: Cluster) => c.allocator.updateAgent(agent('a1'), cm(3, 1024)),
  'an agent changes its domain': (c: Cluster) =>
    c.allocator.updateAgent(agent('a1'), cm(2, 1024), {domain: {region: 'x', zone: 'y'}}),
  'an active framework comes': (c: Cluster) => c.framework('h', 'r'),
  'a framework is activated': (c: Cluster) => {
    c.allocator.deactivateFramework(fw('f'));
    c.allocator.activateFramework(fw('f'));
  },
  'a framework revives': (c: Cluster) => c.allocator.revive(fw('f'), []),
};
for (const [title, act] of Object.entries(asking)) {
  test(`asks for a run: ${title}`, t => {
    const cluster = settled();
    act(cluster);
    t.true(cluster.allocator.runPending());
    cluster.events();
    t.false(cluster.allocator.runPending());
  });
}

const silent = {
  'resources come back': (c: Cluster) => {
    c.allocator.restore(agent('a1'), fw('f'), 'r', cm(1, 64));
    c.allocator.recoverResources(agent('a1'), fw('f'), 'r', cm(1, 64), undefined, 0);
  },
  suppress: (c: Cluster) => c.allocator.suppress(fw('f'), []),
  'new weights': (c: Cluster) => c.weights({r: 2}),
  'an update of a framework': (c: Cluster) => c.allocator.updateFramework({frameworkId: fw('f'), roles: ['r', 's']}),
  'an inactive framework': (c: Cluster) => c.allocator.addFramework({frameworkId: fw('h'), roles: ['r']}, false),
  'a framework goes': (c: Cluster) => c.allocator.removeFramework(fw('f')),
  'a framework is deactivated': (c: Cluster) => c.allocator.deactivateFramework(fw('f')),
  'an agent is deactivated and activated': (c: Cluster) => {
    c.allocator.deactivateAgent(agent('a1'));
    c.allocator.activateAgent(agent('a1'));
  },
  'an agent that stays as it is': (c: Cluster) => c.allocator.updateAgent(agent('a1'), cm(2, 1024), {}),
  'an agent goes before the run': (c: Cluster) => {
    c.agent('a2', cm(1, 64));
    c.allocator.removeAgent(agent('a2'));
  },
};
for (const [title, act] of Object.entries(silent)) {
  test(`asks for no run: ${title}`, t => {
    const cluster = settled();
    act(cluster);
    t.false(cluster.allocator.runPending());
    t.deepEqual(cluster.events(), []);
  });
}

test('many events cost one run, over their agents only', t => {
  const cluster = settled();
  cluster.agent('a2', cm(1, 64)).agent('a3', cm(1, 64));
  t.deepEqual(
    cluster
      .events()
      .map(a => a.agentId)
      .sort(),
    [agent('a2'), agent('a3')],
  );
  t.deepEqual(cluster.events(), []);
});

test('a periodic run serves pending events as well', t => {
  const cluster = settled().agent('a2', cm(1, 64));
  t.is(cluster.periodic().length, 2);
  t.false(cluster.allocator.runPending());
});

test('suppressed roles get nothing until revived; offers made stay', t => {
  const cluster = new Cluster().framework('f', ['r', 's']).agent('a1', cm(1, 64));
  const [offer] = cluster.events();
  cluster.allocator.suppress(fw('f'), ['r']);
  t.is(offer?.role, 'r');
  t.deepEqual(readable(cluster.agent('a2', cm(1, 64)).events()), ['f@a2 s cpus:1;mem:64']);
  cluster.allocator.suppress(fw('f'), []);
  t.deepEqual(cluster.agent('a3', cm(1, 64)).events(), []);
  cluster.allocator.revive(fw('f'), ['r']);
  t.deepEqual(readable(cluster.events()), ['f@a3 r cpus:1;mem:64']);
});

test('a framework subscribed with suppressed roles starts without offers', t => {
  const cluster = new Cluster().framework('f', 'r', {suppressedRoles: ['r']}).agent('a1', cm(1, 64));
  t.deepEqual(cluster.events(), []);
});

test('a role left keeps what runs there, and gets no more', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a1', cm(1, 64));
  const [offer] = cluster.events();
  if (offer === undefined) return t.fail();
  cluster.allocator.updateFramework({frameworkId: fw('f'), roles: []});
  t.is(cluster.share('r'), 1);
  cluster.giveBack(offer, 5);
  t.deepEqual(cluster.allocator.view().roles(), []);
  t.deepEqual(cluster.periodic(), []);
});

test('a deactivated agent gives no offers but counts in every share', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a1', cm(1, 64));
  cluster.events();
  cluster.agent('a2', cm(3, 64)).allocator.deactivateAgent(agent('a2'));
  t.deepEqual(cluster.periodic(), []);
  t.is(cluster.share('r'), 0.5); // cpus 1/4, mem 64/128
  cluster.allocator.activateAgent(agent('a2'));
  t.is(cluster.periodic().length, 1);
});

test('resources of a lost agent leave with it; a late recovery changes nothing', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a1', cm(1, 64)).agent('a2', cm(1, 64));
  const [offer] = cluster.events();
  if (offer === undefined) return t.fail();
  cluster.allocator.removeAgent(offer.agentId);
  cluster.giveBack(offer, 5);
  t.is(cluster.share('r'), 1);
  t.deepEqual(
    cluster.allocator.view().total(),
    new Map([
      ['cpus', 1],
      ['mem', 64],
    ]),
  );
  t.deepEqual(
    cluster.allocator.view().offeredOrAllocated(),
    new Map([
      ['cpus', 1],
      ['mem', 64],
    ]),
  );
});

test('resources of a framework gone come back one by one', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a1', cm(1, 64));
  const [offer] = cluster.events();
  if (offer === undefined) return t.fail();
  cluster.allocator.removeFramework(fw('f'));
  cluster.framework('g', 'r');
  t.deepEqual(cluster.events(), []);
  t.is(cluster.share('r'), 0);
  cluster.giveBack(offer);
  t.deepEqual(readable(cluster.periodic()), ['g@a1 r cpus:1;mem:64']);
});

test('an agent that shrank is overbooked until enough came back', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a1', cm(4, 400));
  const [offer] = cluster.events();
  if (offer === undefined) return t.fail();
  cluster.allocator.updateAgent(agent('a1'), cm(2, 200));
  cluster.giveBack(offer, undefined, cm(1, 100));
  t.deepEqual(cluster.periodic(), []); // 3 of 2 in use
  cluster.giveBack(offer, undefined, cm(2, 200));
  t.deepEqual(readable(cluster.periodic()), ['f@a1 r cpus:1;mem:100']); // 1 of 2 in use
});

test('after a failover: use by known frameworks counts, by unknown ones only lessens what is free', t => {
  const cluster = new Cluster();
  cluster.allocator.addFramework({frameworkId: fw('f'), roles: ['r']}, false);
  const used = new Map([
    [fw('f'), new Map([['r', cm(1, 100)]])],
    [fw('x'), new Map([['r', cm(1, 100)]])],
  ]);
  cluster.allocator.addAgent({agentId: agent('a1'), total: cm(4, 400)}, used);
  t.is(cluster.share('r'), 0.25);
  t.deepEqual(cluster.events(), []);
  cluster.allocator.activateFramework(fw('f'));
  t.deepEqual(readable(cluster.events()), ['f@a1 r cpus:2;mem:200']);
  cluster.allocator.addFramework({frameworkId: fw('x'), roles: ['r']}, false);
  t.is(cluster.share('r'), 1);
});

const bugs = {
  'more than was handed out': (c: Cluster) =>
    c.allocator.recoverResources(agent('a1'), fw('f'), 'r', cm(1, 1), undefined, 0),
  'an unknown agent': (c: Cluster) => c.allocator.removeAgent(agent('nobody')),
  'an unknown framework': (c: Cluster) => c.allocator.suppress(fw('nobody'), []),
  'an agent added twice': (c: Cluster) => c.agent('a1', res('cpus:1')),
  'a framework added twice': (c: Cluster) => c.framework('f', 'r'),
};
for (const [title, act] of Object.entries(bugs)) {
  test(`is a bug of the caller: ${title}`, t => {
    const cluster = settled();
    t.throws(() => act(cluster), {message: /^Bug: /});
  });
}

test('what was held on an agent that goes is held no more, also by a framework that has left the role', t => {
  const cluster = new Cluster().framework('f', ['r', 's']).agent('a', cm(1, 1024));
  cluster.allocator.restore(agent('a'), fw('f'), 'r', cm(1, 1024));
  cluster.allocator.updateFramework({frameworkId: fw('f'), roles: ['s']});
  const roles = (): string[] =>
    cluster.allocator
      .view()
      .roles()
      .map(({role}) => role);
  t.true(roles().includes('r'));
  cluster.allocator.removeAgent(agent('a'));
  t.false(roles().includes('r'));
});

test('a role is active as long as one of its frameworks is', t => {
  const cluster = new Cluster().framework('f', 'r').framework('g', 'r');
  const active = (): unknown =>
    cluster.allocator
      .view()
      .roles()
      .find(({role}) => role === 'r')?.active;
  cluster.allocator.deactivateFramework(fw('f'));
  t.true(active());
  cluster.allocator.deactivateFramework(fw('g'));
  t.false(active());
});

test('a place that an agent has left is for the next one', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a', cm(1, 1024)).agent('b', cm(1, 1024));
  for (const offer of cluster.events()) cluster.giveBack(offer, 60);
  cluster.allocator.removeAgent(agent('a'));
  cluster.agent('c', cm(1, 1024));
  // The refusals of another agent are not those of the new one.
  t.deepEqual(readable(cluster.periodic()), ['f@c r cpus:1;mem:1024']);
});

test('a conversion changes no amounts, of none of its resources', t => {
  const cluster = new Cluster().framework('f', 'r').agent('a', cm(2, 1024));
  cluster.events();
  const convert = (consumed: string, converted: string): void =>
    cluster.allocator.convertHeld(agent('a'), fw('f'), 'r', {consumed: res(consumed), converted: res(converted)});
  t.throws(() => convert('cpus:1;mem:10', 'cpus:1;mem:9'), {message: /changes quantities/});
  t.throws(() => convert('cpus:1', 'cpus:1;mem:9'), {message: /changes quantities/});
  t.notThrows(() => convert('cpus:1', 'cpus(r):1'));
});
