import type {ContainerStatus} from '../../../api/mesos/v1/container.ts';
import type {ObservedStatus} from '../core/tasks/task-record.ts';
import {type ContainerNames, LONE_TASK} from './marks.ts';
import type {ContainerStateTerminated, KubeContainerStatus, SeenPod} from './pod.ts';
import {endOf, type PodEndName} from '../core/tasks/pod-ends.ts';
import {signalName} from './signals.ts';

/**
 * What a pod says about its task. Disruptions and the kubelet's own reasons decide first, then the container's end, then
 * the pod's phase, which comes later. A deletion makes every end that it may have caused TASK_KILLED, as in Mesos. This
 * is so even with exit code 0.
 */
export function podStatusToTask(pod: SeenPod, names: ContainerNames = LONE_TASK): ObservedStatus {
  const container = pod.status?.containerStatuses?.find(({name}) => name === names.task);
  const status = stateOf(pod, container, names);
  const wasMade = container !== undefined && container.state?.waiting === undefined;
  const containerStatus = wasMade ? containerStatusOf(pod, container) : undefined;
  return containerStatus === undefined ? status : {...status, containerStatus};
}

function stateOf(pod: SeenPod, container: KubeContainerStatus | undefined, names: ContainerNames): ObservedStatus {
  const {phase} = pod.status ?? {};
  const terminated = container?.state?.terminated;
  if (phase === 'Failed') return podReason(pod) ?? ofContainers(pod, terminated, names);
  if (terminated !== undefined) return {...ended(pod, terminated), ...(lingers(pod) && {lingers: true})};
  if (phase === 'Succeeded') return wasDeleted(pod) ? killed(pod, 'The pod was deleted') : endOf('exit-0');
  if (container?.state?.running !== undefined) return running(pod, container);
  return waiting(pod, container);
}

/** The kubelet counts the pod until its phase is final; with a grace of 0 it gives up an object that it has done with. */
const lingers = ({metadata, status}: SeenPod): boolean =>
  status?.phase !== 'Succeeded' && status?.phase !== 'Failed' && metadata.deletionGracePeriodSeconds !== 0;

const wasDeleted = ({metadata}: SeenPod): boolean => metadata.deletionTimestamp !== undefined;

/** The end came with a deletion; a disruption says whose it was, a framework's KILL is known to the master. */
const killed = (pod: SeenPod, message: string): ObservedStatus => ({
  ...(disruption(pod) ?? endOf('killed', message)),
  deleted: true,
});

/** What Kubernetes says of a pod that it ends for others' sake. */
function disruption({status}: SeenPod): ObservedStatus | undefined {
  const target = status?.conditions?.find(each => each.type === 'DisruptionTarget' && each.status === 'True');
  const message = target?.message ?? target?.reason ?? '';
  switch (target?.reason) {
    case undefined:
      return target === undefined ? undefined : endOf('node-gone', `The node is gone: ${message}`);
    case 'EvictionByEvictionAPI':
    case 'DeletionByTaintManager':
      return endOf('drained', `The pod was evicted: ${message}`);
    case 'PreemptionByScheduler':
      return endOf('preempted', `The pod was preempted: ${message}`);
    case 'DeletionByPodGC':
      return endOf('node-gone', `The node is gone: ${message}`);
    default:
      // TerminationByKubelet: the pod's own reason says more.
      return undefined;
  }
}

/** Reasons that stand on the pod itself: the kubelet, or another part of Kubernetes, ended it. */
function podReason({status}: SeenPod): ObservedStatus | undefined {
  const {reason = '', message = reason} = status ?? {};
  if (reason.startsWith('OutOf') || reason === 'NodePorts') return endOf('no-room', `${reason}: ${message}`);
  if (NOT_ADMITTED.has(reason)) return endOf('not-admitted', `${reason}: ${message}`);
  switch (reason) {
    case 'Evicted':
      return endOf(evictedFor(message), `Evicted: ${message}`);
    case 'DeadlineExceeded':
      return endOf('deadline');
    case 'NodeShutdown':
    case 'Terminated':
    case 'Shutdown':
      return endOf('node-shutdown', `The node is shutting down: ${message}`);
    case 'Preempting':
      return endOf('preempted', `The pod was preempted: ${message}`);
    case 'NodeLost':
      return endOf('node-gone', `The node is gone: ${message}`);
    default:
      return undefined;
  }
}

/** The kubelet did not let the pod in. */
const NOT_ADMITTED: ReadonlySet<string> = new Set([
  'AdmissionError',
  'AppArmor',
  'Forbidden',
  'ImageNotSupported',
  'InvalidNodeInfo',
  'NodeAffinity',
  'PodFeatureUnsupported',
  'PodLevelResourcesNotAdmittedReason',
  'PodOSNotSupported',
  'PodOSSelectorNodeLabelDoesNotMatch',
  'SupplementalGroupsPolicyNotSupported',
  'SysctlForbidden',
  'TopologyAffinityError',
  'UnexpectedAdmissionError',
]);

function evictedFor(message: string): PodEndName {
  if (/memory/i.test(message)) return 'evicted-memory';
  return /ephemeral|disk|storage|inodes/i.test(message) ? 'evicted-disk' : 'evicted';
}

