import test, {type ExecutionContext} from 'ava';
import {MARATHON_FLAGS} from '../../../src/controller/marathon/flags.ts';
import {createMarathon, type Marathon} from '../../../src/controller/marathon/marathon.ts';
import {toAppId} from '../../../src/controller/marathon/core/ids.ts';
import {MARATHON_APPS, type MarathonAppSpec, type MarathonAppStatus} from '../../../src/crds/marathon-app.ts';
import {decodeObject} from '../../../src/crds/kind.ts';
import {httpError} from '../../../src/kube/kube-error.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {parseFlags} from '../../../src/lib/flags.ts';
import {ok} from '../../../src/lib/result.ts';
import {TestKube} from '../../support/test-kube.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';
import {FakeMaster} from './fake-cluster.ts';
import {seededRandom} from './simulation.ts';

const WEB = toAppId('/web');
const SPEC = {cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 2, backoffSeconds: 0, maxLaunchDelaySeconds: 0};

type Random = () => number;

/** Marathon on the embedded API server, with a master that runs every task at once. */
class System {
  readonly clock = new VirtualClock();
  readonly kube = new TestKube({clock: this.clock});
  readonly master = new FakeMaster();
  readonly fatal: string[] = [];
  readonly marathon: Marathon;

  constructor(random: Random = seededRandom(7)) {
    const flags = parseFlags(MARATHON_FLAGS, {argv: []});
    if (!flags.ok) throw new Error(flags.error.join());
    this.marathon = createMarathon({
      client: this.kube.client,
      namespace: 'default',
      clock: this.clock,
      random,
      log: silentLogger,
      flags: flags.value,
      scheduler: this.master.scheduler,
      operator: this.master.operator,
      onFatal: reason => void this.fatal.push(reason),
    });
  }

  async start(t: ExecutionContext): Promise<this> {
    t.teardown(() => this.marathon.stop());
    void this.marathon.start();
    await this.pass(2000);
    return this;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      await this.clock.advanceAsync(Math.min(left, 250));
      this.master.beat();
      this.master.offer();
      await this.clock.advanceAsync(0);
    }
  }

  /** The answer, and the time that it takes. */
  async during<T>(pending: Promise<T>, ms = 10_000): Promise<T> {
    await this.pass(ms);
    return pending;
  }

  change(spec: MarathonAppSpec, more: object = {}) {
    return this.marathon.change({id: WEB, force: true, edit: () => ok({kind: 'replace', spec: {...spec, ...more}})});
  }

  condition(name: string, type: string) {
    const object = this.kube.find<KubeObject<unknown, MarathonAppStatus>>(MARATHON_APPS, name);
    return object?.status?.conditions?.find(condition => condition.type === type);
  }
}

function specOf(fields: Record<string, unknown>): MarathonAppSpec {
  const decoded = decodeObject(MARATHON_APPS, {apiVersion: '', kind: '', metadata: {name: 'x'}, spec: fields});
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value.spec;
}

test('thirty-two writers of one app are all served', async t => {
  const system = await new System().start(t);
  system.kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: SPEC});
  await system.pass(2000);
  const writes = Array.from({length: 32}, (_, index) => system.change(specOf({...SPEC, labels: {n: String(index)}})));
  const answers = await system.during(Promise.all(writes), 30_000);
  t.deepEqual(
    answers.filter(answer => !answer.ok),
    [],
  );
  t.is(new Set(answers.flatMap(answer => (answer.ok ? answer.value.version : []))).size, 32);
});

test('an app in a restart storm can be scaled to 0 and deleted', async t => {
  const system = await new System().start(t);
  system.kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: {...SPEC, instances: 30}});
  await system.pass(2000);
  const storm = async (): Promise<void> => {
    for (let round = 0; round < 20; round++) {
      for (const taskId of [...system.master.tasks.keys()]) system.master.report(taskId, 'TASK_FAILED');
      await system.pass(250);
    }
  };
  const scaled = system.change(specOf({...SPEC, instances: 0}));
  await storm();
  t.true((await scaled).ok);
  t.is(system.master.tasks.size, 0);
  const deleted = system.marathon.change({id: WEB, force: true, edit: () => ok({kind: 'delete'})});
  t.true((await system.during(deleted)).ok);
  await system.pass(2000);
  t.is(system.kube.find(MARATHON_APPS, 'web'), undefined);
});

test('scaling to 0 goes before the changes that wait', async t => {
  const system = await new System().start(t);
  system.kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: SPEC});
  await system.pass(2000);
  const order: string[] = [];
  const others = [1, 2, 3].map(async n => {
    await system.change(specOf({...SPEC, labels: {n: String(n)}}));
    order.push(String(n));
  });
  const stop = system.change(specOf({...SPEC, instances: 0})).then(() => order.push('0'));
  await system.during(Promise.all([...others, stop]));
  t.true(order.indexOf('0') <= 1, order.join());
});

