import test from 'ava';
import fc from 'fast-check';
import type {Quantities} from '../../../../../src/allocator/resources.ts';
import {Resources} from '../../../../../src/allocator/resources.ts';
import type {Operation} from '../../../../../src/api/mesos/v1/scheduler.ts';
import type {RoleWish} from '../../../../../src/controller/mesos/core/roles/role-types.ts';
import {consumptionOf, plainPart} from '../../../../../src/controller/mesos/core/roles/consumption.ts';
import {roleQuota} from '../../../../../src/controller/mesos/core/roles/quota.ts';
import {takesRoom} from '../../../../../src/controller/mesos/core/tasks/task.ts';
import {agentRecord, cpusAndMem, launchOf, task, World} from '../world.ts';

const ROLES = ['a', 'b', 'c'];
const RESERVED = 'a';
const amount = fc.option(fc.nat(14), {nil: undefined});
const wish = fc.record({guarantee: amount, limit: amount, force: fc.boolean(), weight: fc.integer({min: 1, max: 3})});
const action = fc.oneof(
  {weight: 2, arbitrary: fc.record({kind: fc.constant('wish' as const), wishes: fc.tuple(wish, wish, wish)})},
  {weight: 8, arbitrary: fc.record({kind: fc.constantFrom('allocate', 'accept', 'decline', 'end'), a: fc.nat(9)})},
  {weight: 1, arbitrary: fc.record({kind: fc.constantFrom('agent', 'lose', 'pass'), a: fc.nat(4)})},
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

const cpus = (value: number | undefined): Quantities => new Map(value === undefined ? [] : [['cpus', value]]);
const toWish = (role: string, {guarantee, limit, force, weight}: Wish): RoleWish => ({
  role,
  weight,
  force,
  generation: 1,
  quota: roleQuota(cpus(guarantee), cpus(limit)),
});

/** Frameworks of three roles on a few agents of 4 cpus, of which one has a reservation. */
class History {
  readonly world = new World();
  readonly streams = ROLES.map(role =>
    this.world.subscribe({name: role, roles: [role], capabilities: [{type: 'MULTI_ROLE'}]}),
  );
  readonly running: string[] = [];
  forced = false;
  #tasks = 0;

  do(next: Action): void {
    const {world} = this;
    if (next.kind === 'wish') {
      this.forced ||= next.wishes.some(({force}) => force);
      world.do({kind: 'roles', wishes: next.wishes.map((given, i) => toWish(ROLES[i] ?? '', given))});
      return;
    }
    switch (next.kind) {
      case 'allocate':
        return world.allocate(next.a % 2 === 0);
      case 'accept':
        return this.#accept(next.a);
      case 'decline':
        return this.#answer(next.a, []);
      case 'end': {
        const [id] = this.running.splice(next.a, 1);
        return id === undefined ? undefined : world.pod(id, 'TASK_FINISHED');
      }
      case 'agent':
        return world.addAgent(
          agentRecord(next.a, next.a === 0 ? `cpus:4;mem:999;cpus(${RESERVED}):2` : 'cpus:4;mem:999'),
        );
      case 'lose':
        return world.loseAgent(agentRecord(next.a).id, 'unregistered');
      default:
        return world.pass(1000);
    }
  }

  #accept(choice: number): void {
    const id = `t${this.#tasks++}`;
    const offer = [...this.world.master.offers.values()][choice % Math.max(1, this.world.master.offers.size)];
    const has = offer === undefined ? 0 : plainPart(offer.resources).scalar('cpus');
    if (offer === undefined || has < 1) return;
    this.#answer(choice, [launchOf(task(id, offer.agentId, {resources: cpusAndMem(1 + (choice % has), 0)}))]);
    if (this.world.pods.size > 0 && this.world.launched.some(({taskId}) => taskId === id)) this.running.push(id);
  }

  #answer(choice: number, operations: readonly Operation[]): void {
    const offer = [...this.world.master.offers.values()][choice % Math.max(1, this.world.master.offers.size)];
    if (offer === undefined) return;
    const accept = {offer_ids: [{value: offer.id}], operations, filters: {refuse_seconds: 0}};
    this.world.call({type: 'ACCEPT', framework_id: {value: offer.frameworkId}, accept});
  }
}

const actions = fc.array(action, {minLength: 5, maxLength: 60});

/** All that is wrong with the state, in words. */
function problems({world, forced}: History): string[] {
  const {master} = world;
  const views = new Map(
    master.allocator
      .view()
      .roles()
      .map(view => [view.role, view]),
  );
  const found: string[] = [];
  for (const [role, {guarantees, limits}] of master.quotas) {
    const quota = views.get(role)?.quota;
    if (quota?.guarantees?.get('cpus') !== guarantees.get('cpus')) found.push(`${role}: another guarantee`);
    const limit = limits.get('cpus') ?? Number.POSITIVE_INFINITY;
    // Reservations count, and come with agents whatever the limit.
    if (!forced && role !== RESERVED && (quota?.consumed.get('cpus') ?? 0) > limit)
      found.push(`${role}: above its limit`);
    if ((guarantees.get('cpus') ?? 0) > limit) found.push(`${role}: guarantee above limit`);
  }
  for (const {role, weight} of master.roleWishes) {
    const refused = master.roleProblems.has(role);
    if (!refused && master.weights.get(role) !== weight) found.push(`${role}: another weight`);
  }
  const held = [...master.agents.values()].flatMap(({launches}) => [...launches.values()].filter(takesRoom));
  const used = held.reduce((sum, each) => sum.add(each.resources), Resources.EMPTY).scalar('cpus');
  const reserved = [...master.agents.values()].reduce((sum, {record}) => sum + (record.name === 'agent-0' ? 2 : 0), 0);
  const consumed = ROLES.reduce((sum, role) => sum + (consumptionOf(master).get(role)?.get('cpus') ?? 0), 0);
  if (consumed !== used + reserved) found.push(`consumed ${consumed}, used ${used}, reserved ${reserved}`);
  return found;
}

test('what is in effect is what was accepted; nobody gets above a limit that was not forced', t => {
  const run = fc.property(actions, list => {
    const history = new History();
    for (const next of list) {
      history.do(next);
      const found = problems(history);
      if (found.length > 0) throw new Error(found.join('; '));
    }
  });
  t.notThrows(() => fc.assert(run, {numRuns: 300}));
});

test('what an earlier leader had in effect, a later one has', t => {
  const run = fc.property(actions, list => {
    const history = new History();
    for (const next of list) history.do(next);
    const {master} = history.world;
    const inEffect = ROLES.map(role => ({role, weight: master.weights.get(role) ?? 1, quota: master.quotas.get(role)}));
    const next = new World();
    const roles = {
      wishes: master.roleWishes,
      inEffect: inEffect.map(({quota, ...rest}) => ({...rest, ...(quota !== undefined && {quota})})),
    };
    const agents = [...master.agents.values()].map(({record}) => record);
    next.do({kind: 'restore', frameworks: [], agents, unreachable: [], launches: [], roles});
    for (const [role, quota] of master.quotas) {
      const restored = next.master.quotas.get(role);
      const refused = master.roleProblems.has(role);
      // What was refused for what tasks held may be accepted by a leader that has not seen them yet.
      if (!refused && JSON.stringify([...(restored?.limits ?? [])]) !== JSON.stringify([...quota.limits])) return false;
      if (restored === undefined) return false;
    }
    return true;
  });
  t.notThrows(() => fc.assert(run, {numRuns: 200}));
});
