/** Work that may stop between two slices, while nothing that it works on may change. */
export type Slices<T> = Generator<undefined, T>;

/** Units of work in a slice. One costs a microsecond or a few, so that a slice takes a few milliseconds at most. */
const UNITS = 1000;

/** Counts the work of a run: an agent looked at is a unit, and so is a client asked. */
export class Effort {
  #spent = 0;

  spend(): void {
    this.#spent++;
  }

  /** Whether a slice is over; then the next one begins. */
  isSliceOver(): boolean {
    if (this.#spent < UNITS) return false;
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
