import {APP_TASK_LABELS} from '../../../../crds/meta.ts';
import type {TaskInfo} from '../../../../api/mesos/v1/common.ts';
import type {CommandInfo, DiscoveryInfo} from '../../../../api/mesos/v1/container.ts';
import type {Labels, Resource} from '../../../../api/mesos/v1/resources.ts';
import {secretReference} from '../../../../crds/secret-source.ts';
import type {AppDefinition} from '../apps/app.ts';
import {containerInfo} from './container-info.ts';
import {healthCheck} from './health-check.ts';
import {discoveryName, type TaskId} from '../ids.ts';
import {effectivePorts, taskEnv} from './task-env.ts';

export type TaskInfoInput = {
  readonly app: AppDefinition;
  /** A label value that stands for the app's object. */
  readonly selectorName: string;
  readonly version: string;
  readonly config: string;
  readonly taskId: TaskId;
  readonly agentId: string;
  readonly host: string;
  readonly resources: readonly Resource[];
  readonly hostPorts: readonly (number | undefined)[];
  readonly servicePorts: readonly number[];
  readonly envPrefix: string;
  /** Runs tasks whose app names no user. */
  readonly defaultUser: string | undefined;
};

export function buildTaskInfo(input: TaskInfoInput): TaskInfo {
  const {app, hostPorts} = input;
  const grace = app.spec.taskKillGracePeriodSeconds;
  return {
    name: discoveryName(app.id),
    task_id: {value: input.taskId},
    agent_id: {value: input.agentId},
    resources: input.resources,
    command: command(input),
    container: containerInfo(app, hostPorts),
    health_check: healthCheck(app, hostPorts),
    labels: taskLabels(input),
    discovery: discovery(app, hostPorts),
    ...(grace === undefined ? {} : {kill_policy: {grace_period: {nanoseconds: grace * 1e9}}}),
    ...limits(app),
  };
}

function command(input: TaskInfoInput): CommandInfo {
  const {spec} = input.app;
  const env = taskEnv({...input, prefix: input.envPrefix});
  const user = spec.user ?? input.defaultUser;
  return {
    ...program(input.app),
    ...(user === undefined ? {} : {user}),
    environment: {
      variables: [
        ...Object.entries(env).map(([name, value]) => ({name, value, type: 'VALUE' as const})),
        ...secretEnv(spec),
      ],
    },
    uris: (spec.fetch ?? []).map(item => ({
      value: item.uri,
      extract: item.extract,
      executable: item.executable,
      cache: item.cache,
      ...(item.destPath === undefined ? {} : {output_file: item.destPath}),
    })),
  };
}

type Variable = NonNullable<NonNullable<CommandInfo['environment']>['variables']>[number];

/** Variables whose values are keys of Secrets. */
function secretEnv({env = {}, secrets = {}}: AppDefinition['spec']): readonly Variable[] {
  return Object.entries(env).flatMap(([name, value]): Variable[] => {
    const reference = typeof value === 'string' ? undefined : secretReference(secrets[value.secret]?.source ?? '');
    return reference === undefined ? [] : [{name, type: 'SECRET', secret: {type: 'REFERENCE', reference}}];
  });
}

function program({spec: {cmd, args, container}}: AppDefinition): Pick<CommandInfo, 'shell' | 'value' | 'arguments'> {
  if (cmd !== undefined) return {shell: true, value: cmd};
  if (args === undefined || args.length === 0) return {shell: false};
  // An image's entrypoint gets the arguments; without an image the first one is the program.
  return container?.docker === undefined
    ? {shell: false, value: args[0], arguments: args}
    : {shell: false, arguments: args};
}

function taskLabels({app, version, config, selectorName}: TaskInfoInput): Labels {
  const all = {
    ...app.labels,
    [APP_TASK_LABELS.app]: app.id,
    [APP_TASK_LABELS.name]: selectorName,
    [APP_TASK_LABELS.version]: version,
    [APP_TASK_LABELS.config]: config,
  };
  return {labels: Object.entries(all).map(([key, value]) => ({key, value}))};
}

/** Tells ports of the host from those that exist only inside a container. */
export const SCOPE_LABEL = 'network-scope';

function discovery(app: AppDefinition, hostPorts: readonly (number | undefined)[]): DiscoveryInfo {
  const numbers = effectivePorts(app, hostPorts);
  const ports = app.ports.flatMap((spec, index) =>
    spec.protocol.split(',').map(protocol => ({
      number: numbers[index] ?? 0,
      ...(spec.name === undefined ? {} : {name: spec.name}),
      protocol,
      labels: {
        labels: [
          ...Object.entries(spec.labels).map(([key, value]) => ({key, value})),
          {key: SCOPE_LABEL, value: hostPorts[index] === undefined ? 'container' : 'host'},
        ],
      },
    })),
  );
  return {visibility: 'FRAMEWORK', name: discoveryName(app.id), ports: {ports}};
}

/** The host ports that `buildTaskInfo` wrote, one for each declared port. */
export function hostPortsOf(discoveryInfo: DiscoveryInfo | undefined): readonly (number | undefined)[] {
  const ports = discoveryInfo?.ports?.ports ?? [];
  // One declared port with the protocol `udp,tcp` is two entries.
  const first = ports.filter((port, index) => {
    const before = ports[index - 1];
    return !(port.protocol === 'tcp' && before?.protocol === 'udp' && before.number === port.number);
  });
  return first.map(port => {
    const scope = port.labels?.labels?.find(({key}) => key === SCOPE_LABEL)?.value;
    return scope === 'container' ? undefined : port.number;
  });
}

function limits({spec: {resourceLimits}}: AppDefinition): Pick<TaskInfo, 'limits'> {
  if (resourceLimits === undefined) return {};
  const entries = Object.entries(resourceLimits).map(([name, limit]) => [
    name,
    {value: limit === 'unlimited' ? Infinity : limit},
  ]);
  return {limits: Object.fromEntries(entries)};
}
