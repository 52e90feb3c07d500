import test from 'ava';
import {applied, mutantsOf, sample} from './mutants.ts';

const rows: Record<string, {text: string; want: readonly string[]}> = {
  'a comparison moves its boundary, and its condition is negated': {
    text: 'if (a < b) f();',
    want: ['if (!(a < b)) f();', 'if (a <= b) f();', 'if (a < b) ;'],
  },
  'an equality is negated once': {text: 'const x = a === b ? c : d;', want: ['const x = a !== b ? c : d;']},
  'a negation goes': {text: 'while (!a) b = c;', want: ['while (a) b = c;', 'while (!a) ;']},
  'and becomes or': {text: 'const x = a && b;', want: ['const x = a || b;']},
  'constants are off by one, but for the names of properties': {
    text: 'const x = {1: 10, y: 1_000};',
    want: ['const x = {1: 11, y: 1_000};', 'const x = {1: 10, y: 1001};'],
  },
  'of what a comparison returns only the sign counts': {
    text: 'const x = a === b ? -1 : 1;',
    want: ['const x = a !== b ? -1 : 1;'],
  },
  'the fallback of an element is for the compiler': {
    text: 'const x = (list[i] ?? 0) > (map.get(i) ?? 0);',
    want: ['const x = (list[i] ?? 0) >= (map.get(i) ?? 0);', 'const x = (list[i] ?? 0) > (map.get(i) ?? 1);'],
  },
  'what is only told to people stays': {
    text: "if (a) turn.note('info', 1); else turn.note('warn', 2); turn.note('info', 3);",
    want: [],
  },
  'a boolean turns': {text: 'const x = f(true);', want: ['const x = f(false);']},
  'sums of numbers turn, sums of texts stay': {
    text: "const x = a + b, y = a + 'b';",
    want: ["const x = a - b, y = a + 'b';"],
  },
  'quantifiers and extremes swap when they are called': {
    text: 'const x = a.some(Math.max(b.min));',
    want: ['const x = a.every(Math.max(b.min));', 'const x = a.some(Math.min(b.min));'],
  },
  'types and imports stay': {text: "import {a} from 'b'; type X = 1 | true; let x: 2 | false;", want: []},
};
for (const [title, {text, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(
      mutantsOf('a.ts', text).map(mutant => applied(text, mutant)),
      want,
    );
  });
}

test('a mutant knows its line', t => {
  t.deepEqual(
    mutantsOf('a.ts', 'f;\n\n  x = 1;').map(({line}) => line),
    [1, 3, 3],
  );
});

test('a seed picks the same mutants again, another seed picks others', t => {
  const all = Array.from({length: 100}, (_each, at) => at);
  t.deepEqual(sample(all, 10, 1), sample(all, 10, 1));
  t.notDeepEqual(sample(all, 10, 1), sample(all, 10, 2));
  t.is(new Set(sample(all, 100, 3)).size, 100);
});
