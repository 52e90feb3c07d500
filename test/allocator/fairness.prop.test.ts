import test from 'ava';
import fc from 'fast-check';
import {whereTheyPart} from '../../src/allocator/explain/precedence.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import type {Resources} from '../../src/allocator/resources.ts';
import {Cluster, cm, seeded} from './cluster.ts';

const ROLES = ['a/x', 'a/y', 'a/z', 'b', 'c', 'c/x', 'd'];
const HOUR_S = 3600;

type Client = {readonly role: string; readonly task: Resources};

const demands = fc.uniqueArray(
  fc.record({role: fc.constantFrom(...ROLES), cpus: fc.integer({min: 1, max: 4}), gib: fc.integer({min: 1, max: 4})}),
  {selector: ({role}) => role, minLength: 2},
);
const weights = fc.dictionary(fc.constantFrom(...ROLES, 'a'), fc.integer({min: 1, max: 5}));

/** What every client holds in tasks, and the weighted dominant shares that follow. */
class Shares {
  readonly total: Resources;
  readonly weights: Readonly<Record<string, number>>;
  readonly held = new Map<string, Resources[]>();

  constructor(total: Resources, given: Readonly<Record<string, number>>) {
    this.total = total;
    this.weights = given;
  }

  /** `a/.` is the client in `a`; `a` is it and all below it. */
  of(path: string): number {
    const own = path.endsWith('/.');
    const role = own ? path.slice(0, -2) : path;
    const within = [...this.held].filter(([r]) => r === role || (!own && r.startsWith(`${role}/`)));
    const sum = (name: string): number => within.flatMap(([, list]) => list).reduce((s, r) => s + r.scalar(name), 0);
    const parts = ['cpus', 'mem'].map(name => sum(name) / this.total.scalar(name));
    return Math.max(...parts) / (own ? 1 : (this.weights[role] ?? 1));
  }

  take(role: string, task: Resources): void {
    this.held.set(role, [...(this.held.get(role) ?? []), task]);
  }
}

/** One agent; each client takes one task of its own kind from an offer, or refuses for good what its task does not fit. */
function fill(clients: readonly Client[], given: Readonly<Record<string, number>>, seed: number): string | undefined {
  const total = cm(24, 24 * 1024);
  const shares = new Shares(total, given);
  const cluster = new Cluster({random: seeded(seed)}).agent('agent', total).weights(given);
  for (const {role} of clients) cluster.framework(role, role);
  for (let run = 0; run < 100; run++) {
    const [offer] = cluster.periodic();
    if (offer === undefined) return undefined;
    const taker = clients.find(({role}) => role === offer.role);
    if (taker === undefined) return `a stranger was offered something: ${offer.role}`;
    if (!fits(offer, taker)) {
      cluster.giveBack(offer, HOUR_S);
      continue;
    }
    const unfair = clients.find(other => fits(offer, other) && isAhead(shares, other.role, taker.role));
    if (unfair !== undefined) return `${taker.role} was asked before ${unfair.role}`;
    shares.take(taker.role, taker.task);
    const rest = offer.resources.subtract(taker.task);
    if (!rest.isEmpty) cluster.giveBack(offer, 0, rest);
  }
  return 'it never ends';
}

const fits = ({resources}: Allocation, {task}: Client): boolean =>
  ['cpus', 'mem'].every(name => resources.scalar(name) >= task.scalar(name));

function isAhead(shares: Shares, one: string, other: string): boolean {
  if (one === other) return false;
  const [left, right] = whereTheyPart(one, other);
  return shares.of(left) < shares.of(right);
}

test('progressive filling: a unit goes to the smallest weighted share that can use it', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(demands, weights, fc.integer(), (list, given, seed) => {
        const clients = list.map(({role, cpus, gib}) => ({role, task: cm(cpus, gib * 1024)}));
        const problem = fill(clients, given, seed);
        if (problem !== undefined) throw new Error(problem);
      }),
      {numRuns: 200},
    );
  });
});

test('one run over equal agents leaves weighted shares within one agent of each other', t => {
  const roles = fc.subarray(['b', 'd', 'e', 'f', 'g'], {minLength: 2});
  const agents = fc.integer({min: 1, max: 40});
  t.notThrows(() => {
    fc.assert(
      fc.property(
        roles,
        agents,
        fc.array(fc.integer({min: 1, max: 4}), {minLength: 5}),
        fc.integer(),
        (list, n, w, seed) => {
          const cluster = new Cluster({random: seeded(seed)});
          const weightOf = new Map(list.map((role, i) => [role, w[i] ?? 1]));
          for (let i = 0; i < n; i++) cluster.agent(`agent-${i}`, cm(2, 2048));
          for (const role of list) cluster.weights({[role]: weightOf.get(role) ?? 1}).framework(role, role);
          const given = Map.groupBy(cluster.periodic(), ({role}) => role);
          const units = (role: string): number => given.get(role)?.length ?? 0;
          const share = (role: string, extra = 0): number => (units(role) + extra) / (weightOf.get(role) ?? 1);
          return (
            list.reduce((sum, role) => sum + units(role), 0) === n &&
            // Nobody has so much that it would be ahead of another even without its last agent.
            list.every(one => list.every(other => units(one) === 0 || share(one, -1) <= share(other)))
          );
        },
      ),
      {numRuns: 200},
    );
  });
});
