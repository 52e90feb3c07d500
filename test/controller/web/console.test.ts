import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {marathonRefusal, redirection} from '../../../src/controller/marathon/http/refusals.ts';
import {CONSOLE_ROUTES} from '../../../src/controller/web/console.ts';
import {answerByTable} from '../../../src/controller/web/port.ts';
import {bind} from '../../../src/controller/web/route.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {openGate} from '../../support/open-gate.ts';

async function serve(t: ExecutionContext) {
  const answer = answerByTable({
    routes: bind(CONSOLE_ROUTES, undefined),
    leadership: {phase: () => 'standby', leaderAddress: () => undefined},
    ...{self: () => '', redirection, refusal: marathonRefusal, headers: () => ({}), checksAccept: true},
    ...{log: silentLogger, served: () => ({names: [], strict: false})},
    ...openGate,
  });
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void (server.closeAllConnections(), server.close()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (path: string, headers: Record<string, string> = {}) => fetch(url + path, {headers, redirect: 'manual'});
}

test('the console takes everything from this server, and every file that it names is there', async t => {
  const ask = await serve(t);
  const page = await ask('/api-console/index.html');
  t.is(page.status, 200);
  t.regex(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self';/);
  const text = await page.text();
  const named = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, name]) => name ?? '');
  t.deepEqual(named, ['swagger-ui.css', 'swagger-ui-bundle.js', 'console.js']);
  for (const name of named) {
    const file = await ask(`/api-console/${name}`);
    t.is(file.status, 200, name);
    t.is(file.headers.get('content-encoding'), 'gzip');
    t.true((await file.text()).length > 50);
    t.is((await ask(`/api-console/${name}`, {'accept-encoding': 'identity'})).headers.get('content-encoding'), null);
  }
  t.regex(await (await ask('/api-console/console.js')).text(), /url: '[.][.]\/v2\/openapi[.]json'/);
});

test('help leads to the console, and other files of the package are not served', async t => {
  const ask = await serve(t);
  const help = await ask('/help');
  t.is(help.status, 302);
  t.is(help.headers.get('location'), 'api-console/index.html');
  t.is((await ask('/api-console/')).headers.get('location'), 'index.html');
  for (const name of ['package.json', 'swagger-ui.js', '../package.json', 'constructor', 'a/index.html']) {
    t.is((await ask(`/api-console/${encodeURIComponent(name)}`)).status, 404, name);
  }
});
