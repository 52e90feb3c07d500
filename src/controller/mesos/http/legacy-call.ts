import type {Response} from 'express';
import type {OperatorCall} from '../../../api/mesos/v1/operator.ts';
import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import type {Result} from '../../../lib/result.ts';
import type {MasterRouterOptions} from './router-options.ts';
import {refuse} from './scheduler.ts';

export const NOT_LEADING = {status: 503, message: 'This master does not lead any more'};

/** Performs what an older page asks for as the call of the v1 API that it is. @param status of success */
export async function performCall(
  {serving}: MasterRouterOptions,
  call: Result<OperatorCall, CallRefused>,
  response: Response,
  status = 200,
): Promise<void> {
  const served = serving();
  if (served === undefined) return refuse(response, NOT_LEADING);
  if (!call.ok) return refuse(response, call.error);
  const answer = await served.operator.call(call.value);
  if (answer.ok) response.status(status).end();
  else refuse(response, answer.error);
}
