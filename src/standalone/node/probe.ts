import type {Clock, Timer} from '../../lib/clock.ts';
import type {Container, Probe} from './pod.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export type ProbeAnswer = {readonly ok: boolean; readonly message: string};
export type ProbeAction = (probe: Probe) => Promise<ProbeAnswer>;

/** Successes or failures in a row, and what they amount to; `healthy` is undefined until a threshold is reached. */
export type ProbeCount = {readonly ok: boolean; readonly inRow: number; readonly healthy?: boolean};

export const NO_COUNT: ProbeCount = {ok: true, inRow: 0};

/** Counts one answer. A threshold that was reached before holds until the other one is reached. */
export function count(before: ProbeCount, ok: boolean, probe: Probe): ProbeCount {
  const inRow = before.ok === ok ? before.inRow + 1 : 1;
  const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return {ok, inRow, healthy: inRow >= threshold ? ok : before.healthy};
}

export type ProbeListener = {
  /** The startup probe has succeeded; called at once where there is none. */
  readonly started: () => void;
  readonly ready: (ready: boolean) => void;
  /** The startup or the liveness probe has failed for good: the container has to be restarted. */
  readonly dead: (kind: ProbeKind, probe: Probe, message: string) => void;
  /** One failure, whether it counts or not. */
  readonly failed: (kind: ProbeKind, message: string) => void;
};

/** Probes one run of one container until it is stopped. */
export class Prober {
  readonly #act: ProbeAction;
  readonly #clock: Clock;
  readonly #listener: ProbeListener;
  readonly #beganAtMs: number;
  readonly #timers = new Map<ProbeKind, Timer>();
  #stopped = false;

  constructor(act: ProbeAction, clock: Clock, listener: ProbeListener) {
    this.#act = act;
    this.#clock = clock;
    this.#listener = listener;
    this.#beganAtMs = clock.monotonic();
  }

  /** @param alreadyStarted the run was found again, and its startup probe had succeeded */
  start(container: Container, alreadyStarted: boolean): void {
    const {startupProbe} = container;
    if (startupProbe === undefined || alreadyStarted) this.#started(container);
    else this.#loop('startup', startupProbe, healthy => this.#onStartup(container, startupProbe, healthy));
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #onStartup(container: Container, probe: Probe, healthy: ProbeAnswer): boolean {
    if (healthy.ok) this.#started(container);
    else this.#listener.dead('startup', probe, healthy.message);
    return false;
  }

  #started({livenessProbe, readinessProbe}: Container): void {
    this.#listener.started();
    if (readinessProbe === undefined) this.#listener.ready(true);
    else {
      this.#loop('readiness', readinessProbe, ({ok}) => {
        this.#listener.ready(ok);
        return true;
      });
    }
    if (livenessProbe === undefined) return;
    this.#loop('liveness', livenessProbe, ({ok, message}) => {
      if (!ok) this.#listener.dead('liveness', livenessProbe, message);
      return ok;
    });
  }

  /** @param onVerdict called when a threshold is reached; answers whether to go on */
  #loop(kind: ProbeKind, probe: Probe, onVerdict: (answer: ProbeAnswer) => boolean): void {
    let state = NO_COUNT;
    const round = async (): Promise<void> => {
      const startMs = this.#clock.monotonic();
      const answer = await this.#act(probe);
      if (this.#stopped) return;
      const before = state.healthy;
      state = count(state, answer.ok, probe);
      if (!answer.ok) this.#listener.failed(kind, answer.message);
      const {healthy} = state;
      if (healthy !== undefined && healthy !== before && !onVerdict({ok: healthy, message: answer.message})) return;
      this.#after(kind, startMs + 1000 * (probe.periodSeconds ?? 10), round);
    };
    this.#after(kind, this.#beganAtMs + 1000 * (probe.initialDelaySeconds ?? 0), round);
  }

  #after(kind: ProbeKind, atMs: number, round: () => Promise<void>): void {
    if (this.#stopped) return;
    const delayMs = Math.max(0, atMs - this.#clock.monotonic());
    this.#timers.set(
      kind,
      this.#clock.after(delayMs, () => void round()),
    );
  }
}
