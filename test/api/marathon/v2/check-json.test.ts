import test from 'ava';
import {Type} from 'typebox';
import {checkJson} from '../../../../src/api/marathon/v2/check-json.ts';

const schema = Type.Object({
  id: Type.String({pattern: '^[a-z]+$'}),
  cmd: Type.Optional(Type.String({minLength: 1, maxLength: 3})),
  kind: Type.Optional(Type.Unsafe<string>({type: 'string', enum: ['A', 'B']})),
  count: Type.Integer({default: 1, minimum: 0, maximum: 9}),
  part: Type.Optional(Type.Number({minimum: 0, maximum: 1})),
  on: Type.Optional(Type.Boolean()),
  args: Type.Optional(Type.Array(Type.String(), {minItems: 1, maxItems: 2})),
  nested: Type.Optional(Type.Object({list: Type.Array(Type.Object({path: Type.String()}))})),
  labels: Type.Optional(Type.Unsafe<object>({type: 'object', additionalProperties: {type: 'string'}})),
});

const rows: Record<string, {input: unknown; path: string; want: string}> = {
  'not an object': {input: [], path: '/', want: 'error.expected.jsobject'},
  'a field is missing': {input: {}, path: '/id', want: 'error.path.missing'},
  'null is missing': {input: {id: null}, path: '/id', want: 'error.path.missing'},
  'a number for a text': {input: {id: 5}, path: '/id', want: 'error.expected.jsstring'},
  'a text that does not fit': {input: {id: 'A b'}, path: '/id', want: 'error.pattern'},
  'an empty text': {input: {id: 'a', cmd: ''}, path: '/cmd', want: 'error.minLength'},
  'a text that is too long': {input: {id: 'a', cmd: 'abcd'}, path: '/cmd', want: 'error.maxLength'},
  'an unknown word': {input: {id: 'a', kind: 'X'}, path: '/kind', want: 'error.unknown.enum.literal'},
  'a text for a number': {input: {id: 'a', part: '1'}, path: '/part', want: 'error.expected.jsnumber'},
  'half of a whole number': {input: {id: 'a', count: 1.5}, path: '/count', want: 'error.expected.int'},
  'too little': {input: {id: 'a', count: -1}, path: '/count', want: 'error.min'},
  'too much': {input: {id: 'a', part: 1.2}, path: '/part', want: 'error.max'},
  'a text for a truth value': {input: {id: 'a', on: 'true'}, path: '/on', want: 'error.expected.jsboolean'},
  'a text for a list': {input: {id: 'a', args: 'x'}, path: '/args', want: 'error.expected.jsarray'},
  'too few items': {input: {id: 'a', args: []}, path: '/args', want: 'error.minLength'},
  'too many items': {input: {id: 'a', args: ['', '', '']}, path: '/args', want: 'error.maxLength'},
  'an item of the wrong type': {input: {id: 'a', args: ['', 5]}, path: '/args(1)', want: 'error.expected.jsstring'},
  'deep inside': {
    input: {id: 'a', nested: {list: [{path: ''}, {}]}},
    path: '/nested/list(1)/path',
    want: 'error.path.missing',
  },
  'a value of a map': {input: {id: 'a', labels: {x: 1}}, path: '/labels/x', want: 'error.expected.jsstring'},
};
for (const [title, {input, path, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(checkJson(schema, input).violations, [{path, errors: [want]}]);
  });
}

test('unknown fields are named and left out, also those that every object inherits', t => {
  const {value, unknown} = checkJson(schema, {id: 'a', constructor: 1, nested: {list: [{path: 'p', x: 1}]}});
  t.deepEqual(value, {id: 'a', nested: {list: [{path: 'p'}]}});
  t.deepEqual(unknown, ['/constructor', '/nested/list(0)/x']);
});

test('null reads as absent', t => {
  t.deepEqual(checkJson(schema, {id: 'a', cmd: null, labels: null}).value, {id: 'a'});
});

test('a map takes any name', t => {
  const labels: unknown = JSON.parse('{"__proto__": "x", "toString": "y"}');
  const {value} = checkJson(schema, {id: 'a', labels});
  t.is(JSON.stringify(value), '{"id":"a","labels":{"__proto__":"x","toString":"y"}}');
});

test('paths begin where the input is', t => {
  t.deepEqual(checkJson(schema, {}, '(1)').violations, [{path: '(1)/id', errors: ['error.path.missing']}]);
});
