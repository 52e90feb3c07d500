import type {Allocator} from '../../src/allocator/allocator.ts';
import type {AllocatorOptions} from '../../src/allocator/options.ts';
import {HierarchicalAllocator} from '../../src/allocator/hierarchical-allocator.ts';
import type {AgentId, FrameworkId} from '../../src/allocator/ids.ts';
import {toAgentId, toFrameworkId} from '../../src/allocator/ids.ts';
import type {AgentTraits, Allocation, FrameworkSpec} from '../../src/allocator/records.ts';
import type {Quantities, Resources} from '../../src/allocator/resources.ts';
import {formatResources, parseResources} from '../../src/allocator/text-form.ts';
import type {Random} from '../../src/lib/clock.ts';

/** Resources from the text form; throws on a mistake in the test. */
export function res(text: string): Resources {
  const parsed = parseResources(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** `cpus/mem` in cores and MiB. */
export const cm = (cpus: number, mem: number): Resources => res(`cpus:${cpus};mem:${mem}`);

/** Quantities from the text form; an amount of 0 stays. */
export const quota = (text: string): Quantities =>
  new Map(
    text.split(';').map(part => {
      const [name = '', amount] = part.split(':');
      return [name, Number(amount)];
    }),
  );

/** A fixed sequence from a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `framework@agent under role: resources`, sorted: what a run handed out, readable. */
export const readable = (allocations: readonly Allocation[]): string[] =>
  allocations.map(a => `${a.frameworkId}@${a.agentId} ${a.role} ${formatResources(a.resources)}`).sort();

/** Mesos's own. */
export const SETTINGS = {
  allocationIntervalMs: 1000,
  minAllocatable: [new Map([['cpus', 0.01]]), new Map([['mem', 32]])],
};

/** A small cluster on a virtual clock; time moves only by `periodic`. */
export class Cluster {
  readonly allocator: Allocator;
  nowMs = 0;

  /** @param wrap puts something around the allocator */
  constructor(options: Partial<AllocatorOptions> = {}, wrap: (inner: Allocator) => Allocator = inner => inner) {
    this.allocator = wrap(new HierarchicalAllocator({...SETTINGS, random: seeded(7), ...options}));
  }

  agent(id: string, total: Resources, traits: AgentTraits = {}): this {
    this.allocator.addAgent({agentId: toAgentId(id), total, ...traits});
    return this;
  }

  framework(id: string, roles: string | readonly string[], more: Partial<FrameworkSpec> = {}): this {
    const list = typeof roles === 'string' ? [roles] : roles;
    this.allocator.addFramework({frameworkId: toFrameworkId(id), roles: list, ...more}, true);
    return this;
  }

  weights(weights: Readonly<Record<string, number>>): this {
    this.allocator.updateWeights(new Map(Object.entries(weights)));
    return this;
  }

  /** In the text form. */
  quota(role: string, guarantees?: string, limits?: string): this {
    this.allocator.setQuota(role, {
      ...(guarantees === undefined ? {} : {guarantees: quota(guarantees)}),
      ...(limits === undefined ? {} : {limits: quota(limits)}),
    });
    return this;
  }

  events(): readonly Allocation[] {
    return this.allocator.runEvents(this.nowMs);
  }

  /** The periodic run that comes `afterMs` from now. */
  periodic(afterMs = 1000): readonly Allocation[] {
    this.nowMs += afterMs;
    return this.allocator.runPeriodic(this.nowMs);
  }

  /** Gives an allocation back, or the part that a task does not use. Without `seconds` no filter is made. */
  giveBack(allocation: Allocation, seconds?: number, part: Resources = allocation.resources): void {
    const refuse = seconds === undefined ? undefined : {seconds};
    const {agentId, frameworkId, role} = allocation;
    this.allocator.recoverResources(agentId, frameworkId, role, part, refuse, this.nowMs);
  }

  share(role: string): number {
    return (
      this.allocator
        .view()
        .roles()
        .find(view => view.role === role)?.share ?? 0
    );
  }
}

export const agent = (id: string): AgentId => toAgentId(id);
export const fw = (id: string): FrameworkId => toFrameworkId(id);
