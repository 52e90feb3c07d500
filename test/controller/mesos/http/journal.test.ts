import test from 'ava';
import type {ExecutionContext} from 'ava';
import {Replay} from '../../../../src/allocator/journal/replay.ts';
import {readJournal} from '../../../allocator/journal/read-journal.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {addAgent, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

async function master(t: ExecutionContext, argv: readonly string[] = []) {
  const clock = new VirtualClock();
  const {client} = new TestKube({clock});
  await addAgent(client, clock, 'a1', 'cpus:4;mem:8192');
  const running = await testMaster({client, clock, argv});
  t.teardown(running.close);
  return running.url;
}

test('the journal of a master replays what it offered', async t => {
  const url = await master(t);
  const spark = await subscribe(url, frameworkInfo('spark', {roles: ['eng']}));
  await spark.next('OFFERS');
  const response = await fetch(`${url}/allocator/journal`);
  t.is(response.headers.get('Content-Type')?.split(';')[0], 'application/x-ndjson');
  const {beginning, recorded} = readJournal((await response.text()).trimEnd().split('\n'));
  if (beginning === undefined) return t.fail();
  const replay = new Replay(beginning);
  const runs = recorded.flatMap(one => replay.apply(one) ?? []);
  t.true(runs.every(({agrees}) => agrees));
  const offered = runs.flatMap(({allocations}) => allocations.map(({role}) => role));
  t.deepEqual(offered, ['eng']);
});

test('a master that keeps no journal says so', async t => {
  const url = await master(t, ['--allocator_journal_size=0']);
  const response = await fetch(`${url}/allocator/journal`);
  t.is(response.status, 404);
  t.regex(await response.text(), /--allocator_journal_size=0/);
});
