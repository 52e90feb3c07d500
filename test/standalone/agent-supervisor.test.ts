import test from 'ava';
import {silentLogger} from '../../src/kube/log.ts';
import {ok} from '../../src/lib/result.ts';
import type {AgentProcesses} from '../../src/standalone/agent-processes.ts';
import {pauseBeforeStartMs, superviseAgents} from '../../src/standalone/agent-supervisor.ts';
import {VirtualClock} from '../support/virtual-clock.ts';

const pauses = {
  'after one crash there is no pause': {crashes: 1, want: 0},
  'after two in a row a second': {crashes: 2, want: 1000},
  'after five eight seconds': {crashes: 5, want: 8000},
  'never more than half a minute': {crashes: 40, want: 30_000},
};
for (const [title, {crashes, want}] of Object.entries(pauses)) {
  test(title, t => {
    t.is(pauseBeforeStartMs(crashes), want);
  });
}

type State = Awaited<ReturnType<AgentProcesses['state']>>;

/** An agent that is in the given state until it is started; `startedAt`: when, in seconds of the virtual clock. */
function supervised(state: State, afterStart: State) {
  const clock = new VirtualClock();
  const startedAt: number[] = [];
  const agent = {state};
  const processes: AgentProcesses = {
    state: () => Promise.resolve(agent.state),
    ensure: name => {
      startedAt.push(Math.round(clock.monotonic() / 1000));
      agent.state = afterStart;
      return Promise.resolve(ok({name, pid: 1, adopted: false}));
    },
    stop: () => Promise.resolve(),
    known: () => Promise.resolve([]),
    forget: () => Promise.resolve(),
  };
  const options = {processes, wanted: new Map([['a1', []]]), clock, log: silentLogger};
  const supervisor = superviseAgents({...options, onRestarted: () => Promise.resolve()});
  return {clock, agent, startedAt, supervisor};
}

test('an agent that crashes after each start is started less and less often', async t => {
  const {clock, startedAt} = supervised('crashed', 'crashed');
  await clock.advanceAsync(20_000);
  // 0, then pauses of 1, 2, 4 and 8 seconds, each seen a quarter of a second late at most.
  t.is(startedAt.length, 5);
  t.true(
    startedAt.every((second, i) => Math.abs(second - ([0, 1, 4, 8, 17][i] ?? 0)) <= 1),
    startedAt.join(),
  );
});

test('an agent that was told to stop is not started', async t => {
  const {clock, startedAt} = supervised('stopped', 'running');
  await clock.advanceAsync(60_000);
  t.deepEqual(startedAt, []);
});

test('a crash after a long life is answered at once', async t => {
  const {clock, agent, startedAt} = supervised('crashed', 'running');
  await clock.advanceAsync(1000);
  for (let crash = 0; crash < 3; crash++) {
    await clock.advanceAsync(100_000);
    agent.state = 'crashed';
    await clock.advanceAsync(1000);
  }
  t.is(startedAt.length, 4);
});

test('nothing is started after the supervisor was stopped', async t => {
  const {clock, startedAt, supervisor} = supervised('crashed', 'crashed');
  await supervisor.stop();
  await clock.advanceAsync(60_000);
  t.deepEqual(startedAt, []);
});
