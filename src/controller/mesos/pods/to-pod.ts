import type {TaskPolicy} from '../../../crds/task-policy.ts';
import {taskInfoSchema} from '../../../api/mesos/v1/common.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import {encodeJson} from '../../../api/mesos/v1/json.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {PodOrder} from '../core/tasks/task-record.ts';
import {amountsOf} from './amounts.ts';
import {commandOf, endingOf, literal} from './command.ts';
import {type DockerWishes, dnsConfigOf, dockerWishes} from './docker-parameters.ts';
import {type Fetch, fetchOf, type FetchOptions} from './fetch-container.ts';
import {
  AGENT_LABEL,
  FRAMEWORK_ANNOTATION,
  FRAMEWORK_LABEL,
  IGNORED_ANNOTATION,
  LAUNCH_ANNOTATION,
  MANAGED_LABEL,
  TASK_ANNOTATION,
  TASK_FINALIZER,
  TASK_ID_ANNOTATION,
  TASK_NAME_LABEL,
} from '../../../crds/meta.ts';
import {inInt32} from './int32.ts';
import {isPodLabel, labelValue, SANDBOX_PATH, TASK_CONTAINER} from './marks.ts';
import {networkOf, type PodNetwork} from './network.ts';
import type {Container, EnvVar, Pod, PodSpec, SecurityContext, Toleration} from './pod.ts';
import {imageProblem, secretProblem} from './policy.ts';
import {probesOf} from './probes.ts';
import {isNamedUser, securityOf} from './security.ts';
import {volumesOf} from './volumes.ts';
import type {Mounted} from './volumes.ts';

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

/** One task of an order. */
type Ordered = PodOrder & {readonly info: TaskInfo};

/** All that a task's wishes come to, checked. */
type Parts = {
  readonly wishes: DockerWishes;
  readonly mounted: Mounted;
  readonly env: readonly EnvVar[];
  readonly fetch: Fetch | undefined;
  readonly network: PodNetwork;
  readonly security: SecurityContext;
};

/**
 * The pod of a task, bound to its agent's node.
 *
 * @returns the pod, or why Kubernetes cannot, or the policy may not, run such a task: it is TASK_ERROR then
 */
export function toPod(order: PodOrder, options: PodOptions): Result<Pod, string> {
  const [info] = order.tasks;
  if (info === undefined || order.tasks.length > 1) return err('A pod with several tasks is not supported');
  const launch = {...order, info};
  const parts = partsOf(launch, options);
  if (!parts.ok) return parts;
  return ok({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(launch, options, parts.value),
    spec: specOf(launch, options, parts.value),
  });
}

function partsOf(launch: Ordered, options: PodOptions): Result<Parts, string> {
  const {info, policy} = launch;
  const wishes = dockerWishes(info.container?.docker?.parameters ?? []);
  const mounted = volumesOf(info, launch.agent.id, wishes, policy);
  if (!mounted.ok) return mounted;
  const named = namesProblem(info, policy);
  if (named !== undefined) return err(named);
  const env = environmentOf(launch, wishes);
  if (!env.ok) return env;
  const fetch = fetchOf(info, options, policy);
  if (!fetch.ok) return fetch;
  const network = networkOf(info, wishes, policy);
  if (!network.ok) return network;
  const security = securityOf(info, wishes, policy);
  if (!security.ok) return security;
  return ok({
    wishes,
    mounted: mounted.value,
    env: env.value,
    fetch: fetch.value,
    network: network.value,
    security: security.value,
  });
}

function metadataOf(launch: Ordered, {namespace, ownerName}: PodOptions, {wishes, network}: Parts): Pod['metadata'] {
  const {frameworkId, launchId, frameworkUid, info} = launch;
  const ignored = [...ignoredParts(info), ...wishes.ignored, ...network.ignored];
  return {
    name: launch.pod.name,
    namespace,
    labels: labelsOf(launch, wishes),
    annotations: {
      [TASK_ANNOTATION]: JSON.stringify(encodeJson(taskInfoSchema, info)),
      [TASK_ID_ANNOTATION]: info.task_id.value,
      [FRAMEWORK_ANNOTATION]: frameworkId,
      [LAUNCH_ANNOTATION]: launchId,
      ...(ignored.length > 0 && {[IGNORED_ANNOTATION]: ignored.join(', ')}),
    },
    finalizers: [TASK_FINALIZER],
    ownerReferences: [
      {apiVersion: 'mesos.dev/v1', kind: 'MesosFramework', name: ownerName, uid: frameworkUid, controller: true},
    ],
  };
}

function labelsOf({frameworkId, agent, info}: Ordered, {labels}: DockerWishes): Readonly<Record<string, string>> {
  const given = (info.labels?.labels ?? []).map(({key, value = ''}) => [key, value] as const);
  const own = [...labels, ...given].filter(([key, value]) => isPodLabel(key, value));
  return {
    ...Object.fromEntries(own),
    [MANAGED_LABEL]: 'true',
    [FRAMEWORK_LABEL]: labelValue(frameworkId),
    [AGENT_LABEL]: labelValue(agent.name),
    [TASK_NAME_LABEL]: labelValue(info.name),
  };
}

function specOf(launch: Ordered, options: PodOptions, parts: Parts): PodSpec {
  const {info, agent} = launch;
  const {wishes, mounted, fetch, network} = parts;
  const deadline = info.max_completion_time?.nanoseconds;
  return {
    nodeName: agent.nodeName,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: graceSeconds(info),
    ...(deadline !== undefined && {activeDeadlineSeconds: inInt32(deadline / 1e9, 1)}),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...network.spec,
    ...podWishes(wishes),
    ...pullSecretsOf(info, options.pullSecrets),
    tolerations: TOLERATIONS,
    volumes: [...mounted.volumes, ...(fetch?.volumes ?? [])],
    ...(fetch !== undefined && {initContainers: [fetch.container]}),
    containers: [containerOf(info, options.defaultImage, parts)],
  };
}

