import test from 'ava';
import {normalizeRanges, subtractRanges} from '../../src/allocator/ranges.ts';
import type {Resource} from '../../src/allocator/resource.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {ScalarNames} from '../../src/allocator/sorter/cluster-total.ts';
import {formatResources, parseResources} from '../../src/allocator/text-form.ts';
import {ranges, scalar, set} from '../../src/allocator/value.ts';
import {res} from './cluster.ts';

const texts = {
  'scalars, ranges and sets': {
    text: 'cpus:4;mem:8192;disk:20480;ports:[31000-31332];gpus:1;zones:{b,a}',
    want: 'cpus:4;gpus:1;mem:8192;disk:20480;ports:[31000-31332];zones:{a,b}',
  },
  'blanks everywhere': {text: ' cpus : 0.5 ; ports: [ 1 - 2 , 4-5 ] ;', want: 'cpus:0.5;ports:[1-2,4-5]'},
  'reservations apart': {text: 'cpus(a/b):2;cpus:1;cpus(*):1', want: 'cpus:2;cpus(a/b):2'},
  'equal names add up': {text: 'cpus:0.1;cpus:0.2;ports:[1-2];ports:[3-4]', want: 'cpus:0.3;ports:[1-4]'},
  'three decimals': {text: 'cpus:0.12349', want: 'cpus:0.123'},
  exponents: {text: 'mem:1e3', want: 'mem:1000'},
  'nothing is left of zero': {text: 'cpus:0;gpus:0;ports:[];zones:{}', want: ''},
  'nothing at all': {text: '', want: ''},
};
for (const [title, {text, want}] of Object.entries(texts)) {
  test(`text form: ${title}`, t => {
    t.is(formatResources(res(text)), want);
  });
}

const mistakes = {
  'no value': {text: 'cpus', want: 'resources: want NAME:VALUE, got "cpus"'},
  'no name': {text: ':4', want: 'resources: want NAME:VALUE or NAME(ROLE):VALUE, got ":4"'},
  'a letter': {text: 'mem:1;cpus:x', want: 'resources: want a number, 0 or more, got "cpus:x"'},
  'a negative amount': {text: 'cpus:-1', want: 'resources: want a number, 0 or more, got "cpus:-1"'},
  'too large to count': {text: 'mem:1e300', want: 'resources: want a number, 0 or more, got "mem:1e300"'},
  'ranges for cpus': {text: 'cpus:[1-2]', want: 'resources: want a number for cpus, got "cpus:[1-2]"'},
  'half a GPU': {text: 'gpus:0.5', want: 'resources: want a whole number for gpus, got "gpus:0.5"'},
  'a number of ports': {text: 'ports:5', want: 'resources: want ranges like [31000-32000] for ports, got "ports:5"'},
  'a range upside down': {
    text: 'ports:[9-1]',
    want: 'resources: want BEGIN-END with BEGIN not above END instead of "9-1", got "ports:[9-1]"',
  },
  'an open range': {
    text: 'ports:[1-2',
    want: 'resources: want ranges like [31000-31099,31200-31299], got "ports:[1-2"',
  },
  'an open set': {text: 'zones:{a', want: 'resources: want a set like {a,b}, got "zones:{a"'},
  'an impossible role': {
    text: 'cpus(a//b):1',
    want: 'resources: want a role name instead of "a//b", got "cpus(a//b):1"',
  },
};
for (const [title, {text, want}] of Object.entries(mistakes)) {
  test(`text form refuses ${title}`, t => {
    const parsed = parseResources(text);
    t.is(parsed.ok ? formatResources(parsed.value) : parsed.error, want);
  });
}

const differences = {
  scalars: {from: 'cpus:4;mem:10', less: 'cpus:1.5', want: 'cpus:2.5;mem:10'},
  'more than there is': {from: 'cpus:1', less: 'cpus:2;mem:5', want: ''},
  'a hole in a range': {from: 'ports:[1-10]', less: 'ports:[4-5]', want: 'ports:[1-3,6-10]'},
  'items of a set': {from: 'z:{a,b,c}', less: 'z:{b}', want: 'z:{a,c}'},
  'another reservation takes nothing': {from: 'cpus(a):1', less: 'cpus:1', want: 'cpus(a):1'},
};
for (const [title, {from, less, want}] of Object.entries(differences)) {
  test(`difference: ${title}`, t => {
    t.is(formatResources(res(from).subtract(res(less))), want);
  });
}

