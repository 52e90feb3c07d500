import test from 'ava';
import fc from 'fast-check';
import {serverSideApply} from '../../../src/standalone/apiserver/patch/apply.ts';
import {decodeFields, encodeFields} from '../../../src/standalone/apiserver/patch/field-set.ts';
import {mergeObjects} from '../../../src/standalone/apiserver/patch/typed.ts';
import {equalJson, type JsonObject, objectAt} from '../../../src/standalone/apiserver/schema/json.ts';
import type {Schema} from '../../../src/standalone/apiserver/schema/schema.ts';

const leaf: Schema = {type: 'integer'};
const item: Schema = {type: 'object', properties: {name: {type: 'string'}, x: leaf, y: leaf}};
const spec: Schema = {
  type: 'object',
  properties: {
    a: leaf,
    b: {type: 'object', properties: {c: leaf, d: leaf}},
    m: {type: 'object', additionalProperties: leaf},
    l: {type: 'array', items: leaf},
    s: {type: 'array', 'x-kubernetes-list-type': 'set', items: leaf},
    k: {type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: item},
  },
};
const schema: Schema = {
  type: 'object',
  properties: {metadata: {type: 'object', properties: {name: {type: 'string'}}}, spec},
};

const value = fc.nat(2);
const name = fc.constantFrom('p', 'q', 'r');
const specs: fc.Arbitrary<JsonObject> = fc.record(
  {
    a: value,
    b: fc.record({c: value, d: value}, {requiredKeys: []}),
    m: fc.dictionary(name, value),
    l: fc.array(value, {maxLength: 3}),
    // Not empty: nobody owns an empty set or map list, as in Kubernetes, so it may vanish.
    s: fc.uniqueArray(value, {minLength: 1}),
    k: fc.uniqueArray(fc.record({name, x: value, y: value}, {requiredKeys: ['name']}), {
      selector: one => one.name,
      minLength: 1,
    }),
  },
  {requiredKeys: [], noNullPrototype: true},
);
const steps = fc.array(fc.record({manager: fc.constantFrom('A', 'B', 'C'), spec: specs}), {minLength: 1, maxLength: 8});

function apply(live: JsonObject | undefined, manager: string, content: JsonObject | undefined): JsonObject {
  const applied: JsonObject = {metadata: {name: 'x'}, ...(content === undefined ? {} : {spec: content})};
  const result = serverSideApply({
    schema,
    live,
    applied,
    manager,
    force: true,
    apiVersion: 'v1',
    nowIso: '2026-01-01T00:00:00Z',
  });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

test('what was applied with force is there', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(steps, history => {
        let live: JsonObject | undefined;
        for (const step of history) {
          live = apply(live, step.manager, step.spec);
          const again = mergeObjects(spec, objectAt(live, 'spec') ?? {}, step.spec);
          if (!equalJson(again, objectAt(live, 'spec') ?? {})) return false;
        }
        return true;
      }),
    );
  });
});

test('applying the same twice changes nothing', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(steps, history => {
        let live: JsonObject | undefined;
        for (const step of history) live = apply(live, step.manager, step.spec);
        const last = history.at(-1);
        return last === undefined || equalJson(apply(live, last.manager, last.spec), live);
      }),
    );
  });
});

test('when everybody has let go, nothing is left', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(steps, history => {
        let live: JsonObject | undefined;
        for (const step of history) live = apply(live, step.manager, step.spec);
        for (const manager of ['A', 'B', 'C']) live = apply(live, manager, undefined);
        return equalJson(live, {metadata: {name: 'x', managedFields: []}});
      }),
    );
  });
});

test('ownership survives being written down', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(specs, content => {
        const live = apply(undefined, 'A', content);
        const [entry] = [objectAt(live, 'metadata')?.['managedFields']].flat();
        const fields = objectAt(entry, 'fieldsV1') ?? {};
        return equalJson(encodeFields(decodeFields(fields)), fields);
      }),
    );
  });
});
