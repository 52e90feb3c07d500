import type {Result} from '../../../lib/result.ts';
import type {OperatorCall, OperatorResponse} from './operator.ts';
import type {SchedulerCall, SchedulerEvent, SubscribeCall} from './scheduler.ts';

/** A call that the master did not take: the HTTP status and body that a remote client would have got. */
export type CallRefused = {readonly status: number; readonly message: string};

export type SchedulerListener = {
  /** Events in the order they happened; SUBSCRIBED (or a single ERROR) comes first. */
  readonly onEvent: (event: SchedulerEvent) => void;
  /** Called once, after the last event. */
  readonly onClosed: (reason: string) => void;
};

/** One subscribed event stream. The framework outlives it by its `failover_timeout`. */
export type SchedulerSession = {
  readonly streamId: string;
  /** `ok` means accepted, not done (202); UPDATE_FRAMEWORK is answered when it is done. */
  readonly call: (call: SchedulerCall) => Promise<Result<void, CallRefused>>;
  readonly close: () => void;
};

/** The scheduler API without HTTP in between. It refuses the same calls as HTTP, and sends the same events. */
export type SchedulerTransport = {
  readonly subscribe: (
    call: SubscribeCall,
    listener: SchedulerListener,
  ) => Promise<Result<SchedulerSession, CallRefused>>;
};

export type OperatorTransport = {readonly call: (call: OperatorCall) => Promise<Result<OperatorResponse, CallRefused>>};
