import type {TaskReason} from '../../api/mesos/v1/common.ts';
import type {ContainerStatus} from '../../api/mesos/v1/container.ts';
import type {ObservedStatus} from '../mesos/core/commands.ts';
import {TASK_CONTAINER} from './marks.ts';
import type {ContainerStateTerminated, KubeContainerStatus, SeenPod} from './pod.ts';
import {signalName} from './signals.ts';

/**
 * What a pod says about its task. The container's end decides before the pod's phase, which comes later; a deletion makes
 * every end that it may have caused TASK_KILLED, even with exit code 0, as Mesos does.
 */
export function podStatusToTask(pod: SeenPod): ObservedStatus {
  const {phase} = pod.status ?? {};
  const container = pod.status?.containerStatuses?.find(({name}) => name === TASK_CONTAINER);
  const terminated = container?.state?.terminated;
  if (phase === 'Failed') return podReason(pod) ?? (terminated === undefined ? failed(pod) : ended(pod, terminated));
  if (terminated !== undefined) return ended(pod, terminated);
  if (phase === 'Succeeded') return wasDeleted(pod) ? killed('The pod was deleted') : executor('TASK_FINISHED');
  if (container?.state?.running !== undefined) return running(pod, container);
  return waiting(pod, container);
}

const executor = (state: ObservedStatus['state'], message?: string): ObservedStatus => ({
  state,
  source: 'SOURCE_EXECUTOR',
  ...(message !== undefined && {message}),
});

const agent = (state: ObservedStatus['state'], reason: TaskReason, message: string): ObservedStatus => ({
  state,
  source: 'SOURCE_AGENT',
  reason,
  message,
});

const killed = (message: string): ObservedStatus => executor('TASK_KILLED', message);

const wasDeleted = ({metadata}: SeenPod): boolean => metadata.deletionTimestamp !== undefined;

/** Reasons that stand on the pod itself: the kubelet, or another part of Kubernetes, ended it. */
function podReason(pod: SeenPod): ObservedStatus | undefined {
  const {reason = '', message = reason} = pod.status ?? {};
  if (reason === 'Evicted') return agent('TASK_FAILED', evictionReason(message), `Evicted: ${message}`);
  if (reason === 'DeadlineExceeded') {
    return agent('TASK_FAILED', 'REASON_MAX_COMPLETION_TIME_REACHED', 'The maximum completion time was reached');
  }
  if (reason === 'NodeShutdown' || reason === 'Terminated' || reason === 'Shutdown') {
    return agent('TASK_FAILED', 'REASON_EXECUTOR_TERMINATED', `The node is shutting down: ${message}`);
  }
  if (reason === 'Preempting') return agent('TASK_FAILED', 'REASON_CONTAINER_PREEMPTED', message);
  if (isShortage(reason)) return agent('TASK_DROPPED', 'REASON_CONTAINER_LAUNCH_FAILED', `${reason}: ${message}`);
  if (isAdmissionReason(reason)) return agent('TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', `${reason}: ${message}`);
  return reason === 'NodeLost' ? agent('TASK_FAILED', 'REASON_AGENT_REMOVED', message) : undefined;
}

/** Somebody else's pod was there first: it is no fault of the task, and elsewhere or later there is room. */
const isShortage = (reason: string): boolean => reason.startsWith('OutOf') || reason === 'NodePorts';

/** The kubelet did not let the pod in. */
const isAdmissionReason = (reason: string): boolean =>
  ['NodeAffinity', 'UnexpectedAdmissionError', 'AdmissionError', 'Forbidden', 'ImageNotSupported'].includes(reason);

function evictionReason(message: string): TaskReason {
  if (/memory/i.test(message)) return 'REASON_CONTAINER_LIMITATION_MEMORY';
  if (/ephemeral|disk|storage|inodes/i.test(message)) return 'REASON_CONTAINER_LIMITATION_DISK';
  return 'REASON_CONTAINER_PREEMPTED';
}

/** Failed, and no container to say why. */
function failed(pod: SeenPod): ObservedStatus {
  if (wasDeleted(pod) && !isDisrupted(pod)) return killed('The pod was deleted');
  const {reason, message} = pod.status ?? {};
  const disruption = pod.status?.conditions?.find(({type, status}) => type === 'DisruptionTarget' && status === 'True');
  if (disruption !== undefined) {
    return agent('TASK_FAILED', 'REASON_AGENT_REMOVED', disruption.message ?? 'The node is gone');
  }
  return agent('TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', message ?? reason ?? 'The pod failed');
}

