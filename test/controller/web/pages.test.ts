import {mkdtemp, mkdir, rm, writeFile} from 'node:fs/promises';
import {createServer, type IncomingMessage, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buffer} from 'node:stream/consumers';
import {pathToFileURL} from 'node:url';
import {brotliDecompressSync, gunzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {masterRefusal, redirection} from '../../../src/controller/mesos/http/refusals.ts';
import {findPages, PAGE_ROUTES} from '../../../src/controller/web/pages.ts';
import {answerByTable} from '../../../src/controller/web/port.ts';
import {bind} from '../../../src/controller/web/route.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {openGate} from '../../support/open-gate.ts';

const SCRIPT = `console.log('${'x'.repeat(2000)}');\n`;

type Got = {readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer};
type Ask = (path: string, headers?: Record<string, string>) => Promise<Got>;

/** A port with nothing but pages. @param files of the folder `mesos`; none: it was not built */
async function serving(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<Ask> {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, 'mesos/assets'), {recursive: true});
    await writeFile(join(folder, 'mesos', name), text);
  }
  const pages = await findPages('mesos', pathToFileURL(`${folder}/`));
  const server = createServer(
    answerByTable({
      routes: bind(PAGE_ROUTES, pages),
      leadership: {phase: () => 'standby', leaderAddress: () => undefined},
      self: () => '',
      redirection,
      refusal: masterRefusal,
      headers: () => ({}),
      checksAccept: true,
      served: () => ({names: [], strict: false}),
      ...openGate,
      log: silentLogger,
    }),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    await rm(folder, {recursive: true});
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  const {port} = server.address() as AddressInfo;
  return (path, headers = {}) =>
    new Promise((resolve, reject) => {
      const sent = request({port, host: '127.0.0.1', path, headers, agent: false}, async answer =>
        resolve({status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer)}),
      );
      sent.on('error', reject);
      sent.end();
    });
}

const FILES = {'index.html': '<!doctype html>', 'assets/index-1.js': SCRIPT, 'assets/a b.svg': '<svg/>'};

test('a replica that does not lead shows the pages as well, in the shortest form that the browser takes', async t => {
  const ask = await serving(t, FILES);
  const page = await ask('/ui/', {accept: 'text/html'});
  t.like(page, {status: 200, headers: {'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache'}});
  t.is(page.body.toString(), '<!doctype html>');
  const script = await ask('/ui/assets/index-1.js', {'accept-encoding': 'gzip, br'});
  t.like(script.headers, {'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable'});
  t.is(brotliDecompressSync(script.body).toString(), SCRIPT);
  t.is(gunzipSync((await ask('/ui/assets/index-1.js', {'accept-encoding': 'gzip'})).body).toString(), SCRIPT);
  t.is((await ask('/ui/assets/index-1.js', {'accept-encoding': 'br;q=0, gzip;q=0'})).body.toString(), SCRIPT);
  t.is((await ask('/ui/assets/a%20b.svg')).headers['content-type'], 'image/svg+xml');
});

test('a page that has not changed is not sent again', async t => {
  const ask = await serving(t, FILES);
  const {headers} = await ask('/ui/');
  const again = await ask('/ui/', {'if-none-match': headers.etag ?? ''});
  t.is(again.status, 304);
  t.is(again.body.length, 0);
});

test('a page takes nothing from elsewhere and may not be framed', async t => {
  const ask = await serving(t, FILES);
  const policy = String((await ask('/ui/')).headers['content-security-policy']);
  t.true(policy.startsWith("default-src 'none'"));
  t.true(policy.includes("frame-ancestors 'none'"));
  t.false(/unsafe|http|\*/.test(policy));
});

test('a browser at the root is sent to the pages by a relative address', async t => {
  const ask = await serving(t, FILES);
  for (const path of ['/', '/ui']) t.like(await ask(path), {status: 302, headers: {location: 'ui/'}});
});

test('no path leads out of the built files', async t => {
  const ask = await serving(t, FILES);
  for (const path of [
    '/ui/../../package.json',
    '/ui/%2e%2e/%2e%2e/package.json',
    '/ui/..%2f..%2fpackage.json',
    '/ui/x',
  ])
    t.is((await ask(path)).status, 404, path);
});

test('without built pages a browser is told how to build them', async t => {
  const ask = await serving(t, {});
  const {status, body} = await ask('/ui/');
  t.is(status, 404);
  t.regex(body.toString(), /npm run build:ui/);
});
