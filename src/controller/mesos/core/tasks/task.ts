import type {Resources} from '../../../../allocator/resources.ts';
import type {ExecutorInfo, TaskInfo, TaskState, TaskStatus, TerminalState} from '../../../../api/mesos/v1/common.ts';
import type {DeepReadonly} from '../../../../lib/deep-readonly.ts';
import type {AgentId, TaskId} from '../ids.ts';
import type {LaunchKey, ObservedStatus, PodRef} from './task-record.ts';

/** Why a pod is being deleted. */
export type Stop =
  /**
   * Its framework wants it, the operator drains the agent (for good: `gone`), or another task of the group did not end
   * well. The process is killed at `untilMs` at the latest.
   */
  | {readonly why: 'killed' | 'drained' | 'gone'; readonly untilMs: number}
  /** The master gave up on it: tasks that are named here end like this, the others were killed. */
  | {readonly why: 'given-up'; readonly ends: ReadonlyMap<TaskId, ObservedStatus>};

/** Where the pod of a launch is. */
export type LaunchPhase =
  /** It will be asked for once what its tasks use has been saved. */
  | {readonly kind: 'waiting'}
  /** It was asked for; not all of its tasks have begun to run. */
  | {readonly kind: 'starting'; readonly sinceMs: number}
  | {readonly kind: 'running'}
  | {readonly kind: 'stopping'; readonly stop: Stop}
  /** The master speaks for none of its tasks any more: it is released as soon as it has ended. */
  | {readonly kind: 'leftover'}
  /** It has ended, or was never made: it takes no room. */
  | {readonly kind: 'down'};

/** One pod and what runs in it: a task, or the tasks of a group. */
export type Launch = Omit<LaunchKey, 'pod'> & {
  pod: PodRef;
  readonly agentId: AgentId;
  readonly role: string;
  /** Of a group: what the framework says of the executor that would run it. */
  readonly executor: ExecutorInfo | undefined;
  /** What the pod takes, all in all. The allocator counts it on a registered agent, until the pod is down. */
  readonly resources: Resources;
  readonly tasks: readonly Task[];
  phase: LaunchPhase;
};

export type LiveState = 'TASK_STAGING' | 'TASK_STARTING' | 'TASK_RUNNING' | 'TASK_KILLING';

/** Where a task is. `seen` is what its pod last said; a repeat makes no update. */
export type TaskPhase =
  /** `state` may be ahead of what the framework was told. */
  | {readonly kind: 'live'; readonly state: LiveState; readonly seen: ObservedStatus | undefined}
  /** Its agent is unreachable: it may come back with it. */
  | {readonly kind: 'away'; readonly seen: ObservedStatus | undefined}
  /** Its end has to be acknowledged, and its pod has to be down or to go on without it. */
  | {readonly kind: 'over'; readonly state: TerminalState}
  /** The master has done with it. */
  | {readonly kind: 'history'; readonly state: TerminalState};

/** An update that waits for its acknowledgement; sent again at `dueMs`. */
export type InFlight = {dueMs: number; intervalMs: number};

/** Its `info` is as launched. */
export type Task = {
  readonly taskId: TaskId;
  readonly launch: Launch;
  readonly info: TaskInfo;
  readonly resources: Resources;
  phase: TaskPhase;
  /** One for each state the task went through, the last of that state; the newest is last. */
  readonly statuses: TaskStatus[];
  /** Updates to be acknowledged, in order. */
  readonly updates: TaskStatus[];
  /** Of the first of them; undefined while nobody listens. */
  inFlight: InFlight | undefined;
};

export type ReadonlyTask = DeepReadonly<Task, Resources>;
export type ReadonlyLaunch = DeepReadonly<Launch, Resources>;

/** The latest known state, maybe ahead of what the framework was told. */
export const stateOf = ({phase}: ReadonlyTask): TaskState => (phase.kind === 'away' ? 'TASK_UNREACHABLE' : phase.state);

/** Its end is known. */
export const isOver = ({phase}: ReadonlyTask): boolean => phase.kind === 'over' || phase.kind === 'history';

/** Whether it takes room on its node. */
export const takesRoom = ({phase}: ReadonlyLaunch): boolean => phase.kind !== 'down';
