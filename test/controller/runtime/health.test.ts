import http from 'node:http';
import test from 'ava';
import {answerHealth, HealthRegistry} from '../../../src/controller/runtime/health.ts';

test('health and readiness answer with what is wrong', async t => {
  const registry = new HealthRegistry();
  let synced = false;
  registry.addHealth('loop', () => true);
  registry.addReadiness('caches', () => synced || 'not synced');
  const server = http.createServer((request, response) => {
    if (!answerHealth(registry, request, response)) response.writeHead(404).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  t.deepEqual(await ask('/healthz'), [200, 'ok']);
  t.deepEqual(await ask('/readyz'), [503, '[+]loop ok\n[-]caches failed: not synced\ncheck failed\n']);
  synced = true;
  t.deepEqual(await ask('/readyz'), [200, 'ok']);
  t.deepEqual(await ask('/readyz?verbose'), [200, '[+]loop ok\n[+]caches ok\ncheck passed\n']);
  t.deepEqual(await ask('/other'), [404, '']);
});

test('a check that throws has failed', t => {
  const registry = new HealthRegistry();
  registry.addHealth('broken', () => {
    throw new Error('bug');
  });
  t.deepEqual(registry.health(), {healthy: false, text: '[-]broken failed: bug\ncheck failed\n'});
});
