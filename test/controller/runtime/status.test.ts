import test from 'ava';
import fc from 'fast-check';
import {mergeDifference, patchStatus, setCondition, type Condition} from '../../../src/controller/runtime/status.ts';
import type {ResourceKind} from '../../../src/kube/types.ts';
import {TestKube} from '../../support/test-kube.ts';

const T1 = '2026-01-01T00:00:00Z';
const T2 = '2026-01-02T00:00:00Z';
const ready: Condition = {type: 'Ready', status: 'True', reason: 'AgentReady', message: '', lastTransitionTime: T1};
const other: Condition = {...ready, type: 'Other'};

test('a condition that stays as it was keeps its time and takes the new reason', t => {
  const change = {type: 'Ready', status: 'True', reason: 'AgentReturned', message: 'back'} as const;
  t.deepEqual(setCondition([ready, other], change, T2, 7), [
    {...change, lastTransitionTime: T1, observedGeneration: 7},
    other,
  ]);
});

test('a condition that turns takes the new time; a new one comes last', t => {
  const change = {type: 'Ready', status: 'False', reason: 'AgentUnreachable', message: 'silent'} as const;
  t.deepEqual(setCondition([other, ready], change, T2), [other, {...change, lastTransitionTime: T2}]);
  t.deepEqual(setCondition([other], change, T2), [other, {...change, lastTransitionTime: T2}]);
});

const differences = {
  'equal, whatever the order': {from: {a: 1, b: {c: [1]}}, to: {b: {c: [1]}, a: 1}, want: undefined},
  'undefined is absent': {from: {a: 1}, to: {a: 1, b: undefined}, want: undefined},
  'a field that went': {from: {a: 1, b: 2}, to: {a: 1}, want: {b: null}},
  'deep down': {from: {a: {b: 1, c: 2}}, to: {a: {b: 1, c: 3}}, want: {a: {c: 3}}},
  'arrays are replaced whole': {from: {a: [1, 2]}, to: {a: [1, 3]}, want: {a: [1, 3]}},
  'an empty object where there was none': {from: {}, to: {a: {}}, want: {a: {}}},
  'an object becomes a list': {from: {a: {b: 1}}, to: {a: [1]}, want: {a: [1]}},
};
for (const [title, {from, to, want}] of Object.entries(differences)) {
  test(`merge patch: ${title}`, t => t.deepEqual(mergeDifference(from, to), want));
}

const json = fc.letrec(tie => ({
  value: fc.oneof({maxDepth: 3}, fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
}));

const THINGS: ResourceKind = {group: 'test.dev', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true};

function serverOfThings(): TestKube {
  const kube = new TestKube({kinds: []});
  kube.define(THINGS);
  return kube;
}

test('applied to what is there, the patch gives what is wanted', async t => {
  const kube = serverOfThings();
  let count = 0;
  const property = fc.asyncProperty(json.object, json.object, async (from, to) => {
    const name = `thing-${count++}`;
    kube.update(THINGS, {...kube.create(THINGS, {metadata: {name}}), status: from}, {subresource: 'status'});
    const before = kube.version;
    await patchStatus(kube.client, THINGS, {name, namespace: 'default', status: from}, to);
    t.deepEqual(kube.find(THINGS, name)?.status, plain(to));
    t.is(kube.version === before, mergeDifference(from, to) === undefined);
  });
  await t.notThrowsAsync(() => fc.assert(property, {numRuns: 200}));
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('another object under the same name is left alone', async t => {
  const kube = serverOfThings();
  kube.create(THINGS, {metadata: {name: 'a'}});
  const target = {name: 'a', namespace: 'default', uid: 'of-an-older-one', status: {}};
  const patched = await patchStatus(kube.client, THINGS, target, {phase: 'Running'});
  t.like(patched.ok ? undefined : patched.error, {status: 409, reason: 'Conflict'});
});
