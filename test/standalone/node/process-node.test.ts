import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {NODES} from '../../../src/kube/kinds.ts';
import {findByMark} from '../../../src/standalone/node/process-identity.ts';
import {eventually} from '../../support/eventually.ts';
import {NodeBench, shell} from './node-bench.ts';

const terminated = (status: {containerStatuses?: readonly {state?: {terminated?: object}}[]}) =>
  status.containerStatuses?.[0]?.state?.terminated;

test('a command runs in its sandbox, and its exit code is reported', async t => {
  const bench = await NodeBench.start(t);
  const line = 'echo out; echo err >&2; pwd; echo $MESOS_SANDBOX; echo "$GREETING"; exit 3';
  const env = [
    {name: 'WHO', value: 'world'},
    {name: 'GREETING', value: 'hello $(WHO)'},
  ];
  const pod = await bench.create('p', {containers: [shell(line, {env})]});
  const status = await bench.phase('p', 'Failed');
  t.like(terminated(status), {exitCode: 3, reason: 'Error'});
  const sandbox = bench.sandbox(pod);
  t.is(await readFile(join(sandbox, 'stdout'), 'utf8'), `out\n${sandbox}\n${sandbox}\nhello world\n`);
  t.is(await readFile(join(sandbox, 'stderr'), 'utf8'), 'err\n');
});

const ends = {
  'exit 0 succeeds': {line: 'true', phase: 'Succeeded', want: {exitCode: 0, reason: 'Completed'}},
  'a signal is 128 + n': {line: 'kill -s SEGV $$$$', phase: 'Failed', want: {exitCode: 139, reason: 'Error'}},
  'kill -9 of the whole group is 137': {line: 'kill -9 0', phase: 'Failed', want: {exitCode: 137, reason: 'Error'}},
};
for (const [title, {line, phase, want}] of Object.entries(ends)) {
  test(title, async t => {
    const bench = await NodeBench.start(t);
    await bench.create('p', {containers: [shell(line)]});
    t.like(terminated(await bench.phase('p', phase)), want);
  });
}

const fetches = (line: string) => ({
  initContainers: [
    {
      name: 'fetch',
      args: ['-c', line],
      env: [{name: 'MESOS_SANDBOX', value: SANDBOX}],
      volumeMounts: [{name: 'sandbox', mountPath: SANDBOX}],
      terminationMessagePolicy: 'FallbackToLogsOnError' as const,
    },
  ],
  containers: [
    shell('cat fetched', {
      env: [{name: 'MESOS_SANDBOX', value: SANDBOX}],
      volumeMounts: [{name: 'sandbox', mountPath: SANDBOX}],
    }),
  ],
  volumes: [{name: 'sandbox', emptyDir: {}}],
});
const SANDBOX = '/mnt/mesos/sandbox';

test('what an init container brought lies in the sandbox of the task', async t => {
  const bench = await NodeBench.start(t, {ownProgram: ['/bin/sh']});
  const pod = await bench.create('p', fetches('echo fetched > "$MESOS_SANDBOX/fetched"'));
  await bench.phase('p', 'Succeeded');
  t.is(await readFile(join(bench.sandbox(pod), 'stdout'), 'utf8'), 'fetched\n');
});

test('an init container that failed says why, and the task does not run', async t => {
  const bench = await NodeBench.start(t, {ownProgram: ['/bin/sh']});
  await bench.create('p', fetches('echo no such thing >&2; exit 1'));
  const {initContainerStatuses = []} = await bench.phase('p', 'Failed');
  t.like(initContainerStatuses[0]?.state?.terminated, {exitCode: 1, message: 'no such thing\n'});
});

test('a program that does not exist cannot run', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', {containers: [{name: 'task', command: ['no-such-program']}]});
  const message = 'exec: "no-such-program": executable file not found in $PATH';
  t.like(terminated(await bench.phase('p', 'Failed')), {exitCode: 127, reason: 'ContainerCannotRun', message});
});

test('variables that a shell cannot name reach the task', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {
    containers: [{name: 'task', command: ['env'], env: [{name: 'app.name', value: 'x y'}]}],
  });
  await bench.phase('p', 'Succeeded');
  t.regex(await readFile(join(bench.sandbox(pod), 'stdout'), 'utf8'), /^app\.name=x y$/m);
});

