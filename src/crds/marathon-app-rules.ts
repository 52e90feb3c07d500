import type {Violation} from '../api/marathon/v2/check-json.ts';
import {checkLimit, explainTooMuch} from '../lib/limits.ts';
import {parseFetchUri} from '../api/mesos/fetch-uri.ts';
import {constraintProblem} from './constraint-rule.ts';
import {ONE_AGENT_CHECK, ONE_MESOS_CHECK} from './marathon-app-cel.ts';
import type {MarathonAppSpec} from './marathon-app.ts';
import {secretReference} from './secret-source.ts';
import {residentViolations} from './resident-rules.ts';
import {isResident, upgradeStrategyOf} from './upgrade-strategy.ts';

type Rule = (spec: MarathonAppSpec, defaultRole: string) => readonly Violation[];

const violation = (path: string, ...errors: string[]): Violation[] => [{path, errors}];
const none: Violation[] = [];

/**
 * What a schema can't say about an app: rules over several fields. REST answers with all of them; kubectl's objects get
 * a condition with the first.
 *
 * @param defaultRole of apps that name none
 * @returns paths as in `/container/volumes(0)/hostPath`, with Marathon's texts where it has one
 */
export const appViolations = (spec: MarathonAppSpec, defaultRole: string): readonly Violation[] =>
  RULES.flatMap(rule => rule(spec, defaultRole));

const RULES: readonly Rule[] = [
  sizeRule,
  idRule,
  commandRule,
  containerRule,
  networkRule,
  portModeRule,
  portRule,
  healthCheckRule,
  checkRule,
  readinessRule,
  limitRule,
  upgradeRule,
  unreachableRule,
  constraintRule,
  acceptedRolesRule,
  secretRule,
  volumeRule,
  fetchRule,
  executorRule,
  residentViolations,
];

/** What no bound of a single field says: the whole, and the names in maps. */
function sizeRule(spec: MarathonAppSpec): readonly Violation[] {
  const whole = checkLimit('definitionBytes', new TextEncoder().encode(JSON.stringify(spec)).length);
  const maps = {env: spec.env, labels: spec.labels, secrets: spec.secrets};
  return [
    ...(whole === undefined ? none : violation('/', explainTooMuch(whole))),
    ...Object.entries(maps).flatMap(([field, map = {}]) => {
      const longest = checkLimit(
        'keyLength',
        Object.keys(map).reduce((most, key) => Math.max(most, key.length), 0),
      );
      return longest === undefined ? none : violation(`/${field}`, explainTooMuch(longest));
    }),
  ];
}

export type NetworkMode = 'host' | 'bridge' | 'container';

/** The mode of all of an app's networks; they are never mixed. */
export function networkModeOf(spec: MarathonAppSpec): NetworkMode {
  const mode = spec.networks?.[0]?.mode;
  if (mode === 'container/bridge') return 'bridge';
  return mode === 'container' ? 'container' : 'host';
}

/** A command of one character is not enough, as in Marathon. */
function commandRule({cmd = '', args = [], container}: MarathonAppSpec): readonly Violation[] {
  const both = cmd !== '' && args.length > 0;
  const neither = cmd.length <= 1 && args.length === 0 && container === undefined;
  return both || neither
    ? violation('/', "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.")
    : none;
}

function containerRule({container, check, gpus}: MarathonAppSpec): readonly Violation[] {
  if (container?.type !== 'DOCKER') return none;
  if (container.docker === undefined) return violation('/container/docker', 'not defined');
  if (check !== undefined) return violation('/', "AppDefinition must not use 'checks' if using docker");
  if (container.linuxInfo !== undefined) {
    return violation('/container/linuxInfo', 'linuxInfo only works with the Mesos containerizer');
  }
  return gpus > 0 ? violation('/', 'GPU resources only work with the Mesos containerizer') : none;
}

/** The last word of a path would be read as a request, not as a name. */
function idRule({id = ''}: MarathonAppSpec): readonly Violation[] {
  return /[/](restart|tasks|versions)$/.test(id)
    ? violation('/id', 'must not end with any of the following reserved keywords: restart, tasks, versions, ., ..')
    : none;
}

