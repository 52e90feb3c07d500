import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {HierarchicalAllocator} from '../../../../src/allocator/hierarchical-allocator.ts';
import {Journal} from '../../../../src/allocator/journal/journal.ts';
import {RecordingAllocator} from '../../../../src/allocator/journal/recording-allocator.ts';
import {Replay} from '../../../../src/allocator/journal/replay.ts';
import {JournalFile} from '../../../../src/controller/mesos/allocation/journal-file.ts';
import {silentLogger} from '../../../../src/kube/log.ts';
import {seeded} from '../../../../src/lib/seeded.ts';
import {agent, cm, fw, SETTINGS} from '../../../allocator/cluster.ts';
import {readJournal} from '../../../allocator/journal/read-journal.ts';

async function agreeing(path: string): Promise<{runs: number; agreeing: number; firstMs: number | undefined}> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const {beginning, recorded} = readJournal(lines);
  if (beginning === undefined) throw new Error('no beginning');
  const replay = new Replay(beginning);
  const runs = recorded.flatMap(one => replay.apply(one) ?? []);
  return {runs: runs.length, agreeing: runs.filter(one => one.agrees).length, firstMs: recorded[0]?.atMs};
}

test('each file of a journal replays, also those that began in the middle', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  t.teardown(() => rm(folder, {recursive: true}));
  const path = join(folder, 'journal.jsonl');
  const file = new JournalFile({path, maxBytes: 20_000, log: silentLogger});
  const random = seeded(1);
  const journal: Journal = new Journal({
    options: SETTINGS,
    random,
    size: 50,
    now: () => 0,
    onEntry: (entry, begin) => file.write(entry, journal.segments[0], begin),
  });
  const allocator = new RecordingAllocator(new HierarchicalAllocator({...SETTINGS, random: random.next}), journal);
  for (const id of ['a', 'b', 'c']) allocator.addAgent({agentId: agent(id), total: cm(4, 4096)});
  for (const id of ['f', 'g']) allocator.addFramework({frameworkId: fw(id), roles: [id]}, true);
  for (let nowMs = 1000; nowMs <= 400_000; nowMs += 1000) {
    for (const {agentId, frameworkId, role, resources} of allocator.runPeriodic(nowMs)) {
      allocator.recoverResources(agentId, frameworkId, role, resources, {seconds: 2}, nowMs);
    }
    // The writer is behind: what is written is made then.
    if (nowMs % 20_000 === 0) await new Promise(resolve => setImmediate(resolve));
  }
  await file.close();
  const [older, newer] = [await agreeing(`${path}.1`), await agreeing(path)];
  t.is(older.agreeing, older.runs);
  t.is(newer.agreeing, newer.runs);
  t.true(older.runs > 10 && newer.runs > 0);
  t.true((older.firstMs ?? 0) < (newer.firstMs ?? 0));
});

test('a file that can not be written is complained about, and no reason to stop', async t => {
  const complained = Promise.withResolvers<string>();
  const log = {...silentLogger, error: (message: string) => complained.resolve(message)};
  const file = new JournalFile({path: '/nowhere/at/all/journal.jsonl', maxBytes: 1e6, log});
  const allocator = new HierarchicalAllocator({...SETTINGS, random: () => 0.5});
  const journal = new Journal({options: SETTINGS, random: seeded(1), size: 10, now: () => 0});
  const begin = () => journal.begin(allocator);
  const entry = {atMs: 0, input: {kind: 'remove-agent', agentId: agent('a')}} as const;
  file.write(entry, undefined, begin);
  t.is(await complained.promise, 'the journal of the allocator is not written any more');
  t.notThrows(() => file.write(entry, undefined, begin));
  await t.notThrowsAsync(file.close());
});
