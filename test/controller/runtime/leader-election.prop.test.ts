import test from 'ava';
import fc from 'fast-check';
import {ElectingHost} from '../../support/electing-hosts.ts';
import {TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const HOSTS = 3;
const TROUBLE_MS = 60_000;
const STEP_MS = 200;
const LEASE_MS = 15_000;
/** The longest pause between two looks at the Lease: 2 s with a jitter of 1.2. */
const RETRY_MS = 4_400;

const trouble = fc.record({
  atMs: fc.integer({min: 0, max: TROUBLE_MS}),
  host: fc.nat(HOSTS - 1),
  kind: fc.constantFrom('stall', 'cutOff', 'loseAnswers'),
  forMs: fc.integer({min: 100, max: 30_000}),
});
const machine = fc.record({lagMs: fc.integer({min: 0, max: 300}), skewMs: fc.integer({min: 0, max: 100_000})});

/** Deterministic jitter: fast-check may only shrink what it made. */
function jitter(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807 + 11) % 2147483647) / 2147483647;
}

test('never two leaders at one instant; a dead one is followed in lease duration + retry period', async t => {
  const scenario = fc.record({
    machines: fc.array(machine, {minLength: HOSTS, maxLength: HOSTS}),
    troubles: fc.array(trouble, {maxLength: 12}),
    seed: fc.nat(2 ** 31 - 2),
  });
  const property = fc.asyncProperty(scenario, async ({machines, troubles, seed}) => {
    const time = new VirtualClock();
    const kube = new TestKube({clock: time, kinds: [], namespaces: ['ns']});
    const random = jitter(seed);
    const hosts = machines.map((each, i) => new ElectingHost({name: `host${i}`, kube, time, random, ...each}));
    const leaders = () => hosts.filter(host => host.elector.isLeader());

    const pass = async (ms: number, done = () => false): Promise<void> => {
      const endMs = time.monotonic() + ms;
      while (time.monotonic() < endMs && !done()) {
        await time.advanceAsync(STEP_MS);
        if (leaders().length > 1) throw new Error(`two leaders at ${time.monotonic()}`);
      }
    };

    for (const {atMs, host, kind, forMs} of troubles) time.after(atMs, () => hosts[host]?.[kind](forMs));
    await pass(TROUBLE_MS + 30_000);
    await pass(LEASE_MS + RETRY_MS + 2_000, () => leaders().length === 1);
    if (leaders().length !== 1) throw new Error('nobody leads though all is well');

    leaders().forEach(host => host.kill());
    const living = () => leaders().filter(host => !host.dead);
    const lags = Math.max(...machines.map(({lagMs}) => lagMs));
    await pass(LEASE_MS + RETRY_MS + 6 * lags + 200 + STEP_MS, () => living().length === 1);
    if (living().length !== 1) throw new Error('nobody took over');
  });
  await t.notThrowsAsync(() => fc.assert(property, {numRuns: 200}));
});