function networkRule({networks = [], container}: MarathonAppSpec): readonly Violation[] {
  const modes = new Set(networks.map(network => network.mode));
  if (modes.size > 1 || (networks.length > 1 && !modes.has('container'))) {
    return violation(
      '/networks',
      'May specify a single host network, single bridge network, or else 1-to-n container networks',
    );
  }
  if (container?.type === 'DOCKER' && networks.length > 1)
    return violation('/networks', 'Docker containers may join a single container network only');
  return networks.flatMap((network, index) => {
    const path = `/networks(${index})`;
    const named = network.name !== undefined;
    if (network.mode === 'host')
      return named || network.labels !== undefined
        ? violation(path, 'Host networks may not have names or labels')
        : none;
    if (network.mode === 'container/bridge')
      return named ? violation(path, 'Bridge networks may not have names') : none;
    if (!named) return violation(path, 'Network name must be specified when container network is selected.');
    return networks.findIndex(other => other.name === network.name) < index
      ? violation('/networks', 'Duplicate networks are not allowed')
      : none;
  });
}

function portModeRule(spec: MarathonAppSpec): readonly Violation[] {
  const host = networkModeOf(spec) === 'host';
  if (spec.ports !== undefined && spec.portDefinitions !== undefined)
    return violation('/', 'cannot specify both ports and port definitions');
  if (host && (spec.container?.portMappings ?? []).length > 0) {
    return violation('/container/portMappings', 'portMappings are not allowed with host-networking');
  }
  if (!host && (spec.portDefinitions ?? spec.ports ?? []).length > 0) {
    return violation('/portDefinitions', 'portDefinitions are only allowed with host-networking');
  }
  return none;
}

function portRule(spec: MarathonAppSpec): readonly Violation[] {
  const mappings = spec.container?.portMappings ?? [];
  const definitions = spec.portDefinitions ?? (spec.ports ?? []).map(port => ({port, name: undefined}));
  return [
    ...unique(
      '/portDefinitions',
      'Ports must be unique.',
      definitions.map(({port}) => port).filter(port => port !== 0),
    ),
    ...unique(
      '/portDefinitions',
      'Port names must be unique.',
      definitions.map(({name}) => name),
    ),
    ...unique(
      '/container/portMappings',
      'Port names must be unique.',
      mappings.map(({name}) => name),
    ),
    ...unique(
      '/container/portMappings',
      'Ports must be unique.',
      mappings.flatMap(({hostPort = 0, protocol = 'tcp'}) =>
        hostPort === 0 ? [] : protocol.split(',').map(word => `${hostPort}/${word}`),
      ),
    ),
    ...mappings.flatMap((mapping, index) => networkNameRule(spec, mapping, index)),
  ];
}

type PortMapping = NonNullable<NonNullable<MarathonAppSpec['container']>['portMappings']>[number];

/** A host port leads into one network; with several to choose from, the mapping says which. */
function networkNameRule(
  {networks = []}: MarathonAppSpec,
  {networkNames = [], hostPort}: PortMapping,
  index: number,
): readonly Violation[] {
  const path = `/container/portMappings(${index})/networkNames`;
  const known = networks.flatMap(network => network.name ?? []);
  const strange = networkNames.filter(name => !known.includes(name));
  if (strange.length > 0) return violation(path, ...strange.map(name => `${name} is not one of (${known.join(', ')})`));
  return known.length > 1 && hostPort !== undefined && networkNames.length !== 1
    ? violation(path, 'with several container networks, a port with a host port names exactly one of them')
    : none;
}

function unique(path: string, message: string, values: readonly unknown[]): readonly Violation[] {
  const given = values.filter(value => value !== undefined);
  return new Set(given).size < given.length ? violation(path, message) : none;
}

function healthCheckRule(spec: MarathonAppSpec): readonly Violation[] {
  const checks = spec.healthChecks ?? [];
  const byMesos = checks.filter(({protocol}) => protocol.startsWith('MESOS_')).length;
  const onAgent = byMesos + checks.filter(({protocol}) => protocol === 'COMMAND').length;
  const index = checks.findIndex(
    check => check.protocol !== 'COMMAND' && check.port === undefined && (check.portIndex ?? 0) >= portCount(spec),
  );
  return [
    ...(byMesos > 1 ? violation('/', ONE_MESOS_CHECK) : none),
    ...(onAgent > 1 && byMesos < 2 ? violation('/healthChecks', ONE_AGENT_CHECK) : none),
    ...checks.flatMap(({ipProtocol}, at) =>
      ipProtocol === 'IPv6' ? violation(`/healthChecks(${at})/ipProtocol`, NO_IPV6) : none,
    ),
    ...checks.flatMap((check, at) =>
      check.protocol === 'COMMAND' && check.command === undefined
        ? violation(`/healthChecks(${at})/command`, 'not defined')
        : none,
    ),
    ...(index < 0
      ? none
      : violation(
          `/healthChecks(${index})`,
          'Health check port indices must address an element of the ports array or container port mappings.',
        )),
  ];
}

