import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {masterRefusal, redirection} from '../../../src/controller/mesos/http/refusals.ts';
import {OPEN} from '../../../src/controller/access/authorizer.ts';
import {Guard} from '../../../src/controller/access/guard.ts';
import {Denials} from '../../../src/controller/access/denials.ts';
import type {Caller} from '../../../src/controller/runtime/caller.ts';
import {type Gatekeeper, partOf} from '../../../src/controller/web/gatekeeper.ts';
import {answerByTable} from '../../../src/controller/web/port.ts';
import {parseRateLimits, Turnstile} from '../../../src/controller/web/rate-limits.ts';
import {type BoundRoute, NO_BODY} from '../../../src/controller/web/route.ts';
import {ROUTE_TABLE} from '../../../src/controller/web/route-table.ts';
import {type Logger, silentLogger} from '../../../src/kube/log.ts';
import {believing} from '../../support/believing-gate.ts';
import {VirtualClock} from '../../support/virtual-clock.ts';

const readwrite = {name: 'rw', authenticators: [believing]};

type Options = {gatekeeper?: Partial<Gatekeeper>; log?: Logger; clock?: VirtualClock};

/** A port with an open path, one to read and one to change, which answer with the principal. */
async function serve(t: ExecutionContext, {gatekeeper, log = silentLogger, clock = new VirtualClock()}: Options = {}) {
  const callers: Caller[] = [];
  const row = (path: string, permission: BoundRoute['permission'], method: BoundRoute['method']): BoundRoute => ({
    ...{method, path, permission, does: 'Tests.', answeredBy: 'any', body: NO_BODY},
    handle: ({caller, response}) => {
      callers.push(caller);
      response.json(caller.principal ?? null);
    },
  });
  const answer = answerByTable({
    routes: [row('/open', 'open', 'GET'), row('/read', 'view', 'GET'), row('/change', 'change-quota', 'POST')],
    leadership: {phase: () => 'leading', leaderAddress: () => undefined},
    ...{self: () => '', redirection, refusal: masterRefusal, headers: () => ({}), checksAccept: false, log},
    ...{served: () => ({names: [], strict: false}), tls: undefined},
    gatekeeper: {
      realms: {readwrite},
      turnstile: undefined,
      guard: new Guard(OPEN, new Denials(clock, log)),
      ...gatekeeper,
    },
  });
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void (server.closeAllConnections(), server.close()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (path: string, name?: string, method = path === '/change' ? 'POST' : 'GET') =>
    fetch(url + path, {method, headers: name === undefined ? {} : {authorization: `Bearer ${name}`}});
  return {ask, callers};
}

test('a part with a realm wants to know who calls', async t => {
  const {ask, callers} = await serve(t);
  const refused = await ask('/change');
  t.is(refused.status, 401);
  t.is(refused.headers.get('www-authenticate'), 'Bearer realm="rw"');
  t.is(await refused.text(), '401 Unauthorized.');
  t.is(await (await ask('/change', 'ops')).json(), 'ops');
  t.deepEqual(callers, [{principal: 'ops', transport: 'http', address: '127.0.0.1'}]);
});

test('a wrong name is refused also where another method would be answered', async t => {
  const {ask} = await serve(t);
  t.is((await ask('/change', 'bad')).status, 401);
  t.is((await ask('/change', undefined, 'GET')).status, 401);
  t.is((await ask('/change', 'ops', 'GET')).status, 405);
});

test('a part without a realm asks nobody, and believes nobody', async t => {
  const {ask} = await serve(t);
  t.is(await (await ask('/read')).json(), null);
  t.is(await (await ask('/read', 'ops')).json(), null);
});

test('what is open stays open', async t => {
  const all = {readonly: readwrite, readwrite, frameworks: readwrite};
  const {ask} = await serve(t, {gatekeeper: {realms: all}});
  t.is((await ask('/open', 'bad')).status, 200);
  t.is((await ask('/read')).status, 401);
});

test('a token that names nobody is not enough', async t => {
  const {ask} = await serve(t);
  t.is((await ask('/change', 'claims')).status, 403);
});

test('while nobody can tell callers apart, they may try again later', async t => {
  const {ask} = await serve(t);
  t.is((await ask('/change', 'cut')).status, 503);
});

test('refusals are in the log once a minute, with the caller and without what it brought', async t => {
  const lines: unknown[] = [];
  const clock = new VirtualClock();
  const log = {...silentLogger, warn: (message: string, fields?: object) => void lines.push({message, ...fields})};
  const {ask} = await serve(t, {log, clock});
  for (let i = 0; i < 3; i++) await ask('/change', 'bad');
  await ask('/change');
  const line = {message: 'caller not authenticated', address: '127.0.0.1', realm: 'rw', why: 'a bad name'};
  t.deepEqual(lines, [line]);
  await clock.advance(60_000);
  await ask('/change', 'bad');
  t.deepEqual(lines, [line, {...line, repeated: 2}]);
});

test('requests of a principal pass at its rate; those beyond its capacity are sent away', async t => {
  const limits = parseRateLimits('{"limits": [{"principal": "fast", "qps": 1, "capacity": 1}]}');
  if (!limits.ok) return t.fail(limits.error);
  const clock = new VirtualClock();
  const {ask, callers} = await serve(t, {gatekeeper: {turnstile: new Turnstile(limits.value, clock)}, clock});
  t.is((await ask('/change', 'fast')).status, 200);
  const two = [ask('/change', 'fast'), ask('/change', 'fast')];
  const early = await Promise.race(two);
  t.is(early.status, 429);
  t.is(early.headers.get('retry-after'), '2');
  t.is((await ask('/change', 'slow')).status, 200);
  await clock.advance(1000);
  t.deepEqual((await Promise.all(two)).map(({status}) => status).sort(), [200, 429]);
  t.is(callers.length, 3);
});

test('a path where something can be changed is of one part, whatever the method', t => {
  const partsOf = (path: string) => partOf(ROUTE_TABLE.master.filter(row => row.path === path));
  t.deepEqual(
    [
      '/health',
      '/state',
      '/maintenance/status',
      '/maintenance/schedule',
      '/quota/{role*}',
      '/weights',
      '/api/v1/{rest*}',
    ].map(partsOf),
    [undefined, 'readonly', 'readonly', 'readwrite', 'readwrite', 'readwrite', 'readwrite'],
  );
  t.is(partsOf('/api/v1/scheduler/{rest*}'), 'frameworks');
});
