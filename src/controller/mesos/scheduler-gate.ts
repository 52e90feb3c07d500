import type {FrameworkCall, SubscribeCall} from '../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {EventSink, Sessions} from './sessions.ts';

/** What the checks need to know of a framework. `streamId` undefined: not subscribed now. */
export type FrameworkConnection = {readonly streamId: string | undefined};

export type SchedulerGateOptions = {
  readonly sessions: Sessions;
  /** Undefined: no such framework is registered. */
  readonly connectionOf: (frameworkId: string) => FrameworkConnection | undefined;
  readonly onSubscribe: (streamId: string, call: SubscribeCall) => void;
  readonly onCall: (frameworkId: string, call: FrameworkCall) => void;
  /** Answers when the change was made. */
  readonly onUpdateFramework: (call: FrameworkCall & {type: 'UPDATE_FRAMEWORK'}) => Promise<Result<void, CallRefused>>;
};

const refused = (status: number, message: string): Result<never, CallRefused> => err({status, message});

/**
 * The last checks on a structurally valid scheduler call, in the original's order, alike for HTTP and for frameworks
 * in this process. `Result` errors are HTTP statuses.
 */
export class SchedulerGate {
  readonly #options: SchedulerGateOptions;

  constructor(options: SchedulerGateOptions) {
    this.#options = options;
  }

  /** @param streamId a Mesos-Stream-Id that came with the call; there must be none */
  refuseSubscribe(streamId: string | undefined): Result<void, CallRefused> {
    if (streamId === undefined) return ok(undefined);
    return refused(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
  }

  /** Opens a stream; what is wrong with the content of the call is said on the stream. @returns its id */
  subscribe(call: SubscribeCall, makeSink: (streamId: string) => EventSink): string {
    const streamId = this.#options.sessions.open(makeSink);
    this.#options.onSubscribe(streamId, call);
    return streamId;
  }

  /** `ok`: accepted, and for UPDATE_FRAMEWORK done. */
  async call(call: FrameworkCall, streamId: string | undefined): Promise<Result<void, CallRefused>> {
    const frameworkId = call.framework_id.value;
    const connection = this.#options.connectionOf(frameworkId);
    if (connection === undefined) return refused(400, 'Framework cannot be found');
    if (connection.streamId === undefined) return refused(403, 'Framework is not subscribed');
    if (streamId === undefined) {
      return refused(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    }
    if (streamId !== connection.streamId) {
      return refused(400, 'The stream ID included in this request is not the current one of the framework');
    }
    if (call.type === 'UNKNOWN') return refused(501, 'Unknown call type');
    if (call.type === 'UPDATE_FRAMEWORK') return this.#options.onUpdateFramework(call);
    this.#options.onCall(frameworkId, call);
    return ok(undefined);
  }
}
