import {timingSafeEqual} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {createServer, type Server} from 'node:https';
import type {AddressInfo, Socket} from 'node:net';
import {join} from 'node:path';
import {type ConnectionLimits, connectionOptions, guardConnections} from '../../lib/connections.ts';
import type {Clock, Random} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Logger} from '../../kube/log.ts';
import {type Api, openApi} from './api.ts';
import {type Credentials, loadCredentials, writeKubeconfig} from './credentials.ts';
import {isPublic} from './documents.ts';
import {badRequest, unauthorized} from './errors.ts';
import {proxyUpgrade, refuseUpgrade} from './node-proxy.ts';
import {errorReply} from './respond.ts';
import {execBackend, parseUrl, serve, type Service} from './service.ts';

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
  /** As for every port when absent. */
  readonly connectionLimits?: ConnectionLimits;
};

export type ApiServer = {
  readonly url: string;
  readonly kubeconfigPath: string;
  readonly token: string;
  readonly caPem: string;
  /** Ends watches, then stops. */
  readonly close: () => Promise<void>;
};

/**
 * Starts the embedded Kubernetes-compatible API server.
 *
 * Errors: the directory cannot be written, another server uses it, the address is taken or not ours.
 */
export async function startApiServer(options: ApiServerOptions): Promise<Result<ApiServer, StartError>> {
  const opened = openData(options);
  if (!opened.ok) return err({about: 'data', message: opened.error});
  const api = opened.value;
  try {
    const started = await serveOverHttps(api, options);
    if (!started.ok) api.close();
    return started;
  } catch (error) {
    api.close();
    return err({about: 'data', message: `cannot start in ${options.dataDir}: ${messageOf(error)}`});
  }
}

/** `about`: which of the options is to blame. */
type StartError = {readonly about: 'data' | 'address' | 'port'; readonly message: string};

async function serveOverHttps(api: Api, options: ApiServerOptions): Promise<Result<ApiServer, StartError>> {
  const {dataDir, ip, clock, log, connectionLimits} = options;
  const credentials = await loadCredentials(dataDir, ip, clock.now());
  const {token, ca} = credentials;
  const service: Service = {...api, token, address: () => addressOf(server)};
  const server = httpsServer(service, credentials, connectionLimits);
  guardConnections(server, error => log.warn('api server', {reason: error.message}), connectionLimits);
  const closeServer = trackSockets(server);
  const listening = await listen(server, options);
  if (!listening.ok) return listening;
  const url = `https://${addressOf(server)}`;
  const close = async (): Promise<void> => {
    await closeServer();
    api.close();
  };
  log.info('api server listening', {url});
  return ok({url, kubeconfigPath: writeKubeconfig(dataDir, url, credentials), token, caPem: ca, close});
}

function openData({dataDir, ...options}: ApiServerOptions): Result<Api, string> {
  try {
    mkdirSync(dataDir, {recursive: true});
  } catch (error) {
    return err(`cannot make the data directory ${dataDir}: ${messageOf(error)}`);
  }
  return openApi({...options, directory: join(dataDir, 'apiserver')});
}

/** SPDY, which comes by POST, is what kubectl used first up to 1.30. */
const WEBSOCKETS_ONLY =
  'streams are served over WebSockets only; for a kubectl before 1.31 set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true';

function httpsServer(service: Service, {key, certificate, token}: Credentials, limits?: ConnectionLimits): Server {
  const authorized = (req: IncomingMessage): boolean => {
    const path = parseUrl(req.url ?? '/')?.path ?? '';
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
    {...connectionOptions(limits), key, cert: certificate, keepAliveTimeout: 120_000, noDelay: true},
    onRequest,
  );
  server.on('upgrade', (req, socket, head) => {
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
