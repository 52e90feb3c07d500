import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type {AddressInfo, Socket} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type {ExecutionContext} from 'ava';

export type FakeRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
};

export type FakeHandler = (request: FakeRequest, response: http.ServerResponse) => void;

export type FakeApi = {
  readonly url: string;
  readonly requests: FakeRequest[];
  /** Connections made so far. */
  readonly connections: () => number;
  readonly handle: (handler: FakeHandler) => void;
  readonly close: () => Promise<void>;
};

/** A server on a free port that answers as its handler says; for broken networks, where no real server will do. */
export async function startFakeApi(
  t: ExecutionContext,
  handler: FakeHandler,
  tls?: https.ServerOptions,
): Promise<FakeApi> {
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let current = handler;
  const listener: http.RequestListener = async (message, response) => {
    let body = '';
    for await (const chunk of message) body += String(chunk);
    const url = new URL(message.url ?? '/', 'http://fake');
    const {method = '', headers} = message;
    const request = {method, path: url.pathname, query: url.searchParams, headers, body};
    requests.push(request);
    current(request, response);
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await new Promise<number>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(addressOf(server.address()).port)),
  );
  const close = (): Promise<void> =>
    new Promise(resolve => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  t.teardown(close);
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {url, requests, connections: () => connections, handle: next => (current = next), close};
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address;
}

export function sendJson(response: http.ServerResponse, body: unknown, status = 200, headers = {}): void {
  response.writeHead(status, {'Content-Type': 'application/json', ...headers});
  response.end(JSON.stringify(body));
}

/** A Status object as the kube-apiserver sends it. */
export const statusBody = (code: number, reason: string, message: string, details?: unknown) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

export type KubeconfigParts = {readonly server: string; readonly token?: string; readonly caPem?: string};

export function kubeconfigText({server, token = 'secret', caPem}: KubeconfigParts): string {
  const trust = caPem
    ? {'certificate-authority-data': Buffer.from(caPem).toString('base64')}
    : {'insecure-skip-tls-verify': true};
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{name: 'fake', cluster: {server, ...trust}}],
    users: [{name: 'me', user: {token}}],
    contexts: [{name: 'fake', context: {cluster: 'fake', user: 'me'}}],
    'current-context': 'fake',
  });
}

/** A kubeconfig file in a directory of its own, removed at the end of the test. */
export function writeKubeconfig(t: ExecutionContext, parts: KubeconfigParts): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'kubeconfig-'));
  t.teardown(() => fs.rmSync(directory, {recursive: true, force: true}));
  const file = path.join(directory, 'config');
  fs.writeFileSync(file, kubeconfigText(parts));
  return file;
}
