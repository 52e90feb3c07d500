import test from 'ava';
import {serverSideApply, trackUpdate} from '../../../src/standalone/apiserver/patch/apply.ts';
import {builtinSchema} from '../../../src/standalone/apiserver/schema/builtin.ts';
import {isObject, type JsonObject, type JsonValue, objectAt} from '../../../src/standalone/apiserver/schema/json.ts';
import {schemaOf} from '../../../src/standalone/apiserver/schema/of-kind.ts';
import type {Schema} from '../../../src/standalone/apiserver/schema/schema.ts';

const text: Schema = {type: 'string'};
const integer: Schema = {type: 'integer'};
const schema = schemaOf(
  {group: 'mesos.dev', version: 'v1', kind: 'MarathonApp'},
  {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          cmd: text,
          instances: integer,
          upgrade: {type: 'object', properties: {min: integer, max: integer}},
          env: {type: 'object', additionalProperties: text},
          args: {type: 'array', items: text},
          roles: {type: 'array', 'x-kubernetes-list-type': 'set', items: text},
          ports: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {type: 'object', properties: {name: text, port: integer, host: integer}},
          },
        },
      },
      status: {type: 'object', properties: {ready: integer}},
    },
  },
);

const T1 = '2026-01-01T00:00:01Z';
const T2 = '2026-01-01T00:00:02Z';
const writer = (manager: string, nowIso = T1) => ({manager, apiVersion: 'mesos.dev/v1', nowIso, schema});
const app = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'mesos.dev/v1',
  kind: 'MarathonApp',
  metadata: {name: 'a', ...metadata},
  spec,
});

const spec = (object: JsonObject): JsonValue | undefined => object['spec'];
const managedFields = (object: JsonObject): JsonValue[] => {
  const found = objectAt(object, 'metadata')?.['managedFields'];
  return Array.isArray(found) ? found : [];
};
/** Owned fields by manager, as `fieldsV1` has them. */
const owners = (object: JsonObject): Record<string, JsonValue | undefined> =>
  Object.fromEntries(
    managedFields(object).flatMap(entry =>
      isObject(entry) ? [[`${String(entry['manager'])}/${String(entry['operation'])}`, entry['fieldsV1']]] : [],
    ),
  );

type Options = {force?: boolean; nowIso?: string};
function apply(
  live: JsonObject | undefined,
  manager: string,
  applied: JsonObject,
  {force = false, nowIso}: Options = {},
) {
  return serverSideApply({...writer(manager, nowIso), live, applied, force});
}
function applied(live: JsonObject | undefined, manager: string, object: JsonObject, options: Options = {}): JsonObject {
  const result = apply(live, manager, object, options);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
function updated(before: JsonObject | undefined, manager: string, object: JsonObject, nowIso = T1): JsonObject {
  const fields = trackUpdate({...writer(manager, nowIso), before, after: object});
  return {...object, metadata: {...objectAt(object, 'metadata'), managedFields: fields}};
}
/** An ordinary write of a new spec over `before`. */
const edited = (before: JsonObject, manager: string, change: JsonObject, nowIso?: string): JsonObject =>
  updated(before, manager, {...before, spec: {...objectAt(before, 'spec'), ...change}}, nowIso);

test('creating by apply: the applier owns what it said', t => {
  const live = applied(undefined, 'me', app({cmd: 'x', env: {A: '1'}, args: ['a']}, {labels: {l: '1'}}));
  t.deepEqual(managedFields(live), [
    {
      manager: 'me',
      operation: 'Apply',
      apiVersion: 'mesos.dev/v1',
      time: T1,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': {'f:labels': {'f:l': {}}},
        'f:spec': {'f:args': {}, 'f:cmd': {}, 'f:env': {'f:A': {}}},
      },
    },
  ]);
});

test('creating by an ordinary write: new containers are owned too', t => {
  const live = updated(undefined, 'kubectl-create', app({cmd: 'x', env: {A: '1'}}));
  t.deepEqual(owners(live), {
    'kubectl-create/Update': {'f:spec': {'.': {}, 'f:cmd': {}, 'f:env': {'.': {}, 'f:A': {}}}},
  });
});

