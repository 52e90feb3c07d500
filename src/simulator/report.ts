import type {Amounts} from './workload.ts';

/** How long tasks waited, milliseconds. */
export type WaitTimes = {readonly p50: number; readonly p95: number; readonly max: number};

export type RoleReport = {
  readonly role: string;
  readonly weight: number;
  readonly guarantees: Readonly<Record<string, number>> | undefined;
  readonly limits: Readonly<Record<string, number>> | undefined;
  /** Tasks and app instances that came, began to run, ended well, ended otherwise, and were still waiting at the end. */
  readonly arrived: number;
  readonly started: number;
  readonly finished: number;
  readonly lost: number;
  readonly waiting: number;
  /** From the arrival to the launch, of those that were launched; undefined if none was. */
  readonly waitMs: WaitTimes | undefined;
  /** Mean over time of the dominant share, 0 to 1, not divided by the weight. */
  readonly meanShare: number;
};

/** One number for each of `Samples.atMs`. */
export type Series = readonly number[];

export type Samples = {
  /** Since the beginning. */
  readonly atMs: Series;
  /** Part in use, 0 to 1, by resource. */
  readonly utilisation: ReadonlyMap<string, Series>;
  readonly roles: ReadonlyMap<string, {readonly share: Series; readonly waiting: Series}>;
  /** Jain's index of the weighted dominant shares of top-level roles with tasks waiting; undefined while fewer than two have. */
  readonly fairness: readonly (number | undefined)[];
};

/** What a simulation came to. */
export type Report = {
  readonly seed: number;
  readonly durationMs: number;
  readonly policy: {readonly roleSorter: string; readonly frameworkSorter: string};
  /** At the end. */
  readonly agents: number;
  readonly total: Amounts;
  readonly runs: number;
  readonly offers: number;
  readonly roles: readonly RoleReport[];
  /** Means over time, 0 to 1. */
  readonly utilisation: ReadonlyMap<string, number>;
  /** Over the samples that have one. */
  readonly fairness: {readonly mean: number; readonly least: number} | undefined;
  readonly samples: Samples;
};

/** 1: all have the same; 1/n: one of n has everything. @see Jain, Chiu, Hawe, DEC-TR-301, 1984 */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  const squares = values.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}

/** The value that such a part of a sorted list does not exceed. */
export const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;

/** As JSON: maps become objects. */
export function reportToJson(report: Report): unknown {
  const {samples, total, utilisation} = report;
  return {
    ...report,
    total: Object.fromEntries(total),
    utilisation: Object.fromEntries(utilisation),
    samples: {
      ...samples,
      utilisation: Object.fromEntries(samples.utilisation),
      roles: Object.fromEntries(samples.roles),
      fairness: samples.fairness.map(one => one ?? null),
    },
  };
}
