import {collectDefaultMetrics} from 'prom-client';
import type {MetricDefinition, Metrics} from './metrics.ts';

/** What every program of Node says of itself under names that dashboards know; those that people look at first. */
export const PROCESS_METRICS: readonly MetricDefinition[] = [
  {name: 'process_cpu_seconds_total', type: 'counter', help: 'Seconds of processor time.'},
  {name: 'process_resident_memory_bytes', type: 'gauge', help: 'Memory that the process holds.'},
  {name: 'process_open_fds', type: 'gauge', help: 'Open files and connections.'},
  {name: 'nodejs_heap_size_used_bytes', type: 'gauge', help: 'Memory in use by objects.'},
  {name: 'nodejs_eventloop_lag_p99_seconds', type: 'gauge', help: 'How late the event loop is, for one in a hundred.'},
  {name: 'nodejs_gc_duration_seconds', type: 'timer', help: 'Pauses to collect garbage.'},
];

/** Adds them, and what is running: its version and its Node. */
export function reportProcess(metrics: Metrics, version: string, node: string): void {
  metrics.set('mesos_build_info', 1, {version, node});
  collectDefaultMetrics({register: metrics.registry});
}
