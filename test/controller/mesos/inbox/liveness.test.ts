import test from 'ava';
import {AgentLiveness} from '../../../../src/controller/mesos/inbox/liveness.ts';

const SILENCE_MS = 75_000;
const WALL = Date.UTC(2026, 0, 1);
const lease = (atMs: number, holder = 'a1') => ({holder, renewTime: new Date(WALL + atMs).toISOString()});

test('an agent that is only expected is unheard of, then silent', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.expect('a1', 0);
  t.is(agents.verdict('a1', 74_999), 'unheard');
  t.is(agents.verdict('a1', 75_000), 'silent');
});

test('a Lease renewed just now proves life at the first look', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.seen('a1', lease(-10_000), 0, WALL);
  t.is(agents.verdict('a1', 0), 'alive');
});

test('an old Lease proves nothing until it changes', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.seen('a1', lease(-80_000), 0, WALL);
  t.is(agents.verdict('a1', 0), 'unheard');
  agents.seen('a1', lease(-75_500), 5000, WALL + 5000); // its clock is slow, but it runs
  t.is(agents.verdict('a1', 5000), 'alive');
});

test('silence counts from the last change that we saw', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.seen('a1', lease(0), 0, WALL);
  agents.seen('a1', lease(5000), 5000, WALL + 5000);
  agents.seen('a1', lease(5000), 60_000, WALL + 60_000); // the same again
  t.is(agents.verdict('a1', 79_999), 'alive');
  t.is(agents.verdict('a1', 80_000), 'silent');
});

test('a released Lease is a goodbye, whatever its time', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.seen('a1', lease(0), 0, WALL);
  agents.seen('a1', lease(1000, ''), 1000, WALL + 1000);
  t.is(agents.verdict('a1', 1000), 'released');
});

test('a pause of this process is not blamed on the agents', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.seen('a1', lease(0), 0, WALL);
  agents.tick(0);
  agents.tick(80_000); // nothing ran in between
  t.is(agents.verdict('a1', 80_000), 'alive');
  t.is(agents.verdict('a1', 155_000), 'silent');
});

test('regular ticks give nobody more time', t => {
  const agents = new AgentLiveness(SILENCE_MS);
  agents.seen('a1', lease(0), 0, WALL);
  for (let nowMs = 0; nowMs <= 75_000; nowMs += 1000) agents.tick(nowMs);
  t.is(agents.verdict('a1', 75_000), 'silent');
});