test('deletion ends the task with SIGTERM, reports, then removes the object', async t => {
  const bench = await NodeBench.start(t);
  const line = 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done';
  const pod = await bench.create('p', {containers: [shell(line)]}, {finalizers: ['test/keep']});
  await bench.phase('p', 'Running');
  await bench.delete('p');
  const status = await bench.phase('p', 'Succeeded');
  t.like(terminated(status), {exitCode: 0});
  t.regex(await readFile(join(bench.sandbox(pod), 'stdout'), 'utf8'), /bye\n$/);
});

test('a task that ignores SIGTERM is killed after its grace, its children too', async t => {
  const bench = await NodeBench.start(t);
  const line = 'trap "" TERM; setsid sleep 1000 & sleep 1000 & while :; do sleep 0.05; done';
  const pod = await bench.create('p', {containers: [shell(line)]});
  await bench.phase('p', 'Running');
  await bench.delete('p', 1);
  await bench.gone('p');
  t.deepEqual(await findByMark(`MESOS_CONTAINER_ID=${pod.metadata.uid}/task/0`), []);
});

test('a pod that vanishes is killed', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {containers: [shell('sleep 1000')]});
  await bench.phase('p', 'Running');
  await bench.delete('p', 0);
  const marker = `MESOS_CONTAINER_ID=${pod.metadata.uid}/task/0`;
  t.true(await eventually('no process', async () => (await findByMark(marker)).length === 0));
});

test('restartPolicy Always restarts, and counts', async t => {
  const bench = await NodeBench.start(t, {crashBackOffMs: 20});
  await bench.create('p', {restartPolicy: 'Always', containers: [shell('exit 1')]});
  const status = await bench.until(
    'p',
    'restarts',
    ({containerStatuses}) => (containerStatuses?.[0]?.restartCount ?? 0) >= 3,
  );
  t.is(status.phase, 'Running');
  t.like(status.containerStatuses?.[0]?.lastState?.terminated, {exitCode: 1});
});

test('init containers come first, in order, and leave files for the task', async t => {
  const bench = await NodeBench.start(t);
  const volumeMounts = [{name: 'sandbox', mountPath: '/mnt/mesos/sandbox'}];
  const env = [{name: 'MESOS_SANDBOX', value: '/mnt/mesos/sandbox'}];
  const workingDir = '/mnt/mesos/sandbox';
  const step = (name: string, line: string) => shell(line, {name, volumeMounts, env, workingDir});
  const pod = await bench.create('p', {
    volumes: [{name: 'sandbox', emptyDir: {}}],
    initContainers: [step('one', 'echo 1 >> log'), step('two', 'echo 2 >> log')],
    containers: [step('task', 'cat log; cat $MESOS_SANDBOX/log')],
  });
  await bench.phase('p', 'Succeeded');
  t.is(await readFile(join(bench.sandbox(pod), 'stdout'), 'utf8'), '1\n2\n1\n2\n');
});

test('an init container that fails ends a pod that never restarts', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', {initContainers: [shell('exit 1', {name: 'init'})], containers: [shell('true')]});
  const status = await bench.phase('p', 'Failed');
  t.like(status.initContainerStatuses?.[0]?.state?.terminated, {exitCode: 1});
});

test('an exec readiness probe makes the pod ready', async t => {
  const bench = await NodeBench.start(t);
  const readinessProbe = {exec: {command: ['test', '-f', 'ready']}, periodSeconds: 1};
  await bench.create('p', {containers: [shell('sleep 0.2; touch ready; sleep 1000', {readinessProbe})]});
  await bench.until('p', 'not ready', ({containerStatuses}) => containerStatuses?.[0]?.ready === false);
  const {conditions} = await bench.until('p', 'ready', ({containerStatuses}) => containerStatuses?.[0]?.ready === true);
  t.is(conditions?.find(({type}) => type === 'Ready')?.status, 'True');
});

test('a liveness probe that fails ends the container', async t => {
  const bench = await NodeBench.start(t);
  const livenessProbe = {tcpSocket: {port: 1}, periodSeconds: 1, failureThreshold: 2, timeoutSeconds: 1};
  await bench.create('p', {containers: [shell('sleep 1000', {livenessProbe})], terminationGracePeriodSeconds: 5});
  t.like(terminated(await bench.phase('p', 'Failed')), {exitCode: 143});
  t.true(bench.eventReasons('p').includes('Unhealthy'));
});

