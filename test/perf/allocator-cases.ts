import {HierarchicalAllocator} from '../../src/allocator/hierarchical-allocator.ts';
import type {OfferConstraints} from '../../src/allocator/offer-constraints.ts';
import type {AgentId, FrameworkId} from '../../src/allocator/ids.ts';
import {toAgentId, toFrameworkId} from '../../src/allocator/ids.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {res, seeded} from '../allocator/cluster.ts';

export type Size = {
  readonly agents: number;
  readonly frameworks: number;
  /** One role for each framework, all in one, or leaves three levels deep. */
  readonly roles: 'own' | 'shared' | 'deep';
};

/** One benchmark: `prepare` is not timed; what it answers runs several times, with `again` (not timed) between. */
export type Case = {
  readonly name: string;
  /** Where this case is measured; absent: everywhere. */
  readonly sizes?: readonly Size[];
  readonly prepare: (size: Size) => {readonly timed: () => void; readonly again: () => void};
};

// What the original was measured with.
const TOTAL_TEXT = 'cpus:24;mem:4096;disk:4096;ports:[31000-32000]';
const TOTAL = res(TOTAL_TEXT);
const MORE = res('cpus:25;mem:4096;disk:4096;ports:[31000-32000]');
const YEAR = 365 * 24 * 3600;

class Bench {
  readonly size: Size;
  readonly agents: readonly AgentId[];
  readonly frameworks: readonly {readonly id: FrameworkId; readonly role: string}[];
  allocator = newAllocator();
  nowMs = 1e12;
  last: readonly Allocation[] = [];
  #renames = 0;

  readonly #constraints: OfferConstraints | undefined;

  constructor(size: Size, constraints?: OfferConstraints) {
    this.size = size;
    this.#constraints = constraints;
    this.agents = Array.from({length: size.agents}, (_, i) => toAgentId(`agent-${i}`));
    this.frameworks = Array.from({length: size.frameworks}, (_, i) => ({
      id: toFrameworkId(`framework-${i}`),
      role: roleOf(size, i),
    }));
  }

  reset(): this {
    this.allocator = newAllocator();
    this.last = [];
    for (const {id, role} of this.frameworks) {
      const spec = {frameworkId: id, roles: [role]};
      const offerConstraints = this.#constraints && new Map([[role, this.#constraints]]);
      this.allocator.addFramework(offerConstraints === undefined ? spec : {...spec, offerConstraints}, true);
    }
    return this;
  }

  guaranteeEach(): this {
    const quantities = TOTAL.quantities();
    for (const {role} of this.frameworks) {
      this.allocator.setQuota(role, {guarantees: quantities, limits: quantities});
    }
    return this;
  }

  addAgents(runEach: boolean, totalOf: () => Resources = () => TOTAL): this {
    for (const agentId of this.agents) {
      this.allocator.addAgent({agentId, total: totalOf(), hostname: `${agentId}.example`});
      if (runEach) this.allocator.runEvents(this.nowMs);
    }
    if (!runEach) this.last = this.allocator.runEvents(this.nowMs);
    return this;
  }

  cycle = (): void => {
    this.last = this.allocator.runPeriodic((this.nowMs += 1000));
  };

  giveBack = (): void => {
    for (const allocation of this.last) this.recover(allocation);
    this.last = [];
  };

  recover({agentId, frameworkId, role, resources}: Allocation, seconds?: number): void {
    const refuse = seconds === undefined ? undefined : {seconds};
    this.allocator.recoverResources(agentId, frameworkId, role, resources, refuse, this.nowMs);
  }

  /** Every framework refuses every agent, each call at a time of its own. */
  declineAll(): void {
    this.giveBack();
    for (const {id, role} of this.frameworks) {
      this.nowMs += 3;
      for (const agentId of this.agents) {
        this.allocator.restore(agentId, id, role, TOTAL);
        this.allocator.recoverResources(agentId, id, role, TOTAL, {seconds: YEAR}, this.nowMs);
      }
    }
  }

