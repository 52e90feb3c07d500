import fs from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {eventually} from '../support/eventually.ts';
import {generate} from 'selfsigned';
import {createKubeClient, type KubeClientOptions} from '../../src/kube/client.ts';
import {LEASES, NODES, PODS} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock} from '../../src/kube/system-clock.ts';
import type {RequestObservation} from '../../src/kube/transport.ts';
import type {KubeObject, WatchEvent} from '../../src/kube/types.ts';
import {
  kubeconfigText,
  sendJson,
  startFakeApi,
  statusBody,
  writeKubeconfig,
  type FakeApi,
  type FakeHandler,
} from '../support/fake-kube-api.ts';

const pod = (name: string): KubeObject => ({apiVersion: 'v1', kind: 'Pod', metadata: {name, namespace: 'ns'}});
/** Waits as short as possible, so that Retry-After costs no time. */
const hurriedClock = {
  ...systemClock,
  after: (ms: number, run: () => void) => systemClock.after(ms > 20_000 ? ms : 0, run),
};

function clientFor(t: ExecutionContext, server: string, more: Partial<KubeClientOptions> = {}) {
  const kubeconfigPath = writeKubeconfig(t, {server});
  return createKubeClient({kubeconfigPath, log: silentLogger, clock: hurriedClock, ...more});
}

async function fakeAndClient(t: ExecutionContext, handler: FakeHandler, more: Partial<KubeClientOptions> = {}) {
  const api = await startFakeApi(t, handler);
  return {api, client: clientFor(t, api.url, more)};
}

const lastOf = (api: FakeApi) => api.requests.at(-1)!;

test('each verb sends its method, path, query and body', async t => {
  const {api, client} = await fakeAndClient(t, (_request, response) => sendJson(response, {items: [], metadata: {}}));
  const sent = () => {
    const {method, path, query, headers, body} = lastOf(api);
    const type = headers['content-type'];
    return [method, path + (query.size ? `?${query}` : ''), ...(type ? [type, JSON.parse(body)] : [])];
  };
  await client.get(PODS, 'a b', 'ns');
  t.deepEqual(sent(), ['GET', '/api/v1/namespaces/ns/pods/a%20b']);
  await client.get(NODES, 'n', 'ignored');
  t.deepEqual(sent(), ['GET', '/api/v1/nodes/n']);
  await client.list(PODS, {labelSelector: 'a=b', limit: 5});
  t.deepEqual(sent(), ['GET', '/api/v1/pods?labelSelector=a%3Db&limit=5']);
  await client.create(PODS, pod('p'), {fieldManager: 'me'});
  t.deepEqual(sent(), ['POST', '/api/v1/namespaces/ns/pods?fieldManager=me', 'application/json', pod('p')]);
  await client.update(PODS, pod('p'), {subresource: 'status'});
  t.deepEqual(sent(), ['PUT', '/api/v1/namespaces/ns/pods/p/status', 'application/json', pod('p')]);
  await client.patch(LEASES, 'l', 'ns', 'merge', {a: null});
  t.deepEqual(sent(), [
    'PATCH',
    '/apis/coordination.k8s.io/v1/namespaces/ns/leases/l',
    'application/merge-patch+json',
    {a: null},
  ]);
  await client.delete(PODS, 'p', 'ns', {gracePeriodSeconds: 0, uid: 'u'});
  t.deepEqual(sent(), [
    'DELETE',
    '/api/v1/namespaces/ns/pods/p',
    'application/json',
    {apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: {uid: 'u'}},
  ]);
  t.is(lastOf(api).headers.authorization, 'Bearer secret');
});

test('items of a list are named by the list', async t => {
  const items = [{metadata: {name: 'a'}}, {apiVersion: 'x/v1', kind: 'X', metadata: {name: 'b'}}];
  const {client} = await fakeAndClient(t, (_request, response) =>
    sendJson(response, {items, metadata: {resourceVersion: '7'}}),
  );
  const list = await client.list(PODS, {});
  t.deepEqual(list.ok && list.value.items.map(item => `${item.apiVersion} ${item.kind}`), ['v1 Pod', 'x/v1 X']);
});

test('a Status answer becomes an error with its reason and message', async t => {
  const body = statusBody(409, 'AlreadyExists', 'pods "p" already exists', {name: 'p'});
  const {client} = await fakeAndClient(t, (_request, response) => sendJson(response, body, 409));
  const created = await client.create(PODS, pod('p'));
  t.deepEqual(created.ok || created.error, {
    kind: 'http',
    status: 409,
    reason: 'AlreadyExists',
    message: 'pods "p" already exists',
    details: {name: 'p'},
  });
});

