import type {FlagTable, FlagValues} from '../lib/flags.ts';
import type {Logger} from '../kube/log.ts';

/** What a program gets from its surroundings, read once in main.ts. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Prints a line for a person. */
  readonly print: (line: string) => void;
  /** Says on standard error why the program ends. */
  readonly complain: (problem: string) => void;
  /** Resolves at the first SIGTERM, SIGINT or SIGHUP. */
  readonly stopRequested: Promise<NodeJS.Signals>;
  /** The executable and first arguments that run this program again, for child processes. */
  readonly self: readonly [string, ...string[]];
  readonly version: string;
};

/** A role of the one executable: `mesos <name>`. Its code is loaded when it runs. */
export type Program = {
  readonly summary: string;
  readonly flags: FlagTable;
  /** What no flag can say alone: each mistake as one sentence that names flag, value and what was wanted. */
  readonly mistakes: (values: Readonly<Record<string, unknown>>) => readonly string[];
  /** Resolves with the exit code, 1 after the program has said why. */
  readonly load: () => Promise<
    (values: Readonly<Record<string, unknown>>, surroundings: Surroundings) => Promise<number>
  >;
};

type Run<Table extends FlagTable> = (values: FlagValues<Table>, surroundings: Surroundings) => Promise<number>;

/** Puts a program together; the compiler checks that `run` and `mistakes` read flags that the table has. */
export const program = <const Table extends FlagTable>(
  summary: string,
  flags: Table,
  load: () => Promise<Run<Table>>,
  mistakes: (values: FlagValues<Table>) => readonly string[] = () => [],
): Program => ({summary, flags, load: load as Program['load'], mistakes: mistakes as Program['mistakes']});
