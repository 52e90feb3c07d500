import type {CallRefused} from '../../../api/mesos/v1/transport.ts';
import {explainKubeError} from '../../../kube/kube-error.ts';
import type {WriteOptions} from '../../runtime/outbox.ts';
import type {Outcome} from '../../runtime/write.ts';

/** A caller waits for its write no longer than this. */
export const FOR_A_CALLER: WriteOptions = {withinMs: 10_000};

/** The answer to a call whose write did not happen. @param what is not written, for people */
export const notWritten = (what: string, outcome: Exclude<Outcome, {readonly kind: 'done'}>): CallRefused => ({
  status: 503,
  message: `${what} could not be written: ${outcome.kind === 'lost' ? 'this master is stopping or being rebuilt' : explainKubeError(outcome.error)}`,
});
