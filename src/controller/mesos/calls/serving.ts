import {toFrameworkId} from '../../../allocator/ids.ts';
import type {AgentChanges} from './agent-changes.ts';
import type {Command} from '../core/commands.ts';
import {updateProblem} from '../core/frameworks/framework-validation.ts';
import {toStreamId} from '../core/ids.ts';
import {isRoleCall, readRoleCall} from '../core/roles/role-calls.ts';
import type {Master} from '../core/state.ts';
import {countCall} from '../outbox/counting.ts';
import type {FrameworkMetrics} from '../views/framework-metrics.ts';
import type {MaintenanceChanges} from './maintenance-changes.ts';
import type {MasterContext} from '../master-context.ts';
import {OperatorChanges} from './operator-changes.ts';
import {OperatorGate} from './operator-gate.ts';
import type {Requests} from './requests.ts';
import type {RoleWriter} from './role-writer.ts';
import {SchedulerGate} from './scheduler-gate.ts';
import type {Sessions} from './sessions.ts';
import type {Serving} from './transports.ts';

export type ServingOptions = {
  readonly context: MasterContext;
  readonly core: Master;
  readonly sessions: Sessions;
  readonly perFramework: FrameworkMetrics;
  /** Wall clock, milliseconds. */
  readonly electedMs: number;
  readonly requests: Requests;
  readonly agents: AgentChanges;
  readonly maintenance: MaintenanceChanges;
  readonly roles: RoleWriter;
  readonly post: (command: Command) => void;
};

/** The two APIs over one owner's state: they read it, and change it by commands only. */
export const createServing = (options: ServingOptions): Serving => ({
  scheduler: schedulerGate(options),
  operator: operatorGate(options),
  sessions: options.sessions,
});

function schedulerGate({context, core, sessions, perFramework, post}: ServingOptions): SchedulerGate {
  const {metrics} = context;
  return new SchedulerGate({
    sessions,
    connectionOf: id => {
      const framework = core.frameworks.get(toFrameworkId(id));
      return framework?.uid === undefined ? undefined : {streamId: framework.streamId};
    },
    updateProblem: ({framework_id, update_framework}) => {
      const framework = core.frameworks.get(toFrameworkId(framework_id.value));
      return framework === undefined ? undefined : updateProblem(framework, update_framework, core.options);
    },
    onSubscribe: (streamId, call) => {
      countCall(metrics, call);
      post({kind: 'subscribe', streamId: toStreamId(streamId), call});
    },
    onCall: call => {
      countCall(metrics, call);
      perFramework.call(toFrameworkId(call.framework_id.value), call);
      post({kind: 'call', call});
    },
  });
}

function operatorGate({
  context,
  core,
  electedMs,
  requests,
  agents,
  maintenance,
  roles,
  post,
}: ServingOptions): OperatorGate {
  const {metrics, version, flagTexts, startedMs} = context;
  const changes = new OperatorChanges({requests, agents, maintenance, post});
  return new OperatorGate({
    master: () => core,
    version,
    flags: flagTexts,
    metrics,
    startedMs,
    electedMs: () => electedMs,
    onTeardown: frameworkId => {
      if (!core.frameworks.has(frameworkId)) return false;
      post({kind: 'teardown', frameworkId});
      return true;
    },
    onChange: call => (isRoleCall(call) ? roles.change(() => readRoleCall(core, call)) : changes.perform(call)),
  });
}