function containerOf(
  info: TaskInfo,
  defaultImage: string,
  {wishes, mounted, env, network, security}: Parts,
): Container {
  const {entrypoint, workingDir} = wishes;
  return {
    name: TASK_CONTAINER,
    ...imageOf(info, defaultImage),
    ...(workingDir !== undefined && {workingDir}),
    ...(info.container?.tty_info !== undefined && {tty: true}),
    ...enteredBy(entrypoint, commandOf(info.command ?? {}, info.container?.type === 'DOCKER')),
    env,
    ...(network.ports.length > 0 && {ports: network.ports}),
    resources: amountsOf(info),
    volumeMounts: mounted.mounts,
    ...endingOf(info.command ?? {}),
    ...probesOf(info.health_check, info.check),
    ...(Object.keys(security).length > 0 && {securityContext: security}),
  };
}

/** An entry point of the task's own takes the whole command as its arguments. */
function enteredBy(
  entrypoint: string | undefined,
  {command = [], args = []}: Pick<Container, 'command' | 'args'>,
): Pick<Container, 'command' | 'args'> {
  const [words, rest] = entrypoint === undefined ? [command, args] : [[literal(entrypoint)], [...command, ...args]];
  return {...(words.length > 0 && {command: words}), ...(rest.length > 0 && {args: rest})};
}

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

function pullSecretsOf(info: TaskInfo, ofAll: readonly string[]): Pick<PodSpec, 'imagePullSecrets'> {
  const own = pullSecretNamed(info);
  const names = [...(own === undefined ? [] : [own]), ...ofAll];
  return names.length > 0 ? {imagePullSecrets: names.map(name => ({name}))} : {};
}

/** At least 1: a grace of 0 makes Kubernetes forget the pod before it has ended. */
function graceSeconds({kill_policy}: TaskInfo): number {
  const nanoseconds = kill_policy?.grace_period?.nanoseconds;
  return nanoseconds === undefined ? DEFAULT_GRACE_SECONDS : inInt32(nanoseconds / 1e9, 1);
}

/** The image that the task names, and the Secret to pull it with. @returns what the policy says against them */
function namesProblem(info: TaskInfo, policy: TaskPolicy): string | undefined {
  const image = imageNamed(info);
  const secret = pullSecretNamed(info);
  return (
    (image === undefined ? undefined : imageProblem(image, policy)) ??
    (secret === undefined ? undefined : secretProblem({name: secret}, policy))
  );
}

const imageNamed = ({container}: TaskInfo): string | undefined =>
  container?.docker?.image ?? container?.mesos?.image?.docker?.name;
const pullSecretNamed = ({container}: TaskInfo): string | undefined =>
  container?.mesos?.image?.docker?.config?.reference?.name;

/** A task with an image of its own starts where the image says, any other in its sandbox. */
function imageOf(info: TaskInfo, defaultImage: string): Partial<Container> {
  const image = imageNamed(info);
  const {container} = info;
  if (image === undefined) return {...(defaultImage !== '' && {image: defaultImage}), workingDir: SANDBOX_PATH};
  const pull = container?.docker?.force_pull_image === true || container?.mesos?.image?.cached === false;
  return {image, imagePullPolicy: pull ? 'Always' : 'IfNotPresent'};
}

/** Mesos's variables first: those of the task win. */
function environmentOf(
  {info, frameworkId, agent, role, policy}: Ordered,
  wishes: DockerWishes,
): Result<readonly EnvVar[], string> {
  const own: EnvVar[] = [
    {name: 'MESOS_FRAMEWORK_ID', value: literal(frameworkId)},
    {name: 'MESOS_EXECUTOR_ID', value: literal(info.task_id.value)},
    {name: 'MESOS_SLAVE_ID', value: agent.id},
    {name: 'MESOS_ALLOCATION_ROLE', value: literal(role)},
    {name: 'MESOS_SANDBOX', value: SANDBOX_PATH},
  ];
  const env = new Map(own.map(variable => [variable.name, variable]));
  for (const [name, value] of wishes.env) env.set(name, {name, value: literal(value)});
  for (const {name, value = '', type, secret} of info.command?.environment?.variables ?? []) {
    if (type !== 'SECRET') {
      env.set(name, {name, value: literal(value)});
      continue;
    }
    const reference = secret?.reference;
    if (reference?.key === undefined) return err(`Variable '${name}': only secrets by name and key are supported`);
    const problem = secretProblem(reference, policy);
    if (problem !== undefined) return err(`Variable '${name}': ${problem}`);
    env.set(name, {name, valueFrom: {secretKeyRef: {name: reference.name, key: reference.key}}});
  }
  return ok([...env.values()]);
}

/** What people should know when they wonder. */
function ignoredParts({container, command, health_check, check, data}: TaskInfo): readonly string[] {
  const linux = container?.linux_info;
  const parts = {
    'container.linux_info.share_pid_namespace': linux?.share_pid_namespace === true,
    'container.linux_info.ipc_mode': linux?.ipc_mode === 'SHARE_PARENT',
    'command.user': isNamedUser(command?.user),
    'command.uris.cache': (command?.uris ?? []).some(({cache}) => cache === true),
    check: check !== undefined && health_check !== undefined,
    data: data !== undefined,
  };
  return Object.entries(parts).flatMap(([part, isIgnored]) => (isIgnored ? [part] : []));
}
