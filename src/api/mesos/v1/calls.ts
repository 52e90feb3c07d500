import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import {decodeJson} from './json.ts';
import {OPERATOR_BODIES, operatorCallSchema} from './operator.ts';
import type {OperatorCall, OperatorCallMessage} from './operator.ts';
import {schedulerCallSchema} from './scheduler.ts';
import type {SchedulerCall, SchedulerCallMessage} from './scheduler.ts';
import {trimEndOf} from '../../../lib/trim.ts';

// From a decoded message to a call whose structure can be relied on. Both failures are answered with 400.

/** `unparsable`: not such a message at all. `invalid`: a message, but not a call; the text has the original's prefix. */
export type CallError = {readonly kind: 'unparsable' | 'invalid'; readonly message: string};

/** The field that carries a call's body, by type; calls without an entry have none. */
const BODIES = {
  SUBSCRIBE: 'subscribe',
  ACCEPT: 'accept',
  DECLINE: 'decline',
  KILL: 'kill',
  SHUTDOWN: 'shutdown',
  ACKNOWLEDGE: 'acknowledge',
  RECONCILE: 'reconcile',
  MESSAGE: 'message',
  REQUEST: 'request',
  ACCEPT_INVERSE_OFFERS: 'accept_inverse_offers',
  DECLINE_INVERSE_OFFERS: 'decline_inverse_offers',
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledge_operation_status',
  RECONCILE_OPERATIONS: 'reconcile_operations',
  UPDATE_FRAMEWORK: 'update_framework',
} as const satisfies Record<string, keyof SchedulerCallMessage>;

/** Parsed JSON to a scheduler call. */
export function decodeSchedulerCall(json: unknown): Result<SchedulerCall, CallError> {
  const decoded = decodeJson(schedulerCallSchema, json);
  return decoded.ok ? validateSchedulerCall(decoded.value) : err({kind: 'unparsable', message: decoded.error});
}

/** A message, from whatever encoding, to a scheduler call. */
export function validateSchedulerCall(message: SchedulerCallMessage): Result<SchedulerCall, CallError> {
  const problem = schedulerCallProblem(message);
  if (problem !== undefined) {
    return err({kind: 'invalid', message: `Failed to validate scheduler::Call: ${problem}`});
  }
  // schedulerCallProblem has checked what the union demands.
  return ok(message as SchedulerCall);
}

function schedulerCallProblem(call: SchedulerCallMessage): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  const body: keyof SchedulerCallMessage | undefined = Object.entries(BODIES).find(([type]) => type === call.type)?.[1];
  if (call.type === 'SUBSCRIBE') return subscribeProblem(call);
  if (call.framework_id === undefined) return "Expecting 'framework_id' to be present";
  if (body !== undefined && call[body] === undefined) return `Expecting '${body}' to be present`;
  return acknowledgeProblem(call) ?? updateFrameworkProblem(call);
}

function subscribeProblem(call: SchedulerCallMessage): string | undefined {
  if (call.subscribe === undefined) return "Expecting 'subscribe' to be present";
  return call.framework_id?.value === call.subscribe.framework_info.id?.value
    ? undefined
    : "'framework_id' differs from 'subscribe.framework_info.id'";
}

function updateFrameworkProblem(call: SchedulerCallMessage): string | undefined {
  if (call.type !== 'UPDATE_FRAMEWORK') return undefined;
  return call.framework_id?.value === call.update_framework?.framework_info.id?.value
    ? undefined
    : "'framework_id' differs from 'update_framework.framework_info.id'";
}

function acknowledgeProblem(call: SchedulerCallMessage): string | undefined {
  const body = call.type === 'ACKNOWLEDGE' ? call.acknowledge : undefined;
  const operation = call.type === 'ACKNOWLEDGE_OPERATION_STATUS' ? call.acknowledge_operation_status : undefined;
  const uuid = body?.uuid ?? operation?.uuid;
  if (uuid !== undefined && base64Length(uuid) !== 16) return `Not a valid UUID: '${uuid.slice(0, 60)}'`;
  if (operation !== undefined && operation.agent_id === undefined) return "Expecting 'agent_id' to be present";
  return undefined;
}

const base64Length = (text: string): number => Math.floor((trimEndOf(text, '=').length * 3) / 4);

/** Parsed JSON to an operator call. */
export function decodeOperatorCall(json: unknown): Result<OperatorCall, CallError> {
  const decoded = decodeJson(operatorCallSchema, json);
  return decoded.ok ? validateOperatorCall(decoded.value) : err({kind: 'unparsable', message: decoded.error});
}

/** A message, from whatever encoding, to an operator call. */
export function validateOperatorCall(call: OperatorCallMessage): Result<OperatorCall, CallError> {
  const invalid = (problem: string): Result<OperatorCall, CallError> =>
    err({kind: 'invalid', message: `Failed to validate master::Call: ${problem}`});
  if (call.type === undefined) return invalid("Expecting 'type' to be present");
  const body: keyof OperatorCallMessage | undefined = Object.entries(OPERATOR_BODIES).find(
    ([type]) => type === call.type,
  )?.[1];
  if (body !== undefined && call[body] === undefined) return invalid(`Expecting '${body}' to be present`);
  return ok(call as OperatorCall);
}
