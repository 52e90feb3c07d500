import test from 'ava';
import {APPLY, at, JSON_PATCH, MERGE, STRATEGIC, Target} from './target.ts';
import {API_VERSION, installWidgets, widget, widgets} from './widgets.ts';

let target: Awaited<ReturnType<typeof Target.open>>;
test.before(async () => {
  target = await Target.open();
  await installWidgets(target);
});
test.after.always(() => target.stop());

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name},
  spec: {
    containers: [
      {name: 'one', image: 'one:1'},
      {name: 'two', image: 'two:1'},
    ],
  },
});
const applied = (spec: object) => ({raw: JSON.stringify(widget('a', spec)), ...APPLY});

test('a merge patch sets, deletes and replaces lists', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a', {note: 'n', parts: [{name: 'p'}, {name: 'q'}]}));
  const patch = {spec: {note: null, parts: [{name: 'r'}]}};
  const patched = await target.must('PATCH', widgets(namespace, 'a'), patch, MERGE);
  t.deepEqual(patched['spec'], {replicas: 1, max: 10, parts: [{name: 'r', size: 3}]});
});

test('a patch with an old resourceVersion conflicts', async t => {
  const namespace = await target.namespace();
  const made = await target.must('POST', widgets(namespace), widget('a'));
  await target.must('PATCH', widgets(namespace, 'a'), {spec: {note: 'x'}}, MERGE);
  const {resourceVersion} = made['metadata'] as {resourceVersion: string};
  const late = await target.call(
    'PATCH',
    widgets(namespace, 'a'),
    {metadata: {resourceVersion}, spec: {note: 'y'}},
    MERGE,
  );
  t.is(late.status, 409);
});

test('a JSON patch applies whole or not at all', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a', {note: 'n'}));
  const path = widgets(namespace, 'a');
  const add = {op: 'add', path: '/spec/color', value: 'red'};
  t.is(at(await target.must('PATCH', path, [add], JSON_PATCH), 'spec', 'color'), 'red');
  const failing = [
    {op: 'replace', path: '/spec/note', value: 'other'},
    {op: 'test', path: '/spec/color', value: 'green'},
  ];
  const refused = await target.call('PATCH', path, failing, JSON_PATCH);
  t.is(refused.status, 422);
  t.is(refused.body['reason'], 'Invalid');
  t.is(at(await target.must('GET', path), 'spec', 'note'), 'n');
  t.is((await target.call('PATCH', path, {op: 'add'}, JSON_PATCH)).status, 400);
});

test('a strategic patch merges lists by key, for built-in kinds only', async t => {
  const namespace = await target.namespace();
  await target.must('POST', `/api/v1/namespaces/${namespace}/pods`, pod('p'));
  const path = `/api/v1/namespaces/${namespace}/pods/p`;
  const patched = await target.must('PATCH', path, {spec: {containers: [{name: 'two', image: 'two:2'}]}}, STRATEGIC);
  t.is(at(patched, 'spec', 'containers', 0, 'image'), 'one:1');
  t.is(at(patched, 'spec', 'containers', 1, 'image'), 'two:2');
  await target.must('POST', widgets(namespace), widget('a'));
  const custom = await target.call('PATCH', widgets(namespace, 'a'), {}, STRATEGIC);
  t.is(custom.status, 415);
  t.regex(
    String(custom.body['message']),
    /accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
  );
});

test('apply creates, updates what it owns, and conflicts over what others own', async t => {
  const namespace = await target.namespace();
  const path = widgets(namespace, 'a');
  const created = await target.call('PATCH', `${path}?fieldManager=one`, undefined, applied({replicas: 2, note: 'n'}));
  t.is(created.status, 201);
  const dropped = await target.must('PATCH', `${path}?fieldManager=one`, undefined, applied({replicas: 2}));
  t.is(at(dropped, 'spec', 'note'), undefined);
  const conflict = await target.call('PATCH', `${path}?fieldManager=two`, undefined, applied({replicas: 3}));
  t.is(conflict.status, 409);
  t.is(conflict.body['reason'], 'Conflict');
  t.is(conflict.body['message'], 'Apply failed with 1 conflict: conflict with "one": .spec.replicas');
  t.deepEqual(at(conflict.body, 'details', 'causes'), [
    {reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas'},
  ]);
  const forced = await target.must('PATCH', `${path}?fieldManager=two&force=true`, undefined, applied({replicas: 3}));
  t.is(at(forced, 'spec', 'replicas'), 3);
  const nobody = await target.call('PATCH', path, undefined, applied({replicas: 4}));
  t.is(nobody.status, 422);
});

test('applying the same again changes nothing', async t => {
  const namespace = await target.namespace();
  const path = `${widgets(namespace, 'a')}?fieldManager=one`;
  const first = await target.must('PATCH', path, undefined, applied({replicas: 2}));
  t.deepEqual(await target.must('PATCH', path, undefined, applied({replicas: 2})), first);
});

test('ordinary writes are remembered by their manager', async t => {
  const namespace = await target.namespace();
  await target.must('POST', `${widgets(namespace)}?fieldManager=maker`, widget('a', {note: 'n'}));
  const patched = await target.must('PATCH', widgets(namespace, 'a'), {spec: {note: 'm'}}, MERGE);
  const fields = at(patched, 'metadata', 'managedFields');
  const managers = Array.isArray(fields) ? fields.map(each => [each.manager, each.operation, each.apiVersion]) : [];
  // Older writes come first, and in the same second the alphabet decides.
  t.deepEqual(managers.sort(), [
    ['contract', 'Update', API_VERSION],
    ['maker', 'Update', API_VERSION],
  ]);
});

test('a patch of what is not there is refused, but by apply', async t => {
  const namespace = await target.namespace();
  const answer = await target.call('PATCH', widgets(namespace, 'none'), {}, MERGE);
  t.is(answer.status, 404);
  t.is(answer.body['message'], 'widgets.contract.mesos.dev "none" not found');
});

test('an unknown field in a strict patch is refused', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a'));
  const answer = await target.call(
    'PATCH',
    `${widgets(namespace, 'a')}?fieldValidation=Strict`,
    {spec: {bogus: 1}},
    MERGE,
  );
  t.is(answer.status, 422);
  t.regex(String(answer.body['message']), /strict decoding error: unknown field "spec.bogus"/);
});
