import test from 'ava';
import type {Offer, TaskInfo} from '../../../../../src/api/mesos/v1/common.ts';
import type {Resource} from '../../../../../src/api/mesos/v1/resources.ts';
import {appStatus} from '../../../../../src/controller/marathon/core/apps/status.ts';
import type {Effect} from '../../../../../src/controller/marathon/core/effects.ts';
import {explainShortage} from '../../../../../src/controller/marathon/core/offers/offer-stats.ts';
import {isWaiting, wantedRoles} from '../../../../../src/controller/marathon/core/offers/demand.ts';
import {giveBack} from '../../../../../src/controller/marathon/core/residents/reservation.ts';
import {taskJson} from '../../../../../src/controller/marathon/http/task-json.ts';
import {step} from '../../../../../src/controller/marathon/core/step.ts';
import {Simulation} from '../../simulation.ts';

const VOLUMES = [{containerPath: 'data', mode: 'RW', persistent: {size: 64}}];
const DB = {cmd: 'sleep 1000', cpus: 0.5, mem: 32, role: 'dev', container: {type: 'MESOS', volumes: VOLUMES}};

/** No agent of the simulation offers anything: offers are the test's. */
function resident(fields: object = {}): Simulation {
  const sim = new Simulation({agents: 0});
  sim.apply('db', {...DB, ...fields});
  sim.connect();
  return sim;
}

const scalar = (name: string, value: number): Resource => ({
  ...{name, type: 'SCALAR', scalar: {value}},
  allocation_info: {role: 'dev'},
});
const PLENTY = [scalar('cpus', 4), scalar('mem', 1024), scalar('disk', 1000)];
const PORTS: Resource = {
  ...{name: 'ports', type: 'RANGES', ranges: {range: [{begin: 31000, end: 31009}]}},
  allocation_info: {role: 'dev'},
};

let offers = 0;
const offerOf = (resources: readonly Resource[], agent = 'a'): Offer => ({
  id: {value: `o${++offers}`},
  framework_id: {value: 'f-0000'},
  agent_id: {value: agent},
  hostname: agent,
  allocation_info: {role: 'dev'},
  resources: [...resources, PORTS],
});

type Accept = Effect & {readonly kind: 'accept'};

/** What Marathon answers to an offer; undefined: it is declined. */
function take(sim: Simulation, resources: readonly Resource[]): Accept | undefined {
  const effects = step(sim.state, {kind: 'offers', offers: [offerOf(resources)]}, sim.nowMs, sim.random);
  return effects.find((effect): effect is Accept => effect.kind === 'accept');
}

function launched(sim: Simulation, resources: readonly Resource[] = PLENTY): TaskInfo {
  const info = take(sim, resources)?.launches[0];
  if (info === undefined) throw new Error('nothing was launched');
  report(sim, info, 'TASK_RUNNING');
  return info;
}

const report = (sim: Simulation, {task_id, agent_id}: TaskInfo, state: 'TASK_RUNNING' | 'TASK_KILLED'): void =>
  sim.send({kind: 'update', status: {task_id, agent_id, state, timestamp: sim.nowMs / 1000, uuid: 'u'}});

const reservedOf = ({resources = []}: TaskInfo): readonly Resource[] => resources.filter(({name}) => name !== 'ports');

test('the first launch reserves what the instance needs, and makes its volume of the disk', t => {
  const sim = resident({disk: 10});
  const accept = take(sim, PLENTY);
  const [reserve, create, ...others] = accept?.operations ?? [];
  t.deepEqual([reserve?.type, create?.type, others], ['RESERVE', 'CREATE', []]);
  const amounts = (list: readonly Resource[] = []) => list.map(({name, scalar: it}) => [name, it?.value]);
  t.deepEqual(amounts(reserve?.type === 'RESERVE' ? reserve.reserve?.resources : []), [
    ['cpus', 0.5],
    ['mem', 32],
    ['disk', 74],
  ]);
  const [info] = accept?.launches ?? [];
  const [, , rest, volume] = info?.resources ?? [];
  t.deepEqual(amounts(info?.resources).slice(0, 4), [
    ['cpus', 0.5],
    ['mem', 32],
    ['disk', 10],
    ['disk', 64],
  ]);
  t.is(rest?.disk, undefined);
  t.deepEqual(volume?.disk?.volume, {container_path: 'data', mode: 'RW'});
  t.deepEqual(create?.type === 'CREATE' ? create.create?.volumes : [], [volume ?? scalar('', 0)]);
  t.true(info?.resources?.slice(0, 4).every(({reservations}) => reservations?.at(-1)?.role === 'dev'));
});

