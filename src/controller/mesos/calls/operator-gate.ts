import {toFrameworkId} from '../../../allocator/ids.ts';
import type {OperatorCall, OperatorResponse} from '../../../api/mesos/v1/operator.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import type {Logger} from '../../../kube/log.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import {isOurs} from '../../access/authorizer.ts';
import type {Guard} from '../../access/guard.ts';
import {type Caller, logged} from '../../runtime/caller.ts';
import type {Verbosity} from '../../runtime/verbosity.ts';
import type {Metrics} from '../../telemetry/metrics.ts';
import type {VirtualFiles} from '../../web/virtual-files.ts';
import type {FrameworkId} from '../core/ids.ts';
import {masterInfoNow} from '../core/master-info.ts';
import {statusOf} from '../core/maintenance/machines.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import type {VersionInfo} from '../master-context.ts';
import {askedByOperator} from './asked.ts';
import {REBUILT} from './scheduler-gate.ts';
import {seenBy, sightOf, visible, withinSight} from '../views/visible.ts';
import {
  agentsMessage,
  frameworksMessage,
  operationsMessage,
  stateMessage,
  tasksMessage,
} from '../views/operator-views.ts';
import {listFiles, readFile} from './files.ts';
import type {OperatorSink, OperatorStreams} from './operator-streams.ts';
import {quotaMessage, rolesMessage, weightsMessage} from '../views/role-views.ts';

export type OperatorGateOptions = {
  readonly master: () => ReadonlyMaster;
  /** False while the state is being rebuilt. */
  readonly isServing: () => boolean;
  readonly version: VersionInfo;
  /** The flags in effect, as text. */
  readonly flags: Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  readonly verbosity: Verbosity;
  readonly files: VirtualFiles;
  readonly streams: OperatorStreams;
  readonly guard: Guard;
  /** Says who changes what. */
  readonly log: Logger;
  readonly startedMs: number;
  readonly electedMs: () => number;
  /** `false`: there is no such framework. */
  readonly onTeardown: (frameworkId: FrameworkId) => boolean;
  /** Calls that change something; resolves when it has changed, or cannot. */
  readonly onChange: (call: ChangeCall, caller: Caller) => Promise<Result<OperatorResponse, CallRefused>>;
};

/** The operator API, alike for HTTP and for callers in this process. */
export class OperatorGate {
  readonly #options: OperatorGateOptions;

  constructor(options: OperatorGateOptions) {
    this.#options = options;
  }

