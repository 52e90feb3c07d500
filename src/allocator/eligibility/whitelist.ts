import type {AgentEntry} from '../records.ts';
import type {Rule} from './rule.ts';

/** Only agents on hosts that are named are offered; none named at all: every agent. */
export class Whitelist implements Rule {
  readonly name = 'whitelist';
  #hostnames: ReadonlySet<string> | undefined = undefined;

  get hostnames(): ReadonlySet<string> | undefined {
    return this.#hostnames;
  }

  set(hostnames: ReadonlySet<string> | undefined): void {
    this.#hostnames = hostnames;
  }

  refuses({traits: {hostname = ''}}: AgentEntry): boolean {
    return this.#hostnames?.has(hostname) === false;
  }
}
