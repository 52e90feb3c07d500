import test from 'ava';
import type {RoleSetting, RoleProblem} from '../../../../../src/controller/mesos/core/roles/role-types.ts';
import {consumptionOf} from '../../../../../src/controller/mesos/core/roles/consumption.ts';
import {roleQuota} from '../../../../../src/controller/mesos/core/roles/quota.ts';
import {legacyRoles} from '../../../../../src/api/mesos/legacy.ts';
import {roleInputs} from '../../../../../src/controller/mesos/views/role-views.ts';
import {Resources} from '../../../../../src/allocator/resources.ts';
import {agentRecord, cpusAndMem, launchOf, resources, task, World} from '../world.ts';

type Amounts = Readonly<Record<string, number>>;
type Roles = {readonly roles: readonly {readonly name: string}[]};

const legacyRolesOf = ({master}: World) => (legacyRoles(roleInputs(master)) as Roles).roles;
const quota = (guarantees: Amounts, limits: Amounts = {}) =>
  roleQuota(new Map(Object.entries(guarantees)), new Map(Object.entries(limits)));
const wish = (role: string, guarantees: Amounts, limits: Amounts = {}): RoleSetting => ({
  role,
  quota: quota(guarantees, limits),
});

/** Two agents of 4 cpus and 1000 MiB each. */
function twoAgents(): World {
  const world = new World();
  for (const number of [0, 1]) world.addAgent(agentRecord(number, 'cpus:4;mem:1000'));
  return world;
}

/** As people see it: cpus guaranteed by role, and why not. */
const inEffect = ({master}: World) => ({
  guaranteed: Object.fromEntries([...master.quotas].map(([role, {guarantees}]) => [role, guarantees.get('cpus') ?? 0])),
  problems: Object.fromEntries([...master.roleProblems].map(([role, {reason}]) => [role, reason])),
});

const roles = (name: string) => ({name, roles: [name], capabilities: [{type: 'MULTI_ROLE' as const}]});
const cpusOf = (world: World, stream: string): number[] =>
  world.takeOffers(stream).map(offer => offer.resources?.find(({name}) => name === 'cpus')?.scalar?.value ?? 0);

const refused: Record<string, {wish: RoleSetting; want: RoleProblem['reason']}> = {
  'a nested role': {wish: wish('a/b', {cpus: 1}), want: 'NestedRole'},
  'a guarantee above the limit': {wish: wish('a', {cpus: 2}, {cpus: 1}), want: 'GuaranteeAboveLimit'},
  'an amount below 0': {wish: wish('a', {cpus: -1}), want: 'InvalidAmount'},
  'more memory than an exbibyte': {wish: wish('a', {}, {mem: 2 ** 40 + 1}), want: 'InvalidAmount'},
  'more than a trillion': {wish: wish('a', {}, {cpus: 1e12 + 1}), want: 'InvalidAmount'},
  'more than the cluster has': {wish: wish('a', {cpus: 8.001}), want: 'Overcommitted'},
  'what the cluster has nothing of': {wish: wish('a', {gpus: 1}), want: 'Overcommitted'},
  'no name of a role': {wish: wish('a b', {cpus: 1}), want: 'InvalidRole'},
};
for (const [title, row] of Object.entries(refused)) {
  test(`refused: ${title}`, t => {
    const world = twoAgents();
    world.wish(row.wish);
    t.is(world.master.roleProblems.get(row.wish.role)?.reason, row.want);
    t.is(world.master.quotas.size, 0);
  });
}

const accepted: Record<string, RoleSetting> = {
  'all that the cluster has': wish('a', {cpus: 8, mem: 2000}),
  'a guarantee of one thing and a limit of another': wish('a', {cpus: 8}, {mem: 1}),
  'the role of everybody': wish('*', {cpus: 1}),
  'a trillion': wish('a', {}, {cpus: 1e12}),
};
for (const [title, setting] of Object.entries(accepted)) {
  test(`accepted: ${title}`, t => {
    const world = twoAgents();
    world.wish(setting);
    t.is(world.master.roleProblems.size, 0);
    t.deepEqual(world.master.quotas.get(setting.role), setting.quota);
  });
}

test('what is refused changes nothing: the old quota and the old weight stay', t => {
  const world = twoAgents();
  world.wish({...wish('a', {cpus: 3}), weight: 2});
  world.wish({...wish('a', {cpus: 9}), weight: 5});
  t.deepEqual(inEffect(world), {guaranteed: {a: 3}, problems: {a: 'Overcommitted'}});
  t.is(world.master.weights.get('a'), 2);
});

test('force overcommits; then nobody else may be guaranteed anything', t => {
  const world = twoAgents();
  world.wish({...wish('a', {cpus: 100}), force: true}, wish('b', {cpus: 1}));
  t.deepEqual(inEffect(world), {guaranteed: {a: 100}, problems: {b: 'Overcommitted'}});
});

test('what one role gives up another may have, whichever is named first', t => {
  const world = twoAgents();
  world.wish(wish('a', {cpus: 8}));
  world.wish(wish('b', {cpus: 5}), wish('a', {cpus: 3}));
  t.deepEqual(inEffect(world), {guaranteed: {a: 3, b: 5}, problems: {}});
});

