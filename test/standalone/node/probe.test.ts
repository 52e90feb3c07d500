import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test from 'ava';
import {NO_COUNT, Prober, count, type ProbeAnswer} from '../../../src/standalone/node/probe.ts';
import {performProbe} from '../../../src/standalone/node/probe-actions.ts';
import type {Container, Probe} from '../../../src/standalone/node/pod.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const thresholds = {successThreshold: 2, failureThreshold: 3};
const rows = {
  'nothing is known at first': {answers: '', want: undefined},
  'one success of two': {answers: '+', want: undefined},
  'two successes': {answers: '++', want: true},
  'a failure in between starts anew': {answers: '+-+', want: undefined},
  'healthy until three failures': {answers: '++--', want: true},
  'three failures': {answers: '++---', want: false},
  'unhealthy until two successes': {answers: '---+', want: false},
};
for (const [title, {answers, want}] of Object.entries(rows)) {
  test(`counting: ${title}`, t => {
    const end = [...answers].reduce((state, answer) => count(state, answer === '+', thresholds), NO_COUNT);
    t.is(end.healthy, want);
  });
}

/** Probes on a virtual clock; each kind answers `ok` until told otherwise. */
function bench(container: Partial<Container>, alreadyStarted = false) {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  const answers = new Map<Probe, boolean>();
  const act = async (probe: Probe): Promise<ProbeAnswer> => ({ok: answers.get(probe) ?? true, message: ''});
  const say = (word: string) => seen.push(`${clock.monotonic() / 1000} ${word}`);
  const prober = new Prober(act, clock, {
    started: () => say('started'),
    ready: ready => say(ready ? 'ready' : 'not ready'),
    dead: kind => say(`dead ${kind}`),
    failed: () => undefined,
  });
  prober.start({name: 'c', ...container}, alreadyStarted);
  return {clock, seen, answers, prober};
}

test('without probes a container is ready when it runs', t => {
  t.deepEqual(bench({}).seen, ['0 started', '0 ready']);
});

test('the startup probe comes before the others', async t => {
  const startupProbe: Probe = {initialDelaySeconds: 5, periodSeconds: 10};
  const readinessProbe: Probe = {periodSeconds: 1};
  const {clock, seen, answers} = bench({startupProbe, readinessProbe});
  answers.set(startupProbe, false);
  await clock.advanceAsync(14_000);
  answers.set(startupProbe, true);
  await clock.advanceAsync(10_000);
  t.deepEqual(seen, ['15 started', '15 ready']);
});

test('a startup probe that keeps failing ends the container', async t => {
  const startupProbe: Probe = {periodSeconds: 1, failureThreshold: 3};
  const {clock, seen, answers} = bench({startupProbe});
  answers.set(startupProbe, false);
  await clock.advanceAsync(60_000);
  t.deepEqual(seen, ['2 dead startup']);
});

test('readiness comes and goes', async t => {
  const readinessProbe: Probe = {initialDelaySeconds: 2, periodSeconds: 1, failureThreshold: 2};
  const {clock, seen, answers} = bench({readinessProbe});
  await clock.advanceAsync(3500);
  answers.set(readinessProbe, false);
  await clock.advanceAsync(3000);
  answers.set(readinessProbe, true);
  await clock.advanceAsync(1000);
  t.deepEqual(seen, ['0 started', '2 ready', '5 not ready', '7 ready']);
});

test('a stopped prober is silent', async t => {
  const {clock, seen, prober} = bench({readinessProbe: {}});
  prober.stop();
  await clock.advanceAsync(60_000);
  t.deepEqual(seen, ['0 started']);
  t.is(clock.waiting, 0);
});

/** A machine may be busy with other things: only what never answers may run out of time. */
const AMPLE_SECONDS = 600;

const statuses = {
  '200': true,
  '302 within': true,
  '302 elsewhere': true,
  '399': true,
  '404': false,
  '500': false,
  slow: false,
};
for (const [path, want] of Object.entries(statuses)) {
  test(`HTTP: ${path} is ${want ? 'healthy' : 'a failure'}`, async t => {
    const server = createServer(({url = ''}, response) => {
      const [status = ''] = decodeURI(url).slice(1).split(' ');
      if (status === 'slow') return;
      const location = url.endsWith('within') ? '/200' : 'http://elsewhere.invalid/';
      response.writeHead(Number(status), status === '302' ? {location} : {}).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.closeAllConnections());
    t.teardown(() => server.close());
    const {port} = server.address() as AddressInfo;
    const probe: Probe = {
      httpGet: {path: encodeURI(`/${path}`), port: 'web'},
      timeoutSeconds: path === 'slow' ? 0.1 : AMPLE_SECONDS,
    };
    const container = {name: 'c', ports: [{name: 'web', containerPort: port}]};
    const {ok} = await performProbe(probe, container, '127.0.0.1', {env: {}, cwd: '/', execPrefix: []});
    t.is(ok, want);
  });
}

test('a port that is mapped is probed on the host', async t => {
  const server = createServer((_request, response) => void response.end());
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const {port: hostPort} = server.address() as AddressInfo;
  const container = {name: 'c', ports: [{containerPort: 80, hostPort}]};
  const surroundings = {env: {}, cwd: '/', execPrefix: []};
  t.like(
    await performProbe({tcpSocket: {port: 80}, timeoutSeconds: AMPLE_SECONDS}, container, '127.0.0.1', surroundings),
    {ok: true},
  );
});

test('a command has its variables expanded, as Kubernetes does', async t => {
  const command = ['sh', '-c', 'test "$(WHO) $$(echo you)" = "me you"'];
  const surroundings = {env: {PATH: '/usr/bin:/bin', WHO: 'me'}, cwd: '/', execPrefix: []};
  t.like(await performProbe({exec: {command}, timeoutSeconds: AMPLE_SECONDS}, {name: 'c'}, '127.0.0.1', surroundings), {
    ok: true,
    message: '',
  });
});

test('a command that takes too long has failed', async t => {
  const probe: Probe = {exec: {command: ['sleep', '1000']}, timeoutSeconds: 0.1};
  const surroundings = {env: {PATH: '/usr/bin:/bin'}, cwd: '/', execPrefix: []};
  t.deepEqual(await performProbe(probe, {name: 'c'}, '127.0.0.1', surroundings), {
    ok: false,
    message: 'command timed out',
  });
});
