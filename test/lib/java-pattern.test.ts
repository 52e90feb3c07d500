import test from 'ava';
import * as fc from 'fast-check';
import {compileJavaPattern} from '../../src/lib/java-pattern.ts';

const matches = (pattern: string, text: string): boolean | string => {
  const compiled = compileJavaPattern(pattern);
  return compiled.ok ? compiled.value(text) : compiled.error;
};

// What `text.matches(pattern)` answers in Java.
const alike: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['rack-[1-3]', ['rack-1', 'rack-3'], ['rack-4', 'xrack-1', 'rack-12']],
  ['a|b', ['a', 'b'], ['ab', 'ac', '']],
  ['^host$', ['host'], ['hosts', ' host']],
  ['', [''], ['a']],
  ['a|', ['a', ''], ['b']],
  ['.*[.]example[.]com', ['a.example.com', '.example.com'], ['example.com', 'aXexampleYcom']],
  ['(?i)RACK-k', ['rack-K', 'RACK-k'], ['rack-\u212a', 'rock-k']],
  ['(?i:a)b', ['ab', 'Ab'], ['aB']],
  ['a(?i)b|c', ['ab', 'aB', 'c', 'C'], ['Ab']],
  ['(a(?i)b)c', ['aBc'], ['aBC']],
  ['(?i)a(?-i)b', ['Ab'], ['AB']],
  ['(?i)[^a]', ['b'], ['a', 'A']],
  ['(?i)[x-z]', ['Y'], ['w', 'W']],
  ['a.b', ['axb', 'a😀b'], ['a\nb', 'a\rb', 'a\u2028b']],
  ['(?s)a.b', ['a\nb', 'a\u0085b'], ['ab']],
  ['(?d)a.b', ['a\rb'], ['a\nb']],
  [String.raw`\Qa.b|c)\E+`, ['a.b|c)', 'a.b|c)))'], ['axb|c)', 'a.b|c']],
  [String.raw`\Qx*`, ['x*'], ['x', 'xx']],
  [String.raw`[\Q^-]\E]+`, ['^-]'], ['\\']],
  [String.raw`\\Q`, [String.raw`\Q`], ['Q']],
  [String.raw`\d{2,3}`, ['12', '123'], ['1', '1234', '١٢']],
  [String.raw`\w+\s\S`, ['a_1 x', 'é'.length === 1 ? 'a\vx' : ''], ['é x', 'a\u00a0x']],
  [String.raw`[\w.-]+`, ['node-1.a_b'], ['a b', 'é']],
  [String.raw`[\d-x]+`, ['1-x'], ['a']],
  ['[a-]', ['a', '-'], ['b']],
  ['[]a]+', [']a'], ['b']],
  ['[^]a]', ['b'], [']', 'a']],
  ['[a-d[m-p]]', ['c', 'n'], ['e']],
  ['[a-z&&[def]]', ['d'], ['a', '&']],
  ['[a-z&&[^bc]]+', ['ad'], ['abd', '&']],
  ['[a-z&&b-d]', ['c'], ['a']],
  ['[a&b]+', ['a&b'], ['c']],
  [String.raw`\p{Alpha}\p{Digit}\p{Punct}`, ['a1-'], ['é1-', 'aa-']],
  [String.raw`\P{Upper}`, ['a'], ['A']],
  [String.raw`\p{L}\p{Lu}\pN`, ['éÉ1'], ['1É1']],
  [String.raw`\p{IsGreek}+`, ['αβ'], ['ab']],
  [String.raw`[\p{L}0-9]+`, ['é9'], ['-']],
  [String.raw`\x41\x{1F600}\u0042\0101\t`, ['A😀BA\t'], ['A']],
  [String.raw`\uD83D\uDE00`, ['😀'], ['a']],
  [String.raw`a\.b\-c\/d`, ['a.b-c/d'], ['axb-c/d']],
  ['a}b]c', ['a}b]c'], ['abc']],
  ['(?<name>ab)+?', ['abab'], ['aba']],
  ['(?:a{2}){2}', ['aaaa'], ['aaa']],
  [String.raw`\Aab\z`, ['ab'], ['abc']],
  [String.raw`\bab\b`, ['ab'], ['a']],
  ['a{0,1}', ['', 'a'], ['aa']],
];
for (const [pattern, yes, no] of alike) {
  test(`${pattern} means what it means in Java`, t => {
    for (const text of yes) t.is(matches(pattern, text), true, JSON.stringify(text));
    for (const text of no) t.is(matches(pattern, text), false, JSON.stringify(text));
  });
}

