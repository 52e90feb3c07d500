import {join} from 'node:path';
import test from 'ava';
import {ApiProxy} from '../support/api-proxy.ts';
import {Cluster, type Controller} from '../support/cluster.ts';
import {eventually} from '../support/eventually.ts';
import type {Json} from '../support/standalone.ts';

/** Everything that must survive a change of leaders. */
async function everything(cluster: Cluster) {
  return {...(await cluster.view()), processes: await cluster.taskProcesses(), starts: await cluster.starts()};
}

async function leaderAndStandby(cluster: Cluster): Promise<{first: Controller; second: Controller}> {
  const first = await cluster.leader();
  const second = cluster.running().find(controller => controller !== first);
  if (second === undefined) throw new Error('nobody stands by');
  return {first, second};
}

const address = (url: string): string => url.replace('http://', '');

test.serial(
  'the second controller sends callers of the master to the leader and hands on those of Marathon',
  async t => {
    const cluster = await Cluster.start(t);
    const {first, second} = await leaderAndStandby(cluster);

    const redirected = await fetch(`${second.mesosUrl}/master/state?x=1`, {redirect: 'manual'});
    t.is(redirected.status, 307);
    t.is(redirected.headers.get('location'), `//${address(first.mesosUrl)}/master/state?x=1`);
    t.is((await fetch(`${second.mesosUrl}/health`)).status, 200);
    // Ready to answer: the one by itself, the other through it.
    for (const {mesosUrl} of [first, second]) {
      const ready = await fetch(`${mesosUrl}/readyz?verbose`);
      t.deepEqual([ready.status, await ready.text()], [200, '[+]leader ok\n[+]serving ok\ncheck passed\n']);
    }

    const created = await fetch(`${second.marathonUrl}/v2/apps`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(cluster.app('web', 1)),
    });
    t.is(created.status, 201);
    await cluster.untilRunning('web', 1);
    const seen = (await (await fetch(`${second.marathonUrl}/v2/apps/web`)).json()) as Json;
    t.like(seen['app'], {id: '/web', instances: 1});
    t.deepEqual(await (await fetch(`${second.marathonUrl}/v2/leader`)).json(), {leader: address(first.marathonUrl)});
  },
);

test.serial('the leader is killed: the second knows all that the first knew, and no task is touched', async t => {
  const cluster = await Cluster.start(t);
  const {first, second} = await leaderAndStandby(cluster);
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 3));
  await cluster.marathon('POST', '/v2/apps', cluster.app('db/main', 1));
  await cluster.untilRunning('web', 3);
  await cluster.untilRunning('db/main', 1);
  const before = await everything(cluster);
  t.is(before.processes.length, 4);

  await first.program.end('SIGKILL');
  t.is(await cluster.untilReady(2), second);
  t.deepEqual(await everything(cluster), before);

  t.is((await cluster.marathon('PUT', '/v2/apps/web', {instances: 5})).status, 200);
  const five = await cluster.untilRunning('web', 5);
  t.true(before.taskIds.filter(id => id.startsWith('web')).every(id => five.includes(id)));
  t.is((await cluster.marathon('PUT', '/v2/apps/web', {instances: 1})).status, 200);
  await cluster.untilRunning('web', 1);
  t.is((await cluster.marathon('DELETE', '/v2/apps/web')).status, 200);
  await eventually('one process', async () => (await cluster.taskProcesses()).length === 1);
  const starts = await cluster.starts();
  t.is(new Set(starts).size, starts.length, 'nothing was started twice');
});

test.serial('SIGTERM hands over without waiting for the Lease to run out', async t => {
  const cluster = await Cluster.start(t);
  const {first, second} = await leaderAndStandby(cluster);
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 2));
  await cluster.untilRunning('web', 2);
  const before = await everything(cluster);

  const beganMs = performance.now();
  t.is(await first.program.end('SIGTERM'), 0);
  t.is(await cluster.untilReady(2), second);
  t.log(`handed over in ${Math.round(performance.now() - beganMs)} ms`);
  t.regex(first.program.output, /lease released/);
  t.deepEqual(await everything(cluster), before);
});

test.serial('a leader that slept beyond its Lease writes nothing when it wakes, and ends', async t => {
  const cluster = await Cluster.start(t);
  const proxy = await ApiProxy.start(t, cluster.kubeconfig, join(cluster.dataDir, 'proxied'));
  // The one behind the proxy becomes the leader.
  for (const {program} of cluster.running()) await program.end('SIGTERM');
  const sleeper = await cluster.startController(proxy.kubeconfigPath);
  await cluster.untilReady(2);
  const other = await cluster.startController();
  await cluster.marathon('POST', '/v2/apps', cluster.app('web', 2));
  await cluster.untilRunning('web', 2);
  const before = await everything(cluster);

  // It sleeps in the middle of work: something is asked of it that it has not done yet.
  const asked = fetch(`${sleeper.marathonUrl}/v2/apps/web`, {
    method: 'PUT',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({instances: 4}),
  }).then(
    answer => answer.status,
    () => 0,
  );
  sleeper.program.signal('SIGSTOP');
  cluster.controllers = [other];
  t.is(await cluster.untilReady(2), other);
  const written = proxy.writes.length;
  sleeper.program.signal('SIGCONT');
  t.is(await sleeper.program.ended, 1);
  t.deepEqual(proxy.writes.slice(written), []);
  t.regex(sleeper.program.output, /leadership lost/);

  const {body} = await cluster.marathon('GET', '/v2/apps/web');
  const wanted = Number((body['app'] as Json)['instances']);
  t.true([2, 4].includes(wanted), `wanted ${wanted}, answered ${await asked}`);
  const after = await cluster.untilRunning('web', wanted);
  t.true(before.taskIds.every(id => after.includes(id)));
  t.is((await cluster.taskProcesses()).length, wanted);
});
