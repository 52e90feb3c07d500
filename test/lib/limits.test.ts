import test from 'ava';
import {checkLimit, explainTooMuch, LIMITS} from '../../src/lib/limits.ts';

test('the limit itself is allowed, one more is not', t => {
  t.is(checkLimit('labels', LIMITS.labels.value), undefined);
  t.deepEqual(checkLimit('labels', LIMITS.labels.value + 1), {
    kind: 'too-much',
    limit: 'labels',
    found: LIMITS.labels.value + 1,
  });
});

test('a refusal names the limit, its value and what was found', t => {
  t.is(
    explainTooMuch({kind: 'too-much', limit: 'jsonDepth', found: 500}),
    'Too much: lists and objects inside each other: 128 levels at most (limit jsonDepth), found 500',
  );
  t.is(
    explainTooMuch({kind: 'too-much', limit: 'bodyBytes', found: 8388609, atLeast: true}),
    'Too much: a body as it is sent: 8388608 bytes at most (limit bodyBytes), found 8388609 or more',
  );
});
