import test from 'ava';
import {sentenceOf} from '../../src/allocator/explain/sentence.ts';
import type {Precedence, Reason, Verdict} from '../../src/allocator/explain/verdict.ts';
import {REASONS} from '../../src/allocator/explain/verdict.ts';
import {cm, fw, quota} from './cluster.ts';

const held = {frameworkId: fw('g'), role: 's', resources: cm(4, 4096)};
const behind = (by: Precedence['by'], between: Precedence['between'] = 'roles'): Verdict => ({
  reason: 'behind',
  taker: held,
  precedence: {
    by,
    between,
    theirs: {path: between === 'roles' ? 's' : 'g', share: 0.125, handOuts: 2},
    ours: {path: between === 'roles' ? 'r' : 'f', share: by === 'share' ? 1 / 3 : 0.125, handOuts: 3},
  },
});

/** At 10 s; frameworks are called by their ids in capitals. */
const rows: readonly (readonly [Verdict, string])[] = [
  [{reason: 'offered', resources: cm(1, 64)}, 'the last run offered it cpus:1;mem:64'],
  [{reason: 'framework-inactive'}, 'the framework is not connected'],
  [{reason: 'not-subscribed'}, 'the framework is not subscribed to the role'],
  [{reason: 'suppressed'}, 'the framework suppressed offers for the role; REVIVE ends that'],
  [{reason: 'filtered', untilMs: 14_560, refused: cm(1, 64)}, 'the framework refused cpus:1;mem:64, for another 4.6 s'],
  [
    {reason: 'filtered', untilMs: 10_000, refused: cm(1, 64)},
    'the framework refused cpus:1;mem:64, until behind the next run over all agents',
  ],
  [{reason: 'offer-constraint'}, "the framework's offer constraints leave the agent out"],
  [
    {reason: 'quota-limit', role: 'r', limit: quota('cpus:2'), consumed: quota('cpus:2;mem:64')},
    'the limit of role r is cpus:2, consumed are cpus:2;mem:64',
  ],
  [
    {
      reason: 'headroom',
      required: quota('cpus:6'),
      available: quota('cpus:4'),
      heldFor: [{role: 'p', lacks: quota('cpus:6')}],
    },
    'guarantees hold back cpus:6 of cpus:4 that is free for anybody: role p lacks cpus:6',
  ],
  [
    {reason: 'minimum', free: new Map(), wanted: [quota('cpus:0.01'), quota('mem:32')]},
    'nothing is free, an offer needs cpus:0.01 or mem:32',
  ],
  [{reason: 'gpu', gpus: 2}, 'the agent has 2 GPUs: it is kept for frameworks with GPU_RESOURCES'],
  [
    {reason: 'region', agent: 'n', master: undefined},
    'the agent is in region n, the master in none: it is for frameworks with REGION_AWARE',
  ],
  [{reason: 'agent-capability', missing: ['MULTI_ROLE']}, 'the agent lacks MULTI_ROLE'],
  [{reason: 'agent-inactive'}, 'the agent is deactivated'],
  [{reason: 'whitelist', hostname: undefined}, "the agent's host (unknown) is not on the whitelist"],
  [{reason: 'rule', rule: 'moon'}, 'the rule "moon" refuses'],
  [
    {reason: 'invisible', reservedTo: ['a', 'b'], needs: ['SHARED_RESOURCES']},
    'what is free is reserved to a, b or is for frameworks with SHARED_RESOURCES',
  ],
  [behind('share'), 'G (role s) was given cpus:4;mem:4096 first: role s held 12.5 %, role r 33.3 %'],
  [
    behind('hand-outs', 'frameworks'),
    'G (role s) was given cpus:4;mem:4096 first: G held 12.5 %, F 12.5 %, and G was given less often, 2 times against 3',
  ],
  [
    behind('name'),
    'G (role s) was given cpus:4;mem:4096 first: role s held 12.5 %, role r 12.5 %, given equally often, so the name decided',
  ],
  [behind('guarantee'), 'G (role s) was given cpus:4;mem:4096 first: role s lacked something of its guarantee'],
  [behind('chance'), 'G (role s) was given cpus:4;mem:4096 first: the order is drawn'],
  [
    behind('change'),
    'G (role s) was given cpus:4;mem:4096 first: this framework would come before it now, but could not take it then',
  ],
  [
    {reason: 'behind', taker: held, precedence: undefined},
    'G (role s) was given cpus:4;mem:4096 first; it has gone since',
  ],
  [{reason: 'invisible', reservedTo: ['r'], needs: []}, 'what is free is reserved to r'],
  [
    {reason: 'invisible', reservedTo: [], needs: ['GPU_RESOURCES']},
    'what is free is for frameworks with GPU_RESOURCES',
  ],
  [{reason: 'nothing-free', holders: []}, 'nothing is free'],
  [
    {reason: 'nothing-free', holders: [held, held, held, held]},
    'nothing is free: held by G cpus:4;mem:4096, G cpus:4;mem:4096, G cpus:4;mem:4096 and 1 more',
  ],
  [{reason: 'next-run'}, 'nothing is in the way: it can be offered in the next run'],
];
for (const [verdict, want] of rows) {
  test(want, t => {
    t.is(
      sentenceOf(verdict, 10_000, id => id.toUpperCase()),
      want,
    );
  });
}

test('every reason has words', t => {
  const tested = new Set<Reason>(rows.map(([{reason}]) => reason));
  t.deepEqual(
    REASONS.filter(reason => !tested.has(reason)),
    [],
  );
});
