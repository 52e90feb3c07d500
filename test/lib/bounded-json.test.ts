import test from 'ava';
import * as fc from 'fast-check';
import {JSON_LIMITS, readJson, type JsonLimits} from '../../src/lib/bounded-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const small: JsonLimits = {jsonDepth: 3, jsonValues: 10, jsonMembers: 2, jsonTextBytes: 5};

const refused = {
  'a list in lists deeper than the limit': {text: '[[[[1]]]]', want: ['jsonDepth', 4]},
  'an object in objects deeper than the limit': {text: '{"a":{"a":{"a":{"a":1}}}}', want: ['jsonDepth', 4]},
  'a text that only opens lists': {text: '['.repeat(100), want: ['jsonDepth', 4]},
  'a list of many numbers': {text: `[${'1,'.repeat(20)}1]`, want: ['jsonValues', 11]},
  'many empty objects': {text: `[${'{},'.repeat(20)}{}]`, want: ['jsonValues', 11]},
  'one object of many members': {text: '{"a":1,"b":2,"c":3}', want: ['jsonMembers', 3]},
  'a text behind escaped quotes that is too long': {text: String.raw`["\"\"\""]`, want: ['jsonTextBytes', 6]},
  'a member’s name that is too long': {text: '{"abcdef":1}', want: ['jsonTextBytes', 6]},
};
for (const [title, {text, want}] of Object.entries(refused)) {
  test(`${title} is refused with the limit and what was found`, t => {
    const read = readJson(bytes(text), small);
    t.deepEqual(read.ok || read.error.kind !== 'too-much' ? read : [read.error.limit, read.error.found], want);
  });
}

test('what is within the limits is read', t => {
  t.deepEqual(readJson(bytes('{"a":[1,{"b":"[[[["}]}'), small), {ok: true, value: {a: [1, {b: '[[[['}]}});
  t.deepEqual(readJson(bytes('[[],[],[]]'), small), {ok: true, value: [[], [], []]});
});

test('commas of a list do not count for the object around it', t => {
  t.true(readJson(bytes('{"a":[1,2,3],"b":0}'), small).ok);
});

test('what is not JSON is refused with the parser’s words', t => {
  for (const text of ['', '{', '[1,', '"a', '"a\\', ']]]', 'nul', '{"a":1}}']) {
    const read = readJson(bytes(text), small);
    t.is(read.ok ? undefined : read.error.kind, 'not-json', text);
  }
});

test('every value of JSON comes back, whatever bytes it is written with', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.jsonValue({maxDepth: 5}), fc.constantFrom(undefined, 2), (value, indent) => {
        const read = readJson(bytes(JSON.stringify(value, undefined, indent)));
        return read.ok && JSON.stringify(read.value) === JSON.stringify(value);
      }),
    );
  });
});

test('random bytes are read or refused, never thrown at', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), input => {
        readJson(input);
        return true;
      }),
    );
  });
});

test('a count of values is never less than what the parser makes', t => {
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Object.values(value).reduce((n: number, v) => n + count(v), 0)
      : 1;
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const values = count(value);
        return values === 1 || !readJson(bytes(JSON.stringify(value)), {...JSON_LIMITS, jsonValues: values - 1}).ok;
      }),
    );
  });
});
