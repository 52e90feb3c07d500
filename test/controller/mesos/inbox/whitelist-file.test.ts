import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {WhitelistFile} from '../../../../src/controller/mesos/inbox/whitelist-file.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {addAgent, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

async function file(t: ExecutionContext) {
  const directory = await mkdtemp(join(tmpdir(), 'whitelist-'));
  t.teardown(() => rm(directory, {recursive: true}));
  return join(directory, 'hosts');
}

/** A whitelist with what it said so far, and how often it complained. */
async function whitelist(t: ExecutionContext) {
  const path = await file(t);
  const said: string[][] = [];
  let warnings = 0;
  const ignore = (): void => {};
  const log = {debug: ignore, info: ignore, warn: () => void warnings++, error: ignore};
  const reader = new WhitelistFile({path, log, onChange: hosts => said.push([...hosts])});
  return {path, said, reader, warnings: () => warnings};
}

test('hosts one on a line; empty lines mean nothing', async t => {
  const {path, said, reader} = await whitelist(t);
  await writeFile(path, ' h1\n\nh2 \r\n');
  await reader.read();
  t.deepEqual(said, [['h1', 'h2']]);
});

test('only a change is news', async t => {
  const {path, said, reader} = await whitelist(t);
  await writeFile(path, 'h1');
  await reader.read();
  await reader.read();
  await writeFile(path, '');
  await reader.read();
  t.deepEqual(said, [['h1'], []]); // an empty file: no host at all
});

test('a file that is not there changes nothing, and is complained of once', async t => {
  const {path, said, reader, warnings} = await whitelist(t);
  await writeFile(path, 'h1');
  await reader.read();
  await rm(path);
  await reader.read();
  await reader.read();
  t.deepEqual([said.length, warnings()], [1, 1]);
});

test('--whitelist: offers come from hosts in the file only, from the first run on', async t => {
  const path = await file(t);
  await writeFile(path, 'a2.example\n');
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  for (const name of ['a1', 'a2']) await addAgent(client, clock, name, 'cpus:4;mem:8192');
  const {url, close} = await testMaster({client, clock, argv: [`--whitelist=${path}`]});
  t.teardown(close);
  const stream = await subscribe(url, frameworkInfo('f'));
  const {offers} = await stream.next('OFFERS');
  t.deepEqual(
    offers.offers?.map(({hostname}) => hostname),
    ['a2.example'],
  );
});
