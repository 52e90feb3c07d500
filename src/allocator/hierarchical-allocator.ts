import type {Random} from '../lib/clock.ts';
import {AgentBook} from './agent-book.ts';
import {ClientBook} from './client-book.ts';
import {agentCapabilityRule} from './eligibility/agent-capability.ts';
import {gpuRule} from './eligibility/gpu.ts';
import {regionRule} from './eligibility/region.ts';
import type {Rule} from './eligibility/rule.ts';
import {shareFairly} from './fair-share.ts';
import type {AgentId, FrameworkId} from './ids.ts';
import type {Minimum} from './minimum.ts';
import {toMinimum} from './minimum.ts';
import {filterDurationMs, OfferFilters} from './offer-filters.ts';
import type {AllocatorOptions} from './options.ts';
import type {
  AgentRecord,
  AgentSpec,
  AgentTraits,
  Allocation,
  Client,
  FrameworkRecord,
  FrameworkSpec,
} from './records.ts';
import type {Resources} from './resources.ts';
import {sameAttributes, sameTraits} from './same-traits.ts';
import {shuffled} from './shuffle.ts';
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
  readonly #rules: readonly Rule[];
  readonly #random: Random;
  readonly #total: ClusterTotal;
  readonly #agents = new AgentBook();
  readonly #clients: ClientBook;
  readonly #filters = new OfferFilters(agent => this.#agents.touch(agent));
  readonly #frameworks = new Map<FrameworkId, FrameworkRecord>();
  readonly #weights = new Map<string, number>();
  /** Agents for the next event run. */
  readonly #candidates = new Set<AgentRecord>();
  #allAreCandidates = false;
  /** `ClientBook.unlocks` when a run over all agents last ended: those not open were asked up to there. */
  #settledUnlocks = -1;

  constructor(options: AllocatorOptions) {
    this.#intervalMs = options.allocationIntervalMs;
    this.#minimum = toMinimum(options.minAllocatable);
    this.#random = options.random;
    this.#rules = [
      agentCapabilityRule,
      ...(options.filterGpuResources === false ? [] : [gpuRule]),
      regionRule(options.domain),
    ];
    const total = new ClusterTotal(new ScalarNames(), options.excludedFromFairness);
    this.#total = total;
    this.#clients = new ClientBook(total, {
      roles: newSorter(options.roleSorter, total, options.random),
      frameworks: () => newSorter(options.frameworkSorter, total, options.random),
    });
  }

  /**
   * An agent registered, and offers may be made from it: asks for a run.
   *
   * @param used what runs there already; frameworks that are not known yet make it less free, but have no share
   */
  addAgent(spec: AgentSpec, used: ReadonlyMap<FrameworkId, ReadonlyMap<string, Resources>> = new Map()): void {
    const agent = this.#agents.add(spec);
    this.#total.add(spec.total.milli, 1);
    for (const [frameworkId, byRole] of used) {
      for (const [role, resources] of byRole) this.#hold(agent, frameworkId, role, resources);
    }
    this.#candidates.add(agent);
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
    this.#agents.setTotal(agent, total);
    if (traits !== undefined) {
      if (!sameAttributes(agent.traits, traits)) this.#filters.dropAgent(agent);
      agent.traits = traits;
    }
    this.#candidates.add(agent);
  }

  /** The agent is gone, with all that was handed out there. A later `recoverResources` for it changes nothing. */
  removeAgent(agentId: AgentId): void {
    const agent = this.#agents.get(agentId);
    for (const [frameworkId, byRole] of agent.holdings) {
      for (const [role, resources] of byRole) this.#untrack(frameworkId, role, resources, true);
    }
    this.#filters.dropAgent(agent);
    this.#agents.remove(agent);
    this.#candidates.delete(agent);
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
    for (const agent of this.#agents.agentsOf(frameworkId)) {
      for (const [role, resources] of agent.holdings.get(frameworkId) ?? [])
        this.#track(frameworkId, role, resources, true);
    }
    this.updateFramework(spec);
    if (active) this.#allAreCandidates = true;
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
      client.minimum = minimum === undefined ? this.#minimum : toMinimum(minimum);
      if (!client.subscribed || (wasSuppressed && !client.suppressed)) this.#clearFilters(client);
      this.#clients.refresh(client);
      this.#clients.unlock(client);
      this.#leaveIfIdle(client);
    }
  }

  /** The framework is gone. What it holds is not free before it was recovered, but counts in no share any more. */
  removeFramework(frameworkId: FrameworkId): void {
    const framework = this.#framework(frameworkId);
    for (const client of [...framework.clients.values()]) {
      this.#clearFilters(client);
      this.#clients.leave(client);
    }
    this.#frameworks.delete(frameworkId);
  }

  /** Asks for a run over all agents. Suppressed roles stay suppressed. */
  activateFramework(frameworkId: FrameworkId): void {
    const framework = this.#framework(frameworkId);
    framework.active = true;
    for (const client of framework.clients.values()) this.#clients.refresh(client);
    this.#allAreCandidates = true;
  }

  /** No offers for a framework that is not connected; its filters end. */
  deactivateFramework(frameworkId: FrameworkId): void {
    const framework = this.#framework(frameworkId);
    framework.active = false;
    for (const client of framework.clients.values()) {
      this.#clearFilters(client);
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

  /** Resources that a framework has, without a run having handed them out: a task found after a failover. */
  restore(agentId: AgentId, frameworkId: FrameworkId, role: string, resources: Resources): void {
    this.#hold(this.#agents.get(agentId), frameworkId, role, resources);
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
    const ended = this.#agents.release(agent, frameworkId, role, resources);
    // First the filter: a client that holds nothing and is not subscribed ends with the hand-back.
    if (refuse !== undefined) this.#refuse(agent, frameworkId, role, resources, refuse, nowMs);
    this.#untrack(frameworkId, role, resources, ended);
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
      this.#clearFilters(client);
      this.#clients.refresh(client);
    }
    this.#allAreCandidates = true;
  }

  /** Whether something asked for a run since the last one. */
  runPending(): boolean {
    return this.#allAreCandidates || this.#candidates.size > 0;
  }

  /** One run over the agents that something happened to. Nothing happens when none is pending. */
  runEvents(nowMs: number): readonly Allocation[] {
    if (!this.runPending()) return [];
    return this.#allAreCandidates ? this.#runAll(nowMs) : this.#run([...this.#candidates], nowMs);
  }

  /** One run over all agents. Behind it, filters that are due end. Serves pending events as well. */
  runPeriodic(nowMs: number): readonly Allocation[] {
    const allocations = this.#runAll(nowMs);
    this.#filters.endPeriodicRun(nowMs);
    return allocations;
  }

  /** What pages, metrics and explanations show. */
  view(): AllocatorView {
    return viewOf({agents: this.#agents, clients: this.#clients, total: this.#total, weights: this.#weights});
  }

  #runAll(nowMs: number): readonly Allocation[] {
    this.#filters.sweep(nowMs);
    const {unlocks} = this.#clients;
    // When nobody was unlocked since, those that are not open would find no taker again.
    const worthALook = unlocks === this.#settledUnlocks ? [...this.#agents.open] : this.#agents.all;
    const allocations = this.#run(worthALook, nowMs);
    this.#settledUnlocks = unlocks;
    return allocations;
  }

  #run(agents: readonly AgentRecord[], nowMs: number): readonly Allocation[] {
    this.#filters.sweep(nowMs);
    const allocations: Allocation[] = [];
    const {unlocks, active, roleSorter} = this.#clients;
    shareFairly(
      {
        roles: roleSorter,
        rules: this.#rules,
        active,
        unlocks,
        handOut: ({framework: {frameworkId}, role: {role}}, agent, resources) => {
          this.#hold(agent, frameworkId, role, resources);
          allocations.push({frameworkId, role, agentId: agent.agentId, resources});
        },
        close: agent => this.#agents.close(agent, unlocks),
      },
      shuffled(
        agents.filter(agent => agent.active && !agent.free.isEmpty),
        this.#random,
      ),
    );
    this.#candidates.clear();
    this.#allAreCandidates = false;
    return allocations;
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

  #hold(agent: AgentRecord, frameworkId: FrameworkId, role: string, resources: Resources): void {
    if (resources.isEmpty) return;
    this.#track(frameworkId, role, resources, this.#agents.hold(agent, frameworkId, role, resources));
  }

  #track(frameworkId: FrameworkId, role: string, resources: Resources, begins: boolean): void {
    const framework = this.#frameworks.get(frameworkId);
    if (framework === undefined) return;
    const client = this.#clients.join(framework, role);
    if (begins) client.holds++;
    this.#clients.allocated(client, resources);
  }

  #untrack(frameworkId: FrameworkId, role: string, resources: Resources, ends: boolean): void {
    const client = this.#frameworks.get(frameworkId)?.clients.get(role);
    if (client === undefined) return;
    this.#clients.unallocated(client, resources);
    if (!ends) return;
    client.holds--;
    this.#leaveIfIdle(client);
  }

  #refuse(
    agent: AgentRecord,
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

  #clearFilters(client: Client): void {
    if (client.filters === 0) return;
    this.#filters.dropClient(client, this.#agents.all);
    this.#clients.unlock(client);
  }

  /** Removes a client that neither is subscribed nor holds anything. */
  #leaveIfIdle(client: Client): void {
    if (client.subscribed || client.holds > 0) return;
    this.#clearFilters(client);
    this.#clients.leave(client);
  }
}