const NO_IPV6 = 'IPv6 is not supported: a task is probed at its first address';

/** A kubelet tells whether a command succeeded, and of a check that kills not even that. */
const NO_EXEC_CHECK = 'a check by command is not supported, as its result cannot be seen: use http or tcp';

const CHECKS = ['http', 'tcp', 'exec'] as const;

function checkRule(spec: MarathonAppSpec): readonly Violation[] {
  const {check} = spec;
  if (check === undefined || spec.container?.type === 'DOCKER') return none;
  const given = CHECKS.filter(kind => check[kind] !== undefined);
  if (given.length !== 1) return violation('/check', `want exactly one of ${CHECKS.join(', ')}`);
  if (check.exec !== undefined) return violation('/check/exec', NO_EXEC_CHECK);
  const probed = check.http ?? check.tcp;
  return probed !== undefined && probed.port === undefined && (probed.portIndex ?? 0) >= portCount(spec)
    ? violation('/check', 'Check port indices must address an element of the ports array or container port mappings.')
    : none;
}

function readinessRule(spec: MarathonAppSpec): readonly Violation[] {
  const names = portNames(spec);
  return (spec.readinessChecks ?? []).flatMap(({portName, timeoutSeconds, intervalSeconds}, index) => [
    ...(names.includes(portName)
      ? none
      : violation(`/readinessChecks(${index})/portName`, 'portName must be the name of a declared port')),
    ...(timeoutSeconds < intervalSeconds
      ? none
      : violation(`/readinessChecks(${index})/timeoutSeconds`, 'timeoutSeconds must be less than intervalSeconds')),
  ]);
}

const BY_DEFAULT = [{name: 'default'}];

function portNames(spec: MarathonAppSpec): readonly (string | undefined)[] {
  const onHost = spec.portDefinitions ?? (spec.ports === undefined ? BY_DEFAULT : []);
  return (networkModeOf(spec) === 'host' ? onHost : (spec.container?.portMappings ?? BY_DEFAULT)).map(({name}) => name);
}

const portCount = (spec: MarathonAppSpec): number =>
  networkModeOf(spec) === 'host'
    ? (spec.portDefinitions ?? spec.ports ?? ['default']).length
    : (spec.container?.portMappings ?? ['default']).length;

function limitRule(spec: MarathonAppSpec): readonly Violation[] {
  return (['cpus', 'mem'] as const).flatMap(name => {
    const limit: unknown = spec.resourceLimits?.[name];
    if (limit === undefined || limit === 'unlimited') return none;
    if (typeof limit !== 'number') return violation(`/resourceLimits/${name}`, 'must be "unlimited" or a number');
    if (limit >= spec[name]) return none;
    return violation(
      `/resourceLimits/${name}`,
      `resource limit must be greater than or equal to requested resource (${decimal(spec[name])})`,
    );
  });
}

const SINGLE_INSTANCE = 'MARATHON_SINGLE_INSTANCE_APP';

function upgradeRule(spec: MarathonAppSpec): readonly Violation[] {
  const {minimumHealthCapacity, maximumOverCapacity} = upgradeStrategyOf(spec);
  if (isResident(spec) && maximumOverCapacity !== 0) {
    return violation('/upgradeStrategy/maximumOverCapacity', `got ${decimal(maximumOverCapacity)}, expected 0.0`);
  }
  if (spec.labels?.[SINGLE_INSTANCE] !== 'true') return none;
  return [
    ...(spec.instances > 1
      ? violation('/instances', `an app with the label ${SINGLE_INSTANCE} may have one instance at most`)
      : none),
    ...(minimumHealthCapacity !== 0 || maximumOverCapacity !== 0
      ? violation('/upgradeStrategy', `an app with the label ${SINGLE_INSTANCE} needs 0 for both capacities`)
      : none),
  ];
}

