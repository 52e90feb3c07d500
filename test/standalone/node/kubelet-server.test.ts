import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {WebSocket} from 'ws';
import {NodeBench, shell, TOKEN} from './node-bench.ts';

test('without the token nothing is told', async t => {
  const bench = await NodeBench.start(t);
  t.is((await bench.get('/containerLogs/default/p/task', 'wrong')).status, 401);
  t.is((await bench.get('/healthz', 'wrong')).text, 'ok');
});

test('a pod or container that is not there is 404', async t => {
  const bench = await NodeBench.start(t);
  t.deepEqual(await bench.get('/containerLogs/default/p/task'), {status: 404, text: 'pod "p" not found'});
  await bench.create('p', {containers: [shell('true')]});
  await bench.phase('p', 'Succeeded');
  t.is((await bench.get('/containerLogs/default/p/other')).status, 404);
});

const lines = 'i=1; while [ $i -le 5 ]; do echo line $i; i=$((i+1)); done; printf rest';
const logs = {
  'all of it': {query: '', want: 'line 1\nline 2\nline 3\nline 4\nline 5\nrest\n'},
  'the last lines': {query: 'tailLines=2', want: 'line 5\nrest\n'},
  'no lines': {query: 'tailLines=0', want: ''},
  'the first bytes': {query: 'limitBytes=9', want: 'line 1\nli'},
  'followed to the end': {query: 'follow=true', want: 'line 1\nline 2\nline 3\nline 4\nline 5\nrest\n'},
};
for (const [title, {query, want}] of Object.entries(logs)) {
  test(`logs: ${title}`, async t => {
    const bench = await NodeBench.start(t);
    await bench.create('p', {containers: [shell(lines)]});
    await bench.phase('p', 'Succeeded');
    t.deepEqual(await bench.get(`/containerLogs/default/p/task?${query}`), {status: 200, text: want});
  });
}

test('logs: both streams, in whole lines, as they come, until the task ends', async t => {
  const bench = await NodeBench.start(t);
  const line = 'echo 1; while [ ! -f go ]; do sleep 0.02; done; echo 2 >&2; printf a; sleep 0.05; echo b';
  const pod = await bench.create('p', {containers: [shell(line)]});
  await bench.phase('p', 'Running');
  const headers = {authorization: `Bearer ${TOKEN}`};
  const response = await fetch(`${bench.url}/containerLogs/default/p/task?follow=true`, {headers});
  const reader = (response.body ?? t.fail('no body') ?? new ReadableStream())
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let text = (await reader.read()).value ?? '';
  t.is(text, '1\n');
  await writeFile(join(bench.sandbox(pod), 'go'), '');
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  t.deepEqual(text.split('\n').sort(), ['', '1', '2', 'ab']);
});

test('logs: the run before', async t => {
  const bench = await NodeBench.start(t, {crashBackOffMs: 60_000});
  const line = 'echo "run $MESOS_CONTAINER_ID" | sed "s/.*[/]//"; exit 1';
  await bench.create('p', {restartPolicy: 'Always', containers: [shell(line)]});
  // The first restart is at once, the second one waits.
  await bench.until('p', 'waits', s => s.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
  t.is((await bench.get('/containerLogs/default/p/task')).text, '1\n');
  t.is((await bench.get('/containerLogs/default/p/task?previous=true')).text, '0\n');
});

async function exec(bench: NodeBench, query: string, input?: string) {
  const url = `${bench.url.replace('http', 'ws')}/exec/default/p/task?stdout=1&stderr=1&${query}`;
  const headers = {authorization: `Bearer ${TOKEN}`};
  const socket = new WebSocket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {headers});
  const channels = ['', '', '', ''];
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? 0;
    channels[channel] += data.subarray(1).toString();
  });
  await once(socket, 'open');
  if (input !== undefined) {
    socket.send(Buffer.from(`\0${input}`));
    socket.send(Buffer.from([255, 0]));
  }
  await once(socket, 'close');
  return {protocol: socket.protocol, stdout: channels[1], stderr: channels[2], status: JSON.parse(channels[3] ?? '')};
}

const task = {containers: [shell('sleep 1000', {env: [{name: 'WHO', value: 'me'}]})]};

test('exec runs in the sandbox with the variables of the task', async t => {
  const bench = await NodeBench.start(t);
  const pod = await bench.create('p', task);
  await bench.phase('p', 'Running');
  const answer = await exec(bench, 'command=sh&command=-c&command=pwd;echo+$WHO>%262');
  t.like(answer, {protocol: 'v5.channel.k8s.io', stdout: `${bench.sandbox(pod)}\n`, stderr: 'me\n'});
  t.is(answer.status.status, 'Success');
});

test('exec takes input until it is closed', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', task);
  await bench.phase('p', 'Running');
  t.is((await exec(bench, 'command=cat&stdin=1', 'hello')).stdout, 'hello');
});

test('exec reports the exit code', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', task);
  await bench.phase('p', 'Running');
  const {status} = await exec(bench, 'command=sh&command=-c&command=exit+3');
  t.like(status, {status: 'Failure', reason: 'NonZeroExitCode'});
  t.deepEqual(status.details.causes, [{reason: 'ExitCode', message: '3'}]);
});

test('exec of a program that does not exist says so', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', task);
  await bench.phase('p', 'Running');
  const {status, stderr} = await exec(bench, 'command=nope');
  t.regex(stderr ?? '', /"nope": executable file not found/);
  t.is(status.details.causes[0].message, '127');
});

test('exec with a terminal has one where script is installed', async t => {
  const bench = await NodeBench.start(t);
  await bench.create('p', task);
  await bench.phase('p', 'Running');
  const {stdout} = await exec(bench, 'command=sh&command=-c&command=echo+%22it%27s+up%22&tty=1&stdin=1');
  t.regex(stdout ?? '', /it's up/);
});
