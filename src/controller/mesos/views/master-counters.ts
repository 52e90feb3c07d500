import type {SchedulerCall} from '../../../api/mesos/v1/scheduler.ts';
import type {Labels, Metrics} from '../../telemetry/metrics.ts';
import type {Counter, Effect} from '../core/effects.ts';

type Target = {readonly name: string; readonly labels?: Labels};

const agentEvent = (event: string): Target => ({name: 'mesos_master_agent_events_total', labels: {event}});

/** What the core counts, and under which name it is published. */
const COUNTERS: Readonly<Record<Counter, readonly Target[]>> = {
  'offers-sent': [{name: 'mesos_master_offers_total', labels: {event: 'sent'}}],
  'offers-rescinded': [{name: 'mesos_master_offers_total', labels: {event: 'rescinded'}}],
  'offers-timed-out': [{name: 'mesos_master_offers_total', labels: {event: 'timed_out'}}],
  'invalid-offer-operations': [{name: 'mesos_master_invalid_total', labels: {kind: 'offer_operations'}}],
  'tasks-launched': [{name: 'mesos_master_tasks_launched_total'}],
  'invalid-status-update-acknowledgements': [
    {name: 'mesos_master_invalid_total', labels: {kind: 'status_update_acknowledgements'}},
  ],
  'valid-status-update-acknowledgements': [
    {name: 'mesos_master_valid_total', labels: {kind: 'status_update_acknowledgements'}},
  ],
  'agents-registered': [agentEvent('registrations')],
  'agents-reregistered': [agentEvent('reregistrations')],
  'agents-removed': [agentEvent('removals')],
  'agents-unreachable-scheduled': [agentEvent('unreachable_scheduled')],
  'agents-unreachable': [agentEvent('removals/reason_unhealthy'), agentEvent('unreachable_completed')],
  'agents-unreachable-canceled': [agentEvent('unreachable_canceled')],
  'agents-unregistered': [agentEvent('removals/reason_unregistered')],
  'allocation-runs': [{name: 'mesos_allocator_runs_total'}],
};

export function count(metrics: Metrics, {counter, by}: Effect & {readonly kind: 'count'}): void {
  for (const {name, labels} of COUNTERS[counter]) metrics.inc(name, labels, by);
}

/** States that a task ends in. */
export const ENDS: ReadonlySet<string> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

/** `TASK_FAILED` → `failed`. Mesos says `slave` in the names of its metrics. */
const lower = (name: string, prefix: string): string =>
  name.replace(prefix, '').toLowerCase().replaceAll('agent', 'slave');

export function countTask(metrics: Metrics, effect: Effect & {readonly kind: 'count-task'}): void {
  if (!ENDS.has(effect.state)) return;
  const state = lower(effect.state, 'TASK_');
  metrics.inc('mesos_master_tasks_ended_total', {state});
  if (effect.source === '' || effect.reason === '') return;
  const source = lower(effect.source, 'SOURCE_');
  const reason = lower(effect.reason, 'REASON_');
  metrics.inc('mesos_master_task_ends_by_cause_total', {state, source, reason});
}

/** Mesos's metrics still have the names of the messages that schedulers sent before there were calls. */
const MESSAGES: Readonly<Record<SchedulerCall['type'], string | undefined>> = {
  UNKNOWN: undefined,
  SUBSCRIBE: 'register_framework',
  TEARDOWN: 'unregister_framework',
  ACCEPT: 'launch_tasks',
  DECLINE: 'decline_offers',
  REVIVE: 'revive_offers',
  SUPPRESS: 'suppress_offers',
  KILL: 'kill_task',
  SHUTDOWN: undefined,
  ACKNOWLEDGE: 'status_update_acknowledgement',
  RECONCILE: 'reconcile_tasks',
  MESSAGE: 'framework_to_executor',
  REQUEST: 'resource_request',
  ACCEPT_INVERSE_OFFERS: undefined,
  DECLINE_INVERSE_OFFERS: undefined,
  ACKNOWLEDGE_OPERATION_STATUS: 'operation_status_update_acknowledgement',
  RECONCILE_OPERATIONS: 'reconcile_operations',
  UPDATE_FRAMEWORK: undefined,
};

export function countCall(metrics: Metrics, call: SchedulerCall): void {
  const again = call.type === 'SUBSCRIBE' && call.framework_id !== undefined;
  const kind = again ? 'reregister_framework' : MESSAGES[call.type];
  if (kind !== undefined) metrics.inc('mesos_master_messages_total', {kind});
}
