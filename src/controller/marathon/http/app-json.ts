import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import type {AppDefinition} from '../core/apps/app.ts';
import {readinessResults} from '../core/health/readiness.ts';
import type {ReadonlyApp} from '../core/state.ts';
import {countTasks} from '../core/counters.ts';
import type {ShownApp} from './shown-app.ts';
import {resolvePath} from '../core/ids.ts';
import {tasksOf} from './task-json.ts';
import {taskStats} from './task-stats.ts';

type Json = Record<string, unknown>;

/**
 * An app as /v2 shows it: every default filled in, nothing null, today's field names only. Two specs that look alike
 * here mean the same.
 *
 * @param servicePorts those assigned, one for each declared port
 */
export function appJson(definition: AppDefinition, servicePorts: readonly number[], version?: string): Json {
  const {spec, networkMode} = definition;
  const onHost = networkMode === 'host';
  return compact({
    id: definition.id,
    ...nonEmpty(spec),
    ...scalars(spec),
    acceptedResourceRoles: spec.acceptedResourceRoles,
    dependencies: dependenciesOf(definition),
    container: containerJson(definition, servicePorts),
    labels: spec.labels ?? {},
    networks: (spec.networks ?? [{mode: 'host'}]).map(({labels, ...network}) => withLabels(network, labels)),
    portDefinitions: onHost ? portDefinitions(definition, servicePorts) : undefined,
    requirePorts: onHost && spec.requirePorts,
    role: definition.role,
    unreachableStrategy: unreachableJson(definition),
    upgradeStrategy: {
      minimumHealthCapacity: definition.minimumHealthCapacity,
      maximumOverCapacity: definition.maximumOverCapacity,
    },
    version,
  });
}

/** The definition alone, with the version that it has or will have. */
export const appDefinition = ({app, definition}: ShownApp): Json =>
  appJson(definition, app.servicePorts, app.waitsForStep ? app.object.version : app.versionInfo?.version);

export type InfoOptions = {
  /** `tasks`, `counts`, `deployments`, `lastTaskFailure`, `readiness`, `taskStats`; others are ignored. */
  readonly embeds: ReadonlySet<string>;
  readonly nowMs: number;
};

/** The definition with what is embedded; `versionInfo` always is. */
export function appInfo({app, definition}: ShownApp, {embeds, nowMs}: InfoOptions): Json {
  const {versionInfo} = app;
  return compact({
    ...appDefinition({app, definition}),
    versionInfo:
      versionInfo === undefined
        ? undefined
        : {lastScalingAt: versionInfo.lastScalingAt, lastConfigChangeAt: versionInfo.lastConfigChangeAt},
    ...(embeds.has('counts') ? countsOf(app) : {}),
    deployments: embeds.has('deployments') ? deploymentsOf(app) : undefined,
    readinessCheckResults: embeds.has('readiness') ? readinessResults(app) : undefined,
    tasks: embeds.has('tasks') ? tasksOf(app) : undefined,
    lastTaskFailure: embeds.has('lastTaskFailure') ? app.lastTaskFailure : undefined,
    tasksStats: embeds.has('taskStats') ? taskStats(app, nowMs) : undefined,
  });
}

function countsOf({instances}: ReadonlyApp): Json {
  const {replicas: _replicas, ...counts} = countTasks(instances.values());
  return counts;
}

const deploymentsOf = ({deployment}: ReadonlyApp): {id: string}[] =>
  deployment === undefined ? [] : [{id: deployment.id}];

/** Lists and maps that are left out when empty. */
function nonEmpty({args, constraints, env, fetch, healthChecks, readinessChecks, secrets}: MarathonAppSpec): Json {
  const fields = {args, constraints, env, fetch, healthChecks, readinessChecks, secrets};
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && Object.keys(value).length > 0),
  );
}

function scalars(spec: MarathonAppSpec): Json {
  const {cmd, user, instances, cpus, mem, disk, gpus, resourceLimits, backoffSeconds, backoffFactor} = spec;
  const {maxLaunchDelaySeconds, taskKillGracePeriodSeconds, killSelection, check, tty, residency, executorResources} =
    spec;
  return {
    ...{cmd, user, instances, cpus, mem, disk, gpus, resourceLimits, backoffSeconds, backoffFactor},
    ...{maxLaunchDelaySeconds, taskKillGracePeriodSeconds, killSelection, check, tty, residency, executorResources},
    executor: spec.executor ?? '',
  };
}

function dependenciesOf({id, spec: {dependencies = []}}: AppDefinition): readonly string[] | undefined {
  return dependencies.length === 0 ? undefined : dependencies.map(path => resolvePath(path, id));
}

const portDefinitions = ({ports}: AppDefinition, servicePorts: readonly number[]): readonly Json[] =>
  ports.map(({servicePort, protocol, name, labels}, index) =>
    withLabels({port: servicePorts[index] ?? servicePort, protocol, name}, labels),
  );

function containerJson(definition: AppDefinition, servicePorts: readonly number[]): Json | undefined {
  const {container} = definition.spec;
  if (container === undefined) return undefined;
  const {type, docker, volumes = [], linuxInfo} = container;
  const portMappings = definition.networkMode === 'host' ? undefined : mappings(definition, servicePorts);
  return compact({type, docker: docker && dockerJson(docker, type), volumes, portMappings, linuxInfo});
}

type Container = NonNullable<MarathonAppSpec['container']>;

/** Options of the docker daemon mean nothing to the Mesos containerizer. */
function dockerJson(docker: NonNullable<Container['docker']>, type: Container['type']): Json {
  const {privileged, parameters = [], ...image} = docker;
  return type === 'DOCKER' || privileged || parameters.length > 0 ? {...image, privileged, parameters} : image;
}

function mappings({ports, spec}: AppDefinition, servicePorts: readonly number[]): readonly Json[] {
  return ports.map(({containerPort = 0, hostPort, servicePort, protocol, name, labels}, index) => {
    const networkNames = spec.container?.portMappings?.[index]?.networkNames ?? [];
    const shown = {
      containerPort,
      hostPort: typeof hostPort === 'number' ? hostPort : hostPort === 'any' ? 0 : undefined,
      servicePort: servicePorts[index] ?? servicePort,
      protocol,
      name,
      networkNames: networkNames.length > 0 ? networkNames : undefined,
    };
    return withLabels(shown, labels);
  });
}

function unreachableJson({unreachable}: AppDefinition): unknown {
  if (unreachable === 'disabled') return unreachable;
  return {
    inactiveAfterSeconds: unreachable.inactiveAfterMs / 1000,
    expungeAfterSeconds: unreachable.expungeAfterMs / 1000,
  };
}

const withLabels = (json: Json, labels: Readonly<Record<string, string>> = {}): Json =>
  compact({...json, labels: Object.keys(labels).length > 0 ? labels : undefined});

const compact = (json: Json): Json =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
