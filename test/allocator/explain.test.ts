import test from 'ava';
import type {Explanation} from '../../src/allocator/explain/explain.ts';
import type {Reason, Verdict} from '../../src/allocator/explain/verdict.ts';
import {REASONS} from '../../src/allocator/explain/verdict.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {agent, Cluster, cm, fw, readable, res} from './cluster.ts';

function explained(cluster: Cluster, framework = 'f', of = 'a'): Explanation {
  const found = cluster.allocator.explain({frameworkId: fw(framework), agentId: agent(of)}, cluster.nowMs);
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
}

function verdict(cluster: Cluster, framework?: string, of?: string): Verdict {
  const [first] = explained(cluster, framework, of).reasons;
  if (first?.examples[0] === undefined) throw new Error('no verdict');
  return first.examples[0].verdict;
}

const offerOf = (offers: readonly Allocation[], framework: string): Allocation => {
  const found = offers.find(({frameworkId}) => frameworkId === framework);
  if (found === undefined) throw new Error(`${framework} got no offer`);
  return found;
};

const GPUS = res('cpus:4;mem:4096;gpus:1');
const reserved = Resources.of(
  cm(4, 4096)
    .list()
    .map(r => ({...r, reservations: [{type: 'STATIC', role: 'other'}]})),
);
const revocable = Resources.of(
  cm(4, 4096)
    .list()
    .map(r => ({...r, revocable: true})),
);

/** After a periodic run: why framework f has no offer from agent a. */
const rows: Record<string, {when: (c: Cluster) => Cluster; want: Verdict}> = {
  'it was offered': {
    when: c => c.agent('a', cm(4, 4096)).framework('f', 'r'),
    want: {reason: 'offered', resources: cm(4, 4096)},
  },
  'the framework is not connected': {
    when: c => {
      c.agent('a', cm(4, 4096)).framework('f', 'r').allocator.deactivateFramework(fw('f'));
      return c;
    },
    want: {reason: 'framework-inactive'},
  },
  'it left the role, and holds something under it': {
    when: c => {
      c.agent('a', cm(4, 4096)).framework('f', 'r').allocator.restore(agent('a'), fw('f'), 'r', cm(1, 1024));
      c.allocator.updateFramework({frameworkId: fw('f'), roles: []});
      return c;
    },
    want: {reason: 'not-subscribed'},
  },
  'it suppressed the role': {
    when: c => c.agent('a', cm(4, 4096)).framework('f', 'r', {suppressedRoles: ['r']}),
    want: {reason: 'suppressed'},
  },
  'an offer constraint leaves the agent out': {
    when: c =>
      c
        .agent('a', cm(4, 4096))
        .framework('f', 'r', {
          offerConstraints: new Map([['r', [[{selector: {kind: 'hostname'}, predicate: {kind: 'not-exists'}}]]]]),
        })
        .agent('b', cm(1, 32), {hostname: 'b'}),
    want: {reason: 'offered', resources: cm(4, 4096)}, // a has no host name
  },
  'the role is at its limit': {
    when: c => {
      c.agent('b', cm(2, 2048)).framework('f', 'r').quota('r', undefined, 'cpus:2;mem:2048');
      c.events();
      return c.agent('a', cm(4, 4096));
    },
    want: {
      reason: 'quota-limit',
      role: 'r',
      limit: new Map([
        ['cpus', 2],
        ['mem', 2048],
      ]),
      consumed: new Map([
        ['cpus', 2],
        ['mem', 2048],
      ]),
    },
  },
  'what is free is held back for a guarantee': {
    when: c => c.agent('a', cm(4, 4096)).framework('f', 'r').quota('prod', 'cpus:6;mem:6144'),
    want: {
      reason: 'headroom',
      required: new Map([
        ['cpus', 6],
        ['mem', 6144],
      ]),
      available: new Map([
        ['cpus', 4],
        ['mem', 4096],
      ]),
      heldFor: [
        {
          role: 'prod',
          lacks: new Map([
            ['cpus', 6],
            ['mem', 6144],
          ]),
        },
      ],
    },
  },
  'what is free is too little': {
    when: c => c.agent('a', cm(0.001, 16)).framework('f', 'r'),
    want: {
      reason: 'minimum',
      free: new Map([
        ['cpus', 0.001],
        ['mem', 16],
      ]),
      wanted: [new Map([['cpus', 0.01]]), new Map([['mem', 32]])],
    },
  },
  'GPUs are for those who know them': {
    when: c => c.agent('a', GPUS).framework('f', 'r'),
    want: {reason: 'gpu', gpus: 1},
  },
  'another region is for those who know regions': {
    when: c => c.agent('a', cm(4, 4096), {domain: {region: 'north', zone: 'z'}}).framework('f', 'r'),
    want: {reason: 'region', agent: 'north', master: undefined},
  },
  'the agent is too old for the role': {
    when: c => c.agent('a', cm(4, 4096), {capabilities: new Set(['MULTI_ROLE'])}).framework('f', 'r/x'),
    want: {reason: 'agent-capability', missing: ['HIERARCHICAL_ROLE']},
  },
  'the agent is deactivated': {
    when: c => {
      c.agent('a', cm(4, 4096)).framework('f', 'r').allocator.deactivateAgent(agent('a'));
      return c;
    },
    want: {reason: 'agent-inactive'},
  },
  'the agent is not on the whitelist': {
    when: c => {
      c.agent('a', cm(4, 4096), {hostname: 'a.example'}).framework('f', 'r');
      c.allocator.updateWhitelist(new Set(['b.example']));
      return c;
    },
    want: {reason: 'whitelist', hostname: 'a.example'},
  },
  'all that is free is reserved to another role': {
    when: c => c.agent('a', reserved).framework('f', 'r'),
    want: {reason: 'invisible', reservedTo: ['other'], needs: []},
  },
  'all that is free is of a kind the framework does not know': {
    when: c => c.agent('a', revocable).framework('f', 'r'),
    want: {reason: 'invisible', reservedTo: [], needs: ['REVOCABLE_RESOURCES']},
  },
  'everything is in use since longer': {
    when: c => {
      c.agent('a', cm(4, 4096)).framework('g', 's');
      c.events();
      c.agent('b', cm(1, 1024)).framework('f', 'r');
      return c;
    },
    want: {reason: 'nothing-free', holders: [{frameworkId: fw('g'), role: 's', resources: cm(4, 4096)}]},
  },
};
for (const [title, {when, want}] of Object.entries(rows)) {
  test(title, t => {
    const cluster = when(new Cluster());
    cluster.periodic();
    t.deepEqual(verdict(cluster), want);
  });
}

