import type {Clock} from '../../../lib/clock.ts';
import {type MetricDefinition, Metrics} from '../../telemetry/metrics.ts';
import {countTasks} from '../core/counters.ts';
import type {Marathon} from '../marathon.ts';

/** A row by Marathon's own name: `mesos.calls.revive`. Prometheus spells it with underscores. */
function row(type: 'gauge' | 'counter' | 'timer', name: string, help: string, unit?: string): MetricDefinition {
  const dotted = ['marathon', name, type, ...(unit === undefined ? [] : [unit])].join('.');
  return {name: dotted.replaceAll(/\W/g, '_'), type, help, snapshot: dotted};
}

const TASK_STATES = [
  ...['staging', 'starting', 'running', 'killing', 'finished', 'failed', 'killed', 'error', 'lost', 'dropped'],
  ...['unreachable', 'gone', 'gone-by-operator', 'unknown'],
];

/** What is counted as it happens. */
const COUNTERS: Readonly<Record<string, string>> = {
  deployments: 'Deployments that began.',
  'deployments.dismissed': 'Deployments that ended before they were done.',
  'tasks.launched': 'Tasks that were launched.',
  'mesos.calls.revive': 'Calls that asked for offers that had been refused.',
  'mesos.calls.suppress': 'Calls that asked for no more offers.',
  'mesos.offers.incoming': 'Offers that came.',
  'mesos.offers.used': 'Offers on which tasks were launched.',
  'mesos.offers.declined': 'Offers that were given back.',
  'mesos.offer-operations.launch': 'Launches of one or more tasks on an offer.',
  'mesos.task.oom.memory-limit-exceeded': 'Tasks that ended because they used too much memory.',
  ...Object.fromEntries(
    TASK_STATES.map(state => [`mesos.task-updates.task-${state}`, `Updates that said that a task is ${state}.`]),
  ),
};

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** Marathon's own names. */
export const MARATHON_METRICS: readonly MetricDefinition[] = [
  row('gauge', 'apps.active', 'Apps that are defined.'),
  row('gauge', 'groups.active', 'Groups of which something is said.'),
  row('gauge', 'deployments.active', 'Deployments under way.'),
  row('gauge', 'instances.running', 'Tasks that run.'),
  row('gauge', 'instances.staged', 'Tasks that were launched and do not run yet.'),
  row('gauge', 'instances.wanted', 'Instances that all apps together want.'),
  row('gauge', 'instances.launch-overdue', 'Tasks that do not run for longer than a launch may take.'),
  row('gauge', 'instances.inflight-kills', 'Tasks whose end was asked for and did not come yet.'),
  row('gauge', 'uptime', 'Seconds since this process started.', 'seconds'),
  row('gauge', 'leadership.duration', 'Seconds for which this process has led.', 'seconds'),
  row('gauge', 'http.event-streams.active', 'Readers of /v2/events.'),
  row('gauge', 'http.requests.active', 'Requests that are not answered yet, without event streams.'),
  ...Object.entries(COUNTERS).map(([name, help]) => row('counter', name, help)),
  row('timer', 'http.requests.duration', 'Time until a request is answered.', 'seconds'),
  ...METHODS.map(method => row('timer', `http.requests.duration.${method}`, `The same of ${method}.`, 'seconds')),
];

const KNOWN = new Map(MARATHON_METRICS.map(({name, snapshot = ''}) => [snapshot, name]));

export type Measured = Pick<
  Marathon,
  'apps' | 'groups' | 'deployments' | 'events' | 'counts' | 'kills' | 'ledSinceMs'
> & {
  readonly flags: Pick<Marathon['flags'], 'task_launch_timeout'>;
};

/** Numbers of one Marathon, in two forms. */
export class MarathonMetrics {
  readonly #metrics: Metrics;
  readonly #marathon: Measured;
  readonly #clock: Clock;
  readonly #startedMs: number;
  /** Of the counters, what was read last. */
  readonly #counted = new Map<string, number>();
  #activeRequests = 0;

  constructor(marathon: Measured, clock: Clock) {
    this.#marathon = marathon;
    this.#clock = clock;
    this.#startedMs = clock.monotonic();
    this.#metrics = new Metrics(MARATHON_METRICS, clock);
    this.#metrics.onCollect(() => this.#collect());
  }

