import type {Logger} from '../../kube/log.ts';
import type {Clock} from '../../lib/clock.ts';

/** The same refusal is said again after so long. */
const QUIET_MS = 60_000;
const MOST_KNOWN = 1000;

type Said = {readonly untilMs: number; more: number};

/** Writes refusals into the log: each kind of a caller once a minute, however often it tries. */
export class Denials {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #said = new Map<string, Said>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** @param who the caller, and what it wanted: what makes two refusals the same */
  note(message: string, who: Readonly<Record<string, string | undefined>>): void {
    const key = JSON.stringify([message, who]);
    const nowMs = this.#clock.monotonic();
    const said = this.#said.get(key);
    if (said !== undefined && said.untilMs > nowMs) {
      said.more++;
      return;
    }
    this.#said.delete(key);
    this.#said.set(key, {untilMs: nowMs + QUIET_MS, more: 0});
    const oldest = this.#said.keys().next();
    if (this.#said.size > MOST_KNOWN && oldest.done !== true) this.#said.delete(oldest.value);
    this.#log.warn(message, {...who, ...(said !== undefined && said.more > 0 && {repeated: said.more})});
  }
}
