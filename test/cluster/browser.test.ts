import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {installPackages} from './packages.ts';
import {type Json, Standalone} from '../support/standalone.ts';
import {CHROMIUM, openUntil, withPage} from './support/browser.ts';
import {attackScript, htmlOf, laptopAttack, RecordedTable} from './support/hostile-page.ts';

// Says which package is missing when it can't be installed.
test.before(() => installPackages({[CHROMIUM]: 'chromium'}));

async function table(t: ExecutionContext): Promise<RecordedTable> {
  const recorded = await RecordedTable.start(attackScript(''));
  t.teardown(() => recorded.close());
  return recorded;
}

/** A server of somebody else's, with a page that runs a script. @returns its port */
async function foreignSite(t: ExecutionContext, script = ''): Promise<number> {
  const server = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end(htmlOf(script)),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** The script that comes last. */
const hasTriedAll = ({came}: RecordedTable) => came.some(line => line.startsWith('GET /state?jsonp'));
const isChange = (line: string): boolean => !line.startsWith('GET ');

test('a page of another origin tries every change in every way, and none is let in', async t => {
  const recorded = await table(t);
  const script = attackScript(`http://127.0.0.1:${recorded.port}`);
  await openUntil(`http://127.0.0.1:${await foreignSite(t, script)}/`, () => hasTriedAll(recorded));
  t.true(recorded.came.filter(isChange).length > 50);
  t.deepEqual(recorded.reached, []);
});

test('the same from a page of its own is let in', async t => {
  const recorded = await table(t);
  await openUntil(`http://127.0.0.1:${recorded.port}/own-page`, () => hasTriedAll(recorded));
  t.deepEqual(new Set(recorded.reached.filter(isChange)), new Set(recorded.changes));
});

test('a name that was made to mean this machine is refused', async t => {
  const recorded = await table(t);
  const url = `http://rebound.example:${recorded.port}/state`;
  await openUntil(url, () => recorded.came.includes('GET /state'), ['--host-resolver-rules=MAP * 127.0.0.1']);
  t.deepEqual(recorded.reached, []);
});

for (const host of ['127.0.0.1', 'localhost']) {
  test(`a running standalone: a page at ${host} changes nothing and reads nothing`, async t => {
    const system = await Standalone.start(t, ['--agents=1']);
    await system.marathon('POST', '/v2/apps', {id: '/web', cmd: 'sleep 4321', cpus: 0.1, mem: 16});
    const tasks = await system.untilRunning('web', 1);
    const before = (await system.marathon('GET', '/v2/apps/web')).body['app'] as Json;
    const site = await foreignSite(t);
    const answers: string[] = [];
    const read = await withPage(async page => {
      page.on('response', answer => {
        const {method, url} = {method: answer.request().method(), url: answer.url()};
        if (method !== 'GET') answers.push(`${method} ${url.replace(/^.*:\d+/, '')} ${answer.status()}`);
      });
      await page.goto(`http://${host}:${site}/`);
      return page.evaluate<string[]>(laptopAttack(system.at.mesosUrl, system.at.marathonUrl));
    });
    t.deepEqual(read, []);
    t.true(answers.length > 40, `${answers.length} changes were tried`);
    t.deepEqual(
      answers.filter(answer => / [23]\d\d$/.test(answer)),
      [],
    );
    const {apps} = (await system.marathon('GET', '/v2/apps')).body;
    t.deepEqual(
      (apps as Json[]).map(({id, version}) => [id, version]),
      [['/web', before['version']]],
    );
    t.deepEqual(
      (await system.untilRunning('web', 1)).map(({id}) => id),
      tasks.map(({id}) => id),
    );
    const {body: state} = await system.mesos('GET', '/state');
    t.is(state['activated_slaves'], 1);
    t.deepEqual((await system.mesos('GET', '/maintenance/status')).body['down_machines'] ?? [], []);
  });
}