test("a proxy's error page is named by its status code", async t => {
  const {client} = await fakeAndClient(t, (_request, response) => response.writeHead(503).end('<h1>down</h1>'));
  const got = await client.get(PODS, 'p', 'ns');
  t.deepEqual(got.ok || got.error, {
    kind: 'http',
    status: 503,
    reason: 'ServiceUnavailable',
    message: '<h1>down</h1>',
  });
});

test('429 with Retry-After is asked again, also for writes', async t => {
  let refusals = 3;
  const {api, client} = await fakeAndClient(t, (_request, response) => {
    if (refusals-- > 0) sendJson(response, statusBody(429, 'TooManyRequests', 'later'), 429, {'Retry-After': '1'});
    else sendJson(response, pod('p'));
  });
  const created = await client.create(PODS, pod('p'));
  t.true(created.ok);
  t.is(api.requests.length, 4);
});

test('429 that stays is an error after six attempts, and says how long to wait', async t => {
  const {api, client} = await fakeAndClient(t, (_request, response) =>
    sendJson(response, statusBody(429, 'TooManyRequests', 'later', {retryAfterSeconds: 2}), 429),
  );
  const got = await client.get(PODS, 'p', 'ns');
  t.like(got.ok ? {} : got.error, {reason: 'TooManyRequests', retryAfterMs: 2000});
  t.is(api.requests.length, 6);
});

test('500 is returned at once', async t => {
  const {api, client} = await fakeAndClient(t, (_request, response) => response.writeHead(500).end());
  const got = await client.get(PODS, 'p', 'ns');
  t.like(got.ok ? {} : got.error, {kind: 'http', status: 500, reason: 'InternalError'});
  t.is(api.requests.length, 1);
});

test('an answer that breaks off is a network error, and the write is not repeated', async t => {
  const {api, client} = await fakeAndClient(t, (_request, response) => {
    response.writeHead(201, {'Content-Length': 100});
    response.write('{"half":', () => response.socket?.destroy());
  });
  const created = await client.create(PODS, pod('p'));
  t.is(created.ok || created.error.kind, 'network');
  t.is(api.requests.length, 1);
});

test('without its Lease a process reads but does not write', async t => {
  let mayWrite = true;
  const fence = () => mayWrite;
  const {api, client} = await fakeAndClient(t, (_request, response) => sendJson(response, pod('p')), {fence});
  t.true((await client.create(PODS, pod('p'))).ok);
  mayWrite = false;
  const writes = await Promise.all([
    client.create(PODS, pod('p')),
    client.update(PODS, pod('p')),
    client.patch(PODS, 'p', 'ns', 'merge', {}),
    client.delete(PODS, 'p', 'ns'),
    client.raw('POST', '/x', {}),
  ]);
  t.deepEqual(
    writes.map(written => written.ok || written.error.kind),
    Array(5).fill('fenced'),
  );
  t.true((await client.get(PODS, 'p', 'ns')).ok);
  t.deepEqual(
    api.requests.map(({method}) => method),
    ['POST', 'GET'],
  );
});

test('a Lease lost between two attempts stops the repeats', async t => {
  let mayWrite = true;
  const {api, client} = await fakeAndClient(
    t,
    (_request, response) => {
      mayWrite = false;
      sendJson(response, statusBody(429, 'TooManyRequests', 'later'), 429, {'Retry-After': '1'});
    },
    {fence: () => mayWrite},
  );
  const created = await client.create(PODS, pod('p'));
  t.is(created.ok || created.error.kind, 'fenced');
  t.is(api.requests.length, 1);
});

test('a Lease lost while the connection was made stops the write', async t => {
  let asked = 0;
  const {api, client} = await fakeAndClient(t, (_request, response) => sendJson(response, pod('p')), {
    fence: () => ++asked === 1,
  });
  const created = await client.create(PODS, pod('p'));
  t.is(created.ok || created.error.kind, 'fenced');
  t.deepEqual(api.requests, []);
});

test('a Lease lost for good breaks off what is being written, and no read', async t => {
  const lost = new AbortController();
  let closed = 0;
  const reading = Promise.withResolvers<void>();
  const {client} = await fakeAndClient(
    t,
    (request, response) => {
      if (request.method === 'GET') return void reading.promise.then(() => sendJson(response, pod('p')));
      response.once('close', () => closed++);
      // Both are under way: the write has no answer yet.
      if (request.method === 'POST') lost.abort();
    },
    {fenced: lost.signal},
  );
  const read = client.get(PODS, 'p', 'ns');
  const created = await client.create(PODS, pod('p'));
  t.is(created.ok || created.error.kind, 'fenced');
  await eventually('the connection to be closed', () => closed === 1);
  reading.resolve();
  t.true((await read).ok);
});