test('a pod past its deadline fails', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', {containers: [shell('sleep 1000')], activeDeadlineSeconds: 1});
  t.is((await bench.phase('p', 'Failed')).reason, 'DeadlineExceeded');
});

const big = {requests: {cpu: '3', memory: '128Mi'}};
test('a pod that asks for more than is left fails at once', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('a', {containers: [shell('sleep 1000', {resources: big})]});
  await bench.phase('a', 'Running');
  await bench.create('b', {containers: [shell('sleep 1000', {resources: big})]});
  t.is((await bench.phase('b', 'Failed')).reason, 'OutOfcpu');
});

test('an image without a command needs docker, one with a command runs as a process', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('none', {containers: [{name: 'task', image: 'nginx'}]});
  const status = await bench.phase('none', 'Failed');
  t.is(status.reason, 'ImageNotSupported');
  await bench.create('some', {containers: [shell('true', {image: 'nginx'})]});
  await bench.phase('some', 'Succeeded');
  t.deepEqual(bench.eventReasons('some'), ['ImageIgnored', 'Started']);
});

test('the node is registered, and not ready after it stopped', async t => {
  const bench = await NodeBench.start(t);
  type NodeStatus = {conditions: {status: string}[]; daemonEndpoints: {kubeletEndpoint: {Port: number}}};
  const status = () => bench.kube.find(NODES, 'n1')?.status as NodeStatus;
  t.is(status().conditions[0]?.status, 'True');
  t.is(status().daemonEndpoints.kubeletEndpoint.Port, bench.node.port);
  await bench.node.stop({killPods: true});
  t.is(status().conditions[0]?.status, 'False');
});

test('a node that is shut down ends its pods and says why', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', {containers: [shell('sleep 1000')]});
  await bench.phase('p', 'Running');
  await bench.node.stop({killPods: true});
  t.like(bench.status('p'), {phase: 'Failed', reason: 'NodeShutdown'});
});

test('a silent API server ends the pods after the recovery timeout', async t => {
  const orphaned = Promise.withResolvers<void>();
  const bench = await NodeBench.start(t, {recoveryTimeoutMs: 500, onOrphaned: orphaned.resolve});
  const pod = await bench.create('p', {containers: [shell('sleep 1000')]});
  await bench.phase('p', 'Running');
  bench.cutOff();
  await orphaned.promise;
  t.deepEqual(await findByMark(`MESOS_CONTAINER_ID=${pod.metadata.uid}/task/0`), []);
});

/** Pids that a task has written into its sandbox, when all are there. */
const escapedOf = (sandbox: string): Promise<number> =>
  eventually('a process that escapes', async () => Number(await readFile(join(sandbox, 'pid'), 'utf8')) || undefined);

const isGone = async (pid: number): Promise<boolean> =>
  !(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('sleep');

const escapes = {
  'into a session of its own': 'setsid sleep 1000 & echo $! > pid',
  'without its environment': 'env -i setsid sleep 1000 & echo $! > pid',
  'without its environment, with other output': 'env -i setsid sleep 1000 >/dev/null 2>&1 & echo $! > pid',
};
for (const [title, line] of Object.entries(escapes)) {
  test(`a process that escapes ${title} ends when its task ends`, async t => {
    const bench = await NodeBench.start(t);
    const pod = await bench.create('p', {containers: [shell(`${line}; while [ ! -f go ]; do sleep 0.05; done`)]});
    const pid = await escapedOf(bench.sandbox(pod));
    t.false(await isGone(pid));
    await writeFile(join(bench.sandbox(pod), 'go'), '');
    await bench.phase('p', 'Succeeded');
    t.true(await isGone(pid));
  });
}

test('a process that leaves nothing of its task behind ends when its task is killed', async t => {
  const bench = await NodeBench.start(t);
  const line = '(cd /; env -i setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > $MESOS_SANDBOX/pid; wait)';
  const env = [{name: 'MESOS_SANDBOX', value: '/mnt/mesos/sandbox'}];
  const pod = await bench.create('p', {containers: [shell(line, {env})]});
  const pid = await escapedOf(bench.sandbox(pod));
  await bench.delete('p', 5);
  await bench.gone('p');
  t.true(await isGone(pid));
});