test('an offer constraint that does not hold', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096));
  cluster.framework('f', 'r', {
    offerConstraints: new Map([['r', [[{selector: {kind: 'hostname'}, predicate: {kind: 'exists'}}]]]]),
  });
  cluster.periodic();
  t.deepEqual(verdict(cluster), {reason: 'offer-constraint'});
});

test('a refusal, and until when: before and after a periodic run has seen it', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).framework('f', 'r').agent('b', cm(1, 1024));
  const offer = cluster.events().find(({agentId}) => agentId === agent('a'));
  if (offer === undefined) return t.fail();
  cluster.giveBack(offer, 30);
  const want = {reason: 'filtered', untilMs: 30_000, refused: cm(4, 4096)} as const;
  cluster.agent('c', cm(1, 1024)).events(); // another run: what a got is no longer the last
  t.deepEqual(verdict(cluster), want);
  cluster.periodic();
  t.deepEqual(verdict(cluster), want);
  cluster.periodic(29_000); // the run at its end still sees it, and forgets it
  t.deepEqual(verdict(cluster), {reason: 'next-run'});
});

test('what came free since is for the next run', t => {
  const cluster = new Cluster()
    .agent('a', cm(4, 4096))
    .framework('f', 'r')
    .framework('g', 's', {suppressedRoles: ['s']});
  const offer = offerOf(cluster.events(), 'f');
  cluster.agent('b', cm(1, 1024)).events();
  cluster.giveBack(offer);
  t.deepEqual(verdict(cluster), {reason: 'next-run'});
});

test('somebody else was ahead: the smaller share', t => {
  const cluster = new Cluster()
    .agent('b', cm(2, 2048))
    .framework('f', 'r')
    .framework('g', 's', {suppressedRoles: ['s']});
  cluster.events(); // f holds 2 of 2 cpus
  cluster.allocator.revive(fw('g'), []);
  cluster.agent('a', cm(6, 6144)).events();
  const got = verdict(cluster);
  t.deepEqual(got, {
    reason: 'behind',
    taker: {frameworkId: fw('g'), role: 's', resources: cm(6, 6144)},
    precedence: {
      by: 'share',
      between: 'roles',
      theirs: {path: 's', share: 0, handOuts: 0},
      ours: {path: 'r', share: 0.25, handOuts: 1},
    },
  });
  const [standing] = explained(cluster).standings;
  t.deepEqual(standing?.roleShares, {beforeRun: 0.25, afterRun: 0.25, now: 0.25});
  const [theirs] = explained(cluster, 'g').standings;
  t.deepEqual(theirs?.roleShares, {beforeRun: 0, afterRun: 0.75, now: 0.75});
  t.is(theirs?.position, 1);
  t.deepEqual(theirs?.ahead, [
    {
      frameworkId: fw('f'),
      role: 'r',
      between: 'roles',
      theirs: {path: 'r', share: 0.25, handOuts: 1},
      ours: {path: 's', share: 0.75, handOuts: 1},
    },
  ]);
});

