import type {MarathonAppSpec} from '../../../crds/marathon-app.ts';
import {err, ok, type Result} from '../../../lib/result.ts';
import type {BackoffPolicy} from './backoff.ts';
import {parseConstraint, type Constraint} from './constraints.ts';
import type {AppId} from './ids.ts';
import {normalisePorts, type PortSpec} from './port-specs.ts';

export type NetworkMode = 'host' | 'bridge' | 'container';

export type UnreachableStrategy = 'disabled' | {readonly inactiveAfterMs: number; readonly expungeAfterMs: number};

/** A spec that was checked and has every default filled in; what it does not change of the spec stays in `spec`. */
export type AppDefinition = {
  readonly id: AppId;
  readonly spec: MarathonAppSpec;
  readonly instances: number;
  readonly role: string;
  /** Resources of these roles may be used: `*` is unreserved, the app's own role reserved. */
  readonly acceptedResourceRoles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly constraints: readonly Constraint[];
  readonly networkMode: NetworkMode;
  readonly ports: readonly PortSpec[];
  readonly backoff: BackoffPolicy;
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
  readonly unreachable: UnreachableStrategy;
  /** What is wanted is what is healthy, not only running. */
  readonly hasHealthChecks: boolean;
};

export type AppDefaults = {readonly role: string; readonly acceptedResourceRoles: 'any' | 'unreserved' | 'reserved'};

const SINGLE_INSTANCE = 'MARATHON_SINGLE_INSTANCE_APP';

/** @returns a message for the user where the CRD's schema could not refuse the spec, or this project can't run it */
export function normaliseApp(id: AppId, spec: MarathonAppSpec, defaults: AppDefaults): Result<AppDefinition, string> {
  const problem = problemOf(spec);
  if (problem !== undefined) return err(problem);
  const constraints = allOk((spec.constraints ?? []).map(parseConstraint));
  if (!constraints.ok) return constraints;
  const networkMode = networkModeOf(spec);
  const ports = normalisePorts(spec, networkMode);
  if (!ports.ok) return ports;
  const unreachable = unreachableOf(spec);
  if (!unreachable.ok) return unreachable;
  const role = spec.role ?? defaults.role;
  const accepted = acceptedRoles(spec, role, defaults);
  if (!accepted.ok) return accepted;
  return ok({
    id,
    spec,
    instances: spec.instances,
    role,
    acceptedResourceRoles: accepted.value,
    env: plainEnv(spec),
    labels: spec.labels ?? {},
    constraints: constraints.value,
    networkMode,
    ports: ports.value,
    backoff: {
      initialMs: spec.backoffSeconds * 1000,
      factor: spec.backoffFactor,
      maxMs: spec.maxLaunchDelaySeconds * 1000,
    },
    minimumHealthCapacity: spec.upgradeStrategy?.minimumHealthCapacity ?? 1,
    maximumOverCapacity: spec.upgradeStrategy?.maximumOverCapacity ?? 1,
    unreachable: unreachable.value,
    hasHealthChecks: (spec.healthChecks ?? []).length > 0,
  });
}

/** One check a line; the first that speaks is the answer. */
function problemOf(spec: MarathonAppSpec): string | undefined {
  return (
    commandProblem(spec) ??
    networkProblem(spec) ??
    limitProblem(spec, 'cpus') ??
    limitProblem(spec, 'mem') ??
    singleInstanceProblem(spec) ??
    healthCheckProblem(spec) ??
    unsupportedProblem(spec)
  );
}

function commandProblem({cmd, args, container}: MarathonAppSpec): string | undefined {
  const both = cmd !== undefined && args !== undefined;
  const none = cmd === undefined && args === undefined && container === undefined;
  const noProgram = args?.length === 0 && container === undefined;
  if (!both && !none && !noProgram) return undefined;
  return "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
}

function networkProblem({networks = []}: MarathonAppSpec): string | undefined {
  const modes = new Set(networks.map(network => network.mode));
  if (modes.size > 1 || (networks.length > 1 && !modes.has('container'))) {
    return 'May specify a single host network, single bridge network, or else 1-to-n container networks';
  }
  if (networks.some(({mode, name}) => mode === 'host' && name !== undefined)) return 'Host networks may not have names';
  if (networks.some(({mode, name}) => mode === 'container/bridge' && name !== undefined)) {
    return 'Bridge networks may not have names';
  }
  if (networks.some(({mode, name}) => mode === 'container' && name === undefined)) {
    return 'Network name must be specified when container network is selected.';
  }
  return undefined;
}