test('refused connections make it read the kubeconfig again and ask the new port', async t => {
  const first = await startFakeApi(t, (_request, response) => sendJson(response, pod('old')));
  const kubeconfigPath = writeKubeconfig(t, {server: first.url});
  const client = createKubeClient({kubeconfigPath, log: silentLogger, clock: systemClock});
  t.true((await client.get(PODS, 'p', 'ns')).ok);
  await first.close();

  const nobody = await client.create(PODS, pod('p'));
  t.is(nobody.ok || nobody.error.kind, 'network');

  fs.writeFileSync(kubeconfigPath, '{"half');
  t.false((await client.get(PODS, 'p', 'ns')).ok);

  const second = await startFakeApi(t, (_request, response) => sendJson(response, pod('new')));
  fs.writeFileSync(kubeconfigPath, kubeconfigText({server: second.url, token: 'other'}));
  const answers = await Promise.all([client.create(PODS, pod('p')), client.get(PODS, 'p', 'ns')]);
  t.deepEqual(
    answers.map(answer => answer.ok && answer.value.metadata.name),
    ['new', 'new'],
  );
  t.is(second.requests[0]?.headers.authorization, 'Bearer other');
});

test('a missing kubeconfig is a network error until it is there', async t => {
  const api = await startFakeApi(t, (_request, response) => sendJson(response, pod('p')));
  const kubeconfigPath = writeKubeconfig(t, {server: api.url});
  const later = path.join(path.dirname(kubeconfigPath), 'later');
  const client = createKubeClient({kubeconfigPath: later, log: silentLogger, clock: systemClock});
  const got = await client.get(PODS, 'p', 'ns');
  t.is(got.ok || got.error.kind, 'network');
  fs.renameSync(kubeconfigPath, later);
  t.true((await client.get(PODS, 'p', 'ns')).ok);
});

test('401 makes it read the token again', async t => {
  const kubeconfig: {path?: string; server?: string} = {};
  const api = await startFakeApi(t, (request, response) => {
    if (request.headers.authorization === 'Bearer fresh') return sendJson(response, pod('p'));
    fs.writeFileSync(kubeconfig.path!, kubeconfigText({server: kubeconfig.server!, token: 'fresh'}));
    sendJson(response, statusBody(401, 'Unauthorized', 'Unauthorized'), 401);
  });
  kubeconfig.path = writeKubeconfig(t, {server: api.url, token: 'stale'});
  kubeconfig.server = api.url;
  const client = createKubeClient({kubeconfigPath: kubeconfig.path, log: silentLogger, clock: systemClock});
  t.true((await client.create(PODS, pod('p'))).ok);
});

test("over TLS the server's certificate must come from the kubeconfig's authority", async t => {
  const days = {notAfterDate: new Date(Date.now() + 86_400_000)};
  const subject = [{name: 'commonName', value: 'fake'}];
  const extensions = [{name: 'subjectAltName' as const, altNames: [{type: 7 as const, ip: '127.0.0.1'}]}];
  const [mine, other] = await Promise.all([
    generate(subject, {...days, extensions}),
    generate(subject, {...days, extensions}),
  ]);
  const tls = {key: mine.private, cert: mine.cert};
  const api = await startFakeApi(t, (_request, response) => sendJson(response, pod('p')), tls);
  const clientWith = (caPem: string) => {
    const kubeconfigPath = writeKubeconfig(t, {server: api.url, caPem});
    return createKubeClient({kubeconfigPath, log: silentLogger, clock: systemClock});
  };
  t.true((await clientWith(mine.cert).get(PODS, 'p', 'ns')).ok);
  const got = await clientWith(other.cert).get(PODS, 'p', 'ns');
  t.is(got.ok || got.error.kind, 'network');
});

test('calls in a row share a connection; a server that closed it is asked again for reads', async t => {
  const {api, client} = await fakeAndClient(t, (_request, response) => sendJson(response, pod('p')));
  await client.get(PODS, 'p', 'ns');
  await client.get(PODS, 'p', 'ns');
  t.is(api.connections(), 1);
  let closing = true;
  api.handle((_request, response) => {
    if (closing) response.socket?.destroy();
    else sendJson(response, pod('p'));
    closing = false;
  });
  t.true((await client.get(PODS, 'p', 'ns')).ok);
  closing = true;
  const created = await client.create(PODS, pod('p'));
  t.is(created.ok || created.error.kind, 'network');
});

