import test from 'ava';
import {at, type CallOptions, namesOf, Target, versionOf} from './target.ts';

let target: Awaited<ReturnType<typeof Target.open>>;
test.before(async () => {
  target = await Target.open();
});
test.after.always(() => target.stop());

const maps = (namespace: string, name = '') =>
  `/api/v1/namespaces/${namespace}/configmaps${name === '' ? '' : `/${name}`}`;
const map = (name: string, data: object = {}) => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name}, data});

test('a created object has what the server gives it, and is found by get and list', async t => {
  const namespace = await target.namespace();
  const created = await target.call('POST', maps(namespace), map('a', {k: 'v'}));
  t.is(created.status, 201);
  const {metadata, data} = created.body;
  t.is(at(metadata, 'namespace'), namespace);
  t.regex(String(at(metadata, 'uid')), /^[0-9a-f-]{36}$/);
  t.regex(String(at(metadata, 'resourceVersion')), /^\d+$/);
  t.regex(String(at(metadata, 'creationTimestamp')), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.deepEqual(data, {k: 'v'});
  t.deepEqual(await target.must('GET', maps(namespace, 'a')), created.body);
  const list = await target.must('GET', maps(namespace));
  t.is(list['kind'], 'ConfigMapList');
  t.true(namesOf(list).includes('a'));
});

test('empty lists and maps of the metadata are left out', async t => {
  const namespace = await target.namespace();
  const empty = {labels: {}, annotations: {}, finalizers: [], ownerReferences: []};
  const made = await target.must('POST', maps(namespace), {metadata: {name: 'bare', ...empty}});
  for (const name of Object.keys(empty)) t.is(at(made, 'metadata', name), undefined, name);
});

test('generateName makes different names from one base', async t => {
  const namespace = await target.namespace();
  const names = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const made = await target.must('POST', maps(namespace), {metadata: {generateName: 'base-'}});
    names.add(String(at(made, 'metadata', 'name')));
  }
  t.is(names.size, 5);
  for (const name of names) t.regex(name, /^base-[a-z0-9]{5}$/);
});

test('an update with an old resourceVersion conflicts and changes nothing', async t => {
  const namespace = await target.namespace();
  const first = await target.must('POST', maps(namespace), map('a', {n: '1'}));
  const second = await target.must('PUT', maps(namespace, 'a'), {...first, data: {n: '2'}});
  t.true(Number(versionOf(second)) > Number(versionOf(first)));
  const late = await target.call('PUT', maps(namespace, 'a'), {...first, data: {n: '3'}});
  t.is(late.status, 409);
  t.like(late.body, {
    kind: 'Status',
    status: 'Failure',
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    details: {name: 'a', kind: 'configmaps'},
    code: 409,
  });
  t.deepEqual(at(await target.must('GET', maps(namespace, 'a')), 'data'), {n: '2'});
});

test('an update that changes nothing keeps the resourceVersion', async t => {
  const namespace = await target.namespace();
  const first = await target.must('POST', maps(namespace), map('a', {n: '1'}));
  const again = await target.must('PUT', maps(namespace, 'a'), first);
  t.is(versionOf(again), versionOf(first));
});

test('a deletion answers with a Status that names what is gone', async t => {
  const namespace = await target.namespace();
  const made = await target.must('POST', maps(namespace), map('a'));
  const wrong = await target.call('DELETE', maps(namespace, 'a'), {preconditions: {uid: 'other'}});
  t.is(wrong.status, 409);
  const gone = await target.must('DELETE', maps(namespace, 'a'));
  t.like(gone, {kind: 'Status', status: 'Success'});
  t.deepEqual(gone['details'], {name: 'a', kind: 'configmaps', uid: at(made, 'metadata', 'uid')});
  t.is((await target.call('GET', maps(namespace, 'a'))).status, 404);
});

test('deletecollection deletes what its selector matches', async t => {
  const namespace = await target.namespace();
  for (const name of ['a', 'b', 'c']) {
    const labels = {odd: name === 'b' ? 'no' : 'yes'};
    await target.must('POST', maps(namespace), {metadata: {name, labels}});
  }
  await target.must('DELETE', `${maps(namespace)}?labelSelector=odd%3Dyes`);
  const left = await target.must('GET', `${maps(namespace)}?labelSelector=odd`);
  t.deepEqual(namesOf(left), ['b']);
});

type Refusal = CallOptions & {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly want: readonly [status: number, reason: string, message: string | RegExp];
};

