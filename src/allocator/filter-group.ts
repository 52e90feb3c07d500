import {Bits} from './bits.ts';
import type {Resources} from './resources.ts';

/** The end of a filter that is not there. */
export const NO_FILTER = Number.NEGATIVE_INFINITY;

/** The clients that refused one thing on one agent: they do not want these resources, nor a part of them, for a while. */
export class FilterGroup {
  readonly resources: Resources;
  /** By `client.index`. */
  readonly members = new Bits();
  /** When each member's filter ends, by `client.index`: 8 bytes for a filter, where there are millions. */
  readonly #ends: number[] = [];
  size = 0;

  constructor(resources: Resources) {
    this.resources = resources;
  }

  /** Milliseconds; minus infinity for those without a filter. */
  endOf(index: number): number {
    return index < this.#ends.length ? (this.#ends[index] ?? NO_FILTER) : NO_FILTER;
  }

  /** Members, and when the filter of each ends. */
  entries(): {readonly clients: readonly number[]; readonly ends: readonly number[]} {
    const clients = [...this.#ends.keys()].filter(index => this.members.has(index));
    return {clients, ends: clients.map(index => this.endOf(index))};
  }

  set(index: number, endMs: number): void {
    while (this.#ends.length <= index) this.#ends.push(NO_FILTER);
    this.#ends[index] = endMs;
    if (this.members.has(index)) return;
    this.members.add(index);
    this.size++;
  }

  delete(index: number): void {
    this.#ends[index] = NO_FILTER;
    this.members.delete(index);
    this.size--;
  }
}
