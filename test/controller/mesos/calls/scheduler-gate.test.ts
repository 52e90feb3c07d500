import test from 'ava';
import type {FrameworkCall, SubscribeCall} from '../../../../src/api/mesos/v1/scheduler.ts';
import {SchedulerGate} from '../../../../src/controller/mesos/calls/scheduler-gate.ts';
import {Sessions} from '../../../../src/controller/mesos/calls/sessions.ts';
import {OPEN_GUARD} from '../../../../src/controller/access/guard.ts';
import type {Caller} from '../../../../src/controller/runtime/caller.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

const by = (principal: string | undefined): Caller => ({principal, transport: 'http', address: '10.0.0.1'});
const subscription = (principal?: string): SubscribeCall => ({
  type: 'SUBSCRIBE',
  subscribe: {framework_info: {user: 'u', name: 'f', ...(principal !== undefined && {principal})}},
});
const REVIVE: FrameworkCall = {type: 'REVIVE', framework_id: {value: 'F'}};

/** A gate before one framework, `F`, of `ann`. */
function gate(isConnected = true) {
  const callers: Caller[] = [];
  const sessions = new Sessions(
    new VirtualClock(),
    () => 'new',
    () => undefined,
  );
  const note = (_: unknown, caller: Caller): undefined => void callers.push(caller);
  const made = new SchedulerGate({
    sessions,
    isServing: () => true,
    connectionOf: id =>
      id === 'F'
        ? {streamId: isConnected ? 's' : undefined, info: {user: 'u', name: 'f', principal: 'ann'}}
        : undefined,
    guard: OPEN_GUARD,
    onSubscribe: (_, call, caller) => note(call, caller),
    onCall: note,
    updateProblem: () => undefined,
  });
  const sink = () => ({write: () => true, end: () => undefined});
  return {
    made,
    callers,
    subscribe: (call: SubscribeCall, caller: Caller) => made.subscribe(call, undefined, caller, sink),
  };
}

const subscriptions = {
  'is its own': [by('ann'), 'ann', 'new'],
  'is left out': [by('ann'), undefined, 'new'],
  'is anything, of a caller that has not shown who it is': [by(undefined), 'ann', 'new'],
  "is somebody else's": [by('bob'), 'ann', 400],
} as const;
for (const [title, [caller, principal, want]] of Object.entries(subscriptions)) {
  test(`a subscription whose principal ${title}: ${want}`, async t => {
    const {subscribe, callers} = gate();
    const answer = await subscribe(subscription(principal), caller);
    t.is(answer.ok ? answer.value : answer.error.status, want);
    t.deepEqual(callers, want === 'new' ? [caller] : []);
  });
}

const calls = {
  'its principal': [by('ann'), true, 202],
  'somebody who has not shown who it is': [by(undefined), true, 202],
  'another principal': [by('bob'), true, 400],
  'another principal while it is not connected': [by('bob'), false, 400],
} as const;
for (const [title, [caller, isConnected, want]] of Object.entries(calls)) {
  test(`a call for a framework by ${title}: ${want}`, async t => {
    const {made, callers} = gate(isConnected);
    const answer = await made.call(REVIVE, 's', caller);
    t.is(answer.ok ? 202 : answer.error.status, want);
    t.deepEqual(callers, want === 202 ? [caller] : []);
  });
}