const refusals: Readonly<Record<string, Refusal>> = {
  'no such object': {method: 'GET', path: 'configmaps/none', want: [404, 'NotFound', 'configmaps "none" not found']},
  'no such resource': {
    method: 'GET',
    path: 'nonsense',
    want: [404, 'NotFound', 'the server could not find the requested resource'],
  },
  'a name that is no name': {
    method: 'POST',
    path: 'configmaps',
    body: map('UPPER'),
    want: [
      422,
      'Invalid',
      /^ConfigMap "UPPER" is invalid: metadata.name: Invalid value: "UPPER": a lowercase RFC 1123/,
    ],
  },
  'no name at all': {
    method: 'POST',
    path: 'configmaps',
    body: {metadata: {}},
    want: [422, 'Invalid', /metadata.name: Required value: name or generateName is required/],
  },
  'a body of another namespace': {
    method: 'POST',
    path: 'configmaps',
    body: {metadata: {name: 'a', namespace: 'other'}},
    want: [400, 'BadRequest', /namespace of the provided object does not match the namespace sent on the request/],
  },
  'a body of another kind': {
    method: 'POST',
    path: 'configmaps',
    body: {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'a'}},
    want: [400, 'BadRequest', /Secret in version "v1" cannot be handled as a ConfigMap/],
  },
  'a body that is no JSON': {method: 'POST', path: 'configmaps', raw: '{', want: [400, 'BadRequest', /./]},
  'a media type that nobody reads': {
    method: 'POST',
    path: 'configmaps',
    raw: 'x',
    contentType: 'text/plain',
    want: [415, 'UnsupportedMediaType', /./],
  },
  'a method that the resource has not': {
    method: 'POST',
    path: 'configmaps/a',
    body: map('a'),
    want: [405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  },
  'an answer that nobody writes': {
    method: 'GET',
    path: 'configmaps',
    accept: 'text/csv',
    want: [
      406,
      'NotAcceptable',
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    ],
  },
};
for (const [title, {method, path, body, want, ...options}] of Object.entries(refusals)) {
  test(`refused: ${title}`, async t => {
    const namespace = await target.namespace();
    const answer = await target.call(method, `/api/v1/namespaces/${namespace}/${path}`, body, options);
    const [status, reason, message] = want;
    t.is(answer.status, status);
    t.is(answer.body['kind'], 'Status');
    t.is(answer.body['status'], 'Failure');
    t.is(answer.body['reason'], reason);
    t.is(answer.body['code'], status);
    if (message instanceof RegExp) t.regex(String(answer.body['message']), message);
    else t.is(answer.body['message'], message);
  });
}

test('a name that is taken is refused with AlreadyExists', async t => {
  const namespace = await target.namespace();
  await target.must('POST', maps(namespace), map('a'));
  const again = await target.call('POST', maps(namespace), map('a'));
  t.is(again.status, 409);
  t.like(again.body, {reason: 'AlreadyExists', message: 'configmaps "a" already exists'});
});

test('a namespace that is not there is named', async t => {
  const answer = await target.call('POST', maps('nowhere'), map('a'));
  t.is(answer.status, 404);
  t.is(answer.body['message'], 'namespaces "nowhere" not found');
});

test('YAML is read and written', async t => {
  const namespace = await target.namespace();
  const raw = 'metadata:\n  name: a\ndata:\n  k: v\n';
  const made = await target.call('POST', maps(namespace), undefined, {raw, contentType: 'application/yaml'});
  t.is(made.status, 201);
  const read = await target.call('GET', maps(namespace, 'a'), undefined, {accept: 'application/yaml'});
  t.regex(read.text, /^data:\n {2}k: v$/m);
});

test('stringData of a secret ends up in data', async t => {
  const namespace = await target.namespace();
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const made = await target.must('POST', path, {metadata: {name: 's'}, stringData: {k: 'v'}});
  t.deepEqual(made['data'], {k: 'dg=='});
  t.is(made['type'], 'Opaque');
  t.is(made['stringData'], undefined);
});

test('dry run validates and answers, and stores nothing', async t => {
  const namespace = await target.namespace();
  const made = await target.call('POST', `${maps(namespace)}?dryRun=All`, map('a'));
  t.is(made.status, 201);
  t.is((await target.call('GET', maps(namespace, 'a'))).status, 404);
  await target.must('POST', maps(namespace), map('a', {n: '1'}));
  await target.must('PUT', `${maps(namespace, 'a')}?dryRun=All`, map('a', {n: '2'}));
  await target.must('DELETE', `${maps(namespace, 'a')}?dryRun=All`);
  t.deepEqual(at(await target.must('GET', maps(namespace, 'a')), 'data'), {n: '1'});
  const wrong = await target.call('POST', `${maps(namespace)}?dryRun=Some`, map('b'));
  t.is(wrong.status, 422);
});

test('a lease is created by an update, and only updated at a known version', async t => {
  const namespace = await target.namespace();
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/l`;
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {name: 'l'},
    spec: {holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z'},
  };
  const made = await target.call('PUT', path, lease);
  t.is(made.status, 201);
  t.is((await target.call('PUT', path, lease)).status, 422);
  const taken = await target.call('PUT', path, {...made.body, spec: {holderIdentity: 'b'}});
  t.is(taken.status, 200);
  t.is((await target.call('PUT', path, {...made.body, spec: {holderIdentity: 'c'}})).status, 409);
});
