import type {LevelSwitch, LogLevel} from '../../kube/log.ts';
import type {Clock, Timer} from '../../lib/clock.ts';

/**
 * How much is logged, in Mesos's numbers: 0 is what the process was started with, everything above 0 is all there is.
 * A change ends by itself.
 */
export class Verbosity {
  readonly #clock: Clock;
  readonly #level: LevelSwitch | undefined;
  readonly #first: LogLevel | undefined;
  #number = 0;
  #end: Timer | undefined;

  /** @param level undefined: nothing is logged, and a change shows in the number alone */
  constructor(clock: Clock, level: LevelSwitch | undefined) {
    this.#clock = clock;
    this.#level = level;
    this.#first = level?.get();
  }

  get level(): number {
    return this.#number;
  }

  set(number: number, durationMs: number): void {
    this.#end?.cancel();
    this.#end = number === 0 ? undefined : this.#clock.after(durationMs, () => this.#apply(0));
    this.#apply(number);
  }

  #apply(number: number): void {
    this.#number = number;
    if (this.#first !== undefined) this.#level?.set(number === 0 ? this.#first : 'debug');
  }
}