test('requests are counted by verb, resource and status', async t => {
  const seen: RequestObservation[] = [];
  const observe = (observation: RequestObservation) => void seen.push(observation);
  const {api, client} = await fakeAndClient(t, (_request, response) => sendJson(response, pod('p')), {observe});
  await client.get(PODS, 'p', 'ns');
  await client.raw('GET', '/version');
  await api.close();
  await client.delete(LEASES, 'l', 'ns');
  t.deepEqual(
    seen.map(({verb, resource, status}) => [verb, resource, status]),
    [
      ['get', 'pods', 200],
      ['other', '', 200],
      ['delete', 'leases', 0],
    ],
  );
});

const lines = (...events: unknown[]) => events.map(event => `${JSON.stringify(event)}\n`).join('');
const watchOptions = (signal = new AbortController().signal) => ({resourceVersion: '5', namespace: 'ns', signal});

test('a watch hands over events as their lines complete, whatever the chunks', async t => {
  const named = pod('größe');
  const {api, client} = await fakeAndClient(t, (_request, response) => {
    const bytes = Buffer.from(lines({type: 'ADDED', object: named}, {type: 'BOOKMARK', object: pod('')}));
    response.write(bytes.subarray(0, bytes.indexOf(0xc3) + 1), () =>
      response.end(bytes.subarray(bytes.indexOf(0xc3) + 1)),
    );
  });
  const events: WatchEvent<KubeObject>[] = [];
  const ended = await client.watch(PODS, {...watchOptions(), timeoutSeconds: 400}, event => events.push(event));
  t.true(ended.ok);
  t.deepEqual(
    events.map(({type, object}) => [type, object.metadata.name]),
    [
      ['ADDED', 'größe'],
      ['BOOKMARK', ''],
    ],
  );
  t.deepEqual(Object.fromEntries(lastOf(api).query), {
    resourceVersion: '5',
    timeoutSeconds: '400',
    watch: 'true',
    allowWatchBookmarks: 'true',
  });
});

const broken: Record<string, {send: FakeHandler; want: object}> = {
  'cut within a line': {
    send: (_request, response) => {
      response.write(`${lines({type: 'ADDED', object: pod('a')})}{"type":"AD`, () => response.socket?.destroy());
    },
    want: {kind: 'network'},
  },
  'ended within a line': {
    send: (_request, response) => response.end(`${lines({type: 'ADDED', object: pod('a')})}{"type":"AD`),
    want: {kind: 'network'},
  },
  'a line of something else': {
    send: (_request, response) => response.end(`${lines({type: 'ADDED', object: pod('a')})}oops\n`),
    want: {kind: 'network'},
  },
  '410 in the stream': {
    send: (_request, response) =>
      response.end(lines({type: 'ADDED', object: pod('a')}, {type: 'ERROR', object: statusBody(410, 'Gone', 'old')})),
    want: {kind: 'http', status: 410, reason: 'Expired', message: 'old'},
  },
};
for (const [title, {send, want}] of Object.entries(broken)) {
  test(`a watch that breaks, ${title}: what came before is delivered`, async t => {
    const {client} = await fakeAndClient(t, send);
    const events: string[] = [];
    const ended = await client.watch(PODS, watchOptions(), event => events.push(event.object.metadata.name));
    t.deepEqual(events, ['a']);
    t.like(ended.ok ? {} : ended.error, want);
  });
}

test('410 as the status of a watch is Expired', async t => {
  const {client} = await fakeAndClient(t, (_request, response) =>
    sendJson(response, statusBody(410, 'Gone', 'old'), 410),
  );
  const ended = await client.watch(PODS, watchOptions(), () => {});
  t.like(ended.ok ? {} : ended.error, {kind: 'http', reason: 'Expired'});
});

test('aborting a watch ends it without an error', async t => {
  const {client} = await fakeAndClient(t, (_request, response) =>
    response.write(lines({type: 'ADDED', object: pod('a')})),
  );
  const abort = new AbortController();
  const ended = await client.watch(PODS, watchOptions(abort.signal), () => abort.abort());
  t.true(ended.ok);
  const never = await client.watch(PODS, watchOptions(abort.signal), () => t.fail());
  t.true(never.ok);
});
