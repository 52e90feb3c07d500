import {blame} from '../../../../lib/blame.ts';
import {subjectOfFramework} from '../subjects.ts';
import type {FrameworkSpec} from '../../../../allocator/records.ts';
import {toFrameworkId} from '../../../../allocator/ids.ts';
import type {FrameworkInfo} from '../../../../api/mesos/v1/common.ts';
import type {Subscribe, SubscribeCall} from '../../../../api/mesos/v1/scheduler.ts';
import {masterInfoNow} from '../master-info.ts';
import type {Command} from '../commands.ts';
import {readConstraints} from '../offers/constraints.ts';
import {removeFramework} from './framework-removal.ts';
import {subscriptionProblem} from './framework-validation.ts';
import type {FrameworkId, StreamId} from '../ids.ts';
import {rolesOf} from './names.ts';
import {rescindOffer, withdrawOffer, withdrawOffersOf} from '../offers/offers.ts';
import type {Framework, MasterOptions, PendingSubscription} from '../state.ts';
import type {Turn} from '../turn.ts';
import {resendOperationsTo} from '../operations/feedback.ts';
import {resendAll, stopSending} from '../tasks/updates.ts';

// SUBSCRIBE: checked, saved, and only then answered; and what happens when the stream ends.

/** Refuses on the stream, or asks for the framework to be saved; `frameworkSaved` goes on from there. */
export function subscribe(turn: Turn, streamId: StreamId, call: SubscribeCall, principal: string | undefined): void {
  const {master} = turn;
  const given = call.subscribe.framework_info;
  const id = given.id === undefined || given.id.value === '' ? undefined : toFrameworkId(given.id.value);
  const known = id === undefined ? undefined : master.frameworks.get(id);
  const problem = subscribeProblem(turn, known, id, call.subscribe);
  if (problem !== undefined) return refuse(turn, streamId, problem);
  const framework = known ?? newFramework(turn, id, given);
  replacePending(turn, framework);
  save(turn, framework, streamId, call.subscribe, principal);
}

function subscribeProblem(
  turn: Turn,
  known: Framework | undefined,
  id: FrameworkId | undefined,
  body: Subscribe,
): string | undefined {
  if (id !== undefined && turn.master.removedFrameworks.has(id)) return 'Framework has been removed';
  const {principal} = body.framework_info;
  if (known !== undefined && principal !== undefined && principal !== known.info.principal && known.uid !== undefined) {
    return `Changing the framework's principal is not allowed`;
  }
  return subscriptionProblem(body, turn.master.options);
}

function refuse(turn: Turn, streamId: StreamId, message: string): void {
  turn.emit({kind: 'send', streamId, event: {type: 'ERROR', error: {message}}});
  turn.emit({kind: 'close-stream', streamId, reason: message});
}

function newFramework(turn: Turn, given: FrameworkId | undefined, info: FrameworkInfo): Framework {
  const {master, nowMs} = turn;
  const number = given === undefined ? master.nextFramework++ : 0;
  const id = given ?? toFrameworkId(`${master.options.masterId}-${String(number).padStart(4, '0')}`);
  const framework = makeFramework(id, info, nowMs);
  master.frameworks.set(id, framework);
  return framework;
}

/** A framework without a session. */
export const makeFramework = (id: FrameworkId, info: FrameworkInfo, registeredMs: number): Framework => ({
  id,
  info: {...info, id: {value: id}},
  suppressedRoles: new Set(),
  offerConstraints: undefined,
  streamId: undefined,
  pending: undefined,
  uid: undefined,
  inAllocator: false,
  recovered: false,
  registeredMs,
  reregisteredMs: undefined,
  disconnectedMs: undefined,
  unregisteredMs: undefined,
  failoverDeadlineMs: undefined,
  offers: new Map(),
  tasks: new Map(),
  unreachableTasks: new Map(),
  completedTasks: [],
});

/** Only the latest subscription counts. */
function replacePending(turn: Turn, {pending, id}: Framework): void {
  if (pending === undefined) return;
  turn.master.streams.delete(pending.streamId);
  if (!pending.closed) refuse(turn, pending.streamId, `Framework ${id} failed over`);
}

