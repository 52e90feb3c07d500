import test from 'ava';
import {
  type AgentStatusFacts,
  decideAgent,
} from '../../../../../../src/controller/mesos/outbox/statuses/mesosagent/decide.ts';

const facts: AgentStatusFacts = {
  phase: 'registered',
  problem: undefined,
  aside: undefined,
  agentId: 'M-S0',
  generation: 2,
  registeredMs: Date.UTC(2026, 0, 1),
  reregisteredMs: undefined,
  unreachableSinceMs: undefined,
  silenceMs: 75_000,
  isSilent: false,
  deactivation: undefined,
  drain: undefined,
  tasks: 3,
  total: new Map([['cpus', 4]]),
  used: new Map([['cpus', 1.5]]),
  offered: new Map(),
};

const rows: Readonly<Record<string, {facts: Partial<AgentStatusFacts>; status: string; reason: string}>> = {
  'one that renews its Lease is ready': {facts: {}, status: 'True', reason: 'AgentReady'},
  'a silent one may come back': {facts: {phase: 'unreachable'}, status: 'Unknown', reason: 'AgentUnreachable'},
  'a silent one on a node that is ready keeps its tasks': {
    facts: {isSilent: true},
    status: 'Unknown',
    reason: 'AgentSilent',
  },
  'one that said goodbye is not ready': {facts: {phase: 'unregistered'}, status: 'False', reason: 'AgentShutdown'},
  'one not seen yet is unknown': {facts: {phase: 'recovered'}, status: 'Unknown', reason: 'AgentNotSeen'},
  'bad resources come before everything': {
    facts: {problem: 'resources: want a number', phase: 'registered'},
    status: 'False',
    reason: 'InvalidResources',
  },
};
for (const [title, {facts: changed, status, reason}] of Object.entries(rows)) {
  test(title, t => {
    t.like(decideAgent({...facts, ...changed}).conditions[0], {type: 'Ready', status, reason});
  });
}

test('messages name the time and the mistake', t => {
  t.regex(decideAgent({...facts, phase: 'unreachable'}).conditions[0]?.message ?? '', /for 75 s/);
  t.regex(decideAgent({...facts, problem: 'resources: want a number'}).conditions[0]?.message ?? '', /want a number/);
});

test('a cordoned node is ready, and gets no offers', t => {
  t.like(decideAgent(facts).conditions[1], {type: 'Schedulable', status: 'True', reason: 'Schedulable'});
  const deactivation = {reason: 'NodeCordoned', message: 'The node is cordoned'};
  const [ready, schedulable] = decideAgent({...facts, deactivation}).conditions;
  t.is(ready?.status, 'True');
  t.deepEqual(schedulable, {type: 'Schedulable', status: 'False', ...deactivation});
});

test('counters and times', t => {
  t.deepEqual(decideAgent(facts).fields, {
    agentId: 'M-S0',
    observedGeneration: 2,
    registeredTime: '2026-01-01T00:00:00.000Z',
    reregisteredTime: undefined,
    unreachableTime: undefined,
    tasks: 3,
    total: {cpus: 4},
    used: {cpus: 1.5},
    offered: {},
  });
});
