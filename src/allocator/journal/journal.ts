import type {SeededRandom} from '../../lib/seeded.ts';
import type {Allocator} from '../allocator.ts';
import type {AllocatorOptions} from '../options.ts';
import type {AllocatorSnapshot} from '../snapshot.ts';
import type {Input} from './inputs.ts';
import {isRun} from './inputs.ts';

/** What was told at `atMs`, wall clock. */
export type Entry = {readonly atMs: number; readonly input: Input};

export type JournalOptions = Omit<AllocatorOptions, 'random'>;

/** A state, and what happened from there. */
export type Segment = {
  readonly beganMs: number;
  readonly options: JournalOptions;
  /** The generator's state. */
  readonly random: number;
  readonly state: AllocatorSnapshot;
  readonly entries: Entry[];
};

/** A segment is at least so much longer than the cluster is large, or snapshots would cost more than entries. */
const PER_AGENT = 4;

/**
 * What an allocator was told and answered: of the latest past, so that memory stays bounded. It consists of two
 * segments; when the newer one is full, the older one goes and a new one begins with a snapshot.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #random: SeededRandom;
  readonly #size: number;
  readonly #now: () => number;
  readonly #onEntry: (entry: Entry, begin: () => Segment) => void;
  #segments: Segment[] = [];
  /** Of the newer segment: entries, and allocations in them. */
  #weight = 0;

  /** @param size entries and allocations to keep, or eight for each agent if that is more; the latest half always */
  constructor(setup: {
    readonly options: JournalOptions;
    readonly random: SeededRandom;
    readonly size: number;
    readonly now: () => number;
    /** Called for each entry, for whoever writes them elsewhere as well; `begin` answers the state behind it. */
    readonly onEntry?: (entry: Entry, begin: () => Segment) => void;
  }) {
    const {options, random, size, now, onEntry = () => undefined} = setup;
    this.#options = options;
    this.#random = random;
    this.#size = size;
    this.#now = now;
    this.#onEntry = onEntry;
  }

  /** Oldest first; what they hold must not be changed. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** A segment that begins with the allocator as it is, without entries. */
  begin(allocator: Allocator): Segment {
    return {
      beganMs: this.#now(),
      options: this.#options,
      random: this.#random.state(),
      state: allocator.snapshot(),
      entries: [],
    };
  }

  /** To be called before the allocator is told anything. */
  prepare(allocator: Allocator): void {
    const newest = this.#segments.at(-1);
    const least = PER_AGENT * (newest?.state.agents.length ?? 0);
    if (newest !== undefined && this.#weight < Math.max(this.#size / 2, least)) return;
    this.#segments = [...this.#segments.slice(-1), this.begin(allocator)];
    this.#weight = 0;
  }

  /** To be called behind it. */
  record(input: Input, allocator: Allocator): void {
    const entry = {atMs: 'nowMs' in input ? input.nowMs : this.#now(), input};
    this.#segments.at(-1)?.entries.push(entry);
    this.#weight += isRun(input) ? 1 + input.allocations.length : 1;
    this.#onEntry(entry, () => this.begin(allocator));
  }
}
