import {type IncomingMessage, request as httpRequest} from 'node:http';
import {connect} from 'node:net';
import type {ServerResponse} from 'node:http';
import type {Duplex} from 'node:stream';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Cluster} from './cluster.ts';
import {type ApiError, badRequest, internalError, notFound} from './errors.ts';
import {numberAt, objectsAt, stringAt} from './fields.ts';
import type {Target} from './paths.ts';
import {errorReply} from './respond.ts';

/** A node's own server, and what to ask of it. */
export type Backend = {readonly host: string; readonly port: number; readonly path: string};

/** Parameters that a node understands. */
const LOG_PARAMETERS = [
  'follow',
  'previous',
  'sinceSeconds',
  'sinceTime',
  'timestamps',
  'tailLines',
  'limitBytes',
  'stream',
];
const EXEC_PARAMETERS = ['command', 'stdin', 'stdout', 'stderr', 'tty'];

/** Which node serves the log, or a shell, of a pod's container. */
export function findBackend(cluster: Cluster, target: Target, query: URLSearchParams): Result<Backend, ApiError> {
  const {kind, namespace = '', name = '', subresource} = target;
  const pod = cluster.store.get('pods', namespace, name);
  if (pod === undefined) return err(notFound(kind, name));
  const container = containerOf(
    name,
    objectsAt(pod, 'spec', 'containers'),
    objectsAt(pod, 'spec', 'initContainers'),
    query,
  );
  if (!container.ok) return container;
  const nodeName = stringAt(pod, 'spec', 'nodeName') ?? '';
  if (nodeName === '') return err(badRequest(`pod ${name} does not have a host assigned`));
  const node = cluster.store.get('nodes', undefined, nodeName);
  if (node === undefined) return err(notFound({group: '', plural: 'nodes', kind: 'Node'}, nodeName));
  const address = objectsAt(node, 'status', 'addresses').find(each => each['type'] === 'InternalIP');
  const host = stringAt(address, 'address');
  const port = numberAt(node, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port');
  if (host === undefined || port === undefined) return err(internalError(`node ${nodeName} tells no address`));
  const parameters = new URLSearchParams();
  for (const key of subresource === 'log' ? LOG_PARAMETERS : EXEC_PARAMETERS) {
    for (const value of query.getAll(key)) parameters.append(key, value);
  }
  const verb = subresource === 'log' ? 'containerLogs' : 'exec';
  return ok({
    host,
    port,
    path: `/${verb}/${[namespace, name, container.value].map(encodeURIComponent).join('/')}?${parameters}`,
  });
}

type Containers = ReturnType<typeof objectsAt>;

function containerOf(
  pod: string,
  containers: Containers,
  inits: Containers,
  query: URLSearchParams,
): Result<string, ApiError> {
  const names = [...containers, ...inits].map(each => stringAt(each, 'name') ?? '');
  const asked = query.get('container') ?? '';
  if (asked !== '') {
    return names.includes(asked) ? ok(asked) : err(badRequest(`container ${asked} is not valid for pod ${pod}`));
  }
  const [only] = names;
  if (containers.length === 1 && only !== undefined) return ok(only);
  const choice = names.slice(0, containers.length).join(' ');
  return err(badRequest(`a container name must be specified for pod ${pod}, choose one of: [${choice}]`));
}

/** Streams a log from the node to the client; ends when either side does. */
export function proxyLog(backend: Backend, token: string, res: ServerResponse): void {
  const upstream = httpRequest({...backend, headers: {authorization: `Bearer ${token}`}, agent: false}, answer => {
    if (answer.statusCode === 200) {
      res.writeHead(200, {'content-type': 'text/plain; charset=utf-8'});
      res.flushHeaders();
      answer.pipe(res);
      answer.on('error', () => res.destroy());
    } else {
      textOf(answer).then(
        text => sendError(res, {...badRequest(text), code: answer.statusCode ?? 500}),
        (error: unknown) => sendError(res, unreachable(backend, error instanceof Error ? error : new Error('cut off'))),
      );
    }
  });
  upstream.on('error', error => sendError(res, unreachable(backend, error)));
  res.on('close', () => upstream.destroy());
  upstream.end();
}

const unreachable = ({host, port, path}: Backend, error: Error): ApiError =>
  internalError(`Get "http://${host}:${port}${path}": ${error.message}`);

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString().trim();
}

function sendError(res: ServerResponse, error: ApiError): void {
  if (res.headersSent) return void res.destroy();
  const {status, text, contentType} = errorReply(error);
  res.writeHead(status, {'content-type': contentType}).end(text);
}

/** Joins a client that wants to speak WebSocket with the node, byte for byte. */
export function proxyUpgrade(
  backend: Backend,
  token: string,
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const upstream = connect({host: backend.host, port: backend.port}, () => {
    upstream.write(`${[`GET ${backend.path} HTTP/1.1`, ...headerLines(req, token)].join('\r\n')}\r\n\r\n`);
    if (head.length > 0) upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  let connected = false;
  upstream.on('connect', () => {
    connected = true;
  });
  upstream.on('error', error => {
    if (connected) socket.destroy();
    else refuseUpgrade(socket, unreachable(backend, error));
  });
  socket.on('error', () => upstream.destroy());
  socket.on('close', () => upstream.destroy());
  upstream.on('close', () => socket.destroy());
}

function headerLines(req: IncomingMessage, token: string): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at + 1 < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at] ?? '';
    if (name.toLowerCase() !== 'authorization') lines.push(`${name}: ${req.rawHeaders[at + 1] ?? ''}`);
  }
  return [...lines, `Authorization: Bearer ${token}`];
}

/** Answers an upgrade request like any other request, and hangs up. */
export function refuseUpgrade(socket: Duplex, error: ApiError): void {
  const {status, text, contentType} = errorReply(error);
  const head = [
    `HTTP/1.1 ${status} ${error.reason}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
