/** Work that may stop between two slices, while nothing that it works on may change. */
export type Slices<T> = Generator<undefined, T>;

/** Counts the work of a run: an agent looked at is a unit, and so is a client asked. */
export class Effort {
  readonly #unitsPerSlice: number;
  #spent = 0;

  constructor(unitsPerSlice: number) {
    this.#unitsPerSlice = unitsPerSlice;
  }

  spend(): void {
    this.#spent++;
  }

  /** Whether a slice is over; then the next one begins. */
  isSliceOver(): boolean {
    if (this.#spent < this.#unitsPerSlice) return false;
    this.#spent = 0;
    return true;
  }
}

/** All slices, one after the other. */
export function inOneGo<T>(slices: Slices<T>): T {
  for (;;) {
    const next = slices.next();
    if (next.done === true) return next.value;
  }
}