test('fields that nobody applies any more go, those of others stay', t => {
  const first = applied(undefined, 'me', app({cmd: 'x', instances: 1, env: {A: '1', B: '2'}}));
  const second = applied(first, 'other', app({upgrade: {min: 1}, env: {C: '3'}}));
  const third = applied(second, 'me', app({cmd: 'x', env: {B: '2'}}));
  t.deepEqual(spec(third), {cmd: 'x', env: {B: '2', C: '3'}, upgrade: {min: 1}});
});

test('a struct that nobody fills any more goes', t => {
  const first = applied(undefined, 'me', app({cmd: 'x', upgrade: {min: 1, max: 2}}));
  t.deepEqual(spec(applied(first, 'me', app({cmd: 'x'}))), {cmd: 'x'});
});

test('a field that both applied stays with the other when one lets go', t => {
  const first = applied(undefined, 'me', app({cmd: 'x', instances: 2}));
  const second = applied(first, 'other', app({instances: 2}));
  const third = applied(second, 'me', app({cmd: 'x'}));
  t.deepEqual(spec(third), {cmd: 'x', instances: 2});
  t.deepEqual(owners(third)['other/Apply'], {'f:spec': {'f:instances': {}}});
});

test('server-set metadata survives when the applier drops all of its own', t => {
  const first = applied(undefined, 'me', app({cmd: 'x'}, {labels: {l: '1'}}));
  const stored = {...first, metadata: {...objectAt(first, 'metadata'), uid: 'u', resourceVersion: '1'}};
  const second = applied(stored, 'me', app({cmd: 'x'}));
  t.like(objectAt(second, 'metadata'), {name: 'a', uid: 'u', resourceVersion: '1'});
  t.is(objectAt(second, 'metadata')?.['labels'], undefined);
});

test('one conflict', t => {
  const live = edited(applied(undefined, 'me', app({instances: 1})), 'kubectl-edit', {instances: 5});
  const result = apply(live, 'me', app({instances: 2}));
  t.deepEqual(result.ok ? undefined : result.error, {
    kind: 'conflict',
    message: 'Apply failed with 1 conflict: conflict with "kubectl-edit" using mesos.dev/v1: .spec.instances',
    causes: [{field: '.spec.instances', message: 'conflict with "kubectl-edit" using mesos.dev/v1'}],
  });
});

test('several conflicts, grouped by manager', t => {
  const first = applied(undefined, 'bob', app({cmd: 'x', ports: [{name: 'http', port: 80}]}));
  const second = edited(first, 'eve', {instances: 1});
  const result = apply(second, 'me', app({cmd: 'y', instances: 2, ports: [{name: 'http', port: 81}]}));
  t.is(
    result.ok ? '' : result.error.message,
    'Apply failed with 3 conflicts: conflicts with "bob":\n- .spec.cmd\n- .spec.ports[name="http"].port\n' +
      'conflicts with "eve" using mesos.dev/v1:\n- .spec.instances',
  );
});

test('the same value is no conflict', t => {
  const live = edited(applied(undefined, 'me', app({instances: 1})), 'eve', {instances: 2});
  t.true(apply(live, 'me', app({instances: 2})).ok);
});

test('force takes the field over', t => {
  const live = edited(applied(undefined, 'me', app({cmd: 'x', instances: 1})), 'eve', {instances: 5, cmd: 'z'});
  const forced = applied(live, 'me', app({instances: 2}), {force: true});
  t.deepEqual(spec(forced), {cmd: 'z', instances: 2});
  t.deepEqual(owners(forced), {
    'me/Apply': {'f:spec': {'f:instances': {}}},
    'eve/Update': {'f:spec': {'f:cmd': {}}},
  });
});

test('an ordinary write takes fields without asking', t => {
  const first = applied(undefined, 'me', app({cmd: 'x', instances: 1}));
  t.deepEqual(owners(edited(first, 'eve', {instances: 5}, T2)), {
    'me/Apply': {'f:spec': {'f:cmd': {}}},
    'eve/Update': {'f:spec': {'f:instances': {}}},
  });
});

test('a write that changes nothing leaves the bookkeeping and its times alone', t => {
  const first = applied(undefined, 'me', app({cmd: 'x'}));
  t.deepEqual(edited(first, 'eve', {cmd: 'x'}, T2), first);
  t.deepEqual(applied(first, 'me', app({cmd: 'x'}), {nowIso: T2}), first);
});