/** As Scala writes a double. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function unreachableRule({unreachableStrategy: strategy}: MarathonAppSpec): readonly Violation[] {
  if (strategy === undefined || strategy === 'disabled') return none;
  const path = '/unreachableStrategy';
  if (typeof strategy !== 'object' || strategy === null) return violation(path, 'want "disabled" or an object');
  const {inactiveAfterSeconds = 0, expungeAfterSeconds = 0} = strategy;
  if (![inactiveAfterSeconds, expungeAfterSeconds].every(value => Number.isFinite(value) && value >= 0)) {
    return violation(path, 'inactiveAfterSeconds and expungeAfterSeconds must be numbers of 0 or more');
  }
  return inactiveAfterSeconds > expungeAfterSeconds
    ? violation(
        path,
        `inactiveAfterSeconds (${inactiveAfterSeconds}) must be less than or equal to expungeAfterSeconds (${expungeAfterSeconds})`,
      )
    : none;
}

function constraintRule({constraints = []}: MarathonAppSpec): readonly Violation[] {
  return constraints.flatMap((constraint, index) => {
    const problem = constraintProblem(constraint);
    return problem === undefined ? none : violation(`/constraints(${index})`, problem);
  });
}

function acceptedRolesRule(
  {acceptedResourceRoles, role = ''}: MarathonAppSpec,
  byDefault: string,
): readonly Violation[] {
  if (acceptedResourceRoles === undefined) return none;
  const own = role || byDefault;
  const foreign = acceptedResourceRoles.some(name => name !== '*' && name !== own);
  return foreign
    ? violation(
        '/acceptedResourceRoles',
        `acceptedResourceRoles can only contain ${[...new Set(['*', own])].join(' and ')}`,
      )
    : none;
}

function secretRule(spec: MarathonAppSpec): readonly Violation[] {
  const {env = {}, secrets = {}, container} = spec;
  const pulled = container?.docker?.pullConfig?.secret;
  return [
    ...Object.entries(secrets).flatMap(([name, {source}]) =>
      secretReference(source) === undefined
        ? violation(`/secrets/${name}/source`, 'want the name of a Secret, or <name>/<key>')
        : none,
    ),
    ...Object.entries(env).flatMap(([name, value]: [string, unknown]) => envRule(`/env/${name}`, value, secrets)),
    ...(pulled === undefined || pulled in secrets
      ? none
      : violation('/container/docker/pullConfig/secret', 'references an undefined secret')),
  ];
}

/** A variable is one key of a Secret. */
function envRule(path: string, value: unknown, secrets: MarathonAppSpec['secrets'] = {}): readonly Violation[] {
  if (typeof value === 'string') return none;
  if (typeof value !== 'object' || value === null || !('secret' in value)) {
    return violation(path, 'error.expected.jsstring');
  }
  const source = secrets[String(value.secret)]?.source;
  if (source === undefined) return violation(`${path}/secret`, 'references an undefined secret');
  const reference = secretReference(source);
  return reference !== undefined && reference.key === undefined
    ? violation(`${path}/secret`, `the source of the secret names no key: want ${source}/<key>`)
    : none;
}

function volumeRule({container, secrets = {}, instances}: MarathonAppSpec): readonly Violation[] {
  return (container?.volumes ?? []).flatMap((volume, index) => {
    const path = `/container/volumes(${index})`;
    if (volume.containerPath === undefined) return violation(`${path}/containerPath`, 'error.path.missing');
    if (volume.hostPath === '') return violation(`${path}/hostPath`, 'must not be empty');
    if (volume.secret !== undefined && !(volume.secret in secrets)) {
      return violation(`${path}/secret`, 'references an undefined secret');
    }
    if (volume.external !== undefined) return externalRule(path, volume.external, instances);
    return (volume.hostPath ?? volume.secret ?? volume.persistent)
      ? none
      : violation(path, 'want hostPath, persistent, external or secret');
  });
}

/** An external volume is a PersistentVolumeClaim, which as a rule one task at a time may use. */
function externalRule(path: string, {name, shared}: ExternalVolume, instances: number): readonly Violation[] {
  if (typeof name !== 'string' || !CLAIM_NAME.test(name)) {
    return violation(`${path}/external/name`, 'want the name of a PersistentVolumeClaim');
  }
  return instances > 1 && shared !== true
    ? violation('/instances', `one instance at most may use the external volume ${name}, which is not shared`)
    : none;
}

type ExternalVolume = Readonly<Record<string, unknown>>;
const CLAIM_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function fetchRule({fetch = []}: MarathonAppSpec): readonly Violation[] {
  return fetch.flatMap(({uri, destPath}, index) => {
    const parsed = parseFetchUri(uri, destPath);
    return parsed.ok ? none : violation(`/fetch(${index})`, parsed.error);
  });
}

const EXECUTOR = /^(\/\/cmd)$|^(\/?[^/]+(\/[^/]+)*)$|^$/;

function executorRule({executor = ''}: MarathonAppSpec): readonly Violation[] {
  if (!EXECUTOR.test(executor)) {
    return violation('/executor', "must fully match regular expression '^(//cmd)|(/?[^/]+(/[^/]+)*)|$'");
  }
  return ['', '//cmd'].includes(executor) ? none : violation('/executor', 'custom executors are not supported');
}
