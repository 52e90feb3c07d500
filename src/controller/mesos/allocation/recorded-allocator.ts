import type {Allocator} from '../../../allocator/allocator.ts';
import {HierarchicalAllocator} from '../../../allocator/hierarchical-allocator.ts';
import {Journal, type JournalOptions} from '../../../allocator/journal/journal.ts';
import {RecordingAllocator} from '../../../allocator/journal/recording-allocator.ts';
import {seeded} from '../../../lib/seeded.ts';
import {JournalFile} from './journal-file.ts';
import type {MasterContext} from '../master-context.ts';

/** An allocator, and the journal of it if it has one. */
export type RecordedAllocator = {
  readonly allocator: Allocator;
  readonly options: JournalOptions;
  /** Of its chance. */
  readonly randomState: () => number;
  readonly journal: Journal | undefined;
  /** Writes what waits to be written. */
  readonly close: () => Promise<void>;
};

/** A file alone needs no long memory. */
const LEAST_SIZE = 1000;

/** The allocator that the flags ask for. Its chance has a seed, so that what it does can be done again. */
export function newAllocator({flags, random, clock, log}: MasterContext): RecordedAllocator {
  const chance = seeded(Math.floor(random() * 2 ** 32));
  const options: JournalOptions = {
    allocationIntervalMs: flags.allocation_interval,
    minAllocatable: flags.min_allocatable_resources,
    filterGpuResources: flags.filter_gpu_resources,
    excludedFromFairness: new Set(flags.fair_sharing_excluded_resource_names),
    ...(flags.domain !== undefined && {domain: flags.domain}),
    roleSorter: flags.role_sorter,
    frameworkSorter: flags.framework_sorter,
  };
  const inner = new HierarchicalAllocator({...options, random: chance.next});
  const {allocator_journal: path, allocator_journal_size: size, allocator_journal_max_bytes: maxBytes} = flags;
  if (path === undefined && size === 0) {
    return {allocator: inner, options, randomState: chance.state, journal: undefined, close: () => Promise.resolve()};
  }
  const file = path === undefined ? undefined : new JournalFile({path, maxBytes, log});
  const journal: Journal = new Journal({
    options,
    random: chance,
    size: Math.max(size, LEAST_SIZE),
    now: () => clock.now(),
    ...(file !== undefined && {onEntry: (entry, begin) => file.write(entry, journal.segments[0], begin)}),
  });
  const close = async (): Promise<void> => file?.close();
  return {allocator: new RecordingAllocator(inner, journal), options, randomState: chance.state, journal, close};
}
