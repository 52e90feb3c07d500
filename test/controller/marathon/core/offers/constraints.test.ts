import test from 'ava';
import {satisfies, toConstraint} from '../../../../../src/controller/marathon/core/offers/constraints.ts';
import {groupByAccepts} from '../../../../../src/controller/marathon/core/offers/group-by.ts';
import {agent} from '../fixtures.ts';

const a = agent('a', {rack: 'r1', level: 1, zone: 'z'});
const b = agent('b', {rack: 'r2', level: 1.0005});
const bare = agent('bare');

const rows = {
  'UNIQUE wants another host': {constraint: ['hostname', 'UNIQUE'], on: a, placed: [a], want: false},
  'UNIQUE takes a new host': {constraint: ['hostname', 'UNIQUE'], on: b, placed: [a], want: true},
  '@hostname is hostname': {constraint: ['@hostname', 'UNIQUE'], on: a, placed: [a], want: false},
  'CLUSTER with a value': {constraint: ['rack', 'CLUSTER', 'r1'], on: a, placed: [], want: true},
  'CLUSTER with another value': {constraint: ['rack', 'CLUSTER', 'r1'], on: b, placed: [], want: false},
  'CLUSTER without a value begins anywhere': {constraint: ['rack', 'CLUSTER'], on: b, placed: [], want: true},
  'CLUSTER without a value stays there': {constraint: ['rack', 'CLUSTER'], on: b, placed: [a], want: false},
  'LIKE matches the whole value': {constraint: ['rack', 'LIKE', 'r[0-9]'], on: a, placed: [], want: true},
  'LIKE does not match a part': {constraint: ['rack', 'LIKE', 'r'], on: a, placed: [], want: false},
  'LIKE of alternatives is anchored on both': {constraint: ['rack', 'LIKE', 'r|x1'], on: a, placed: [], want: false},
  'UNLIKE refuses a match': {constraint: ['rack', 'UNLIKE', 'r1'], on: a, placed: [], want: false},
  'UNLIKE takes an agent without the field': {constraint: ['rack', 'UNLIKE', 'r1'], on: bare, placed: [], want: true},
  'LIKE refuses an agent without the field': {constraint: ['rack', 'LIKE', '.*'], on: bare, placed: [], want: false},
  'MAX_PER counts those of the value': {constraint: ['rack', 'MAX_PER', '2'], on: a, placed: [a, a, b], want: false},
  'MAX_PER below the limit': {constraint: ['rack', 'MAX_PER', '2'], on: b, placed: [a, a, b], want: true},
  'IS text': {constraint: ['rack', 'IS', 'r1'], on: a, placed: [], want: true},
  'IS compares three decimals, half to even': {constraint: ['level', 'IS', '1'], on: b, placed: [], want: true},
  'IS of a number compares numbers': {constraint: ['level', 'IS', '1.0'], on: a, placed: [], want: true},
  'IS of a text compares texts, also where they look like numbers': {
    constraint: ['rack', 'IS', '1.0'],
    on: agent('c', {rack: '1'}),
    placed: [],
    want: false,
  },
  'IS of a text is no number': {constraint: ['level', 'IS', 'high'], on: a, placed: [], want: false},
  'IS of nothing is no number': {constraint: ['level', 'IS', ''], on: agent('c', {level: 0}), placed: [], want: false},
  'IS of another number': {constraint: ['level', 'IS', '1.00051'], on: a, placed: [], want: false},
};
for (const [title, {constraint, on, placed, want}] of Object.entries(rows)) {
  test(title, t => {
    t.is(satisfies([toConstraint(constraint)], on, {placed, known: [a, b], instances: 5}), want);
  });
}

test('all constraints have to hold', t => {
  const constraints = [toConstraint(['rack', 'IS', 'r1']), toConstraint(['hostname', 'UNIQUE'])];
  t.false(satisfies(constraints, a, {placed: [a], known: [], instances: 2}));
});

const groups = {
  'N=5, n=2: the second rack may have its third when the first has two': {
    placed: 'aabb',
    value: 'b',
    n: 2,
    N: 5,
    want: true,
  },
  'N=5, n=2: but not both three': {placed: 'aaabb', value: 'b', n: 2, N: 5, want: false},
  'N=5, n=2: a third rack is refused': {placed: 'ab', value: 'c', n: 2, N: 5, want: false},
  'N=9, n=3: three on each': {placed: 'aaabbb', value: 'a', n: 3, N: 9, want: false},
  'N=9, n=3: two racks fill up to three each': {placed: 'aabb', value: 'a', n: 3, N: 9, want: true},
  'no number: the least used group': {placed: 'aab', value: 'b', n: undefined, N: 9, want: true},
  'no number: not the most used one': {placed: 'aab', value: 'a', n: undefined, N: 9, want: false},
  'no number: a group that nobody uses yet comes first': {placed: 'ab', value: 'a', n: undefined, N: 9, want: false},
};
for (const [title, {placed, value, n, N, want}] of Object.entries(groups)) {
  test(title, t => {
    const known = new Set(n === undefined && N === 9 && placed === 'ab' ? ['a', 'b', 'c'] : ['a', 'b']);
    t.is(groupByAccepts({value, placed: [...placed], groups: n, instances: N, known}), want);
  });
}

test('only the value of GROUP_BY and MAX_PER is a number', t => {
  const numberOf = (operator: string, value = '5') => toConstraint(['rack', operator, value]).number;
  t.deepEqual(
    ['GROUP_BY', 'MAX_PER', 'IS', 'CLUSTER', 'UNIQUE', 'LIKE'].map(operator => numberOf(operator)),
    [5, 5, undefined, undefined, undefined, undefined],
  );
  t.is(numberOf('GROUP_BY', ''), undefined);
});