test('an instance goes back to its data, under its id, and to nothing else', t => {
  const sim = resident();
  const first = launched(sim);
  report(sim, first, 'TASK_KILLED');
  t.is(take(sim, PLENTY), undefined);
  const {offerStats} = sim.app('db');
  t.is(offerStats && explainShortage(offerStats), 'no agent offers what is reserved for the app');
  const accept = take(sim, [...PLENTY, ...reservedOf(first)]);
  t.deepEqual(accept?.operations, []);
  const [second] = accept?.launches ?? [];
  t.is(second?.task_id.value, first.task_id.value.replace(/1$/, '2'));
  t.deepEqual(second && reservedOf(second), reservedOf(first));
});

test('what is reserved without its volume is no place to return to', t => {
  const sim = resident();
  const first = launched(sim);
  report(sim, first, 'TASK_KILLED');
  t.is(
    take(
      sim,
      reservedOf(first).filter(({disk}) => disk === undefined),
    ),
    undefined,
  );
});

test('what is reserved for an instance is for no other app of the role', t => {
  const sim = resident();
  const first = launched(sim);
  sim.apply('web', {cmd: 'sleep 1000', cpus: 0.5, mem: 32, role: 'dev'});
  t.is(take(sim, reservedOf(first)), undefined);
  t.is(take(sim, PLENTY)?.launches.length, 1);
});

test('an upgrade takes the instance away first, and starts the new one on its data', t => {
  const sim = resident();
  const first = launched(sim);
  sim.advance(1000);
  sim.apply('db', {...DB, cmd: 'sleep 2000'});
  t.deepEqual([...sim.state.kills.keys()].map(String), [first.task_id.value]);
  report(sim, first, 'TASK_KILLED');
  t.is(take(sim, PLENTY), undefined);
  const second = launched(sim, reservedOf(first));
  t.is(second.task_id.value, first.task_id.value.replace(/1$/, '2'));
  t.is(second.command?.value, 'sleep 2000');
  t.is(sim.app('db').deployment, undefined);
});

test('a smaller app keeps the data of what it gave up, and a larger one takes it again', t => {
  const sim = resident();
  const first = launched(sim);
  sim.advance(1000);
  sim.apply('db', {...DB, instances: 0});
  report(sim, first, 'TASK_KILLED');
  t.is(sim.app('db').instances.size, 0);
  sim.apply('db', {...DB, instances: 2});
  // One goes back, the other one is new.
  t.is(take(sim, PLENTY)?.operations?.length, 2);
  t.is(launched(sim, reservedOf(first)).task_id.value, first.task_id.value.replace(/1$/, '2'));
});

test('the next leader knows what is reserved, also of an instance that does not run', t => {
  const sim = resident();
  const first = launched(sim);
  report(sim, first, 'TASK_KILLED');
  const {reservations} = appStatus(sim.app('db'), sim.nowMs);
  t.deepEqual(
    reservations?.map(({agentId, incarnation}) => [agentId, incarnation]),
    [['a', 1]],
  );
  sim.tasks.clear();
  sim.failover();
  t.is(take(sim, PLENTY), undefined);
  t.is(launched(sim, reservedOf(first)).task_id.value, first.task_id.value.replace(/1$/, '2'));
});

test('a deleted app gives back what was reserved for it', t => {
  const sim = resident();
  const first = launched(sim);
  sim.delete('db');
  report(sim, first, 'TASK_KILLED');
  t.false(sim.state.apps.has('db'));
  t.true(isWaiting(sim.state, 'dev'));
  t.true(wantedRoles(sim.state).includes('dev'));
  const accept = take(sim, [...PLENTY, ...reservedOf(first)]);
  const [destroy, unreserve] = accept?.operations ?? [];
  t.deepEqual([destroy?.type === 'DESTROY' && destroy.destroy?.volumes?.length, accept?.launches], [1, []]);
  t.is(unreserve?.type === 'UNRESERVE' ? unreserve.unreserve?.resources?.length : 0, 3);
  t.false(isWaiting(sim.state, 'dev'));
});