function save(
  turn: Turn,
  framework: Framework,
  streamId: StreamId,
  body: Subscribe,
  principal: string | undefined,
): void {
  const info = mergedInfo(framework, body.framework_info, principal);
  const pending: PendingSubscription = {
    streamId,
    saveId: turn.master.nextSave++,
    info,
    suppressedRoles: body.suppressed_roles ?? [],
    offerConstraints: body.offer_constraints,
    closed: false,
  };
  framework.pending = pending;
  turn.master.streams.set(streamId, framework.id);
  emitSave(turn, framework.id, pending);
}

const emitSave = (
  turn: Turn,
  frameworkId: FrameworkId,
  {saveId, info, suppressedRoles}: Pick<PendingSubscription, 'saveId' | 'info' | 'suppressedRoles'>,
): void => turn.emit({kind: 'save-framework', frameworkId, saveId, info, suppressedRoles});

/** `user`, `checkpoint` and `principal` stay what they were; the rest is as the framework says now. */
function mergedInfo(framework: Framework, given: FrameworkInfo, principal: string | undefined): FrameworkInfo {
  const fixed = framework.uid === undefined ? given : framework.info;
  const owner = fixed.principal ?? principal;
  return {
    ...given,
    id: {value: framework.id},
    user: fixed.user,
    checkpoint: fixed.checkpoint ?? false,
    ...(owner !== undefined && {principal: owner}),
  };
}

/** The framework is in Kubernetes: its waiting subscription becomes a session. */
export function frameworkSaved(turn: Turn, {frameworkId, saveId, uid}: Command & {kind: 'framework-saved'}): void {
  const framework = turn.master.frameworks.get(frameworkId);
  if (framework === undefined) {
    // Removed while it was being saved: the object must not bring it back.
    if (turn.master.removedFrameworks.has(frameworkId)) turn.emit({kind: 'delete-framework', frameworkId});
    return;
  }
  framework.uid = uid;
  const {pending} = framework;
  if (pending?.saveId !== saveId) return;
  framework.pending = undefined;
  beginSession(turn, framework, pending);
  if (pending.closed) disconnected(turn, pending.streamId);
}

/** The framework could not be saved: the subscriber hears why, and may try again. */
export function frameworkNotSaved(turn: Turn, command: Command & {kind: 'framework-not-saved'}): void {
  const framework = turn.master.frameworks.get(command.frameworkId);
  if (framework?.pending?.saveId !== command.saveId) return;
  const {streamId, closed} = framework.pending;
  framework.pending = undefined;
  turn.master.streams.delete(streamId);
  if (!closed) refuse(turn, streamId, `Failed to save the framework: ${command.message}`);
  if (framework.uid === undefined) turn.master.frameworks.delete(framework.id);
}

function beginSession(turn: Turn, framework: Framework, pending: PendingSubscription): void {
  const returns = framework.inAllocator;
  rescindOfOtherRoles(turn, framework, rolesOf(pending.info));
  endOldSession(turn, framework);
  applyInfo(turn, framework, pending);
  framework.streamId = pending.streamId;
  framework.recovered = false;
  framework.disconnectedMs = undefined;
  framework.failoverDeadlineMs = undefined;
  if (returns) framework.reregisteredMs = turn.nowMs;
  greet(turn, framework);
  if (returns) turn.master.allocator.activateFramework(framework.id);
  resendAll(turn, framework);
  resendOperationsTo(turn, framework.id);
  turn.touch(framework.id);
  const {name} = framework.info;
  turn.note('info', returns ? 'framework resubscribed' : 'framework subscribed', {frameworkId: framework.id, name});
}

function greet(turn: Turn, framework: Framework): void {
  const {heartbeatIntervalSeconds} = turn.master.options;
  turn.send(framework, {
    type: 'SUBSCRIBED',
    subscribed: {
      framework_id: {value: framework.id},
      heartbeat_interval_seconds: heartbeatIntervalSeconds,
      master_info: masterInfoNow(turn.master),
    },
  });
}

/** A new session takes over: the old one's offers are void without a word and without filters. */
function endOldSession(turn: Turn, framework: Framework): void {
  if (framework.inAllocator) turn.master.allocator.deactivateFramework(framework.id);
  for (const id of [...framework.offers.keys()]) withdrawOffer(turn, id);
  const {streamId} = framework;
  if (streamId === undefined) return;
  framework.streamId = undefined;
  turn.master.streams.delete(streamId);
  refuse(turn, streamId, 'Framework failed over');
}

