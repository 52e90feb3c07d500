import type {FlagTable, FlagValues} from '../lib/flags.ts';
import type {Logger} from '../kube/log.ts';

/** What a program gets from its surroundings, read once in main.ts. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Prints a line for a person. */
  readonly print: (line: string) => void;
  /** Resolves at the first SIGTERM, SIGINT or SIGHUP. */
  readonly stopRequested: Promise<NodeJS.Signals>;
  /** The executable and first arguments that run this program again, for child processes. */
  readonly self: readonly [string, ...string[]];
  readonly version: string;
};

/** A role of the one executable: `mesos <name>`. `run` resolves with the exit code; 1 after it has said why. */
export type Program<Table extends FlagTable = FlagTable> = {
  readonly summary: string;
  readonly flags: Table;
  run(values: FlagValues<Table>, surroundings: Surroundings): Promise<number>;
};

/** Lets the compiler see the flags that a program's `run` may read. */
export const program = <const Table extends FlagTable>(definition: Program<Table>): Program<Table> => definition;
