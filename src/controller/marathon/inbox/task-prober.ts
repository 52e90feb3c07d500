import type {Clock, Timer} from '../../../lib/clock.ts';
import type {AppDefinition} from '../core/apps/app.ts';
import type {Command} from '../core/commands.ts';
import {probeOf, probesOf, type CheckName, type ProbeAnswer, type ProbeTarget} from '../core/health/probes.ts';
import type {TaskId} from '../core/ids.ts';
import type {ReadonlyApp, ReadonlyMarathon} from '../core/state.ts';

/** Asks once; never rejects. */
export type Ask = (target: ProbeTarget, timeoutMs: number) => Promise<ProbeAnswer>;

export type TaskProberOptions = {
  readonly ask: Ask;
  readonly clock: Clock;
  /** Questions that may be open at a time; the others wait. */
  readonly concurrency: number;
  /** Undefined while it is being rebuilt. */
  readonly state: () => ReadonlyMarathon | undefined;
  readonly post: (command: Command) => void;
};

type Round = {timer: Timer | undefined};

/**
 * Asks tasks what their checks want to know, as long as the state wants it. Before each question it is looked at anew:
 * nobody has to tell that a task has gone.
 */
export class TaskProber {
  readonly #options: TaskProberOptions;
  readonly #rounds = new Map<TaskId, Map<CheckName, Round>>();
  readonly #waiting: (() => void)[] = [];
  #asking = 0;

  constructor(options: TaskProberOptions) {
    this.#options = options;
  }

  /** Begins with what is to be asked and is not yet. */
  look(app: ReadonlyApp): void {
    const {definition} = app;
    if (definition === undefined || !hasChecks(app)) return;
    for (const instance of app.instances.values()) {
      const {task, condition} = instance;
      if (task === undefined || condition !== 'Running') continue;
      for (const check of probesOf(app, instance)) this.#begin(task.taskId, check);
    }
  }

  /** Asks nothing more of what was known until now. */
  clear(): void {
    for (const rounds of this.#rounds.values()) for (const {timer} of rounds.values()) timer?.cancel();
    this.#rounds.clear();
    this.#waiting.length = 0;
  }

  #begin(taskId: TaskId, check: CheckName): void {
    const rounds = this.#rounds.get(taskId) ?? new Map<CheckName, Round>();
    if (rounds.has(check)) return;
    const probe = this.#probe(taskId, check);
    if (probe === undefined) return;
    const round: Round = {timer: undefined};
    this.#rounds.set(taskId, rounds.set(check, round));
    this.#after(probe.firstMs, taskId, check, round);
  }

  #probe(taskId: TaskId, check: CheckName) {
    const state = this.#options.state();
    return state === undefined ? undefined : probeOf(state, taskId, check);
  }

  #after(delayMs: number, taskId: TaskId, check: CheckName, round: Round): void {
    round.timer = this.#options.clock.after(delayMs, () => this.#inTurn(() => this.#ask(taskId, check, round)));
  }

  #inTurn(work: () => Promise<void>): void {
    if (this.#asking >= this.#options.concurrency) {
      this.#waiting.push(() => this.#inTurn(work));
      return;
    }
    this.#asking += 1;
    void work().finally(() => {
      this.#asking -= 1;
      this.#waiting.shift()?.();
    });
  }

  async #ask(taskId: TaskId, check: CheckName, round: Round): Promise<void> {
    const {ask, clock, post} = this.#options;
    const isCurrent = (): boolean => this.#rounds.get(taskId)?.get(check) === round;
    if (!isCurrent()) return;
    const probe = this.#probe(taskId, check);
    if (probe === undefined) return this.#end(taskId, check);
    const beganMs = clock.monotonic();
    const answer = await ask(probe.target, probe.timeoutMs);
    if (!isCurrent()) return;
    this.#after(Math.max(0, beganMs + probe.intervalMs - clock.monotonic()), taskId, check, round);
    post({kind: 'probe-answer', taskId, check, answer});
  }

  #end(taskId: TaskId, check: CheckName): void {
    const rounds = this.#rounds.get(taskId);
    rounds?.delete(check);
    if (rounds?.size === 0) this.#rounds.delete(taskId);
  }
}

const declaresChecks = ({spec: {healthChecks = [], readinessChecks = [], check}}: AppDefinition): boolean =>
  healthChecks.length + readinessChecks.length > 0 || check !== undefined;

/** Some of its tasks may have to be asked; also those of an older definition. */
const hasChecks = ({definition, instances}: ReadonlyApp): boolean => {
  if (definition === undefined) return false;
  if (declaresChecks(definition)) return true;
  for (const {task} of instances.values())
    if (task?.definition !== undefined && task.definition !== definition && declaresChecks(task.definition))
      return true;
  return false;
};
