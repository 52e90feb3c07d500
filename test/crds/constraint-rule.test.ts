import test from 'ava';
import {constraintProblem} from '../../src/crds/constraint-rule.ts';

const rows = {
  'one field': {parts: ['hostname'], want: /either 2 or 3 fields/},
  'four fields': {parts: ['a', 'UNIQUE', 'c', 'd'], want: /either 2 or 3 fields/},
  'an unknown operator': {
    parts: ['rack', 'NEAR'],
    want: /UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE, IS/,
  },
  'an operator in lower case': {parts: ['rack', 'unique'], want: /Operator must be one of/},
  'UNIQUE with a value': {parts: ['rack', 'UNIQUE', 'x'], want: /no value/},
  'GROUP_BY with a word': {parts: ['rack', 'GROUP_BY', 'x'], want: /whole number/},
  'GROUP_BY zero groups': {parts: ['rack', 'GROUP_BY', '0'], want: /whole number/},
  'MAX_PER without a number': {parts: ['rack', 'MAX_PER'], want: /whole number/},
  'LIKE without a pattern': {parts: ['rack', 'LIKE'], want: /needs a regular expression/},
  'UNLIKE without a pattern': {parts: ['rack', 'UNLIKE'], want: /needs a regular expression/},
  'LIKE with a broken pattern': {parts: ['rack', 'LIKE', '('], want: /not a valid regular expression/},
  'LIKE with a value that closes a group of ours': {
    parts: ['hostname', 'LIKE', 'nomatch)|(?:.*'],
    want: /not a valid regular expression: a group is closed that was not opened/,
  },
  'UNLIKE with what takes more than linear time': {
    parts: ['hostname', 'UNLIKE', '(a)\\1'],
    want: /the back-reference \\1 is not supported/,
  },
  'IS with a space': {parts: ['rack', 'IS', 'a b'], want: /letters, digits/},
  'IS without a value': {parts: ['rack', 'IS'], want: /letters, digits/},
};
for (const [title, {parts, want}] of Object.entries(rows)) {
  test(`refused: ${title}`, t => {
    t.regex(constraintProblem(parts) ?? 'nothing', want);
  });
}

const fine = [
  ['hostname', 'UNIQUE'],
  ['rack', 'CLUSTER'],
  ['rack', 'CLUSTER', 'r1'],
  ['rack', 'GROUP_BY'],
  ['rack', 'GROUP_BY', '3'],
  ['rack', 'LIKE', 'r[12]'],
  ['rack', 'UNLIKE', 'r|x'],
  ['hostname', 'LIKE', '(?:.*){30}!'],
  ['rack', 'LIKE', '(?i)\\QR.1\\E|[a-z&&[^x]]+'],
  ['rack', 'MAX_PER', '2'],
  ['@zone', 'IS', 'a/b-1_.'],
];
for (const parts of fine) {
  test(`fine: ${parts.join(' ')}`, t => {
    t.is(constraintProblem(parts), undefined);
  });
}
