import type {ClusterTotal} from './cluster-total.ts';

/** Names of scalars for which there is room at first; it grows. */
const FIRST_STRIDE = 4;

/** Most nodes have one child, which needs no numbers: they share the empty arrays, of 100 bytes each. */
const NO_PLACES = new Uint32Array(0);
const NO_NUMBERS = new Float64Array(0);

/** What siblings are compared by. */
export type Child = {
  /** Where its numbers are kept; belongs to `Siblings`. */
  place: number;
  /** Position by path among all children of the parent. */
  readonly rank: number;
  readonly weight: number;
  readonly allocations: number;
  readonly allocated: readonly number[];
};

/**
 * The live children of one node. The numbers that compare them lie in flat arrays, by `node.place`. To compute a
 * thousand shares anew, or to move one child among a thousand, costs about a microsecond and makes no garbage.
 */
export class Siblings<N extends Child> {
  /** In no order. One alone has no numbers. */
  readonly nodes: N[] = [];
  /** Places, best first, unless `stale`. */
  #order = NO_PLACES;
  #share = NO_NUMBERS;
  #allocations = NO_NUMBERS;
  #rank = NO_NUMBERS;
  #weight = NO_NUMBERS;
  #held = NO_NUMBERS;
  #stride = FIRST_STRIDE;
  /** Whether they must be sorted before the next use. */
  stale = false;

  get size(): number {
    return this.nodes.length;
  }

