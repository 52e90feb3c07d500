import test from 'ava';
import {credentialsOf, parseCredentials} from '../../../../src/controller/web/authentication/credentials.ts';

const rows: Record<string, {text: string; want: Record<string, string> | RegExp}> = {
  'JSON as Mesos has it': {
    text: '{"credentials": [{"principal": "ops", "secret": "s 1"}, {"principal": "b", "secret": ""}]}',
    want: {ops: 's 1', b: ''},
  },
  'a pair on each line, with empty lines': {text: 'ops s1\n\n  reader\ts2  \n', want: {ops: 's1', reader: 's2'}},
  'an empty file knows nobody': {text: '', want: {}},
  'a line without a secret': {text: 'ops s1\nreader', want: /^line 2: want a principal and a secret/},
  'a line with three words': {text: 'ops s1 hidden', want: /^line 1/},
  'JSON without credentials': {text: '{"principal": "ops", "secret": "hidden"}', want: /^want \{"credentials"/},
  'broken JSON': {text: '{"credentials": [{"principal": "ops", "secret": "hidden"', want: /^want \{"credentials"/},
  'a principal twice': {text: 'ops hidden\nops hidden2', want: /twice/},
  'a principal with a colon': {text: 'a:b hidden', want: /no colon: "a:b"/},
};
for (const [title, {text, want}] of Object.entries(rows)) {
  test(title, t => {
    const read = parseCredentials(text);
    if (want instanceof RegExp) {
      t.regex(read.ok ? 'read' : read.error, want);
      t.notRegex(read.ok ? '' : read.error, /hidden/);
    } else t.deepEqual(read.ok && Object.fromEntries(read.value), want);
  });
}

test('a directory with a file for each principal is the same as one file', t => {
  const read = parseCredentials(
    credentialsOf([
      ['admin', 'a b'],
      ['reader', '{'],
    ]),
  );
  t.deepEqual(read.ok && [...read.value], [
    ['admin', 'a b'],
    ['reader', '{'],
  ]);
});