test('somebody else was ahead: two frameworks of one role', t => {
  const cluster = new Cluster().agent('b', cm(2, 2048)).framework('f', 'r');
  cluster.events();
  cluster.framework('g', 'r').agent('a', cm(2, 2048)).events();
  const got = verdict(cluster);
  t.true(got.reason === 'behind' && got.precedence?.by === 'share' && got.precedence.between === 'frameworks');
});

test('somebody else was ahead: shares as they were at that turn, not at the beginning of the run', t => {
  const cluster = new Cluster().agent('a', cm(2, 2048)).agent('b', cm(2, 2048)).framework('f', 'r').framework('g', 's');
  const offers = cluster.events(); // one each: the second agent went to g, because f had the first by then
  const [first, second] = offers;
  if (first === undefined || second === undefined) return t.fail();
  t.is(first.frameworkId, fw('f'));
  const got = verdict(cluster, 'f', second.agentId);
  t.deepEqual(got.reason === 'behind' && got.precedence, {
    by: 'share',
    between: 'roles',
    theirs: {path: 's', share: 0, handOuts: 0},
    ours: {path: 'r', share: 0.5, handOuts: 1},
  });
  const other = verdict(cluster, 'g', first.agentId);
  t.is(other.reason === 'behind' && other.precedence?.by, 'name');
});

test('somebody else was ahead: fewer hand-outs', t => {
  const cluster = new Cluster().agent('a', cm(2, 2048)).framework('f', 'r').framework('g', 's');
  cluster.giveBack(offerOf(cluster.events(), 'f'), 0);
  offerOf(cluster.periodic(), 'g');
  const got = verdict(cluster);
  t.is(got.reason === 'behind' && got.precedence?.by, 'hand-outs');
});

test('somebody else was ahead: a guarantee', t => {
  const cluster = new Cluster().agent('b', cm(2, 2048)).framework('g', 's');
  cluster.events();
  cluster.framework('f', 'r').agent('a', cm(2, 2048)).quota('s', 'cpus:4;mem:4096').events();
  const got = verdict(cluster);
  t.is(got.reason === 'behind' && got.precedence?.by, 'guarantee');
});

test('somebody else was ahead: by chance', t => {
  const cluster = new Cluster({roleSorter: 'random'}).agent('a', cm(2, 2048)).framework('f', 'r').framework('g', 's');
  const taker = cluster.events()[0]?.frameworkId ?? '';
  const got = verdict(cluster, taker === fw('f') ? 'g' : 'f');
  t.is(got.reason === 'behind' && got.precedence?.by, 'chance');
});

test('we would come first now: something kept us from taking it then', t => {
  const cluster = new Cluster()
    .agent('a', cm(2, 2048))
    .framework('f', 'r', {suppressedRoles: ['r']})
    .framework('g', 's');
  cluster.events();
  cluster.allocator.revive(fw('f'), []);
  const got = verdict(cluster);
  t.is(got.reason === 'behind' && got.precedence?.by, 'change');
});

test('a taker that has gone since', t => {
  const cluster = new Cluster().agent('a', cm(2, 2048)).framework('e', 'q').framework('f', 'r');
  cluster.events();
  cluster.allocator.removeFramework(fw('e'));
  t.deepEqual(verdict(cluster), {
    reason: 'behind',
    taker: {frameworkId: fw('e'), role: 'q', resources: cm(2, 2048)},
    precedence: undefined,
  });
});

test('roles that part below the top are compared there', t => {
  const cluster = new Cluster().agent('b', cm(2, 2048)).framework('f', 'r/x');
  cluster.events();
  cluster.framework('g', 'r').agent('a', cm(2, 2048)).events();
  const got = verdict(cluster);
  t.deepEqual(got.reason === 'behind' && [got.precedence?.theirs.path, got.precedence?.ours.path], ['r/.', 'r/x']);
});

