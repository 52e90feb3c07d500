import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';

/** An operation that is done, and whose framework has not acknowledged it, as it is kept in the agent's status. */
export type SavedOperation = {
  readonly frameworkId: string;
  readonly uuid: string;
  /** With its id. */
  readonly info: Operation;
};
