import type {Request} from 'express';
import {validateSchedulerCall} from '../../../api/mesos/v1/calls.ts';
import {
  type FrameworkCall,
  type SchedulerCall,
  schedulerCallSchema,
  schedulerEventSchema,
  type SubscribeCall,
} from '../../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, type Result} from '../../../lib/result.ts';
import type {Exchange} from '../../web/route.ts';
import type {Serving} from '../calls/transports.ts';
import {NOT_LEADING, refuse} from './answers.ts';
import {beginEventResponse} from './event-response.ts';
import type {MasterDoors, MasterRoute} from './master-doors.ts';
import {answerEncoding, CALL_BODY, MESSAGE_TYPES, readMessage} from './negotiate.ts';

/** The scheduler API. */
export const SCHEDULER_ROUTE: MasterRoute = {
  method: 'POST',
  // Mesos takes the longest path that a request begins with.
  path: '/api/v1/scheduler/{rest*}',
  does: 'Performs a call of a framework; SUBSCRIBE answers with a stream of events.',
  permission: 'run-tasks',
  answeredBy: 'leader-by-redirect',
  body: CALL_BODY,
  answers: MESSAGE_TYPES,
  handle: perform,
};

async function perform(exchange: Exchange, {serving, maxBufferedBytes}: MasterDoors): Promise<void> {
  const {response, body} = exchange;
  const served = serving();
  if (served === undefined) return refuse(response, NOT_LEADING);
  const call = readCall(body);
  if (!call.ok) return refuse(response, call.error);
  if (call.value.type === 'SUBSCRIBE') return subscribe(served, call.value, exchange, maxBufferedBytes);
  const done = await take(served, call.value, exchange);
  if (!done.ok) return refuse(response, done.error);
  response.status(call.value.type === 'UPDATE_FRAMEWORK' ? 200 : 202).end();
}

function readCall(body: unknown): Result<SchedulerCall, CallRefused> {
  const message = readMessage(schedulerCallSchema, body);
  if (!message.ok) return message;
  const call = validateSchedulerCall(message.value);
  return call.ok ? call : err({status: 400, message: call.error.message});
}

async function take(
  {scheduler}: Serving,
  call: FrameworkCall,
  {request, caller}: Exchange,
): Promise<Result<void, CallRefused>> {
  // The only other call that Mesos meant to answer with a message.
  const accepted = call.type === 'RECONCILE_OPERATIONS' ? answerEncoding(request) : undefined;
  return accepted?.ok === false ? accepted : scheduler.call(call, streamIdOf(request), caller);
}

async function subscribe(
  {scheduler, sessions}: Serving,
  call: SubscribeCall,
  {request, response, caller}: Exchange,
  maxBufferedBytes: number,
): Promise<void> {
  const encoding = answerEncoding(request);
  if (!encoding.ok) return refuse(response, encoding.error);
  request.socket.setNoDelay(true);
  request.socket.setKeepAlive(true);
  const streamId = await scheduler.subscribe(call, streamIdOf(request), caller, id =>
    beginEventResponse(response, {
      schema: schedulerEventSchema,
      encoding: encoding.value,
      headers: {'Mesos-Stream-Id': id},
      maxBufferedBytes,
    }),
  );
  if (!streamId.ok) return refuse(response, streamId.error);
  const onClose = () => sessions.lost(streamId.value, 'the connection was closed');
  if (response.destroyed) onClose();
  else response.once('close', onClose);
}

function streamIdOf(request: Request): string | undefined {
  const id = request.headers['mesos-stream-id'];
  return Array.isArray(id) ? id[0] : id;
}
