import test from 'ava';
import {eventually} from '../../support/eventually.ts';
import {at, MERGE, NOT_CHECKED, namesOf, TABLE, Target} from './target.ts';
import {installWidgets, widget, widgets} from './widgets.ts';

let target: Awaited<ReturnType<typeof Target.open>>;
test.before(async () => {
  target = await Target.open();
  await installWidgets(target);
});
test.after.always(() => target.stop());

test('defaults are filled in, also in list items; unknown fields go and are reported', async t => {
  const namespace = await target.namespace();
  const spec = {color: 'red', parts: [{name: 'p'}], bogus: 1, free: {any: {thing: 1}}};
  const made = await target.call('POST', `${widgets(namespace)}?fieldValidation=Warn`, widget('a', spec));
  t.deepEqual(made.body['spec'], {
    replicas: 1,
    max: 10,
    color: 'red',
    parts: [{name: 'p', size: 3}],
    free: {any: {thing: 1}},
  });
  t.is(made.headers['warning'], '299 - "unknown field \\"spec.bogus\\""');
  const quiet = await target.call('POST', `${widgets(namespace)}?fieldValidation=Ignore`, widget('b', spec));
  t.is(quiet.headers['warning'], undefined);
});

test('strict field validation names unknown and duplicate fields', async t => {
  const namespace = await target.namespace();
  const path = `${widgets(namespace)}?fieldValidation=Strict`;
  const unknown = await target.call('POST', path, widget('a', {bogus: 1}));
  t.like(unknown.body, {
    code: 400,
    reason: 'BadRequest',
    message: 'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.bogus"',
  });
  const raw = JSON.stringify(widget('a')).replace('"replicas":1', '"replicas":1,"replicas":2');
  const twice = await target.call('POST', path, undefined, {raw});
  t.is(twice.status, 400);
  t.regex(String(twice.body['message']), /strict decoding error: duplicate field "spec.replicas"$/);
  t.is((await target.call('GET', widgets(namespace, 'a'))).status, 404);
});

const invalid = {
  'below the minimum': {
    spec: {replicas: -1},
    want: '[spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0, .spec.replicas: Invalid value: -1: should be a non-negative integer]',
  },
  'of the wrong type': {
    spec: {replicas: 'x'},
    want: `[spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string", .spec.replicas: Invalid value: 0: .spec.replicas accessor error: x is of the type string, expected int64, ${NOT_CHECKED}]`,
  },
  'not in the enumeration': {
    spec: {color: 'blue'},
    want: `[spec.color: Unsupported value: "blue": supported values: "red", "green", ${NOT_CHECKED}]`,
  },
  'against a pattern': {
    spec: {note: 'A1'},
    want: 'spec.note: Invalid value: "A1": spec.note in body should match \'^[a-z ]*$\'',
  },
  'without a required field': {spec: {parts: [{}]}, want: `[spec.parts[0].name: Required value, ${NOT_CHECKED}]`},
  'a key twice': {
    spec: {parts: [{name: 'p'}, {name: 'p'}]},
    want: 'spec.parts[1]: Duplicate value: {"name":"p"}',
  },
  'against a rule for text, which is shown': {
    spec: {note: 'bad'},
    want: 'spec.note: Invalid value: "bad": note must not be bad',
  },
  'against a rule with a reason and a message of its own': {
    spec: {note: 'secret'},
    want: 'spec.note: Forbidden: nobody writes secret',
  },
  'against a rule for a list, which is not': {
    spec: {parts: [{name: 'a'}, {name: 'b'}, {name: 'c'}]},
    want: 'spec.parts: Invalid value: two parts at most',
  },
  'by its form and by a rule': {
    spec: {note: 'bad', ratio: 3},
    // A whole number meets a whole limit.
    want: '[spec.ratio: Invalid value: 3: spec.ratio in body should be less than or equal to 1, spec.note: Invalid value: "bad": note must not be bad]',
  },
  'more replicas than any controller can count': {
    spec: {replicas: 3e9, max: 4e9},
    want: '.spec.replicas: Invalid value: 3000000000: should be less than or equal to 2147483647',
  },
  'against a rule': {spec: {replicas: 11}, want: 'spec: Invalid value: replicas must not exceed max'},
};
for (const [title, {spec, want}] of Object.entries(invalid)) {
  test(`invalid: ${title}`, async t => {
    const namespace = await target.namespace();
    const answer = await target.call('POST', widgets(namespace), widget('a', spec));
    t.is(answer.status, 422);
    t.is(answer.body['reason'], 'Invalid');
    t.is(answer.body['message'], `Widget.contract.mesos.dev "a" is invalid: ${want}`);
    t.like(answer.body['details'], {name: 'a', group: 'contract.mesos.dev', kind: 'Widget'});
    t.is((await target.call('GET', widgets(namespace, 'a'))).status, 404);
  });
}

