import test from 'ava';
import type {RoleSetting} from '../../../../../src/controller/mesos/core/roles/role-types.ts';
import {roleQuota} from '../../../../../src/controller/mesos/core/roles/quota.ts';
import {agentRecord, fromWire, World} from '../world.ts';

const GUARANTEE: RoleSetting = {role: 'a', quota: roleQuota(new Map([['cpus', 4]]), new Map())};

/** A new leader that knows of agents from an earlier one; a framework of role `b` has subscribed. */
function failover(agents: number, inEffect: readonly RoleSetting[]) {
  const world = new World();
  world.do({
    kind: 'restore',
    frameworks: [],
    agents: Array.from({length: agents}, (_, number) => agentRecord(number)),
    unreachable: [],
    launches: [],
    roles: {wishes: inEffect.map(setting => ({force: false, generation: 1, ...setting})), inEffect},
  });
  const stream = world.subscribe({name: 'f', roles: ['b'], capabilities: [{type: 'MULTI_ROLE'}]});
  world.take(stream);
  return {world, stream};
}

const offeredCpus = (world: World, stream: string): number =>
  world.takeOffers(stream).reduce((sum, {resources}) => sum + fromWire(resources).scalar('cpus'), 0);

const back = (world: World, count: number): void => {
  for (let number = 0; number < count; number++) world.addAgent(agentRecord(number));
};

test('with quota nothing is offered before four fifths of the agents are back', t => {
  const {world, stream} = failover(5, [GUARANTEE]);
  back(world, 3); // floor(0.8 * 5) = 4
  world.allocate();
  world.allocate(false);
  t.deepEqual(world.takeOffers(stream), []);
  world.addAgent(agentRecord(3));
  t.true(world.effects.some(({kind}) => kind === 'schedule-allocation'));
  world.allocate(false);
  t.is(offeredCpus(world, stream), 12); // of 16 cpus 4 are held for `a`
});

test('or before ten minutes have passed', t => {
  const {world, stream} = failover(5, [GUARANTEE]);
  back(world, 2);
  world.pass(599_999);
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
  world.pass(1);
  world.allocate();
  t.is(offeredCpus(world, stream), 4); // of 8
});

const atOnce = {
  'without quota': failover(5, [{role: 'a', weight: 3}]),
  'when no agent is known': failover(0, [GUARANTEE]),
  'when four fifths of the agents are none': failover(1, [GUARANTEE]),
};
for (const [title, {world, stream}] of Object.entries(atOnce)) {
  test(`offers go out at once ${title}`, t => {
    world.addAgent(agentRecord(7, 'cpus:8;mem:1024'));
    world.allocate(false);
    t.is(world.takeOffers(stream).length, 1);
  });
}

test('nothing asks for a run while offers are held back', t => {
  const {world} = failover(5, [GUARANTEE]);
  back(world, 3);
  t.false(world.effects.some(({kind}) => kind === 'schedule-allocation'));
});

test('quota that an earlier leader accepted holds before any agent is back', t => {
  const {world} = failover(5, [{role: 'a', quota: roleQuota(new Map([['cpus', 1000]]), new Map())}]);
  t.is(world.master.quotas.get('a')?.guarantees.get('cpus'), 1000);
  t.is(world.master.roleProblems.size, 0);
});

test('what was wished for meanwhile is judged by the agents that are known', t => {
  const world = new World();
  const wish = (cpus: number) => ({role: 'a', quota: roleQuota(new Map([['cpus', cpus]]), new Map())});
  const restore = {kind: 'restore', frameworks: [], unreachable: [], launches: []} as const;
  const wishes = [{...wish(9), force: false, generation: 2}];
  world.do({...restore, agents: [agentRecord(0), agentRecord(1)], roles: {wishes, inEffect: [wish(3)]}});
  t.is(world.master.quotas.get('a')?.guarantees.get('cpus'), 3); // 9 of 8
  t.is(world.master.roleProblems.get('a')?.reason, 'Overcommitted');
});
