import test from 'ava';
import {addValues, containsValue, ranges, scalar, set, subtractValues} from '../../src/allocator/value.ts';

const values = [scalar(1), ranges([{begin: 1, end: 2}]), set(['a'])];

test('values of different kinds are never of one resource', t => {
  for (const act of [addValues, subtractValues, containsValue]) {
    for (const a of values) {
      for (const b of values) {
        if (a.kind !== b.kind) t.throws(() => act(a, b), {message: /^Bug: .* of one resource$/});
      }
    }
  }
});

test('each value contains itself, and less than itself', t => {
  for (const value of values) t.true(containsValue(value, value));
  t.true(containsValue(scalar(2), scalar(1.5)));
  t.false(containsValue(scalar(1), scalar(1.001)));
  t.false(containsValue(set(['a']), set(['a', 'b'])));
});
