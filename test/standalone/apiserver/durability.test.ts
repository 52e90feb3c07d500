import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {at, Target, versionOf} from '../../contract/apiserver/target.ts';

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));
const ROUNDS = 3;
const WRITES_PER_ROUND = 150;

async function start(t: ExecutionContext, dataDir: string): Promise<{child: ChildProcess; target: Target}> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [path] = await once(createInterface({input: child.stdout}), 'line');
  return {child, target: await Target.ofKubeconfig(String(path))};
}

/** Writes until the server is gone. @returns the last value of each object that was answered for */
async function writeUntilKilled(target: Target, child: ChildProcess, acknowledged: Map<string, string>): Promise<void> {
  const exited = once(child, 'exit');
  let count = 0;
  const writer = async (id: number): Promise<void> => {
    const name = `w${id}`;
    for (;;) {
      const value = `${Date.now()}-${count}`;
      const body = {metadata: {name}, data: {value}};
      const path = '/api/v1/namespaces/default/configmaps';
      const answer = await (
        acknowledged.has(name) ? target.call('PUT', `${path}/${name}`, body) : target.call('POST', path, body)
      ).catch(() => undefined);
      if (answer === undefined) return;
      if (answer.status < 300) acknowledged.set(name, value);
      // A create whose answer was lost in the crash before.
      if (answer.status === 409) acknowledged.set(name, String(at(answer.body, 'data', 'value')));
      if (++count === WRITES_PER_ROUND) child.kill('SIGKILL');
    }
  };
  await Promise.all([0, 1, 2, 3].map(writer));
  await exited;
}

test('what was answered for survives kill -9', async t => {
  const dataDir = await mkdtemp(join(tmpdir(), 'mesos-durability-'));
  t.teardown(() => rm(dataDir, {recursive: true, force: true}));
  const acknowledged = new Map<string, string>();
  let revision = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const {child, target} = await start(t, dataDir);
    await writeUntilKilled(target, child, acknowledged);
    const restarted = await start(t, dataDir);
    for (const [name, value] of acknowledged) {
      const found = await restarted.target.must('GET', `/api/v1/namespaces/default/configmaps/${name}`);
      // A write that was cut off may have happened: then it is newer.
      const [foundAt, wroteAt] = [String(at(found, 'data', 'value')), value].map(text => Number(text.split('-')[0]));
      t.true((foundAt ?? 0) >= (wroteAt ?? 0), `${name} lost ${value}`);
      acknowledged.set(name, String(at(found, 'data', 'value')));
    }
    const list = await restarted.target.must('GET', '/api/v1/namespaces/default/configmaps');
    t.true(Number(versionOf(list)) > revision);
    revision = Number(versionOf(list));
    restarted.child.kill('SIGKILL');
    await once(restarted.child, 'exit');
  }
  t.is(acknowledged.size, 4);
});

test('a watch resumes across a restart', async t => {
  const dataDir = await mkdtemp(join(tmpdir(), 'mesos-durability-'));
  t.teardown(() => rm(dataDir, {recursive: true, force: true}));
  const path = '/api/v1/namespaces/default/configmaps';
  const first = await start(t, dataDir);
  const made = await first.target.must('POST', path, {metadata: {name: 'a'}});
  await first.target.must('PUT', `${path}/a`, {metadata: {name: 'a'}, data: {n: '2'}});
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const second = await start(t, dataDir);
  const stream = await second.target.watch(`${path}?watch=true&resourceVersion=${versionOf(made)}`);
  const event = await stream.next();
  t.is(event?.type, 'MODIFIED');
  t.is(at(event?.object, 'data', 'n'), '2');
  stream.close();
});
