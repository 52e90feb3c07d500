import type {Request, RequestHandler, Response} from 'express';
import {decodeSchedulerCall} from '../../../api/mesos/v1/calls.ts';
import type {SchedulerCall, SubscribeCall} from '../../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {SchedulerGate} from '../calls/scheduler-gate.ts';
import type {Sessions} from '../calls/sessions.ts';
import {beginEventResponse} from './event-response.ts';
import {checkAccept, checkContentType, parseBody} from './negotiate.ts';

export type SchedulerEndpointOptions = {
  readonly gate: SchedulerGate;
  readonly sessions: Sessions;
  readonly maxBufferedBytes: number;
};

/** POST /api/v1/scheduler, after the checks that concern leadership, method and content type. */
export function schedulerEndpoint(options: SchedulerEndpointOptions, request: Request, response: Response): void {
  const call = readCall(request);
  if (!call.ok) return refuse(response, call.error);
  if (call.value.type === 'SUBSCRIBE') return subscribe(options, call.value, request, response);
  const done = options.gate.call(call.value, streamIdOf(request));
  if (!done.ok) return refuse(response, done.error);
  response.status(call.value.type === 'UPDATE_FRAMEWORK' ? 200 : 202).end();
}

function readCall(request: Request): Result<SchedulerCall, CallRefused> {
  const body = parseBody(request.body);
  if (!body.ok) return body;
  const call = decodeSchedulerCall(body.value);
  if (!call.ok) return err({status: 400, message: call.error.message});
  const streams = call.value.type === 'SUBSCRIBE' || call.value.type === 'RECONCILE_OPERATIONS';
  const accepted = streams ? checkAccept(request) : ok(undefined);
  return accepted.ok ? call : accepted;
}

function subscribe(
  {gate, sessions, maxBufferedBytes}: SchedulerEndpointOptions,
  call: SubscribeCall,
  request: Request,
  response: Response,
): void {
  request.socket.setNoDelay(true);
  request.socket.setKeepAlive(true);
  const begin = (id: string) => beginEventResponse(response, id, maxBufferedBytes);
  const streamId = gate.subscribe(call, streamIdOf(request), begin);
  if (!streamId.ok) return refuse(response, streamId.error);
  const onClose = () => sessions.lost(streamId.value, 'the connection was closed');
  if (response.destroyed) onClose();
  else response.once('close', onClose);
}

function streamIdOf(request: Request): string | undefined {
  const id = request.headers['mesos-stream-id'];
  return Array.isArray(id) ? id[0] : id;
}

/** The head of every refusal. */
export function refuse(response: Response, {status, message}: CallRefused): void {
  response.status(status).type('text').send(message);
}

/** Refuses a body that is not JSON before it is read. */
export const wantJson: RequestHandler = (request, response, next) => {
  const checked = checkContentType(request);
  if (checked.ok) next();
  else refuse(response, checked.error);
};
