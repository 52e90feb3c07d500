import test, {type ExecutionContext} from 'ava';
import {toAppId} from '../../../src/controller/marathon/core/ids.ts';
import {MARATHON_APPS, type MarathonAppSpec} from '../../../src/crds/marathon-app.ts';
import {decodeObject} from '../../../src/crds/kind.ts';
import {httpError} from '../../../src/kube/kube-error.ts';
import {ok} from '../../../src/lib/result.ts';
import {MarathonCluster, type MarathonClusterOptions} from './marathon-cluster.ts';
import {seededRandom} from './simulation.ts';

const WEB = toAppId('/web');
const SPEC = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2, backoffSeconds: 0, maxLaunchDelaySeconds: 0};

async function started(t: ExecutionContext, options?: MarathonClusterOptions): Promise<MarathonCluster> {
  const cluster = new MarathonCluster(options);
  t.teardown(() => cluster.marathon.stop());
  await cluster.start();
  return cluster;
}

/** The answer, and the time that it takes. */
async function during<T>(cluster: MarathonCluster, pending: Promise<T>, ms = 10_000): Promise<T> {
  await cluster.pass(ms);
  return pending;
}

const change = ({marathon}: MarathonCluster, spec: MarathonAppSpec) =>
  marathon.change({id: WEB, force: true, edit: () => ok({kind: 'replace', spec})});

function specOf(fields: Record<string, unknown>): MarathonAppSpec {
  const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec: fields});
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value.spec;
}

test('thirty-two writers of one app are all served', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(2000);
  const writes = Array.from({length: 32}, (_, index) => change(cluster, specOf({...SPEC, labels: {n: String(index)}})));
  const answers = await during(cluster, Promise.all(writes), 30_000);
  t.deepEqual(
    answers.filter(answer => !answer.ok),
    [],
  );
  t.is(new Set(answers.flatMap(answer => (answer.ok ? answer.value.version : []))).size, 32);
});

test('an app in a restart storm can be scaled to 0 and deleted', async t => {
  const cluster = await started(t);
  cluster.create('web', {...SPEC, instances: 30});
  await cluster.pass(2000);
  const storm = async (): Promise<void> => {
    for (let round = 0; round < 20; round++) {
      for (const taskId of [...cluster.master.tasks.keys()]) cluster.master.report(taskId, 'TASK_FAILED');
      await cluster.pass(250);
    }
  };
  const scaled = change(cluster, specOf({...SPEC, instances: 0}));
  await storm();
  t.true((await scaled).ok);
  t.is(cluster.master.tasks.size, 0);
  const deleted = cluster.marathon.change({id: WEB, force: true, edit: () => ok({kind: 'delete'})});
  t.true((await during(cluster, deleted)).ok);
  await cluster.pass(2000);
  t.is(cluster.kube.find(MARATHON_APPS, 'web'), undefined);
});

test('scaling to 0 goes before the changes that wait', async t => {
  const cluster = await started(t);
  cluster.create('web', SPEC);
  await cluster.pass(2000);
  const order: string[] = [];
  const others = [1, 2, 3].map(async n => {
    await change(cluster, specOf({...SPEC, labels: {n: String(n)}}));
    order.push(String(n));
  });
  const stop = change(cluster, specOf({...SPEC, instances: 0})).then(() => order.push('0'));
  await during(cluster, Promise.all([...others, stop]));
  t.true(order.indexOf('0') <= 1, order.join());
});

test('a kind that is not installed is named', async t => {
  const cluster = await started(t);
  cluster.kube.fault = ({verb}) =>
    verb === 'get' || verb === 'create'
      ? httpError(404, 'the server could not find the requested resource')
      : undefined;
  const answer = await during(
    cluster,
    cluster.marathon.change({id: WEB, force: false, edit: () => ok({kind: 'create', spec: specOf(SPEC)})}),
  );
  t.false(answer.ok);
  if (!answer.ok) t.regex(answer.error.kind === 'unavailable' ? answer.error.message : '', /kind MarathonApp/);
});

test('a throw on behalf of one app rebuilds everything, and everything goes on', async t => {
  let armed = false;
  const random = seededRandom(7);
  const cluster = await started(t, {
    random: () => {
      if (armed && new Error('where').stack?.includes('/core/') === true) {
        armed = false;
        throw new Error('a mistake');
      }
      return random();
    },
  });
  cluster.create('web', SPEC);
  await cluster.pass(2000);
  const before = [...cluster.master.tasks.keys()];
  armed = true;
  cluster.create('db', SPEC);
  await cluster.pass(10_000);
  t.is(cluster.rebuilds, 1);
  t.true(cluster.marathon.ready());
  t.is(cluster.master.tasks.size, 4);
  t.true(before.every(id => cluster.master.tasks.has(id)));
  t.deepEqual(cluster.fatal, []);
});