  /** @returns to be called at the end of the request; `finished`: it was answered whole, as streams are not */
  request(method: string): (finished: boolean) => void {
    const beganMs = this.#clock.monotonic();
    this.#activeRequests += 1;
    return finished => {
      this.#activeRequests -= 1;
      if (!finished) return;
      const tookMs = this.#clock.monotonic() - beganMs;
      const own = `marathon.http.requests.duration.${method.toLowerCase()}.timer.seconds`;
      for (const dotted of ['marathon.http.requests.duration.timer.seconds', own]) {
        const name = KNOWN.get(dotted);
        if (name !== undefined) this.#metrics.observe(name, tookMs);
      }
    };
  }

  prometheus(): Promise<string> {
    return this.#metrics.prometheus();
  }

  /** GET /metrics. */
  json(version: string): Record<string, unknown> {
    const flat = this.#metrics.snapshot();
    const of = <T>(type: MetricDefinition['type'], show: (name: string) => T): Record<string, T> =>
      Object.fromEntries(
        MARATHON_METRICS.flatMap(({type: its, snapshot = ''}) => (its === type ? [[snapshot, show(snapshot)]] : [])),
      );
    return {
      version,
      counters: of('counter', name => ({count: flat[name] ?? 0})),
      gauges: of('gauge', name => ({value: flat[name] ?? 0})),
      histograms: {},
      meters: {},
      timers: of('timer', name => timerJson(flat, name)),
    };
  }

  #collect(): void {
    const {apps, groups, deployments, events, kills, ledSinceMs} = this.#marathon;
    const all = apps();
    const counts = all.map(({instances}) => countTasks(instances.values()));
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    const nowMs = this.#clock.monotonic();
    const since = ledSinceMs();
    this.#set('apps.active', all.length);
    this.#set('groups.active', [...groups()].length);
    this.#set('deployments.active', [...deployments()].length);
    this.#set('instances.running', sum(counts.map(({tasksRunning}) => tasksRunning)));
    this.#set('instances.staged', sum(counts.map(({tasksStaged}) => tasksStaged)));
    this.#set('instances.wanted', sum(all.map(app => app.definition?.instances ?? 0)));
    this.#set('instances.launch-overdue', sum(all.map(app => this.#overdue(app))));
    this.#set('instances.inflight-kills', kills());
    this.#set('uptime', (nowMs - this.#startedMs) / 1000, 'seconds');
    this.#set('leadership.duration', since === undefined ? 0 : (nowMs - since) / 1000, 'seconds');
    this.#set('http.event-streams.active', events.listeners);
    this.#set('http.requests.active', Math.max(0, this.#activeRequests - events.listeners));
    this.#count();
  }

  #set(name: string, value: number, unit?: string): void {
    const dotted = ['marathon', name, 'gauge', ...(unit === undefined ? [] : [unit])].join('.');
    this.#metrics.set(KNOWN.get(dotted) ?? dotted, value);
  }

  #count(): void {
    for (const [name, value] of this.#marathon.counts.entries()) {
      const row = KNOWN.get(`marathon.${name}.counter`);
      if (row !== undefined) this.#metrics.inc(row, {}, value - (this.#counted.get(name) ?? 0));
      this.#counted.set(name, value);
    }
  }

  #overdue({instances}: ReturnType<Measured['apps']>[number]): number {
    const before = this.#clock.now() - this.#marathon.flags.task_launch_timeout;
    return [...instances.values()].filter(
      ({condition, task}) =>
        ['Provisioned', 'Staging', 'Starting'].includes(condition) && task !== undefined && task.stagedAtMs < before,
    ).length;
  }
}

/** In seconds; of the last hour. */
function timerJson(flat: Readonly<Record<string, number>>, name: string): Record<string, number | string> {
  const seconds = (part: string): number => (flat[`${name}/${part}`] ?? flat[name] ?? 0) / 1000;
  return {
    count: flat[`${name}/count`] ?? (flat[name] === undefined ? 0 : 1),
    ...Object.fromEntries(['min', 'max', 'p50', 'p95', 'p99', 'p999'].map(part => [part, seconds(part)])),
    duration_units: 'seconds',
    rate_units: 'calls/second',
  };
}
