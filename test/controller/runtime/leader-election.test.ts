import test from 'ava';
import {createLeaderElector} from '../../../src/controller/runtime/leader-election.ts';
import {claimLease, decodeLease} from '../../../src/controller/runtime/lease-record.ts';
import {LEASES} from '../../../src/kube/kinds.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {ElectingHost} from '../../support/electing-hosts.ts';
import {TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const kubeOf = (clock: VirtualClock): TestKube => new TestKube({clock, kinds: [], namespaces: ['ns']});

function setUp(...names: string[]) {
  const time = new VirtualClock(Date.UTC(2026, 0, 1));
  const kube = kubeOf(time);
  const hosts = names.map(name => new ElectingHost({name, kube, time, random: () => 0, lagMs: 10, skewMs: 0}));
  const lease = () => {
    const held = kube.find(LEASES, 'master', 'ns');
    if (held === undefined) throw new Error('no lease');
    return {...decodeLease(held), spec: held.spec};
  };
  return {kube, time, hosts, lease};
}

test('the first contender creates the Lease, leads, and says where', async t => {
  const {time, hosts, lease} = setUp('a', 'b');
  await time.advanceAsync(1_000);
  t.deepEqual(
    hosts.map(({elector}) => elector.isLeader()),
    [true, false],
  );
  // asked at 20 ms, after the look at the Lease had taken 10 ms each way
  t.deepEqual(lease().spec, {
    holderIdentity: 'a-0',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.020000Z',
    renewTime: '2026-01-01T00:00:00.020000Z',
    leaseTransitions: 0,
  });
  await time.advanceAsync(5_000);
  const [a, b] = hosts.map(({elector}) => elector.leader());
  t.like(a, {identity: 'a-0', isSelf: true, annotations: {address: 'a'}});
  t.like(b, {identity: 'a-0', isSelf: false, annotations: {address: 'a'}});
});

test('the leader renews every two seconds and keeps the time of acquisition', async t => {
  const {time, lease} = setUp('a');
  await time.advanceAsync(100_000);
  const {acquireTime, renewTime, transitions} = lease();
  t.is(acquireTime, '2026-01-01T00:00:00.020000Z');
  t.true(Date.parse(renewTime!) > time.now() - 2_100);
  t.is(transitions, 0);
});

test('a released Lease is taken within a retry period, and the transition is counted', async t => {
  const {time, hosts, lease} = setUp('a', 'b');
  const [a, b] = hosts;
  await time.advanceAsync(10_000);
  const stopping = a!.elector.stop();
  t.false(a!.elector.isLeader());
  await time.advanceAsync(100);
  await stopping;
  t.is(lease().holder, '');
  t.deepEqual(
    a!.history.map(({what}) => what),
    ['started', 'released'],
  );
  await time.advanceAsync(2_100);
  t.true(b!.elector.isLeader());
  t.is(lease().transitions, 1);
});

test('who is told that the Lease was given back leads at once', async t => {
  const {time, hosts} = setUp('a', 'b');
  const [a, b] = hosts;
  await time.advanceAsync(10_000);
  const stopping = a!.elector.stop();
  await time.advanceAsync(100);
  await stopping;
  b!.elector.wake();
  await time.advanceAsync(50); // two calls of 20 ms each
  t.true(b!.elector.isLeader());
});

test('who is told while it looks, looks again right after', async t => {
  const {time, hosts} = setUp('a', 'b');
  const [a, b] = hosts;
  await time.advanceAsync(10_000);
  b!.elector.wake(); // its look arrives in 10 ms, before the release does
  const stopping = a!.elector.stop();
  await time.advanceAsync(15);
  b!.elector.wake();
  await time.advanceAsync(60);
  await stopping;
  t.true(b!.elector.isLeader());
});

test('being told changes nothing while somebody leads', async t => {
  const {time, hosts} = setUp('a', 'b');
  await time.advanceAsync(10_000);
  for (const {elector} of hosts) elector.wake();
  await time.advanceAsync(1000);
  t.deepEqual(
    hosts.map(({elector}) => elector.isLeader()),
    [true, false],
  );
});

test('who watches the Lease waits from the last renewal, however seldom it looks', async t => {
  const time = new VirtualClock();
  const kube = kubeOf(time);
  const [a, b] = [0, 1].map(
    random => new ElectingHost({name: `${random}`, kube, time, random: () => random, lagMs: 10, skewMs: 0}),
  );
  const watch = async (ms: number): Promise<void> => {
    for (let past = 0; past < ms; past += 100) {
      const held = kube.find(LEASES, 'master', 'ns');
      if (held !== undefined) b!.elector.saw(held.metadata.resourceVersion ?? '');
      await time.advanceAsync(100);
    }
  };
  await watch(20_100); // renewed every 2 s, last at 20.0 s or a little later
  a!.kill();
  await watch(20_000);
  const started = b!.history.find(({what}) => what === 'started');
  // 15 s of the Lease, up to 0.2 s to keep contenders apart, two calls, and the steps of this watch
  t.true(started!.atMs < 20_200 + 15_000 + 500, `started at ${started!.atMs}`);
});

test('a leader that is cut off gives up at the renew deadline, before the other one starts', async t => {
  const {time, hosts} = setUp('a', 'b');
  const [a, b] = hosts;
  await time.advanceAsync(10_000);
  a!.cutOff(60_000);
  await time.advanceAsync(30_000);
  const lost = a!.history.find(({what}) => what === 'lost');
  const started = b!.history.find(({what}) => what === 'started');
  t.true(lost!.atMs > 18_000 && lost!.atMs <= 20_000, `lost at ${lost!.atMs}`);
  t.true(started!.atMs > lost!.atMs + 4_000 && started!.atMs < 27_500, `started at ${started!.atMs}`);
});

test('a leader whose event loop stalled past the deadline is no leader, even before any timer ran', async t => {
  const clock = new VirtualClock();
  const kube = kubeOf(clock);
  const heard: string[] = [];
  const elector = createLeaderElector({
    client: kube.client,
    namespace: 'ns',
    name: 'master',
    identity: 'a',
    clock,
    random: () => 0,
    log: silentLogger,
    onStartedLeading: () => void heard.push('started'),
    onStoppedLeading: why => void heard.push(why),
  });
  elector.start();
  await clock.advanceAsync(5_000);
  t.true(elector.isLeader());
  clock.stall(9_900);
  t.false(elector.isLeader());
  t.deepEqual(heard, ['started']);
  await clock.advanceAsync(60_000);
  t.false(elector.isLeader());
  t.deepEqual(heard, ['started', 'lost']);
  await elector.stop();
  const left = kube.find(LEASES, 'master', 'ns');
  t.is(left && decodeLease(left).holder, 'a'); // it runs out; writes may still be on their way
});

test('answers that get lost do not cost the lead', async t => {
  const {time, hosts} = setUp('a');
  await time.advanceAsync(10_000);
  hosts[0]!.loseAnswers(5_000);
  await time.advanceAsync(30_000);
  t.deepEqual(
    hosts[0]!.history.map(({what}) => what),
    ['started'],
  );
});

test('one renewal that hangs does not cost the lead', async t => {
  const clock = new VirtualClock();
  const {client} = kubeOf(clock);
  let hung = false;
  const heard: string[] = [];
  const update: typeof client.update = (kind, object) => {
    if (hung || clock.monotonic() < 10_000) return client.update(kind, object);
    hung = true;
    return new Promise(() => {});
  };
  const elector = createLeaderElector({
    client: {...client, update},
    namespace: 'ns',
    name: 'master',
    identity: 'a',
    clock,
    random: () => 0,
    log: silentLogger,
    onStartedLeading: () => void heard.push('started'),
    onStoppedLeading: why => void heard.push(why),
  });
  elector.start();
  await clock.advanceAsync(60_000);
  t.true(hung && elector.isLeader());
  t.deepEqual(heard, ['started']);
  await elector.stop();
});

test('a contender waits as long as the holder promised, by its own clock', async t => {
  const time = new VirtualClock();
  const kube = kubeOf(time);
  const spec = {
    holderIdentity: 'other',
    leaseDurationSeconds: 30,
    acquireTime: '2001-01-01T00:00:00.000000Z',
    renewTime: '2001-01-01T00:00:00.000000Z', // long ago by any clock: means nothing
    leaseTransitions: 4,
  };
  const metadata = {name: 'master', namespace: 'ns', labels: {kept: 'yes'}};
  kube.create(LEASES, {metadata, spec});
  const host = new ElectingHost({name: 'a', kube, time, random: () => 0.5, lagMs: 0, skewMs: 0});
  await time.advanceAsync(29_900);
  t.false(host.elector.isLeader());
  await time.advanceAsync(500);
  t.true(host.elector.isLeader());
  const held = kube.find(LEASES, 'master', 'ns');
  t.is(held && decodeLease(held).transitions, 5);
  t.deepEqual(held?.metadata.labels, {kept: 'yes'});
});

test('durations that cannot be safe are refused', t => {
  const clock = new VirtualClock();
  const base = {client: kubeOf(clock).client, namespace: 'ns', name: 'm', identity: 'a', clock, random: () => 0};
  const callbacks = {log: silentLogger, onStartedLeading: () => {}, onStoppedLeading: () => {}};
  t.throws(() => createLeaderElector({...base, ...callbacks, leaseDurationMs: 10_000, renewDeadlineMs: 10_000}));
  t.throws(() => createLeaderElector({...base, ...callbacks, retryPeriodMs: 9_000}));
});

test('the Lease of an earlier process in the same pod is taken at once', async t => {
  const {kube, time, lease} = setUp();
  const start = (identity: string) => {
    const elector = createLeaderElector({
      client: kube.client,
      namespace: 'ns',
      name: 'master',
      identity,
      isPredecessor: holder => holder.startsWith(`${identity.split('_')[0]}_`),
      clock: time,
      random: () => 0,
      log: silentLogger,
      onStartedLeading: () => {},
      onStoppedLeading: () => {},
    });
    elector.start();
    return elector;
  };
  // It was killed: nobody gave the Lease back.
  const held = {namespace: 'ns', name: 'master', identity: 'pod-a_0', durationMs: 15_000, annotations: {}};
  kube.create(LEASES, claimLease(held, undefined, time.now()));
  const other = start('pod-b_1');
  const again = start('pod-a_2');
  await time.advanceAsync(100);
  t.deepEqual([other.isLeader(), again.isLeader()], [false, true]);
  t.is(lease().holder, 'pod-a_2');
});
