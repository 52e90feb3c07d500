import type {Request} from 'express';
import {decodeSchedulerCall} from '../../../api/mesos/v1/calls.ts';
import type {SchedulerCall, SubscribeCall} from '../../../api/mesos/v1/scheduler.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Exchange} from '../../web/route.ts';
import type {Serving} from '../calls/transports.ts';
import {NOT_LEADING, refuse} from './answers.ts';
import {beginEventResponse} from './event-response.ts';
import type {MasterDoors, MasterRoute} from './master-doors.ts';
import {checkAccept} from './negotiate.ts';

/** The scheduler API. */
export const SCHEDULER_ROUTE: MasterRoute = {
  method: 'POST',
  path: '/api/v1/scheduler',
  does: 'Performs a call of a framework; SUBSCRIBE answers with a stream of events.',
  permission: 'run-tasks',
  answeredBy: 'leader-by-redirect',
  body: {kind: 'json'},
  handle: perform,
};

function perform(exchange: Exchange, {serving, maxBufferedBytes}: MasterDoors): void {
  const {request, response} = exchange;
  const served = serving();
  if (served === undefined) return refuse(response, NOT_LEADING);
  const call = readCall(exchange);
  if (!call.ok) return refuse(response, call.error);
  if (call.value.type === 'SUBSCRIBE') return subscribe(served, call.value, exchange, maxBufferedBytes);
  const done = served.scheduler.call(call.value, streamIdOf(request));
  if (!done.ok) return refuse(response, done.error);
  response.status(call.value.type === 'UPDATE_FRAMEWORK' ? 200 : 202).end();
}

function readCall({request, body}: Exchange): Result<SchedulerCall, CallRefused> {
  const call = decodeSchedulerCall(body);
  if (!call.ok) return err({status: 400, message: call.error.message});
  const streams = call.value.type === 'SUBSCRIBE' || call.value.type === 'RECONCILE_OPERATIONS';
  const accepted = streams ? checkAccept(request) : ok(undefined);
  return accepted.ok ? call : accepted;
}

function subscribe(
  {scheduler, sessions}: Serving,
  call: SubscribeCall,
  {request, response}: Exchange,
  maxBufferedBytes: number,
): void {
  request.socket.setNoDelay(true);
  request.socket.setKeepAlive(true);
  const begin = (id: string) => beginEventResponse(response, id, maxBufferedBytes);
  const streamId = scheduler.subscribe(call, streamIdOf(request), begin);
  if (!streamId.ok) return refuse(response, streamId.error);
  const onClose = () => sessions.lost(streamId.value, 'the connection was closed');
  if (response.destroyed) onClose();
  else response.once('close', onClose);
}

function streamIdOf(request: Request): string | undefined {
  const id = request.headers['mesos-stream-id'];
  return Array.isArray(id) ? id[0] : id;
}
