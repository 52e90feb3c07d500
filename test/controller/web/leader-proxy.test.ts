import {createServer as createSocketServer} from 'node:net';
import {createServer, get, type IncomingMessage} from 'node:http';
import type {AddressInfo, Server} from 'node:net';
import {once} from 'node:events';
import test, {type ExecutionContext} from 'ava';
import {marathonRefusal, redirection} from '../../../src/controller/marathon/http/refusals.ts';
import type {Phase} from '../../../src/controller/web/leadership.ts';
import {answerByTable, type Port} from '../../../src/controller/web/port.ts';
import type {BoundRoute} from '../../../src/controller/web/route.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {eventually} from '../../support/eventually.ts';
import {openGate} from '../../support/open-gate.ts';

type Replica = {phase: Phase; leader: string | undefined; handle: BoundRoute['handle']; more?: Partial<Port>};

async function listening(t: ExecutionContext, server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A replica with one path of each kind. @returns its `host:port` */
async function serve(t: ExecutionContext, {phase, leader, handle, more}: Replica): Promise<string> {
  const row = (method: BoundRoute['method'], body: BoundRoute['body']): BoundRoute => ({
    ...{method, path: '/v2/x', permission: 'view', does: 'Tests.', answeredBy: 'leader-by-proxy', body, handle},
    answers: ['*/*'],
  });
  let self = '';
  const answer = answerByTable({
    routes: [row('GET', {kind: 'none'}), row('POST', {kind: 'json'})],
    leadership: {phase: () => phase, leaderAddress: () => (leader === 'self' ? self : leader)},
    ...{self: () => self, redirection, refusal: marathonRefusal, headers: () => ({}), checksAccept: true},
    ...{log: silentLogger, served: () => ({names: [], strict: false})},
    ...openGate,
    ...more,
  });
  const server = createServer(answer);
  t.teardown(() => server.closeAllConnections());
  self = await listening(t, server);
  return self;
}

const json = {'content-type': 'application/json'};

test('a replica hands a request with its body and query to the leader, and its answer back', async t => {
  const leader = await serve(t, {
    ...{phase: 'leading', leader: 'self'},
    handle: ({request, response, body}) =>
      void response
        .status(201)
        .set('Location', '/y')
        .json({body, url: request.url, from: request.headers['x-forwarded-for']}),
  });
  const standby = await serve(t, {phase: 'standby', leader, handle: () => t.fail()});
  const answer = await fetch(`http://${standby}/v2/x?a=b`, {method: 'POST', headers: json, body: '{"c":1}'});
  t.is(answer.status, 201);
  t.is(answer.headers.get('location'), '/y');
  t.is(answer.headers.get('x-marathon-via'), standby);
  t.deepEqual(await answer.json(), {body: {c: 1}, url: '/v2/x?a=b', from: '127.0.0.1'});
});

test('a stream goes through as it comes, and ends at the leader when the reader leaves', async t => {
  const state = {write: (_text: string): unknown => undefined, closed: false};
  const leader = await serve(t, {
    ...{phase: 'leading', leader: 'self'},
    handle: ({response}) => {
      response.set('Content-Type', 'text/event-stream').flushHeaders();
      response.on('close', () => {
        state.closed = true;
      });
      state.write = text => response.write(text);
    },
  });
  const standby = await serve(t, {phase: 'standby', leader, handle: () => t.fail()});
  const request = get(`http://${standby}/v2/x`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => undefined);
  for (const part of ['one', 'two']) {
    state.write(part);
    await eventually(part, () => text.endsWith(part));
  }
  response.destroy();
  await eventually('the leader knows', () => state.closed);
  t.is(text, 'onetwo');
});

test('a reader through a replica that does not read is cut off by the leader, as any other', async t => {
  const state = {closed: false, waits: () => 0};
  const leader = await serve(t, {
    ...{phase: 'leading', leader: 'self'},
    handle: ({response}) => {
      response.flushHeaders();
      response.on('close', () => {
        state.closed = true;
      });
      state.waits = () => {
        response.write('x'.repeat(100_000));
        if (response.writableLength > 1_000_000) response.destroy();
        return response.writableLength;
      };
    },
  });
  const standby = await serve(t, {phase: 'standby', leader, handle: () => t.fail()});
  const [response] = (await once(get(`http://${standby}/v2/x`), 'response')) as [IncomingMessage];
  response.pause().on('error', () => undefined);
  await eventually('it is cut off', () => {
    if (!state.closed) state.waits();
    return state.closed;
  });
  t.true(state.closed);
});

const unreachable: Record<string, (t: ExecutionContext) => Promise<{leader: string | undefined; message: RegExp}>> = {
  'no leader is known': async () => ({leader: undefined, message: /^No leader is known yet$/}),
  'the leader is this process itself': async () => ({leader: 'self', message: /^Detected proxying loop$/}),
  'nobody listens there': async t => {
    const server = createServer();
    const leader = await listening(t, server);
    await new Promise(resolve => server.close(resolve));
    return {leader, message: /does not answer/};
  },
  'the leader does not answer in time': async t => {
    const server = createSocketServer(socket => t.teardown(() => void socket.destroy()));
    return {leader: await listening(t, server), message: /no answer within 50 ms$/};
  },
};
for (const [title, prepare] of Object.entries(unreachable)) {
  test(`502 when ${title}`, async t => {
    const {leader, message} = await prepare(t);
    const more = {proxyWaits: {connectMs: 20_000, answerMs: 50}};
    const standby = await serve(t, {phase: 'standby', leader, more, handle: () => t.fail()});
    const answer = await fetch(`http://${standby}/v2/x`);
    t.is(answer.status, 502);
    const {message: said} = (await answer.json()) as {message: string};
    t.regex(said, message);
  });
}

test('two replicas that take each other for the leader find the loop', async t => {
  const addresses = {other: ''};
  const one = await serve(t, {
    ...{phase: 'standby', leader: undefined, handle: () => t.fail()},
    more: {leadership: {phase: () => 'standby', leaderAddress: () => addresses.other}},
  });
  addresses.other = await serve(t, {phase: 'standby', leader: one, handle: () => t.fail()});
  const answer = await fetch(`http://${one}/v2/x`);
  t.is(answer.status, 502);
  t.deepEqual(await answer.json(), {message: 'Detected proxying loop'});
});

test('more requests than may be answered at a time are refused, and streams do not count', async t => {
  const held = Promise.withResolvers<void>();
  const leader = await serve(t, {
    ...{phase: 'leading', leader: 'self', more: {mostRequests: 1}},
    handle: async ({request, response}) => {
      if (request.url.endsWith('stream')) return response.flushHeaders();
      await held.promise;
      response.json('held');
    },
  });
  const [stream] = (await once(get(`http://${leader}/v2/x?stream`), 'response')) as [IncomingMessage];
  stream.on('error', () => undefined);
  const first = fetch(`http://${leader}/v2/x`);
  const refused = await eventually('a refusal', async () => {
    const answer = await Promise.race([fetch(`http://${leader}/v2/x`), first]);
    return answer.status === 503 ? answer : undefined;
  });
  const {message} = (await refused.json()) as {message: string};
  t.regex(message, /^Only 1 requests/);
  held.resolve();
  t.is(await (await first).json(), 'held');
});
