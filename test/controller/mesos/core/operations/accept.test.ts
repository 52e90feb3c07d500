import test from 'ava';
import type {SchedulerEvent} from '../../../../../src/api/mesos/v1/scheduler.ts';
import {toAgentId} from '../../../../../src/allocator/ids.ts';
import {formatResources} from '../../../../../src/allocator/text-form.ts';
import {agentRecord, launchOf, resources, task, World} from '../world.ts';
import {
  create,
  destroy,
  dynamic,
  nextOffers,
  oneOffer,
  REFINED,
  reserve,
  scalarOf,
  shown,
  unreserve,
  volumeOf,
} from './reserve.ts';

const ENG = [dynamic('eng')];
const statuses = (events: readonly SchedulerEvent[]) =>
  events.flatMap(event => (event.type === 'UPDATE_OPERATION_STATUS' ? [event.update_operation_status.status] : []));

test('what was reserved comes back reserved, and no filter hides it, once it is saved', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG), scalarOf('mem', 100, ENG)])], 1e6);
  t.deepEqual(shown(nextOffers(world, stream)), []);
  for (const save of world.reservationSaves) world.savedReservations(save);
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus(eng):1', 'cpus:3', 'disk:1000', 'mem(eng):100', 'mem:924']);
  t.is(
    formatResources(world.master.checkpoints.get(toAgentId('S0'))?.saved ?? resources('')),
    'cpus(eng):1;mem(eng):100',
  );
});

test('an operation with an id is told FINISHED when it is saved, again until acknowledged, and then forgotten', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)], 'op')]);
  t.deepEqual(statuses(world.take(stream)), []);
  const [save] = world.reservationSaves;
  t.is(save?.operations[0]?.info.id?.value, 'op');
  if (save !== undefined) world.savedReservations(save);
  const [status] = statuses(world.take(stream));
  t.like(status, {operation_id: {value: 'op'}, state: 'OPERATION_FINISHED', agent_id: {value: 'S0'}});
  world.pass(9_000);
  t.deepEqual(statuses(world.take(stream)), []);
  world.pass(1_000);
  t.deepEqual(statuses(world.take(stream)), [status]);
  world.call({
    type: 'ACKNOWLEDGE_OPERATION_STATUS',
    framework_id: {value: framework},
    acknowledge_operation_status: {
      agent_id: {value: 'S0'},
      operation_id: {value: 'op'},
      uuid: status?.uuid?.value ?? '',
    },
  });
  world.pass(100_000);
  t.deepEqual(statuses(world.take(stream)), []);
  t.deepEqual(world.reservationSaves.at(-1)?.operations, []);
});

test('reserve, create, launch in one ACCEPT: the pod waits for the save', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  const volume = volumeOf('v', 64);
  world.accept(framework, offers, [
    reserve([scalarOf('disk', 64, ENG)]),
    create([volume]),
    launchOf(task('t', 'S0', {resources: [scalarOf('cpus', 1), scalarOf('mem', 32), volume]})),
  ]);
  t.deepEqual(world.launched, []);
  const [save] = world.reservationSaves;
  t.is(world.reservationSaves.length, 1);
  if (save !== undefined) world.savedReservations(save);
  t.is(world.launched.length, 1);
  world.pod('t', 'TASK_RUNNING');
  world.pod('t', 'TASK_FINISHED');
  world.acknowledge(framework, world.takeUpdates(stream)[0] ?? t.fail());
  t.true(shown(nextOffers(world, stream)).includes('disk(eng)[v]:64'));
});

test('a task that is killed before the save never gets a pod', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)]), launchOf(task('t', 'S0'))]);
  world.call({type: 'KILL', framework_id: {value: framework}, kill: {task_id: {value: 't'}}});
  const [status] = world.takeUpdates(stream);
  t.like(status, {state: 'TASK_KILLED', reason: 'REASON_TASK_KILLED_DURING_LAUNCH'});
  for (const save of world.reservationSaves) world.savedReservations(save);
  t.deepEqual(world.launched, []);
});

