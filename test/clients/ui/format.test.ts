import test from 'ava';
import {ago, count, cpus, duration, mebibytes, percent} from '../../../src/clients/ui/shared/format.ts';
import {href, placeOf} from '../../../src/clients/ui/shared/place.ts';

test('numbers have a unit that keeps them short', t => {
  t.deepEqual([0, 1023, 1536, 3 * 1024 * 1024].map(mebibytes), ['0 MiB', '1023 MiB', '1.5 GiB', '3 TiB']);
  t.is(cpus(0.105), '0.11 CPUs');
  t.is(percent(0.12345), '12.3 %');
  t.is(count(1, 'task'), '1 task');
  t.is(count(1200, 'task'), '1,200 tasks');
});

test('times are told from now, in both directions', t => {
  t.deepEqual([59, 61, 3700, 90_000].map(duration), ['59 s', '1 min', '1 h', '1 d']);
  t.is(ago(0, 65_000), '1 min ago');
  t.is(ago(65_000, 0), 'in 1 min');
  t.is(ago(1000, 1500), 'just now');
});

test('a place survives its address, ids with slashes included', t => {
  const {segments, query} = placeOf(href(['apps', '/prod/web?#', 'debug'], {filterText: 'a&b', none: ''}));
  t.deepEqual(segments, ['apps', '/prod/web?#', 'debug']);
  t.deepEqual([...query], [['filterText', 'a&b']]);
  t.deepEqual(placeOf('').segments, []);
  t.deepEqual(placeOf('#/a/%zz').segments, ['a', '%zz']);
});
