import test from 'ava';
import fc from 'fast-check';
import {filterDurationMs} from '../../src/allocator/offer-filters.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {agent, Cluster, fw, readable, res, seeded} from './cluster.ts';

const AGENTS = ['a1', 'a2', 'a3', 'a4'];
const FRAMEWORKS = ['f1', 'f2', 'f3', 'f4'];
const ROLES = ['r', 'r/x', 's'];
const TOTALS = [
  'cpus:4;mem:4096;ports:[31000-31009]',
  'cpus:2;mem:1024;ports:[31000-31004]',
  'cpus:2;cpus(r):2;mem:1024;mem(s):512',
  'cpus:0.1;mem:64',
].map(res);

type Op =
  | {kind: 'agent' | 'agent-switch' | 'resize'; agent: string; total: Resources}
  | {kind: 'framework' | 'framework-switch' | 'suppress' | 'revive'; framework: string; roles: string[]}
  | {kind: 'answer'; pick: number; keep: number; seconds: number | undefined}
  | {kind: 'end'; pick: number}
  | {kind: 'weight'; role: string; weight: number}
  | {kind: 'events'}
  | {kind: 'periodic'};

const roles = fc.subarray(ROLES, {minLength: 1});
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('agent', 'agent-switch', 'resize'),
      agent: fc.constantFrom(...AGENTS),
      total: fc.constantFrom(...TOTALS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('framework', 'framework-switch', 'suppress', 'revive'),
      framework: fc.constantFrom(...FRAMEWORKS),
      roles,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('answer'),
      pick: fc.nat(),
      keep: fc.nat(4),
      seconds: fc.constantFrom(undefined, 0, 0.1, 2, 5, 30),
    }),
  },
  {weight: 2, arbitrary: fc.record({kind: fc.constant('end'), pick: fc.nat()})},
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('weight'),
      role: fc.constantFrom(...ROLES),
      weight: fc.integer({min: 1, max: 5}),
    }),
  },
  {weight: 3, arbitrary: fc.constant({kind: 'events'})},
  {weight: 5, arbitrary: fc.constant({kind: 'periodic'})},
);

type Refused = {allocation: Allocation; resources: Resources; untilMs: number};

/** Drives an allocator as a master would, keeps its own books, and complains when they differ. */
class History {
  readonly cluster: Cluster;
  readonly totals = new Map<string, {total: Resources; active: boolean}>();
  readonly frameworks = new Map<string, {roles: string[]; suppressed: Set<string>; active: boolean}>();
  readonly offers: Allocation[] = [];
  readonly tasks: Allocation[] = [];
  refused: Refused[] = [];
  complaint: string | undefined = undefined;
  readonly log: string[] = [];

  constructor(seed: number) {
    this.cluster = new Cluster({random: seeded(seed)});
  }

  step(op: Op): void {
    switch (op.kind) {
      case 'agent':
        if (this.totals.has(op.agent)) return this.#removeAgent(op.agent);
        this.totals.set(op.agent, {total: op.total, active: true});
        this.cluster.agent(op.agent, op.total);
        return;
      case 'agent-switch':
        return this.#switchAgent(op.agent);
      case 'resize':
        return this.#grow(op.agent, op.total);
      case 'framework':
        if (this.frameworks.has(op.framework)) return this.#removeFramework(op.framework);
        this.frameworks.set(op.framework, {roles: op.roles, suppressed: new Set(), active: true});
        this.cluster.framework(op.framework, op.roles);
        return;
      case 'framework-switch':
        return this.#switchFramework(op.framework);
      case 'suppress':
      case 'revive':
        return this.#demand(op.kind, op.framework, op.roles);
      case 'answer':
        return this.#answer(op.pick, op.keep, op.seconds);
      case 'end': {
        const [task] = this.tasks.splice(op.pick % (this.tasks.length || 1), 1);
        if (task !== undefined) this.cluster.giveBack(task);
        return;
      }
      case 'weight':
        this.cluster.weights({[op.role]: op.weight});
        return;
      case 'events':
        return this.#receive(this.cluster.events());
      case 'periodic':
        this.#receive(this.cluster.periodic());
        // Behind the run, what is due has ended.
        this.refused = this.refused.filter(({untilMs}) => untilMs > this.cluster.nowMs);
        return;
      default:
        op satisfies never;
    }
  }

