import test from 'ava';
import type {Container, RestartPolicy} from '../../../src/standalone/node/pod.ts';
import {
  type ContainerRunState,
  type ContainerView,
  crashBackOffMs,
  crashesAfter,
  decide,
  type PodView,
} from '../../../src/standalone/node/pod-machine.ts';

const fresh: ContainerRunState = {kind: 'new'};
const running: ContainerRunState = {kind: 'running', startedAtMs: 0, containerId: 'x', started: true, ready: true};
const notStarted: ContainerRunState = {...running, started: false};
const ended = (exitCode: number): ContainerRunState => ({
  kind: 'ended',
  termination: {exitCode, reason: '', startedAtMs: 0, finishedAtMs: 1000},
});
const one = (name: string, state: ContainerRunState, more: Partial<Container> = {}, backOffMs = 0): ContainerView => ({
  container: {name, ...more},
  state,
  restarts: 0,
  backOffMs,
});
const pod = (
  restartPolicy: RestartPolicy,
  mains: ContainerView[],
  inits: ContainerView[] = [],
  stop?: {graceMs: number},
): PodView => ({
  pod: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'p', namespace: 'd', uid: 'u'},
    spec: {containers: [], restartPolicy, terminationGracePeriodSeconds: 5},
  },
  mains,
  inits,
  ...(stop && {stop}),
});
const sidecar = {restartPolicy: 'Always'} as const;

const rows = {
  'a new pod starts all its main containers': {
    view: pod('Never', [one('a', fresh), one('b', fresh)]),
    want: 'Pending start a, start b',
  },
  'init containers first, one at a time': {
    view: pod('Never', [one('a', fresh)], [one('i', fresh), one('j', fresh)]),
    want: 'Pending start i',
  },
  'the next init container after the one before': {
    view: pod('Never', [one('a', fresh)], [one('i', ended(0)), one('j', fresh)]),
    want: 'Pending start j',
  },
  'a sidecar that is not started holds the rest up': {
    view: pod('Never', [one('a', fresh)], [one('s', notStarted, sidecar)]),
    want: 'Pending',
  },
  'a started sidecar lets the rest go': {
    view: pod('Never', [one('a', fresh)], [one('s', running, sidecar)]),
    want: 'Pending start a',
  },
  'sidecars go when the main containers are done': {
    view: pod('Never', [one('a', ended(0))], [one('s', running, sidecar)]),
    want: 'Succeeded stop s 5000',
  },
  'a failed init container fails the pod': {
    view: pod('Never', [one('a', fresh)], [one('i', ended(1))]),
    want: 'Failed over',
  },
  'a failed init container is repeated where restarts are allowed': {
    view: pod('OnFailure', [one('a', fresh)], [one('i', ended(1))]),
    want: 'Pending start i',
  },
  'one failed, one runs: the pod runs': {
    view: pod('Never', [one('a', ended(1)), one('b', running)]),
    want: 'Running',
  },
  'one failed, all ended: failed': {view: pod('Never', [one('a', ended(1)), one('b', ended(0))]), want: 'Failed over'},
  'Always restarts a success too': {view: pod('Always', [one('a', ended(0))]), want: 'Running start a'},
  'OnFailure does not restart a success': {view: pod('OnFailure', [one('a', ended(0))]), want: 'Succeeded over'},
  'back-off is waited for': {view: pod('Always', [one('a', ended(1), {}, 10_000)]), want: 'Running wake 11000'},
  'a stop ends what runs and starts nothing': {
    view: pod('Always', [one('a', running), one('b', ended(1)), one('c', fresh)], [], {graceMs: 7}),
    want: 'Pending stop a 7',
  },
  'a stop waits for what is being started': {
    view: pod('Always', [one('a', {kind: 'starting'})], [], {graceMs: 7}),
    want: 'Pending',
  },
  'a pod that was stopped before it ran has failed': {
    view: pod('Never', [one('a', fresh)], [], {graceMs: 0}),
    want: 'Failed over',
  },
};
for (const [title, {view, want}] of Object.entries(rows)) {
  test(title, t => {
    const {phase, over, actions, wakeAtMs} = decide(view, 1000);
    const words = actions.map(
      each => `${each.kind} ${each.container}${each.kind === 'stop' ? ` ${each.graceMs}` : ''}`,
    );
    const parts = [phase, words.join(', '), wakeAtMs === undefined ? '' : `wake ${wakeAtMs}`, over ? 'over' : ''];
    t.is(parts.filter(Boolean).join(' '), want);
  });
}

test('the first restart is at once, then 10 s, doubled up to 5 minutes', t => {
  t.deepEqual(
    [1, 2, 3, 6, 7, 50].map(crashes => crashBackOffMs(crashes, 10_000)),
    [0, 10_000, 20_000, 160_000, 300_000, 300_000],
  );
});

test('ten minutes of running forgive earlier crashes', t => {
  t.is(crashesAfter(5, 599_999), 6);
  t.is(crashesAfter(5, 600_000), 1);
});
