import test, {type ExecutionContext} from 'ava';
import {masterStep} from '../../../src/controller/mesos/leading-master.ts';
import type {RoleSetting} from '../../../src/controller/mesos/core/roles/role-types.ts';
import type {MasterStep} from '../../../src/controller/mesos/master-context.ts';
import {MESOS_AGENTS} from '../../../src/crds/mesos-agent.ts';
import {MESOS_FRAMEWORKS} from '../../../src/crds/mesos-framework.ts';
import {MESOS_ROLES} from '../../../src/crds/mesos-role.ts';
import {CONFIG_MAPS, EVENTS, PODS} from '../../../src/kube/kinds.ts';
import {maintenanceObject} from '../../../src/controller/mesos/objects/maintenance-object.ts';
import type {KubeObject} from '../../../src/kube/types.ts';
import {TestKube} from '../../support/test-kube.ts';
import {call, frameworkInfo, post, type Stream, subscribe} from '../../support/scheduler-client.ts';
import {addAgent, setPodState, testMaster} from '../../support/test-master.ts';
import {settle, VirtualClock} from '../../support/virtual-clock.ts';

type Command = Parameters<MasterStep>[1];

/** A cluster of two agents, whose masters fail at some commands: half-way, when everything is changed. */
function cluster(t: ExecutionContext) {
  const clock = new VirtualClock();
  const kube = new TestKube({clock});
  const fails: {at: (command: Command) => boolean; atQuotaOf?: (setting: RoleSetting) => boolean} = {at: () => false};
  const step: MasterStep = (master, command, nowMs) => {
    const effects = masterStep(master, poisoned(command, fails.atQuotaOf ?? (() => false)), nowMs);
    if (fails.at(command)) throw new Error('a mistake');
    return effects;
  };
  const start = async () => {
    await addAgent(kube.client, clock, 'a1', 'cpus:4;mem:8192').catch(() => undefined);
    await addAgent(kube.client, clock, 'a2', 'cpus:4;mem:8192').catch(() => undefined);
    const master = await testMaster({client: kube.client, clock, step, started: false});
    t.teardown(master.close);
    void master.service.start();
    return master;
  };
  /** Waits for something that comes over sockets, watches and timers. */
  const until = async <T>(look: () => T | undefined | false): Promise<T> => {
    for (let turn = 0; turn < 20_000; turn++) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (turn % 50 === 49) await clock.advanceAsync(100);
      await settle();
    }
    throw new Error(`it did not happen: ${look}`);
  };
  return {kube, clock, fails, start, until};
}

/** Reading the quota of these roles fails: deep in the core, at work for all roles. */
function poisoned(command: Command, isPoison: (setting: RoleSetting) => boolean): Command {
  const poison = <T extends RoleSetting>(settings: readonly T[]): readonly T[] =>
    settings.map(setting =>
      isPoison(setting)
        ? {
            ...setting,
            get quota(): never {
              throw new Error('a mistake');
            },
          }
        : setting,
    );
  if (command.kind === 'roles') return {...command, wishes: poison(command.wishes)};
  if (command.kind !== 'restore' || command.roles === undefined) return command;
  const {wishes, inEffect} = command.roles;
  return {...command, roles: {wishes: poison(wishes), inEffect: poison(inEffect)}};
}

type Cluster = ReturnType<typeof cluster>;
type Started = Awaited<ReturnType<Cluster['start']>>;

const rebuilds = async ({service}: Started): Promise<number> => {
  const found = /mesos_owner_rebuilds_total\{owner="master"\} (\d+)/.exec(await service.metrics.prometheus());
  return Number(found?.[1] ?? -1);
};

const serving =
  ({service}: Started) =>
  (): boolean =>
    service.phase() === 'leading';

const task = (id: string, agentId: string) => ({
  name: id,
  task_id: {value: id},
  agent_id: {value: agentId},
  command: {value: 'sleep 1000'},
  resources: [
    {name: 'cpus', type: 'SCALAR' as const, scalar: {value: 1}},
    {name: 'mem', type: 'SCALAR' as const, scalar: {value: 32}},
  ],
});

/** Launches a task on the next offer. */
async function launch(url: string, stream: Stream, id: string): Promise<number> {
  const {offers} = await stream.next('OFFERS');
  const [offer] = offers.offers ?? [];
  if (offer === undefined) throw new Error('an empty OFFERS event');
  const operations = [{type: 'LAUNCH' as const, launch: {task_infos: [task(id, offer.agent_id.value)]}}];
  return call(url, stream, {type: 'ACCEPT', accept: {offer_ids: [offer.id], operations, filters: {refuse_seconds: 0}}});
}