test('a transition rule compares with the old object', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a', {color: 'red'}));
  const answer = await target.call('PATCH', widgets(namespace, 'a'), {spec: {color: 'green'}}, MERGE);
  t.is(answer.status, 422);
  t.regex(String(answer.body['message']), /color is immutable/);
});

test('status and spec are written apart; only spec moves the generation', async t => {
  const namespace = await target.namespace();
  const made = await target.must('POST', widgets(namespace), {...widget('a'), status: {phase: 'early'}});
  t.is(made['status'], undefined);
  t.is(at(made, 'metadata', 'generation'), 1);
  const path = widgets(namespace, 'a');
  const ignored = await target.must('PATCH', path, {status: {phase: 'main'}, spec: {note: 'n'}}, MERGE);
  t.is(ignored['status'], undefined);
  t.is(at(ignored, 'metadata', 'generation'), 2);
  const both = {status: {phase: 'Running'}, spec: {note: 'other'}, metadata: {labels: {l: '1'}}};
  const reported = await target.must('PATCH', `${path}/status`, both, MERGE);
  t.deepEqual(reported['status'], {phase: 'Running'});
  t.is(at(reported, 'spec', 'note'), 'n');
  t.is(at(reported, 'metadata', 'labels'), undefined);
  t.is(at(reported, 'metadata', 'generation'), 2);
  const labelled = await target.must('PATCH', path, {metadata: {labels: {l: '2'}}}, MERGE);
  t.is(at(labelled, 'metadata', 'generation'), 2);
});

const statuses = {
  'negative replicas': {
    status: {replicas: -1},
    want: '.status.replicas: Invalid value: -1: should be a non-negative integer',
  },
  'a fraction of a replica, in words that leave out the status': {
    status: {replicas: 1.5},
    want: `[status.replicas: Invalid value: "number": replicas in body must be of type integer: "number", .status.replicas: Invalid value: 0: .status.replicas accessor error: 1.5 is of the type float64, expected int64, ${NOT_CHECKED}]`,
  },
  'a selector that is none': {
    status: {selector: 5},
    want: `[status.selector: Invalid value: "integer": selector in body must be of type string: "integer", .status.selector: Invalid value: "": .status.selector accessor error: 5 is of the type int64, expected string, ${NOT_CHECKED}]`,
  },
};
for (const [title, {status, want}] of Object.entries(statuses)) {
  test(`invalid status: ${title}`, async t => {
    const namespace = await target.namespace();
    await target.must('POST', widgets(namespace), widget('a'));
    const answer = await target.call('PATCH', `${widgets(namespace, 'a')}/status`, {status}, MERGE);
    t.is(answer.status, 422);
    t.is(answer.body['message'], `Widget.contract.mesos.dev "a" is invalid: ${want}`);
  });
}

test('a null is as good as nothing where none is allowed', async t => {
  const namespace = await target.namespace();
  const made = await target.must('POST', widgets(namespace), widget('a', {replicas: null, note: null, color: 'red'}));
  t.deepEqual(made['spec'], {replicas: 1, max: 10, color: 'red'});
});

