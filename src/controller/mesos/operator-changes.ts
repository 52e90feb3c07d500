import type {OperatorResponse} from '../../api/mesos/v1/operator.ts';
import type {CallRefused} from '../../api/mesos/v1/transport.ts';
import {err, type Result} from '../../lib/result.ts';
import type {ChangeCall} from './operator-gate.ts';

/** An answer to an operator's change: made when the change is durable and seen by the owner. */
export type Changed = Result<OperatorResponse, CallRefused>;

/** Performs the calls of the operator API that change something. */
export class OperatorChanges {
  async perform(call: ChangeCall): Promise<Changed> {
    return err({status: 501, message: `${call.type} is not served`});
  }
}
