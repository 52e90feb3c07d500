import {AgentBook} from './agent-book.ts';
import type {RunCause} from './allocation-cycle.ts';
import {AllocationCycle} from './allocation-cycle.ts';
import {ClientBook} from './client-book.ts';
import {rulesOf} from './eligibility/rules.ts';
import {HomeRegion} from './eligibility/region.ts';
import {Whitelist} from './eligibility/whitelist.ts';
import type {ExplainParts, ExplainQuery, Explanation, Unknown} from './explain/explain.ts';
import {explain} from './explain/explain.ts';
import type {AgentId, FrameworkId} from './ids.ts';
import type {Result} from '../lib/result.ts';
import {Ledger} from './ledger.ts';
import type {Minimum} from './minimum.ts';
import {toMinimum} from './minimum.ts';
import {filterDurationMs, OfferFilters} from './offer-filters.ts';
import type {AllocatorOptions} from './options.ts';
import type {
  AgentEntry,
  AgentSpec,
  AgentTraits,
  Allocation,
  Client,
  Conversion,
  Domain,
  FrameworkRecord,
  FrameworkSpec,
} from './records.ts';
import type {Quota} from './quota/quota-book.ts';
import {QuotaBook} from './quota/quota-book.ts';
import {Resources} from './resources.ts';
import {sameAttributes, sameTraits} from './same-traits.ts';
import type {AllocatorSnapshot, SnapshotBooks} from './snapshot.ts';
import {loadSnapshot, takeSnapshot} from './snapshot.ts';
import type {Slices} from './slices.ts';
import {inOneGo} from './slices.ts';
import {ClusterTotal, ScalarNames} from './sorter/cluster-total.ts';
import {newSorter} from './sorter/new-sorter.ts';
import type {AllocatorView} from './view.ts';
import {viewOf} from './view.ts';

/** A refusal: for so many seconds, or as long as Mesos takes when the framework does not say. */
export type Refusal = {readonly seconds: number | undefined};

/**
 * Decides how much is offered to whom: Mesos's hierarchical allocator. Changes come in as method calls and change
 * nothing but this object; `runEvents` and `runPeriodic` answer what is handed out. All that is handed out comes back
 * through `recoverResources`, once. An id that nobody added is a bug of the caller and thrown, unless a method says it
 * is normal.
 */
export class HierarchicalAllocator {
  readonly #intervalMs: number;
  readonly #minimum: Minimum;
  readonly #total: ClusterTotal;
  readonly #agents = new AgentBook();
  readonly #clients: ClientBook;
  readonly #filters = new OfferFilters(agent => this.#agents.touch(agent));
  readonly #quota: QuotaBook;
  readonly #frameworks = new Map<FrameworkId, FrameworkRecord>();
  readonly #weights = new Map<string, number>();
  readonly #ledger: Ledger;
  readonly #whitelist = new Whitelist();
  readonly #home: HomeRegion;
  readonly #cycle: AllocationCycle;
  readonly #explainParts: ExplainParts;