test('items of map lists are owned by key and merged in place', t => {
  const first = applied(
    undefined,
    'me',
    app({
      ports: [
        {name: 'a', port: 1},
        {name: 'b', port: 2},
      ],
    }),
  );
  const second = applied(
    first,
    'other',
    app({
      ports: [
        {name: 'b', host: 9},
        {name: 'c', port: 3},
      ],
    }),
  );
  t.deepEqual(spec(second), {
    ports: [
      {name: 'a', port: 1},
      {name: 'b', port: 2, host: 9},
      {name: 'c', port: 3},
    ],
  });
  t.deepEqual(owners(second)['other/Apply'], {
    'f:spec': {
      'f:ports': {
        'k:{"name":"b"}': {'.': {}, 'f:host': {}, 'f:name': {}},
        'k:{"name":"c"}': {'.': {}, 'f:name': {}, 'f:port': {}},
      },
    },
  });
  const third = applied(second, 'me', app({ports: [{name: 'b', port: 2}]}));
  t.deepEqual(spec(third), {
    ports: [
      {name: 'b', port: 2, host: 9},
      {name: 'c', port: 3},
    ],
  });
});

test('items of sets are owned by value', t => {
  const first = applied(undefined, 'me', app({roles: ['a', 'b']}));
  const second = applied(first, 'other', app({roles: ['b', 'c']}));
  t.deepEqual(spec(second), {roles: ['a', 'b', 'c']});
  t.deepEqual(spec(applied(second, 'me', app({roles: []}))), {roles: ['b', 'c']});
});

test('atomic lists are one field', t => {
  const first = applied(undefined, 'me', app({args: ['a', 'b']}));
  const result = apply(first, 'other', app({args: ['a']}));
  t.is(result.ok ? '' : result.error.message, 'Apply failed with 1 conflict: conflict with "me": .spec.args');
});

test('an object that was never tracked belongs to nobody in particular', t => {
  const result = apply(app({instances: 1}), 'me', app({instances: 2}));
  t.is(
    result.ok ? '' : result.error.message,
    'Apply failed with 1 conflict: conflict with "before-first-apply" using mesos.dev/v1: .spec.instances',
  );
});

test('an empty entry throws the bookkeeping away, and it stays away', t => {
  const first = applied(undefined, 'me', app({cmd: 'x'}));
  const reset = updated(first, 'eve', {...first, metadata: {name: 'a', managedFields: [{}]}});
  t.deepEqual(managedFields(reset), []);
  t.deepEqual(managedFields(edited(reset, 'eve', {cmd: 'y'})), []);
});

test('an update without managedFields keeps those of the live object', t => {
  const first = applied(undefined, 'me', app({cmd: 'x'}));
  t.deepEqual(managedFields(updated(first, 'eve', app({cmd: 'x'}))), managedFields(first));
  t.deepEqual(managedFields(updated(first, 'eve', app({cmd: 'x'}, {managedFields: []}))), managedFields(first));
});

test('a request may edit managedFields, as kubectl does to move from client-side apply', t => {
  const first = updated(undefined, 'kubectl-client-side-apply', app({cmd: 'x', instances: 1}));
  const [entry] = managedFields(first);
  const upgraded = isObject(entry) ? {...entry, manager: 'kubectl', operation: 'Apply'} : {};
  const second = updated(first, 'kubectl', {...first, metadata: {name: 'a', managedFields: [upgraded]}}, T2);
  t.deepEqual(managedFields(second), [upgraded]);
  t.deepEqual(spec(applied(second, 'kubectl', app({instances: 3}))), {instances: 3});
});

test('kubectl may apply over its own client-side apply, and keeps its annotation in step', t => {
  const key = 'kubectl.kubernetes.io/last-applied-configuration';
  const config = app({instances: 1});
  const annotations = {[key]: JSON.stringify(config)};
  const first = updated(undefined, 'kubectl-client-side-apply', app({instances: 1}, {annotations}));
  const second = applied(first, 'kubectl', app({instances: 2}));
  t.deepEqual(spec(second), {instances: 2});
  t.deepEqual(JSON.parse(String(objectAt(objectAt(second, 'metadata'), 'annotations')?.[key])), app({instances: 2}));
});

