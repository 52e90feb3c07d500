import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import type {Result} from '../../../lib/result.ts';
import type {Exchange} from '../../web/route.ts';
import type {AnsweredCall} from '../calls/operator-gate.ts';
import {NOT_LEADING, refuse} from './answers.ts';
import type {MasterDoors} from './master-doors.ts';

export type ReadCall = (exchange: Exchange) => Result<AnsweredCall, CallRefused>;

/** Performs what an older page asks for as the call of the v1 API that it is. @param status of success */
export const performs =
  (read: ReadCall, status = 200) =>
  async (exchange: Exchange, {serving}: MasterDoors): Promise<void> => {
    const {response, caller} = exchange;
    const served = serving();
    if (served === undefined) return refuse(response, NOT_LEADING);
    const call = read(exchange);
    if (!call.ok) return refuse(response, call.error);
    const answer = await served.operator.call(call.value, caller);
    if (answer.ok) response.status(status).end();
    else refuse(response, answer.error);
  };
