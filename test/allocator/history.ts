import {filterDurationMs} from '../../src/allocator/offer-filters.ts';
import {reservedTo} from '../../src/allocator/resource.ts';
import type {Allocation} from '../../src/allocator/records.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {agent, Cluster, fw, readable, res, seeded} from './cluster.ts';

export const AGENTS = ['a1', 'a2', 'a3', 'a4'];
export const FRAMEWORKS = ['f1', 'f2', 'f3', 'f4'];
export const ROLES = ['r', 'r/x', 's'];
export const TOTALS = [
  'cpus:4;mem:4096;ports:[31000-31009]',
  'cpus:2;mem:1024;ports:[31000-31004]',
  'cpus:2;cpus(r):2;mem:1024;mem(s):512',
  'cpus:0.1;mem:64',
].map(res);

type QuotaOp = {kind: 'quota'; role: string; guarantee: number | undefined; limit: number | undefined};
export type Op =
  | {kind: 'agent' | 'agent-switch' | 'resize' | 'request'; agent: string; total: Resources}
  | {kind: 'framework' | 'framework-switch' | 'suppress' | 'revive'; framework: string; roles: string[]}
  | {kind: 'answer'; pick: number; keep: number; seconds: number | undefined}
  | {kind: 'end'; pick: number}
  | {kind: 'weight'; role: string; weight: number}
  | QuotaOp
  | {kind: 'events'}
  | {kind: 'periodic'};

/** What anybody could have. */
const plain = (resources: Resources): Resources => resources.filter(resource => reservedTo(resource) === undefined);

type Refused = {allocation: Allocation; resources: Resources; untilMs: number};

/** Drives an allocator as a master would, keeps its own books, and complains when they differ. */
export class History {
  readonly cluster: Cluster;
  readonly totals = new Map<string, {total: Resources; active: boolean}>();
  readonly frameworks = new Map<string, {roles: string[]; suppressed: Set<string>; active: boolean}>();
  readonly quotas = new Map<string, {guarantee: number | undefined; limit: number | undefined}>();
  readonly weights = new Map<string, number>();
  readonly offers: Allocation[] = [];
  readonly tasks: Allocation[] = [];
  refused: Refused[] = [];
  complaint: string | undefined = undefined;
  readonly log: string[] = [];

  constructor(seed: number, cluster = new Cluster({random: seeded(seed)})) {
    this.cluster = cluster;
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
      case 'request':
        return this.cluster.allocator.requestRun(agent(op.agent));
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
        this.weights.set(op.role, op.weight);
        this.cluster.weights({[op.role]: op.weight});
        return;
      case 'quota':
        return this.#setQuota(op);
      case 'events':
        return this.#receive(() => this.cluster.events());
      case 'periodic':
        this.#receive(() => this.cluster.periodic());
        this.#checkGuarantees();
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

  #setQuota({role, guarantee, ...asked}: QuotaOp): void {
    const limit = asked.limit === undefined ? undefined : Math.max(asked.limit, guarantee ?? 0);
    const text = (n: number | undefined): string | undefined => (n === undefined ? n : `cpus:${n};mem:${n * 512}`);
    if (guarantee === undefined && limit === undefined) {
      this.quotas.delete(role);
      this.cluster.allocator.setQuota(role, undefined);
    } else {
      this.quotas.set(role, {guarantee, limit});
      this.cluster.quota(role, text(guarantee), text(limit));
    }
  }