test('a kind that is not installed is named', async t => {
  const system = await new System().start(t);
  system.kube.fault = ({verb}) =>
    verb === 'get' || verb === 'create'
      ? httpError(404, 'the server could not find the requested resource')
      : undefined;
  const answer = await system.during(
    system.marathon.change({id: WEB, force: false, edit: () => ok({kind: 'create', spec: specOf(SPEC)})}),
  );
  t.false(answer.ok);
  if (!answer.ok) t.regex(answer.error.kind === 'unavailable' ? answer.error.message : '', /kind MarathonApp/);
});

test('a throw on behalf of one app rebuilds everything, and everything goes on', async t => {
  let armed = false;
  const random = seededRandom(7);
  const system = await new System(() => {
    if (armed && new Error('where').stack?.includes('/core/') === true) {
      armed = false;
      throw new Error('a mistake');
    }
    return random();
  }).start(t);
  system.kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: SPEC});
  await system.pass(2000);
  const before = [...system.master.tasks.keys()];
  armed = true;
  system.kube.create(MARATHON_APPS, {metadata: {name: 'db'}, spec: SPEC});
  await system.pass(10_000);
  t.is(system.marathon.rebuilds(), 1);
  t.true(system.marathon.ready());
  t.is(system.master.tasks.size, 4);
  t.true(before.every(id => system.master.tasks.has(id)));
  t.deepEqual(system.fatal, []);
});

test('an app that makes Marathon throw again is set aside, until its object changes', async t => {
  let armed = false;
  const random = seededRandom(7);
  const system = await new System(() => {
    if (armed && new Error('where').stack?.includes('newStamp') === true) throw new Error('a mistake');
    return random();
  }).start(t);
  const {kube, master} = system;
  kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: SPEC});
  await system.pass(6000);
  const before = [...master.tasks.keys()];
  armed = true;
  kube.create(MARATHON_APPS, {metadata: {name: 'bad'}, spec: SPEC});
  await system.pass(6000);
  armed = false;
  t.like(system.condition('bad', 'Degraded'), {status: 'True', reason: 'SetAside'});
  t.deepEqual([...master.tasks.keys()], before);
  kube.patch(MARATHON_APPS, 'web', {spec: {instances: 3}});
  await system.pass(6000);
  t.is(master.tasks.size, 3, 'all others make progress');
  t.is(system.condition('web', 'Degraded')?.status, 'False');
  kube.patch(MARATHON_APPS, 'bad', {spec: {instances: 1}});
  await system.pass(10_000);
  t.is(master.tasks.size, 4);
  t.is(system.condition('bad', 'Degraded')?.status, 'False');
  t.deepEqual(system.fatal, []);
});

test('what runs for an app that is set aside goes on', async t => {
  let armed = false;
  const random = seededRandom(7);
  const system = await new System(() => {
    if (armed && new Error('where').stack?.includes('newStamp') === true) throw new Error('a mistake');
    return random();
  }).start(t);
  const {kube, master} = system;
  kube.create(MARATHON_APPS, {metadata: {name: 'web'}, spec: SPEC});
  await system.pass(6000);
  const before = [...master.tasks.keys()];
  armed = true;
  kube.patch(MARATHON_APPS, 'web', {spec: {cmd: 'sleep 2000'}});
  await system.pass(6000);
  armed = false;
  t.like(system.condition('web', 'Degraded'), {status: 'True', reason: 'SetAside'});
  t.deepEqual([...master.tasks.keys()], before);
  kube.patch(MARATHON_APPS, 'web', {spec: {cmd: 'sleep 3000'}});
  await system.pass(20_000);
  const commands = [...master.tasks.values()].map(({info}) => info.command?.value);
  t.deepEqual(commands, ['sleep 3000', 'sleep 3000']);
});

for (const seed of [1, 2, 3, 4]) {
  test(`throws at random places: nothing is launched twice, nothing is lost (seed ${seed})`, async t => {
    let countdown = Infinity;
    let thrown = 0;
    const random = seededRandom(seed);
    const choose = seededRandom(seed + 100);
    const system = await new System(() => {
      if (countdown < Infinity && new Error('where').stack?.includes('/core/') === true && countdown-- <= 0) {
        countdown = Infinity;
        thrown += 1;
        throw new Error('a mistake');
      }
      return random();
    }).start(t);
    const {kube, master} = system;
    const wanted = new Map<string, number>();
    for (const name of ['a', 'b', 'c']) {
      kube.create(MARATHON_APPS, {metadata: {name}, spec: {...SPEC, instances: 1}});
      wanted.set(name, 1);
    }
    await system.pass(10_000);
    for (let round = 0; round < 6; round++) {
      // Launches ask for chance many times each.
      countdown = Math.floor(choose() * 60);
      for (const name of wanted.keys()) {
        const instances = 1 + Math.floor(choose() * 4);
        wanted.set(name, instances);
        kube.patch(MARATHON_APPS, name, {spec: {instances, labels: {round: String(round)}}});
      }
      await system.pass(30_000);
    }
    countdown = Infinity;
    await system.pass(60_000);
    t.true(thrown > 0);
    t.is(system.marathon.rebuilds(), thrown);
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
    t.deepEqual(system.fatal, []);
  });
}
