import {Counter, Gauge, Histogram, Registry} from 'prom-client';
import type {Clock} from '../../lib/clock.ts';
import {TimerWindow} from './timer-window.ts';

export type Labels = Readonly<Record<string, string>>;

/**
 * One row of a metrics table.
 *
 * `timer` counts seconds in Prometheus and is `<snapshot>` in milliseconds with quantiles in the flat form.
 */
export type MetricDefinition = {
  /** Prometheus name, unit included. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'timer';
  /** Label names; a label's values are few and known (states, roles, resources), never ids. */
  readonly labels?: readonly string[];
  /** The name in Mesos's `/metrics/snapshot`; `{label}` stands for a label's value. */
  readonly snapshot?: string;
  /** Counters of these labels are there from the start, at zero. */
  readonly zero?: readonly Labels[];
};

/** Values that belong to no row: names that contain ids, for the flat form only. */
export type ExtraSnapshot = () => Readonly<Record<string, number>>;

/** The metrics of one program: written by name, read in two forms. */
export class Metrics {
  readonly registry = new Registry();
  readonly #clock: Clock;
  readonly #rows = new Map<string, Row>();
  readonly #collectors: (() => void)[] = [];
  readonly #extras: ExtraSnapshot[] = [];

  constructor(table: readonly MetricDefinition[], clock: Clock) {
    this.#clock = clock;
    for (const definition of table) this.#rows.set(definition.name, makeRow(definition, this.registry));
  }

  /** Adds to a counter. */
  inc(name: string, labels: Labels = {}, by = 1): void {
    const row = this.#row(name, 'counter');
    row.values.add(labels, by);
    row.prometheus.inc(labels, by);
  }

  /** Sets a gauge. */
  set(name: string, value: number, labels: Labels = {}): void {
    const row = this.#row(name, 'gauge');
    row.values.set(labels, value);
    row.prometheus.set(labels, value);
  }

  /** Forgets every value of a gauge, so that labels that are gone do not stay. */
  reset(name: string): void {
    const row = this.#row(name, 'gauge');
    row.values.clear();
    row.prometheus.reset();
  }

  /** Adds a duration to a timer. */
  observe(name: string, durationMs: number): void {
    const row = this.#row(name, 'timer');
    row.window.add(durationMs, this.#clock.now());
    row.prometheus.observe(durationMs / 1000);
  }

  /** Runs before each reading; sets gauges from the state. */
  onCollect(collect: () => void): void {
    this.#collectors.push(collect);
  }

  addExtra(extra: ExtraSnapshot): void {
    this.#extras.push(extra);
  }

  /** The flat form of `/metrics/snapshot`. */
  snapshot(): Record<string, number> {
    for (const collect of this.#collectors) collect();
    const result: Record<string, number> = {};
    for (const row of this.#rows.values()) {
      const name = row.definition.snapshot;
      if (name === undefined) continue;
      if (row.type === 'timer') Object.assign(result, row.window.snapshot(name, this.#clock.now()));
      else for (const [labels, value] of row.values.entries()) result[fill(name, labels)] = value;
    }
    for (const extra of this.#extras) Object.assign(result, extra());
    return result;
  }

  /** Prometheus text. */
  prometheus(): Promise<string> {
    for (const collect of this.#collectors) collect();
    return this.registry.metrics();
  }

  #row<T extends Row['type']>(name: string, type: T): Extract<Row, {type: T}> {
    const row = this.#rows.get(name);
    if (!isType(row, type)) throw new Error(`No ${type} named ${name} in the table of metrics`);
    return row;
  }
}

const isType = <T extends Row['type']>(row: Row | undefined, type: T): row is Extract<Row, {type: T}> =>
  row?.type === type;

type Row =
  | {
      readonly type: 'counter';
      readonly definition: MetricDefinition;
      readonly values: LabelledValues;
      readonly prometheus: Counter;
    }
  | {
      readonly type: 'gauge';
      readonly definition: MetricDefinition;
      readonly values: LabelledValues;
      readonly prometheus: Gauge;
    }
  | {
      readonly type: 'timer';
      readonly definition: MetricDefinition;
      readonly window: TimerWindow;
      readonly prometheus: Histogram;
    };

/** Seconds. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

function makeRow(definition: MetricDefinition, registry: Registry): Row {
  const {name, help, type, labels = [], zero = labels.length === 0 ? [{}] : []} = definition;
  const config = {name, help, labelNames: [...labels], registers: [registry]};
  if (type === 'timer') {
    return {type, definition, window: new TimerWindow(), prometheus: new Histogram({...config, buckets: BUCKETS})};
  }
  const values = new LabelledValues();
  for (const each of zero) values.set(each, 0);
  if (type === 'gauge') return {type, definition, values, prometheus: new Gauge(config)};
  const prometheus = new Counter(config);
  for (const each of zero) prometheus.inc(each, 0);
  return {type, definition, values, prometheus};
}

class LabelledValues {
  readonly #values = new Map<string, {readonly labels: Labels; value: number}>();

  add(labels: Labels, by: number): void {
    const key = keyOf(labels);
    const entry = this.#values.get(key);
    if (entry === undefined) this.#values.set(key, {labels, value: by});
    else entry.value += by;
  }

  set(labels: Labels, value: number): void {
    this.#values.set(keyOf(labels), {labels, value});
  }

  clear(): void {
    this.#values.clear();
  }

  *entries(): Iterable<readonly [Labels, number]> {
    for (const {labels, value} of this.#values.values()) yield [labels, value];
  }
}

const keyOf = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map(name => `${name}=${labels[name]}`)
    .join('\n');

const fill = (name: string, labels: Labels): string =>
  name.replaceAll(/\{(\w+)\}/g, (whole, label: string) => labels[label] ?? whole);