  /** Every agent has a little more or less: a new run looks at all, with what is known of traits. */
  resizeAgents = (): void => {
    this.#renames++;
    for (const agentId of this.agents) this.allocator.updateAgent(agentId, this.#renames % 2 === 0 ? TOTAL : MORE);
  };

  /** Makes the allocator forget what it found out about every agent; filters stay. */
  touchAgents = (): void => {
    this.#renames++;
    for (const agentId of this.agents) this.allocator.updateAgent(agentId, TOTAL, {hostname: `h${this.#renames}`});
  };
}

const newAllocator = (): HierarchicalAllocator =>
  new HierarchicalAllocator({
    allocationIntervalMs: 1000,
    minAllocatable: [new Map([['cpus', 0.01]]), new Map([['mem', 32]])],
    random: seeded(7),
  });

function roleOf({roles, frameworks}: Size, i: number): string {
  if (roles === 'shared') return 'role';
  if (roles === 'own') return `role-${i}`;
  const side = Math.ceil(Math.cbrt(frameworks));
  return `r${i % side}/r${Math.floor(i / side) % side}/r${Math.floor(i / side / side)}`;
}

const QUOTA_SIZE: Size = {agents: 3000, frameworks: 3000, roles: 'own'};
const ONE_CPU = res('cpus:1');
const reserved = (i: number): Resources =>
  Resources.of(ONE_CPU.list().map(one => ({...one, reservations: [{type: 'DYNAMIC', role: `reserved-${i}`}]})));
const WANTED: OfferConstraints = [
  [{selector: {kind: 'hostname'}, predicate: {kind: 'text-matches', matches: text => text.endsWith('.example')}}],
];
const UNWANTED: OfferConstraints = [
  [{selector: {kind: 'attribute', name: 'rack'}, predicate: {kind: 'text-equals', value: 'r1'}}],
];
const nothing = (): void => undefined;

/** So many agents' resources are recovered and handed out again: how the cost follows what changed. */
const freed = (count: number): Case => ({
  name: `freed${count}`,
  sizes: [
    {agents: 10_000, frameworks: 1000, roles: 'own'},
    ...(count <= 1000 ? [{agents: 50_000, frameworks: 1000, roles: 'own' as const}] : []),
  ],
  prepare: size => {
    const bench = new Bench(size).reset().addAgents(false);
    let held = [...bench.last];
    const timed = (): void => {
      for (const allocation of held.slice(0, count)) bench.recover(allocation);
      bench.cycle();
    };
    const again = (): void => {
      held = [...held.slice(count), ...bench.last];
    };
    return {timed, again};
  },
});

export const CASES: readonly Case[] = [
  {
    name: 'addAll', // a run for each agent: the most runs that can be asked for
    prepare: size => {
      const bench = new Bench(size).reset();
      return {timed: () => bench.addAgents(true), again: () => bench.reset()};
    },
  },
  {
    name: 'allFree',
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      bench.giveBack();
      return {timed: bench.cycle, again: bench.giveBack};
    },
  },
  {
    name: 'allDeclined', // nothing is known from an earlier run
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      bench.declineAll();
      return {timed: bench.cycle, again: bench.touchAgents};
    },
  },
  {
    name: 'allDeclinedAgain', // the periodic run after that one
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      bench.declineAll();
      bench.cycle();
      return {timed: bench.cycle, again: nothing};
    },
  },
  {
    name: 'nothingFree',
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      return {timed: bench.cycle, again: nothing};
    },
  },
  {
    name: 'oneFreed', // recovered and handed out again
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      const held = [...bench.last];
      let i = 0;
      const timed = (): void => {
        const freed = held[(i += 7919) % held.length];
        if (freed === undefined) return;
        bench.recover(freed);
        bench.cycle();
      };
      const again = (): void => {
        const [next] = bench.last;
        if (next !== undefined) held[i % held.length] = next;
      };
      return {timed, again};
    },
  },
  ...[1, 10, 100, 1000, 10_000].map(freed),
  {
    name: 'ownTotals', // for the heap: no two agents share an object; nothing is free
    sizes: [
      {agents: 1000, frameworks: 1000, roles: 'own'},
      {agents: 10_000, frameworks: 1000, roles: 'own'},
      {agents: 10_000, frameworks: 10_000, roles: 'own'},
    ],
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false, () => res(TOTAL_TEXT));
      return {timed: bench.cycle, again: nothing};
    },
  },
  {
    name: 'quotaFull', // one agent guaranteed to each role, and its limit
    sizes: [QUOTA_SIZE],
    prepare: size => {
      const bench = new Bench(size).reset().guaranteeEach().addAgents(false);
      bench.giveBack();
      return {timed: bench.cycle, again: bench.giveBack};
    },
  },
  {
    name: 'quotaNoop',
    sizes: [QUOTA_SIZE],
    prepare: size => {
      const bench = new Bench(size).reset().guaranteeEach().addAgents(false);
      bench.cycle();
      return {timed: bench.cycle, again: nothing};
    },
  },
  {
    name: 'constraintsFree', // every framework names the agents it wants, and wants all
    prepare: size => {
      const bench = new Bench(size, WANTED).reset().addAgents(false);
      bench.giveBack();
      return {timed: bench.cycle, again: bench.giveBack};
    },
  },
  {
    name: 'constraintsNone', // every framework wants agents that there are none of, which is known
    sizes: [
      {agents: 1000, frameworks: 1000, roles: 'own'},
      {agents: 10_000, frameworks: 1000, roles: 'own'},
    ],
    prepare: size => {
      const bench = new Bench(size, UNWANTED).reset().addAgents(false);
      return {timed: bench.cycle, again: bench.resizeAgents};
    },
  },
  {
    name: 'constraintsNew', // the same when all agents have new traits: every framework is asked about each
    sizes: [
      {agents: 1000, frameworks: 1000, roles: 'own'},
      {agents: 10_000, frameworks: 200, roles: 'own'},
    ],
    prepare: size => {
      const bench = new Bench(size, UNWANTED).reset().addAgents(false);
      return {timed: bench.cycle, again: bench.touchAgents};
    },
  },
  {
    name: 'explainOne', // one framework, all agents, behind a run that handed out each of them
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      const [framework] = bench.frameworks;
      const query = framework === undefined ? {} : {frameworkId: framework.id};
      return {timed: () => void bench.allocator.explain(query, bench.nowMs), again: nothing};
    },
  },
  {
    name: 'explainAll', // a sample of 50,000 pairs
    prepare: size => {
      const bench = new Bench(size).reset().addAgents(false);
      return {timed: () => void bench.allocator.explain({}, bench.nowMs), again: nothing};
    },
  },
  {
    name: 'reserve20', // 20 times reserved and unreserved, on an agent with 800 reservations
    sizes: [{agents: 1, frameworks: 200, roles: 'own'}],
    prepare: size => {
      const bench = new Bench(size).reset();
      const total = Resources.of([...TOTAL.list(), ...Array.from({length: 800}, (_, i) => reserved(i).list()).flat()]);
      const [agentId = toAgentId('')] = bench.agents;
      bench.allocator.addAgent({agentId, total});
      const steps = Array.from({length: 20}, (_, i) => ({consumed: ONE_CPU, converted: reserved(1000 + i)}));
      const timed = (): void => {
        for (const {consumed, converted} of steps) {
          bench.allocator.updateAgent(agentId, total.subtract(consumed).add(converted));
          bench.allocator.updateAgent(agentId, total);
        }
      };
      return {timed, again: nothing};
    },
  },
];
