import test from 'ava';
import {mergePatch} from '../../src/lib/merge-patch.ts';

const rows: Record<string, {target: unknown; patch: unknown; want: unknown}> = {
  'a member is replaced': {target: {a: 'b'}, patch: {a: 'c'}, want: {a: 'c'}},
  'a member is added': {target: {a: 'b'}, patch: {b: 'c'}, want: {a: 'b', b: 'c'}},
  'null removes, and only what is named': {target: {a: 'b', b: 'c'}, patch: {a: null}, want: {b: 'c'}},
  'objects are merged': {target: {a: {b: 'c', x: 1}}, patch: {a: {b: 'd', c: null}}, want: {a: {b: 'd', x: 1}}},
  'lists are replaced whole': {target: {a: [{b: 'c'}]}, patch: {a: [1]}, want: {a: [1]}},
  'what is no object becomes one': {target: {a: 'foo'}, patch: {a: {bb: {ccc: null}}}, want: {a: {bb: {}}}},
  'a patch that is no object replaces everything': {target: {a: 'b'}, patch: ['c'], want: ['c']},
};
for (const [title, {target, patch, want}] of Object.entries(rows)) {
  test(title, t => {
    const before = structuredClone(target);
    t.deepEqual(mergePatch(target, patch), want);
    t.deepEqual(target, before);
  });
}

test('a member named __proto__ is one like any other', t => {
  const merged = mergePatch({}, JSON.parse('{"__proto__": {"a": 1}}'));
  t.is(JSON.stringify(merged), '{"__proto__":{"a":1}}');
  t.false('a' in {});
});