/** Phase Failed: the task's container says why, or the one that fetched for it. */
function ofContainers(
  pod: SeenPod,
  terminated: ContainerStateTerminated | undefined,
  names: ContainerNames,
): ObservedStatus {
  const fetch = pod.status?.initContainerStatuses?.find(({name}) => name === names.fetch)?.state?.terminated;
  if (fetch !== undefined && fetch.exitCode !== 0) {
    return isDeletedBefore(pod, fetch) ? killed(pod, 'The pod was deleted before it ran') : fetchFailed(fetch);
  }
  if (terminated !== undefined) return ended(pod, terminated);
  if (wasDeleted(pod)) return killed(pod, 'The pod was deleted');
  const {reason, message} = pod.status ?? {};
  return disruption(pod) ?? endOf('failed', message ?? reason ?? 'The pod failed');
}

/** The last thing that the fetcher wrote. */
function fetchFailed(terminated: ContainerStateTerminated): ObservedStatus {
  const {reason, message = '', exitCode} = terminated;
  if (reason === 'OOMKilled') return endOf('fetch-failed', 'Failed to fetch: memory limit exceeded');
  const last =
    message
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^mesos: /, '') ?? '';
  return endOf('fetch-failed', last === '' ? `Failed to fetch: ${exitWords(exitCode)}` : last);
}

function ended(pod: SeenPod, terminated: ContainerStateTerminated): ObservedStatus {
  const {exitCode, reason, message} = terminated;
  if (reason === 'OOMKilled' && exitCode !== 0) return {...endOf('out-of-memory'), signal: 9};
  if (isDeletedBefore(pod, terminated)) return killed(pod, exitWords(exitCode));
  if (reason === 'ContainerCannotRun' || reason === 'StartError') return endOf('cannot-start', message ?? reason);
  if (reason === 'ContainerStatusUnknown') return disruption(pod) ?? endOf('status-unknown', message ?? reason);
  if (exitCode === 0) return endOf('exit-0');
  const signal = signalOf(exitCode);
  return signal === undefined
    ? endOf('exit-code', exitWords(exitCode))
    : {...endOf('signal', exitWords(exitCode)), signal};
}

/** Whether the container ended at or after the moment when somebody asked for the pod's deletion. */
function isDeletedBefore({metadata}: SeenPod, {finishedAt}: ContainerStateTerminated): boolean {
  const {deletionTimestamp, deletionGracePeriodSeconds = 0} = metadata;
  if (deletionTimestamp === undefined) return false;
  if (finishedAt === undefined) return true;
  const askedMs = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return !(Date.parse(finishedAt) < askedMs);
}

/** Container engines report a signal as 128 + its number. */
const signalOf = (exitCode: number): number | undefined =>
  exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : undefined;

function exitWords(exitCode: number): string {
  const signal = signalOf(exitCode);
  return signal === undefined
    ? `Command exited with status ${exitCode}`
    : `Command terminated with signal ${signalName(signal)}`;
}

function running(pod: SeenPod, container: KubeContainerStatus): ObservedStatus {
  const healthy = healthOf(pod, container);
  return {
    state: wasDeleted(pod) ? 'TASK_KILLING' : 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    ...(healthy !== undefined && {healthy}),
  };
}

/**
 * Known once the startup probe has succeeded and the readiness probe was tried; only a task with a health check has a
 * liveness probe.
 */
function healthOf(pod: SeenPod, container: KubeContainerStatus): boolean | undefined {
  const spec = pod.spec?.containers?.find(({name}) => name === container.name);
  if (spec?.livenessProbe === undefined || container.started !== true) return undefined;
  if (container.ready === true) return true;
  return wasReady(pod, container) ? false : undefined;
}

/** A container that started is not ready before it was probed, and that is no failure: only one that was ready fails. */
function wasReady({status}: SeenPod, {state}: KubeContainerStatus): boolean {
  const since = Date.parse(status?.conditions?.find(({type}) => type === 'ContainersReady')?.lastTransitionTime ?? '');
  const started = Date.parse(state?.running?.startedAt ?? '');
  return !(since <= started);
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
const HOPELESS: Readonly<Record<string, PodEndName>> = {
  InvalidImageName: 'no-image',
  ImagePullBackOff: 'no-image',
  ErrImageNeverPull: 'no-image',
  RegistryUnavailable: 'no-image',
  SignatureValidationFailed: 'no-image',
  ImageNotSupported: 'no-image',
  CreateContainerConfigError: 'bad-config',
  CreateContainerError: 'bad-config',
  RunContainerError: 'bad-config',
};

function waiting(pod: SeenPod, container: KubeContainerStatus | undefined): ObservedStatus {
  // A deletion without grace is how the kubelet says that the pod has ended.
  if (wasDeleted(pod) && pod.metadata.deletionGracePeriodSeconds === 0) {
    return killed(pod, 'The pod was deleted before it ran');
  }
  const first = pod.status?.initContainerStatuses?.find(({state}) => state?.waiting !== undefined);
  const {reason = '', message} = (first ?? container)?.state?.waiting ?? {};
  const text = message === undefined ? reason : `${reason}: ${message}`;
  const hopeless = HOPELESS[reason];
  if (hopeless !== undefined) return {...endOf(hopeless, text), giveUp: true};
  const state = isBeingMade(pod, container) && !wasDeleted(pod) ? 'TASK_STARTING' : 'TASK_STAGING';
  return {state, source: 'SOURCE_EXECUTOR', ...(text !== '' && {message: text})};
}

/** Its node has taken the pod, and is making its containers. */
const isBeingMade = ({status}: SeenPod, container: KubeContainerStatus | undefined): boolean =>
  container !== undefined || (status?.initContainerStatuses ?? []).length > 0;
