import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import type {AppDefinition} from '../core/app.ts';
import type {App} from '../core/state.ts';
import {countTasks} from '../core/counters.ts';
import {taskJson} from './task-json.ts';

type Json = Record<string, unknown>;

/** An app as /v2 shows it: every default filled in, nothing null, today's field names only. */
export function appJson(app: App, definition: AppDefinition): Json {
  const {spec} = definition;
  return compact({
    id: definition.id,
    ...nonEmpty(spec),
    ...scalars(spec),
    acceptedResourceRoles: spec.acceptedResourceRoles,
    container: containerJson(app, definition),
    labels: spec.labels ?? {},
    networks: spec.networks ?? [{mode: 'host'}],
    portDefinitions: definition.networkMode === 'host' ? portDefinitions(app, definition) : undefined,
    requirePorts: definition.networkMode === 'host' && spec.requirePorts,
    role: definition.role,
    unreachableStrategy: unreachableJson(definition),
    upgradeStrategy: {
      minimumHealthCapacity: definition.minimumHealthCapacity,
      maximumOverCapacity: definition.maximumOverCapacity,
    },
    version: app.versionInfo?.version,
  });
}

/** The definition with what is embedded (`tasks`, `counts`, `deployments`, `lastTaskFailure`); `versionInfo` always is. */
export function appInfo(app: App, definition: AppDefinition, embeds: ReadonlySet<string>): Json {
  const {versionInfo} = app;
  return compact({
    ...appJson(app, definition),
    versionInfo:
      versionInfo === undefined
        ? undefined
        : {lastScalingAt: versionInfo.lastScalingAt, lastConfigChangeAt: versionInfo.lastConfigChangeAt},
    ...(embeds.has('counts') ? countsOf(app) : {}),
    deployments: embeds.has('deployments') ? deploymentsOf(app) : undefined,
    tasks: embeds.has('tasks') ? tasksOf(app) : undefined,
    lastTaskFailure: embeds.has('lastTaskFailure') ? app.lastTaskFailure : undefined,
  });
}

function countsOf({instances}: App): Json {
  const {replicas: _replicas, ...counts} = countTasks(instances.values());
  return counts;
}

const deploymentsOf = (app: App): {id: string}[] => (app.deployment === undefined ? [] : [{id: app.deployment.id}]);

export const tasksOf = (app: App): Json[] =>
  [...app.instances.values()].map(instance => taskJson(app, instance)).filter(task => task !== undefined);

/** Lists and maps that are left out when empty. */
function nonEmpty({
  args,
  constraints,
  dependencies,
  env,
  fetch,
  healthChecks,
  readinessChecks,
  secrets,
}: MarathonAppSpec): Json {
  const fields = {args, constraints, dependencies, env, fetch, healthChecks, readinessChecks, secrets};
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && Object.keys(value).length > 0),
  );
}

function scalars(spec: MarathonAppSpec): Json {
  const {cmd, user, instances, cpus, mem, disk, gpus, resourceLimits, backoffSeconds, backoffFactor} = spec;
  const {maxLaunchDelaySeconds, taskKillGracePeriodSeconds, killSelection, check, tty, residency} = spec;
  return {
    ...{cmd, user, instances, cpus, mem, disk, gpus, resourceLimits, backoffSeconds, backoffFactor},
    ...{maxLaunchDelaySeconds, taskKillGracePeriodSeconds, killSelection, check, tty, residency},
    executor: spec.executor ?? '',
  };
}

function portDefinitions(app: App, {ports}: AppDefinition): readonly Json[] {
  return ports.map((port, index) =>
    compact({
      port: app.servicePorts[index] ?? port.servicePort,
      protocol: port.protocol,
      name: port.name,
      labels: omitEmpty(port.labels),
    }),
  );
}

function containerJson(app: App, definition: AppDefinition): Json | undefined {
  const {container} = definition.spec;
  if (container === undefined) return undefined;
  const {docker} = container;
  return compact({
    type: container.type,
    docker: docker === undefined ? undefined : {...docker, parameters: docker.parameters ?? []},
    volumes: container.volumes ?? [],
    portMappings: definition.networkMode === 'host' ? undefined : portMappings(app, definition),
    linuxInfo: container.linuxInfo,
  });
}

function portMappings(app: App, {ports, spec}: AppDefinition): readonly Json[] {
  return ports.map((port, index) =>
    compact({
      containerPort: port.containerPort ?? 0,
      hostPort: typeof port.hostPort === 'number' ? port.hostPort : port.hostPort === 'any' ? 0 : undefined,
      servicePort: app.servicePorts[index] ?? port.servicePort,
      protocol: port.protocol,
      name: port.name,
      labels: omitEmpty(port.labels),
      networkNames: spec.container?.portMappings?.[index]?.networkNames,
    }),
  );
}

function unreachableJson({unreachable}: AppDefinition): unknown {
  if (unreachable === 'disabled') return unreachable;
  return {
    inactiveAfterSeconds: unreachable.inactiveAfterMs / 1000,
    expungeAfterSeconds: unreachable.expungeAfterMs / 1000,
  };
}

const omitEmpty = (map: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined =>
  Object.keys(map).length > 0 ? map : undefined;

const compact = (json: Json): Json =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
