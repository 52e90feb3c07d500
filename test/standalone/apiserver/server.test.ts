import {mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {WebSocket, WebSocketServer} from 'ws';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock} from '../../../src/kube/system-clock.ts';
import {type ApiServer, startApiServer} from '../../../src/standalone/apiserver/server.ts';
import {Target} from '../../contract/apiserver/target.ts';

async function directory(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'mesos-apiserver-'));
  t.teardown(() => rm(made, {recursive: true, force: true}));
  return made;
}

async function start(t: ExecutionContext, dataDir: string, port = 0): Promise<ApiServer> {
  const started = await startApiServer({dataDir, ip: '127.0.0.1', port, clock: systemClock, log: silentLogger});
  if (!started.ok) throw new Error(started.error.message);
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await started.value.close();
    closed = true;
  };
  t.teardown(close);
  return {...started.value, close};
}

test('nobody gets in without the token, which is for the owner alone', async t => {
  const dataDir = await directory(t);
  const server = await start(t, dataDir);
  const target = await Target.ofKubeconfig(server.kubeconfigPath);
  t.is((await target.call('GET', '/api/v1/namespaces')).status, 200);
  const path = join(dataDir, 'stranger');
  const config = (await readFile(server.kubeconfigPath, 'utf8')).replace(server.token, 'wrong');
  await writeFile(path, config);
  const stranger = await Target.ofKubeconfig(path);
  const refused = await stranger.call('GET', '/api/v1/namespaces');
  t.is(refused.status, 401);
  t.like(refused.body, {kind: 'Status', reason: 'Unauthorized', code: 401});
  t.is((await stranger.call('GET', '/readyz')).text, 'ok');
  for (const file of ['token', 'kubeconfig', 'pki/tls.key']) {
    t.is((await stat(join(dataDir, file))).mode & 0o777, 0o600, file);
  }
});

test('a restart keeps token and certificate, and a second server is refused', async t => {
  const dataDir = await directory(t);
  const first = await start(t, dataDir);
  const second = await startApiServer({dataDir, ip: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger});
  t.false(second.ok);
  t.regex(second.ok ? '' : second.error.message, /is in use by another running server/);
  await first.close();
  const again = await start(t, dataDir);
  t.is(again.token, first.token);
  t.is(again.caPem, first.caPem);
});

test('a port that is taken is named', async t => {
  const first = await start(t, await directory(t));
  const port = Number(new URL(first.url).port);
  const dataDir = await directory(t);
  const second = await startApiServer({dataDir, ip: '127.0.0.1', port, clock: systemClock, log: silentLogger});
  t.false(second.ok);
  t.regex(second.ok ? '' : second.error.message, new RegExp(`cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`));
});