  /** An answer without a type is an empty one. */
  async call(call: AnsweredCall, caller: Caller): Promise<Result<OperatorResponse, CallRefused>> {
    if (!this.#options.isServing()) return err(REBUILT);
    if (call.type === 'UNKNOWN') return err({status: 501, message: 'Unknown call type'});
    const denied = await this.#options.guard.denied(caller, askedByOperator(call, this.#options.master()));
    if (denied !== undefined) return err(FORBIDDEN);
    if (!this.#options.isServing()) return err(REBUILT);
    if (call.type === 'LIST_FILES') return listFiles(this.#options.files, call.list_files.path);
    if (call.type === 'READ_FILE') return readFile(this.#options.files, call.read_file);
    if (!call.type.startsWith('GET_')) this.#options.log.info('operator call', {call: call.type, ...logged(caller)});
    if (call.type === 'TEARDOWN') return this.#tearDown(toFrameworkId(call.teardown.framework_id.value));
    if (call.type === 'SET_LOGGING_LEVEL') {
      const {level, duration} = call.set_logging_level;
      this.#options.verbosity.set(level, duration.nanoseconds / 1e6);
      return ok({});
    }
    if (isChange(call)) return this.#options.onChange(call, caller);
    return this.#read(call.type, caller);
  }

  /** Shows no more than the caller may see. */
  async #read(type: ReadCall, caller: Caller): Promise<Result<OperatorResponse, CallRefused>> {
    const {guard, master, isServing} = this.#options;
    if (isOurs(caller)) return ok(read(type, this.#options, master()));
    const sight = await sightOf(guard, caller, master());
    if (!isServing()) return err(REBUILT);
    return ok(withinSight(read(type, this.#options, visible(master(), sight)), sight));
  }

  /** SUBSCRIBE. @param makeSink called when the stream begins */
  async subscribe(caller: Caller, makeSink: () => OperatorSink): Promise<Result<OperatorSink, CallRefused>> {
    const {guard, master, isServing, streams} = this.#options;
    if (!isServing()) return err(REBUILT);
    const sight = await sightOf(guard, caller, master());
    if (!isServing()) return err(REBUILT);
    const whole = makeSink();
    const sink: OperatorSink = {
      write: event => {
        const seen = seenBy(sight, master(), event);
        return seen === undefined || whole.write(seen);
      },
      end: whole.end,
    };
    streams.open(sink);
    return ok(sink);
  }

  /** The reader of a stream has left. */
  left(sink: OperatorSink): void {
    this.#options.streams.close(sink);
  }

  #tearDown(frameworkId: FrameworkId): Result<OperatorResponse, CallRefused> {
    const known = this.#options.onTeardown(frameworkId);
    return known ? ok({}) : err({status: 400, message: 'No framework found with specified ID'});
  }
}

type ReadCall = Extract<OperatorCall['type'], `GET_${string}`>;
/** Calls that are answered at once, not with a stream. */
export type AnsweredCall = Exclude<OperatorCall, {readonly type: 'SUBSCRIBE'}>;
type OtherCall = 'UNKNOWN' | 'TEARDOWN' | 'LIST_FILES' | 'READ_FILE' | 'SET_LOGGING_LEVEL';
/** Calls that change what is kept in Kubernetes objects. */
export type ChangeCall = Exclude<AnsweredCall, {readonly type: ReadCall | OtherCall}>;

const isChange = (call: Exclude<AnsweredCall, {readonly type: OtherCall}>): call is ChangeCall =>
  !call.type.startsWith('GET_');

const FORBIDDEN: CallRefused = {status: 403, message: '403 Forbidden.'};

function read(type: ReadCall, options: OperatorGateOptions, master: ReadonlyMaster): OperatorResponse {
  switch (type) {
    case 'GET_HEALTH':
      return {type, get_health: {healthy: true}};
    case 'GET_FLAGS':
      return {type, get_flags: {flags: pairs(options.flags)}};
    case 'GET_VERSION':
      return {type, get_version: {version_info: options.version}};
    case 'GET_METRICS':
      return {type, get_metrics: {metrics: pairs(options.metrics.snapshot())}};
    case 'GET_LOGGING_LEVEL':
      return {type, get_logging_level: {level: options.verbosity.level}};
    case 'GET_STATE':
      return {type, get_state: stateMessage(master)};
    case 'GET_AGENTS':
      return {type, get_agents: agentsMessage(master)};
    case 'GET_FRAMEWORKS':
      return {type, get_frameworks: frameworksMessage(master)};
    case 'GET_EXECUTORS':
      return {type, get_executors: {}};
    case 'GET_TASKS':
      return {type, get_tasks: tasksMessage(master)};
    case 'GET_ROLES':
      return {type, get_roles: rolesMessage(master)};
    case 'GET_WEIGHTS':
      // None at all is said without a body.
      return {type, ...(master.weights.size > 0 && {get_weights: weightsMessage(master)})};
    case 'GET_MASTER':
      return {type, get_master: masterMessage(options)};
    case 'GET_MAINTENANCE_STATUS':
      return {type, get_maintenance_status: {status: statusOf(master)}};
    case 'GET_MAINTENANCE_SCHEDULE':
      return {type, get_maintenance_schedule: {schedule: master.maintenance.schedule}};
    case 'GET_QUOTA':
      return {type, get_quota: {status: quotaMessage(master)}};
    case 'GET_OPERATIONS':
      return {type, get_operations: operationsMessage(master)};
    default:
      return type satisfies never;
  }
}

const masterMessage = ({master, startedMs, electedMs}: OperatorGateOptions) => ({
  master_info: masterInfoNow(master()),
  start_time: startedMs / 1000,
  elected_time: electedMs() / 1000,
});

const pairs = <T>(values: Readonly<Record<string, T>>): {name: string; value: T}[] =>
  Object.entries(values).map(([name, value]) => ({name, value}));
