import {toFrameworkId} from '../../../allocator/ids.ts';
import type {Informer} from '../../../kube/types.ts';
import type {AgentView} from '../objects/agent-object.ts';
import type {MaintenanceView} from '../objects/maintenance-object.ts';
import type {RoleRecord} from '../objects/role-object.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import {AgentChanges} from './agent-changes.ts';
import type {Command} from '../core/commands.ts';
import {updateProblem} from '../core/frameworks/framework-validation.ts';
import {toStreamId} from '../core/ids.ts';
import {err} from '../../../lib/result.ts';
import {isRoleCall, readRoleCall, type RoleCall} from '../core/roles/role-calls.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import {countCall} from '../views/master-counters.ts';
import type {FrameworkMetrics} from '../views/framework-metrics.ts';
import {MaintenanceChanges} from './maintenance-changes.ts';
import type {MasterContext} from '../master-context.ts';
import {OperatorChanges} from './operator-changes.ts';
import {OperatorGate} from './operator-gate.ts';
import type {OperatorStreams} from './operator-streams.ts';
import type {OperatorRequests} from './operator-requests.ts';
import {RoleWriter} from './role-writer.ts';
import {REBUILT, SchedulerGate} from './scheduler-gate.ts';
import type {Sessions} from './sessions.ts';
import type {Serving} from './transports.ts';

export type ServingOptions = {
  readonly context: MasterContext;
  /** Undefined while it is being rebuilt. */
  readonly state: () => ReadonlyMaster | undefined;
  readonly caches: Pick<Caches, 'agents' | 'maintenance' | 'roles'>;
  readonly sessions: Sessions;
  readonly streams: OperatorStreams;
  readonly writes: Outbox;
  readonly perFramework: FrameworkMetrics;
  /** Wall clock, milliseconds. */
  readonly electedMs: number;
  readonly requests: OperatorRequests;
  /** Answers why the command was not handled, when that is known at once. */
  readonly post: (command: Command) => string | undefined;
};

/** What is watched, as far as calls read it. */
export type Caches = {
  readonly agents: Informer<AgentView>;
  readonly maintenance: Informer<MaintenanceView>;
  readonly roles: Informer<RoleRecord>;
};

/** The two APIs over one owner's state: they read it, and change it by commands only. */
export const createServing = (options: ServingOptions): Serving => ({
  scheduler: schedulerGate(options),
  operator: operatorGate(options),
  sessions: options.sessions,
});

function schedulerGate({context, state, sessions, perFramework, post}: ServingOptions): SchedulerGate {
  const {metrics} = context;
  const master = (): ReadonlyMaster => known(state);
  return new SchedulerGate({
    sessions,
    guard: context.guard,
    isServing: () => state() !== undefined,
    connectionOf: id => {
      const framework = master().frameworks.get(toFrameworkId(id));
      return framework?.uid === undefined ? undefined : {streamId: framework.streamId, info: framework.info};
    },
    updateProblem: ({framework_id, update_framework}) => {
      const framework = master().frameworks.get(toFrameworkId(framework_id.value));
      return framework === undefined ? undefined : updateProblem(framework, update_framework, master().options);
    },
    onSubscribe: (streamId, call, {principal}) => {
      countCall(metrics, call);
      const about = {streamId: toStreamId(streamId), call, ...(principal !== undefined && {principal})};
      return post({kind: 'subscribe', ...about});
    },
    onCall: (call, _caller, denied) => {
      countCall(metrics, call);
      perFramework.call(toFrameworkId(call.framework_id.value), call);
      return post({kind: 'call', call, denied});
    },
  });
}

function operatorGate({
  context,
  state,
  caches,
  writes,
  electedMs,
  requests,
  post,
  streams,
}: ServingOptions): OperatorGate {
  const {client, namespace, clock, log, metrics, version, flagTexts, startedMs, verbosity, files} = context;
  const master = (): ReadonlyMaster => known(state);
  const agents = new AgentChanges({client, writes, namespace, clock, agents: caches.agents, master});
  const maintenance = new MaintenanceChanges({client, writes, namespace, cache: caches.maintenance});
  const roles = new RoleWriter({client, writes, namespace, clock, roles: caches.roles});
  const changes = new OperatorChanges({requests, agents, maintenance, post});
  return new OperatorGate({
    master,
    guard: context.guard,
    isServing: () => state() !== undefined,
    version,
    flags: flagTexts,
    metrics,
    verbosity,
    files,
    streams,
    log,
    startedMs,
    electedMs: () => electedMs,
    onTeardown: frameworkId => {
      if (!master().frameworks.has(frameworkId)) return false;
      post({kind: 'teardown', frameworkId});
      return true;
    },
    onChange: (call, caller) =>
      isRoleCall(call) ? roles.change(() => readIfServing(state(), call)) : changes.perform(call, caller.principal),
  });
}

/** The calls before have been waited for: meanwhile the state may be gone. */
const readIfServing = (master: ReadonlyMaster | undefined, call: RoleCall): ReturnType<typeof readRoleCall> =>
  master === undefined ? err(REBUILT) : readRoleCall(master, call);

/** Asked only by calls that are served. */
function known(state: () => ReadonlyMaster | undefined): ReadonlyMaster {
  const master = state();
  if (master === undefined) throw new Error('the master is being rebuilt');
  return master;
}
