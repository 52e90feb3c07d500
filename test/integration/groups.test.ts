import test from 'ava';
import type {TaskStatus} from '../../src/api/mesos/v1/common.ts';
import {Cluster} from '../support/cluster.ts';
import {call, frameworkInfo, type Stream, subscribe} from '../support/scheduler-client.ts';

const amounts = (cpus: number) => [
  {name: 'cpus', type: 'SCALAR' as const, scalar: {value: cpus}},
  {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}},
  {name: 'disk', type: 'SCALAR' as const, scalar: {value: 1}},
];

/** What all tasks of a group find at the same place. */
const SHARED = {
  type: 'MESOS' as const,
  volumes: [
    {
      container_path: 'shared',
      mode: 'RW' as const,
      source: {type: 'SANDBOX_PATH' as const, sandbox_path: {type: 'PARENT' as const, path: 'all'}},
    },
  ],
};

/** Launches a group on the next offer: commands by task id. */
async function launchGroup(url: string, stream: Stream, commands: Readonly<Record<string, string>>): Promise<void> {
  const [offer] = (await stream.next('OFFERS')).offers.offers ?? [];
  if (offer === undefined) throw new Error('no offer');
  const tasks = Object.entries(commands).map(([id, value]) => ({
    name: id,
    task_id: {value: id},
    agent_id: offer.agent_id,
    command: {value},
    container: SHARED,
    resources: amounts(0.1),
  }));
  const executor = {executor_id: {value: 'e'}, type: 'DEFAULT' as const, resources: amounts(0.1)};
  const operations = [{type: 'LAUNCH_GROUP' as const, launch_group: {executor, task_group: {tasks}}}];
  await call(url, stream, {type: 'ACCEPT', accept: {offer_ids: [offer.id], operations}});
}

/** Acknowledges updates until so many tasks have ended. @returns all states of each task, in order */
async function untilEnded(url: string, stream: Stream, count: number): Promise<Map<string, readonly TaskStatus[]>> {
  const seen = new Map<string, TaskStatus[]>();
  for (let ended = 0; ended < count;) {
    const {status} = (await stream.next('UPDATE')).update;
    const {task_id, agent_id, uuid, state} = status;
    if (uuid !== undefined && agent_id !== undefined)
      await call(url, stream, {type: 'ACKNOWLEDGE', acknowledge: {task_id, agent_id, uuid}});
    seen.set(task_id.value, [...(seen.get(task_id.value) ?? []), status]);
    if (['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED'].includes(state)) ended++;
  }
  return seen;
}

const states = (seen: ReadonlyMap<string, readonly TaskStatus[]>) =>
  Object.fromEntries([...seen].map(([id, all]) => [id, all.map(({state}) => state)]));

test.serial('tasks of a group run together, share what they want to, and each ends by itself', async t => {
  const cluster = await Cluster.start(t);
  const {mesosUrl} = await cluster.leader();
  const stream = await subscribe(mesosUrl, frameworkInfo('groups'));
  await stream.next('SUBSCRIBED');
  await launchGroup(mesosUrl, stream, {
    writer: 'echo hello > shared/word; until [ -e shared/read ]; do sleep 0.05; done',
    reader:
      'until [ -s shared/word ]; do sleep 0.05; done; grep hello shared/word && touch shared/read; exec sleep 0.2',
  });
  const seen = await untilEnded(mesosUrl, stream, 2);
  t.deepEqual(states(seen), {
    writer: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'],
    reader: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'],
  });
  for (const status of [...seen.values()].flatMap(all => all.slice(1))) {
    t.is(status.executor_id?.value, 'e');
    t.truthy(status.container_status?.network_infos?.[0]?.ip_addresses?.[0]?.ip_address);
  }
});

test.serial('a task of a group that fails takes the others along', async t => {
  const cluster = await Cluster.start(t);
  const {mesosUrl} = await cluster.leader();
  const stream = await subscribe(mesosUrl, frameworkInfo('groups'));
  await stream.next('SUBSCRIBED');
  await launchGroup(mesosUrl, stream, {
    well: 'touch shared/runs; exec sleep 4321',
    bad: 'until [ -e shared/runs ]; do sleep 0.05; done; sleep 0.5; exit 3',
  });
  t.deepEqual(states(await untilEnded(mesosUrl, stream, 2)), {
    well: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLED'],
    bad: ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'],
  });
});
