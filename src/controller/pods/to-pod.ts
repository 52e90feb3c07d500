import {taskInfoSchema} from '../../api/mesos/v1/common.ts';
import type {TaskInfo} from '../../api/mesos/v1/common.ts';
import {encodeJson} from '../../api/mesos/v1/json.ts';
import {err, ok} from '../../lib/result.ts';
import type {Result} from '../../lib/result.ts';
import type {Launch} from '../mesos/core/effects.ts';
import {amountsOf} from './amounts.ts';
import {commandOf, literal} from './command.ts';
import {
  AGENT_LABEL,
  FRAMEWORK_ANNOTATION,
  FRAMEWORK_LABEL,
  IGNORED_ANNOTATION,
  isPodLabel,
  LAUNCH_ANNOTATION,
  labelValue,
  MANAGED_LABEL,
  podName,
  SANDBOX_PATH,
  TASK_ANNOTATION,
  TASK_CONTAINER,
  TASK_FINALIZER,
  TASK_ID_ANNOTATION,
  TASK_NAME_LABEL,
} from './marks.ts';
import {networkOf} from './network.ts';
import type {Container, EnvVar, Pod, PodSpec, Toleration} from './pod.ts';
import {probesOf} from './probes.ts';
import {volumesOf} from './volumes.ts';
import type {Mounted} from './volumes.ts';

export type PodOptions = {
  readonly namespace: string;
  /** For tasks without an image; '' leaves the container without one. */
  readonly defaultImage: string;
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
 * The pod of a task, bound to its agent's node.
 *
 * @returns the pod, or why Kubernetes cannot run such a task: it is TASK_ERROR then
 */
export function toPod(launch: Launch, options: PodOptions): Result<Pod, string> {
  const {info} = launch;
  if ((info.command?.uris ?? []).length > 0) return err('URIs to fetch are not supported');
  const mounted = volumesOf(info.container?.volumes ?? []);
  if (!mounted.ok) return mounted;
  const env = environmentOf(launch);
  if (!env.ok) return env;
  return ok({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(launch, options),
    spec: specOf(launch, options, mounted.value, env.value),
  });
}

function metadataOf(launch: Launch, {namespace, ownerName}: PodOptions): Pod['metadata'] {
  const {frameworkId, taskId, launchId, frameworkUid, info} = launch;
  const ignored = ignoredParts(info);
  return {
    name: podName(frameworkId, taskId),
    namespace,
    labels: labelsOf(launch),
    annotations: {
      [TASK_ANNOTATION]: JSON.stringify(encodeJson(taskInfoSchema, info)),
      [TASK_ID_ANNOTATION]: taskId,
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

function labelsOf({frameworkId, agent, info}: Launch): Readonly<Record<string, string>> {
  const own = (info.labels?.labels ?? []).flatMap(({key, value = ''}) =>
    isPodLabel(key, value) ? [[key, value]] : [],
  );
  return {
    ...Object.fromEntries(own),
    [MANAGED_LABEL]: 'true',
    [FRAMEWORK_LABEL]: labelValue(frameworkId),
    [AGENT_LABEL]: labelValue(agent.name),
    [TASK_NAME_LABEL]: labelValue(info.name),
  };
}

function specOf(
  {info, agent}: Launch,
  {defaultImage}: PodOptions,
  {volumes, mounts}: Mounted,
  env: readonly EnvVar[],
): PodSpec {
  const network = networkOf(info);
  const deadline = info.max_completion_time?.nanoseconds;
  return {
    nodeName: agent.nodeName,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: graceSeconds(info),
    ...(deadline !== undefined && {activeDeadlineSeconds: Math.max(1, Math.ceil(deadline / 1e9))}),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...network.spec,
    tolerations: TOLERATIONS,
    volumes,
    containers: [
      {
        name: TASK_CONTAINER,
        ...imageOf(info, defaultImage),
        ...commandOf(info.command ?? {}, info.container?.type === 'DOCKER'),
        env,
        ...(network.ports.length > 0 && {ports: network.ports}),
        resources: amountsOf(info),
        volumeMounts: mounts,
        ...probesOf(info.health_check, info.check),
        ...securityOf(info),
      },
    ],
  };
}

/** At least 1: a grace of 0 makes Kubernetes forget the pod before it has ended. */
function graceSeconds({kill_policy}: TaskInfo): number {
  const nanoseconds = kill_policy?.grace_period?.nanoseconds;
  return nanoseconds === undefined ? DEFAULT_GRACE_SECONDS : Math.max(1, Math.ceil(nanoseconds / 1e9));
}

/** A task with an image of its own starts where the image says, any other in its sandbox. */
function imageOf({container}: TaskInfo, defaultImage: string): Partial<Container> {
  const image = container?.docker?.image ?? container?.mesos?.image?.docker?.name;
  if (image === undefined) return {...(defaultImage !== '' && {image: defaultImage}), workingDir: SANDBOX_PATH};
  const pull = container?.docker?.force_pull_image === true || container?.mesos?.image?.cached === false;
  return {image, imagePullPolicy: pull ? 'Always' : 'IfNotPresent'};
}

function securityOf({container, command}: TaskInfo): Pick<Container, 'securityContext'> {
  const privileged = container?.docker?.privileged === true;
  const user = command?.user === 'root' ? '0' : command?.user;
  const runAsUser = user !== undefined && /^\d+$/.test(user) ? Number(user) : undefined;
  if (!privileged && runAsUser === undefined) return {};
  return {securityContext: {...(privileged && {privileged}), ...(runAsUser !== undefined && {runAsUser})}};
}

/** Mesos's variables first: those of the task win. */
function environmentOf({info, frameworkId, agent, role}: Launch): Result<readonly EnvVar[], string> {
  const own: EnvVar[] = [
    {name: 'MESOS_FRAMEWORK_ID', value: literal(frameworkId)},
    {name: 'MESOS_EXECUTOR_ID', value: literal(info.task_id.value)},
    {name: 'MESOS_SLAVE_ID', value: agent.id},
    {name: 'MESOS_ALLOCATION_ROLE', value: literal(role)},
    {name: 'MESOS_SANDBOX', value: SANDBOX_PATH},
  ];
  const env = new Map(own.map(variable => [variable.name, variable]));
  for (const {name, value = '', type, secret} of info.command?.environment?.variables ?? []) {
    if (type !== 'SECRET') {
      env.set(name, {name, value: literal(value)});
      continue;
    }
    const reference = secret?.reference;
    if (reference?.key === undefined) return err(`Variable '${name}': only secrets by name and key are supported`);
    env.set(name, {name, valueFrom: {secretKeyRef: {name: reference.name, key: reference.key}}});
  }
  return ok([...env.values()]);
}

/** What people should know when they wonder. */
function ignoredParts({container, command, health_check, check, data}: TaskInfo): readonly string[] {
  const user = command?.user;
  const parts = {
    'container.docker.parameters': (container?.docker?.parameters ?? []).length > 0,
    'container.linux_info': container?.linux_info !== undefined,
    'command.user': user !== undefined && user !== 'root' && !/^\d+$/.test(user),
    check: check !== undefined && health_check !== undefined,
    data: data !== undefined,
  };
  return Object.entries(parts).flatMap(([part, isIgnored]) => (isIgnored ? [part] : []));
}