  #removeAgent(id: string): void {
    this.cluster.allocator.removeAgent(agent(id));
    this.totals.delete(id);
    this.#forget(this.offers, a => a.agentId === id);
    this.#forget(this.tasks, a => a.agentId === id);
    this.refused = this.refused.filter(({allocation}) => allocation.agentId !== id);
  }

  #switchAgent(id: string): void {
    const known = this.totals.get(id);
    if (known === undefined) return;
    known.active = !known.active;
    if (known.active) this.cluster.allocator.activateAgent(agent(id));
    else this.cluster.allocator.deactivateAgent(agent(id));
  }

  #grow(id: string, more: Resources): void {
    const known = this.totals.get(id);
    if (known === undefined) return;
    known.total = known.total.add(more.filter(({value}) => value.kind === 'scalar'));
    this.cluster.allocator.updateAgent(agent(id), known.total);
  }

  #removeFramework(id: string): void {
    this.cluster.allocator.removeFramework(fw(id));
    this.frameworks.delete(id);
    for (const list of [this.offers, this.tasks]) {
      for (const gone of this.#forget(list, a => a.frameworkId === id)) this.cluster.giveBack(gone);
    }
    this.refused = this.refused.filter(({allocation}) => allocation.frameworkId !== id);
  }

  #switchFramework(id: string): void {
    const known = this.frameworks.get(id);
    if (known === undefined) return;
    known.active = !known.active;
    if (known.active) return this.cluster.allocator.activateFramework(fw(id));
    this.cluster.allocator.deactivateFramework(fw(id));
    for (const offer of this.#forget(this.offers, a => a.frameworkId === id)) this.cluster.giveBack(offer);
    this.refused = this.refused.filter(({allocation}) => allocation.frameworkId !== id);
  }

  #demand(kind: 'suppress' | 'revive', id: string, roles: string[]): void {
    const known = this.frameworks.get(id);
    if (known === undefined) return;
    this.cluster.allocator[kind](fw(id), roles);
    for (const role of roles) {
      if (kind === 'suppress') known.suppressed.add(role);
      else known.suppressed.delete(role);
    }
    if (kind === 'suppress') return;
    this.refused = this.refused.filter(({allocation: a}) => a.frameworkId !== id || !roles.includes(a.role));
  }

  /** Takes `keep` cpus at most for a task and gives the rest back. */
  #answer(pick: number, keep: number, seconds: number | undefined): void {
    const [offer] = this.offers.splice(pick % (this.offers.length || 1), 1);
    if (offer === undefined) return;
    const wanted = res(`cpus:${keep * 0.1}`);
    const task = offer.resources.contains(wanted) ? wanted : Resources.EMPTY;
    if (!task.isEmpty) this.tasks.push({...offer, resources: task});
    const rest = offer.resources.subtract(task);
    if (rest.isEmpty) return;
    this.cluster.giveBack(offer, seconds ?? 5, rest);
    const untilMs = this.cluster.nowMs + filterDurationMs(seconds, 1000);
    if (untilMs > this.cluster.nowMs) this.refused.push({allocation: offer, resources: rest, untilMs});
  }

  #forget(list: Allocation[], which: (a: Allocation) => boolean): Allocation[] {
    const gone = list.filter(which);
    list.splice(0, list.length, ...list.filter(a => !which(a)));
    return gone;
  }

  #receive(allocations: readonly Allocation[]): void {
    this.log.push(...allocations.map(a => readable([a]).join()));
    for (const allocation of allocations) {
      const {frameworkId, role, agentId, resources} = allocation;
      const framework = this.frameworks.get(frameworkId);
      if (framework?.active !== true) this.complain('an inactive framework was offered something', allocation);
      if (framework?.suppressed.has(role)) this.complain('a suppressed role was offered something', allocation);
      if (framework?.roles.includes(role) !== true) this.complain('a foreign role', allocation);
      if (this.totals.get(agentId)?.active !== true) this.complain('an inactive agent was offered', allocation);
      const hidden = this.refused.some(
        ({allocation: a, resources: r}) =>
          a.frameworkId === frameworkId && a.role === role && a.agentId === agentId && r.contains(resources),
      );
      if (hidden) this.complain('a refused offer came back early', allocation);
      this.offers.push(allocation);
    }
  }

  complain(what: string, about: unknown): void {
    this.complaint ??= `${what}: ${JSON.stringify(about)}`;
  }

  /** Compares all books. */
  check(): void {
    const view = this.cluster.allocator.view();
    for (const [id, {total}] of this.totals) {
      const held = this.#sum(a => a.agentId === id);
      const seen = view.agent(agent(id));
      if (!total.contains(held)) this.complain('handed out twice on', id);
      if (seen === undefined || !seen.free.add(seen.offeredOrAllocated).equals(total))
        this.complain('Σ differs on', id);
      if (seen?.offeredOrAllocated.equals(held) !== true) this.complain('holdings differ on', id);
    }
    const cpus = this.#sum(() => true).scalar('cpus');
    if ((view.offeredOrAllocated().get('cpus') ?? 0) !== cpus) this.complain('the sorters count otherwise', cpus);
    for (const role of ['r/x', 's']) {
      const seen =
        view
          .roles()
          .find(v => v.role === role)
          ?.offeredOrAllocated.get('cpus') ?? 0;
      if (seen !== this.#sum(a => a.role === role).scalar('cpus')) this.complain('a role holds otherwise', role);
    }
  }

  #sum(which: (a: Allocation) => boolean): Resources {
    const parts = [...this.offers, ...this.tasks].filter(which);
    return parts.reduce((sum, a) => sum.add(a.resources), Resources.EMPTY);
  }
}

