import type {Random} from './clock.ts';

/** A fixed sequence of numbers in [0, 1), whose place can be noted and taken up again. */
export type SeededRandom = {
  readonly next: Random;
  /** 32 bits: another `seeded` made from it goes on from here. */
  readonly state: () => number;
};

/** @see mulberry32, a public-domain generator by T. Ettinger with a period of 2^32 */
export function seeded(seed: number): SeededRandom {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {next, state: () => state >>> 0};
}