test('what somebody has changed since client-side apply is a conflict after all', t => {
  const key = 'kubectl.kubernetes.io/last-applied-configuration';
  const annotations = {[key]: JSON.stringify(app({cmd: 'x', instances: 1}))};
  const first = updated(undefined, 'kubectl-client-side-apply', app({cmd: 'x', instances: 1}, {annotations}));
  const result = apply(edited(first, 'scaler', {instances: 4}), 'kubectl', app({cmd: 'y', instances: 1}));
  t.is(
    result.ok ? '' : result.error.message,
    'Apply failed with 1 conflict: conflict with "scaler" using mesos.dev/v1: .spec.instances',
  );
});

test('a field that the schema does not know is refused, not lost', t => {
  const result = apply(undefined, 'me', app({cmdd: 'x', ports: [{name: 'a', foo: 1}]}, {namespace: 'default'}));
  t.deepEqual(result.ok ? undefined : result.error, {
    kind: 'invalid',
    message:
      'failed to create typed patch object (default/a; mesos.dev/v1, Kind=MarathonApp): errors:\n' +
      '  .spec.cmdd: field not declared in schema\n  .spec.ports[0].foo: field not declared in schema',
  });
});

test('status and the main path are different owners, and neither owns the other’s part', t => {
  const first = applied(undefined, 'me', app({cmd: 'x'}));
  const after = {...first, status: {ready: 1}};
  const fields = trackUpdate({
    ...writer('controller', T2),
    before: first,
    after,
    subresource: 'status',
    resetFields: ['spec', 'metadata'],
  });
  t.like(fields[1], {
    manager: 'controller',
    subresource: 'status',
    fieldsV1: {'f:status': {'.': {}, 'f:ready': {}}},
  });
  const live = {...after, metadata: {...objectAt(after, 'metadata'), managedFields: fields}};
  const result = serverSideApply({
    ...writer('me'),
    live,
    applied: {...app({cmd: 'y'}), status: {ready: 7}},
    force: false,
    resetFields: ['status'],
  });
  t.deepEqual(result.ok ? result.value['status'] : result.error, {ready: 1});
});

test('an applied object brings no managedFields', t => {
  const result = apply(undefined, 'me', app({cmd: 'x'}, {managedFields: [{manager: 'x'}]}));
  t.deepEqual(result.ok ? undefined : result.error, {kind: 'invalid', message: 'metadata.managedFields must be nil'});
});

test('a keyed list whose items lack the key cannot be applied', t => {
  const result = apply(undefined, 'me', app({ports: [{port: 1}]}));
  t.deepEqual(result.ok ? undefined : result.error, {
    kind: 'invalid',
    message: 'associative list with keys has an element that omits key field "name"',
  });
});

test('an eleventh updater makes the oldest ancient', t => {
  const values = Array.from({length: 12}, (_, at) => `V${String(at).padStart(2, '0')}`);
  const live = values.reduce(
    (object, name, at) => {
      const env = {...objectAt(objectAt(object, 'spec'), 'env'), [name]: name};
      return edited(object, name, {env}, `2026-01-01T00:01:${String(at).padStart(2, '0')}Z`);
    },
    applied(undefined, 'me', app({cmd: 'x'})),
  );
  const updaters = Object.keys(owners(live)).filter(owner => owner.endsWith('/Update'));
  t.is(updaters.length, 10);
  t.deepEqual(owners(live)['ancient-changes/Update'], {
    'f:spec': {'f:env': {'.': {}, 'f:V00': {}, 'f:V01': {}, 'f:V02': {}}},
  });
});

test('defaulted keys of built-in lists take part in the identity of an item', t => {
  const pod = (ports: JsonValue): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'p'},
    spec: {containers: [{name: 'c', ports}]},
  });
  const base = {manager: 'me', apiVersion: 'v1', nowIso: T1, schema: builtinSchema('', 'v1', 'Pod')};
  const live = serverSideApply({...base, live: undefined, applied: pod([{containerPort: 80}]), force: false});
  if (!live.ok) return t.fail(live.error.message);
  t.deepEqual(owners(live.value)['me/Apply'], {
    'f:spec': {
      'f:containers': {
        'k:{"name":"c"}': {
          '.': {},
          'f:name': {},
          'f:ports': {'k:{"containerPort":80,"protocol":"TCP"}': {'.': {}, 'f:containerPort': {}}},
        },
      },
    },
  });
});
