import test, {type ExecutionContext} from 'ava';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {generate} from 'selfsigned';
import {createServer as createSecureServer} from 'node:https';
import {askTask} from '../../../../src/controller/marathon/inbox/ask-task.ts';
import type {ProbeTarget} from '../../../../src/controller/marathon/core/health/probes.ts';
import {systemClock} from '../../../../src/kube/system-clock.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

const ask = askTask(systemClock);
const LONG_MS = 600_000;

const answers: RequestListener = (request, response) => {
  const [, status = '200'] = (request.url ?? '').split('/');
  response.writeHead(Number(status), {'content-type': 'text/plain', location: '/500'}).end('hello');
};

async function served(t: ExecutionContext, listener: RequestListener = answers): Promise<number> {
  const server = createServer(listener);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const http = (port: number, path: string, more: Partial<Extract<ProbeTarget, {kind: 'http'}>> = {}): ProbeTarget => ({
  ...{kind: 'http', scheme: 'http', host: '127.0.0.1', port, path, withBody: false},
  ...more,
});

test('the status of an HTTP answer is told', async t => {
  const port = await served(t);
  t.deepEqual(await ask(http(port, '/503'), LONG_MS), {kind: 'status', status: 503});
});

test('a redirect is an answer, and not followed', async t => {
  const port = await served(t);
  t.deepEqual(await ask(http(port, '/302'), LONG_MS), {kind: 'status', status: 302});
});

test('the body is told where it is wanted', async t => {
  const port = await served(t);
  const answer = await ask(http(port, '/200', {withBody: true}), LONG_MS);
  t.deepEqual(answer, {kind: 'status', status: 200, contentType: 'text/plain', body: 'hello'});
});

test('a body without an end is cut', async t => {
  const port = await served(t, (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const answer = await ask(http(port, '/', {withBody: true}), LONG_MS);
  t.is(answer.kind === 'status' ? answer.body?.length : 0, 16_384);
});

test('names below localhost are this machine', async t => {
  const port = await served(t);
  t.deepEqual(await ask(http(port, '/200', {host: 'agent-1.localhost'}), LONG_MS), {kind: 'status', status: 200});
});

test('a certificate that nobody vouches for is good enough', async t => {
  const {private: key, cert} = await generate([{name: 'commonName', value: 'task'}]);
  const server = createSecureServer({key, cert}, answers);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  t.deepEqual(await ask(http(port, '/200', {scheme: 'https'}), LONG_MS), {kind: 'status', status: 200});
});

test('a connection is enough for TCP', async t => {
  const port = await served(t);
  t.deepEqual(await ask({kind: 'tcp', host: '127.0.0.1', port}, LONG_MS), {kind: 'connected'});
});

test('a port that nobody listens on is a failure, with the cause', async t => {
  const server = createServer();
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  for (const target of [http(port, '/'), {kind: 'tcp', host: '127.0.0.1', port} as const]) {
    const answer = await ask(target, LONG_MS);
    t.regex(answer.kind === 'failed' ? answer.cause : '', /ECONNREFUSED/);
  }
});

test('a path that no request can have is a failure', async t => {
  const port = await served(t);
  t.is((await ask(http(port, '/a b\n'), LONG_MS)).kind, 'failed');
});

test('no answer in time is a failure', async t => {
  const clock = new VirtualClock();
  const {promise: asked, resolve} = Promise.withResolvers<void>();
  const port = await served(t, () => resolve());
  const pending = askTask(clock)(http(port, '/'), 2000);
  await asked;
  await clock.advanceAsync(2000);
  t.deepEqual(await pending, {kind: 'failed', cause: 'no answer within 2 s'});
});

test('another protocol than HTTP is an answer with its status', async t => {
  const server = createServer();
  server.on('connection', socket => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    );
  });
  t.teardown(() => server.close());
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  const answer = await ask(http(port, '/'), LONG_MS);
  t.deepEqual(answer, {kind: 'status', status: 101});
});