function limitProblem(spec: MarathonAppSpec, name: 'cpus' | 'mem'): string | undefined {
  const limit: unknown = spec.resourceLimits?.[name];
  if (limit === undefined || limit === 'unlimited') return undefined;
  if (typeof limit !== 'number') return `resourceLimits.${name}: must be "unlimited" or a number`;
  if (limit >= spec[name]) return undefined;
  return `resourceLimits.${name}: resource limit must be greater than or equal to requested resource (${spec[name]})`;
}

function singleInstanceProblem(spec: MarathonAppSpec): string | undefined {
  if (spec.labels?.[SINGLE_INSTANCE] !== 'true') return undefined;
  if (spec.instances > 1) return `instances: an app with the label ${SINGLE_INSTANCE} may have one at most`;
  const {minimumHealthCapacity = 1, maximumOverCapacity = 1} = spec.upgradeStrategy ?? {};
  if (minimumHealthCapacity === 0 && maximumOverCapacity === 0) return undefined;
  return `upgradeStrategy: an app with the label ${SINGLE_INSTANCE} needs 0 for both capacities`;
}

function healthCheckProblem(spec: MarathonAppSpec): string | undefined {
  for (const check of spec.healthChecks ?? []) {
    if (check.protocol === 'COMMAND') {
      if (check.command === undefined) return 'healthChecks: protocol COMMAND needs a command';
    } else if (check.port === undefined && (check.portIndex ?? 0) >= portCount(spec)) {
      return 'Health check port indices must address an element of the ports array or container port mappings.';
    }
  }
  return undefined;
}

const portCount = (spec: MarathonAppSpec): number =>
  networkModeOf(spec) === 'host'
    ? (spec.portDefinitions ?? spec.ports ?? ['default']).length
    : (spec.container?.portMappings ?? ['default']).length;

/** What Marathon can do and this project can't yet: said, rather than silently left out. */
function unsupportedProblem(spec: MarathonAppSpec): string | undefined {
  if (Object.values(spec.env ?? {}).some(value => typeof value !== 'string')) {
    return 'env: only strings; feature secrets is not enabled';
  }
  const volumes = spec.container?.volumes ?? [];
  if (volumes.some(volume => volume.hostPath === undefined))
    return 'container.volumes: only host volumes are supported';
  if (volumes.some(volume => volume.containerPath === undefined)) return 'container.volumes: containerPath is missing';
  if (!['', '//cmd'].includes(spec.executor ?? '')) return 'executor: custom executors are not supported';
  if (spec.gpus > 0) return 'gpus: feature gpu_resources is not enabled';
  return undefined;
}

export function networkModeOf(spec: MarathonAppSpec): NetworkMode {
  const mode = spec.networks?.[0]?.mode;
  if (mode === 'container/bridge') return 'bridge';
  return mode === 'container' ? 'container' : 'host';
}

function plainEnv(spec: MarathonAppSpec): Record<string, string> {
  const plain = Object.entries(spec.env ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(plain);
}

function acceptedRoles(spec: MarathonAppSpec, role: string, defaults: AppDefaults): Result<readonly string[], string> {
  const accepted = spec.acceptedResourceRoles;
  if (accepted === undefined) {
    const byDefault = {any: ['*', role], unreserved: ['*'], reserved: [role]};
    return ok([...new Set(byDefault[defaults.acceptedResourceRoles])]);
  }
  if (accepted.some(name => name !== '*' && name !== role)) {
    return err(`acceptedResourceRoles can only contain * and ${role}`);
  }
  return ok(accepted);
}

function unreachableOf({unreachableStrategy: strategy = {}}: MarathonAppSpec): Result<UnreachableStrategy, string> {
  if (strategy === 'disabled') return ok('disabled');
  const wrong = 'unreachableStrategy: want "disabled", or {inactiveAfterSeconds, expungeAfterSeconds} with numbers';
  if (typeof strategy !== 'object' || strategy === null) return err(wrong);
  const {inactiveAfterSeconds = 0, expungeAfterSeconds = 0} = strategy;
  if (![inactiveAfterSeconds, expungeAfterSeconds].every(value => Number.isFinite(value) && value >= 0))
    return err(wrong);
  if (inactiveAfterSeconds > expungeAfterSeconds) {
    return err(
      `unreachableStrategy: inactiveAfterSeconds (${inactiveAfterSeconds}) must not be above expungeAfterSeconds (${expungeAfterSeconds})`,
    );
  }
  return ok({inactiveAfterMs: inactiveAfterSeconds * 1000, expungeAfterMs: expungeAfterSeconds * 1000});
}

function allOk<T>(results: readonly Result<T, string>[]): Result<readonly T[], string> {
  const values: T[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return ok(values);
}