test('an app that makes Marathon throw again is set aside, until its object changes', async t => {
  let armed = false;
  const random = seededRandom(7);
  const cluster = await started(t, {
    random: () => {
      if (armed && new Error('where').stack?.includes('newStamp') === true) throw new Error('a mistake');
      return random();
    },
  });
  const {kube, master} = cluster;
  cluster.create('web', SPEC);
  await cluster.pass(6000);
  const before = [...master.tasks.keys()];
  armed = true;
  cluster.create('bad', SPEC);
  await cluster.pass(6000);
  armed = false;
  t.like(cluster.condition('bad', 'Degraded'), {status: 'True', reason: 'SetAside'});
  t.deepEqual([...master.tasks.keys()], before);
  kube.patch(MARATHON_APPS, 'web', {spec: {instances: 3}});
  await cluster.pass(6000);
  t.is(master.tasks.size, 3, 'all others make progress');
  t.is(cluster.condition('web', 'Degraded')?.status, 'False');
  kube.patch(MARATHON_APPS, 'bad', {spec: {instances: 1}});
  await cluster.pass(10_000);
  t.is(master.tasks.size, 4);
  t.is(cluster.condition('bad', 'Degraded')?.status, 'False');
  t.deepEqual(cluster.fatal, []);
});

test('what runs for an app that is set aside goes on', async t => {
  let armed = false;
  const random = seededRandom(7);
  const cluster = await started(t, {
    random: () => {
      if (armed && new Error('where').stack?.includes('newStamp') === true) throw new Error('a mistake');
      return random();
    },
  });
  const {kube, master} = cluster;
  cluster.create('web', SPEC);
  await cluster.pass(6000);
  const before = [...master.tasks.keys()];
  armed = true;
  kube.patch(MARATHON_APPS, 'web', {spec: {cmd: 'sleep 2000'}});
  await cluster.pass(6000);
  armed = false;
  t.like(cluster.condition('web', 'Degraded'), {status: 'True', reason: 'SetAside'});
  t.deepEqual([...master.tasks.keys()], before);
  kube.patch(MARATHON_APPS, 'web', {spec: {cmd: 'sleep 3000'}});
  await cluster.pass(20_000);
  const commands = [...master.tasks.values()].map(({info}) => info.command?.value);
  t.deepEqual(commands, ['sleep 3000', 'sleep 3000']);
});

for (const seed of [1, 2, 3, 4]) {
  test(`throws at random places: nothing is launched twice, nothing is lost (seed ${seed})`, async t => {
    let countdown = Infinity;
    let thrown = 0;
    const random = seededRandom(seed);
    const choose = seededRandom(seed + 100);
    const cluster = await started(t, {
      random: () => {
        if (countdown < Infinity && new Error('where').stack?.includes('/core/') === true && countdown-- <= 0) {
          countdown = Infinity;
          thrown += 1;
          throw new Error('a mistake');
        }
        return random();
      },
    });
    const {kube, master} = cluster;
    const wanted = new Map<string, number>();
    for (const name of ['a', 'b', 'c']) {
      cluster.create(name, {...SPEC, instances: 1});
      wanted.set(name, 1);
    }
    await cluster.pass(10_000);
    for (let round = 0; round < 6; round++) {
      // Launches ask for chance many times each.
      countdown = Math.floor(choose() * 60);
      for (const name of wanted.keys()) {
        const instances = 1 + Math.floor(choose() * 4);
        wanted.set(name, instances);
        kube.patch(MARATHON_APPS, name, {spec: {instances, labels: {round: String(round)}}});
      }
      await cluster.pass(30_000);
    }
    countdown = Infinity;
    await cluster.pass(60_000);
    t.true(thrown > 0);
    t.is(cluster.rebuilds, thrown);
    const launched = master.calls.flatMap(call =>
      call.type === 'ACCEPT'
        ? (call.accept.operations ?? []).flatMap(({launch}) =>
            (launch?.task_infos ?? []).map(info => info.task_id.value),
          )
        : [],
    );
    t.is(new Set(launched).size, launched.length);
    for (const [name, instances] of wanted) {
      const running = [...master.tasks.keys()].filter(id => id.startsWith(`${name}.instance-`));
      t.is(running.length, instances, name);
    }
    t.deepEqual(cluster.fatal, []);
  });
}
