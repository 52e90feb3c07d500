import {randomUUID, timingSafeEqual} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {createServer, type Server} from 'node:https';
import type {AddressInfo, Socket} from 'node:net';
import {join} from 'node:path';
import type {Clock, Random} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Logger} from '../../kube/log.ts';
import {BUILTIN_KINDS} from './builtin-kinds.ts';
import type {Cluster} from './cluster.ts';
import {DefinitionController} from './controllers/definitions.ts';
import {expireEvents} from './controllers/event-expiry.ts';
import {GarbageCollector} from './controllers/garbage.ts';
import {UnboundPods} from './controllers/unbound-pods.ts';
import {NamespaceController} from './controllers/namespaces.ts';
import {type Credentials, loadCredentials, writeKubeconfig} from './credentials.ts';
import {isPublic} from './documents.ts';
import {badRequest, unauthorized} from './errors.ts';
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
export async function startApiServer(options: ApiServerOptions): Promise<Result<ApiServer, StartError>> {
  const opened = openStore(options);
  if (!opened.ok) return err({about: 'data', message: opened.error});
  const store = opened.value;
  try {
    const started = await serveStore(store, options);
    if (!started.ok) store.close();
    return started;
  } catch (error) {
    store.close();
    return err({about: 'data', message: `cannot start in ${options.dataDir}: ${messageOf(error)}`});
  }
}

/** `about`: which of the options is to blame. */
type StartError = {readonly about: 'data' | 'address' | 'port'; readonly message: string};

async function serveStore(store: Store, options: ApiServerOptions): Promise<Result<ApiServer, StartError>> {
  const {dataDir, ip, clock, log} = options;
  const cluster = makeCluster(store, options);
  const credentials = await loadCredentials(dataDir, ip, clock.now());
  const {token, ca} = credentials;
  const service: Service = {cluster, hub: new WatchHub(store), token, address: () => addressOf(server)};
  const server = httpsServer(service, credentials);
  const closeServer = trackSockets(server);
  const listening = await listen(server, options);
  if (!listening.ok) return listening;
  const stopControllers = startControllers(cluster);
  const url = `https://${addressOf(server)}`;
  const close = async (): Promise<void> => {
    stopControllers();
    await closeServer();
    store.close();
  };
  log.info('api server listening', {url});
  return ok({url, kubeconfigPath: writeKubeconfig(dataDir, url, credentials), token, caPem: ca, close});
}

function makeCluster(store: Store, {clock, log, random = Math.random}: ApiServerOptions): Cluster {
  const cluster = {store, registry: new Registry(store), clock, log, random, newUid: randomUUID};
  const fresh = store.revision() === 0;
  makeNamespaces(cluster);
  // Nobody has seen the first revisions of a new store; as on a real server, they cannot be resumed from.
  if (fresh) store.compact();
  return cluster;
}

function openStore({dataDir, history}: ApiServerOptions): Result<Store, string> {
  try {
    mkdirSync(dataDir, {recursive: true});
  } catch (error) {
    return err(`cannot make the data directory ${dataDir}: ${messageOf(error)}`);
  }
  return Store.open({directory: join(dataDir, 'apiserver'), history});
}

function startControllers(cluster: Cluster): () => void {
  const controllers = [
    new GarbageCollector(cluster),
    new NamespaceController(cluster),
    new DefinitionController(cluster),
    new UnboundPods(cluster),
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

/** SPDY, which comes by POST, is what kubectl used first up to 1.30. */
const WEBSOCKETS_ONLY =
  'streams are served over WebSockets only; for a kubectl before 1.31 set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true';

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
    if (backend === undefined) return refuseUpgrade(socket, badRequest(WEBSOCKETS_ONLY));
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

function listen(server: Server, {ip, port}: ApiServerOptions): Promise<Result<void, StartError>> {
  return new Promise(resolve => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'EADDRNOTAVAIL'
          ? err({about: 'address', message: `${ip} is not an address of this machine`})
          : err({about: 'port', message: `cannot listen on ${ip}:${port}: ${error.message}`}),
      ),
    );
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

/** Ends every connection, those that became WebSockets included. */
function trackSockets(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise(resolve => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
