import type {TaskReason, TaskSource, TaskState} from '../../../../api/mesos/v1/common.ts';
import type {ObservedStatus} from './task-record.ts';

/** One way in which a task's pod ends, and what its framework is told. */
export type PodEnd = {
  /** How it shows in Kubernetes. */
  readonly seen: string;
  /** TASK_GONE and TASK_DROPPED are TASK_LOST for frameworks that are not PARTITION_AWARE. */
  readonly state: TaskState;
  readonly source: TaskSource;
  readonly reason?: TaskReason;
  /** What the message says; `…` stands for Kubernetes's own words. */
  readonly message: string;
};

const EXECUTOR = 'SOURCE_EXECUTOR';
const AGENT = 'SOURCE_AGENT';

/** Every end of a pod: the one table behind the statuses and behind docs/reference/task-states.md. */
export const POD_ENDS = {
  'exit-0': {
    seen: 'the container exited with 0',
    state: 'TASK_FINISHED',
    source: EXECUTOR,
    message: 'Command exited with status 0',
  },
  'exit-code': {
    seen: 'the container exited with another number',
    state: 'TASK_FAILED',
    source: EXECUTOR,
    message: 'Command exited with status …',
  },
  signal: {
    seen: 'exit code 128 + n: a signal ended it, and nobody had asked for that',
    state: 'TASK_FAILED',
    source: EXECUTOR,
    message: 'Command terminated with signal SIG…',
  },
  killed: {
    seen: "deleted because of the framework's KILL; also with exit code 0",
    state: 'TASK_KILLED',
    source: EXECUTOR,
    message: 'how the command ended',
  },
  'deleted-by-hand': {
    seen: 'deleted by somebody else',
    state: 'TASK_KILLED',
    source: EXECUTOR,
    message: 'The pod was deleted, but not by its framework',
  },
  removed: {
    seen: 'the object vanished, finalizer and all',
    state: 'TASK_GONE',
    source: AGENT,
    reason: 'REASON_EXECUTOR_TERMINATED',
    message: 'The pod of the task was removed',
  },
  'health-check': {
    seen: 'the kubelet killed it for a failed startup or liveness probe (and `healthy` is false)',
    state: 'TASK_KILLED',
    source: EXECUTOR,
    message: 'Killed because its health check failed',
  },
  'out-of-memory': {
    seen: 'OOMKilled, in the container or in a child of it, unless the exit code is 0',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    message: 'Memory limit exceeded',
  },
  deadline: {
    seen: 'DeadlineExceeded (`max_completion_time`)',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
    message: 'The maximum completion time was reached',
  },
  'evicted-memory': {
    seen: 'Evicted: the node is low on memory',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    message: 'Evicted: …',
  },
  'evicted-disk': {
    seen: 'Evicted: the node is low on disk, or the pod uses more than its limit',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LIMITATION_DISK',
    message: 'Evicted: …',
  },
  evicted: {
    seen: 'Evicted for another want of the node (process ids)',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LIMITATION',
    message: 'Evicted: …',
  },
  drained: {
    seen: 'DisruptionTarget: EvictionByEvictionAPI (`kubectl drain`) or DeletionByTaintManager',
    state: 'TASK_KILLED',
    source: AGENT,
    reason: 'REASON_AGENT_DRAINING',
    message: 'The pod was evicted: …',
  },
  preempted: {
    seen: 'DisruptionTarget: PreemptionByScheduler, or Preempting by the kubelet: a more important pod took the room',
    state: 'TASK_KILLED',
    source: AGENT,
    reason: 'REASON_CONTAINER_PREEMPTED',
    message: 'The pod was preempted: …',
  },
  'node-shutdown': {
    seen: 'Terminated or NodeShutdown: the node is shutting down',
    state: 'TASK_KILLED',
    source: AGENT,
    reason: 'REASON_AGENT_DRAINING',
    message: 'The node is shutting down: …',
  },
  'node-gone': {
    seen: 'NodeLost, or DisruptionTarget: DeletionByPodGC: the node is no more',
    state: 'TASK_GONE',
    source: AGENT,
    reason: 'REASON_AGENT_REMOVED',
    message: 'The node is gone: …',
  },
  'no-room': {
    seen: 'OutOfcpu, OutOfmemory, …, NodePorts: the kubelet did not let it in; something else was faster',
    state: 'TASK_DROPPED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: 'OutOf…: …',
  },
  'not-admitted': {
    seen: 'NodeAffinity, UnexpectedAdmissionError, SysctlForbidden, …: the kubelet did not let it in',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: 'the reason: …',
  },
  'no-image': {
    seen:
      'waiting: ImagePullBackOff (the first pull failed), InvalidImageName, ErrImageNeverPull, RegistryUnavailable, ' +
      'SignatureValidationFailed; the pod is deleted',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: 'the reason: …',
  },
  'bad-config': {
    seen:
      'waiting: CreateContainerConfigError (a secret is missing, root is not allowed), CreateContainerError, ' +
      'RunContainerError; the pod is deleted',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: 'the reason: …',
  },
  'cannot-start': {
    seen: 'StartError, ContainerCannotRun: the program does not exist or cannot be executed',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: '…',
  },
  'fetch-failed': {
    seen: 'the init container `fetch` failed',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: "Failed to fetch '<uri>': what was wrong",
  },
  'launch-timeout': {
    seen: 'not running after `--executor_registration_timeout` (a volume is missing, …); the pod is deleted',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
    message: 'The task did not start within …',
  },
  'status-unknown': {
    seen: 'ContainerStatusUnknown: the node came back and does not know the container',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_EXECUTOR_TERMINATED',
    message: '…',
  },
  failed: {
    seen: 'phase Failed, and nothing that says why',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: '…',
  },
  'no-room-left': {
    seen: 'no pod: something else took the room on the node since it was offered',
    state: 'TASK_DROPPED',
    source: AGENT,
    reason: 'REASON_RESOURCES_UNKNOWN',
    message: 'The node has no room left',
  },
  'not-allowed': {
    seen: 'no pod: the policy does not allow what the task asks for, or Kubernetes cannot do it',
    state: 'TASK_ERROR',
    source: AGENT,
    reason: 'REASON_TASK_INVALID',
    message: 'what is wrong',
  },
  invalid: {
    seen: 'no pod: the API server found it invalid (400, 422) or Pod Security forbids it',
    state: 'TASK_ERROR',
    source: AGENT,
    reason: 'REASON_TASK_INVALID',
    message: 'Kubernetes refused the pod: …',
  },
  refused: {
    seen: 'no pod: the API server refused it otherwise (ResourceQuota, an admission webhook)',
    state: 'TASK_FAILED',
    source: AGENT,
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: 'Kubernetes refused the pod: …',
  },
} as const satisfies Readonly<Record<string, PodEnd>>;

export type PodEndName = keyof typeof POD_ENDS;

/** A row of the table as a status. @param message Kubernetes's own words where the row has none of its own */
export function endOf(name: PodEndName, message: string = POD_ENDS[name].message): ObservedStatus {
  const row = POD_ENDS[name];
  return {state: row.state, source: row.source, ...('reason' in row && {reason: row.reason}), message};
}