  /** The child that comes `index`-th, of `size`. */
  at(index: number): N | undefined {
    return this.nodes.length === 1 ? this.nodes[index] : this.nodes[this.#order[index] ?? -1];
  }

  add(node: N): void {
    const place = this.nodes.push(node) - 1;
    if (place > 0 && place >= this.#order.length) this.#grow(2 * place);
    node.place = place;
    this.#order[place] = place;
    this.stale = true;
  }

  /** The others stay in order. */
  remove(node: N): void {
    const last = this.nodes.pop();
    if (last === undefined) return;
    const size = this.nodes.length;
    this.#order.copyWithin(this.#order.indexOf(node.place), this.#order.indexOf(node.place) + 1, size + 1);
    if (last === node) return;
    // The last one takes over the place of the one that went.
    this.#order[this.#order.subarray(0, size).indexOf(last.place)] = node.place;
    this.nodes[node.place] = last;
    last.place = node.place;
    this.write(last);
    this.#share[last.place] = this.#share[size] ?? 0;
    this.#allocations[last.place] = this.#allocations[size] ?? 0;
    this.#rank[last.place] = last.rank;
  }

  clear(): void {
    this.nodes.length = 0;
  }

  /** Copies what the node holds and its weight; what it is sorted by stays. */
  write({place, allocated, weight}: N): void {
    if (allocated.length > this.#stride) this.#widen(allocated.length);
    this.#weight[place] = weight;
    const begin = place * this.#stride;
    for (let i = 0; i < this.#stride; i++) this.#held[begin + i] = allocated[i] ?? 0;
  }

  /** Takes over a child's new numbers. To be followed by `rekey` or `sort`, if no `move` follows. */
  set(node: N, share: number): void {
    this.write(node);
    this.#share[node.place] = share;
    this.#allocations[node.place] = node.allocations;
  }

  /** Puts one changed child where it belongs; the others are in order. */
  move(node: N, share: number): void {
    const {place} = node;
    const from = this.#find(place, 0, this.size);
    this.set(node, share);
    this.#shift(place, from);
  }

  /** Every share may have changed. Most often everything changed alike and at most one has to move. */
  rekey(total: ClusterTotal): void {
    let descents = 0;
    let at = 0;
    let before = -1;
    for (let k = 0; k < this.nodes.length; k++) {
      const place = this.#order[k] ?? 0;
      this.#share[place] = total.shareAt(this.#held, place * this.#stride, this.#stride) / (this.#weight[place] ?? 1);
      if (before >= 0 && this.#compare(before, place) > 0) {
        descents++;
        at = k;
      }
      before = place;
    }
    if (descents > 0) this.stale ||= descents > 1 || !this.#repair(at);
  }

  /** Anew, by what each is compared by; their ranks are up to date. */
  sort(): void {
    for (const {place, rank, allocations} of this.nodes) {
      this.#rank[place] = rank;
      this.#allocations[place] = allocations;
    }
    this.stale = false;
    const [kept, loose] = this.#loosen();
    if (loose.length === 0) return;
    loose.sort((a, b) => this.#compare(a, b));
    this.#merge(kept, loose);
  }

  /** All is in order but for one descent, from `at - 1` to `at`: whether moving one of the two was enough. */
  #repair(at: number): boolean {
    const order = this.#order;
    const fits = (left: number, right: number): boolean =>
      left < 0 || right >= this.size || this.#compare(order[left] ?? 0, order[right] ?? 0) < 0;
    if (fits(at - 2, at)) this.#shift(order[at - 1] ?? 0, at - 1);
    else if (fits(at - 1, at + 1)) this.#shift(order[at] ?? 0, at);
    else return false;
    return true;
  }

  /** Splits the order into one that is sorted, and those out of place: few, where few have changed. */
  #loosen(): [kept: number[], loose: number[]] {
    const [kept, loose]: [number[], number[]] = [[], []];
    for (let k = 0; k < this.nodes.length; k++) {
      const place = this.#order[k] ?? 0;
      const before = kept.at(-1);
      if (before === undefined || this.#compare(before, place) < 0) kept.push(place);
      else {
        // Either of the two may be the one out of place.
        kept.pop();
        loose.push(before, place);
      }
    }
    return [kept, loose];
  }

  #merge(kept: readonly number[], loose: readonly number[]): void {
    let [k, l] = [0, 0];
    for (let i = 0; i < this.nodes.length; i++) {
      const [a, b] = [kept[k], loose[l]];
      const keep = b === undefined || (a !== undefined && this.#compare(a, b) < 0);
      this.#order[i] = (keep ? a : b) ?? 0;
      if (keep) k++;
      else l++;
    }
  }

  // No epsilon: shares that differ at all are different (as in Mesos).
  #compare(a: number, b: number): number {
    const [share, allocations, rank] = [this.#share, this.#allocations, this.#rank];
    return (
      (share[a] ?? 0) - (share[b] ?? 0) ||
      (allocations[a] ?? 0) - (allocations[b] ?? 0) ||
      (rank[a] ?? 0) - (rank[b] ?? 0)
    );
  }

  /** Where a place is, or would be, from `low` up to but not including `high`. */
  #find(place: number, low: number, high: number): number {
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#order[middle] ?? 0, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #shift(place: number, from: number): void {
    const order = this.#order;
    if (order[from] !== place) throw new Error('Bug: a child is not where its key says');
    const size = this.size;
    if (from + 1 < size && this.#compare(order[from + 1] ?? 0, place) < 0) {
      const to = this.#find(place, from + 2, size) - 1;
      order.copyWithin(from, from + 1, to + 1);
      order[to] = place;
    } else if (from > 0 && this.#compare(order[from - 1] ?? 0, place) > 0) {
      const to = this.#find(place, 0, from - 1);
      order.copyWithin(to + 1, to, from);
      order[to] = place;
    }
  }

  #grow(size: number): void {
    const order = new Uint32Array(size);
    order.set(this.#order);
    this.#order = order;
    this.#share = larger(this.#share, size);
    this.#allocations = larger(this.#allocations, size);
    this.#rank = larger(this.#rank, size);
    this.#weight = larger(this.#weight, size);
    this.#held = larger(this.#held, size * this.#stride);
  }

  #widen(stride: number): void {
    this.#stride = stride;
    this.#held = new Float64Array(this.#order.length * stride);
    for (const node of this.nodes) this.write(node);
  }
}

function larger(array: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(size);
  copy.set(array);
  return copy;
}
