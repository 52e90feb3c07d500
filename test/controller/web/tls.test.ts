import {mkdtemp, rename, rm, writeFile} from 'node:fs/promises';
import {get, type RequestOptions} from 'node:https';
import type {RequestListener} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {TLSSocket} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import express from 'express';
import {generate} from 'selfsigned';
import {ACCESS_FLAGS, type AccessFlags} from '../../../src/controller/web/access-flags.ts';
import {proxyToLeader} from '../../../src/controller/web/leader-proxy.ts';
import {listen} from '../../../src/controller/web/listen.ts';
import {readTls} from '../../../src/controller/web/tls.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {parseFlags} from '../../../src/lib/flags.ts';
import {eventually} from '../../support/eventually.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const made = (name: string) => generate([{name: 'commonName', value: name}], {keySize: 2048});

async function directory(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tls-'));
  t.teardown(() => rm(path, {recursive: true}));
  return path;
}

async function write(path: string, name: string): Promise<{cert: string; key: string}> {
  const {cert, private: key} = await made(name);
  for (const [file, text] of [
    ['cert.pem', cert],
    ['key.pem', key],
  ] as const) {
    await writeFile(join(path, `${file}.new`), text);
    await rename(join(path, `${file}.new`), join(path, file));
  }
  return {cert, key};
}

function flagsOf(path: string, more: readonly string[] = []): AccessFlags {
  const argv = [`--ssl_cert_file=${path}/cert.pem`, `--ssl_key_file=file://${path}/key.pem`, ...more];
  const flags = parseFlags(ACCESS_FLAGS, {argv});
  if (!flags.ok) throw new Error(flags.error.join());
  return flags.value;
}

async function serve(t: ExecutionContext, path: string, handler: RequestListener, more: readonly string[] = []) {
  const clock = new VirtualClock();
  const tls = await readTls({flags: flagsOf(path, more), clock, log: silentLogger});
  if (!tls.ok || tls.value === undefined) throw new Error('no TLS');
  const server = await listen(handler, {ip: '127.0.0.1', port: 0, flagName: 'port'}, {tls: tls.value});
  if (!server.ok) throw new Error(server.error);
  t.teardown(async () => {
    tls.value?.close();
    await server.value.close();
  });
  return {clock, port: server.value.port, tls: tls.value};
}

/** Name in the server's certificate, and what it answers. */
const ask = (port: number, options: RequestOptions = {}): Promise<{name: string; body: string}> =>
  new Promise((resolve, reject) => {
    const request = get({host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...options}, response => {
      const {subject} = (response.socket as TLSSocket).getPeerCertificate();
      response.setEncoding('utf8').on('data', (body: string) => resolve({name: String(subject.CN), body}));
    });
    request.on('error', reject);
  });

test('a new certificate is served as soon as its files have changed, and a half-written pair is not', async t => {
  const path = await directory(t);
  await write(path, 'old');
  const {clock, port} = await serve(t, path, (_request, response) => response.end('.'));
  t.is((await ask(port)).name, 'old');
  const {cert} = await made('half');
  await writeFile(join(path, 'cert.pem'), cert);
  await clock.advance(5000);
  t.is((await ask(port)).name, 'old');
  await write(path, 'new');
  await clock.advance(5000);
  t.true(await eventually('the new certificate', async () => (await ask(port)).name === 'new'));
});

test('a certificate of a client counts when an authority has signed it', async t => {
  const path = await directory(t);
  const authority = await write(path, 'mesos');
  const stranger = await made('stranger');
  const isKnown: RequestListener = ({socket}, response) => {
    response.end(String(socket instanceof TLSSocket && socket.authorized));
  };
  const {port} = await serve(t, path, isKnown, [`--ssl_ca_file=${path}/cert.pem`]);
  t.is((await ask(port)).body, 'false');
  t.is((await ask(port, authority)).body, 'true');
  t.is((await ask(port, {cert: stranger.cert, key: stranger.private})).body, 'false');
});

test('the leader is asked over TLS, and only when its certificate is the own one', async t => {
  const [own, foreign] = [await directory(t), await directory(t)];
  await write(own, 'controllers');
  await write(foreign, 'controllers');
  const leader = await serve(t, own, ({url}, response) => response.end(`leader has ${url}`));
  const impostor = await serve(t, foreign, (_request, response) => response.end('impostor'));
  let target = leader.port;
  const app = express().use(async (request, response) => {
    const failed = await proxyToLeader(`127.0.0.1:${target}`, 'self:1', request, response, standby.tls.material());
    if (failed !== undefined) response.status(502).end(failed.kind);
  });
  const standby = await serve(t, own, app);
  t.is((await ask(standby.port, {path: '/v2/apps'})).body, 'leader has /v2/apps');
  target = impostor.port;
  t.is((await ask(standby.port, {path: '/v2/apps'})).body, 'leader-unreachable');
});

test('files that make no TLS name their flag', async t => {
  const path = await directory(t);
  const {cert} = await write(path, 'one');
  const log = silentLogger;
  const read = async () => readTls({flags: flagsOf(path), clock: new VirtualClock(), log});
  await writeFile(join(path, 'key.pem'), cert);
  const wrong = await read();
  t.regex(wrong.ok ? '' : wrong.error, /^--ssl_cert_file: no certificate and key for TLS/);
  await rm(join(path, 'key.pem'));
  const missing = await read();
  t.regex(missing.ok ? '' : missing.error, /^--ssl_cert_file: can't be read/);
});
