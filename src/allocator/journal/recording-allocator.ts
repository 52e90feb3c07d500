import type {Allocator} from '../allocator.ts';
import type {Result} from '../../lib/result.ts';
import type {RunCause} from '../allocation-cycle.ts';
import type {ExplainQuery, Explanation, Unknown} from '../explain/explain.ts';
import type {Refusal} from '../hierarchical-allocator.ts';
import type {AgentId, FrameworkId} from '../ids.ts';
import type {Quota} from '../quota/quota-book.ts';
import type {AgentSpec, AgentTraits, Allocation, Conversion, Domain, FrameworkSpec} from '../records.ts';
import type {Resources} from '../resources.ts';
import type {Slices} from '../slices.ts';
import type {AllocatorSnapshot} from '../snapshot.ts';
import type {AllocatorView} from '../view.ts';
import type {Input} from './inputs.ts';
import type {Journal} from './journal.ts';

/**
 * An allocator that writes down what it is told, and passes it on. The compiler demands every method of the allocator
 * here: one that changes it has an `Input`, one that reads is passed on.
 */
export class RecordingAllocator implements Allocator {
  readonly #inner: Allocator;
  readonly #journal: Journal;

  constructor(inner: Allocator, journal: Journal) {
    this.#inner = inner;
    this.#journal = journal;
  }

  addAgent(spec: AgentSpec, used: ReadonlyMap<FrameworkId, ReadonlyMap<string, Resources>> = new Map()): void {
    const held = [...used].flatMap(([frameworkId, byRole]) =>
      [...byRole].map(([role, resources]) => ({frameworkId, role, resources})),
    );
    this.#tell({kind: 'add-agent', spec, used: held}, () => this.#inner.addAgent(spec, used));
  }

  updateAgent(agentId: AgentId, total: Resources, traits?: AgentTraits): void {
    const call = (): void => this.#inner.updateAgent(agentId, total, traits);
    this.#tell({kind: 'update-agent', agentId, total, traits}, call);
  }

  removeAgent(agentId: AgentId): void {
    this.#tell({kind: 'remove-agent', agentId}, () => this.#inner.removeAgent(agentId));
  }

  activateAgent(agentId: AgentId): void {
    this.#tell({kind: 'activate-agent', agentId}, () => this.#inner.activateAgent(agentId));
  }

  deactivateAgent(agentId: AgentId): void {
    this.#tell({kind: 'deactivate-agent', agentId}, () => this.#inner.deactivateAgent(agentId));
  }

  requestRun(agentId: AgentId): void {
    this.#tell({kind: 'request-run', agentId}, () => this.#inner.requestRun(agentId));
  }

  addFramework(spec: FrameworkSpec, active: boolean): void {
    const fixed = fixedSpec(spec);
    this.#tell({kind: 'add-framework', spec: fixed, active}, () => this.#inner.addFramework(fixed, active));
  }

  updateFramework(spec: FrameworkSpec): void {
    const fixed = fixedSpec(spec);
    this.#tell({kind: 'update-framework', spec: fixed}, () => this.#inner.updateFramework(fixed));
  }

  removeFramework(frameworkId: FrameworkId): void {
    this.#tell({kind: 'remove-framework', frameworkId}, () => this.#inner.removeFramework(frameworkId));
  }

  activateFramework(frameworkId: FrameworkId): void {
    this.#tell({kind: 'activate-framework', frameworkId}, () => this.#inner.activateFramework(frameworkId));
  }

  deactivateFramework(frameworkId: FrameworkId): void {
    this.#tell({kind: 'deactivate-framework', frameworkId}, () => this.#inner.deactivateFramework(frameworkId));
  }

  updateWeights(weights: ReadonlyMap<string, number>): void {
    this.#tell({kind: 'weights', weights: new Map(weights)}, () => this.#inner.updateWeights(weights));
  }

  setQuota(role: string, quota: Quota | undefined): void {
    this.#tell({kind: 'quota', role, quota}, () => this.#inner.setQuota(role, quota));
  }