test('counts for all agents and frameworks, most frequent first', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).agent('b', GPUS).agent('c', GPUS);
  cluster.framework('f', 'r').framework('g', 's', {suppressedRoles: ['s']});
  cluster.periodic();
  const found = cluster.allocator.explain({}, cluster.nowMs);
  t.deepEqual(found.ok && found.value.reasons.map(({reason, pairs}) => `${reason} ${pairs}`), [
    'suppressed 3',
    'gpu 2',
    'offered 1',
  ]);
  t.is(found.ok && found.value.judged, 6);
});

test('a role means the roles below it, too', t => {
  const cluster = new Cluster().agent('a', cm(4, 4096)).framework('f', 'r/x').framework('g', 'r').framework('h', 'rx');
  const found = cluster.allocator.explain({role: 'r'}, 0);
  t.is(found.ok && found.value.clients, 2);
});

const unknowns = {
  'an unknown framework': {query: {frameworkId: fw('x')}, want: {kind: 'framework', id: 'x', known: ['f'], count: 1}},
  'an unknown agent': {query: {agentId: agent('x')}, want: {kind: 'agent', id: 'x', known: ['a'], count: 1}},
  'an unknown role': {query: {role: 'x'}, want: {kind: 'role', id: 'x', known: ['r'], count: 1}},
  'a role that the framework does not have': {
    query: {role: 'x', frameworkId: fw('f')},
    want: {kind: 'not-in-role', id: 'x', known: ['r'], count: 1},
  },
} as const;
for (const [title, {query, want}] of Object.entries(unknowns)) {
  test(title, t => {
    const cluster = new Cluster().agent('a', cm(4, 4096)).framework('f', 'r');
    const found = cluster.allocator.explain(query, 0);
    t.deepEqual(found.ok ? undefined : found.error, want);
  });
}

test('too many pairs: some agents are left out, evenly', t => {
  const cluster = new Cluster();
  for (let i = 0; i < 600; i++) cluster.agent(`a${i}`, i % 2 === 0 ? GPUS : cm(4, 4096));
  for (let i = 0; i < 100; i++) cluster.framework(`f${i}`, 'r');
  cluster.periodic();
  const found = cluster.allocator.explain({}, cluster.nowMs);
  t.is(found.ok && found.value.judged, 50_000);
  t.is(found.ok && found.value.agents, 600);
});

test('looking does not change what is decided', t => {
  const decide = (looks: boolean): string[] => {
    const cluster = new Cluster()
      .agent('a', cm(4, 4096))
      .agent('b', cm(2, 2048))
      .framework('f', 'r')
      .framework('g', 's');
    const log: string[] = [];
    for (let i = 0; i < 10; i++) {
      if (looks) cluster.allocator.explain({}, cluster.nowMs);
      const offers = cluster.periodic();
      log.push(...readable(offers));
      for (const offer of offers) cluster.giveBack(offer, i % 3);
      if (looks) cluster.allocator.explain({agentId: agent('a')}, cluster.nowMs);
    }
    return log;
  };
  t.deepEqual(decide(true), decide(false));
});

test('every reason has its place in the order', t => {
  const reasons: readonly Reason[] = [
    ...Object.values(rows).map(({want}) => want.reason),
    'filtered',
    'behind',
    'rule',
  ];
  t.deepEqual(
    reasons.filter(reason => !REASONS.includes(reason)),
    [],
  );
});

test('shares are over the weight, in a standing and in what was ahead', t => {
  const cluster = new Cluster()
    .weights({r: 2, s: 4})
    .agent('b', cm(2, 2048))
    .framework('f', 'r')
    .framework('g', 's', {suppressedRoles: ['s']});
  cluster.events(); // f holds 2 of 2 cpus
  cluster.allocator.revive(fw('g'), []);
  cluster.agent('a', cm(6, 6144)).events();
  const got = verdict(cluster);
  if (got.reason !== 'behind') return t.fail(got.reason);
  t.deepEqual(got.precedence?.ours, {path: 'r', share: 0.125, handOuts: 1});
  const [ours] = explained(cluster).standings;
  t.deepEqual(ours?.roleShares, {beforeRun: 0.125, afterRun: 0.125, now: 0.125});
  const [theirs] = explained(cluster, 'g').standings;
  t.is(theirs?.weight, 4);
  t.deepEqual(theirs?.roleShares, {beforeRun: 0, afterRun: 0.1875, now: 0.1875});
});

test('clients are listed by role and then by framework', t => {
  const cluster = new Cluster().framework('g', ['s', 'r']).framework('f', ['t', 'r']);
  const found = cluster.allocator.explain({}, 0);
  t.deepEqual(found.ok && found.value.standings.map(({role, frameworkId}) => `${role} ${frameworkId}`), [
    'r f',
    'r g',
    's g',
    't f',
  ]);
});
