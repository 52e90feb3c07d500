import test from 'ava';
import {commentProblems} from '../../scripts/prose/comments.ts';
import {hardSentences} from '../../scripts/prose/plain-english.ts';

const adviceOn = (text: string): string[] => hardSentences(text, 12).map(({message}) => message);

const rows: Record<string, {text: string; want: string[]}> = {
  'short sentences pass': {text: 'The master rescinds the offer. The framework hears of it.', want: []},
  'a long sentence is to be two': {
    text: 'The master rescinds the offer when the agent falls silent for a minute or more.',
    want: ['the sentence has 15 words, want at most 12: make two of it'],
  },
  'code counts as one word': {text: 'Send `one two three four five six seven eight nine ten eleven twelve`.', want: []},
  'things are named': {
    text: 'What is wanted is what is healthy.',
    want: ['name the thing instead of "what … is what …"'],
  },
  'one semicolon is enough': {text: 'One; two; three.', want: ['more than one semicolon: make sentences of it']},
};
for (const [title, {text, want}] of Object.entries(rows)) {
  test(title, t => t.deepEqual(adviceOn(text), want));
}

test('a problem in a comment has the line of its sentence', t => {
  const source = ['const a = 1;', '/**', ' * Fine.', ' * A port is to be had here.', ' */', 'const b = 2;'].join('\n');
  t.deepEqual(
    commentProblems(source).map(({line}) => line),
    [4],
  );
});
