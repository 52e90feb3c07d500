import type {Response} from 'express';
import {validateOperatorCall} from '../../../api/mesos/v1/calls.ts';
import type {Encoding} from '../../../api/mesos/v1/encodings.ts';
import {
  type OperatorCall,
  operatorCallSchema,
  type OperatorResponse,
  operatorResponseSchema,
} from '../../../api/mesos/v1/operator.ts';
import {operatorEventSchema} from '../../../api/mesos/v1/operator-events.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, type Result} from '../../../lib/result.ts';
import type {Permission} from '../../web/permissions.ts';
import type {Exchange} from '../../web/route.ts';
import type {OperatorGate} from '../calls/operator-gate.ts';
import {NOT_LEADING, refuse} from './answers.ts';
import {beginEventResponse} from './event-response.ts';
import type {MasterRoute} from './master-doors.ts';
import {answerEncoding, CALL_BODY, MESSAGE_TYPES, readMessage} from './negotiate.ts';

/** Mesos answers these before the agent has done them. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'RESERVE_RESOURCES',
  'UNRESERVE_RESOURCES',
  'CREATE_VOLUMES',
  'DESTROY_VOLUMES',
  'GROW_VOLUME',
  'SHRINK_VOLUME',
]);

/** What each call needs. */
export const OPERATOR_CALLS: Readonly<Record<OperatorCall['type'], Permission>> = {
  UNKNOWN: 'open',
  SUBSCRIBE: 'view',
  GET_LOGGING_LEVEL: 'view-process',
  SET_LOGGING_LEVEL: 'operate-masters',
  LIST_FILES: 'view-process',
  READ_FILE: 'view-process',
  GET_HEALTH: 'open',
  GET_VERSION: 'open',
  GET_MASTER: 'open',
  GET_FLAGS: 'view-process',
  GET_METRICS: 'view-process',
  GET_STATE: 'view',
  GET_AGENTS: 'view',
  GET_FRAMEWORKS: 'view',
  GET_EXECUTORS: 'view',
  GET_TASKS: 'view',
  GET_ROLES: 'view',
  GET_WEIGHTS: 'view',
  GET_QUOTA: 'view',
  GET_OPERATIONS: 'view',
  GET_MAINTENANCE_STATUS: 'view',
  GET_MAINTENANCE_SCHEDULE: 'view',
  UPDATE_WEIGHTS: 'change-quota',
  UPDATE_QUOTA: 'change-quota',
  SET_QUOTA: 'change-quota',
  REMOVE_QUOTA: 'change-quota',
  RESERVE_RESOURCES: 'change-reservations',
  UNRESERVE_RESOURCES: 'change-reservations',
  CREATE_VOLUMES: 'change-reservations',
  DESTROY_VOLUMES: 'change-reservations',
  GROW_VOLUME: 'change-reservations',
  SHRINK_VOLUME: 'change-reservations',
  UPDATE_MAINTENANCE_SCHEDULE: 'operate-agents',
  START_MAINTENANCE: 'operate-agents',
  STOP_MAINTENANCE: 'operate-agents',
  MARK_AGENT_GONE: 'operate-agents',
  DRAIN_AGENT: 'operate-agents',
  DEACTIVATE_AGENT: 'operate-agents',
  REACTIVATE_AGENT: 'operate-agents',
  TEARDOWN: 'end-frameworks',
};

/** The operator API. */
export const OPERATOR_ROUTE: MasterRoute = {
  method: 'POST',
  // Clients that ask `/api/v1/operator` are served, as in Mesos.
  path: '/api/v1/{rest*}',
  does: 'Performs a call of the operator API: reads the cluster, or changes agents, roles, reservations.',
  permission: 'by-call',
  answeredBy: 'leader-by-redirect',
  body: CALL_BODY,
  answers: MESSAGE_TYPES,
  handle: async (exchange, {serving, maxBufferedBytes}) => {
    const {request, response, body, caller} = exchange;
    const gate = serving()?.operator;
    if (gate === undefined) return refuse(response, NOT_LEADING);
    const call = readCall(body);
    if (!call.ok) return refuse(response, call.error);
    const encoding = answerEncoding(request);
    if (!encoding.ok) return refuse(response, encoding.error);
    if (call.value.type === 'SUBSCRIBE') return await subscribe(gate, exchange, encoding.value, maxBufferedBytes);
    const answer = await gate.call(call.value, caller);
    if (!answer.ok) return refuse(response, answer.error);
    if (answer.value.type === undefined) response.status(OPERATIONS.has(call.value.type) ? 202 : 200).end();
    else sendMessage(response, encoding.value, answer.value);
  },
};

function readCall(body: unknown): Result<OperatorCall, CallRefused> {
  const message = readMessage(operatorCallSchema, body);
  if (!message.ok) return message;
  const call = validateOperatorCall(message.value);
  return call.ok ? call : err({status: 400, message: call.error.message});
}

async function subscribe(
  gate: OperatorGate,
  {request, response, caller}: Exchange,
  encoding: Encoding,
  maxBufferedBytes: number,
): Promise<void> {
  request.socket.setNoDelay(true);
  request.socket.setKeepAlive(true);
  const opened = await gate.subscribe(caller, () =>
    beginEventResponse(response, {schema: operatorEventSchema, encoding, headers: {}, maxBufferedBytes}),
  );
  if (!opened.ok) return refuse(response, opened.error);
  const leave = () => gate.left(opened.value);
  if (response.destroyed) leave();
  else response.once('close', leave);
}

function sendMessage(response: Response, encoding: Encoding, answer: OperatorResponse): void {
  const bytes = encoding.encode(operatorResponseSchema, answer);
  // Not by `set`, which would add a charset.
  response.setHeader('Content-Type', encoding.type);
  response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