const refused: Readonly<Record<string, string>> = {
  'nomatch)|(?:.*': 'a group is closed that was not opened',
  '(a': 'a group is not closed',
  '*a': 'the quantifier * follows nothing',
  'a**': 'the quantifier * follows nothing',
  'a{2}{3}': 'the quantifier { follows nothing',
  '(?i)*': 'the quantifier * follows nothing',
  '(|+)': 'the quantifier + follows nothing',
  'a{': 'a repetition is not {n}, {n,} or {n,m}',
  'a{3,2}': 'the repetition {3,2} ends before it begins',
  'a{1001}': 'a repetition of more than 1000 is not supported',
  '[a': 'the expression ends too early',
  '[]': 'the expression ends too early',
  '[z-a]': 'a range of a class ends before it begins',
  'a*+b': 'the possessive quantifier *+ is not supported',
  'a{2}+': 'the possessive quantifier {2}+ is not supported',
  '(?=a)': 'lookahead (?=…) is not supported',
  'a(?!b).*': 'lookahead (?!…) is not supported',
  '(?<=a)b': 'lookbehind (?<=…) is not supported',
  '(?<!a)b': 'lookbehind (?<!…) is not supported',
  '(?>a)': 'the atomic group (?>…) is not supported',
  '(?x) a': 'the flag (?x) is not supported',
  '(?m)^a': 'the flag (?m) is not supported',
  '(?q)': '(?q is no group and no flag',
  '[^a[b]]': 'a class inside a negated class is not supported',
  '[^a&&b]': '&& inside a negated class is not supported',
  '[a&&]': '&& is followed by nothing',
  '\\': 'the expression ends with a \\',
};
for (const [pattern, want] of Object.entries(refused)) {
  test(`${pattern} is refused: ${want}`, t => {
    t.is(matches(pattern, ''), want);
  });
}
const refusedEscapes: Readonly<Record<string, string>> = {
  [String.raw`(a)\1`]: String.raw`the back-reference \1 is not supported`,
  [String.raw`(?<a>x)\k<a>`]: String.raw`the back-reference \k<…> is not supported`,
  [String.raw`\G`]: String.raw`\G is not supported`,
  [String.raw`\X`]: String.raw`\X is not supported`,
  [String.raw`\y`]: String.raw`\y is not supported`,
  [String.raw`\p{javaLowerCase}`]: String.raw`\p{javaLowerCase} is not supported`,
  [String.raw`(?i)\p{Lu}`]: String.raw`\p{…} under (?i) is not supported`,
  [String.raw`[^\p{L}]`]: String.raw`\p{…} in a negated class or beside && is not supported`,
};
for (const [pattern, want] of Object.entries(refusedEscapes)) {
  test(`${pattern} is refused: ${want}`, t => {
    t.is(matches(pattern, ''), want);
  });
}

test('an expression is as long and as complex as the limits say, and no more', t => {
  t.is(
    matches('a'.repeat(5000), ''),
    'Too much: a regular expression: 4096 characters at most (limit expressionLength), found 5000',
  );
  t.regex(String(matches('((a{100}){100}){100}', '')), /limit expressionSteps/);
  t.regex(String(matches('(?:[ab]{900}){900}', '')), /limit expressionSteps/);
});

test('what makes other engines try every way is judged in time linear in the text', t => {
  const text = 'a'.repeat(100_000);
  t.is(matches('(?:.*){30}!', text), false);
  t.is(matches('(a+)+b', text), false);
  t.is(matches('(a|a?)+b', text), false);
  t.is(matches('(?:a|b)*a(?:a|b){200}c', text), false);
});

test('any text is an expression or is refused; no expression throws', t => {
  const piece = fc.constantFrom(
    ...'ab1.*+?{},()[]^$|\\-&:<=!QEdDpPLxuiIs0 '.split(''),
    '(?',
    '[^',
    '&&',
    '\\Q',
    '\\E',
    'é',
    '😀',
  );
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 20}), pieces => {
        const compiled = compileJavaPattern(pieces.join(''));
        if (compiled.ok) compiled.value('ab1');
        return true;
      }),
      {numRuns: 5000},
    );
  });
});

test('a text in quoting matches itself and nothing else', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', maxLength: 20}), fc.string({maxLength: 20}), (text, other) => {
        if (text.includes('\\E')) return true;
        const compiled = compileJavaPattern(`\\Q${text}\\E`);
        return compiled.ok && compiled.value(text) && (other === text || !compiled.value(other));
      }),
    );
  });
});
