import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {connect, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connect as connectTls} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {listen} from '../../src/controller/web/listen.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import {CONNECTION_LIMITS, type ConnectionLimits} from '../../src/lib/connections.ts';
import {limitOf} from '../../src/lib/limits.ts';
import {startApiServer} from '../../src/standalone/apiserver/server.ts';
import {startKubeletServer} from '../../src/standalone/node/kubelet-server.ts';
import {eventually} from '../support/eventually.ts';

type Listening = {readonly port: number; readonly tls: boolean};

/** Everything that listens, with limits that a test can wait for. */
const PORTS: Record<string, (t: ExecutionContext, limits: ConnectionLimits) => Promise<Listening>> = {
  'the master and Marathon': async (t, limits) => {
    const server = await listen((_request, response) => response.end('ok'), ANYWHERE, {limits});
    if (!server.ok) throw new Error(server.error);
    t.teardown(server.value.close);
    return {port: server.value.port, tls: false};
  },
  'the embedded API server': async (t, limits) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'mesos-slow-'));
    t.teardown(() => rm(dataDir, {recursive: true, force: true}));
    const address = {dataDir, ip: ANYWHERE.ip, port: 0, clock: systemClock, log: silentLogger};
    const server = await startApiServer({...address, connectionLimits: limits});
    if (!server.ok) throw new Error(server.error.message);
    t.teardown(server.value.close);
    return {port: Number(new URL(server.value.url).port), tls: true};
  },
  'an agent of the standalone': async (t, limits) => {
    const pods = {find: () => undefined} as never;
    const options = {ip: ANYWHERE.ip, token: 'token', pods, clock: systemClock, log: silentLogger};
    const server = await startKubeletServer({...options, connectionLimits: limits});
    t.teardown(server.close);
    return {port: server.port, tls: false};
  },
};
const ANYWHERE = {ip: '127.0.0.1', port: 0, flagName: 'port'};

const SHORT: ConnectionLimits = {headersMs: 300, requestMs: 300, idleMs: 300, connections: 100, checkMs: 20};
/** Sends a byte so often. */
const DRIP_MS = 10;

function open({port, tls}: Listening): Socket {
  const socket = tls
    ? connectTls({port, host: ANYWHERE.ip, rejectUnauthorized: false})
    : connect({port, host: ANYWHERE.ip});
  socket.on('error', () => undefined);
  return socket;
}

/** What came until the other side closed the connection. `drip` is sent byte by byte, from its begin again and again. */
async function untilClosed(t: ExecutionContext, socket: Socket, start: string, drip: string): Promise<string> {
  let [answer, sent] = ['', 0];
  socket.on('data', chunk => (answer += String(chunk)));
  socket.write(start);
  const timer = setInterval(() => {
    if (drip !== '' && socket.writable) socket.write(drip[sent++ % drip.length] ?? '');
  }, DRIP_MS);
  t.teardown(() => {
    clearInterval(timer);
    socket.destroy();
  });
  await new Promise<void>(resolve => (socket.closed ? resolve() : socket.once('close', () => resolve())));
  clearInterval(timer);
  return answer;
}

const SLOW = {
  'who sends nothing': {start: '', drip: ''},
  'who sends headers byte by byte': {start: 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n', drip: 'A: b\r\n'},
  'whose headers never end': {start: 'GET /healthz HTTP/1.1\r\nHost: loc', drip: ''},
  'who sends a body byte by byte': {
    start: 'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n',
    drip: ' ',
  },
  'whose body never comes': {
    start: 'POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
    drip: '',
  },
};

for (const [port, start] of Object.entries(PORTS)) {
  for (const [title, {start: head, drip}] of Object.entries(SLOW)) {
    test(`${port}: ${title} is cut off`, async t => {
      const at = await start(t, SHORT);
      const answer = await untilClosed(t, open(at), head, drip);
      // What is already answered needs no other answer; nobody is left without an end.
      t.regex(answer, /^(HTTP\/1\.1 (200|401|404|405|408) |$)/);
    });
  }

  test(`${port}: of more connections than are allowed the last is closed, until another one ends`, async t => {
    const at = await start(t, {...SHORT, headersMs: 60_000, requestMs: 60_000, connections: 2});
    const get = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const [one, other] = [open(at), open(at)];
    const ready = at.tls ? 'secureConnect' : 'connect';
    await Promise.all([once(one, ready), once(other, ready)]);
    t.is(await untilClosed(t, open(at), get, ''), '');
    // The request on it is answered, and then its place is free.
    t.regex(await untilClosed(t, one, get, ''), /^HTTP\/1\.1 200 /);
    await eventually('a free place', async () => (await untilClosed(t, open(at), get, '')).startsWith('HTTP/1.1 200 '));
    other.destroy();
  });
}

test('a handshake that never ends is cut off', async t => {
  const at = await PORTS['the embedded API server']?.(t, SHORT);
  const socket = connect({port: at?.port ?? 0, host: ANYWHERE.ip});
  socket.on('error', () => undefined);
  // The begin of a ClientHello.
  await t.notThrowsAsync(untilClosed(t, socket, '\x16\x03\x01\x01', ''));
});

test('every port has the limits of the table', t => {
  t.deepEqual(CONNECTION_LIMITS, {
    headersMs: limitOf('headerSeconds') * 1000,
    requestMs: limitOf('requestSeconds') * 1000,
    idleMs: limitOf('idleSeconds') * 1000,
    connections: limitOf('connections'),
    checkMs: 2000,
  });
});
