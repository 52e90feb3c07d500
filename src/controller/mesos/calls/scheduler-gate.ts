import type {FrameworkInfo, TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {FrameworkCall, Operation, SubscribeCall} from '../../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import type {DeepReadonly} from '../../../lib/deep-readonly.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {isOurs} from '../../access/authorizer.ts';
import type {Guard} from '../../access/guard.ts';
import type {Caller} from '../../runtime/caller.ts';
import type {Denied} from '../core/commands.ts';
import {askedByOperation, askedBySubscription, askedByTask} from './asked.ts';
import type {EventSink, Sessions} from './sessions.ts';

/** What the checks need to know of a framework. `streamId` undefined: not subscribed now. */
export type FrameworkConnection = {readonly streamId: string | undefined; readonly info: DeepReadonly<FrameworkInfo>};

export type SchedulerGateOptions = {
  readonly sessions: Sessions;
  /** False while the state is being rebuilt. */
  readonly isServing: () => boolean;
  /** Undefined: no such framework is registered. */
  readonly connectionOf: (frameworkId: string) => FrameworkConnection | undefined;
  /** Both answer why the call could not be handled, when that is a mistake of ours. */
  readonly onSubscribe: (streamId: string, call: SubscribeCall, caller: Caller) => string | undefined;
  readonly onCall: (call: FrameworkCall, caller: Caller, denied: Denied) => string | undefined;
  readonly guard: Guard;
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
  async subscribe(
    call: SubscribeCall,
    given: string | undefined,
    caller: Caller,
    makeSink: (streamId: string) => EventSink,
  ): Promise<Result<string, CallRefused>> {
    if (given !== undefined) return refused(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    const {principal} = call.subscribe.framework_info;
    if (principal !== undefined && !isBy(caller, principal)) {
      return refused(
        400,
        `Authenticated principal '${caller.principal}' does not match principal '${principal}' set in FrameworkInfo`,
      );
    }
    const own = withPrincipal(call, caller);
    const denied = await this.#deniedRoles(own, caller);
    if (!this.#options.isServing()) return err(REBUILT);
    const streamId = this.#options.sessions.open(makeSink);
    const mistake = denied ?? this.#options.onSubscribe(streamId, own, caller);
    if (mistake === undefined) return ok(streamId);
    this.#options.sessions.send(streamId, {type: 'ERROR', error: {message: mistake}});
    this.#options.sessions.close(streamId, mistake);
    return ok(streamId);
  }

  async #deniedRoles({subscribe: {framework_info}}: SubscribeCall, caller: Caller): Promise<string | undefined> {
    if (isOurs(caller)) return undefined;
    const asked = await this.#options.guard.denied(caller, askedBySubscription(framework_info));
    return asked && `Not authorized to register a framework with the role '${asked.object ?? '*'}'`;
  }

  /** `ok`: accepted. What a framework may not do of an ACCEPT is told to it as the end of a task or operation. */
  async call(call: FrameworkCall, streamId: string | undefined, caller: Caller): Promise<Result<void, CallRefused>> {
    const before = this.#check(call, streamId, caller);
    if (!before.ok) return before;
    // Calls from this process keep their order: nothing is waited for.
    const denied = isOurs(caller) ? NOTHING_DENIED : await this.#denied(call, caller);
    if (denied === 'all') return refused(403, '403 Forbidden.');
    // What was waited for may have taken long.
    const after = isOurs(caller) ? before : this.#check(call, streamId, caller);
    if (!after.ok) return after;
    const mistake = this.#options.onCall(call, caller, denied);
    return mistake === undefined ? ok(undefined) : refused(500, mistake);
  }

  async #denied(call: FrameworkCall, caller: Caller): Promise<Denied | 'all'> {
    const {guard, connectionOf} = this.#options;
    if (call.type === 'UPDATE_FRAMEWORK') {
      const asked = await guard.denied(caller, askedBySubscription(call.update_framework.framework_info));
      return asked === undefined ? NOTHING_DENIED : 'all';
    }
    if (call.type !== 'ACCEPT') return NOTHING_DENIED;
    const user = connectionOf(call.framework_id.value)?.info.user ?? '';
    const denied = new Set<Operation | TaskInfo>();
    for (const operation of call.accept.operations ?? []) {
      if ((await guard.denied(caller, askedByOperation(operation, user))) !== undefined) denied.add(operation);
      for (const task of operation.launch?.task_infos ?? [])
        if ((await guard.denied(caller, [askedByTask(task, user)])) !== undefined) denied.add(task);
    }
    return denied;
  }

  /** In the original's order. */
  #check(call: FrameworkCall, streamId: string | undefined, caller: Caller): Result<void, CallRefused> {
    if (!this.#options.isServing()) return err(REBUILT);
    const connection = this.#options.connectionOf(call.framework_id.value);
    if (connection === undefined) return refused(400, 'Framework cannot be found');
    const {principal} = connection.info;
    if (principal !== undefined && !isBy(caller, principal)) {
      this.#options.guard.note(caller, {action: 'run_tasks', object: `framework ${call.framework_id.value}`});
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
    return problem === undefined ? ok(undefined) : refused(400, problem);
  }
}

const NOTHING_DENIED: Denied = new Set();

/** A framework belongs to whoever registered it. */
function withPrincipal(call: SubscribeCall, {principal}: Caller): SubscribeCall {
  if (principal === undefined) return call;
  const {subscribe} = call;
  return {...call, subscribe: {...subscribe, framework_info: {...subscribe.framework_info, principal}}};
}
