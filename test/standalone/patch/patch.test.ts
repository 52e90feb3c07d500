import test from 'ava';
import {applyJsonPatch} from '../../../src/standalone/apiserver/patch/json.ts';
import {applyMergePatch} from '../../../src/standalone/apiserver/patch/merge.ts';
import {applyStrategicPatch} from '../../../src/standalone/apiserver/patch/strategic.ts';
import {builtinSchema} from '../../../src/standalone/apiserver/schema/builtin.ts';
import type {JsonObject, JsonValue} from '../../../src/standalone/apiserver/schema/json.ts';

const merges: Record<string, {target: JsonObject; patch: JsonObject; want: JsonObject}> = {
  'merge patch: objects are merged': {target: {a: {b: 1}}, patch: {a: {c: 2}}, want: {a: {b: 1, c: 2}}},
  'merge patch: null removes': {target: {a: 1, b: 2}, patch: {a: null, c: null}, want: {b: 2}},
  'merge patch: lists are replaced': {target: {a: [1, 2]}, patch: {a: [3]}, want: {a: [3]}},
  'merge patch: nulls never arrive': {target: {}, patch: {a: {b: null, c: 1}}, want: {a: {c: 1}}},
  'merge patch: an object takes the place of text': {target: {a: 'x'}, patch: {a: {b: 1}}, want: {a: {b: 1}}},
};
for (const [title, {target, patch, want}] of Object.entries(merges)) {
  test(title, t => {
    const before = structuredClone(target);
    t.deepEqual(applyMergePatch(target, patch), want);
    t.deepEqual(target, before);
  });
}

const jsonPatches: Record<string, {target?: JsonObject; patch: JsonValue; want: JsonObject | string}> = {
  'add a member': {patch: [{op: 'add', path: '/b', value: 2}], want: {a: [1, 2], b: 2}},
  'add in the middle of a list': {patch: [{op: 'add', path: '/a/1', value: 9}], want: {a: [1, 9, 2]}},
  'add at the end of a list': {patch: [{op: 'add', path: '/a/-', value: 9}], want: {a: [1, 2, 9]}},
  'remove an item': {patch: [{op: 'remove', path: '/a/0'}], want: {a: [2]}},
  'escapes in paths': {patch: [{op: 'add', path: '/x~1y~0', value: 1}], want: {a: [1, 2], 'x/y~': 1}},
  'copy and move': {
    patch: [
      {op: 'copy', from: '/a', path: '/b'},
      {op: 'move', from: '/a/0', path: '/c'},
    ],
    want: {a: [2], b: [1, 2], c: 1},
  },
  'replace the whole': {patch: [{op: 'replace', path: '', value: {z: 1}}], want: {z: 1}},
  'a test that holds': {patch: [{op: 'test', path: '/a', value: [1, 2]}], want: {a: [1, 2]}},
  'a test that fails undoes everything': {
    patch: [
      {op: 'add', path: '/b', value: 2},
      {op: 'test', path: '/a/0', value: 7},
    ],
    want: 'failed: testing value /a/0 failed: test failed',
  },
  'remove what is not there': {
    patch: [{op: 'remove', path: '/x'}],
    want: 'failed: remove operation does not apply: doc is missing path: "/x"',
  },
  'replace what is not there': {
    patch: [{op: 'replace', path: '/x/y', value: 1}],
    want: 'failed: replace operation does not apply: doc is missing path: "/x/y"',
  },
  'add past the end': {
    patch: [{op: 'add', path: '/a/5', value: 1}],
    want: 'failed: add operation does not apply: doc is missing path: "/a/5"',
  },
  'a list index with a leading zero is no index': {
    patch: [{op: 'remove', path: '/a/01'}],
    want: 'failed: remove operation does not apply: doc is missing path: "/a/01"',
  },
  'an unknown operation': {patch: [{op: 'frob', path: '/a'}], want: 'failed: Unexpected kind: frob'},
  'not a list of operations': {patch: {op: 'add'}, want: 'malformed: a JSON patch is an array of operations'},
  'an add without a value': {patch: [{op: 'add', path: '/x'}], want: 'malformed: add needs a value'},
};
for (const [title, {target = {a: [1, 2]}, patch, want}] of Object.entries(jsonPatches)) {
  test(`JSON patch: ${title}`, t => {
    const before = structuredClone(target);
    const result = applyJsonPatch(target, patch);
    t.deepEqual(result.ok ? result.value : `${result.error.kind}: ${result.error.message}`, want);
    t.deepEqual(target, before);
  });
}

