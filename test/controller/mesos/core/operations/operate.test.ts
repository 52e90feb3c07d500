import test from 'ava';
import {toAgentId} from '../../../../../src/allocator/ids.ts';
import type {Operation} from '../../../../../src/api/mesos/v1/scheduler.ts';
import {consumptionOf} from '../../../../../src/controller/mesos/core/roles/consumption.ts';
import {agentRecord, cpusAndMem, launchOf, resources, task, type World} from '../world.ts';
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

const OPS = [dynamic('ops', undefined)];

function operate(world: World, operation: Operation, agent = 'S0') {
  world.do({kind: 'operate', requestId: 'r', agentId: toAgentId(agent), operation});
  return world.answers.get('r');
}
const statusOf = (answer: ReturnType<typeof operate>) =>
  answer === undefined || answer === 'done' ? answer : answer.status;

test('the operator takes what is on offer, and the framework waits 5 s for the rest', t => {
  const {world, stream} = oneOffer();
  t.is(operate(world, reserve([scalarOf('cpus', 1, OPS)])), 'done');
  t.is(world.take(stream)[0]?.type, 'RESCIND');
  t.true(world.free(0).contains(resources('cpus:3;mem:1024;disk:1000')));
  for (let second = 1; second < 5; second++) t.deepEqual(shown(nextOffers(world, stream)), []);
  nextOffers(world, stream);
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus:3', 'disk:1000', 'mem:1024']);
});

test('free resources are taken before offers are', t => {
  const {world, stream, framework, offers} = oneOffer();
  world.addAgent(agentRecord(1, 'cpus:4;mem:1024'));
  world.accept(framework, offers, [], 1000);
  t.is(operate(world, reserve([scalarOf('cpus', 1, OPS)])), 'done');
  t.false(world.take(stream).some(({type}) => type === 'RESCIND'));
});

test('the answer comes when it is saved, and nobody is offered it before', t => {
  const {world} = oneOffer();
  world.holdReservations = true;
  t.is(operate(world, reserve([scalarOf('cpus', 1, OPS)])), undefined);
  t.is(world.free(0).scalar('cpus'), 3);
  const [save] = world.reservationSaves;
  if (save !== undefined) world.savedReservations(save);
  t.is(world.answers.get('r'), 'done');
  t.is(world.free(0).scalar('cpus'), 4);
});

test('what cannot be saved is answered 409, and undone', t => {
  const {world} = oneOffer();
  world.holdReservations = true;
  operate(world, reserve([scalarOf('cpus', 1, OPS)]));
  const [save] = world.reservationSaves;
  if (save === undefined) return t.fail();
  world.do({kind: 'reservations-not-saved', agentId: save.agentId, saveId: save.saveId, message: 'forbidden'});
  t.is(statusOf(world.answers.get('r')), 409);
  t.true(world.free(0).contains(resources('cpus:4')));
});

test('an agent that goes for good while it is saved: the caller hears so', t => {
  const {world} = oneOffer();
  world.holdReservations = true;
  operate(world, reserve([scalarOf('cpus', 1, OPS)]));
  world.loseAgent('S0', 'removed-by-operator');
  t.is(statusOf(world.answers.get('r')), 409);
  t.is(world.master.checkpoints.size, 0);
});

test('an agent that comes back while it is saved does not offer it before', t => {
  const {world, stream} = oneOffer();
  world.holdReservations = true;
  operate(world, reserve([scalarOf('cpus', 1, OPS)]));
  world.loseAgent('S0', 'unreachable');
  world.addAgent(agentRecord(0, 'cpus:4;mem:1024;disk:1000'));
  t.is(world.free(0).scalar('cpus'), 3);
  const [save] = world.reservationSaves;
  if (save !== undefined) world.savedReservations(save);
  t.is(world.free(0).scalar('cpus'), 4);
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus:3', 'disk:1000', 'mem:1024']);
});

test('a reservation is replaced by another in one step', t => {
  const {world} = oneOffer();
  operate(world, reserve([scalarOf('cpus', 1, OPS)]));
  const anew: Operation = {
    type: 'RESERVE',
    reserve: {source: [scalarOf('cpus', 1, OPS)], resources: [scalarOf('cpus', 1, [dynamic('dev', undefined)])]},
  };
  t.is(operate(world, anew), 'done');
  t.deepEqual(world.objects.get('S0')?.resources, [scalarOf('cpus', 1, [dynamic('dev', undefined)])]);
});

test('volumes grow and shrink', t => {
  const {world} = oneOffer();
  const volume = volumeOf('v', 64);
  const disk = (amount: number) => scalarOf('disk', amount, [dynamic('eng')]);
  operate(world, reserve([disk(100)]));
  operate(world, create([volume]));
  t.is(operate(world, {type: 'GROW_VOLUME', grow_volume: {volume, addition: disk(6)}}), 'done');
  t.deepEqual(world.objects.get('S0')?.resources, [volumeOf('v', 70), disk(30)]);
  const shrink = {volume: volumeOf('v', 70), subtract: {value: 20}};
  t.is(operate(world, {type: 'SHRINK_VOLUME', shrink_volume: shrink}), 'done');
  t.deepEqual(world.objects.get('S0')?.resources, [volumeOf('v', 50), disk(50)]);
  t.is(operate(world, destroy([volumeOf('v', 50)])), 'done');
  t.is(operate(world, unreserve([disk(100)])), 'done');
  t.true(world.free(0).contains(resources('disk:1000')));
});

