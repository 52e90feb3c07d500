import test from 'ava';
import {Suspects} from '../../../src/controller/runtime/suspects.ts';

const app = (version?: string) => ({kind: 'MarathonApp', name: 'web', ...(version !== undefined && {version})});
const SECOND = 1000;
const MINUTE = 60 * SECOND;

test('the first throw is forgiven, the second at the same version is not', t => {
  const suspects = new Suspects();
  t.is(suspects.judge(app('1'), 'oh', 0), 'rebuild');
  t.is(suspects.whyAside(app('1'), 0), undefined);
  t.is(suspects.judge(app('1'), 'oh', 1), 'set-aside');
  t.is(suspects.whyAside(app('1'), 2), 'oh');
  t.is(suspects.whyAside({kind: 'MarathonApp', name: 'other', version: '1'}, 2), undefined);
});

test('hours between two throws make no difference', t => {
  const suspects = new Suspects();
  suspects.judge(app('1'), 'oh', 0);
  t.is(suspects.judge(app('1'), 'oh', 100 * MINUTE), 'set-aside');
});

test('a change tries again, and is forgiven once again', t => {
  const suspects = new Suspects();
  suspects.judge(app('1'), 'oh', 0);
  suspects.judge(app('1'), 'oh', 1);
  t.false(suspects.takeBack(app('1')));
  t.is(suspects.whyAside(app('2'), 2), undefined);
  t.true(suspects.takeBack(app('2')));
  t.is(suspects.judge(app('2'), 'oh', 2 * MINUTE), 'rebuild');
  t.is(suspects.judge(app('2'), 'oh', 2 * MINUTE), 'set-aside');
});

test('a subject that is blamed without its version is set aside at the version that is seen next', t => {
  const suspects = new Suspects();
  suspects.judge(app(), 'oh', 0);
  t.is(suspects.judge(app(), 'oh', 1), 'set-aside');
  t.is(suspects.whyAside(app('5'), 2), 'oh');
  t.is(suspects.whyAside(app('6'), 3), undefined);
});

test('a subject that changes before each throw is set aside for ten minutes, whatever its version', t => {
  const suspects = new Suspects();
  t.is(suspects.judge(app('1'), 'oh', 0), 'rebuild');
  t.is(suspects.judge(app('2'), 'oh', 1), 'rebuild');
  t.is(suspects.judge(app('3'), 'oh', 2), 'set-aside');
  t.is(suspects.whyAside(app('4'), 3), 'oh');
  t.is(suspects.whyAside(app('4'), 11 * MINUTE), undefined);
});

test('throws that nobody can be blamed for are forgiven three times a minute', t => {
  const suspects = new Suspects();
  for (const ms of [0, 1, 2]) t.is(suspects.judge(undefined, 'oh', ms), 'rebuild');
  t.is(suspects.judge(undefined, 'oh', 3), 'give-up');
  t.is(suspects.judge(undefined, 'oh', 3 * MINUTE), 'rebuild');
});

test('throws that follow each other closely are counted', t => {
  const suspects = new Suspects();
  suspects.judge(app('1'), 'oh', 0);
  t.is(suspects.streak, 0);
  suspects.judge(app('1'), 'oh', 10 * SECOND);
  suspects.judge(undefined, 'oh', 20 * SECOND);
  t.is(suspects.streak, 2);
  suspects.judge(undefined, 'oh', 5 * MINUTE);
  t.is(suspects.streak, 0);
});
