import test from 'ava';
import {
  explainShortage,
  forgetAgent,
  newOfferStats,
  noteRejected,
  noteUnused,
  noteUsed,
} from '../../../../../src/controller/marathon/core/offers/offer-stats.ts';
import type {Offer} from '../../../../../src/api/mesos/v1/common.ts';
import type {Rejection} from '../../../../../src/controller/marathon/core/offers/match.ts';

const cpus = (wanted: number, offered: number): Rejection => ({reason: 'InsufficientCpus', wanted, offered});

function refusedBy(rejections: readonly Rejection[], used = 0) {
  const stats = newOfferStats(0);
  for (const [i, rejection] of rejections.entries()) noteRejected(stats, `A${i}`, rejection, i);
  for (let i = 0; i < used; i++) noteUsed(stats, `U${i}`, 99);
  return stats;
}

test('offers and their refusals are counted', t => {
  const stats = newOfferStats(5);
  noteRejected(stats, 'A', cpus(2, 1), 10);
  t.deepEqual([...stats.refusals], [['InsufficientCpus', 1]]);
  noteRejected(stats, 'A', cpus(2, 1), 20);
  noteUsed(stats, 'B', 30);
  t.deepEqual([...stats.refusals], [['InsufficientCpus', 2]]);
  t.like(stats, {sinceMs: 5, unused: 2, used: 1, lastUnusedAtMs: 20, lastUsedAtMs: 30});
});

const rows: Record<string, {rejections: readonly Rejection[]; used?: number; want: string | undefined}> = {
  'nothing was refused': {rejections: [], want: undefined},
  'everybody has too little: the most that was offered is told': {
    rejections: [cpus(8, 2), cpus(8, 4), cpus(8, 3)],
    want: 'no agent has enough cpus: 8 wanted, at most 4 offered',
  },
  'nothing at all is offered': {
    rejections: [{reason: 'InsufficientGpus', wanted: 1, offered: 0}],
    want: 'no agent has enough gpus: 1 wanted, at most 0 offered',
  },
  'one of those that have too little, while others are used': {
    rejections: [cpus(8, 2)],
    used: 1,
    want: '1 agent: not enough cpus (8 wanted, at most 2 offered)',
  },
  'several reasons': {
    rejections: [{reason: 'UnfulfilledConstraint'}, cpus(8, 2), cpus(8, 3)],
    want: '1 agent: constraints not satisfied; 2 agents: not enough cpus (8 wanted, at most 3 offered)',
  },
  'nobody satisfies the constraints': {
    rejections: [{reason: 'UnfulfilledConstraint'}, {reason: 'UnfulfilledConstraint'}],
    want: 'no agent satisfies the constraints',
  },
  'a host port that nobody has': {
    rejections: [{reason: 'InsufficientPorts', wanted: 1, offered: 9, missingPorts: [80]}],
    want: 'no agent offers host port 80',
  },
  'host ports that some have not, each named once': {
    rejections: [
      {reason: 'InsufficientPorts', wanted: 2, offered: 9, missingPorts: [80]},
      {reason: 'InsufficientPorts', wanted: 2, offered: 9, missingPorts: [80, 81]},
    ],
    used: 1,
    want: '2 agents: host port 80, 81 not offered',
  },
  'agents with GPUs': {
    rejections: [{reason: 'DeclinedScarceResources'}],
    want: 'every agent has GPUs, which are kept for apps that use them',
  },
  'nothing that is reserved for the app': {
    rejections: [{reason: 'NoCorrespondingReservationFound'}],
    want: 'no agent offers what is reserved for the app',
  },
};
for (const [title, {rejections, used, want}] of Object.entries(rows)) {
  test(title, t => t.is(explainShortage(refusedBy(rejections, used)), want));
}

test('the latest offer of an agent counts, used or refused', t => {
  const stats = refusedBy([cpus(8, 2)]);
  noteUsed(stats, 'A0', 5);
  t.is(explainShortage(stats), undefined);
  noteRejected(stats, 'A0', cpus(8, 1), 6);
  t.is(explainShortage(stats), 'no agent has enough cpus: 8 wanted, at most 1 offered');
});

test('an agent that is gone neither refuses nor is used', t => {
  const stats = refusedBy([cpus(8, 2), cpus(8, 3)], 1);
  forgetAgent(stats, 'U0');
  t.is(explainShortage(stats), 'no agent has enough cpus: 8 wanted, at most 3 offered');
  forgetAgent(stats, 'A1');
  t.is(explainShortage(stats), 'no agent has enough cpus: 8 wanted, at most 2 offered');
  forgetAgent(stats, 'A0');
  t.is(explainShortage(stats), undefined);
});

const offerOf = (agentId: string): Offer => ({
  id: {value: `offer of ${agentId}`},
  framework_id: {value: 'F'},
  agent_id: {value: agentId},
  hostname: agentId,
});

test('the last offer of each agent that was not taken is kept, with all reasons, until it is taken', t => {
  const stats = newOfferStats(0);
  noteUnused(stats, offerOf('A'), {...cpus(2, 1), also: ['InsufficientMemory']}, 10);
  noteUnused(stats, offerOf('B'), cpus(2, 1), 20);
  noteUnused(stats, offerOf('A'), cpus(2, 1.5), 30);
  t.deepEqual(
    [...stats.lastUnused],
    [
      ['B', {offer: offerOf('B'), reasons: ['InsufficientCpus'], atMs: 20}],
      ['A', {offer: offerOf('A'), reasons: ['InsufficientCpus'], atMs: 30}],
    ],
  );
  noteUsed(stats, 'A', 40);
  t.deepEqual([...stats.lastUnused.keys()], ['B']);
  noteUnused(stats, offerOf('C'), {...cpus(2, 1), also: ['InsufficientMemory']}, 50);
  t.deepEqual(stats.lastUnused.get('C')?.reasons, ['InsufficientCpus', 'InsufficientMemory']);
  forgetAgent(stats, 'C');
  t.deepEqual([...stats.lastUnused.keys()], ['B']);
});

test('offers of 20 agents are kept, and the oldest goes first', t => {
  const stats = newOfferStats(0);
  for (let i = 0; i < 20; i++) noteUnused(stats, offerOf(`A${i}`), cpus(2, 1), i);
  t.is(stats.lastUnused.size, 20);
  noteUnused(stats, offerOf('last'), cpus(2, 1), 20);
  t.deepEqual([stats.lastUnused.size, [...stats.lastUnused.keys()][0]], [20, 'A1']);
});
