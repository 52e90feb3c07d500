import type {RoleView} from '../allocator/view.ts';
import type {Allocator} from '../allocator/allocator.ts';
import type {Report, RoleReport, Samples} from './report.ts';
import {jainIndex, quantile} from './report.ts';

/** What came of the tasks of one role. */
type Tally = {
  arrived: number;
  started: number;
  finished: number;
  lost: number;
  readonly waits: number[];
};

type RoleSeries = {readonly share: number[]; readonly waiting: number[]};

/** Counts what happens to tasks, and looks at the allocator from time to time. */
export class Meters {
  readonly #roles: readonly string[];
  readonly #tallies = new Map<string, Tally>();
  readonly #atMs: number[] = [];
  readonly #utilisation = new Map<string, number[]>();
  readonly #series = new Map<string, RoleSeries>();
  readonly #fairness: (number | undefined)[] = [];
  /** Top-level roles with tasks waiting when it was last looked. */
  #wasHungry: ReadonlySet<string> = new Set();
  runs = 0;
  offers = 0;

  /** @param roles those to report, parents before children */
  constructor(roles: readonly string[]) {
    this.#roles = roles;
    for (const role of roles) this.#series.set(role, {share: [], waiting: []});
  }

  arrived(role: string, tasks: number): void {
    for (const tally of this.#talliesOf(role)) tally.arrived += tasks;
  }

  started(role: string, waitedMs: number): void {
    for (const tally of this.#talliesOf(role)) {
      tally.started++;
      tally.waits.push(waitedMs);
    }
  }

  finished(role: string, tasks: number): void {
    for (const tally of this.#talliesOf(role)) tally.finished += tasks;
  }

  lost(role: string, tasks: number): void {
    for (const tally of this.#talliesOf(role)) tally.lost += tasks;
  }

  /** @param waiting tasks without resources, by the role that they wait under */
  sample(atMs: number, allocator: Allocator, waiting: ReadonlyMap<string, number>): void {
    const view = allocator.view();
    const [total, used] = [view.total(), view.offeredOrAllocated()];
    for (const [name, amount] of total) {
      const series = this.#utilisation.get(name) ?? Array.from(this.#atMs, () => 0);
      this.#utilisation.set(name, series);
      series.push(amount > 0 ? (used.get(name) ?? 0) / amount : 0);
    }
    this.#atMs.push(atMs);
    for (const series of this.#utilisation.values()) if (series.length < this.#atMs.length) series.push(0);
    this.#sampleRoles(new Map(view.roles().map(one => [one.role, one])), waiting);
  }

  #sampleRoles(views: ReadonlyMap<string, RoleView>, waiting: ReadonlyMap<string, number>): void {
    for (const role of this.#roles) {
      const view = views.get(role);
      const series = this.#series.get(role);
      series?.share.push((view?.share ?? 0) * (view?.weight ?? 1));
      series?.waiting.push(sumBelow(waiting, role));
    }
    // Siblings only can be compared: those at the top.
    const hungry = new Set([...waiting].flatMap(([role, tasks]) => (tasks > 0 ? [role.split('/', 1)[0] ?? ''] : [])));
    // A task that has just come is no sign of having too little.
    const shares = [...hungry].filter(role => this.#wasHungry.has(role)).map(role => views.get(role)?.share ?? 0);
    this.#wasHungry = hungry;
    this.#fairness.push(shares.length < 2 ? undefined : jainIndex(shares));
  }

  /** What all came to. */
  report(settings: {
    readonly seed: number;
    readonly durationMs: number;
    readonly policy: Report['policy'];
    readonly agents: number;
    readonly allocator: Allocator;
    readonly waiting: ReadonlyMap<string, number>;
  }): Report {
    const {seed, durationMs, policy, agents, allocator, waiting} = settings;
    const views = new Map(
      allocator
        .view()
        .roles()
        .map(one => [one.role, one]),
    );
    const known = this.#fairness.filter(one => one !== undefined);
    return {
      seed,
      durationMs,
      policy,
      agents,
      total: allocator.view().total(),
      runs: this.runs,
      offers: this.offers,
      roles: this.#roles.map(role => this.#roleReport(role, views.get(role), sumBelow(waiting, role))),
      utilisation: new Map(Array.from(this.#utilisation, ([name, series]) => [name, mean(series)])),
      fairness: known.length === 0 ? undefined : {mean: mean(known), least: Math.min(...known)},
      samples: this.#samples(),
    };
  }

  #samples(): Samples {
    return {atMs: this.#atMs, utilisation: this.#utilisation, roles: this.#series, fairness: this.#fairness};
  }

  #roleReport(role: string, view: RoleView | undefined, waiting: number): RoleReport {
    const {arrived, started, finished, lost, waits} = this.#tally(role);
    const sorted = waits.toSorted((a, b) => a - b);
    return {
      role,
      weight: view?.weight ?? 1,
      guarantees: view?.quota?.guarantees && Object.fromEntries(view.quota.guarantees),
      limits: view?.quota?.limits && Object.fromEntries(view.quota.limits),
      arrived,
      started,
      finished,
      lost,
      waiting,
      waitMs:
        sorted.length === 0
          ? undefined
          : {p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: quantile(sorted, 1)},
      meanShare: mean(this.#series.get(role)?.share ?? []),
    };
  }

  #talliesOf(role: string): Tally[] {
    return this.#roles.filter(one => one === role || role.startsWith(`${one}/`)).map(one => this.#tally(one));
  }

  #tally(role: string): Tally {
    const tally = this.#tallies.get(role) ?? {arrived: 0, started: 0, finished: 0, lost: 0, waits: []};
    this.#tallies.set(role, tally);
    return tally;
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

function sumBelow(waiting: ReadonlyMap<string, number>, role: string): number {
  let sum = 0;
  for (const [one, tasks] of waiting) if (one === role || one.startsWith(`${role}/`)) sum += tasks;
  return sum;
}
