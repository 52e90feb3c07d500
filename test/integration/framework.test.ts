import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {runFramework} from '../../examples/framework/scheduler.ts';
import {Cluster} from '../support/cluster.ts';
import {eventually} from '../support/eventually.ts';
import {call, frameworkInfo, type Stream, subscribe} from '../support/scheduler-client.ts';

test.serial('the example framework runs its ten commands, twice, beside Marathon, and leaves nothing', async t => {
  const cluster = await Cluster.start(t);
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 1));
  const [web] = await cluster.untilRunning('web', 1);
  const before = await cluster.view();
  const ids = new Set<string>();
  // One of them stands by and sends the framework to the other.
  for (const {mesosUrl} of cluster.running()) {
    const {finished, frameworkId} = await runFramework({
      master: mesosUrl,
      tasks: 10,
      command: 'echo hello > out',
      role: '*',
      cpus: 0.5,
      mem: 32,
      print: () => {},
    });
    t.is(finished, 10);
    ids.add(frameworkId);
  }
  t.is(ids.size, 2);
  t.deepEqual(await cluster.untilRunning('web', 1), [String(web)]);
  await eventually('only Marathon is left', async () => {
    const after = await cluster.view();
    return JSON.stringify(after) === JSON.stringify(before);
  });
});

const amounts = [
  {name: 'cpus', type: 'SCALAR' as const, scalar: {value: 0.1}},
  {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}},
];

/** Launches commands on the next offer, by task id. */
async function launch(url: string, stream: Stream, commands: Readonly<Record<string, string>>): Promise<void> {
  const [offer] = (await stream.next('OFFERS')).offers.offers ?? [];
  if (offer === undefined) throw new Error('no offer');
  const task_infos = Object.entries(commands).map(([id, value]) => ({
    name: id,
    task_id: {value: id},
    agent_id: offer.agent_id,
    command: {value},
    resources: amounts,
  }));
  const operations = [{type: 'LAUNCH' as const, launch: {task_infos}}];
  await call(url, stream, {type: 'ACCEPT', accept: {offer_ids: [offer.id], operations}});
}

/** Takes the next update and acknowledges it; TASK_STARTING may come before the others. @returns `<task id> <state>` */
async function nextUpdate(url: string, stream: Stream): Promise<string> {
  const {status} = (await stream.next('UPDATE')).update;
  const {task_id, agent_id, uuid, state} = status;
  if (uuid !== undefined && agent_id !== undefined)
    await call(url, stream, {type: 'ACKNOWLEDGE', acknowledge: {task_id, agent_id, uuid}});
  return state === 'TASK_STARTING' ? nextUpdate(url, stream) : `${task_id.value} ${state}`;
}

test.serial('a framework comes back to the next leader: its tasks are there, and no update was lost', async t => {
  const cluster = await Cluster.start(t);
  const first = await cluster.leader();
  const info = frameworkInfo('foreign', {failover_timeout: 3600});
  const stream = await subscribe(first.mesosUrl, info);
  await stream.next('SUBSCRIBED');
  const flag = join(cluster.dataDir, 'go');
  await launch(first.mesosUrl, stream, {
    long: 'exec sleep 4321',
    short: `until [ -e ${flag} ]; do sleep 0.05; done; exit 7`,
  });
  t.deepEqual([await nextUpdate(first.mesosUrl, stream), await nextUpdate(first.mesosUrl, stream)].sort(), [
    'long TASK_RUNNING',
    'short TASK_RUNNING',
  ]);

  await first.program.end('SIGKILL');
  await stream.ended;
  await writeFile(flag, '');
  const second = await cluster.untilReady(2);
  const id = {value: stream.frameworkId()};
  const again = await subscribe(second.mesosUrl, {...info, id});
  t.teardown(again.close);
  t.is((await again.next('SUBSCRIBED')).subscribed.framework_id.value, id.value);
  // What was acknowledged before may be told once more: nobody wrote down that it was.
  const told = [await nextUpdate(second.mesosUrl, again), await nextUpdate(second.mesosUrl, again)];
  t.deepEqual(told.sort(), ['long TASK_RUNNING', 'short TASK_FAILED']);
  await call(second.mesosUrl, again, {type: 'RECONCILE', reconcile: {tasks: [{task_id: {value: 'long'}}]}});
  t.is(await nextUpdate(second.mesosUrl, again), 'long TASK_RUNNING');
  t.deepEqual((await cluster.view()).taskIds, ['long']);

  await call(second.mesosUrl, again, {type: 'TEARDOWN'});
  await eventually('no process', async () => (await cluster.taskProcesses()).length === 0);
});
