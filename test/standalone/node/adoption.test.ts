import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {PODS} from '../../../src/kube/kinds.ts';
import {systemClock} from '../../../src/kube/system-clock.ts';
import {findByMark} from '../../../src/standalone/node/process-identity.ts';
import {startProcessNode} from '../../../src/standalone/node/process-node.ts';
import {recoverRun, startRun} from '../../../src/standalone/node/run.ts';
import {beginRun, claim, runFiles} from '../../../src/standalone/node/run-files.ts';
import {eventually} from '../../support/eventually.ts';
import {NodeBench, nodeOptions, shell} from './node-bench.ts';

const HOST = {clock: systemClock, hostEnv: {}};
const CHILD = fileURLToPath(new URL('./run-child.ts', import.meta.url));
const KEEPS_RUNNING = 'echo began >> "$MESOS_SANDBOX/../log"; while [ ! -f done ]; do sleep 0.02; done; exit 7';

test('a task outlives its agent and is adopted, once', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {containers: [shell(KEEPS_RUNNING)]});
  await bench.phase('p', 'Running');
  await bench.node.stop({killPods: false});
  await bench.up();
  t.is(bench.status('p').phase, 'Running');
  await writeFile(join(bench.sandbox(pod), 'done'), '');
  const status = await bench.phase('p', 'Failed');
  t.like(status.containerStatuses?.[0], {restartCount: 0, state: {terminated: {exitCode: 7}}});
  t.is(await readFile(join(bench.sandbox(pod), '..', 'log'), 'utf8'), 'began\n');
});

test('a task that ended while no agent ran is reported with its exit code', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {containers: [shell(KEEPS_RUNNING)]});
  await bench.phase('p', 'Running');
  await bench.node.stop({killPods: false});
  await writeFile(join(bench.sandbox(pod), 'done'), '');
  await eventually('exit file', () => readFile(`${bench.sandbox(pod)}.exit`, 'utf8'));
  await bench.up();
  t.like((await bench.phase('p', 'Failed')).containerStatuses?.[0]?.state?.terminated, {exitCode: 7});
});

test('a task whose monitor was killed while no agent ran is 137, and nothing of it is left', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {containers: [shell('sleep 1000 & sleep 1000')]});
  await bench.phase('p', 'Running');
  await bench.node.stop({killPods: false});
  const pid = Number.parseInt(await readFile(`${bench.sandbox(pod)}.pid`, 'utf8'), 10);
  process.kill(pid, 'SIGKILL');
  await bench.up();
  t.like((await bench.phase('p', 'Failed')).containerStatuses?.[0]?.state?.terminated, {exitCode: 137});
  t.deepEqual(await findByMark(`MESOS_CONTAINER_ID=${pod.metadata.uid}/task/0`), []);
});

test('a pod deleted while no agent ran is killed when one comes back', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', {containers: [shell('sleep 1000')]});
  await bench.phase('p', 'Running');
  await bench.node.stop({killPods: false});
  bench.kube.delete(PODS, 'p', {gracePeriodSeconds: 0});
  await bench.up();
  t.deepEqual(await findByMark(`MESOS_CONTAINER_ID=${pod.metadata.uid}/task/0`), []);
});

test('a pod that ran here and has left no trace does not run again', async t => {
  const bench = await NodeBench.start(t);
  await bench.node.stop({killPods: false});
  await bench.create('p', {containers: [shell('true')]});
  const running = [{name: 'task', ready: true, restartCount: 0, image: '', imageID: '', state: {running: {}}}];
  bench.kube.patch(PODS, 'p', {status: {phase: 'Running', containerStatuses: running}}, {subresource: 'status'});
  await bench.up();
  const status = await bench.phase('p', 'Failed');
  t.like(status.containerStatuses?.[0]?.state?.terminated, {exitCode: 137, reason: 'ContainerStatusUnknown'});
});

test('a process that was started by an agent killed with -9 is found again', async t => {
  const bench = await NodeBench.start(t);
  const files = runFiles(join(bench.dataDir, 'run'), 0);
  const child = spawn(process.execPath, [CHILD, files.directory], {stdio: ['ignore', 'pipe', 'inherit']});
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const found = await recoverRun(files, HOST);
  if (found?.kind !== 'running') return t.fail(`found ${found?.kind}`);
  t.is((await findByMark('MESOS_CONTAINER_ID=child/task/0')).length, 2);
  found.run.terminate(0);
  t.is((await found.run.ended).exitCode, 137);
});

test('a run that was begun but not started never starts', async t => {
  const bench = await NodeBench.start(t);
  const files = runFiles(join(bench.dataDir, 'run'), 0);
  await beginRun(files, {id: 'x/task/0', startedAtMs: 0});
  t.is((await recoverRun(files, HOST))?.kind, 'void');
  t.is((await recoverRun(files, HOST))?.kind, 'void');
});

test('a monitor that comes after its run was claimed does not run the command', async t => {
  const bench = await NodeBench.start(t);
  const files = runFiles(join(bench.dataDir, 'run'), 0);
  await mkdir(files.directory, {recursive: true});
  t.true(await claim(files));
  const argv = ['/bin/sh', '-c', 'echo ran'];
  const run = await startRun(files, 'y/task/0', {argv, env: {}, cwd: files.directory}, HOST);
  await run.ended;
  await t.throwsAsync(readFile(join(files.directory, 'stdout')), {code: 'ENOENT'});
});

test('two processes cannot run one node', async t => {
  const bench = await NodeBench.start(t);
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {stdio: 'pipe'});
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await mkdir(join(bench.dataDir, 'agents', 'n2'), {recursive: true});
  const {identify} = await import('../../../src/standalone/node/process-identity.ts');
  const holder = JSON.stringify(await identify(child.pid ?? 0, 'node'));
  await writeFile(join(bench.dataDir, 'agents', 'n2', 'node.lock'), holder);
  const second = await startProcessNode({...nodeOptions(bench.kube.client, bench.dataDir), name: 'n2'});
  t.regex(second.ok ? '' : second.error.message, /runs this node already/);
});
