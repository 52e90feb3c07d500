import test from 'ava';
import {defaultObject} from '../../../src/standalone/apiserver/schema/default.ts';
import type {JsonObject, JsonValue} from '../../../src/standalone/apiserver/schema/json.ts';
import {pruneObject} from '../../../src/standalone/apiserver/schema/prune.ts';
import {invalidMessage, type Schema} from '../../../src/standalone/apiserver/schema/schema.ts';
import {validateObject} from '../../../src/standalone/apiserver/schema/validate.ts';

const of = (spec: Schema): Schema => ({type: 'object', properties: {spec}});
const fields = (properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema =>
  of({type: 'object', properties, ...more});

const sentences = (schema: Schema, spec: JsonValue, old?: JsonValue): string[] =>
  validateObject(schema, {spec}, old === undefined ? undefined : {spec: old}).map(
    ({field, message}) => `${field}: ${message}`,
  );

const map = (keys: string[]): Schema => ({
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  items: {type: 'object', properties: {name: {type: 'string'}, port: {type: 'integer'}}},
});

const refused: Record<string, {schema: Schema; spec: JsonValue; want: string[]}> = {
  'a number where text is wanted': {
    schema: fields({x: {type: 'string'}}),
    spec: {x: 3},
    want: ['spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"'],
  },
  'a fraction where a whole number is wanted': {
    schema: fields({x: {type: 'integer'}}),
    spec: {x: 1.5},
    want: ['spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"'],
  },
  'a null that is not nullable': {
    schema: fields({x: {type: 'string'}}),
    spec: {x: null},
    want: ['spec.x: Invalid value: "null": spec.x in body must be of type string: "null"'],
  },
  'a null that is nullable is fine': {
    schema: fields({x: {type: 'string', nullable: true}}),
    spec: {x: null},
    want: [],
  },
  'below the minimum': {
    schema: fields({cpus: {type: 'number', minimum: 0}}),
    spec: {cpus: -1},
    want: ['spec.cpus: Invalid value: -1: spec.cpus in body should be greater than or equal to 0'],
  },
  'at an exclusive maximum': {
    schema: fields({x: {type: 'number', maximum: 2, exclusiveMaximum: true}}),
    spec: {x: 2},
    want: ['spec.x: Invalid value: 2: spec.x in body should be less than 2'],
  },
  'not a multiple': {
    schema: fields({x: {type: 'number', multipleOf: 0.1}}),
    spec: {x: 0.25},
    want: ['spec.x: Invalid value: 0.25: spec.x in body should be a multiple of 0.1'],
  },
  'a multiple despite binary fractions': {
    schema: fields({x: {type: 'number', multipleOf: 0.1}}),
    spec: {x: 0.3},
    want: [],
  },
  'a required field that is missing': {
    schema: fields({id: {type: 'string'}}, {required: ['id']}),
    spec: {},
    want: ['spec.id: Required value'],
  },
  'a value that is none of the enum': {
    schema: fields({x: {type: 'string', enum: ['A', 'B']}}),
    spec: {x: 'X'},
    want: ['spec.x: Unsupported value: "X": supported values: "A", "B"'],
  },
  'text that does not match': {
    schema: fields({x: {type: 'string', pattern: '^[a-z]+$'}}),
    spec: {x: 'A'},
    want: [`spec.x: Invalid value: "A": spec.x in body should match '^[a-z]+$'`],
  },
  'text that is too long, counted in characters': {
    schema: fields({x: {type: 'string', maxLength: 2}}),
    spec: {x: '🦊🦊🦊'},
    want: ['spec.x: Too long: may not be more than 2 bytes'],
  },
  'text that is too short': {
    schema: fields({x: {type: 'string', minLength: 1}}),
    spec: {x: ''},
    want: ['spec.x: Invalid value: "": spec.x in body should be at least 1 chars long'],
  },
  'too many items': {
    schema: fields({x: {type: 'array', maxItems: 1, items: {type: 'integer'}}}),
    spec: {x: [1, 2]},
    want: ['spec.x: Too many: 2: must have at most 1 item'],
  },
  'too few items': {
    schema: fields({x: {type: 'array', minItems: 1, items: {type: 'integer'}}}),
    spec: {x: []},
    want: ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items'],
  },
  'a number out of its format': {
    schema: fields({x: {type: 'integer', format: 'int32'}}),
    spec: {x: 2147483648},
    want: ['spec.x: Invalid value: 2147483648: spec.x in body must be of type int32: 2147483648'],
  },
  'text out of its format': {
    schema: fields({x: {type: 'string', format: 'date-time'}}),
    spec: {x: '2026-02-30T00:00:00Z'},
    want: [
      'spec.x: Invalid value: "2026-02-30T00:00:00Z": spec.x in body must be of type date-time: "2026-02-30T00:00:00Z"',
    ],
  },
  'a repeated item of a set': {
    schema: fields({x: {type: 'array', 'x-kubernetes-list-type': 'set', items: {type: 'string'}}}),
    spec: {x: ['a', 'b', 'a']},
    want: ['spec.x[2]: Duplicate value: "a"'],
  },
  'a repeated key of a map list': {
    schema: fields({x: map(['name'])}),
    spec: {
      x: [
        {name: 'a', port: 1},
        {name: 'a', port: 2},
      ],
    },
    want: ['spec.x[1]: Duplicate value: {"name":"a"}'],
  },
  'neither an integer nor text': {
    schema: fields({x: {'x-kubernetes-int-or-string': true}}),
    spec: {x: true},
    want: ['spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"'],
  },
  'nothing of anyOf': {
    schema: fields({x: {type: 'integer', anyOf: [{maximum: 1}, {minimum: 5}]}}),
    spec: {x: 3},
    want: [
      '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
      'spec.x: Invalid value: 3: spec.x in body should be less than or equal to 1',
    ],
  },
  'two of oneOf': {
    schema: fields({x: {type: 'integer', oneOf: [{minimum: 1}, {minimum: 2}]}}),
    spec: {x: 3},
    want: [
      '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  'what not forbids': {
    schema: fields({x: {type: 'string', not: {enum: ['no']}}}),
    spec: {x: 'no'},
    want: ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)'],
  },
  'a bad value of a map': {
    schema: fields({x: {type: 'object', additionalProperties: {type: 'string'}}}),
    spec: {x: {k: 1}},
    want: ['spec.x.k: Invalid value: "integer": spec.x.k in body must be of type string: "integer"'],
  },
};
for (const [title, {schema, spec, want}] of Object.entries(refused)) {
  test(title, t => {
    t.deepEqual(sentences(schema, spec), want);
  });
}

const rules = (...list: readonly NonNullable<Schema['x-kubernetes-validations']>[number][]): Schema =>
  fields(
    {
      n: {type: 'integer'},
      cpus: {type: 'number'},
      cmd: {type: 'string'},
      args: {type: 'array', items: {type: 'string'}},
      'x-y': {type: 'integer'},
      labels: {type: 'object', additionalProperties: {type: 'string'}},
      ports: map(['name']),
    },
    {'x-kubernetes-validations': list},
  );

const ruled: Record<string, {schema: Schema; spec: JsonValue; old?: JsonValue; want: string[]}> = {
  'a rule without a message shows itself': {
    schema: rules({rule: 'self.n > 3'}),
    spec: {n: 3},
    want: ['spec: Invalid value: failed rule: self.n > 3'],
  },
  'a rule with a message': {
    schema: rules({rule: '!(has(self.cmd) && has(self.args))', message: 'cmd and args exclude each other'}),
    spec: {cmd: 'x', args: []},
    want: ['spec: Invalid value: cmd and args exclude each other'],
  },
  'a message that is computed, at a path of its own': {
    schema: rules({rule: 'self.cpus < 8.0', messageExpression: '"asked for " + string(self.cpus)', fieldPath: '.cpus'}),
    spec: {cpus: 8.5},
    want: ['spec.cpus: Invalid value: asked for 8.5'],
  },
  'a rule on a field that is absent fails': {
    schema: rules({rule: 'self.n > 3'}),
    spec: {},
    want: ['spec: Invalid value: "object": no such key: n evaluating rule: failed rule: self.n > 3'],
  },
  'a reason': {
    schema: rules({rule: 'has(self.cmd)', message: 'say what to run', reason: 'FieldValueRequired', fieldPath: '.cmd'}),
    spec: {},
    want: ['spec.cmd: Required value: say what to run'],
  },
  'names that are no identifiers are escaped': {
    schema: rules({rule: 'self.x__dash__y == 1'}),
    spec: {'x-y': 1},
    want: [],
  },
  'maps and list functions': {
    schema: rules({
      rule: "self.labels.all(k, k.matches('^[a-z]+$')) && self.args.isSorted() && self.args.exists(a, a == 'b')",
    }),
    spec: {labels: {a: 'b'}, args: ['a', 'b']},
    want: [],
  },
  'a transition rule sleeps on creation': {
    schema: rules({rule: 'self.n >= oldSelf.n', message: 'n may not shrink'}),
    spec: {n: 1},
    want: [],
  },
  'a transition rule compares on update': {
    schema: rules({rule: 'self.n >= oldSelf.n', message: 'n may not shrink'}),
    spec: {n: 1},
    old: {n: 2},
    want: ['spec: Invalid value: n may not shrink'],
  },
  'an optional older self is asked on creation too': {
    schema: rules({rule: 'oldSelf.hasValue() || self.n == 0', optionalOldSelf: true, message: 'starts at 0'}),
    spec: {n: 1},
    want: ['spec: Invalid value: starts at 0'],
  },
  'what an update leaves alone is not refused by a newer rule': {
    schema: rules({rule: 'self.n > 3'}),
    spec: {n: 3},
    old: {n: 3},
    want: [],
  },
  'objects are equal by content': {
    schema: rules({rule: 'self.ports == oldSelf.ports', message: 'ports are fixed'}),
    spec: {n: 2, ports: [{name: 'a', port: 1}]},
    old: {n: 1, ports: [{name: 'a', port: 1}]},
    want: [],
  },
};
for (const [title, {schema, spec, old, want}] of Object.entries(ruled)) {
  test(`CEL: ${title}`, t => {
    t.deepEqual(sentences(schema, spec, old), want);
  });
}

test('CEL: items of a map list find their older self by key', t => {
  const items: Schema = {
    ...map(['name']).items,
    'x-kubernetes-validations': [{rule: 'self.port == oldSelf.port', message: 'the port is fixed'}],
  };
  const schema = fields({ports: {...map(['name']), items}});
  const old = {
    ports: [
      {name: 'a', port: 1},
      {name: 'b', port: 2},
    ],
  };
  const spec = {
    ports: [
      {name: 'b', port: 3},
      {name: 'c', port: 9},
      {name: 'a', port: 1},
    ],
  };
  t.deepEqual(sentences(schema, spec, old), ['spec.ports[0]: Invalid value: the port is fixed']);
});

test('the whole message names kind, object and every problem', t => {
  const causes = validateObject(fields({a: {type: 'string'}, b: {type: 'string'}}), {spec: {a: 1, b: 2}}, undefined);
  t.is(
    invalidMessage({group: 'mesos.dev', kind: 'MarathonApp'}, 'x', causes),
    'MarathonApp.mesos.dev "x" is invalid: [spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer", ' +
      'spec.b: Invalid value: "integer": spec.b in body must be of type string: "integer"]',
  );
});

const shaped: Record<string, {schema: Schema; spec: JsonObject; want: JsonObject; unknown?: string[]}> = {
  'defaults fill nested objects that are there': {
    schema: fields({
      a: {type: 'object', properties: {b: {type: 'integer', default: 1}}},
      c: {type: 'object', properties: {d: {type: 'integer', default: 1}}},
    }),
    spec: {a: {}},
    want: {a: {b: 1}},
  },
  'a default object is filled in turn': {
    schema: fields({a: {type: 'object', default: {}, properties: {b: {type: 'integer', default: 1}}}}),
    spec: {},
    want: {a: {b: 1}},
  },
  'items and map values get defaults': {
    schema: fields({
      l: {type: 'array', items: {type: 'object', properties: {p: {type: 'string', default: 'TCP'}}}},
      m: {type: 'object', additionalProperties: {type: 'object', properties: {p: {type: 'string', default: 'TCP'}}}},
    }),
    spec: {l: [{}, {p: 'UDP'}], m: {x: {}}},
    want: {l: [{p: 'TCP'}, {p: 'UDP'}], m: {x: {p: 'TCP'}}},
  },
  'a null gives way to a default, unless it is nullable': {
    schema: fields({a: {type: 'integer', default: 1}, b: {type: 'integer', default: 1, nullable: true}}),
    spec: {a: null, b: null},
    want: {a: 1, b: null},
  },
  'unknown fields go': {
    schema: fields({a: {type: 'string'}, l: {type: 'array', items: {type: 'object', properties: {}}}}),
    spec: {a: 'x', foo: 1, l: [{bar: 2}]},
    want: {a: 'x', l: [{}]},
    unknown: ['spec.foo', 'spec.l[0].bar'],
  },
  'unknown fields stay where they are welcome': {
    schema: fields({
      a: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: {b: {type: 'object', properties: {}}},
      },
    }),
    spec: {a: {x: 1, b: {y: 2}}},
    want: {a: {x: 1, b: {}}},
    unknown: ['spec.a.b.y'],
  },
  'an embedded object keeps its kind': {
    schema: fields({a: {type: 'object', 'x-kubernetes-embedded-resource': true, properties: {}}}),
    spec: {a: {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'x'}, foo: 1}},
    want: {a: {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'x'}}},
    unknown: ['spec.a.foo'],
  },
};
for (const [title, {schema, spec, want, unknown = []}] of Object.entries(shaped)) {
  test(title, t => {
    const object = {spec: structuredClone(spec)};
    t.deepEqual(pruneObject(schema, object), unknown);
    defaultObject(schema, object);
    t.deepEqual(object.spec, want);
  });
}
