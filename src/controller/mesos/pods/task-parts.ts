import type {TaskPolicy} from '../../../crds/task-policy.ts';
import type {TaskInfo} from '../../../api/mesos/v1/common.ts';
import {err, ok} from '../../../lib/result.ts';
import type {Result} from '../../../lib/result.ts';
import type {PodOrder} from '../core/tasks/task-record.ts';
import {amountsOf} from './amounts.ts';
import {commandOf, endingOf, literal} from './command.ts';
import {type DockerWishes, dockerWishes} from './docker-parameters.ts';
import {type Fetch, fetchOf, type FetchOptions} from './fetch-container.ts';
import {type ContainerNames, LONE_TASK, SANDBOX_PATH} from './marks.ts';
import {networkOf, type PodNetwork} from './network.ts';
import type {Container, EnvVar, SecurityContext} from './pod.ts';
import {imageProblem, secretProblem} from './policy.ts';
import {probesOf} from './probes.ts';
import {isNamedUser, securityOf} from './security.ts';
import {type Mounted, PARENT_SANDBOX, volumesOf} from './volumes.ts';

// What one task is in its pod: a container, and what that needs.

/** One task of an order. */
export type OrderedTask = PodOrder & {readonly info: TaskInfo};

/** All that a task's wishes come to, checked. */
export type TaskParts = {
  readonly info: TaskInfo;
  readonly names: ContainerNames;
  readonly wishes: DockerWishes;
  readonly mounted: Mounted;
  readonly env: readonly EnvVar[];
  readonly fetch: Fetch | undefined;
  readonly network: PodNetwork;
  readonly security: SecurityContext;
};

/** @param place names of a group's member; absent: the task has a pod of its own */
export function partsOf(task: OrderedTask, options: FetchOptions, place?: ContainerNames): Result<TaskParts, string> {
  const {info, policy} = task;
  const isMember = place !== undefined;
  const wishes = dockerWishes(info.container?.docker?.parameters ?? []);
  const mounted = volumesOf(info, task.agent.id, wishes, policy, {hasParent: isMember});
  if (!mounted.ok) return mounted;
  const named = namesProblem(info, policy);
  if (named !== undefined) return err(named);
  const env = environmentOf(task, wishes);
  if (!env.ok) return env;
  const fetch = fetchOf(info, options, policy);
  if (!fetch.ok) return fetch;
  const network = isMember ? ok(NO_NETWORK) : networkOf(info, wishes, policy);
  if (!network.ok) return network;
  const security = securityOf(info, wishes, policy);
  if (!security.ok) return security;
  const parts = {
    info,
    names: place ?? LONE_TASK,
    wishes,
    mounted: mounted.value,
    env: env.value,
    fetch: fetch.value,
    network: network.value,
    security: security.value,
  };
  return ok(isMember ? apart(parts) : parts);
}

/** A group has one network, and its executor says which. */
const NO_NETWORK: PodNetwork = {spec: {}, ports: [], ignored: []};

/** What is a task's own is named by its place in the group; all else in the pod is shared. */
function apart(parts: TaskParts): TaskParts {
  const {names, mounted, fetch} = parts;
  const own = <Named extends {readonly name: string}>(each: Named): Named =>
    each.name === PARENT_SANDBOX.name ? each : {...each, name: `${names.task}-${each.name}`};
  return {
    ...parts,
    mounted: {volumes: mounted.volumes.map(own), mounts: mounted.mounts.map(own)},
    fetch: fetch && {
      volumes: fetch.volumes.map(own),
      container: {...fetch.container, name: names.fetch, volumeMounts: fetch.container.volumeMounts.map(own)},
    },
  };
}

export function containerOf({info, names, wishes, mounted, env, security}: TaskParts, defaultImage: string): Container {
  const {entrypoint, workingDir} = wishes;
  return {
    name: names.task,
    ...imageOf(info, defaultImage),
    ...(workingDir !== undefined && {workingDir}),
    ...(info.container?.tty_info !== undefined && {tty: true}),
    ...enteredBy(entrypoint, commandOf(info.command ?? {}, info.container?.type === 'DOCKER')),
    env,
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
export const pullSecretNamed = ({container}: TaskInfo): string | undefined =>
  container?.mesos?.image?.docker?.config?.reference?.name;

/** A task with an image of its own starts where the image says, any other in its sandbox. */
function imageOf(info: TaskInfo, defaultImage: string): Partial<Container> {
  const image = imageNamed(info);
  const {container} = info;
  if (image === undefined) return {...(defaultImage !== '' && {image: defaultImage}), workingDir: SANDBOX_PATH};
  const pull = container?.docker?.force_pull_image === true || container?.mesos?.image?.cached === false;
  return {image, imagePullPolicy: pull ? 'Always' : 'IfNotPresent'};
}

const POD_ADDRESS: EnvVar = {name: 'MESOS_CONTAINER_IP', valueFrom: {fieldRef: {fieldPath: 'status.podIP'}}};

/** Mesos's variables first: those of the task win. */
function environmentOf(
  {info, executor, frameworkId, agent, role, policy}: OrderedTask,
  wishes: DockerWishes,
): Result<readonly EnvVar[], string> {
  const own: EnvVar[] = [
    {name: 'MESOS_FRAMEWORK_ID', value: literal(frameworkId)},
    {name: 'MESOS_EXECUTOR_ID', value: literal(executor?.executor_id.value ?? info.task_id.value)},
    {name: 'MESOS_SLAVE_ID', value: agent.id},
    {name: 'MESOS_ALLOCATION_ROLE', value: literal(role)},
    {name: 'MESOS_SANDBOX', value: SANDBOX_PATH},
    ...(executor === undefined ? [] : [POD_ADDRESS]),
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
export function ignoredParts({container, command, health_check, check, data}: TaskInfo): readonly string[] {
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
