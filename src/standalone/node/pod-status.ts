import {type ContainerState, type ContainerStatus, isSidecar, type PodCondition} from './pod.ts';
import type {PodPhase, PodStatus} from './pod.ts';
import type {ContainerView, PodView, Termination} from './pod-machine.ts';

/** What the status says besides the containers. */
export type PodVerdict = {
  readonly phase: PodPhase;
  /** Why the pod failed as a whole: `Evicted`-like words such as `OutOfcpu`, `NodeShutdown`, `DeadlineExceeded`. */
  readonly reason?: string;
  readonly message?: string;
  readonly startedAtMs: number;
  /** The pod was stopped: containers that never ran are reported as ended. */
  readonly over: boolean;
};

const KILLED = 137;

/**
 * The status of a pod.
 *
 * @param ip       the address of the node, which is the pod's too
 * @param previous what was reported before: times of transition are kept, and conditions of others
 */
export function podStatus(
  view: PodView,
  verdict: PodVerdict,
  ip: string,
  previous: PodStatus,
  nowMs: number,
): PodStatus {
  const status = (each: ContainerView): ContainerStatus => containerStatus(each, view, verdict, nowMs);
  return {
    phase: verdict.phase,
    ...(verdict.reason !== undefined && {reason: verdict.reason}),
    ...(verdict.message !== undefined && {message: verdict.message}),
    conditions: mergeConditions(conditionsOf(view, verdict), previous.conditions ?? [], nowMs),
    hostIP: ip,
    hostIPs: [{ip}],
    podIP: ip,
    podIPs: [{ip}],
    startTime: iso(verdict.startedAtMs),
    ...(view.inits.length > 0 && {initContainerStatuses: view.inits.map(status)}),
    containerStatuses: view.mains.map(status),
  };
}

function containerStatus(each: ContainerView, view: PodView, verdict: PodVerdict, nowMs: number): ContainerStatus {
  const {container, state, last, restarts} = each;
  const id = state.kind === 'running' ? state.containerId : state.kind === 'ended' ? state.termination.containerId : '';
  return {
    name: container.name,
    state: containerState(each, view, verdict, nowMs),
    ...(last !== undefined && {lastState: {terminated: terminated(last)}}),
    ready: isReady(each) || (view.inits.includes(each) && isDone(each)),
    started: state.kind === 'running' && state.started,
    restartCount: restarts,
    image: container.image ?? '',
    imageID: '',
    ...(id && {containerID: id}),
  };
}

const isDone = ({container, state}: ContainerView): boolean =>
  !isSidecar(container) && state.kind === 'ended' && state.termination.exitCode === 0;

const isReady = ({state}: ContainerView): boolean => state.kind === 'running' && state.ready;

function containerState(each: ContainerView, view: PodView, verdict: PodVerdict, nowMs: number): ContainerState {
  const {state} = each;
  if (state.kind === 'running') return {running: {startedAt: iso(state.startedAtMs)}};
  if (state.kind === 'ended') return ended(each, state.termination, verdict);
  if (verdict.over) return {terminated: neverRan(verdict, nowMs)};
  const initialised = view.inits.every(init => init.state.kind === 'ended' || isSidecar(init.container));
  return {waiting: {reason: initialised ? 'ContainerCreating' : 'PodInitializing'}};
}

/** An ended container that will be started again waits. */
function ended(each: ContainerView, termination: Termination, verdict: PodVerdict): ContainerState {
  if (verdict.over || each.backOffMs === 0) return {terminated: terminated(termination)};
  const message = `back-off ${each.backOffMs / 1000}s restarting failed container=${each.container.name}`;
  return {waiting: {reason: 'CrashLoopBackOff', message}};
}

const terminated = (termination: Termination): NonNullable<ContainerState['terminated']> => ({
  exitCode: termination.exitCode,
  reason: termination.reason,
  ...(termination.message !== undefined && {message: termination.message}),
  startedAt: iso(termination.startedAtMs),
  finishedAt: iso(termination.finishedAtMs),
  ...(termination.containerId !== undefined && {containerID: termination.containerId}),
});

function neverRan(verdict: PodVerdict, nowMs: number): NonNullable<ContainerState['terminated']> {
  const reason = verdict.reason ?? 'ContainerStatusUnknown';
  const message = verdict.message ?? 'The pod was stopped before the container ran.';
  return {exitCode: KILLED, reason, message, finishedAt: iso(nowMs)};
}

function conditionsOf(view: PodView, verdict: PodVerdict): PodCondition[] {
  const ready = view.mains.every(isReady) && view.inits.every(init => !isSidecar(init.container) || isReady(init));
  const initialised = view.inits.every(init => isDone(init) || (isSidecar(init.container) && isReady(init)));
  const unready = notReady(view.mains, verdict.phase);
  return [
    {type: 'PodScheduled', status: 'True'},
    initialised || verdict.phase === 'Succeeded'
      ? {type: 'Initialized', status: 'True'}
      : {type: 'Initialized', status: 'False', ...notReady(view.inits, verdict.phase, 'ContainersNotInitialized')},
    ready ? {type: 'ContainersReady', status: 'True'} : {type: 'ContainersReady', status: 'False', ...unready},
    ready ? {type: 'Ready', status: 'True'} : {type: 'Ready', status: 'False', ...unready},
  ];
}

function notReady(
  views: readonly ContainerView[],
  phase: PodPhase,
  reason = 'ContainersNotReady',
): {reason: string; message?: string} {
  if (phase === 'Succeeded') return {reason: 'PodCompleted'};
  if (phase === 'Failed') return {reason: 'PodFailed'};
  const names = views.filter(each => !isReady(each)).map(each => each.container.name);
  return {reason, message: `containers with unready status: [${names.join(' ')}]`};
}

/** Ours replace their predecessors and keep the time of the last change of `status`; those of others stay. */
function mergeConditions(
  ours: readonly PodCondition[],
  before: readonly PodCondition[],
  nowMs: number,
): readonly PodCondition[] {
  const types = new Set(ours.map(({type}) => type));
  const dated = ours.map(condition => {
    const old = before.find(({type}) => type === condition.type);
    const since = old?.status === condition.status ? old.lastTransitionTime : undefined;
    return {...condition, lastTransitionTime: since ?? iso(nowMs)};
  });
  return [...dated, ...before.filter(({type}) => !types.has(type))];
}

/**
 * How a container that cannot run at all is reported.
 *
 * @param exitCode 127 when its program does not exist, 126 when it cannot be executed, 128 otherwise
 */
export const cannotRun = (reason: string, message: string, exitCode: number, nowMs: number): Termination => ({
  exitCode,
  reason,
  message,
  startedAtMs: nowMs,
  finishedAtMs: nowMs,
});

/** Kubernetes's times have whole seconds. */
const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
