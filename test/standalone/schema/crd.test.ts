import test from 'ava';
import {KINDS} from '../../../src/crds/kinds.ts';
import {crdManifest} from '../../../src/crds/manifest.ts';
import {crdSchemaCauses} from '../../../src/standalone/apiserver/schema/crd.ts';
import type {JsonObject} from '../../../src/standalone/apiserver/schema/json.ts';

const ROOT = 'spec.versions[0].schema.openAPIV3Schema';
const sentences = (schema: JsonObject): string[] =>
  crdSchemaCauses({spec: {versions: [{schema: {openAPIV3Schema: schema}}]}}).map(
    ({field, message}) => `${field.replace(ROOT, '$')}: ${message}`,
  );
const withSpec = (spec: JsonObject): JsonObject => ({type: 'object', properties: {spec}});

const rows: Record<string, {schema: JsonObject; want: string[]}> = {
  'the root is an object': {
    schema: {type: 'array', items: {type: 'string'}},
    want: ['$.type: Invalid value: "array": must be object at the root'],
  },
  'every field has a type': {
    schema: withSpec({type: 'object', properties: {a: {}}}),
    want: ['$.properties[spec].properties[a].type: Required value: must not be empty for specified object fields'],
  },
  'a list says what is in it': {
    schema: withSpec({type: 'array'}),
    want: ['$.properties[spec].items: Required value: must be specified'],
  },
  'anyOf restricts values only': {
    schema: withSpec({type: 'string', anyOf: [{type: 'string', minLength: 1}]}),
    want: ['$.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural'],
  },
  'int-or-string may say so in anyOf': {
    schema: withSpec({'x-kubernetes-int-or-string': true, anyOf: [{type: 'integer'}, {type: 'string'}]}),
    want: [],
  },
  'properties and additionalProperties exclude each other': {
    schema: withSpec({type: 'object', properties: {}, additionalProperties: true}),
    want: [
      '$.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  },
  'keys of a map list must be certain': {
    schema: withSpec({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {type: 'object', properties: {name: {type: 'string'}}},
    }),
    want: [
      '$.properties[spec].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
  },
  'a default must fit its schema': {
    schema: withSpec({type: 'string', default: 3}),
    want: ['$.properties[spec].default: Invalid value: 3: default must be of type string: "integer"'],
  },
  'a default may leave nested defaults to be filled in': {
    schema: withSpec({
      type: 'object',
      default: {},
      required: ['a'],
      properties: {a: {type: 'integer', default: 1}},
    }),
    want: [],
  },
  'a rule that names an unknown field does not compile': {
    schema: withSpec({type: 'object', properties: {}, 'x-kubernetes-validations': [{rule: 'self.nope > 3'}]}),
    want: [
      '$.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"rule":"self.nope > 3"}: compilation failed: ERROR: no such key: nope',
    ],
  },
  'a rule is a yes or no': {
    schema: withSpec({type: 'integer', 'x-kubernetes-validations': [{rule: 'self + 1'}]}),
    want: [
      '$.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"rule":"self + 1"}: must evaluate to a bool',
    ],
  },
  'rules at the root see the name': {
    schema: {...withSpec({type: 'string'}), 'x-kubernetes-validations': [{rule: 'self.metadata.name == self.spec'}]},
    want: [],
  },
  'and nothing else of metadata': {
    schema: {
      ...withSpec({type: 'string'}),
      'x-kubernetes-validations': [{rule: 'has(self.metadata.labels)'}, {rule: 'self.metadata.uid != ""'}],
    },
    want: [
      '$.x-kubernetes-validations[1].rule: Invalid value: {"rule":"self.metadata.uid != \\"\\""}: compilation failed: ERROR: no such key: uid',
    ],
  },
};
for (const [title, {schema, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(sentences(schema), want);
  });
}

for (const kind of KINDS) {
  test(`our own ${kind.kind} is accepted`, t => {
    const manifest: JsonObject = JSON.parse(JSON.stringify(crdManifest(kind)));
    t.deepEqual(crdSchemaCauses(manifest), []);
  });
}
