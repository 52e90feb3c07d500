import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import type {PodOrder} from '../core/tasks/task-record.ts';
import {type DockerWishes, dnsConfigOf, dockerWishes} from './docker-parameters.ts';
import type {FetchOptions} from './fetch-container.ts';
import {
  AGENT_LABEL,
  FRAMEWORK_LABEL,
  IGNORED_ANNOTATION,
  MANAGED_LABEL,
  TASK_FINALIZER,
  TASK_NAME_LABEL,
} from '../../../crds/meta.ts';
import {inInt32} from './int32.ts';
import {annotationsOf} from './launch-from-pod.ts';
import {isPodLabel, labelValue, memberNames} from './marks.ts';
import {networkOf, type PodNetwork} from './network.ts';
import type {Container, Pod, PodSpec, Toleration} from './pod.ts';
import {containerOf, ignoredParts, partsOf, pullSecretNamed, type TaskParts} from './task-parts.ts';

/** What the pods of all tasks are made with. */
export type PodDefaults = FetchOptions & {
  /** For tasks without an image; '' leaves the container without one. */
  readonly defaultImage: string;
  /** Secrets of the namespace that images are pulled with. */
  readonly pullSecrets: readonly string[];
  /** Of the claims behind persistent volumes; undefined: the cluster's default. */
  readonly storageClass?: string | undefined;
};

export type PodOptions = PodDefaults & {
  readonly namespace: string;
  /** The MesosFramework object that owns the pod. */
  readonly ownerName: string;
};

/** The command executor's grace period. */
const DEFAULT_GRACE_SECONDS = 3;

