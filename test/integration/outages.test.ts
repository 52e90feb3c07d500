import test from 'ava';
import {Cluster, LONG_LEASE} from '../support/cluster.ts';
import {eventually} from '../support/eventually.ts';

test.serial('the API server comes back before the renew deadline: the leader stays', async t => {
  const cluster = await Cluster.start(t, ['a1', 'a2'], LONG_LEASE);
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 3));
  await cluster.untilRunning('web', 3);
  const first = await cluster.leader();
  await cluster.api.end('SIGKILL');
  await cluster.startApi();
  t.is((await cluster.marathon('PUT', '/v2/apps/web', {instances: 4})).status, 200);
  await cluster.untilRunning('web', 4);
  t.is((await cluster.marathon('PUT', '/v2/apps/web', {instances: 3})).status, 200);
  await cluster.untilRunning('web', 3);
  t.is(await cluster.leader(), first);
});

test.serial(
  'the API server is gone for longer: the leader gives up, tasks go on, and so does everything else',
  async t => {
    const cluster = await Cluster.start(t);
    await cluster.marathon('POST', '/v2/apps', cluster.app('web', 3));
    await cluster.untilRunning('web', 3);
    const {taskIds, frameworkIds, used} = await cluster.view();
    const processes = await cluster.untilProcesses(3);
    const first = await cluster.leader();
    await cluster.api.end('SIGKILL');
    t.is(await first.program.ended, 1, 'it leads no more, and its exit code says so');
    t.deepEqual(await cluster.taskProcesses(), processes);
    await cluster.startApi();
    await cluster.startController();
    await cluster.untilReady(2);

    t.deepEqual(await cluster.taskProcesses(), processes);
    const after = await cluster.view();
    t.deepEqual({taskIds: after.taskIds, frameworkIds: after.frameworkIds}, {taskIds, frameworkIds});
    t.deepEqual(after.used, used);
    t.is((await cluster.marathon('PUT', '/v2/apps/web', {instances: 5})).status, 200);
    const five = await cluster.untilRunning('web', 5);
    t.true(taskIds.every(id => five.includes(id)));
    t.is((await cluster.marathon('DELETE', '/v2/apps/web')).status, 200);
    await eventually('no process', async () => (await cluster.taskProcesses()).length === 0);
  },
);

test.serial('an agent is killed and comes back in time: its tasks were never gone', async t => {
  const cluster = await Cluster.start(t);
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 4));
  const tasks = await cluster.untilRunning('web', 4);
  const processes = await cluster.untilProcesses(4);
  await cluster.agents.get('a1')?.end('SIGKILL');
  cluster.startAgent('a1');
  await cluster.agents.get('a1')?.printed(/(agent registered)/);
  t.deepEqual(await cluster.untilRunning('web', 4), tasks);
  t.deepEqual(await cluster.taskProcesses(), processes);
  t.is((await cluster.starts()).length, 4);
});

test.serial(
  'all agents are gone while their nodes are ready: nothing is restarted, and they are known again',
  async t => {
    const cluster = await Cluster.start(t, ['a1', 'a2'], LONG_LEASE, {watchNodes: true});
    await cluster.marathon('POST', '/v2/apps', cluster.app('web', 4));
    const tasks = await cluster.untilRunning('web', 4);
    const processes = await cluster.untilProcesses(4);
    for (const agent of cluster.agents.values()) await agent.end('SIGKILL');
    await cluster.untilReady(0);
    t.deepEqual(await cluster.untilRunning('web', 4), tasks);
    for (const name of ['a1', 'a2']) cluster.startAgent(name);
    await cluster.untilReady(2);
    t.deepEqual(await cluster.untilRunning('web', 4), tasks);
    t.deepEqual(await cluster.taskProcesses(), processes);
    t.deepEqual((await cluster.starts()).toSorted(), tasks.toSorted());
  },
);

test.serial('an agent returns after its tasks were replaced: they run again, and the surplus is ended', async t => {
  const cluster = await Cluster.start(t, ['a1']);
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 4));
  const tasks = await cluster.untilRunning('web', 4);
  cluster.startAgent('a2');
  await cluster.untilReady(2);
  await cluster.agents.get('a1')?.end('SIGKILL');
  await cluster.untilReady(1);
  // Nobody is there to stop the processes of the lost agent: they go on beside their replacements.
  await eventually('replacements', async () => (await cluster.taskProcesses()).length === 8);

  cluster.startAgent('a1');
  await cluster.untilReady(2);
  await eventually('exactly four tasks and processes', async () => {
    const running = await cluster.untilRunning('web', 4);
    const processes = await cluster.taskProcesses();
    return processes.length === 4 && processes.every(({taskId}, index) => taskId === running[index]);
  });
  const starts = await cluster.starts();
  t.is(new Set(starts).size, starts.length, 'nothing was started twice');
  t.true(tasks.every(id => starts.includes(id)));
  await eventually('the resources of four tasks in use', async () => {
    const {used, taskIds} = await cluster.view();
    const cpus = Object.values(used).reduce((sum, resources) => sum + Number(resources['cpus']), 0);
    return taskIds.length === 4 && Math.round(cpus * 10) === 4;
  });
});
