import type {RunCause} from '../../../allocator/allocation-cycle.ts';
import type {Clock} from '../../../lib/clock.ts';
import type {Metrics} from '../../telemetry/metrics.ts';
import {allocateInSlices} from '../core/offers/allocate.ts';
import type {Effect} from '../core/effects.ts';
import type {Master} from '../core/state.ts';
import type {Rest} from '../../runtime/mailbox.ts';

/** So long a run keeps the process busy before streams, leases and requests have their turn. */
const SLICE_MS = 15;

type Options = {
  readonly core: Master;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly perform: (effects: readonly Effect[]) => void;
  /** Posts a run for what events have touched. */
  readonly onDue: () => void;
};

/** When allocation runs begin, and that none keeps the process busy for long. */
export class AllocationRuns {
  readonly #options: Options;
  #isScheduled = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Events that come together cost one run. The run starts when all waiting commands are done. */
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

  /** Handles the command `allocate`. @returns what is left of the run, if it takes long */
  begin(cause: RunCause): Rest | undefined {
    const {core, clock} = this.#options;
    return this.#goOn(allocateInSlices(core, cause, clock.now()), 0);
  }

  #goOn(slices: ReturnType<typeof allocateInSlices>, spentMs: number): Rest | undefined {
    const {clock, metrics, perform} = this.#options;
    const beganMs = clock.monotonic();
    for (;;) {
      const slice = slices.next();
      perform(slice.value);
      const busyMs = clock.monotonic() - beganMs;
      if (slice.done === true) {
        metrics.observe('mesos_allocator_run_seconds', spentMs + busyMs);
        return undefined;
      }
      if (busyMs >= SLICE_MS) return () => this.#goOn(slices, spentMs + busyMs);
    }
  }
}
