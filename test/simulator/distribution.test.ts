import test from 'ava';
import {seeded} from '../../src/lib/seeded.ts';
import type {Distribution} from '../../src/simulator/distribution.ts';
import {sample} from '../../src/simulator/distribution.ts';

const N = 20_000;

function sorted(distribution: Distribution): number[] {
  const {next} = seeded(5);
  return Array.from({length: N}, () => sample(distribution, next)).sort((a, b) => a - b);
}
const at = (values: readonly number[], part: number): number => values[Math.floor(part * N)] ?? 0;

// The expected value comes last; what chance adds stays below 5 %.
const rows: Record<string, {of: Distribution; part: number; want: number}> = {
  'a constant is what it is': {of: {kind: 'constant', value: 7}, part: 0.9, want: 7},
  'half of an exponential is below mean × ln 2': {of: {kind: 'exponential', mean: 100}, part: 0.5, want: 69.3},
  '95 % of an exponential are below 3 means': {of: {kind: 'exponential', mean: 100}, part: 0.95, want: 299.6},
  'a quarter of a uniform': {of: {kind: 'uniform', from: 100, to: 200}, part: 0.25, want: 125},
  'the median of a lognormal': {of: {kind: 'lognormal', median: 60, p95: 600}, part: 0.5, want: 60},
  'its 95th percentile': {of: {kind: 'lognormal', median: 60, p95: 600}, part: 0.95, want: 600},
  'three quarters of a pareto of shape 2 are below twice the least': {
    of: {kind: 'pareto', least: 10, shape: 2},
    part: 0.75,
    want: 20,
  },
};
for (const [title, {of, part, want}] of Object.entries(rows)) {
  test(title, t => {
    const got = at(sorted(of), part);
    t.true(Math.abs(got - want) <= 0.05 * want, `${got}`);
  });
}
