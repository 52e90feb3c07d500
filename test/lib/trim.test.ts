import test from 'ava';
import {trimEndOf, trimOf} from '../../src/lib/trim.ts';

test('only what stands at the end goes, or at both ends', t => {
  t.is(trimEndOf('==ab=c==', '='), '==ab=c');
  t.is(trimOf('._a.b-.', '_.-'), 'a.b');
  t.is(trimEndOf('...', '.'), '');
  t.is(trimOf('', '.'), '');
});

test('a text that is all but the last character to be trimmed takes linear time', t => {
  const text = `${'='.repeat(1_000_000)}x`;
  t.is(trimEndOf(text.repeat(2), '='), text.repeat(2));
});
