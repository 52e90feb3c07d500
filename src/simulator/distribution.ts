import type {Random} from '../lib/clock.ts';
import type {Decoder, Issue} from '../lib/decoder.ts';
import {isObject, shown} from '../lib/decoder.ts';

/** How values are spread. Amounts in the unit of whoever asks: milliseconds, or tasks. */
export type Distribution =
  | {readonly kind: 'constant'; readonly value: number}
  | {readonly kind: 'exponential'; readonly mean: number}
  | {readonly kind: 'uniform'; readonly from: number; readonly to: number}
  /** Half of the values are below `median`, 95 % below `p95`. */
  | {readonly kind: 'lognormal'; readonly median: number; readonly p95: number}
  /** Many small values and a few very large ones: the smaller `shape`, the larger. */
  | {readonly kind: 'pareto'; readonly least: number; readonly shape: number};

/** How many standard deviations 95 % of a normal distribution lie below. */
const Z95 = 1.6448536269514722;

export function sample(distribution: Distribution, random: Random): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'exponential':
      return -distribution.mean * Math.log(1 - random());
    case 'uniform':
      return distribution.from + (distribution.to - distribution.from) * random();
    case 'lognormal': {
      const {median, p95} = distribution;
      return median * Math.exp((normal(random) * Math.log(p95 / median)) / Z95);
    }
    case 'pareto':
      return distribution.least / (1 - random()) ** (1 / distribution.shape);
    default:
      return distribution satisfies never;
  }
}

/** Standard normal (Box and Muller). */
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

type Reader = (value: unknown) => number | undefined;
const KINDS = 'constant, exponential, uniform, lognormal or pareto';

/**
 * A plain amount, or an object with one key: `{constant: a}`, `{exponential: mean}`, `{uniform: [a, b]}`,
 * `{lognormal: {median: a, p95: b}}`, `{pareto: {least: a, shape: 1.5}}`.
 *
 * @param amount reads one amount
 */
export const distributionOf =
  (amount: Decoder<number>): Decoder<Distribution> =>
  (value, path, issues) => {
    const read: Reader = one => amount(one, path, []);
    const plain = read(value);
    if (plain !== undefined) return {kind: 'constant', value: plain};
    const [entry, more] = isObject(value) ? Object.entries(value) : [];
    if (entry === undefined || more !== undefined) {
      issues.push(issue(path, `an amount, or an object with one of ${KINDS}`, value));
      return undefined;
    }
    const [kind, parameters] = entry;
    const made = make(kind, parameters, read);
    if (typeof made !== 'string') return made;
    issues.push(issue(`${path}.${kind}`, made, parameters));
    return undefined;
  };

const issue = (path: string, want: string, value: unknown): Issue => ({path, want, got: shown(value)});

/** @returns what was wanted, if it was something else */
function make(kind: string, parameters: unknown, read: Reader): Distribution | string {
  switch (kind) {
    case 'constant': {
      const value = read(parameters);
      return value === undefined ? 'an amount' : {kind, value};
    }
    case 'exponential': {
      const mean = read(parameters);
      return mean === undefined || mean <= 0 ? 'a mean above 0' : {kind, mean};
    }
    case 'uniform': {
      const [from, to] = Array.isArray(parameters) ? parameters.map(read) : [];
      if (from === undefined || to === undefined || from > to) return 'a list of two amounts, the smaller one first';
      return {kind, from, to};
    }
    case 'lognormal': {
      const [median, p95] = fields(parameters, 'median', 'p95').map(read);
      if (!median || p95 === undefined || p95 < median) return 'median above 0 and p95 not below it';
      return {kind, median, p95};
    }
    case 'pareto': {
      const [least, shape] = fields(parameters, 'least', 'shape');
      const smallest = read(least);
      if (!smallest || typeof shape !== 'number' || shape <= 0) return 'least and shape, both above 0';
      return {kind, least: smallest, shape};
    }
    default:
      return `one of ${KINDS} there`;
  }
}

const fields = (value: unknown, ...names: readonly string[]): unknown[] =>
  names.map(name => (isObject(value) ? value[name] : undefined));