/** Info, suppressed roles and constraints from a subscription or an update, also for the allocator. */
export function applyInfo(
  turn: Turn,
  framework: Framework,
  next: Pick<PendingSubscription, 'info' | 'suppressedRoles' | 'offerConstraints'>,
): void {
  framework.info = next.info;
  framework.suppressedRoles = new Set(next.suppressedRoles);
  framework.offerConstraints = next.offerConstraints;
  const {allocator, options} = turn.master;
  if (framework.inAllocator) allocator.updateFramework(allocatorSpec(framework, options));
  else allocator.addFramework(allocatorSpec(framework, options), true);
  framework.inAllocator = true;
  rescindOfOtherRoles(turn, framework, rolesOf(framework.info));
}

/** Offers of roles that the framework has left; a session that is about to end is told so, too. */
function rescindOfOtherRoles(turn: Turn, {offers}: Framework, roles: readonly string[]): void {
  for (const offer of [...offers.values()]) {
    if (!roles.includes(offer.role)) rescindOffer(turn, offer.id);
  }
}

/** What the allocator must know of a framework. */
export function allocatorSpec(
  {id, info, suppressedRoles, offerConstraints}: Framework,
  {patternLimits}: MasterOptions,
): FrameworkSpec {
  const constraints = readConstraints(offerConstraints, rolesOf(info), patternLimits);
  const minimums = Object.entries(info.offer_filters ?? {}).flatMap(([role, {min_allocatable_resources: min}]) =>
    min === undefined ? [] : [[role, (min.quantities ?? []).map(({quantities}) => toMap(quantities))] as const],
  );
  return {
    frameworkId: id,
    roles: rolesOf(info),
    suppressedRoles,
    capabilities: (info.capabilities ?? []).flatMap(({type}) => (type === undefined ? [] : [type])),
    minAllocatable: new Map(minimums),
    ...(constraints.ok && {offerConstraints: constraints.value}),
  };
}

const toMap = (quantities: Readonly<Record<string, {readonly value: number}>> = {}): ReadonlyMap<string, number> =>
  new Map(Object.entries(quantities).map(([name, {value}]) => [name, value]));

/** UPDATE_FRAMEWORK, checked before by `updateProblem`: like a subscription, but stream and offers stay. */
export function updateFramework(turn: Turn, framework: Framework, body: Subscribe): void {
  const next = {
    saveId: turn.master.nextSave++,
    info: mergedInfo(framework, body.framework_info, undefined),
    suppressedRoles: body.suppressed_roles ?? [],
    offerConstraints: body.offer_constraints,
  };
  applyInfo(turn, framework, next);
  emitSave(turn, framework.id, next);
  turn.touch(framework.id);
}

/** A stream's connection ended: no offers any more; tasks go on until the failover timeout. */
export function disconnected(turn: Turn, streamId: StreamId): void {
  const {master} = turn;
  const framework = master.frameworks.get(master.streams.get(streamId) ?? toFrameworkId(''));
  if (framework === undefined) return;
  if (framework.pending?.streamId === streamId) {
    framework.pending.closed = true;
    return;
  }
  master.streams.delete(streamId);
  if (framework.streamId !== streamId) return;
  framework.streamId = undefined;
  framework.disconnectedMs = turn.nowMs;
  master.allocator.deactivateFramework(framework.id);
  withdrawOffersOf(turn, framework);
  stopSending(turn, framework);
  const timeoutMs = failoverMs(framework.info);
  framework.failoverDeadlineMs = turn.nowMs + timeoutMs;
  turn.touch(framework.id);
  turn.note('info', 'framework disconnected', {
    frameworkId: framework.id,
    ...(Number.isFinite(timeoutMs) && {failoverMs: timeoutMs}),
  });
  removeOverdue(turn, framework);
}

/** With a negative timeout a framework is waited for as long as it takes, as in Mesos. */
export function failoverMs({failover_timeout = 0}: FrameworkInfo): number {
  return failover_timeout < 0 ? Number.POSITIVE_INFINITY : failover_timeout * 1000;
}

/** Frameworks that did not come back in time are removed as by TEARDOWN. */
export function removeOverdueFrameworks(turn: Turn): void {
  for (const framework of [...turn.master.frameworks.values()]) {
    blame(subjectOfFramework(framework.id), () => removeOverdue(turn, framework));
  }
}

function removeOverdue(turn: Turn, framework: Framework): void {
  const {failoverDeadlineMs, pending, streamId} = framework;
  if (failoverDeadlineMs === undefined || failoverDeadlineMs > turn.nowMs) return;
  if (streamId === undefined && pending === undefined) removeFramework(turn, framework, 'Framework failover timeout');
}
