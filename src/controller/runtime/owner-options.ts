import type {Logger} from '../../kube/log.ts';
import type {Subject} from '../../lib/blame.ts';
import type {Clock} from '../../lib/clock.ts';

/** A step that takes long: it may pause after each yield. No other command is handled before its end. */
export type Slices<Effect> = Iterator<readonly Effect[], readonly Effect[]>;

/** A mistake of ours that made the state unusable. */
export type Fault = {
  readonly command: string;
  readonly subject: Subject | undefined;
  readonly message: string;
  /** The subject is left out until it changes. */
  readonly setAside: boolean;
};

export type OwnerOptions<State, Command extends {readonly kind: string}, Effect> = {
  /** For logs: `master`, `marathon`. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The state of an owner that knows nothing. */
  readonly begin: () => State;
  /**
   * Reads from Kubernetes what a failover reads, and answers it as commands: one for each object where an object can be
   * the cause of a throw. A rejection is tried again. What is posted meanwhile is dropped: read after all of it.
   */
  readonly restore: () => Promise<readonly Command[]>;
  /** Changes the state in place. May throw anything; the state is not used again then. */
  readonly step: (state: State, command: Command, nowMs: number) => readonly Effect[] | Slices<Effect>;
  /** Must not wait. A command that it posts is handled after this one. */
  readonly perform: (effects: readonly Effect[]) => void;
  /** The object or call that a command is about. Work for one subject among many names it with `blame`. */
  readonly subjectOf: (command: Command) => Subject | undefined;
  /** Other subjects without which the command makes no sense: it is skipped while one of them is set aside. */
  readonly dependsOn?: (command: Command) => readonly Subject[];
  /**
   * The state was dropped: end the streams of those who were told of it, refuse who waits for an answer, and wait for
   * the writes that it asked for, or drop them. Nothing is read anew before.
   */
  readonly letGo: (fault: Fault) => Promise<void>;
  /** All that was restored is handled: calls may be served. */
  readonly onServing?: () => void;
  /** After it was logged: for a metric, an event, and the condition of an object that is set aside. */
  readonly onFault?: (fault: Fault) => void;
  /** Throws that belong to nobody keep coming: another process may do better. */
  readonly onFatal: (reason: string) => void;
  /** Calls back after everything else that waits in this process; `setImmediate` when absent. */
  readonly pause?: (resume: () => void) => void;
  readonly onHandled?: (command: Command, busyMs: number) => void;
};
