import type {Clock} from '../../../lib/clock.ts';
import {type MetricDefinition, Metrics} from '../../telemetry/metrics.ts';
import {countTasks} from '../core/counters.ts';
import type {Marathon} from '../marathon.ts';

/** Marathon's own names, as Prometheus spells them. */
export const MARATHON_METRICS: readonly MetricDefinition[] = [
  {name: 'marathon_apps_active_gauge', type: 'gauge', help: 'Apps that are defined.'},
  {name: 'marathon_deployments_active_gauge', type: 'gauge', help: 'Deployments under way.'},
  {name: 'marathon_instances_running_gauge', type: 'gauge', help: 'Tasks that run.'},
  {name: 'marathon_instances_staged_gauge', type: 'gauge', help: 'Tasks that were launched and do not run yet.'},
  {name: 'marathon_instances_wanted_gauge', type: 'gauge', help: 'Instances that all apps together want.'},
  {name: 'marathon_uptime_gauge_seconds', type: 'gauge', help: 'Seconds since this process started.'},
];

/** The numbers of one Marathon, read when they are asked for. */
export function marathonMetrics(marathon: Pick<Marathon, 'apps' | 'deployments'>, clock: Clock): Metrics {
  const metrics = new Metrics(MARATHON_METRICS, clock);
  const startedMs = clock.monotonic();
  metrics.onCollect(() => {
    const apps = marathon.apps();
    const counts = apps.map(({instances}) => countTasks(instances.values()));
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    metrics.set('marathon_apps_active_gauge', apps.length);
    metrics.set('marathon_deployments_active_gauge', [...marathon.deployments()].length);
    metrics.set('marathon_instances_running_gauge', sum(counts.map(({tasksRunning}) => tasksRunning)));
    metrics.set('marathon_instances_staged_gauge', sum(counts.map(({tasksStaged}) => tasksStaged)));
    metrics.set('marathon_instances_wanted_gauge', sum(apps.map(app => app.definition?.instances ?? 0)));
    metrics.set('marathon_uptime_gauge_seconds', (clock.monotonic() - startedMs) / 1000);
  });
  return metrics;
}