test('what is reserved for an app that nobody knows is given back, what another framework reserved is not', t => {
  const sim = resident();
  const first = launched(sim);
  const renamed = (from: string, to: string): readonly Resource[] =>
    JSON.parse(JSON.stringify(reservedOf(first)).replaceAll(from, to));
  t.is(take(sim, renamed('/db', '/gone'))?.operations?.length, 2);
  t.is(take(sim, renamed('f-0000', 'f-0001')), undefined);
});

test('an instance that is wiped loses its data, and another one replaces it', t => {
  const sim = resident();
  const first = launched(sim);
  const [id] = sim.app('db').instances.keys();
  if (id === undefined) return t.fail();
  sim.send({kind: 'kill-instances', instanceIds: [id], decommission: true});
  report(sim, first, 'TASK_KILLED');
  const accept = take(sim, [...PLENTY, ...reservedOf(first)]);
  t.deepEqual(
    accept?.operations?.map(({type}) => type),
    ['DESTROY', 'UNRESERVE', 'RESERVE', 'CREATE'],
  );
  t.not(accept?.launches[0]?.task_id.value.slice(0, id.length), id);
});

test('an instance whose agent is gone for good begins anew elsewhere', t => {
  const sim = resident();
  const {task_id, agent_id} = launched(sim);
  sim.send({kind: 'update', status: {task_id, agent_id, state: 'TASK_GONE_BY_OPERATOR', uuid: 'u'}});
  sim.advance(2000);
  t.is(take(sim, PLENTY)?.operations?.length, 2);
});

test('an unreachable instance is waited for', t => {
  const sim = resident();
  const {task_id, agent_id} = launched(sim);
  sim.send({kind: 'update', status: {task_id, agent_id, state: 'TASK_UNREACHABLE', uuid: 'u'}});
  sim.advance(1_000_000);
  t.is(sim.app('db').unmade, 0);
  t.deepEqual(
    sim.instances('db').map(({condition}) => condition),
    ['Unreachable'],
  );
});

test('a task of a resident app says where its data is', t => {
  const sim = resident();
  launched(sim);
  const [instance] = sim.instances('db');
  if (instance === undefined) return t.fail();
  const [, uuid = ''] = instance.id.split('.instance-');
  t.deepEqual(taskJson(sim.app('db'), instance)?.['localVolumes'], [
    {runSpecId: '/db', containerPath: 'data', uuid, persistenceId: `db#data#${uuid}`},
  ]);
});

test('what is left of a disk beside the volume is reserved too, however little', t => {
  const [info] = take(resident({disk: 1}), PLENTY)?.launches ?? [];
  const disks = (info?.resources ?? []).filter(({name}) => name === 'disk');
  t.deepEqual(
    disks.map(({scalar: it}) => it?.value),
    [1, 64],
  );
});

test('a reservation that nobody remembers gets a task with a number that none had before', t => {
  const first = launched(resident());
  const sim = resident();
  const [info] = take(sim, [...PLENTY, ...reservedOf(first)])?.launches ?? [];
  t.is(info?.task_id.value, first.task_id.value.replace(/1$/, String(Math.floor(sim.nowMs / 1000) + 1)));
});

test('what is given back keeps its disk, but for the volume on it', t => {
  const [plain, rest, volume] = [
    scalar('cpus', 1),
    {...scalar('disk', 1), disk: {source: {type: 'PATH' as const}}},
    {...scalar('disk', 64), disk: {persistence: {id: 'p'}, volume: {container_path: 'data', mode: 'RW' as const}}},
  ];
  t.deepEqual(giveBack([plain, rest, volume]), [
    {type: 'DESTROY', destroy: {volumes: [volume]}},
    {type: 'UNRESERVE', unreserve: {resources: [plain, rest, scalar('disk', 64)]}},
  ]);
  t.deepEqual(giveBack([plain]), [{type: 'UNRESERVE', unreserve: {resources: [plain]}}]);
});
