import {mkdir, mkdtemp, readdir, rm, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {ageOnDisk, collectSandboxes, markGone, type Retention} from '../../../src/standalone/node/sandbox-gc.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 0, 2);
const ALL: Retention = {maxAgeMs: 1000 * HOUR_MS, maxCount: 1000, maxBytes: 1e9};

/** Sandboxes of 100 bytes, gone 1, 2, 3 and 4 hours ago; another one belongs to a pod that is known. */
const rows: Record<string, {limits: Partial<Retention>; want: string[]}> = {
  'within all limits every one stays': {limits: {}, want: ['1', '2', '3', '4', 'known']},
  'what is too old goes': {limits: {maxAgeMs: 2.5 * HOUR_MS}, want: ['1', '2', 'known']},
  'of too many the oldest go': {limits: {maxCount: 3}, want: ['1', '2', '3', 'known']},
  'of too many bytes the oldest go': {limits: {maxBytes: 250}, want: ['1', '2', 'known']},
  'a pod that is known keeps its sandbox': {limits: {maxCount: 0}, want: ['known']},
};
for (const [title, {limits, want}] of Object.entries(rows)) {
  test(title, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'mesos-gc-'));
    t.teardown(() => rm(folder, {recursive: true, force: true}));
    for (const uid of ['1', '2', '3', '4', 'known']) {
      await mkdir(join(folder, uid, 'task/0'), {recursive: true});
      await writeFile(join(folder, uid, 'task/0/stdout'), 'x'.repeat(100));
      if (uid === 'known') continue;
      await markGone(join(folder, uid));
      const gone = new Date(NOW_MS - Number(uid) * HOUR_MS);
      await utimes(join(folder, uid, '.gone'), gone, gone);
    }
    await collectSandboxes(folder, uid => uid === 'known', {...ALL, ...limits}, NOW_MS);
    t.deepEqual((await readdir(folder)).sort(), want);
  });
}

const disks = {
  'an empty disk: nine tenths of the time': {used: 0, want: 90},
  'half a disk: four tenths': {used: 0.5, want: 40},
  'a disk with no headroom left: none': {used: 0.95, want: 0},
};
for (const [title, {used, want}] of Object.entries(disks)) {
  test(title, t => {
    t.is(Math.round(ageOnDisk(100, used)), want);
  });
}