test('what the object refuses is undone: tasks fail, operations fail, the agent is as before', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)], 'op'), launchOf(task('t', 'S0'))], 0);
  const [save] = world.reservationSaves;
  if (save === undefined) return t.fail();
  world.do({kind: 'reservations-not-saved', agentId: save.agentId, saveId: save.saveId, message: 'too large'});
  const events = world.take(stream);
  t.like(statuses(events)[0], {state: 'OPERATION_FAILED', operation_id: {value: 'op'}});
  t.true(events.some(event => event.type === 'UPDATE' && event.update.status.state === 'TASK_FAILED'));
  t.deepEqual(world.launched, []);
  t.true(world.free(0).equals(resources('cpus:4;mem:1024;disk:1000')));
});

test('one save at a time: what is asked meanwhile shares the next', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)], 'a')], 0);
  const [more] = nextOffers(world, stream);
  world.accept(framework, more === undefined ? [] : [more], [reserve([scalarOf('cpus', 1, ENG)], 'b')], 0);
  const [again] = nextOffers(world, stream);
  world.accept(framework, again === undefined ? [] : [again], [reserve([scalarOf('mem', 1, ENG)], 'c')], 0);
  t.is(world.reservationSaves.length, 1);
  for (const save of world.reservationSaves) world.savedReservations(save);
  t.is(world.reservationSaves.length, 2);
  t.deepEqual(
    world.reservationSaves[1]?.operations.map(({info}) => info.id?.value),
    ['a', 'b', 'c'],
  );
});

test('unreserve and destroy undo', t => {
  const {world, stream, framework, offers} = oneOffer();
  const volume = volumeOf('v', 64);
  world.accept(framework, offers, [reserve([scalarOf('disk', 100, ENG)]), create([volume])], 0);
  const reserved = nextOffers(world, stream);
  t.deepEqual(shown(reserved), ['cpus:4', 'disk(eng):36', 'disk(eng)[v]:64', 'disk:900', 'mem:1024']);
  world.accept(framework, reserved, [destroy([volume]), unreserve([scalarOf('disk', 100, ENG)])], 0);
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus:4', 'disk:1000', 'mem:1024']);
  t.deepEqual(world.objects.get('S0')?.resources, []);
});

test('a child role refines, and both may use their own part only', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [reserve([scalarOf('cpus', 2, ENG)])], 0);
  const child = world.subscribe({...REFINED, roles: ['eng/ads']});
  world.disconnect(stream);
  const [offer] = nextOffers(world, child);
  world.accept(
    'M-0001',
    offer === undefined ? [] : [offer],
    [reserve([scalarOf('cpus', 1, [dynamic('eng'), dynamic('eng/ads')])])],
    0,
  );
  t.deepEqual(shown(nextOffers(world, child)), [
    'cpus(eng):1',
    'cpus(eng>eng/ads):1',
    'cpus:2',
    'disk:1000',
    'mem:1024',
  ]);
});

