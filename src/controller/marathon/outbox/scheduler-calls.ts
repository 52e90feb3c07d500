import type {FrameworkInfo} from '../../../api/mesos/v1/common.ts';
import type {FrameworkCall, Operation} from '../../../api/mesos/v1/scheduler.ts';
import type {Effect} from '../core/effects.ts';

export type CallEffect = Extract<
  Effect,
  {kind: 'accept' | 'decline' | 'revive' | 'suppress' | 'update-framework' | 'kill' | 'acknowledge' | 'reconcile'}
>;

/** The scheduler call behind an effect. */
export function callOf(effect: CallEffect, frameworkId: string, info: FrameworkInfo): FrameworkCall {
  const framework_id = {value: frameworkId};
  switch (effect.kind) {
    case 'accept':
      return {
        type: 'ACCEPT',
        framework_id,
        accept: {
          offer_ids: [{value: effect.offerId}],
          operations: operationsOf(effect),
          filters: {refuse_seconds: effect.refuseSeconds},
        },
      };
    case 'decline':
      return {
        type: 'DECLINE',
        framework_id,
        decline: {
          offer_ids: effect.offerIds.map(value => ({value})),
          filters: {refuse_seconds: effect.refuseSeconds},
        },
      };
    case 'revive':
      return {type: 'REVIVE', framework_id, revive: {roles: effect.roles}};
    case 'suppress':
      return {type: 'SUPPRESS', framework_id, suppress: {roles: effect.roles}};
    case 'update-framework':
      return {
        type: 'UPDATE_FRAMEWORK',
        framework_id,
        update_framework: {
          framework_info: {...info, id: framework_id, roles: effect.roles},
          suppressed_roles: effect.suppressedRoles,
        },
      };
    case 'kill':
      return {
        type: 'KILL',
        framework_id,
        kill: {task_id: {value: effect.taskId}, agent_id: {value: effect.agentId}},
      };
    case 'acknowledge':
      return {
        type: 'ACKNOWLEDGE',
        framework_id,
        acknowledge: {task_id: {value: effect.taskId}, agent_id: {value: effect.agentId}, uuid: effect.uuid},
      };
    case 'reconcile':
      return {
        type: 'RECONCILE',
        framework_id,
        reconcile: {
          tasks: effect.tasks.map(({taskId, agentId}) => ({task_id: {value: taskId}, agent_id: {value: agentId}})),
        },
      };
    default:
      return effect satisfies never;
  }
}

/** What is reserved comes before what is launched on it. */
const operationsOf = ({operations = [], launches}: Extract<CallEffect, {kind: 'accept'}>): readonly Operation[] =>
  launches.length === 0 ? operations : [...operations, {type: 'LAUNCH', launch: {task_infos: launches}}];
