import {Type} from 'typebox';
import {checkJson, type Violation} from './check-json.ts';

/** JSON as it came in: not checked yet. */
type Loose = Record<string, unknown>;

export type Translated = {
  /** Without older fields. */
  readonly app: Loose;
  /** Older fields of the wrong type. */
  readonly violations: readonly Violation[];
  /** Fields that were given in both forms, or can't be said in today's. */
  readonly conflicts: readonly Violation[];
};

const text = Type.String();
const labels = Type.Optional(Type.Unsafe<Loose>({type: 'object', additionalProperties: {type: 'string'}}));
const OLDER = Type.Object({
  uris: Type.Optional(Type.Array(text)),
  ports: Type.Optional(Type.Array(Type.Integer({minimum: 0, maximum: 65535}))),
  ipAddress: Type.Optional(
    Type.Object({
      networkName: Type.Optional(text),
      groups: Type.Optional(Type.Array(text)),
      labels,
      discovery: Type.Optional(
        Type.Object({
          ports: Type.Optional(
            Type.Array(
              Type.Object({
                number: Type.Integer({minimum: 0, maximum: 65535}),
                name: Type.Optional(text),
                protocol: Type.Optional(text),
                labels,
              }),
            ),
          ),
        }),
      ),
    }),
  ),
  container: Type.Optional(
    Type.Object({
      docker: Type.Optional(
        Type.Object({
          network: Type.Optional(Type.Unsafe<string>({type: 'string', enum: ['HOST', 'BRIDGE', 'USER']})),
          portMappings: Type.Optional(Type.Array(Type.Unsafe<unknown>({}))),
        }),
      ),
    }),
  ),
});

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/**
 * Rewrites fields of older Marathons (`uris`, `ports`, `ipAddress`, `container.docker.network`,
 * `container.docker.portMappings`) into today's. Today's own fields are not checked.
 */
export function translateOlderFields(input: Loose): Translated {
  const {uris, ports, ipAddress, ...app} = input;
  const docker = isObject(app['container']) && isObject(app['container']['docker']) ? app['container']['docker'] : {};
  const {network, portMappings} = docker;
  const {violations} = checkJson(OLDER, {uris, ports, ipAddress, container: {docker: {network, portMappings}}});
  if (isGiven(network) || isGiven(portMappings) || 'network' in docker || 'portMappings' in docker) {
    const {network: _network, portMappings: _portMappings, ...rest} = docker;
    app['container'] = {...(isObject(app['container']) ? app['container'] : {}), docker: rest};
  }
  if (violations.length > 0) return {app, violations, conflicts: []};
  const conflicts = [
    ...translateUris(app, uris),
    ...translateMappings(app, portMappings),
    ...translateNetwork(app, network, ipAddress),
    ...translatePorts(app, ports, isGiven(network) || isGiven(ipAddress)),
    ...(isGiven(docker['credential'])
      ? conflict('/container/docker/credential', 'must be absent: it was replaced by pullConfig')
      : []),
  ];
  return {app, violations, conflicts};
}

const conflict = (path: string, message: string): Violation[] => [{path, errors: [message]}];
const none: Violation[] = [];

const EXTRACTED = /[.](tar|tar[.]gz|tar[.]bz2|tar[.]xz|gz|tgz|tbz2|txz|zip)$/;

/** Marathons up to 1.4 showed both forms of URIs and of ports; only a difference between the two is a mistake. */
const saysTheSame = (older: readonly unknown[], todays: unknown, field: string): boolean =>
  Array.isArray(todays) &&
  todays.length === older.length &&
  todays.every((item: unknown, index) => isObject(item) && item[field] === older[index]);

function translateUris(app: Loose, uris: unknown): Violation[] {
  if (!Array.isArray(uris) || uris.length === 0 || saysTheSame(uris, app['fetch'], 'uri')) return none;
  if (isGiven(app['fetch'])) return conflict('/', 'cannot specify both uris and fetch fields');
  const extract = (uri: unknown): boolean => typeof uri === 'string' && EXTRACTED.test(uri);
  app['fetch'] = uris.map(uri => ({uri, extract: extract(uri), executable: false, cache: false}));
  return none;
}

