import test from 'ava';
import {
  decideFramework,
  type FrameworkFacts,
} from '../../../../../../src/controller/mesos/outbox/statuses/mesosframework/decide.ts';

const facts: FrameworkFacts = {
  connected: true,
  recovered: false,
  generation: 1,
  registeredMs: Date.UTC(2026, 0, 1),
  reregisteredMs: undefined,
  disconnectedMs: undefined,
  failoverDeadlineMs: undefined,
  tasks: 2,
  offers: 1,
  used: new Map([['cpus', 2]]),
};
const deadline = {failoverDeadlineMs: Date.UTC(2026, 0, 2)};

const rows: Readonly<Record<string, {facts: Partial<FrameworkFacts>; phase: string; reason: string}>> = {
  'subscribed: active': {facts: {}, phase: 'Active', reason: 'Subscribed'},
  'its stream ended: disconnected': {
    facts: {connected: false, ...deadline},
    phase: 'Disconnected',
    reason: 'Disconnected',
  },
  'of an earlier master: recovered': {
    facts: {connected: false, recovered: true, ...deadline},
    phase: 'Recovered',
    reason: 'Recovered',
  },
};
for (const [title, row] of Object.entries(rows)) {
  test(title, t => {
    const {connected, fields} = decideFramework({...facts, ...row.facts});
    t.is(fields.phase, row.phase as 'Active');
    t.is(connected.reason, row.reason);
    t.is(connected.status, row.phase === 'Active' ? 'True' : 'False');
  });
}

test('a deadline is told in words too', t => {
  const {connected} = decideFramework({...facts, connected: false, ...deadline});
  t.regex(connected.message, /removed at 2026-01-02T00:00:00.000Z/);
});