/** A node's server that answers logs with its URL, and echoes what is said to a shell. */
async function fakeNode(t: ExecutionContext, token: string): Promise<number> {
  const server: Server = createServer((req, res) => {
    if (req.headers.authorization !== `Bearer ${token}`) res.writeHead(401).end('who are you');
    else if (req.url?.includes('/broken/') === true) res.writeHead(404).end('no such container');
    else res.end(`${req.url}\n`);
  });
  const sockets = new WebSocketServer({server, handleProtocols: protocols => [...protocols][0] ?? false});
  sockets.on('connection', (socket, req) => {
    socket.send(`${req.url} ${req.headers.authorization === `Bearer ${token}` ? 'known' : 'unknown'}`);
    socket.on('message', data => socket.send(data));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function withPods(t: ExecutionContext): Promise<{server: ApiServer; target: Target}> {
  const server = await start(t, await directory(t));
  const target = await Target.ofKubeconfig(server.kubeconfigPath);
  await target.must('POST', '/api/v1/nodes', {
    metadata: {name: 'n'},
    status: {
      addresses: [{type: 'InternalIP', address: '127.0.0.1'}],
      daemonEndpoints: {kubeletEndpoint: {Port: await fakeNode(t, server.token)}},
    },
  });
  for (const [name, containers] of Object.entries({one: ['c'], two: ['c', 'd'], broken: ['c']})) {
    const spec = {nodeName: 'n', containers: containers.map(container => ({name: container, image: 'i'}))};
    await target.must('POST', '/api/v1/namespaces/default/pods', {metadata: {name}, spec});
  }
  return {server, target};
}

const pod = (name: string) => `/api/v1/namespaces/default/pods/${name}`;

test('logs come from the node', async t => {
  const {target} = await withPods(t);
  const log = await target.call('GET', `${pod('one')}/log?follow=true&tailLines=5&pretty=1`);
  t.is(log.status, 200);
  t.is(log.text, '/containerLogs/default/one/c?follow=true&tailLines=5\n');
  const unclear = await target.call('GET', `${pod('two')}/log`);
  t.is(unclear.status, 400);
  t.is(unclear.body['message'], 'a container name must be specified for pod two, choose one of: [c d]');
  const unknown = await target.call('GET', `${pod('two')}/log?container=x`);
  t.is(unknown.body['message'], 'container x is not valid for pod two');
  const broken = await target.call('GET', `${pod('broken')}/log`);
  t.is(broken.status, 404);
  t.is(broken.body['message'], 'no such container');
});

test('a shell is joined with the node byte for byte', async t => {
  const {server, target} = await withPods(t);
  const url = `${server.url.replace('https', 'wss')}${pod('one')}/exec?command=echo&command=a%20b&stdout=true`;
  const options = {ca: server.caPem, headers: {authorization: `Bearer ${server.token}`}};
  const socket = new WebSocket(url, ['v5.channel.k8s.io'], options);
  const messages: string[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', data => {
      messages.push(String(data));
      if (messages.length === 1) socket.send('hello');
      else resolve();
    });
  });
  t.is(socket.protocol, 'v5.channel.k8s.io');
  t.deepEqual(messages, ['/exec/default/one/c?command=echo&command=a+b&stdout=true known', 'hello']);
  socket.terminate();
  const stranger = new WebSocket(url, ['v5.channel.k8s.io'], {ca: server.caPem});
  const status = await new Promise(resolve => {
    stranger.on('unexpected-response', (_, response) => resolve(response.statusCode));
    stranger.on('error', () => {});
  });
  t.is(status, 401);
  const spdy = await target.call('POST', `${pod('one')}/exec?command=x`);
  t.is(spdy.status, 400);
});

test('an open shell does not keep the server from stopping', async t => {
  const {server} = await withPods(t);
  const url = `${server.url.replace('https', 'wss')}${pod('one')}/exec?command=sh&stdin=true`;
  const options = {ca: server.caPem, headers: {authorization: `Bearer ${server.token}`}};
  const socket = new WebSocket(url, ['v5.channel.k8s.io'], options);
  socket.on('error', () => {});
  await new Promise(resolve => socket.once('message', resolve));
  const closed = new Promise(resolve => socket.once('close', resolve));
  await server.close();
  await closed;
  t.pass();
});

test('a watch from another life of the cluster has to list again', async t => {
  const server = await start(t, await directory(t));
  const target = await Target.ofKubeconfig(server.kubeconfigPath);
  const stream = await target.watch('/api/v1/pods?watch=true&resourceVersion=123456');
  t.like((await stream.next())?.object, {code: 410, reason: 'Expired'});
});

test('the namespaces that everybody relies on stay', async t => {
  const server = await start(t, await directory(t));
  const target = await Target.ofKubeconfig(server.kubeconfigPath);
  const answer = await target.call('DELETE', '/api/v1/namespaces/default');
  t.is(answer.status, 403);
  t.is(answer.body['message'], 'namespaces "default" is forbidden: this namespace may not be deleted');
});

test('a node that does not answer is said so', async t => {
  const server = await start(t, await directory(t));
  const target = await Target.ofKubeconfig(server.kubeconfigPath);
  const spec = {containers: [{name: 'c', image: 'i'}]};
  await target.must('POST', '/api/v1/namespaces/default/pods', {metadata: {name: 'one'}, spec});
  const unbound = await target.call('GET', `${pod('one')}/log`);
  t.is(unbound.body['message'], 'pod one does not have a host assigned');
});
