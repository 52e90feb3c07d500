import test from 'ava';
import fc from 'fast-check';
import {Journal} from '../../../src/allocator/journal/journal.ts';
import {journalLines} from '../../../src/allocator/journal/lines.ts';
import {RecordingAllocator} from '../../../src/allocator/journal/recording-allocator.ts';
import {PolicyComparison, Replay} from '../../../src/allocator/journal/replay.ts';
import type {SorterKind} from '../../../src/allocator/sorter/new-sorter.ts';
import {seeded} from '../../../src/lib/seeded.ts';
import {Cluster, readable, SETTINGS} from '../cluster.ts';
import {histories} from '../history-arbitrary.ts';
import type {Op} from '../history.ts';
import {History} from '../history.ts';
import {readJournal} from './read-journal.ts';

type Setup = {readonly seed: number; readonly size: number; readonly sorter: SorterKind; readonly ops: readonly Op[]};

// Small sizes: the journal has lost its beginning, and starts with a snapshot in the middle of the history.
const setups: fc.Arbitrary<Setup> = fc
  .tuple(histories, fc.constantFrom(10, 40, 1e9), fc.constantFrom<SorterKind>('drf', 'random'))
  .map(([[seed, ops], size, sorter]) => ({seed, ops, size, sorter}));

/** What happened, and the journal of it. */
function record({seed, size, sorter, ops}: Setup): {history: History; journal: Journal} {
  const random = seeded(seed);
  const options = {...SETTINGS, roleSorter: sorter, frameworkSorter: sorter};
  const journal = new Journal({options, random, size, now: () => 0});
  const cluster = new Cluster({...options, random: random.next}, inner => new RecordingAllocator(inner, journal));
  const history = new History(seed, cluster);
  for (const op of ops) history.step(op);
  return {history, journal};
}

test('a replay decides as it was decided, wherever the journal begins', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(setups, setup => {
        const {history, journal} = record(setup);
        const {beginning, recorded} = readJournal(journalLines(journal.segments));
        if (beginning === undefined) return setup.ops.length === 0 || history.log.length === 0;
        const replay = new Replay(beginning);
        const runs = recorded.flatMap(one => replay.apply(one) ?? []);
        const log = runs.flatMap(({allocations}) => allocations.map(one => readable([one]).join()));
        return (
          runs.every(({agrees}) => agrees) && history.log.slice(history.log.length - log.length).join() === log.join()
        );
      }),
      {numRuns: 300},
    );
  });
});

test('a journal keeps no more than it may', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(setups, setup => {
        const {journal} = record(setup);
        const kept = journal.segments.flatMap(({entries}) => entries).length;
        // Four agents at most; the entry that fills a segment belongs to it.
        return kept <= Math.max(setup.size, 8 * 4) + 2;
      }),
      {numRuns: 50},
    );
  });
});

test('under the policy that was in force a comparison finds no difference with one allocation order', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(setups, setup => {
        const {journal} = record({...setup, sorter: 'drf'});
        const {beginning, recorded} = readJournal(journalLines(journal.segments));
        if (beginning === undefined) return true;
        const comparison = new PolicyComparison(beginning, {});
        const [first] = recorded.flatMap(one => comparison.apply(one) ?? []);
        // Later ones may differ between equal shares: what was undone counts as a hand-out.
        return first === undefined || readable(first.actual).join() === readable(first.other).join();
      }),
      {numRuns: 50},
    );
  });
});
