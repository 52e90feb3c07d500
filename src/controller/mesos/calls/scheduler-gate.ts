import type {FrameworkCall, SubscribeCall} from '../../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Caller} from '../../runtime/caller.ts';
import type {EventSink, Sessions} from './sessions.ts';

/** What the checks need to know of a framework. `streamId` undefined: not subscribed now. */
export type FrameworkConnection = {readonly streamId: string | undefined; readonly principal: string | undefined};

export type SchedulerGateOptions = {
  readonly sessions: Sessions;
  /** False while the state is being rebuilt. */
  readonly isServing: () => boolean;
  /** Undefined: no such framework is registered. */
  readonly connectionOf: (frameworkId: string) => FrameworkConnection | undefined;
  /** Both answer why the call could not be handled, when that is a mistake of ours. */
  readonly onSubscribe: (streamId: string, call: SubscribeCall, caller: Caller) => string | undefined;
  readonly onCall: (call: FrameworkCall, caller: Caller) => string | undefined;
  /** Why an UPDATE_FRAMEWORK cannot be made. */
  readonly updateProblem: (call: FrameworkCall & {readonly type: 'UPDATE_FRAMEWORK'}) => string | undefined;
};

/** To a call that comes while there is no state to check it against: it may be made again. */
export const REBUILT: CallRefused = {status: 503, message: 'This master is being rebuilt'};

const refused = (status: number, message: string): Result<never, CallRefused> => err({status, message});

/** Who has not shown who it is may say that it is anybody: the port asks where that matters. */
const isBy = (caller: Caller, principal: string): boolean =>
  caller.principal === undefined || caller.principal === principal;

/**
 * The last checks on a structurally valid scheduler call, in the original's order, alike for HTTP and for frameworks
 * in this process. Errors carry HTTP statuses.
 */
export class SchedulerGate {
  readonly #options: SchedulerGateOptions;

  constructor(options: SchedulerGateOptions) {
    this.#options = options;
  }

  /**
   * Opens a stream. What is wrong with the content of the call is said on the stream.
   *
   * @param given a Mesos-Stream-Id that came with the call; there must be none
   * @returns     the new stream's id
   */
  subscribe(
    call: SubscribeCall,
    given: string | undefined,
    caller: Caller,
    makeSink: (streamId: string) => EventSink,
  ): Result<string, CallRefused> {
    if (given !== undefined) return refused(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    const {principal} = call.subscribe.framework_info;
    if (principal !== undefined && !isBy(caller, principal)) {
      return refused(
        400,
        `Authenticated principal '${caller.principal}' does not match principal '${principal}' set in FrameworkInfo`,
      );
    }
    if (!this.#options.isServing()) return err(REBUILT);
    const streamId = this.#options.sessions.open(makeSink);
    const mistake = this.#options.onSubscribe(streamId, call, caller);
    if (mistake === undefined) return ok(streamId);
    this.#options.sessions.send(streamId, {type: 'ERROR', error: {message: mistake}});
    this.#options.sessions.close(streamId, mistake);
    return ok(streamId);
  }

  /** `ok`: accepted. */
  call(call: FrameworkCall, streamId: string | undefined, caller: Caller): Result<void, CallRefused> {
    if (!this.#options.isServing()) return err(REBUILT);
    const connection = this.#options.connectionOf(call.framework_id.value);
    if (connection === undefined) return refused(400, 'Framework cannot be found');
    if (connection.principal !== undefined && !isBy(caller, connection.principal)) {
      return refused(400, `Authenticated principal '${caller.principal}' is not that of the framework`);
    }
    if (connection.streamId === undefined) return refused(403, 'Framework is not subscribed');
    if (streamId === undefined) {
      return refused(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    }
    if (streamId !== connection.streamId) {
      return refused(400, 'The stream ID included in this request is not the current one of the framework');
    }
    if (call.type === 'UNKNOWN') return refused(501, 'Unknown call type');
    const problem = call.type === 'UPDATE_FRAMEWORK' ? this.#options.updateProblem(call) : undefined;
    if (problem !== undefined) return refused(400, problem);
    const mistake = this.#options.onCall(call, caller);
    return mistake === undefined ? ok(undefined) : refused(500, mistake);
  }
}