  /** Cores in use or reserved that count for the quota of a role. */
  #consumed(role: string): number {
    const below = (other: string | undefined): boolean => other === role || other?.startsWith(`${role}/`) === true;
    const reserved = [...this.totals.values()].map(({total}) =>
      total.filter(resource => below(reservedTo(resource))).scalar('cpus'),
    );
    return reserved.reduce((a, b) => a + b, plain(this.#sum(a => below(a.role))).scalar('cpus'));
  }

  /** Behind a periodic run: no agent has cores left that a guarantee lacks and nobody refused. */
  #checkGuarantees(): void {
    for (const [role, {guarantee = 0}] of this.quotas) {
      if (guarantee - this.#consumed(role) < 0.05) continue;
      const willing = [...this.frameworks].some(
        ([id, {active, roles: all, suppressed}]) =>
          active &&
          all.includes(role) &&
          !suppressed.has(role) &&
          !this.refused.some(({allocation: a}) => a.frameworkId === id && a.role === role),
      );
      const idle = [...this.totals].find(
        ([id, {active}]) =>
          active &&
          plain(this.cluster.allocator.view().agent(agent(id))?.free ?? Resources.EMPTY).scalar('cpus') > 0.05,
      );
      if (willing && idle !== undefined) this.complain(`a guarantee of ${role} could be met from`, idle[0]);
    }
  }

  /** What guarantees lack beyond all that is free for anybody. */
  #deficit(name: string): number {
    const {required, available} = this.cluster.allocator.view().headroom();
    return Math.max(0, Math.round(1000 * ((required.get(name) ?? 0) - (available.get(name) ?? 0))));
  }

  #receive(run: () => readonly Allocation[]): void {
    const deficits = ['cpus', 'mem'].map(name => this.#deficit(name));
    const consumed = new Map(ROLES.map(role => [role, this.#consumed(role)]));
    const allocations = run();
    for (const [role, {limit = Number.POSITIVE_INFINITY}] of this.quotas) {
      const given = allocations.filter(a => a.role === role).map(a => plain(a.resources).scalar('cpus'));
      const room = Math.max(0, limit - (consumed.get(role) ?? 0));
      if (given.reduce((a, b) => a + b, 0) > room + 1e-6) this.complain('beyond the limit of', role);
    }
    this.#book(allocations);
    for (const [i, name] of ['cpus', 'mem'].entries()) {
      if (this.#deficit(name) > (deficits[i] ?? 0)) this.complain('a run ate headroom of', name);
    }
  }

  #book(allocations: readonly Allocation[]): void {
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
    for (const role of this.quotas.keys()) {
      const seen =
        view
          .roles()
          .find(v => v.role === role)
          ?.quota?.consumed.get('cpus') ?? 0;
      if (Math.abs(seen - this.#consumed(role)) > 1e-6) this.complain('consumption differs of', role);
    }
    const cpus = this.#sum(() => true).scalar('cpus');
    if ((view.offeredOrAllocated().get('cpus') ?? 0) !== cpus) this.complain('the sorters count otherwise', cpus);
    this.#checkShares();
    this.#checkHeadroom();
  }

  /** Kept sums against sums made anew. */
  #checkShares(): void {
    const total = [...this.totals.values()].reduce((sum, {total: one}) => sum.add(one), Resources.EMPTY);
    for (const {role, share, offeredOrAllocated} of this.cluster.allocator.view().roles()) {
      const held = this.#sum(a => a.role === role || a.role.startsWith(`${role}/`));
      if ((offeredOrAllocated.get('cpus') ?? 0) !== held.scalar('cpus')) this.complain('a role holds otherwise', role);
      const parts = ['cpus', 'mem'].map(name => held.scalar(name) / (total.scalar(name) || 1));
      const want = Math.max(...parts) / (this.weights.get(role) ?? 1);
      if (Math.abs(share - want) > 1e-9) this.complain('a share differs', [role, share, want]);
    }
  }

  #checkHeadroom(): void {
    if (this.quotas.size === 0) return;
    const {required, available} = this.cluster.allocator.view().headroom();
    const lacks = [...this.quotas].map(([role, {guarantee = 0}]) => Math.max(0, guarantee - this.#consumed(role)));
    const free = [...this.totals].map(([id, {total}]) => plain(total.subtract(this.#sum(a => a.agentId === id))));
    const wanted = {
      required: lacks.reduce((a, b) => a + b, 0),
      available: free.reduce((sum, resources) => sum + resources.scalar('cpus'), 0),
    };
    for (const [name, kept] of Object.entries({required, available})) {
      const want = wanted[name === 'required' ? 'required' : 'available'];
      if (Math.abs((kept.get('cpus') ?? 0) - want) > 1e-6) this.complain(`${name} differs`, [kept.get('cpus'), want]);
    }
  }

  #sum(which: (a: Allocation) => boolean): Resources {
    const parts = [...this.offers, ...this.tasks].filter(which);
    return parts.reduce((sum, a) => sum.add(a.resources), Resources.EMPTY);
  }
}
