import type {Operation} from '../../../../api/mesos/v1/scheduler.ts';
import type {Turn} from '../turn.ts';
import type {Acceptance} from './acceptance.ts';

/** An operation that this master does not know: dropped; who asked for feedback hears so. */
export function unsupported(turn: Turn, {framework, offer}: Acceptance, {id, type}: Operation): void {
  turn.count('invalid-offer-operations');
  if (id === undefined) return;
  turn.send(framework, {
    type: 'UPDATE_OPERATION_STATUS',
    update_operation_status: {
      status: {
        operation_id: id,
        state: 'OPERATION_ERROR',
        message: `Operation ${type ?? 'UNKNOWN'} is not supported`,
        agent_id: {value: offer.agentId},
      },
    },
  });
}
