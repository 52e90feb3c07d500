import {seeded} from '../../lib/seeded.ts';
import {HierarchicalAllocator} from '../hierarchical-allocator.ts';
import type {Allocation} from '../records.ts';
import {digestOf} from './digest.ts';
import type {Input} from './inputs.ts';
import {applyInput, isRun} from './inputs.ts';
import type {JournalOptions} from './journal.ts';
import type {Beginning, Recorded} from './lines.ts';
import {ResourceTexts} from './resources-json.ts';

/** What a run of a replay handed out, and whether the journal says the same. */
export type ReplayedRun = {
  readonly atMs: number;
  readonly allocations: readonly Allocation[];
  readonly agrees: boolean;
};

/** An allocator in the state that a journal begins with, given the same chance. */
export function allocatorAt({options, random, state}: Beginning, other: Partial<JournalOptions> = {}) {
  const allocator = new HierarchicalAllocator({...options, ...other, random: seeded(random).next});
  allocator.load(state);
  return allocator;
}

/** Tells an allocator again what a journal says it was told, and compares what it decides. */
export class Replay {
  readonly allocator: HierarchicalAllocator;
  readonly #texts = new ResourceTexts();

  constructor(beginning: Beginning) {
    this.allocator = allocatorAt(beginning);
  }

  /** @returns undefined for an input that is no run */
  apply({atMs, input, decided}: Recorded): ReplayedRun | undefined {
    const allocations = applyInput(this.allocator, input);
    if (!isRun(input)) return undefined;
    const agrees = decided?.n === allocations.length && decided.digest === digestOf(allocations, this.#texts);
    return {atMs, allocations, agrees};
  }
}

/** Two decisions on one state. */
export type ComparedRun = {
  readonly atMs: number;
  readonly actual: readonly Allocation[];
  readonly other: readonly Allocation[];
};

/**
 * Lets an allocator of another policy decide each run of a journal from the state that there really was: what the
 * policy would have changed is seen run by run. How frameworks would have answered other offers, nobody knows; for
 * that there is the simulator.
 */
export class PolicyComparison {
  readonly #actual: Replay;
  readonly #other: HierarchicalAllocator;
  readonly #policy: Policy;

  constructor(beginning: Beginning, policy: Policy) {
    const {roleSorter, frameworkSorter, weights, quotas} = policy;
    this.#actual = new Replay(beginning);
    this.#other = allocatorAt(beginning, {
      ...(roleSorter !== undefined && {roleSorter}),
      ...(frameworkSorter !== undefined && {frameworkSorter}),
    });
    this.#policy = policy;
    if (weights !== undefined) this.#other.updateWeights(weights);
    for (const [role, quota] of quotas ?? []) this.#other.setQuota(role, quota);
  }

  apply(recorded: Recorded): ComparedRun | undefined {
    const run = this.#actual.apply(recorded);
    const {input} = recorded;
    if (run === undefined) {
      const change = underPolicy(input, this.#policy);
      if (change !== undefined) applyInput(this.#other, change);
      return undefined;
    }
    const other = applyInput(this.#other, input);
    this.#undo(other, recorded.atMs);
    for (const {agentId, frameworkId, role, resources} of run.allocations) {
      this.#other.restore(agentId, frameworkId, role, resources);
    }
    return {atMs: run.atMs, actual: run.allocations, other};
  }

  #undo(allocations: readonly Allocation[], nowMs: number): void {
    for (const {agentId, frameworkId, role, resources} of allocations) {
      this.#other.recoverResources(agentId, frameworkId, role, resources, undefined, nowMs);
    }
  }
}

/** What is otherwise than it was; everything that is not named stays as the journal says. */
export type Policy = Pick<JournalOptions, 'roleSorter' | 'frameworkSorter'> & {
  readonly weights?: ReadonlyMap<string, number>;
  /** Undefined: none. */
  readonly quotas?: ReadonlyMap<string, Extract<Input, {kind: 'quota'}>['quota']>;
};

/** An input as far as the policy does not speak for it. */
function underPolicy(input: Input, {weights, quotas}: Policy): Input | undefined {
  if (input.kind === 'quota') return quotas?.has(input.role) ? undefined : input;
  if (input.kind !== 'weights' || weights === undefined) return input;
  return {...input, weights: new Map([...input.weights].filter(([role]) => !weights.has(role)))};
}