const histories = fc.tuple(fc.integer(), fc.array(op, {maxLength: 120, size: 'max'}));

test('nothing is handed out twice, all sums agree, filters and suppression are obeyed', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const history = new History(seed);
        for (const next of ops) {
          history.step(next);
          history.check();
          if (history.complaint !== undefined) throw new Error(history.complaint);
        }
      }),
      {numRuns: 300},
    );
  });
});

test('the same history and seed lead to the same decisions', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const [one, other] = [new History(seed), new History(seed)];
        for (const next of ops) for (const history of [one, other]) history.step(next);
        return one.log.join('\n') === other.log.join('\n');
      }),
      {numRuns: 50},
    );
  });
});

test('decisions do not depend on the order in which agents, frameworks and weights came', t => {
  const parts = [...AGENTS.map(id => ({agent: id})), ...FRAMEWORKS.map(id => ({framework: id})), {weights: true}];
  const shuffled = fc.shuffledSubarray(parts, {minLength: parts.length, maxLength: parts.length});
  const decide = (order: readonly (typeof parts)[number][], seed: number): string[] => {
    const cluster = new Cluster({random: seeded(seed)});
    for (const part of order) {
      if ('agent' in part) cluster.agent(part.agent, TOTALS[AGENTS.indexOf(part.agent)] ?? Resources.EMPTY);
      else if ('framework' in part)
        cluster.framework(part.framework, ROLES.slice(FRAMEWORKS.indexOf(part.framework) % 3));
      else cluster.weights({r: 2, s: 3});
    }
    const offers = cluster.events();
    for (const offer of offers) cluster.giveBack(offer, 0, offer.resources);
    return [...offers, ...cluster.periodic()].map(a => readable([a]).join());
  };
  t.notThrows(() => {
    fc.assert(
      fc.property(shuffled, fc.integer(), (order, seed) => decide(order, seed).join() === decide(parts, seed).join()),
    );
  });
});

test('agents that found no taker are remembered without changing any decision', t => {
  // Touching an agent (an update to other traits) makes the allocator forget that nobody wanted it.
  t.notThrows(() => {
    fc.assert(
      fc.property(histories, ([seed, ops]) => {
        const [remembering, forgetting] = [new History(seed), new History(seed)];
        for (const [i, next] of ops.entries()) {
          if (next.kind === 'events') continue;
          if (next.kind === 'periodic') {
            for (const [id, {total}] of forgetting.totals) {
              forgetting.cluster.allocator.updateAgent(agent(id), total, {hostname: `h${i}`});
            }
          }
          for (const history of [remembering, forgetting]) history.step(next);
        }
        return remembering.log.join('\n') === forgetting.log.join('\n');
      }),
      {numRuns: 150},
    );
  });
});