const podOf = ({kube}: Cluster, id: string): KubeObject | undefined =>
  kube.objects(PODS).find(({metadata}) => metadata.annotations?.['mesos.dev/task-id'] === id);

/** A framework with one task that runs. */
async function withTask(around: Cluster, master: Started, name: string): Promise<{stream: Stream; id: string}> {
  await around.until(serving(master));
  const stream = await subscribe(master.url, frameworkInfo(name, {failover_timeout: 3600}));
  await launch(master.url, stream, `${name}-task`);
  const pod = await around.until(() => podOf(around, `${name}-task`));
  await setPodState(around.kube.client, pod.metadata.name);
  await stream.next('UPDATE');
  return {stream, id: stream.frameworkId()};
}

type Told = {
  readonly conditions?: readonly {readonly type: string; readonly reason: string; readonly message: string}[];
};
const conditionsOf = (object: KubeObject | undefined): NonNullable<Told['conditions']> =>
  (object?.status as Told | undefined)?.conditions ?? [];

test('a throw in a tick is forgiven: the state is read anew, and what runs goes on', async t => {
  const around = cluster(t);
  const master = await around.start();
  const {stream, id} = await withTask(around, master, 'f');
  let failed = 0;
  around.fails.at = ({kind}) => kind === 'tick' && failed++ === 0;
  await around.clock.advanceAsync(1000);
  await stream.ended; // so that it subscribes again
  await around.until(serving(master));
  t.is(await rebuilds(master), 1);
  t.deepEqual(master.fatal, []);
  const again = await subscribe(master.url, frameworkInfo('f', {id: {value: id}, failover_timeout: 3600}));
  await call(master.url, again, {type: 'RECONCILE', reconcile: {tasks: []}});
  const {update} = await again.next('UPDATE');
  t.is(update.status.state, 'TASK_RUNNING');
  t.is(podOf(around, 'f-task')?.metadata.deletionTimestamp, undefined);
});

test('an agent that registers makes no event, since its condition says so', async t => {
  const around = cluster(t);
  const master = await around.start();
  const {stream} = await withTask(around, master, 'f');
  stream.close();
  await around.clock.advanceAsync(5000);
  t.deepEqual(conditionsOf(around.kube.find(MESOS_AGENTS, 'a1')).map(({reason}) => reason), ['AgentReady', 'Schedulable']); // prettier-ignore
  t.false(around.kube.objects(EVENTS).some(event => JSON.stringify(event).includes('registered')));
});

test('throws in every tick end the process, so that another tries', async t => {
  const around = cluster(t);
  const master = await around.start();
  await around.until(serving(master));
  around.fails.at = ({kind}) => kind === 'tick';
  await around.until(() => master.fatal.length > 0);
  t.regex(master.fatal[0] ?? '', /failed at tick again and again: a mistake/);
});

test('ids that were given before a rebuild are not given again', async t => {
  const around = cluster(t);
  const master = await around.start();
  const {id} = await withTask(around, master, 'f');
  let failed = 0;
  around.fails.at = ({kind}) => kind === 'tick' && failed++ === 0;
  await around.clock.advanceAsync(1000);
  await around.until(serving(master));
  const other = await subscribe(master.url, frameworkInfo('g'));
  await other.next('SUBSCRIBED');
  t.not(other.frameworkId(), id);
  t.is(around.kube.objects(MESOS_FRAMEWORKS).length, 2);
});

