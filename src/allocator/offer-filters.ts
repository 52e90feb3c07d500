import type {Resources} from './resources.ts';

const DEFAULT_SECONDS = 5;
const MAX_SECONDS = 365 * 24 * 3600;
/** More does not fit into Mesos's durations: 64 bits of nanoseconds. */
const UNREPRESENTABLE_SECONDS = 2 ** 63 / 1e9;

/** A refusal remembered: the client does not want these resources, nor a part of them, from that agent for a while. */
export type Filter = {
  readonly resources: Resources;
  readonly endMs: number;
  /** Periodic runs that were over when it was made: it outlives at least the next one, however late that comes. */
  readonly madeAfterRuns: number;
};

/** When a run happens: its time, and how many periodic runs were over before it. */
export type RunTime = {readonly nowMs: number; readonly periodicRuns: number};

/**
 * How long a refusal holds.
 *
 * @param refuseSeconds what the framework asked for; absent, negative or absurd means 5 s, at most 365 days
 * @param intervalMs    time between periodic runs: no filter is shorter
 * @returns             milliseconds, 0: no filter at all
 */
export function filterDurationMs(refuseSeconds: number | undefined, intervalMs: number): number {
  const asked = refuseSeconds ?? DEFAULT_SECONDS;
  const usable = asked >= 0 && asked <= UNREPRESENTABLE_SECONDS;
  const seconds = usable ? Math.min(asked, MAX_SECONDS) : DEFAULT_SECONDS;
  return seconds === 0 ? 0 : Math.max(intervalMs, seconds * 1000);
}

/** The known filter when the fresh one says the same: many clients refuse one thing at one time, and share the object. */
export const sameOrFresh = (known: Filter | undefined, fresh: Filter): Filter =>
  known?.endMs === fresh.endMs && known.madeAfterRuns === fresh.madeAfterRuns && known.resources === fresh.resources
    ? known
    : fresh;

const isOver = (filter: Filter, {nowMs, periodicRuns}: RunTime): boolean =>
  filter.endMs < nowMs && filter.madeAfterRuns < periodicRuns;

/**
 * The filters of one client (framework × role), by agent. Ends are not timers: a run ignores what is over, and `purge`
 * frees it, second by second, at a cost that follows the number of filters that ended.
 */
export class OfferFilters {
  /** By agent slot. Nearly always there is one filter, so a list is made only for more. */
  readonly #byAgent = new Map<number, Filter | readonly Filter[]>();
  /** Slots with filters that end up to a second since the epoch. May name slots whose filters are gone. */
  readonly #ending = new Map<number, number[]>();
  #earliest = Number.POSITIVE_INFINITY;
  #size = 0;

  /** How many are remembered. Those that ended are counted until `purge`. */
  get size(): number {
    return this.#size;
  }

  add(slot: number, filter: Filter): void {
    const others = this.#at(slot).filter(other => !supersedes(filter, other));
    this.#put(slot, [...others, filter]);
    const second = Math.ceil(filter.endMs / 1000);
    const slots = this.#ending.get(second);
    if (slots === undefined) this.#ending.set(second, [slot]);
    else slots.push(slot);
    this.#earliest = Math.min(this.#earliest, second);
  }

  /** The filter that hides `offer`, the last to end if several do. */
  blocking(slot: number, offer: Resources, time: RunTime): Filter | undefined {
    const found = this.#byAgent.get(slot);
    if (found === undefined) return undefined;
    if (!isList(found)) return isOver(found, time) || !found.resources.contains(offer) ? undefined : found;
    return found
      .filter(filter => !isOver(filter, time) && filter.resources.contains(offer))
      .reduce<Filter | undefined>(
        (last, next) => (last !== undefined && last.endMs > next.endMs ? last : next),
        undefined,
      );
  }

  clear(): void {
    this.#byAgent.clear();
    this.#ending.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#size = 0;
  }

  dropAgent(slot: number): void {
    this.#put(slot, []);
  }

  /** Forgets what ended up to now. To be called behind a periodic run. */
  purge(nowMs: number): void {
    if (this.#earliest * 1000 > nowMs) return;
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [second, slots] of this.#ending) {
      if (second * 1000 > nowMs) {
        this.#earliest = Math.min(this.#earliest, second);
        continue;
      }
      this.#ending.delete(second);
      for (const slot of slots)
        this.#put(
          slot,
          this.#at(slot).filter(filter => filter.endMs > nowMs),
        );
    }
  }

  #at(slot: number): readonly Filter[] {
    const found = this.#byAgent.get(slot);
    if (found === undefined) return [];
    return isList(found) ? found : [found];
  }

  #put(slot: number, filters: readonly Filter[]): void {
    this.#size += filters.length - this.#at(slot).length;
    const [first] = filters;
    if (first === undefined) this.#byAgent.delete(slot);
    else this.#byAgent.set(slot, filters.length === 1 ? first : filters);
  }
}

const isList = (found: Filter | readonly Filter[]): found is readonly Filter[] => Array.isArray(found);

/** Whether the new filter hides all that the old one hides, and as long. */
const supersedes = (fresh: Filter, old: Filter): boolean =>
  fresh.endMs >= old.endMs && fresh.madeAfterRuns >= old.madeAfterRuns && fresh.resources.contains(old.resources);
