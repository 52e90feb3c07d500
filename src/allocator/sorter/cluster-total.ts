/** Scalar amounts in thousandths, by the index that `ScalarNames` gave the name. May be shorter than there are names. */
export type Vector = readonly number[];

/** Gives each scalar name a small index, for good: vectors of numbers are cheaper than maps of strings. */
export class ScalarNames {
  readonly #indices = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    this.#indices.set(name, this.#indices.size);
    return this.#indices.size - 1;
  }

  get all(): readonly string[] {
    return [...this.#indices.keys()];
  }

  /** @param milli thousandths by name */
  vector(milli: ReadonlyMap<string, number>): Vector {
    const vector: number[] = [];
    for (const [name, amount] of milli) addAt(vector, this.indexOf(name), amount);
    return vector;
  }

  /** Units by name; names at zero are left out. */
  quantities(vector: Vector): Map<string, number> {
    const named = this.all.map((name, i): [string, number] => [name, (vector[i] ?? 0) / 1000]);
    return new Map(named.filter(([, amount]) => amount !== 0));
  }
}

/** Adds in place; grows without holes, so that the engine keeps a flat array of numbers. */
export function addAt(target: number[], index: number, amount: number): void {
  while (target.length <= index) target.push(0);
  target[index] = (target[index] ?? 0) + amount;
}

/** target += sign × delta, in place. */
export function addVector(target: number[], delta: Vector, sign: 1 | -1): void {
  for (let i = 0; i < delta.length; i++) {
    if (i < target.length) target[i] = (target[i] ?? 0) + sign * (delta[i] ?? 0);
    else target.push(sign * (delta[i] ?? 0));
  }
}

/** target + sign × delta: in place, or a new vector where the old one is too short. */
export function sum(target: number[], delta: Vector, sign: 1 | -1): number[] {
  if (target.length < delta.length) return delta.map((amount, i) => (target[i] ?? 0) + sign * amount);
  addVector(target, delta, sign);
  return target;
}

/** What all agents have together: the denominator of every share, in every sorter. */
export class ClusterTotal {
  readonly names: ScalarNames;
  readonly #excluded: ReadonlySet<string>;
  readonly #amounts: number[] = [];
  /** The amounts with the excluded names at zero. */
  #counted: Vector = [];
  #version = 0;
  #phase = 0;
  #inLastRun: Vector = [];

  /** @param excluded names that never count for a share */
  constructor(names: ScalarNames, excluded: ReadonlySet<string> = new Set()) {
    this.names = names;
    this.#excluded = excluded;
  }

  /** Changes whenever any share may have changed. */
  get version(): number {
    return this.#version;
  }

  get amounts(): Vector {
    return this.#amounts;
  }

  /** Odd while a run hands out, even between runs. What sorters remember of the last run, they remember by it. */
  get phase(): number {
    return this.#phase;
  }

  /** From here to `endRun` hand-outs belong to one run: the last one, from now on. */
  beginRun(): void {
    this.#phase++;
    this.#inLastRun = this.#counted;
  }

  endRun(): void {
    this.#phase++;
  }

  add(milli: ReadonlyMap<string, number>, sign: 1 | -1): void {
    addVector(this.#amounts, this.names.vector(milli), sign);
    const all = this.names.all;
    this.#counted = this.#amounts.map((amount, i) => (this.#excluded.has(all[i] ?? '') ? 0 : amount));
    this.#version++;
  }

  /** As `dominantShare`, of the amounts that lie in a larger array. */
  shareAt(flat: Float64Array, begin: number, length: number): number {
    const counted = this.#counted;
    const end = Math.min(length, counted.length);
    let share = 0;
    for (let i = 0; i < end; i++) {
      const total = counted[i] ?? 0;
      if (total <= 0) continue;
      const part = (flat[begin + i] ?? 0) / total;
      if (part > share) share = part;
    }
    return share;
  }

  /**
   * The largest fraction of any one resource. Resources with a total of zero are skipped.
   *
   * @see Ghodsi et al., "Dominant Resource Fairness", NSDI 2011
   */
  dominantShare(allocated: Vector): number {
    return largestPart(allocated, this.#counted);
  }

  /** As `dominantShare`, of the cluster that the last run divided. */
  shareInLastRun(allocated: Vector): number {
    return largestPart(allocated, this.#inLastRun);
  }
}

function largestPart(allocated: Vector, whole: Vector): number {
  let share = 0;
  for (let i = 0; i < allocated.length; i++) {
    const total = whole[i] ?? 0;
    if (total > 0) share = Math.max(share, (allocated[i] ?? 0) / total);
  }
  return share;
}
