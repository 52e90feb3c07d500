import type {Random} from '../lib/clock.ts';
import type {Domain} from './records.ts';
import type {Quantities} from './resources.ts';
import type {SorterKind} from './sorter/new-sorter.ts';

export type AllocatorOptions = {
  /** Time between periodic runs; no filter is shorter. */
  readonly allocationIntervalMs: number;
  /** An offer needs all of one alternative; an empty list is no minimum. */
  readonly minAllocatable: readonly Quantities[];
  /** Keep agents with GPUs for GPU_RESOURCES frameworks. Default true, as in Mesos. */
  readonly filterGpuResources?: boolean;
  /** Names that never count for a share. */
  readonly excludedFromFairness?: ReadonlySet<string>;
  /** Where the master stands. */
  readonly domain?: Domain;
  /** Default `drf`, both. */
  readonly roleSorter?: SorterKind;
  readonly frameworkSorter?: SorterKind;
  /**
   * Agents looked at and clients asked before a slice of a run ends. One costs a microsecond or a few: a slice of the
   * default 1000 takes a few milliseconds at most.
   */
  readonly unitsPerSlice?: number;
  /** Decides the order of agents in a run, and random sorters. */
  readonly random: Random;
};