  constructor(options: AllocatorOptions) {
    this.#intervalMs = options.allocationIntervalMs;
    this.#home = new HomeRegion(options.domain);
    this.#minimum = toMinimum(options.minAllocatable);
    const total = new ClusterTotal(new ScalarNames(), options.excludedFromFairness);
    this.#total = total;
    this.#quota = new QuotaBook(total.names);
    this.#clients = new ClientBook(total, {
      roles: newSorter(options.roleSorter, total, options.random),
      frameworks: () => newSorter(options.frameworkSorter, total, options.random),
    });
    this.#ledger = new Ledger({
      agents: this.#agents,
      clients: this.#clients,
      frameworks: this.#frameworks,
      quota: this.#quota,
      filters: this.#filters,
    });
    const books = {
      agents: this.#agents,
      clients: this.#clients,
      filters: this.#filters,
      quota: this.#quota,
      rules: rulesOf(options, this.#whitelist, this.#home),
      total,
    };
    this.#cycle = new AllocationCycle({
      ...books,
      random: options.random,
      unitsPerSlice: options.unitsPerSlice ?? 1000,
      hold: (client, agent, resources) => this.#ledger.handOut(client, agent, resources),
    });
    this.#explainParts = {
      ...books,
      frameworks: this.#frameworks,
      cycle: this.#cycle,
      home: this.#home,
      drawn: {roles: options.roleSorter === 'random', frameworks: options.frameworkSorter === 'random'},
    };
  }

  /**
   * An agent registered, and offers may be made from it: asks for a run.
   *
   * @param used what runs there already; frameworks that are not known yet make it less free, but have no share
   */
  addAgent(spec: AgentSpec, used: ReadonlyMap<FrameworkId, ReadonlyMap<string, Resources>> = new Map()): void {
    const agent = this.#agents.add(spec);
    this.#total.add(spec.total.milli, 1);
    this.#quota.counted(spec.total, 1);
    this.#quota.freeChanged(Resources.EMPTY, agent.free);
    for (const [frameworkId, byRole] of used) {
      for (const [role, resources] of byRole) this.#ledger.hold(agent, frameworkId, role, resources);
    }
    this.#cycle.request(agent);
  }

  /**
   * What the agent has, or what describes it, is now so. Nothing is taken back when it shrinks. Other attributes end the
   * filters on the agent. Asks for a run if anything changed.
   *
   * @param traits replaces all traits; absent: they stay
   */
  updateAgent(agentId: AgentId, total: Resources, traits?: AgentTraits): void {
    const agent = this.#agents.get(agentId);
    const same = agent.total.equals(total) && (traits === undefined || sameTraits(agent.traits, traits));
    if (same) return;
    this.#total.add(agent.total.milli, -1);
    this.#total.add(total.milli, 1);
    const {free} = agent;
    this.#quota.totalChanged(agent.total, total);
    this.#agents.setTotal(agent, total);
    this.#quota.freeChanged(free, agent.free);
    if (traits !== undefined) {
      if (!sameAttributes(agent.traits, traits)) this.#filters.dropAgent(agent);
      agent.traits = traits;
      agent.excluded = undefined;
    }
    this.#cycle.request(agent);
  }

  /** The agent is gone, with all that was handed out there. A later `recoverResources` for it changes nothing. */
  removeAgent(agentId: AgentId): void {
    const agent = this.#agents.get(agentId);
    for (const {frameworkId, role, resources} of agent.holdings) {
      this.#quota.held(role, resources, -1, agent, agent.free);
      this.#ledger.untrack(frameworkId, role, resources, true);
    }
    this.#quota.counted(agent.total, -1);
    this.#quota.freeChanged(agent.free, Resources.EMPTY);
    this.#filters.dropAgent(agent);
    this.#agents.remove(agent);
    this.#cycle.forget(agent);
    this.#total.add(agent.total.milli, -1);
  }

  /** The agent may be offered again, from the next run that includes it. */
  activateAgent(agentId: AgentId): void {
    this.#setActive(agentId, true);
  }

  /** No offers from the agent. Its resources still count in every share. */
  deactivateAgent(agentId: AgentId): void {
    this.#setActive(agentId, false);
  }

  /** What it holds on known agents counts from now on. An active framework asks for a run over all agents. */
  addFramework(spec: FrameworkSpec, active: boolean): void {
    const {frameworkId} = spec;
    if (this.#frameworks.has(frameworkId)) throw new Error(`Bug: framework ${frameworkId} was added before`);
    const framework: FrameworkRecord = {frameworkId, active, capabilities: new Set(), clients: new Map()};
    this.#frameworks.set(frameworkId, framework);
    for (const {holdings} of this.#agents.all) {
      for (const held of holdings) {
        if (held.frameworkId === frameworkId) this.#ledger.track(frameworkId, held.role, held.resources, true);
      }
    }
    this.updateFramework(spec);
    if (active) this.#cycle.requestAll();
  }

  /**
   * The framework's roles, suppressed roles, capabilities and minimums are now so. A role left or no longer suppressed
   * loses its filters. Does not ask for a run (as in Mesos).
   */
  updateFramework(spec: FrameworkSpec): void {
    const framework = this.#framework(spec.frameworkId);
    const [roles, suppressed] = [new Set(spec.roles), new Set(spec.suppressedRoles)];
    framework.capabilities = new Set(spec.capabilities);
    for (const role of roles) this.#clients.join(framework, role);
    for (const [role, client] of [...framework.clients]) {
      const wasSuppressed = client.suppressed;
      client.subscribed = roles.has(role);
      client.suppressed = suppressed.has(role);
      const minimum = spec.minAllocatable?.get(role);
      this.#ledger.forgetExclusions(client);
      client.constraints = spec.offerConstraints?.get(role);
      client.minimum = minimum === undefined ? this.#minimum : toMinimum(minimum);
      if (!client.subscribed || (wasSuppressed && !client.suppressed)) this.#ledger.clearFilters(client);
      this.#clients.refresh(client);
      this.#clients.unlock(client);
      this.#ledger.leaveIfIdle(client);
    }
  }

  /** The framework is gone. What it holds is not free before it was recovered, but counts in no share any more. */
  removeFramework(frameworkId: FrameworkId): void {
    const framework = this.#framework(frameworkId);
    for (const client of [...framework.clients.values()]) {
      this.#ledger.clearFilters(client);
      this.#ledger.forgetExclusions(client);
      this.#clients.leave(client);
    }
    this.#frameworks.delete(frameworkId);
  }

  /** Asks for a run over all agents. Suppressed roles stay suppressed. */
  activateFramework(frameworkId: FrameworkId): void {
    const framework = this.#framework(frameworkId);
    framework.active = true;
    for (const client of framework.clients.values()) this.#clients.refresh(client);
    this.#cycle.requestAll();
  }

  /** No offers for a framework that is not connected; its filters end. */
  deactivateFramework(frameworkId: FrameworkId): void {
    const framework = this.#framework(frameworkId);
    framework.active = false;
    for (const client of framework.clients.values()) {
      this.#ledger.clearFilters(client);
      this.#clients.refresh(client);
    }
  }

  /** Weights by role, above zero; roles not named keep theirs. Changes who is asked next; takes nothing back. */
  updateWeights(weights: ReadonlyMap<string, number>): void {
    for (const [role, weight] of weights) {
      this.#weights.set(role, weight);
      this.#clients.roleSorter.setWeight(role, weight);
    }
  }

  /**
   * From now on a top-level role is promised `guarantees` and bound by `limits`. Nothing is taken back, and no run is
   * asked for (as in Mesos). Whether guarantees fit into the cluster is for the caller to judge.
   *
   * @param quota undefined: neither any more
   */
  setQuota(role: string, quota: Quota | undefined): void {
    this.#quota.set(role, quota, this.#agents.all);
  }

  /** Hosts that may be offered; undefined: all. Does not ask for a run (as in Mesos). */
  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    this.#whitelist.set(hostnames);
    for (const agent of this.#agents.all) this.#agents.touch(agent);
  }

  /** Where the master stands; undefined: all agents with a domain are foreign. Does not ask for a run. */
  updateDomain(domain: Domain | undefined): void {
    this.#home.domain = domain;
    for (const agent of this.#agents.all) this.#agents.touch(agent);
  }

  /** A framework changed what it holds, in place: RESERVE, UNRESERVE, CREATE, DESTROY. */
  convertHeld(agentId: AgentId, frameworkId: FrameworkId, role: string, conversion: Conversion): void {
    this.#ledger.convertHeld(this.#agents.get(agentId), frameworkId, role, conversion);
  }

  /** Resources that a framework has, without a run having handed them out: a task found after a failover. */
  restore(agentId: AgentId, frameworkId: FrameworkId, role: string, resources: Resources): void {
    this.#ledger.hold(this.#agents.get(agentId), frameworkId, role, resources);
  }

  /**
   * Resources handed out come back. They wait for the next periodic run. Normal: the agent or the framework is gone
   * meanwhile. More than was handed out is a bug.
   *
   * @param refuse the framework wants them no more for a while; absent: it was not its decision
   */
  recoverResources(
    agentId: AgentId,
    frameworkId: FrameworkId,
    role: string,
    resources: Resources,
    refuse: Refusal | undefined,
    nowMs: number,
  ): void {
    const agent = this.#agents.find(agentId);
    if (agent === undefined || resources.isEmpty) return;
    const {counted, ends} = this.#ledger.release(agent, frameworkId, role, resources);
    // First the filter: a client that holds nothing and is not subscribed ends with the hand-back.
    if (refuse !== undefined) this.#refuse(agent, frameworkId, role, resources, refuse, nowMs);
    this.#ledger.untrack(frameworkId, role, counted, ends);
  }

  /** No offers for these roles, all if none is named. Filters stay. Roles not subscribed change nothing. */
  suppress(frameworkId: FrameworkId, roles: readonly string[]): void {
    for (const client of this.#subscribed(frameworkId, roles)) {
      client.suppressed = true;
      this.#clients.refresh(client);
    }
  }

  /** Offers for these roles, all if none is named: filters end. Asks for a run over all agents. */
  revive(frameworkId: FrameworkId, roles: readonly string[]): void {
    for (const client of this.#subscribed(frameworkId, roles)) {
      client.suppressed = false;
      this.#ledger.clearFilters(client);
      this.#clients.refresh(client);
    }
    this.#cycle.requestAll();
  }

  /** Whether something asked for a run since the last one. */
  runPending(): boolean {
    return this.#cycle.isPending;
  }

  /** One run over the agents that something happened to. Nothing happens when none is pending. */
  runEvents(nowMs: number): readonly Allocation[] {
    return inOneGo(this.#cycle.runEvents(nowMs));
  }

  /** One run over all agents. Behind it, filters that are due end. Serves pending events as well. */
  runPeriodic(nowMs: number): readonly Allocation[] {
    return inOneGo(this.#cycle.runPeriodic(nowMs));
  }

  /**
   * As `runEvents` or `runPeriodic`, in slices of a few milliseconds. Between two of them the allocator may be looked
   * at, but must not be changed: what happens meanwhile waits, so that the decisions are those of a run in one go.
   */
  runInSlices(cause: RunCause, nowMs: number): Slices<readonly Allocation[]> {
    return cause === 'periodic' ? this.#cycle.runPeriodic(nowMs) : this.#cycle.runEvents(nowMs);
  }

  /**
   * Asks for an event run over the agent: for an owner who does not want what came free there to wait for the next
   * periodic run. Normal: the agent is gone.
   */
  requestRun(agentId: AgentId): void {
    const agent = this.#agents.find(agentId);
    if (agent !== undefined) this.#cycle.request(agent);
  }

  /** What pages, metrics and explanations show. */
  view(): AllocatorView {
    return viewOf({
      agents: this.#agents,
      clients: this.#clients,
      total: this.#total,
      weights: this.#weights,
      quota: this.#quota,
    });
  }

  /** All that decisions depend on, as plain values; chance is the caller's. */
  snapshot(): AllocatorSnapshot {
    return takeSnapshot(this.#books());
  }

  /** Puts an allocator that knows nothing yet into such a state: it decides as the other one, given the same chance. */
  load(snapshot: AllocatorSnapshot): void {
    loadSnapshot(this.#books(), snapshot);
  }

  #books(): SnapshotBooks {
    return {
      agents: this.#agents,
      clients: this.#clients,
      filters: this.#filters,
      quota: this.#quota,
      frameworks: this.#frameworks,
      weights: this.#weights,
      whitelist: this.#whitelist,
      home: this.#home,
      cycle: this.#cycle,
      total: this.#total,
      ledger: this.#ledger,
    };
  }

  /** Why frameworks got no offers. Changes nothing; does not draw. */
  explain(query: ExplainQuery, nowMs: number): Result<Explanation, Unknown> {
    return explain(this.#explainParts, query, nowMs);
  }

  #framework(frameworkId: FrameworkId): FrameworkRecord {
    const framework = this.#frameworks.get(frameworkId);
    if (framework === undefined) throw new Error(`Bug: unknown framework ${frameworkId}`);
    return framework;
  }

  #subscribed(frameworkId: FrameworkId, roles: readonly string[]): Client[] {
    const {clients} = this.#framework(frameworkId);
    return [...clients.values()].filter(
      ({subscribed, role}) => subscribed && (roles.length === 0 || roles.includes(role.role)),
    );
  }

  #refuse(
    agent: AgentEntry,
    frameworkId: FrameworkId,
    role: string,
    resources: Resources,
    {seconds}: Refusal,
    nowMs: number,
  ): void {
    const client = this.#frameworks.get(frameworkId)?.clients.get(role);
    const durationMs = filterDurationMs(seconds, this.#intervalMs);
    if (client?.subscribed !== true || durationMs === 0) return;
    this.#filters.add(client, agent, resources, nowMs + durationMs);
  }

  #setActive(agentId: AgentId, active: boolean): void {
    const agent = this.#agents.get(agentId);
    agent.active = active;
    this.#agents.touch(agent);
  }
}
