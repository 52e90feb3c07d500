import {timingSafeEqual} from 'node:crypto';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {Duplex} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {WebSocketServer} from 'ws';
import type {Logger} from '../../kube/log.ts';
import {type ConnectionLimits, connectionOptions, guardConnections} from '../../lib/connections.ts';
import type {Clock} from '../../lib/clock.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {ContainerWorker} from './container-worker.ts';
import {EXEC_PROTOCOLS, serveExec} from './exec-session.ts';
import {type LogOptions, readLog} from './log-reader.ts';
import type {PodSet} from './pod-set.ts';

export type KubeletServerOptions = {
  readonly ip: string;
  readonly token: string;
  readonly pods: PodSet;
  readonly clock: Clock;
  readonly log: Logger;
  /** As for every port when absent. */
  readonly connectionLimits?: ConnectionLimits;
};

export type KubeletServer = {readonly port: number; readonly close: () => Promise<void>};

type Refusal = {readonly status: number; readonly message: string};

/**
 * What the API server asks of a kubelet, on a free port: `GET /containerLogs/{namespace}/{pod}/{container}`, WebSocket
 * `/exec/{namespace}/{pod}/{container}`, `GET /healthz`. All but the last want the bearer token.
 *
 * @throws when the address cannot be listened on
 */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const sockets = new WebSocketServer({noServer: true, handleProtocols: chooseProtocol, perMessageDeflate: false});
  const {connectionLimits: limits, log} = options;
  const server = createServer(
    connectionOptions(limits),
    (request, response) => void answer(request, response, options),
  );
  guardConnections(server, error => log.warn('node server', {reason: error.message}), limits);
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, sockets, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, options.ip, resolve);
  });
  const {port} = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise(resolve => {
      for (const socket of sockets.clients) socket.terminate();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {port, close};
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: KubeletServerOptions,
): Promise<void> {
  const url = urlOf(request);
  if (url.pathname === '/healthz') return void response.end('ok');
  const target = findContainer('containerLogs', request, url, options);
  if (!target.ok) return refuse(response, target.error);
  const source = logSource(target.value, url.searchParams.get('previous') === 'true');
  if (!source.ok) return refuse(response, source.error);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, {'Content-Type': 'text/plain'});
  response.flushHeaders();
  const lines = readLog(source.value, logOptions(url.searchParams), options.clock, gone.signal);
  await pipeline(lines, response).catch((error: unknown) =>
    options.log.debug('log reader left', {reason: String(error)}),
  );
}

function refuse(response: ServerResponse, {status, message}: Refusal): void {
  response.writeHead(status, {'Content-Type': 'text/plain'}).end(message);
}

function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  sockets: WebSocketServer,
  options: KubeletServerOptions,
): void {
  const url = urlOf(request);
  const target = findContainer('exec', request, url, options);
  const command = url.searchParams.getAll('command');
  const surroundings = target.ok ? target.value.surroundings : undefined;
  if (!target.ok) return refuseUpgrade(socket, target.error);
  if (surroundings === undefined) return refuseUpgrade(socket, {status: 400, message: 'container not running'});
  if (command.length === 0) return refuseUpgrade(socket, {status: 400, message: 'you must specify a command'});
  const wants = (name: string): boolean => ['true', '1'].includes(url.searchParams.get(name) ?? '');
  const streams = {stdin: wants('stdin'), stdout: wants('stdout'), stderr: wants('stderr'), tty: wants('tty')};
  sockets.handleUpgrade(request, socket, head, client => {
    client.on('error', () => client.terminate());
    void serveExec(client, {command, ...streams}, surroundings).catch((error: unknown) => {
      options.log.warn('exec failed', {reason: String(error)});
      client.close(1011);
    });
  });
}

function refuseUpgrade(socket: Duplex, {status, message}: Refusal): void {
  const length = Buffer.byteLength(message);
  const head = `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\nConnection: close`;
  socket.end(`${head}\r\n\r\n${message}`);
}

/** A path that is none is like one that does not exist. */
const urlOf = ({url}: IncomingMessage): URL => URL.parse(url ?? '/', 'http://node') ?? new URL('http://node/');

const chooseProtocol = (offered: Set<string>): string | false =>
  EXEC_PROTOCOLS.find(name => offered.has(name)) ?? false;

function findContainer(
  verb: string,
  request: IncomingMessage,
  url: URL,
  {token, pods}: KubeletServerOptions,
): Result<ContainerWorker, Refusal> {
  if (!isAuthorized(request, token)) return err({status: 401, message: 'Unauthorized'});
  const [first, namespace = '', pod = '', name = '', more] = url.pathname.slice(1).split('/');
  if (first !== verb || more !== undefined) return err({status: 404, message: `no such path: ${url.pathname}`});
  const worker = pods.find(namespace, pod);
  if (worker === undefined) return err({status: 404, message: `pod "${pod}" not found`});
  const container = worker.container(name);
  return container ? ok(container) : err({status: 404, message: `container ${name} not found in pod ${pod}`});
}

function isAuthorized({headers}: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function logSource(container: ContainerWorker, previous: boolean) {
  const directory = container.logDirectory(previous);
  const {name} = container.container;
  const message = previous
    ? `previous terminated container "${name}" not found`
    : `container "${name}" is waiting to start`;
  if (directory === undefined) return err({status: 400, message});
  const ended = (): boolean =>
    container.logDirectory(false) !== directory || !['running', 'starting'].includes(container.view.state.kind);
  return ok({directory, ended});
}

function logOptions(query: URLSearchParams): LogOptions {
  const number = (name: string): number | undefined => {
    const value = Number.parseInt(query.get(name) ?? '', 10);
    return Number.isNaN(value) || value < 0 ? undefined : value;
  };
  return {
    follow: query.get('follow') === 'true' && query.get('previous') !== 'true',
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceSeconds: number('sinceSeconds'),
    timestamps: query.get('timestamps') === 'true',
  };
}