test('of two that do not fit together the first one counts', t => {
  const world = twoAgents();
  world.wish(wish('a', {cpus: 5}), wish('b', {cpus: 5}));
  t.deepEqual(inEffect(world), {guaranteed: {a: 5}, problems: {b: 'Overcommitted'}});
});

test('a refused guarantee takes effect when agents come that can meet it', t => {
  const world = twoAgents();
  world.wish(wish('a', {cpus: 12}));
  world.addAgent(agentRecord(2, 'cpus:4;mem:1000'));
  t.is(world.master.quotas.size, 0);
  world.pass(1000);
  t.deepEqual(inEffect(world), {guaranteed: {a: 12}, problems: {}});
});

test('agents that leave take no guarantee with them', t => {
  const world = twoAgents();
  world.wish(wish('a', {cpus: 8}));
  world.loseAgent(agentRecord(1).id, 'unregistered');
  world.pass(1000);
  t.deepEqual(inEffect(world), {guaranteed: {a: 8}, problems: {}});
});

test('a role that nobody names any more has no quota and no weight', t => {
  const world = twoAgents();
  world.wish({...wish('a', {cpus: 8}), weight: 3});
  world.wish();
  t.is(world.master.quotas.size + world.master.weights.size, 0);
  t.is(world.master.allocator.view().headroom().required.size, 0);
});

test('a role outside --roles is refused', t => {
  const world = new World({roleWhitelist: new Set(['a'])});
  world.wish({role: 'b', weight: 2}, {role: 'a', weight: 2});
  t.is(world.master.roleProblems.get('b')?.reason, 'NotWhitelisted');
  t.deepEqual([...world.master.weights.keys()], ['a']);
});

/** A task of 3 cpus and 300 MiB in role `a/b`, on an agent with idle reservations of 1 cpu for `a/c`. */
function consuming() {
  const world = new World();
  world.addAgent(agentRecord(0, 'cpus:4;mem:1000;cpus(a/c):1'));
  const stream = world.subscribe({name: 'f', roles: ['a/b'], capabilities: [{type: 'MULTI_ROLE'}]});
  world.allocate();
  const launch = launchOf(task('t', 'S0', {resources: cpusAndMem(3, 300)}));
  world.accept('M-0000', world.takeOffers(stream), [launch], 3600);
  return {world, stream};
}

test('consumption: reservations in use or not and tasks, of the role and all below it; no offers', t => {
  const {world} = consuming();
  world.subscribe(roles('other'));
  world.allocate();
  const consumption = consumptionOf(world.master);
  t.deepEqual(Object.fromEntries([...consumption].map(([role, sum]) => [role, Object.fromEntries(sum)])), {
    a: {cpus: 4, mem: 300},
    'a/b': {cpus: 3, mem: 300},
    'a/c': {cpus: 1},
  });
});

test('a limit below what the role consumes is refused, unless forced; nothing is killed', t => {
  const {world} = consuming();
  world.wish(wish('a', {}, {cpus: 3.999}));
  t.is(world.master.roleProblems.get('a')?.reason, 'LimitBelowConsumption');
  world.wish({...wish('a', {}, {cpus: 3.999}), force: true});
  t.is(world.master.quotas.get('a')?.limits.get('cpus'), 3.999);
  t.is(world.pods.size, 1);
});

test('a limit of what the role consumes is not', t => {
  const {world} = consuming();
  world.wish(wish('a', {}, {cpus: 4, mem: 300}));
  t.is(world.master.roleProblems.size, 0);
});

test('a limit below consumption is retried when tasks have ended', t => {
  const {world} = consuming();
  world.wish(wish('a', {}, {cpus: 1}));
  world.pod('t', 'TASK_FINISHED');
  world.pass(1000);
  t.is(world.master.quotas.get('a')?.limits.get('cpus'), 1);
});

test('a limit rescinds what is offered above it, latest first, and no more', t => {
  const world = twoAgents();
  const stream = world.subscribe(roles('a'));
  world.allocate();
  t.deepEqual(cpusOf(world, stream), [4, 4]);
  world.wish(wish('a', {}, {cpus: 5}));
  t.deepEqual(world.take(stream), [{type: 'RESCIND', rescind: {offer_id: {value: 'M-O1'}}}]);
  world.allocate();
  t.deepEqual(cpusOf(world, stream), [1]);
});

test('a limit of something that is not offered rescinds nothing', t => {
  const world = twoAgents();
  const stream = world.subscribe(roles('a'));
  world.allocate();
  world.take(stream);
  world.wish(wish('a', {}, {disk: 0}));
  t.deepEqual(world.take(stream), []);
});

test('a guarantee rescinds what others are offered, as much as is missing', t => {
  const world = twoAgents();
  const other = world.subscribe(roles('other'));
  world.allocate();
  world.take(other);
  world.wish(wish('a', {cpus: 2}));
  t.is(world.take(other).length, 1);
  world.allocate();
  t.deepEqual(cpusOf(world, other), [2]); // 4 came back, 2 are held for `a`
  const stream = world.subscribe(roles('a'));
  world.allocate();
  t.deepEqual(cpusOf(world, stream), [2]);
});

