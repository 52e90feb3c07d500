/** JSON as it came in: not checked yet. */
type Loose = Record<string, unknown>;

export type Translated = {
  readonly app: Loose;
  readonly conflicts: readonly {readonly path: string; readonly errors: readonly string[]}[];
};

const EXTRACTED = /[.](tar|tar[.]gz|tar[.]bz2|tar[.]xz|gz|tgz|tbz2|txz|zip)$/;
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Rewrites fields of older Marathons (`uris`, `ports`, `container.docker.network`, `container.docker.portMappings`,
 * `ipAddress`) into today's, and names those given in both forms. What has the wrong type is left for the checker.
 */
export function translateOlderFields(input: Loose): Translated {
  const app = {...input};
  const conflicts: {path: string; errors: string[]}[] = [];
  translateUris(app, conflicts);
  translatePorts(app, conflicts);
  translateDocker(app, conflicts);
  translateIpAddress(app, conflicts);
  return {app, conflicts};
}

type Conflicts = {path: string; errors: string[]}[];

function translateUris(app: Loose, conflicts: Conflicts): void {
  const {uris} = app;
  if (!Array.isArray(uris)) return;
  delete app['uris'];
  if (uris.length === 0) return;
  if (app['fetch'] != null) conflicts.push({path: '/', errors: ['cannot specify both uris and fetch fields']});
  else
    app['fetch'] = uris.map(uri => ({
      uri,
      extract: typeof uri === 'string' && EXTRACTED.test(uri),
      executable: false,
      cache: false,
    }));
}

function translatePorts(app: Loose, conflicts: Conflicts): void {
  const {ports} = app;
  if (!Array.isArray(ports)) return;
  if (app['portDefinitions'] != null) {
    conflicts.push({path: '/', errors: ['cannot specify both ports and port definitions']});
  } else if (ports.every(port => typeof port === 'number')) {
    app['portDefinitions'] = ports.map((port, index) => ({
      port,
      protocol: 'tcp',
      ...(index === 0 ? {name: 'default'} : {}),
    }));
  } else {
    return;
  }
  delete app['ports'];
}

const MODES: Readonly<Record<string, string>> = {HOST: 'host', BRIDGE: 'container/bridge', USER: 'container'};

function translateDocker(app: Loose, conflicts: Conflicts): void {
  if (!isObject(app['container']) || !isObject(app['container']['docker'])) return;
  const {network, portMappings, ...docker} = app['container']['docker'];
  const container: Loose = {...app['container'], docker};
  if (portMappings != null) {
    if (container['portMappings'] != null)
      conflicts.push({
        path: '/container',
        errors: ['cannot specify both container.portMappings and container.docker.portMappings'],
      });
    else container['portMappings'] = portMappings;
  }
  if (typeof network === 'string') {
    const mode = MODES[network];
    if (app['networks'] != null)
      conflicts.push({path: '/', errors: ['cannot specify both container.docker.network and networks']});
    else if (mode === undefined)
      conflicts.push({path: '/container/docker/network', errors: ['error.unknown.enum.literal']});
    else
      app['networks'] = [
        {mode, ...(mode === 'container' && isObject(app['ipAddress']) ? {name: app['ipAddress']['networkName']} : {})},
      ];
    if (mode === 'host') delete container['portMappings'];
  }
  app['container'] = container;
}

function translateIpAddress(app: Loose, conflicts: Conflicts): void {
  const address = app['ipAddress'];
  if (!isObject(address)) return;
  delete app['ipAddress'];
  const usedByDocker = isObject(app['networks']) || Array.isArray(app['networks']);
  if (usedByDocker && app['networks'] !== undefined && !isDockerUser(app['networks'], address)) {
    conflicts.push({path: '/', errors: ['cannot specify both ipAddress and networks']});
  } else if (!usedByDocker) {
    app['networks'] = [{mode: 'container', name: address['networkName'], labels: address['labels']}];
  }
}

const isDockerUser = (networks: unknown, address: Loose): boolean =>
  Array.isArray(networks) &&
  isObject(networks[0]) &&
  networks[0]['mode'] === 'container' &&
  networks[0]['name'] === address['networkName'];