test('the caller of a call that makes the master fail hears so, and the same call does not do it again and again', async t => {
  const around = cluster(t);
  const master = await around.start();
  await around.until(serving(master));
  const info = {failover_timeout: 3600};
  const first = await subscribe(master.url, frameworkInfo('f', info));
  await first.next('SUBSCRIBED');
  const id = first.frameworkId();
  around.fails.at = command => command.kind === 'call' && command.call.type === 'REVIVE';
  const revive = (stream: Stream) =>
    post(master.url, {type: 'REVIVE', framework_id: {value: id}}, {'Mesos-Stream-Id': stream.streamId});
  const statuses: number[] = [];
  for (let i = 0; i < 2; i++) {
    const stream = i === 0 ? first : await subscribe(master.url, frameworkInfo('f', {...info, id: {value: id}}));
    statuses.push((await revive(stream)).status);
    await around.until(serving(master));
  }
  t.deepEqual(statuses, [500, 500]);
  t.is(await rebuilds(master), 2);
  const last = await subscribe(master.url, frameworkInfo('f', {...info, id: {value: id}}));
  await last.next('SUBSCRIBED');
  for (let i = 0; i < 3; i++) {
    const refused = await revive(last);
    t.is(refused.status, 500);
    t.regex(await refused.text(), /REVIVE of .* is set aside: a mistake/);
  }
  t.is(await rebuilds(master), 2);
  t.is(await launch(master.url, last, 'works'), 202); // other calls of the framework are served
});

test('one MesosFramework that makes the master fail is left out alone, its tasks are left alone', async t => {
  const around = cluster(t);
  const master = await around.start();
  const poison = await withTask(around, master, 'poison');
  await withTask(around, master, 'other');
  around.fails.at = command => command.kind === 'restore' && command.frameworks.some(({id}) => id === poison.id);
  await master.close();
  const next = await around.start();
  await around.until(serving(next));
  t.is(await rebuilds(next), 2);
  const object = await around.until(() => {
    const found = around.kube.find(MESOS_FRAMEWORKS, poison.id);
    return conditionsOf(found).some(({reason}) => reason === 'SetAside') && found;
  });
  t.like(
    conditionsOf(object).find(({reason}) => reason === 'SetAside'),
    {type: 'Connected'},
  );
  await around.clock.advanceAsync(5000);
  t.is(podOf(around, 'poison-task')?.metadata.deletionTimestamp, undefined);
  const refused = await subscribe(next.url, frameworkInfo('poison', {id: {value: poison.id}}));
  t.regex((await refused.next('ERROR')).error.message, /set aside/);
  const stream = await subscribe(next.url, frameworkInfo('third'));
  t.is(await launch(next.url, stream, 'third-task'), 202);
  // A change of the object tries again.
  around.fails.at = () => false;
  await around.kube.client.patch(MESOS_FRAMEWORKS, poison.id, 'default', 'merge', {
    spec: {frameworkInfo: {...frameworkInfo('poison', {id: {value: poison.id}}), webui_url: 'http://x'}},
  });
  await stream.ended; // everything is read anew
  await around.until(serving(next));
  const returned = await subscribe(next.url, frameworkInfo('poison', {id: {value: poison.id}, failover_timeout: 3600}));
  await call(next.url, returned, {type: 'RECONCILE', reconcile: {tasks: []}});
  t.is((await returned.next('UPDATE')).update.status.state, 'TASK_RUNNING');
  t.true(around.kube.objects(EVENTS).some(event => JSON.stringify(event).includes('SetAside')));
});

test('one MesosAgent that makes the master fail is left out alone', async t => {
  const around = cluster(t);
  around.fails.at = command => command.kind === 'agent-seen' && command.agent.name === 'a1';
  const master = await around.start();
  await around.until(serving(master));
  const object = await around.until(() => {
    const found = around.kube.find(MESOS_AGENTS, 'a1');
    return conditionsOf(found).some(({reason}) => reason === 'SetAside') && found;
  });
  t.like(
    conditionsOf(object).find(({reason}) => reason === 'SetAside'),
    {type: 'Ready'},
  );
  await around.until(serving(master));
  const stream = await subscribe(master.url, frameworkInfo('f'));
  t.is(await launch(master.url, stream, 'works'), 202);
  const pod = await around.until(() => podOf(around, 'works'));
  t.like(pod.spec, {nodeName: 'a2'});
});

test('one pod that makes the master fail is left out alone', async t => {
  const around = cluster(t);
  const master = await around.start();
  const {id} = await withTask(around, master, 'poison');
  await withTask(around, master, 'other');
  around.fails.at = command =>
    command.kind === 'restore' && command.launches.some(({pod}) => pod.name.startsWith('poison-task'));
  await master.close();
  const next = await around.start();
  await around.until(serving(next));
  t.is(await rebuilds(next), 2);
  const stream = await subscribe(next.url, frameworkInfo('poison', {id: {value: id}, failover_timeout: 3600}));
  t.is(await launch(next.url, stream, 'works'), 202);
  t.is(podOf(around, 'poison-task')?.metadata.deletionTimestamp, undefined);
});