test('a guarantee leaves alone what another role holds for its own', t => {
  const world = twoAgents();
  world.wish(wish('b', {cpus: 8}));
  const b = world.subscribe(roles('b'));
  world.allocate();
  t.is(world.take(b).filter(({type}) => type === 'OFFERS').length, 1);
  world.wish(wish('b', {cpus: 8}), {...wish('a', {cpus: 2}), force: true});
  t.deepEqual(world.take(b), []);
});

test('a role at its limit is offered nothing, until a task of it ends', t => {
  const world = twoAgents();
  world.wish(wish('a', {}, {cpus: 2, mem: 100}));
  const stream = world.subscribe(roles('a'));
  world.allocate();
  const offers = world.takeOffers(stream);
  const launch = launchOf(task('t', offers[0]?.agent_id.value ?? '', {resources: cpusAndMem(2, 100)}));
  world.accept('M-0000', offers, [launch]);
  world.nowMs += 60_000;
  world.allocate();
  t.deepEqual(world.takeOffers(stream), []);
  world.pod('t', 'TASK_FINISHED');
  world.allocate();
  t.deepEqual(cpusOf(world, stream), [2]);
});

test('what people are shown: allocated, offered, reserved and consumed', t => {
  const world = new World();
  world.addAgent(agentRecord(0, 'cpus(r):2;mem(r):20;cpus:3;mem:30'));
  const stream = world.subscribe(roles('r'));
  world.allocate();
  const [offer] = world.takeOffers(stream);
  const launch = launchOf(task('t', 'S0', {resources: offer?.resources ?? []}));
  world.accept('M-0000', offer === undefined ? [] : [offer], [launch]);
  world.addAgent(agentRecord(1, 'cpus(r):200;mem(r):2000;cpus:500;mem:5000'));
  world.allocate();
  const [role] = legacyRolesOf(world).filter(({name}) => name === 'r');
  t.like(role, {
    allocated: {cpus: 5, mem: 50},
    offered: {cpus: 700, mem: 7000},
    reserved: {cpus: 202, mem: 2020},
    resources: {cpus: 705, mem: 7050},
    quota: {consumed: {cpus: 205, mem: 2050}},
  });
});

type Minimum = {readonly quantities: Readonly<Record<string, {readonly value: number}>>};
const minimums: Record<string, {quantities: readonly Minimum[]; want: number}> = {
  'its own minimum': {quantities: [{quantities: {cpus: {value: 3}}}], want: 1},
  'one of several': {quantities: [{quantities: {cpus: {value: 9}}}, {quantities: {mem: {value: 5}}}], want: 2},
  'no minimum at all': {quantities: [], want: 2},
};
for (const [title, {quantities, want}] of Object.entries(minimums)) {
  test(`a framework is offered what reaches ${title}`, t => {
    const world = new World();
    const offer_filters = {a: {min_allocatable_resources: {quantities}}};
    const stream = world.subscribe({...roles('a'), offer_filters});
    world.addAgent(agentRecord(0, 'cpus:4;mem:10'));
    world.addAgent(agentRecord(1, 'cpus:0.005;mem:10'));
    world.allocate();
    t.is(world.takeOffers(stream).length, want);
  });
}

test('a guarantee takes no offers from roles below itself', t => {
  const world = twoAgents();
  const stream = world.subscribe(roles('a/b'));
  world.allocate();
  world.take(stream);
  world.wish(wish('a', {cpus: 8}));
  t.deepEqual(world.take(stream), []);
});

test('a limit of 0 rescinds the least that is offered', t => {
  const world = new World();
  world.addAgent(agentRecord(0, 'cpus:0.01;mem:1000'));
  const stream = world.subscribe(roles('a'));
  world.allocate();
  t.is(world.takeOffers(stream).length, 1);
  world.wish(wish('a', {}, {cpus: 0}));
  t.is(world.take(stream)[0]?.type, 'RESCIND');
});

test('what may be taken back is nothing to guarantee', t => {
  const world = new World();
  const spare = resources('cpus:2').list();
  const total = resources('cpus:4').add(Resources.of(spare.map(each => ({...each, revocable: true}))));
  world.addAgent({...agentRecord(0), total});
  world.wish(wish('a', {cpus: 4}), wish('b', {cpus: 1}));
  t.deepEqual(inEffect(world), {guaranteed: {a: 4}, problems: {b: 'Overcommitted'}});
});

test('a limit on two things rescinds also an offer that has one of them', t => {
  const world = new World();
  for (const [number, total] of ['cpus:4', 'cpus:4;mem:1000'].entries()) world.addAgent(agentRecord(number, total));
  const stream = world.subscribe(roles('a'));
  world.allocate();
  t.is(world.takeOffers(stream).length, 2);
  world.wish(wish('a', {}, {cpus: 5, mem: 10}));
  t.is(world.master.offers.size, 0);
});
