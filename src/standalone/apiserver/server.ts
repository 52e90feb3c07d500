import {randomUUID, timingSafeEqual} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {createServer, type Server} from 'node:https';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import type {Clock, Random} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Logger} from '../../kube/log.ts';
import {BUILTIN_KINDS} from './builtin-kinds.ts';
import type {Cluster} from './cluster.ts';
import {DefinitionController} from './controllers/definitions.ts';
import {expireEvents} from './controllers/event-expiry.ts';
import {GarbageCollector} from './controllers/garbage.ts';
import {NamespaceController} from './controllers/namespaces.ts';
import {type Credentials, loadCredentials, writeKubeconfig} from './credentials.ts';
import {isPublic} from './documents.ts';
import {noSuchPath, unauthorized} from './errors.ts';
import {proxyUpgrade, refuseUpgrade} from './node-proxy.ts';
import {WatchHub} from './read/watch-hub.ts';
import {Registry} from './registry.ts';
import {errorReply} from './respond.ts';
import {execBackend, parseUrl, serve, type Service} from './service.ts';
import {Store} from './store.ts';
import {create} from './write/create.ts';

export type ApiServerOptions = {
  /** Holds the objects, the certificates, the token and the kubeconfig; made when it is not there. */
  readonly dataDir: string;
  readonly ip: string;
  /** 0: any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** For generated names and watch timeouts. */
  readonly random?: Random;
  /** How many changes watches can resume over; older ones answer 410. */
  readonly history?: number;
};

export type ApiServer = {
  readonly url: string;
  readonly kubeconfigPath: string;
  readonly token: string;
  readonly caPem: string;
  /** Ends watches, then stops. */
  readonly close: () => Promise<void>;
};

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/**
 * Starts the embedded Kubernetes-compatible API server.
 *
 * Errors: the directory cannot be written, another server uses it, the address is taken or not ours.
 */
export async function startApiServer(
  options: ApiServerOptions,
): Promise<Result<ApiServer, {readonly message: string}>> {
  const {dataDir, ip, clock, log} = options;
  const opened = openStore(options);
  if (!opened.ok) return err({message: opened.error});
  const store = opened.value;
  const cluster: Cluster = {
    store,
    registry: new Registry(store),
    clock,
    log,
    random: options.random ?? Math.random,
    newUid: randomUUID,
  };
  const fresh = store.revision() === 0;
  makeNamespaces(cluster);
  // Nobody has seen the first revisions of a new store; as on a real server, they cannot be resumed from.
  if (fresh) store.compact();
  const credentials = await loadCredentials(dataDir, ip, clock.now());
  const service: Service = {
    cluster,
    hub: new WatchHub(store),
    token: credentials.token,
    address: () => addressOf(server),
  };
  const server = httpsServer(service, credentials);
  const listening = await listen(server, options);
  if (!listening.ok) {
    store.close();
    return listening;
  }
  const stopControllers = startControllers(cluster);
  const url = `https://${addressOf(server)}`;
  log.info('api server listening', {url});
  return ok({
    url,
    kubeconfigPath: writeKubeconfig(dataDir, url, credentials),
    token: credentials.token,
    caPem: credentials.ca,
    close: async () => {
      stopControllers();
      await closeServer(server);
      store.close();
    },
  });
}

function openStore({dataDir, history}: ApiServerOptions): Result<Store, string> {
  try {
    mkdirSync(dataDir, {recursive: true});
  } catch (error) {
    return err(`cannot make the data directory ${dataDir}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return Store.open({directory: join(dataDir, 'apiserver'), history});
}

function startControllers(cluster: Cluster): () => void {
  const controllers = [
    new GarbageCollector(cluster),
    new NamespaceController(cluster),
    new DefinitionController(cluster),
  ];
  const stopExpiry = expireEvents(cluster);
  return () => {
    stopExpiry();
    for (const controller of controllers) controller.stop();
  };
}

function makeNamespaces(cluster: Cluster): void {
  const kind = BUILTIN_KINDS.find(known => known.plural === 'namespaces');
  if (kind === undefined) return;
  for (const name of NAMESPACES) {
    if (cluster.store.get(kind.storage, undefined, name) !== undefined) continue;
    const object = {apiVersion: 'v1', kind: 'Namespace', metadata: {name}};
    create(
      cluster,
      {
        kind,
        namespace: undefined,
        name: undefined,
        subresource: undefined,
        fieldManager: 'kube-apiserver',
        fieldValidation: 'Ignore',
        dryRun: false,
        force: false,
      },
      {object, warnings: []},
    );
  }
}

function httpsServer(service: Service, {key, certificate, token}: Credentials): Server {
  const authorized = (req: IncomingMessage): boolean => {
    const path = parseUrl(req)?.path ?? '';
    return isPublic(path) || hasToken(req, token);
  };
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    if (authorized(req)) {
      void serve(service, req, res);
      return;
    }
    const reply = errorReply(unauthorized());
    res.writeHead(reply.status, {'content-type': reply.contentType, 'www-authenticate': 'Bearer'}).end(reply.text);
  };
  const server = createServer(
    {key, cert: certificate, keepAliveTimeout: 120_000, requestTimeout: 0, noDelay: true},
    onRequest,
  );
  server.on('upgrade', (req, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!authorized(req)) return refuseUpgrade(socket, unauthorized());
    const backend = execBackend(service, req);
    // SPDY comes by POST: refused, so that clients use WebSockets.
    if (backend === undefined) return refuseUpgrade(socket, {...noSuchPath(), code: 400, reason: 'BadRequest'});
    if (!backend.ok) return refuseUpgrade(socket, backend.error);
    proxyUpgrade(backend.value, token, req, socket, head);
  });
  return server;
}

function hasToken(req: IncomingMessage, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1]?.trim() ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function listen(server: Server, {ip, port}: ApiServerOptions): Promise<Result<void, {readonly message: string}>> {
  return new Promise(resolve => {
    server.once('error', error => resolve(err({message: `cannot listen on ${ip}:${port}: ${error.message}`})));
    server.listen(port, ip, () => resolve(ok(undefined)));
  });
}

function addressOf(server: Server): string {
  const {address, port, family}: Pick<AddressInfo, 'address' | 'port' | 'family'> = infoOf(server);
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

function infoOf(server: Server): AddressInfo {
  const info = server.address();
  if (info === null || typeof info === 'string') throw new Error('the server does not listen');
  return info;
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