test('a shared volume that a task uses stays; on offer it is taken back', t => {
  const shared = volumeOf('v', 64, {shared: {}});
  const capabilities = [...(REFINED.capabilities ?? []), {type: 'SHARED_RESOURCES' as const}];
  const {world, stream, framework, offers} = oneOffer({...REFINED, capabilities});
  world.accept(framework, offers, [reserve([scalarOf('disk', 64, [dynamic('eng')])]), create([shared])], 0);
  const use = launchOf(task('t', 'S0', {resources: [scalarOf('cpus', 1), scalarOf('mem', 32), shared]}));
  world.accept(framework, nextOffers(world, stream), [use], 0);
  t.is(statusOf(operate(world, destroy([shared]))), 409);
  world.pod('t', 'TASK_FINISHED');
  t.deepEqual(shown(nextOffers(world, stream)), ['cpus:4', 'disk(eng)[v]:64', 'disk:936', 'mem:1024']);
  t.is(operate(world, destroy([shared])), 'done');
  t.is(world.take(stream)[0]?.type, 'RESCIND');
});

const refusals = {
  'an unknown agent: 400': {operation: reserve([scalarOf('cpus', 1, OPS)]), agent: 'S9', want: 400},
  'more than there is: 409': {operation: reserve([scalarOf('cpus', 9, OPS)]), want: 409},
  'a static reservation: 400': {operation: reserve([scalarOf('cpus', 1, [{type: 'STATIC', role: 'ops'}])]), want: 400},
  'an allocation_info: 400': {
    operation: reserve([scalarOf('cpus', 1, OPS, {allocation_info: {role: 'ops'}})]),
    want: 400,
  },
  'a role that is none: 400': {operation: reserve([scalarOf('cpus', 1, [dynamic('a//b')])]), want: 400},
  'a reservation for everybody: 400': {operation: reserve([scalarOf('cpus', 1, [dynamic('*')])]), want: 400},
  'a volume where nothing is reserved: 409': {operation: create([volumeOf('v', 1)]), want: 409},
  'a volume that is not there: 400': {operation: destroy([volumeOf('v', 1)]), want: 400},
  'unreserving what is not reserved: 400': {operation: unreserve([scalarOf('cpus', 1)]), want: 400},
};
for (const [title, {operation, want, ...rest}] of Object.entries(refusals)) {
  test(`refused, and no offer is taken back: ${title}`, t => {
    const {world, stream} = oneOffer();
    t.is(statusOf(operate(world, operation, 'agent' in rest ? rest.agent : 'S0')), want);
    t.deepEqual(world.take(stream), []);
    t.is(world.objects.size, 0);
  });
}

test('what is reserved counts as consumed, used or not, and a limit below that is refused', t => {
  const {world} = oneOffer();
  operate(world, reserve([scalarOf('cpus', 1, OPS), scalarOf('mem', 512, OPS)]));
  t.deepEqual(
    consumptionOf(world.master).get('ops'),
    new Map([
      ['cpus', 1],
      ['mem', 512],
    ]),
  );
  world.wish({role: 'ops', quota: {guarantees: new Map(), limits: new Map([['cpus', 0.5]])}});
  t.is(world.master.roleProblems.get('ops')?.reason, 'LimitBelowConsumption');
  t.false(world.master.quotas.has('ops'));
});

test('a task on a reservation does not consume it twice, one beside it consumes more', t => {
  const {world, stream, framework} = oneOffer();
  operate(world, reserve([scalarOf('cpus', 1, [dynamic('eng')]), scalarOf('mem', 512, [dynamic('eng')])]));
  const offers = nextOffers(world, stream);
  const reserved = [scalarOf('cpus', 1, [dynamic('eng')]), scalarOf('mem', 512, [dynamic('eng')])];
  world.accept(framework, offers, [
    launchOf(task('a', 'S0', {resources: reserved}), task('b', 'S0', {resources: cpusAndMem(0.5, 100)})),
  ]);
  t.is(world.launched.length, 2);
  t.deepEqual(
    consumptionOf(world.master).get('eng'),
    new Map([
      ['cpus', 1.5],
      ['mem', 612],
    ]),
  );
});

test('the operator may make a shared volume, which stays while one of several tasks uses it', t => {
  const shared = volumeOf('v', 64, {shared: {}});
  const capabilities = [...(REFINED.capabilities ?? []), {type: 'SHARED_RESOURCES' as const}];
  const {world, stream, framework, offers} = oneOffer({...REFINED, capabilities});
  world.accept(framework, offers, [], 0);
  operate(world, reserve([scalarOf('disk', 64, [dynamic('eng')])]));
  t.is(operate(world, create([shared])), 'done');
  const resources = [scalarOf('cpus', 1), scalarOf('mem', 32)];
  const use = launchOf(task('a', 'S0', {resources}), task('b', 'S0', {resources: [...resources, shared]}));
  world.accept(framework, nextOffers(world, stream), [use], 0);
  t.is(world.launched.length, 2);
  t.is(statusOf(operate(world, destroy([shared]))), 409);
  world.pod('b', 'TASK_FINISHED');
  t.is(operate(world, destroy([shared])), 'done');
});
