import test from 'ava';
import {builtinSchema, componentName} from '../../../src/standalone/apiserver/schema/builtin.ts';
import {defaultObject} from '../../../src/standalone/apiserver/schema/default.ts';
import type {JsonObject} from '../../../src/standalone/apiserver/schema/json.ts';
import {pruneObject} from '../../../src/standalone/apiserver/schema/prune.ts';
import type {Schema} from '../../../src/standalone/apiserver/schema/schema.ts';
import {validateObject} from '../../../src/standalone/apiserver/schema/validate.ts';

const schemaOf = (group: string, kind: string): Schema => {
  const schema = builtinSchema(group, 'v1', kind);
  if (schema === undefined) throw new Error(`no ${kind}`);
  return schema;
};

const names = {
  'core kinds': ['', 'Pod', 'io.k8s.api.core.v1.Pod'],
  'kinds of a group': ['coordination.k8s.io', 'Lease', 'io.k8s.api.coordination.v1.Lease'],
  'events have a kind in two groups': ['events.k8s.io', 'Event', 'io.k8s.api.events.v1.Event'],
  'the kind of kinds': [
    'apiextensions.k8s.io',
    'CustomResourceDefinition',
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  ],
} as const;
for (const [title, [group, kind, want]] of Object.entries(names)) {
  test(`${title} go by the names of the real API`, t => {
    t.is(componentName(schemaOf(group, kind)), want);
  });
}

test('a kind that nobody knows has no schema', t => {
  t.is(builtinSchema('', 'v1', 'Nonsense'), undefined);
});

test('a pod as kubectl writes it is pruned of nulls and nonsense, and gets its defaults', t => {
  const pod: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'a', creationTimestamp: null, colour: 'red'},
    spec: {
      containers: [
        {name: 'c', image: 'i', ports: [{containerPort: 80}], zork: 1, resources: {limits: {cpu: 0.5, memory: '1Gi'}}},
      ],
    },
    status: {},
  };
  t.deepEqual(pruneObject(schemaOf('', 'Pod'), pod), ['metadata.colour', 'spec.containers[0].zork']);
  defaultObject(schemaOf('', 'Pod'), pod);
  t.deepEqual(validateObject(schemaOf('', 'Pod'), pod, undefined), []);
  t.like(pod, {
    metadata: {name: 'a'},
    spec: {restartPolicy: 'Always', containers: [{ports: [{containerPort: 80, protocol: 'TCP'}]}]},
  });
});

test('types are checked deep down', t => {
  const causes = validateObject(schemaOf('', 'Pod'), {spec: {containers: [{name: 'c', image: 3}]}}, undefined);
  t.deepEqual(
    causes.map(({field}) => field),
    ['spec.containers[0].image'],
  );
});

test('schemas that contain themselves are no trouble', t => {
  const deep = {type: 'object', properties: {a: {type: 'array', items: {type: 'object', properties: {}}}}};
  const crd: JsonObject = {
    spec: {
      group: 'g',
      scope: 'Cluster',
      names: {kind: 'K', plural: 'ks'},
      versions: [{name: 'v1', served: true, storage: true, schema: {openAPIV3Schema: deep}}],
    },
  };
  t.deepEqual(pruneObject(schemaOf('apiextensions.k8s.io', 'CustomResourceDefinition'), crd), []);
  t.deepEqual(validateObject(schemaOf('apiextensions.k8s.io', 'CustomResourceDefinition'), crd, undefined), []);
});