const holds = {
  itself: {outer: 'cpus:1;ports:[1-5]', inner: 'cpus:1;ports:[1-5]', want: true},
  'less of it': {outer: 'cpus:1;ports:[1-5];z:{a,b}', inner: 'cpus:0.999;ports:[2-3];z:{b}', want: true},
  nothing: {outer: '', inner: '', want: true},
  'a thousandth more': {outer: 'cpus:1', inner: 'cpus:1.001', want: false},
  'a port more': {outer: 'ports:[1-2,4-5]', inner: 'ports:[2-4]', want: false},
  'another name': {outer: 'cpus:1', inner: 'gpus:1', want: false},
  'another reservation': {outer: 'cpus(a):2', inner: 'cpus:1', want: false},
};
for (const [title, {outer, inner, want}] of Object.entries(holds)) {
  test(`contains: ${title}`, t => {
    t.is(res(outer).contains(res(inner)), want);
  });
}

test('0.1 + 0.2 is 0.3', t => {
  t.true(res('cpus:0.1').add(res('cpus:0.2')).equals(res('cpus:0.3')));
});

test('what is taken whole is left whole: nothing new is made', t => {
  const all = res('cpus:4;ports:[1-5]');
  t.is(all.subtract(all), Resources.EMPTY);
  t.is(Resources.EMPTY.add(all), all);
});

const volume: Resource = {name: 'disk', value: scalar(10), disk: {persistence: {id: 'v1'}}};
const mount = (mib: number): Resource => ({
  name: 'disk',
  value: scalar(mib),
  disk: {source: {type: 'MOUNT', root: '/mnt/1'}},
});

test('a mount is had as a whole or not at all', t => {
  const mounted = Resources.of([mount(100)]);
  t.false(mounted.contains(Resources.of([mount(50)])));
  t.false(mounted.contains(Resources.of([{name: 'disk', value: scalar(50)}])));
  t.true(mounted.subtract(Resources.of([mount(50)])).equals(mounted));
  t.true(mounted.subtract(Resources.of([mount(100)])).isEmpty);
});

test('a shared volume handed out twice is two copies and one amount', t => {
  const one = Resources.of([{...volume, shared: true}]);
  const two = one.add(one);
  t.is(two.scalar('disk'), 10);
  t.is(two.list().length, 2);
  t.false(one.contains(two));
  t.true(two.subtract(one).equals(one));
});

test('labels and principals are part of an identity, the order of keys is not', t => {
  const reserved = (principal: string): Resource => ({
    name: 'cpus',
    value: scalar(1),
    reservations: [{type: 'DYNAMIC', role: 'r', principal, labels: [{key: 'k', value: 'v'}]}],
  });
  const turned: Resource = {
    value: scalar(1),
    reservations: [{labels: [{value: 'v', key: 'k'}], principal: 'p', role: 'r', type: 'DYNAMIC'}],
    name: 'cpus',
  };
  t.is(Resources.of([reserved('p'), turned]).list().length, 1);
  t.is(Resources.of([reserved('p'), reserved('q')]).list().length, 2);
});

test('quantities sum over identities, scalars only', t => {
  const sum = res('cpus:1;cpus(a):2;ports:[1-5]').quantities();
  t.deepEqual(sum, new Map([['cpus', 3]]));
});

test('ranges of a name over all identities', t => {
  t.deepEqual(res('ports:[1-2];ports(a):[3-4]').ranges('ports'), [{begin: 1, end: 4}]);
});

test('ranges have one form', t => {
  const list = [
    {begin: 5, end: 6},
    {begin: 1, end: 2},
    {begin: 3, end: 3},
    {begin: 9, end: 8},
    {begin: 6, end: 7},
  ];
  t.deepEqual(normalizeRanges(list), [
    {begin: 1, end: 3},
    {begin: 5, end: 7},
  ]);
});

test('one cut may touch several ranges', t => {
  t.deepEqual(
    subtractRanges(
      [
        {begin: 1, end: 3},
        {begin: 5, end: 9},
      ],
      [
        {begin: 2, end: 6},
        {begin: 8, end: 8},
      ],
    ),
    [
      {begin: 1, end: 1},
      {begin: 7, end: 7},
      {begin: 9, end: 9},
    ],
  );
});

test('kinds of one name never mix', t => {
  const odd = Resources.of([
    {name: 'x', value: scalar(1)},
    {name: 'x', value: set(['a'])},
    {name: 'x', value: ranges([])},
  ]);
  t.is(formatResources(odd), 'x:1;x:{a}');
});

test('disks that cannot be split add up', t => {
  const mount: Resource = {name: 'disk', value: scalar(10), disk: {source: {type: 'MOUNT'}}};
  t.deepEqual(Resources.of([mount, mount]).vector(new ScalarNames()), [20_000]);
  t.is(Resources.of([mount, mount]).list().length, 2);
});

test('resizing leaves as little as a thousandth, and no less', t => {
  t.is(formatResources(res('cpus:2;mem:3').resize(({name}) => (name === 'cpus' ? 1 : 0))), 'cpus:0.001');
});