const containers = (...list: JsonObject[]): JsonObject => ({spec: {containers: list}});
const strategic: Record<string, {target: JsonObject; patch: JsonObject; want: JsonObject | string}> = {
  'containers merge by name': {
    target: containers({name: 'a', image: 'x'}, {name: 'b', image: 'y'}),
    patch: containers({name: 'b', image: 'z'}),
    want: containers({name: 'a', image: 'x'}, {name: 'b', image: 'z'}),
  },
  'a new container is appended': {
    target: containers({name: 'a'}),
    patch: containers({name: 'b'}),
    want: containers({name: 'a'}, {name: 'b'}),
  },
  '$patch delete removes an item': {
    target: containers({name: 'a'}, {name: 'b'}),
    patch: containers({name: 'a', $patch: 'delete'}),
    want: containers({name: 'b'}),
  },
  '$patch replace replaces a list': {
    target: containers({name: 'a'}, {name: 'b'}),
    patch: containers({$patch: 'replace'}, {name: 'c'}),
    want: containers({name: 'c'}),
  },
  '$patch replace replaces an object': {
    target: {metadata: {labels: {a: '1', b: '2'}}},
    patch: {metadata: {labels: {$patch: 'replace', c: '3'}}},
    want: {metadata: {labels: {c: '3'}}},
  },
  'lists without a strategy are replaced': {
    target: containers({name: 'a', args: ['x', 'y']}),
    patch: containers({name: 'a', args: ['z']}),
    want: containers({name: 'a', args: ['z']}),
  },
  'finalizers are a set': {
    target: {metadata: {finalizers: ['a', 'b']}},
    patch: {metadata: {finalizers: ['b', 'c']}},
    want: {metadata: {finalizers: ['a', 'b', 'c']}},
  },
  '$deleteFromPrimitiveList removes from a set': {
    target: {metadata: {finalizers: ['a', 'b']}},
    patch: {metadata: {'$deleteFromPrimitiveList/finalizers': ['a']}},
    want: {metadata: {finalizers: ['b']}},
  },
  '$setElementOrder orders what is named, the rest keeps its place': {
    target: containers({name: 'a'}, {name: 'x'}, {name: 'b'}),
    patch: {spec: {'$setElementOrder/containers': [{name: 'b'}, {name: 'a'}, {name: 'c'}], containers: [{name: 'c'}]}},
    want: containers({name: 'x'}, {name: 'b'}, {name: 'a'}, {name: 'c'}),
  },
  '$retainKeys drops the other volume source': {
    target: {spec: {volumes: [{name: 'v', emptyDir: {}}]}},
    patch: {spec: {volumes: [{name: 'v', $retainKeys: ['name', 'configMap'], configMap: {name: 'c'}}]}},
    want: {spec: {volumes: [{name: 'v', configMap: {name: 'c'}}]}},
  },
  'null removes a field': {
    target: {metadata: {labels: {a: '1', b: '2'}}},
    patch: {metadata: {labels: {a: null}}},
    want: {metadata: {labels: {b: '2'}}},
  },
  'conditions merge by type': {
    target: {
      status: {
        conditions: [
          {type: 'Ready', status: 'False'},
          {type: 'Other', status: 'True'},
        ],
      },
    },
    patch: {status: {conditions: [{type: 'Ready', status: 'True'}]}},
    want: {
      status: {
        conditions: [
          {type: 'Ready', status: 'True'},
          {type: 'Other', status: 'True'},
        ],
      },
    },
  },
  'an item without its key': {
    target: containers({name: 'a'}),
    patch: containers({image: 'x'}),
    want: 'failed: map: {"image":"x"} does not contain declared merge key: name',
  },
  'an unknown directive': {target: {}, patch: {spec: {$patch: 'frob'}}, want: 'failed: unknown patch type: frob'},
};
for (const [title, {target, patch, want}] of Object.entries(strategic)) {
  test(`strategic patch: ${title}`, t => {
    const schema = builtinSchema('', 'v1', 'Pod');
    if (schema === undefined) return t.fail('no schema');
    const before = structuredClone(target);
    const result = applyStrategicPatch(schema, target, patch);
    t.deepEqual(result.ok ? result.value : `${result.error.kind}: ${result.error.message}`, want);
    t.deepEqual(target, before);
  });
}
