import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {installPackages} from './packages.ts';
import {CHROMIUM, openUntil} from './support/browser.ts';
import {attackScript, htmlOf, RecordedTable} from './support/hostile-page.ts';

// Says which package is missing when it can't be installed.
test.before(() => installPackages({[CHROMIUM]: 'chromium'}));

async function table(t: ExecutionContext): Promise<RecordedTable> {
  const recorded = await RecordedTable.start(attackScript(''));
  t.teardown(() => recorded.close());
  return recorded;
}

/** The script that comes last. */
const hasTriedAll = ({came}: RecordedTable) => came.some(line => line.startsWith('GET /state?jsonp'));
const isChange = (line: string): boolean => !line.startsWith('GET ');

test('a page of another origin tries every change in every way, and none is let in', async t => {
  const recorded = await table(t);
  const script = attackScript(`http://127.0.0.1:${recorded.port}`);
  const foreign = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end(htmlOf(script)),
  );
  await new Promise<void>(resolve => foreign.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    foreign.closeAllConnections();
    foreign.close();
  });
  await openUntil(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`, () => hasTriedAll(recorded));
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