/** Mesos keeps tasks on agents that are silent; Kubernetes would evict them after five minutes. */
const TOLERATIONS: readonly Toleration[] = [
  {key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute'},
  {key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute'},
];

/**
 * The pod of a launch, bound to its agent's node: a container for each task.
 *
 * @returns the pod, or why Kubernetes cannot, or the policy may not, run such tasks: they are TASK_ERROR then
 */
export function toPod(order: PodOrder, options: PodOptions): Result<Pod, string> {
  const tasks: TaskParts[] = [];
  for (const [index, info] of order.tasks.entries()) {
    const place = order.executor === undefined ? undefined : memberNames(index);
    const parts = partsOf({...order, info}, options, place);
    if (!parts.ok) return parts;
    tasks.push(parts.value);
  }
  const [first] = tasks;
  if (first === undefined) return err('A pod without a task');
  const network = order.executor === undefined ? ok(first.network) : groupNetwork(order, order.executor);
  if (!network.ok) return network;
  return ok({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(order, options, tasks, network.value),
    spec: specOf(order, options, tasks, network.value),
  });
}

/** A group has the network of its executor, with the ports of all. */
function groupNetwork(
  {tasks, policy}: PodOrder,
  {container, resources = []}: NonNullable<PodOrder['executor']>,
): Result<PodNetwork, string> {
  const [first] = tasks;
  if (first === undefined) return err('A pod without a task');
  const {container: _own, ...rest} = first;
  const all = [...resources, ...tasks.flatMap(task => task.resources ?? [])];
  return networkOf({...rest, resources: all, ...(container !== undefined && {container})}, dockerWishes([]), policy);
}

function metadataOf(
  order: PodOrder,
  {namespace, ownerName}: PodOptions,
  tasks: readonly TaskParts[],
  network: PodNetwork,
): Pod['metadata'] {
  const ignored = new Set(
    tasks.flatMap(({info, wishes}) => [...ignoredParts(info), ...wishes.ignored]).concat(network.ignored),
  );
  return {
    name: order.pod.name,
    namespace,
    labels: labelsOf(order, tasks),
    annotations: {
      ...annotationsOf(order),
      ...(ignored.size > 0 && {[IGNORED_ANNOTATION]: [...ignored].join(', ')}),
    },
    finalizers: [TASK_FINALIZER],
    ownerReferences: [
      {apiVersion: 'mesos.dev/v1', kind: 'MesosFramework', name: ownerName, uid: order.frameworkUid, controller: true},
    ],
  };
}

/** Of tasks that share a pod the first that has a label counts. */
function labelsOf({frameworkId, agent}: PodOrder, tasks: readonly TaskParts[]): Readonly<Record<string, string>> {
  const given = tasks
    .toReversed()
    .flatMap(({info, wishes}) => [
      ...wishes.labels,
      ...(info.labels?.labels ?? []).map(({key, value = ''}) => [key, value] as const),
    ]);
  const own = given.filter(([key, value]) => isPodLabel(key, value));
  return {
    ...Object.fromEntries(own),
    [MANAGED_LABEL]: 'true',
    [FRAMEWORK_LABEL]: labelValue(frameworkId),
    [AGENT_LABEL]: labelValue(agent.name),
    [TASK_NAME_LABEL]: labelValue(tasks[0]?.info.name ?? ''),
  };
}

function specOf(
  {agent}: PodOrder,
  {defaultImage, pullSecrets}: PodOptions,
  tasks: readonly TaskParts[],
  {spec, ports}: PodNetwork,
): PodSpec {
  const infos = tasks.map(({info}) => info);
  const fetches = tasks.flatMap(({fetch}) => fetch ?? []);
  const volumes = [...tasks.map(({mounted}) => mounted.volumes), ...fetches.map(fetch => fetch.volumes)].flat();
  const containers = tasks.map(task => containerOf(task, defaultImage));
  return {
    nodeName: agent.nodeName,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: Math.max(...infos.map(graceSeconds)),
    ...deadlineOf(infos),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...spec,
    ...podWishes(tasks[0]?.wishes ?? dockerWishes([])),
    ...pullSecretsOf(infos, pullSecrets),
    tolerations: TOLERATIONS,
    volumes: [...new Set(volumes)],
    ...(fetches.length > 0 && {initContainers: fetches.map(({container}) => container)}),
    containers: withPorts(containers, ports),
  };
}

/** The time of one task is over for the whole group: where one fails, all are killed. */
function deadlineOf(infos: readonly TaskInfo[]): Pick<PodSpec, 'activeDeadlineSeconds'> {
  const all = infos.flatMap(({max_completion_time}) => max_completion_time?.nanoseconds ?? []);
  return all.length === 0 ? {} : {activeDeadlineSeconds: inInt32(Math.min(...all) / 1e9, 1)};
}

/** The containers of a pod share its ports, so one of them may name them all. */
const withPorts = (containers: readonly Container[], ports: PodNetwork['ports']): readonly Container[] =>
  containers.map((container, index) => (index === 0 && ports.length > 0 ? {...container, ports} : container));

function podWishes({hostAliases, dns, groups, sysctls}: DockerWishes): Partial<PodSpec> {
  const dnsConfig = dnsConfigOf(dns);
  const securityContext = {
    ...(groups.length > 0 && {supplementalGroups: groups}),
    ...(sysctls.length > 0 && {sysctls}),
  };
  return {
    ...(hostAliases.length > 0 && {hostAliases}),
    ...(dnsConfig !== undefined && {dnsConfig}),
    ...(groups.length + sysctls.length > 0 && {securityContext}),
  };
}

function pullSecretsOf(infos: readonly TaskInfo[], ofAll: readonly string[]): Pick<PodSpec, 'imagePullSecrets'> {
  const names = new Set([...infos.flatMap(info => pullSecretNamed(info) ?? []), ...ofAll]);
  return names.size > 0 ? {imagePullSecrets: [...names].map(name => ({name}))} : {};
}

/** At least 1: a grace of 0 makes Kubernetes forget the pod before it has ended. */
function graceSeconds({kill_policy}: TaskInfo): number {
  const nanoseconds = kill_policy?.grace_period?.nanoseconds;
  return nanoseconds === undefined ? DEFAULT_GRACE_SECONDS : inInt32(nanoseconds / 1e9, 1);
}
