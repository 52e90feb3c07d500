import {type Container, isSidecar, type Pod, type PodPhase} from './pod.ts';

/** How a run ended; times in milliseconds since the epoch. */
export type Termination = {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly containerId?: string;
};

export type ContainerRunState =
  | {readonly kind: 'new'}
  | {readonly kind: 'starting'}
  | {
      readonly kind: 'running';
      readonly startedAtMs: number;
      readonly containerId: string;
      /** The startup probe has succeeded, or there is none. */
      readonly started: boolean;
      readonly ready: boolean;
    }
  | {readonly kind: 'ended'; readonly termination: Termination};

/** One container as the node sees it. */
export type ContainerView = {
  readonly container: Container;
  readonly state: ContainerRunState;
  readonly restarts: number;
  /** How the run before this one ended. */
  readonly last?: Termination;
  /** How long an ended container has to wait before it is started again. */
  readonly backOffMs: number;
};

export type PodView = {
  readonly pod: Pod;
  readonly inits: readonly ContainerView[];
  readonly mains: readonly ContainerView[];
  /** Set when everything has to end: deletion, the deadline, the node's shutdown. */
  readonly stop?: {readonly graceMs: number};
};

export type PodAction =
  | {readonly kind: 'start'; readonly container: string}
  | {readonly kind: 'stop'; readonly container: string; readonly graceMs: number};

export type Decision = {
  readonly actions: readonly PodAction[];
  /** When to decide again though nothing has happened. */
  readonly wakeAtMs?: number;
  readonly phase: PodPhase;
  /** Nothing runs, and nothing will be started any more. */
  readonly over: boolean;
};

const MAX_BACK_OFF_MS = 300_000;
/** A container that ran this long has not crashed in a row. */
const STABLE_MS = 600_000;

/** @returns how many times in a row a container has ended, this time included */
export const crashesAfter = (before: number, ranMs: number): number => (ranMs >= STABLE_MS ? 1 : before + 1);

/** The first restart is at once, then `baseMs` doubles with every crash in a row up to five minutes. */
export const crashBackOffMs = (crashes: number, baseMs: number): number =>
  crashes <= 1 ? 0 : Math.min(MAX_BACK_OFF_MS, baseMs * 2 ** (crashes - 2));

/** What the node has to do next for a pod. Idempotent: as long as nothing changes it answers the same. */
export function decide(view: PodView, nowMs: number): Decision {
  if (view.stop !== undefined) return stopAll(view, view.stop.graceMs);
  const failed = view.inits.some(init => !isSidecar(init.container) && isFinal(view, init) && !succeeded(init));
  if (failed) return wind(view, 'Failed');
  const done = view.mains.every(main => isFinal(view, main));
  if (done) return wind(view, phaseOf(view));
  return {...startNext(view, nowMs), phase: phaseOf(view), over: false};
}

/** Everything that may start now: main containers after the last init container, each init container after the one before. */
function startNext(view: PodView, nowMs: number): Pick<Decision, 'actions' | 'wakeAtMs'> {
  const pending = view.inits.findIndex(init => !initDone(init));
  const reachable = pending < 0 ? [...view.inits, ...view.mains] : view.inits.slice(0, pending + 1);
  const actions: PodAction[] = [];
  let wakeAtMs: number | undefined;
  for (const each of reachable) {
    const startAtMs = startTime(view, each);
    if (startAtMs === undefined) continue;
    if (startAtMs <= nowMs) actions.push({kind: 'start', container: each.container.name});
    else wakeAtMs = Math.min(wakeAtMs ?? startAtMs, startAtMs);
  }
  return {actions, wakeAtMs};
}

/** When the container may start; undefined when it runs or has run for the last time. */
function startTime(view: PodView, each: ContainerView): number | undefined {
  if (each.state.kind === 'new') return 0;
  if (each.state.kind !== 'ended' || isFinal(view, each)) return undefined;
  return each.state.termination.finishedAtMs + each.backOffMs;
}

function initDone(init: ContainerView): boolean {
  if (!isSidecar(init.container)) return succeeded(init);
  // A sidecar that has started once does not hold up the rest when it crashes later.
  return (init.state.kind === 'running' && init.state.started) || init.restarts > 0;
}

const succeeded = ({state}: ContainerView): boolean => state.kind === 'ended' && state.termination.exitCode === 0;

/** Has ended and will not be started again. */
function isFinal(view: PodView, each: ContainerView): boolean {
  if (each.state.kind !== 'ended' || isSidecar(each.container)) return false;
  const policy = view.pod.spec.restartPolicy ?? 'Always';
  if (policy === 'Never') return true;
  const isInit = view.inits.includes(each);
  return succeeded(each) && (policy === 'OnFailure' || isInit);
}

/** The main containers are done; the sidecars go, the last one first started last stopped is not worth the order here. */
const wind = (view: PodView, phase: PodPhase): Decision => ({...stopAll(view, graceMs(view.pod)), phase});

function stopAll(view: PodView, grace: number): Decision {
  const busy = [...view.mains, ...view.inits].filter(
    ({state}) => state.kind === 'running' || state.kind === 'starting',
  );
  const actions = busy
    .filter(({state}) => state.kind === 'running')
    .map(({container}): PodAction => ({kind: 'stop', container: container.name, graceMs: grace}));
  const over = busy.length === 0;
  return {actions, phase: over ? finalPhase(view) : phaseOf(view), over};
}

/** What a pod that was stopped counts as: a container that never ran has not succeeded. */
const finalPhase = (view: PodView): PodPhase => (view.mains.every(succeeded) ? 'Succeeded' : 'Failed');

/** The kubelet's rules. */
function phaseOf(view: PodView): PodPhase {
  if (!view.inits.every(initDone)) return 'Pending';
  const began = (each: ContainerView): boolean =>
    each.state.kind === 'running' || each.state.kind === 'ended' || each.last !== undefined;
  if (!view.mains.every(began)) return 'Pending';
  if (!view.mains.every(main => isFinal(view, main))) return 'Running';
  return view.mains.every(succeeded) ? 'Succeeded' : 'Failed';
}

const DEFAULT_GRACE_SECONDS = 30;

export const graceMs = (pod: Pod): number => 1000 * (pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