const isDisrupted = (pod: SeenPod): boolean =>
  pod.status?.conditions?.some(({type, status}) => type === 'DisruptionTarget' && status === 'True') ?? false;

function ended(pod: SeenPod, terminated: ContainerStateTerminated): ObservedStatus {
  const {exitCode, reason, message} = terminated;
  if (reason === 'OOMKilled') {
    return {...agent('TASK_FAILED', 'REASON_CONTAINER_LIMITATION_MEMORY', 'Memory limit exceeded'), signal: 9};
  }
  if (isDeletedBefore(pod, terminated)) return {...executor('TASK_KILLED', exitMessage(terminated)), deleted: true};
  if (reason === 'ContainerCannotRun' || reason === 'StartError') {
    return agent('TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', message ?? reason);
  }
  if (exitCode === 0) return executor('TASK_FINISHED', exitMessage(terminated));
  const signal = signalOf(terminated);
  return {...executor('TASK_FAILED', exitMessage(terminated)), ...(signal !== undefined && {signal})};
}

/** Whether the container ended at or after the moment when somebody asked for the pod's deletion. */
function isDeletedBefore({metadata}: SeenPod, {finishedAt}: ContainerStateTerminated): boolean {
  const {deletionTimestamp, deletionGracePeriodSeconds = 0} = metadata;
  if (deletionTimestamp === undefined) return false;
  if (finishedAt === undefined) return true;
  const askedMs = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return !(Date.parse(finishedAt) < askedMs);
}

const signalOf = ({exitCode, signal}: ContainerStateTerminated): number | undefined => {
  if (signal !== undefined && signal > 0) return signal;
  return exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : undefined;
};

function exitMessage(terminated: ContainerStateTerminated): string {
  const signal = signalOf(terminated);
  return signal === undefined
    ? `Command exited with status ${terminated.exitCode}`
    : `Command terminated with signal ${signalName(signal)}`;
}

function running(pod: SeenPod, container: KubeContainerStatus): ObservedStatus {
  const healthy = healthOf(pod, container);
  const status: ObservedStatus = {
    state: wasDeleted(pod) ? 'TASK_KILLING' : 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    ...(healthy !== undefined && {healthy}),
  };
  const containerStatus = containerStatusOf(pod, container);
  return containerStatus === undefined ? status : {...status, containerStatus};
}

/** Known once the startup probe has succeeded; only a task with a health check has a liveness probe. */
function healthOf(pod: SeenPod, {started, ready}: KubeContainerStatus): boolean | undefined {
  const spec = pod.spec?.containers?.find(({name}) => name === TASK_CONTAINER);
  return spec?.livenessProbe === undefined || started !== true ? undefined : ready === true;
}

function containerStatusOf({status}: SeenPod, {containerID}: KubeContainerStatus): ContainerStatus | undefined {
  const ips = status?.podIPs?.map(({ip}) => ip) ?? (status?.podIP === undefined ? [] : [status.podIP]);
  const id = containerID?.replace(/^[a-z-]+:\/\//, '');
  if (ips.length === 0 && id === undefined) return undefined;
  return {
    ...(ips.length > 0 && {network_infos: [{ip_addresses: ips.map(addressOf)}]}),
    ...(id !== undefined && id !== '' && {container_id: {value: id}}),
  };
}

const addressOf = (ip: string): {readonly protocol: 'IPv4' | 'IPv6'; readonly ip_address: string} => ({
  protocol: ip.includes(':') ? 'IPv6' : 'IPv4',
  ip_address: ip,
});

/** Reasons to wait that Kubernetes never gives up on, and Mesos at once. */
const HOPELESS: ReadonlySet<string> = new Set([
  'InvalidImageName',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'ImageNotSupported',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

function waiting(pod: SeenPod, container: KubeContainerStatus | undefined): ObservedStatus {
  // A deletion without grace is how the kubelet says that the pod has ended.
  if (wasDeleted(pod) && pod.metadata.deletionGracePeriodSeconds === 0) {
    return {...killed('The pod was deleted before it ran'), deleted: true};
  }
  const {reason = '', message} = container?.state?.waiting ?? {};
  if (HOPELESS.has(reason)) {
    const text = message === undefined ? reason : `${reason}: ${message}`;
    return {...agent('TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED', text), giveUp: true};
  }
  return executor('TASK_STAGING');
}
