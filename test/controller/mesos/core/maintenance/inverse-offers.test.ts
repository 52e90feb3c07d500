import test from 'ava';
import {toAgentId} from '../../../../../src/allocator/ids.ts';
import type {FrameworkCall, SchedulerEvent} from '../../../../../src/api/mesos/v1/scheduler.ts';
import {statusOf} from '../../../../../src/controller/mesos/core/maintenance/machines.ts';
import type {Maintenance} from '../../../../../src/controller/mesos/core/maintenance/maintenance-plan.ts';
import {oneOffer, oneTask, type World} from '../world.ts';

const unavailability = {start: {nanoseconds: 5e18}, duration: {nanoseconds: 3.6e12}};
const planned = (...hostnames: string[]): Maintenance => ({
  schedule: {windows: [{machine_ids: hostnames.map(hostname => ({hostname})), unavailability}]},
  down: [],
});
const plan = (world: World, ...hostnames: string[]) =>
  world.do({kind: 'maintenance', maintenance: planned(...hostnames)});
const inverse = (events: readonly SchedulerEvent[]) =>
  events.flatMap(event => (event.type === 'INVERSE_OFFERS' ? (event.inverse_offers.inverse_offers ?? []) : []));

function answer(
  world: World,
  framework: string,
  id: string,
  rest: {decline?: boolean; refuseSeconds?: number} = {},
): void {
  const {decline = false, refuseSeconds} = rest;
  const body = {
    inverse_offer_ids: [{value: id}],
    ...(refuseSeconds !== undefined && {filters: {refuse_seconds: refuseSeconds}}),
  };
  const framework_id = {value: framework};
  const call: FrameworkCall = decline
    ? {type: 'DECLINE_INVERSE_OFFERS', framework_id, decline_inverse_offers: body}
    : {type: 'ACCEPT_INVERSE_OFFERS', framework_id, accept_inverse_offers: body};
  world.call(call);
}

/** The ids of inverse offers in each of the next runs, a second apart. */
function runs(world: World, stream: string, count: number): number[] {
  return Array.from({length: count}, () => {
    world.nowMs += 1000;
    world.take(stream);
    world.allocate();
    return inverse(world.take(stream)).length;
  });
}

test('offers of a machine that will be away are taken back, and come again with the window', t => {
  const {world, stream} = oneOffer();
  plan(world, 'host-0');
  t.is(world.take(stream)[0]?.type, 'RESCIND');
  world.allocate();
  t.deepEqual(world.takeOffers(stream)[0]?.unavailability, unavailability);
  plan(world);
  t.is(world.take(stream)[0]?.type, 'RESCIND');
  world.allocate();
  t.is(world.takeOffers(stream)[0]?.unavailability, undefined);
});

test('a schedule about other machines takes nothing back', t => {
  const {world, stream} = oneOffer();
  plan(world, 'elsewhere');
  t.deepEqual(world.take(stream), []);
});

test('who holds something there is asked to leave, once until it has answered', t => {
  const {world, stream, framework} = oneTask();
  plan(world, 'host-0');
  world.allocate();
  const [offer] = inverse(world.take(stream));
  t.like(offer, {framework_id: {value: framework}, agent_id: {value: 'S0'}, unavailability});
  t.deepEqual(runs(world, stream, 3), [0, 0, 0]);
  answer(world, framework, offer?.id.value ?? '');
  t.like(statusOf(world.master).draining_machines, [
    {
      id: {hostname: 'host-0'},
      statuses: [
        {status: 'ACCEPT', framework_id: {value: framework}, timestamp: {nanoseconds: world.nowMs * 1_000_000}},
      ],
    },
  ]);
  t.deepEqual(runs(world, stream, 6), [0, 0, 0, 0, 1, 0]); // 5 s are the default
});

test('a refusal stands as long as the framework says', t => {
  const {world, stream, framework} = oneTask();
  plan(world, 'host-0');
  world.allocate();
  const [offer] = inverse(world.take(stream));
  answer(world, framework, offer?.id.value ?? '', {decline: true, refuseSeconds: 2});
  t.is(statusOf(world.master).draining_machines?.[0]?.statuses?.[0]?.status, 'DECLINE');
  t.deepEqual(runs(world, stream, 3), [0, 1, 0]);
});

test('who holds nothing there is not asked', t => {
  const {world, framework} = oneTask();
  const other = world.subscribe({name: 'g'});
  plan(world, 'host-0');
  world.nowMs += 1000;
  world.call({type: 'SUPPRESS', framework_id: {value: 'M-0001'}});
  world.allocate();
  t.deepEqual(inverse(world.take(other)), []);
  t.is(world.master.inverseOffers.size, 1);
  t.is([...world.master.inverseOffers.values()][0]?.frameworkId, world.framework(framework).id);
});

test('another window, or a lost agent, takes the question back', t => {
  const {world, stream} = oneTask();
  plan(world, 'host-0');
  world.allocate();
  t.is(inverse(world.take(stream)).length, 1);
  plan(world);
  t.true(world.take(stream).some(({type}) => type === 'RESCIND_INVERSE_OFFER'));
  plan(world, 'host-0');
  world.allocate();
  t.is(inverse(world.take(stream)).length, 1);
  world.loseAgent('S0', 'unreachable');
  t.true(world.take(stream).some(({type}) => type === 'RESCIND_INVERSE_OFFER'));
  t.is(world.master.inverseOffers.size, 0);
});

test('a new session is asked anew', t => {
  const {world, stream, framework} = oneTask();
  plan(world, 'host-0');
  world.allocate();
  t.is(inverse(world.take(stream)).length, 1);
  const again = world.subscribe({id: {value: framework}});
  world.pass(1000);
  world.allocate();
  t.is(inverse(world.take(again)).length, 1);
  t.is(world.master.inverseOffers.size, 1);
});

test('a machine that goes down loses its tasks, for every framework', t => {
  const {world, stream} = oneTask({capabilities: [{type: 'PARTITION_AWARE'}]});
  plan(world, 'host-0');
  world.take(stream);
  world.loseAgent('S0', 'machine-down');
  t.like(world.takeUpdates(stream)[0], {state: 'TASK_LOST', reason: 'REASON_AGENT_REMOVED'});
  t.false(world.master.agents.has(toAgentId('S0')));
});

test('a question that is not answered in time is taken back, and asked again', t => {
  const {world, stream} = oneOffer({offerTimeoutMs: 10_000});
  plan(world, 'host-0');
  world.allocate();
  const [asked] = inverse(world.take(stream));
  world.pass(9999);
  t.deepEqual(
    world.take(stream).map(({type}) => type),
    [],
  );
  world.pass(1);
  t.deepEqual(
    world
      .take(stream)
      .flatMap(event => (event.type === 'RESCIND_INVERSE_OFFER' ? [event.rescind_inverse_offer.inverse_offer_id] : [])),
    [asked?.id],
  );
  t.deepEqual(runs(world, stream, 2), [1, 0]);
});

test('without a timeout a question stays', t => {
  const {world, stream} = oneOffer();
  plan(world, 'host-0');
  world.allocate();
  world.take(stream);
  world.pass(1e9);
  t.deepEqual(
    world.take(stream).map(({type}) => type),
    [],
  );
});
