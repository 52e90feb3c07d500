import type {Clock} from '../../../lib/clock.ts';
import type {Metrics} from '../../telemetry/metrics.ts';

export type AllocationRunsOptions = {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Posts a run for what events have touched. */
  readonly onDue: () => void;
};

/** When allocation runs begin: events that come together cost one run. */
export class AllocationRuns {
  readonly #options: AllocationRunsOptions;
  #isScheduled = false;

  constructor(options: AllocationRunsOptions) {
    this.#options = options;
  }

  /** The run starts when all waiting commands are done. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const {clock, metrics, onDue} = this.#options;
    const requestedMs = clock.monotonic();
    setImmediate(() => {
      this.#isScheduled = false;
      metrics.observe('mesos_allocator_run_latency_seconds', clock.monotonic() - requestedMs);
      onDue();
    });
  }
}