const role = (name: string, cpus: number) => ({
  apiVersion: 'mesos.dev/v1',
  kind: 'MesosRole',
  metadata: {name, namespace: 'default'},
  spec: {weight: 2, limit: {cpus}},
});

type RoleStatus = Told & {readonly limit?: Readonly<Record<string, number>>; readonly observedGeneration?: number};

/** The status of a MesosRole once its condition has the reason. */
const roleStatus = (around: Cluster, name: string, reason: string, generation = 1): Promise<RoleStatus> =>
  around.until(() => {
    const status = around.kube.find(MESOS_ROLES, name)?.status as RoleStatus | undefined;
    const isTold = conditionsOf(around.kube.find(MESOS_ROLES, name)).some(condition => condition.reason === reason);
    return isTold && status?.observedGeneration === generation && status;
  });

test('one MesosRole that makes the master fail is left out alone: what was in effect stays', async t => {
  const around = cluster(t);
  await around.kube.client.create(MESOS_ROLES, role('poison', 3));
  const master = await around.start();
  await roleStatus(around, 'poison', 'InEffect');
  around.fails.atQuotaOf = ({role: name, quota}) => name === 'poison' && quota?.limits.get('cpus') === 5000;
  await around.kube.client.patch(MESOS_ROLES, 'poison', 'default', 'merge', {spec: {limit: {cpus: 5000}}});
  await around.kube.client.create(MESOS_ROLES, role('other', 1));
  const status = await roleStatus(around, 'poison', 'SetAside', 2);
  t.like(status.conditions?.[0], {type: 'Ready', status: 'False'});
  t.deepEqual(status.limit, {cpus: 3});
  t.deepEqual((await roleStatus(around, 'other', 'InEffect')).limit, {cpus: 1});
  t.is(await rebuilds(master), 2);
  t.deepEqual(master.fatal, []);
  // A change of the object tries again.
  await around.kube.client.patch(MESOS_ROLES, 'poison', 'default', 'merge', {spec: {limit: {cpus: 4}}});
  t.deepEqual((await roleStatus(around, 'poison', 'InEffect', 3)).limit, {cpus: 4});
});

test('a MesosRole whose status makes the master fail, too, has no quota; others keep theirs', async t => {
  const around = cluster(t);
  for (const each of [role('poison', 3), role('other', 1)]) await around.kube.client.create(MESOS_ROLES, each);
  const first = await around.start();
  await roleStatus(around, 'poison', 'InEffect');
  await roleStatus(around, 'other', 'InEffect');
  await first.close();
  around.fails.atQuotaOf = ({role: name, quota}) => name === 'poison' && quota !== undefined;
  const master = await around.start();
  t.is((await roleStatus(around, 'poison', 'SetAside')).limit, undefined);
  await around.until(serving(master));
  t.deepEqual((await roleStatus(around, 'other', 'InEffect')).limit, {cpus: 1});
  t.deepEqual(master.fatal, []);
});

test('a maintenance plan that makes the master fail is left out alone, until it is another', async t => {
  const around = cluster(t);
  const plan = (hostname: string) =>
    maintenanceObject('default', {
      schedule: {windows: [{machine_ids: [{hostname}], unavailability: {start: {nanoseconds: 1}}}]},
      down: [],
    });
  const isPoison = (command: Command): boolean =>
    command.kind === 'maintenance' && JSON.stringify(command.maintenance).includes('poison');
  around.fails.at = isPoison;
  await around.kube.client.create(CONFIG_MAPS, plan('poison'));
  const master = await around.start();
  await around.until(serving(master));
  t.is(await rebuilds(master), 2);
  t.deepEqual(master.fatal, []);
  const stream = await subscribe(master.url, frameworkInfo('f'));
  t.is(await launch(master.url, stream, 'works'), 202);
  const told = await around.until(() => {
    const events = around.kube.objects(EVENTS) as readonly (KubeObject & {readonly reason?: string})[];
    return events.find(({reason}) => reason === 'SetAside');
  });
  t.like(told, {involvedObject: {kind: 'ConfigMap', name: 'mesos-maintenance'}});
  // Another plan is followed again.
  await around.kube.client.patch(CONFIG_MAPS, 'mesos-maintenance', 'default', 'merge', {data: plan('a1').data});
  await around.until(() => master.service.doors.core()?.windows.has('a1'));
  t.is(await rebuilds(master), 2);
});