/**
 * @param isOlder the network was said in an older form too: then `portDefinitions` beside mappings are only what was
 *   shown, as `ports` always are
 */
function translatePorts(app: Loose, ports: unknown, isOlder: boolean): Violation[] {
  const {portDefinitions: definitions, networks} = app;
  const onHost = isOnHost(networks);
  if (
    Array.isArray(ports) &&
    isGiven(definitions) &&
    !saysTheSame(ports, definitions, 'port') &&
    (onHost || !isOlder)
  ) {
    return conflict('/', 'cannot specify both ports and port definitions');
  }
  const wanted = !isGiven(definitions) && Array.isArray(ports) ? definitionsOf(ports) : definitions;
  if (onHost && isGiven(wanted)) app['portDefinitions'] = wanted;
  if (onHost || !isGiven(wanted) || (isGiven(definitions) && !isOlder)) return none;
  portsToMappings(app, wanted);
  delete app['portDefinitions'];
  return none;
}

const isOnHost = (networks: unknown): boolean => {
  const first: unknown = Array.isArray(networks) ? networks[0] : undefined;
  return !isObject(first) || first['mode'] === 'host';
};

const definitionsOf = (ports: readonly unknown[]): Loose[] =>
  ports.map((port, index) => ({port, protocol: 'tcp', ...(index === 0 ? {name: 'default'} : {})}));

/** Without mappings of its own, the ports of an app that has an address of its own are the service ports of some. */
function portsToMappings(app: Loose, definitions: unknown): void {
  const container = isObject(app['container']) ? app['container'] : {type: 'MESOS'};
  if (isGiven(container['portMappings']) || !Array.isArray(definitions)) return;
  const portMappings = definitions.map((definition: unknown) => {
    const {port: servicePort, ...rest} = isObject(definition) ? definition : {};
    return {containerPort: 0, servicePort, ...rest};
  });
  app['container'] = {...container, portMappings};
}

function translateMappings(app: Loose, portMappings: unknown): Violation[] {
  const {container} = app;
  if (!isGiven(portMappings) || !isObject(container)) return none;
  if (isGiven(container['portMappings'])) {
    const message = 'cannot specify both container.portMappings and container.docker.portMappings';
    return conflict('/container', message);
  }
  app['container'] = {...container, portMappings};
  return none;
}

const MODES: Readonly<Record<string, string>> = {HOST: 'host', BRIDGE: 'container/bridge', USER: 'container'};

function translateNetwork(app: Loose, network: unknown, address: unknown): Violation[] {
  if (!isGiven(network) && !isGiven(address)) return none;
  const older = isGiven(network) ? 'container.docker.network' : 'ipAddress';
  if (isGiven(app['networks'])) return conflict('/', `cannot specify both ${older} and networks`);
  const mode = MODES[String(network ?? 'USER')];
  if (isObject(address) && mode !== 'container') {
    return conflict('/', `cannot specify both ipAddress and container.docker.network ${String(network)}`);
  }
  const {networkName: name, labels: given, discovery} = isObject(address) ? address : {};
  app['networks'] = [mode === 'container' ? {mode, name, labels: given} : {mode}];
  if (mode === 'host') dropMappings(app);
  if (isObject(discovery)) translateDiscovery(app, discovery['ports']);
  return none;
}

/** Older Marathons took port mappings on the host network and ignored them. */
function dropMappings(app: Loose): void {
  if (!isObject(app['container'])) return;
  const {portMappings: _ignored, ...container} = app['container'];
  app['container'] = container;
}

/** Ports of a task with an address of its own: known to service discovery, not on the host. */
function translateDiscovery(app: Loose, ports: unknown): void {
  const container = isObject(app['container']) ? app['container'] : {type: 'MESOS'};
  if (!Array.isArray(ports) || container['type'] !== 'MESOS' || isGiven(container['portMappings'])) return;
  const portMappings = ports.map(port => {
    const {number: containerPort, name, protocol, labels: given} = isObject(port) ? port : {};
    return {containerPort, name, protocol, labels: given};
  });
  app['container'] = {...container, portMappings};
}
