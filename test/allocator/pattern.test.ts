import test from 'ava';
import type {PatternLimits} from '../../src/allocator/eligibility/pattern.ts';
import {compilePattern} from '../../src/allocator/eligibility/pattern.ts';

const LIMITS = {programSize: 100, length: 4096};

const matches: Record<string, {pattern: string; text: string; want: boolean}> = {
  'the whole text': {pattern: 'r[0-9]+', text: 'r12', want: true},
  'not a part of it': {pattern: 'r[0-9]+', text: 'r12b', want: false},
  'the longer of two': {pattern: 'a|ab', text: 'ab', want: true},
  'without regard to case': {pattern: '(?i)RACK', text: 'rack', want: true},
  'the empty text': {pattern: '', text: '', want: true},
  'no other text by an empty pattern': {pattern: '', text: 'a', want: false},
};
for (const [title, {pattern, text, want}] of Object.entries(matches)) {
  test(`matches ${title}`, t => {
    const compiled = compilePattern(pattern, LIMITS);
    t.is(compiled.ok && compiled.value(text), want);
  });
}

// As in Mesos: 96 letters are a program of 100 steps.
const sizes: Record<string, {pattern: string; want: boolean}> = {
  'a program of 100': {pattern: 'a{96}', want: true},
  'a program of 101': {pattern: 'a{97}', want: false},
  'a sensible one': {pattern: '[a-zA-Z0-9.-]+\\.(east|west)\\.example\\.com', want: true},
  'what would multiply': {pattern: '(a{20}){20}', want: false},
  'a group that is not closed': {pattern: 'x(y', want: false},
  'a look ahead, which takes no linear time': {pattern: '(?=a)b', want: false},
  'a back reference': {pattern: '(a)\\1', want: false},
  'a long text': {pattern: 'a'.repeat(4097), want: false},
  'many large repetitions, without compiling them': {pattern: 'a{1000}'.repeat(500), want: false},
};
for (const [title, {pattern, want}] of Object.entries(sizes)) {
  test(`${want ? 'takes' : 'refuses'} ${title}`, t => {
    t.is(compilePattern(pattern, LIMITS).ok, want);
  });
}

test('an expression that would explode elsewhere takes linear time', t => {
  const compiled = compilePattern('(a+)+', LIMITS);
  t.false(compiled.ok && compiled.value(`${'a'.repeat(10_000)}!`));
});

const reasons: Record<string, {pattern: string; limits: PatternLimits; want: RegExp}> = {
  'its length alone': {pattern: 'a'.repeat(11), limits: {programSize: 1000, length: 10}, want: /is too large$/},
  'its repetitions alone': {pattern: 'a{1000}b{1}', limits: LIMITS, want: /is too large$/},
  'its program': {pattern: 'a{1000}', limits: LIMITS, want: /is too complex: \d+ steps, 100 allowed$/},
};
for (const [title, {pattern, limits, want}] of Object.entries(reasons)) {
  test(`an expression is refused for ${title}`, t => {
    const compiled = compilePattern(pattern, limits);
    t.regex(compiled.ok ? '' : compiled.error, want);
  });
}
