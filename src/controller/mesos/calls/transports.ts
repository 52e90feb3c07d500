import {decodeOperatorCall, decodeSchedulerCall} from '../../../api/mesos/v1/calls.ts';
import type {SchedulerCall, SchedulerEvent} from '../../../api/mesos/v1/scheduler.ts';
import type {
  CallRefused,
  OperatorTransport,
  SchedulerListener,
  SchedulerSession,
  SchedulerTransport,
} from '../../../api/mesos/v1/transport.ts';
import type {Logger} from '../../../kube/log.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {Caller} from '../../runtime/caller.ts';
import type {OperatorGate} from './operator-gate.ts';
import type {SchedulerGate} from './scheduler-gate.ts';
import type {EventSink, Sessions} from './sessions.ts';

/** What serves calls at the moment; undefined while this process does not lead. */
export type Serving = {
  readonly scheduler: SchedulerGate;
  readonly operator: OperatorGate;
  readonly sessions: Sessions;
};

const IN_PROCESS: Caller = {principal: undefined, transport: 'in-process'};

const notServing = {status: 503, message: 'This master does not lead'};

/** The scheduler API for frameworks in this process: the same decoding, the same checks, no HTTP. */
export function schedulerTransport(serving: () => Serving | undefined, log: Logger): SchedulerTransport {
  return {
    subscribe: async (call, listener) => {
      const served = serving();
      if (served === undefined) return err(notServing);
      const decoded = decode(call);
      if (!decoded.ok) return decoded;
      if (decoded.value.type !== 'SUBSCRIBE') return err({status: 400, message: 'Expecting a SUBSCRIBE call'});
      const sink = listenerSink(listener, log);
      const streamId = await served.scheduler.subscribe(decoded.value, undefined, IN_PROCESS, () => sink);
      return streamId.ok ? ok(session(served, streamId.value)) : streamId;
    },
  };
}

const session = ({scheduler, sessions}: Serving, streamId: string): SchedulerSession => ({
  streamId,
  call: async call => {
    const decoded = decode(call);
    if (!decoded.ok) return decoded;
    if (decoded.value.type === 'SUBSCRIBE') return err({status: 400, message: 'Subscribed already'});
    return scheduler.call(decoded.value, streamId, IN_PROCESS);
  },
  close: () => sessions.lost(streamId, 'the scheduler closed the stream'),
});

/** A message of the API looks in memory as it does in JSON. */
function decode(call: SchedulerCall): Result<SchedulerCall, CallRefused> {
  const decoded = decodeSchedulerCall(call);
  return decoded.ok ? decoded : err({status: 400, message: decoded.error.message});
}

/** Events arrive later than the call that caused them, as over HTTP: no framework runs inside the master's step. */
function listenerSink(listener: SchedulerListener, log: Logger): EventSink {
  let waiting: (() => void)[] = [];
  const later = (deliver: () => void): void => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(deliver);
  };
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    for (const deliver of batch) guard(deliver, log);
  };
  return {
    write: (event: SchedulerEvent) => {
      later(() => listener.onEvent(event));
      return true;
    },
    end: reason => later(() => listener.onClosed(reason)),
  };
}

/** A bug in a framework is not the master's. */
function guard(deliver: () => void, log: Logger): void {
  try {
    deliver();
  } catch (error) {
    log.error('a framework in this process failed to take an event', {error});
  }
}

/** The operator API for callers in this process. */
export function operatorTransport(serving: () => Serving | undefined): OperatorTransport {
  return {
    call: async call => {
      const served = serving();
      if (served === undefined) return err(notServing);
      const decoded = decodeOperatorCall(call);
      if (!decoded.ok) return err({status: 400, message: decoded.error.message});
      if (decoded.value.type === 'SUBSCRIBE') return err({status: 501, message: 'A stream needs a connection'});
      return served.operator.call(decoded.value, IN_PROCESS);
    },
  };
}