const wrong = {
  'another role': reserve([scalarOf('cpus', 1, [dynamic('ops')])], 'op'),
  'another principal': reserve([scalarOf('cpus', 1, [dynamic('eng', 'q')])], 'op'),
  'a static reservation': reserve([scalarOf('cpus', 1, [{type: 'STATIC', role: 'eng'}])], 'op'),
  'more than is offered': reserve([scalarOf('cpus', 5, ENG)], 'op'),
  'a refinement of what is not reserved': reserve([scalarOf('cpus', 1, [dynamic('eng'), dynamic('eng/ads')])], 'op'),
  'a volume': reserve([volumeOf('v', 1)], 'op'),
  'a volume on unreserved disk': create([{...volumeOf('v', 1), reservations: []}], 'op'),
  'a read-only volume': create(
    [volumeOf('v', 1, {disk: {persistence: {id: 'v', principal: 'p'}, volume: {container_path: 'd', mode: 'RO'}}})],
    'op',
  ),
  'a shared volume without the capability': create([volumeOf('v', 1, {shared: {}})], 'op'),
  'unreserving what is not reserved': unreserve([scalarOf('cpus', 1)], 'op'),
  'destroying what is not there': destroy([volumeOf('v', 1)], 'op'),
  'nothing at all': reserve([], 'op'),
  'a source': {
    type: 'RESERVE' as const,
    reserve: {resources: [scalarOf('cpus', 1, ENG)], source: [scalarOf('cpus', 1)]},
    id: {value: 'op'},
  },
};
for (const [title, operation] of Object.entries(wrong)) {
  test(`refused, and nothing changes: ${title}`, t => {
    const {world, stream, framework, offers} = oneOffer();
    world.accept(framework, offers, [operation], 0);
    t.like(statuses(world.take(stream))[0], {state: 'OPERATION_ERROR', operation_id: {value: 'op'}});
    t.deepEqual(shown(nextOffers(world, stream)), ['cpus:4', 'disk:1000', 'mem:1024']);
    t.is(world.objects.size, 0);
  });
}

test('a bad operation does not stop the next', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [wrong['another role'], reserve([scalarOf('cpus', 1, ENG)])], 0);
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus(eng):1', 'cpus:3', 'disk:1000', 'mem:1024']);
});

test('an agent that shrank below its reservations offers as much of them as there is, and its volumes', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(
    framework,
    offers,
    [reserve([scalarOf('cpus', 3, ENG), scalarOf('disk', 64, ENG)]), create([volumeOf('v', 64)])],
    0,
  );
  world.seeAgent(agentRecord(0, 'cpus:2;mem:1024;disk:1000'));
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus(eng):2', 'disk(eng)[v]:64', 'disk:936', 'mem:1024']);
});

test('the next leader knows reservations, and operations that were not acknowledged', t => {
  const {world, framework, offers} = oneOffer();
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)], 'op')], 0);
  const saved = world.objects.get('S0');
  if (saved === undefined) return t.fail();
  const next = new World({masterId: 'N'});
  const record = {
    ...agentRecord(0, 'cpus:4;mem:1024;disk:1000'),
    made: {
      resources: resources('').add(world.master.checkpoints.get(saved.agentId)?.saved ?? resources('')),
      operations: saved.operations,
    },
  };
  const {id, info} = world.framework(framework);
  next.do({
    kind: 'restore',
    frameworks: [{id, uid: 'uid', info, suppressedRoles: [], registeredMs: 1}],
    agents: [record],
    unreachable: [],
    launches: [],
    roles: {wishes: [], inEffect: []},
  });
  next.addAgent(record);
  const stream = next.subscribe({...REFINED, id: {value: framework}});
  t.like(statuses(next.take(stream))[0], {state: 'OPERATION_FINISHED', operation_id: {value: 'op'}});
  t.deepEqual(shown(nextOffers(next, stream)), ['cpus(eng):1', 'cpus:3', 'disk:1000', 'mem:1024']);
});

test('reconciliation tells what is known of operations', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)], 'op')], 0);
  world.take(stream);
  world.call({
    type: 'RECONCILE_OPERATIONS',
    framework_id: {value: framework},
    reconcile_operations: {
      operations: [
        {operation_id: {value: 'op'}, agent_id: {value: 'S0'}},
        {operation_id: {value: 'other'}, agent_id: {value: 'S0'}},
      ],
    },
  });
  t.deepEqual(
    statuses(world.take(stream)).map(({state, uuid}) => [state, uuid]),
    [
      ['OPERATION_FINISHED', undefined],
      ['OPERATION_UNKNOWN', undefined],
    ],
  );
});

/** A framework whose operation `op` has been saved, and nothing of it acknowledged. */
function oneOperation() {
  const all = oneOffer();
  all.world.accept(all.framework, all.offers, [reserve([scalarOf('cpus', 1, ENG)], 'op')]);
  all.world.take(all.stream);
  return all;
}