  updateWhitelist(hostnames: ReadonlySet<string> | undefined): void {
    const fixed = hostnames && new Set(hostnames);
    this.#tell({kind: 'whitelist', hostnames: fixed}, () => this.#inner.updateWhitelist(fixed));
  }

  updateDomain(domain: Domain | undefined): void {
    this.#tell({kind: 'domain', domain}, () => this.#inner.updateDomain(domain));
  }

  convertHeld(agentId: AgentId, frameworkId: FrameworkId, role: string, conversion: Conversion): void {
    const call = (): void => this.#inner.convertHeld(agentId, frameworkId, role, conversion);
    this.#tell({kind: 'convert-held', agentId, frameworkId, role, conversion}, call);
  }

  restore(agentId: AgentId, frameworkId: FrameworkId, role: string, resources: Resources): void {
    const call = (): void => this.#inner.restore(agentId, frameworkId, role, resources);
    this.#tell({kind: 'restore', agentId, frameworkId, role, resources}, call);
  }

  recoverResources(
    agentId: AgentId,
    frameworkId: FrameworkId,
    role: string,
    resources: Resources,
    refuse: Refusal | undefined,
    nowMs: number,
  ): void {
    this.#journal.prepare(this.#inner);
    this.#inner.recoverResources(agentId, frameworkId, role, resources, refuse, nowMs);
    this.#journal.record({kind: 'recover', agentId, frameworkId, role, resources, refuse, nowMs}, this.#inner);
  }

  suppress(frameworkId: FrameworkId, roles: readonly string[]): void {
    this.#tell({kind: 'suppress', frameworkId, roles: [...roles]}, () => this.#inner.suppress(frameworkId, roles));
  }

  revive(frameworkId: FrameworkId, roles: readonly string[]): void {
    this.#tell({kind: 'revive', frameworkId, roles: [...roles]}, () => this.#inner.revive(frameworkId, roles));
  }

  /** A run that nothing asked for changes nothing, and is not worth a line. */
  runEvents(nowMs: number): readonly Allocation[] {
    if (!this.#inner.runPending()) return [];
    this.#journal.prepare(this.#inner);
    const allocations = this.#inner.runEvents(nowMs);
    this.#journal.record({kind: 'run-events', nowMs, allocations}, this.#inner);
    return allocations;
  }

  runPeriodic(nowMs: number): readonly Allocation[] {
    this.#journal.prepare(this.#inner);
    const allocations = this.#inner.runPeriodic(nowMs);
    this.#journal.record({kind: 'run-periodic', nowMs, allocations}, this.#inner);
    return allocations;
  }

  *runInSlices(cause: RunCause, nowMs: number): Slices<readonly Allocation[]> {
    if (cause === 'events' && !this.#inner.runPending()) return [];
    this.#journal.prepare(this.#inner);
    const allocations = yield* this.#inner.runInSlices(cause, nowMs);
    this.#journal.record({kind: cause === 'events' ? 'run-events' : 'run-periodic', nowMs, allocations}, this.#inner);
    return allocations;
  }

  runPending(): boolean {
    return this.#inner.runPending();
  }

  view(): AllocatorView {
    return this.#inner.view();
  }

  explain(query: ExplainQuery, nowMs: number): Result<Explanation, Unknown> {
    return this.#inner.explain(query, nowMs);
  }

  snapshot(): AllocatorSnapshot {
    return this.#inner.snapshot();
  }

  /** Not written down: it is for allocators that know nothing yet, and the journal begins with what they know then. */
  load(snapshot: AllocatorSnapshot): void {
    this.#inner.load(snapshot);
  }

  #tell<T>(input: Input, call: () => T): T {
    this.#journal.prepare(this.#inner);
    const answer = call();
    this.#journal.record(input, this.#inner);
    return answer;
  }
}

/** Iterables may be there once only, and sets may change later. */
function fixedSpec(spec: FrameworkSpec): FrameworkSpec {
  const {roles, suppressedRoles, capabilities} = spec;
  return {
    ...spec,
    roles: [...roles],
    ...(suppressedRoles !== undefined && {suppressedRoles: [...suppressedRoles]}),
    ...(capabilities !== undefined && {capabilities: [...capabilities]}),
  };
}
