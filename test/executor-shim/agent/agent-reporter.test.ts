import test from 'ava';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import {startAgentReporter} from '../../../src/executor-shim/agent/agent-reporter.ts';
import {LEASES} from '../../../src/kube/kinds.ts';
import {networkError} from '../../../src/kube/kube-error.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeClient, KubeObject} from '../../../src/kube/types.ts';
import {TestKube} from '../../support/test-kube.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

const SPEC = {nodeName: 'n1', hostname: 'n1', resources: 'cpus:4'};

function start(kube: Pick<TestKube, 'client'>, clock: VirtualClock, spec = SPEC) {
  return startAgentReporter({
    name: 'n1',
    namespace: 'default',
    spec,
    pingTimeoutMs: 15_000,
    identity: 'me',
    client: kube.client,
    clock,
    log: silentLogger,
  });
}

const lease = (kube: TestKube) => kube.find<KubeObject<Record<string, unknown>>>(LEASES, 'mesos-agent-n1')?.spec;

test('an agent registers and renews its lease three times per ping timeout', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const reporter = start(kube, clock);
  await reporter.registered;
  t.deepEqual(kube.find(MESOS_AGENTS, 'n1')?.spec, SPEC);
  t.like(lease(kube), {holderIdentity: 'me', leaseDurationSeconds: 75, renewTime: '2026-01-01T00:00:00.000000Z'});
  await clock.advanceAsync(5000);
  await settle();
  t.is(lease(kube)?.renewTime, '2026-01-01T00:00:05.000000Z');
  await reporter.stop({release: false});
});

test('a changed spec is patched, and what others wrote stays', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const spec = {...SPEC, resources: 'cpus:1', attributes: 'rack:r1'};
  kube.create(MESOS_AGENTS, {metadata: {name: 'n1'}, spec});
  const reporter = start(kube, clock);
  await reporter.registered;
  t.deepEqual(kube.find(MESOS_AGENTS, 'n1')?.spec, {...SPEC, attributes: 'rack:r1'});
  await reporter.stop({release: false});
});

test('while the API server is away the agent keeps trying every second', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  kube.fault = () => networkError('connection refused');
  const reporter = start(kube, clock);
  await clock.advanceAsync(3_600_000);
  kube.fault = undefined;
  await clock.advanceAsync(1000);
  await settle();
  t.is(lease(kube)?.holderIdentity, 'me');
  await reporter.stop({release: false});
});

test('a look at the object that waits its turn keeps no renewal waiting', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const answers: (() => void)[] = [];
  let busy = false;
  const get: KubeClient['get'] = async (...call) => {
    if (busy) await new Promise<void>(resolve => answers.push(resolve));
    return kube.client.get(...call);
  };
  const reporter = start({client: {...kube.client, get}}, clock);
  await reporter.registered;
  busy = true;
  await clock.advanceAsync(60_000);
  t.is(lease(kube)?.renewTime, '2026-01-01T00:01:00.000000Z');
  t.is(answers.length, 1, 'one look waits, and not twelve');
  busy = false;
  for (const answer of answers) answer();
  await reporter.stop({release: false});
});

test('an agent that leaves releases its lease', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const reporter = start(kube, clock);
  await reporter.registered;
  await reporter.stop({release: true});
  t.is(lease(kube)?.holderIdentity, '');
  await clock.advanceAsync(60_000);
  t.is(lease(kube)?.holderIdentity, '');
});

test('an agent whose object was deleted registers again', async t => {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const reporter = start(kube, clock);
  await reporter.registered;
  kube.delete(MESOS_AGENTS, 'n1');
  await clock.advanceAsync(5000);
  await settle();
  t.deepEqual(kube.find(MESOS_AGENTS, 'n1')?.spec, SPEC);
  await reporter.stop({release: false});
});
