import type {Request, Response} from 'express';
import {encodeJson} from '../../../api/mesos/v1/json.ts';
import {operatorResponseSchema} from '../../../api/mesos/v1/operator.ts';
import type {OperatorGate} from '../calls/operator-gate.ts';
import {checkAccept, parseBody} from './negotiate.ts';
import {refuse} from './scheduler.ts';

/** Mesos answers these before the agent has done them. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'RESERVE_RESOURCES',
  'UNRESERVE_RESOURCES',
  'CREATE_VOLUMES',
  'DESTROY_VOLUMES',
  'GROW_VOLUME',
  'SHRINK_VOLUME',
]);

/** POST /api/v1, after the checks that concern leadership, method and content type. */
export async function operatorEndpoint(gate: OperatorGate, request: Request, response: Response): Promise<void> {
  const body = parseBody(request.body);
  if (!body.ok) return refuse(response, body.error);
  const call = gate.decode(body.value);
  if (!call.ok) return refuse(response, call.error);
  const accepted = checkAccept(request);
  if (!accepted.ok) return refuse(response, accepted.error);
  const answer = await gate.call(call.value);
  if (!answer.ok) return refuse(response, answer.error);
  if (answer.value.type === undefined) response.status(OPERATIONS.has(call.value.type) ? 202 : 200).end();
  else response.json(encodeJson(operatorResponseSchema, answer.value));
}