test('scale shows and sets the replicas', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a', {replicas: 2}));
  const path = widgets(namespace, 'a');
  await target.must('PATCH', `${path}/status`, {status: {replicas: 1, selector: 'app=a'}}, MERGE);
  const scale = await target.must('GET', `${path}/scale`);
  t.is(scale['kind'], 'Scale');
  t.is(scale['apiVersion'], 'autoscaling/v1');
  t.deepEqual(scale['spec'], {replicas: 2});
  t.deepEqual(scale['status'], {replicas: 1, selector: 'app=a'});
  await target.must('PATCH', `${path}/scale`, {spec: {replicas: 5}}, MERGE);
  t.is(at(await target.must('GET', path), 'spec', 'replicas'), 5);
  const late = await target.call('PUT', `${path}/scale`, {...scale, spec: {replicas: 6}});
  t.is(late.status, 409);
  const beyond = await target.call('PATCH', `${path}/scale`, {spec: {replicas: 11}}, MERGE);
  t.is(beyond.status, 422);
  t.is(at(await target.must('GET', path), 'metadata', 'generation'), 2);
});

test('a Table has the printer columns', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a', {replicas: 2, color: 'red'}));
  const table = await target.must('GET', widgets(namespace), undefined, TABLE);
  t.is(table['kind'], 'Table');
  const columns = at(table, 'columnDefinitions');
  t.deepEqual(Array.isArray(columns) ? columns.map(each => [each.name, each.priority]) : columns, [
    ['Name', 0],
    ['Replicas', 0],
    ['Color', 1],
    ['Age', 0],
  ]);
  t.deepEqual(at(table, 'rows', 0, 'cells', 0), 'a');
  t.deepEqual(at(table, 'rows', 0, 'cells', 1), 2);
  t.regex(String(at(table, 'rows', 0, 'cells', 3)), /^\d+s$/);
  t.is(at(table, 'rows', 0, 'object', 'kind'), 'PartialObjectMetadata');
});

test('selectable fields select', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a', {color: 'red'}));
  await target.must('POST', widgets(namespace), widget('b', {color: 'green'}));
  t.deepEqual(namesOf(await target.must('GET', `${widgets(namespace)}?fieldSelector=spec.color%3Dgreen`)), ['b']);
  const other = await target.call('GET', `${widgets(namespace)}?fieldSelector=spec.note%3Dx`);
  t.is(other.status, 400);
  t.is(other.body['message'], 'field label not supported: spec.note');
});

test('an update needs a resourceVersion', async t => {
  const namespace = await target.namespace();
  await target.must('POST', widgets(namespace), widget('a'));
  const answer = await target.call('PUT', widgets(namespace, 'a'), widget('a'));
  t.is(answer.status, 422);
  t.regex(
    String(answer.body['message']),
    /metadata.resourceVersion: Invalid value: .*: must be specified for an update/,
  );
});

test('discovery lists the kind with its subresources, short names and categories', async t => {
  const list = await target.must('GET', '/apis/contract.mesos.dev/v1');
  t.is(list['groupVersion'], 'contract.mesos.dev/v1');
  const resources = at(list, 'resources');
  const names = Array.isArray(resources) ? resources.map(each => each.name) : [];
  t.deepEqual(names.toSorted(), ['widgets', 'widgets/scale', 'widgets/status']);
  const main = Array.isArray(resources) ? resources.find(each => each.name === 'widgets') : undefined;
  t.like(main, {kind: 'Widget', namespaced: true, singularName: 'widget', shortNames: ['wd'], categories: ['demo']});
  // A real server writes its documents some time after the definition came.
  await eventually('the document', async () => {
    // It calls this one plain text.
    const openapi: unknown = JSON.parse((await target.call('GET', '/openapi/v3')).text);
    return at(openapi, 'paths', 'apis/contract.mesos.dev/v1', 'serverRelativeURL');
  });
});