test('the waits between two tellings double, up to ten minutes', t => {
  const {world, stream} = oneOperation();
  const waits: number[] = [];
  let waited = 0;
  for (let second = 0; second < 2600; second++) {
    world.pass(1000);
    waited++;
    if (statuses(world.take(stream)).length === 0) continue;
    waits.push(waited);
    waited = 0;
  }
  t.deepEqual(waits, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
});

test('a framework that is away is told of its operation when it is back', t => {
  const {world, stream, framework} = oneOperation();
  world.disconnect(stream);
  world.pass(30_000);
  t.deepEqual(world.take(stream), []);
  const again = world.subscribe({...REFINED, id: {value: framework}});
  t.like(statuses(world.take(again))[0], {operation_id: {value: 'op'}, state: 'OPERATION_FINISHED'});
});

const asked = {
  'of an agent that is there': {agent: 'S0', want: 'OPERATION_UNKNOWN'},
  'of an agent that is away': {agent: 'S1', want: 'OPERATION_UNREACHABLE'},
  'of an agent that is gone': {agent: 'S2', want: 'OPERATION_GONE_BY_OPERATOR'},
  'of an agent that nobody knows': {agent: 'S9', want: 'OPERATION_UNKNOWN'},
  'of no agent': {agent: undefined, want: 'OPERATION_UNKNOWN'},
} as const;
for (const [title, {agent, want}] of Object.entries(asked)) {
  test(`an unknown operation ${title} is ${want}`, t => {
    const {world, stream, framework} = oneOffer();
    world.addAgent(agentRecord(1));
    world.addAgent(agentRecord(2));
    world.loseAgent('S1', 'unreachable');
    world.loseAgent('S2', 'removed-by-operator');
    world.take(stream);
    const operation_id = {value: 'other'};
    const operations = [{operation_id, ...(agent !== undefined && {agent_id: {value: agent}})}];
    world.call({type: 'RECONCILE_OPERATIONS', framework_id: {value: framework}, reconcile_operations: {operations}});
    t.like(statuses(world.take(stream))[0], {operation_id, state: want, uuid: undefined});
  });
}

test('a known operation is told as it is, and needs no acknowledgement for that', t => {
  const {world, stream, framework} = oneOperation();
  const operations = [{operation_id: {value: 'op'}}];
  world.call({type: 'RECONCILE_OPERATIONS', framework_id: {value: framework}, reconcile_operations: {operations}});
  t.like(statuses(world.take(stream))[0], {state: 'OPERATION_FINISHED', uuid: undefined});
});

test('an id of an operation is taken until its end was acknowledged', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)], 'op')], 0);
  const [status] = statuses(world.take(stream));
  world.accept(framework, nextOffers(world, stream), [reserve([scalarOf('mem', 100, ENG)], 'op')], 0);
  t.like(statuses(world.take(stream))[0], {state: 'OPERATION_ERROR', message: 'Operation has duplicate ID: op'});
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus(eng):1', 'cpus:3', 'disk:1000', 'mem:1024']);
  t.is(status?.state, 'OPERATION_FINISHED');
});

test('a task whose agent shrank while its reservation was saved finds no room', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.holdReservations = true;
  const large = task('t', 'S0', {resources: [scalarOf('cpus', 2), scalarOf('mem', 100)]});
  world.accept(framework, offers, [reserve([scalarOf('cpus', 1, ENG)]), launchOf(large)], 0);
  world.seeAgent(agentRecord(0, 'cpus:1;mem:1024;disk:1000'));
  for (const save of world.reservationSaves) world.savedReservations(save);
  t.deepEqual(world.launched, []);
  const [lost] = world.takeUpdates(stream);
  t.like(lost, {task_id: {value: 't'}, state: 'TASK_LOST', reason: 'REASON_RESOURCES_UNKNOWN'});
});
