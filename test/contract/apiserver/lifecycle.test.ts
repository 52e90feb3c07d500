import test from 'ava';
import {at, MERGE, Target, until, untilStatus, versionOf} from './target.ts';
import {installWidgets, widget, widgets} from './widgets.ts';

let target: Awaited<ReturnType<typeof Target.open>>;
test.before(async () => {
  target = await Target.open();
  await installWidgets(target);
});
test.after.always(() => target.stop());

const maps = (namespace: string, name = '') =>
  `/api/v1/namespaces/${namespace}/configmaps${name === '' ? '' : `/${name}`}`;

const ownerOf = (object: unknown, more: object = {}) => ({
  apiVersion: at(object, 'apiVersion'),
  kind: at(object, 'kind'),
  name: at(object, 'metadata', 'name'),
  uid: at(object, 'metadata', 'uid'),
  ...more,
});

test('a finalizer holds an object until it is taken off', async t => {
  const namespace = await target.namespace();
  const path = widgets(namespace, 'a');
  const made = await target.must('POST', widgets(namespace), widget('a', {}, {finalizers: ['mesos.dev/test']}));
  const pending = await target.must('DELETE', path);
  t.is(pending['kind'], 'Widget');
  t.truthy(at(pending, 'metadata', 'deletionTimestamp'));
  t.is(at(pending, 'metadata', 'deletionGracePeriodSeconds'), 0);
  t.is(at(pending, 'metadata', 'generation'), 2);
  const added = await target.call('PATCH', path, {metadata: {finalizers: ['mesos.dev/test', 'mesos.dev/more']}}, MERGE);
  t.is(added.status, 422);
  t.regex(
    String(added.body['message']),
    /metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted/,
  );
  const stream = await target.watch(`${widgets(namespace)}?watch=true&resourceVersion=${versionOf(made)}`);
  await target.must('PATCH', path, {metadata: {finalizers: null}}, MERGE);
  t.deepEqual(
    (await until(t, stream, event => event.type === 'DELETED')).map(event => event.type),
    ['MODIFIED', 'DELETED'],
  );
  stream.close();
  t.is((await target.call('GET', path)).status, 404);
});

test('dependents go after their owner', async t => {
  const namespace = await target.namespace();
  const owner = await target.must('POST', widgets(namespace), widget('owner'));
  await target.must('POST', maps(namespace), {metadata: {name: 'child', ownerReferences: [ownerOf(owner)]}});
  await target.must('DELETE', `${widgets(namespace, 'owner')}?propagationPolicy=Background`);
  await untilStatus(target, maps(namespace, 'child'), 404);
  t.pass();
});

test('a dependent with another owner stays, without the reference to the one that is gone', async t => {
  const namespace = await target.namespace();
  const gone = await target.must('POST', widgets(namespace), widget('gone'));
  const stays = await target.must('POST', widgets(namespace), widget('stays'));
  const ownerReferences = [ownerOf(gone), ownerOf(stays)];
  const child = await target.must('POST', maps(namespace), {metadata: {name: 'child', ownerReferences}});
  const stream = await target.watch(
    `${maps(namespace)}?watch=true&fieldSelector=metadata.name%3Dchild&resourceVersion=${versionOf(child)}`,
  );
  await target.must('DELETE', widgets(namespace, 'gone'));
  const [event] = await until(t, stream, () => true);
  t.is(event?.type, 'MODIFIED');
  t.deepEqual(at(event?.object, 'metadata', 'ownerReferences'), [ownerOf(stays)]);
  stream.close();
});

test('in a foreground deletion dependents go first', async t => {
  const namespace = await target.namespace();
  const owner = await target.must('POST', widgets(namespace), widget('owner'));
  const ownerReferences = [ownerOf(owner, {blockOwnerDeletion: true})];
  const finalizers = ['mesos.dev/test'];
  await target.must('POST', maps(namespace), {metadata: {name: 'child', ownerReferences, finalizers}});
  const pending = await target.must('DELETE', widgets(namespace, 'owner'), {propagationPolicy: 'Foreground'});
  t.deepEqual(at(pending, 'metadata', 'finalizers'), ['foregroundDeletion']);
  const stream = await target.watch(`${maps(namespace)}?watch=true&fieldSelector=metadata.name%3Dchild`);
  await until(t, stream, ({object}) => at(object, 'metadata', 'deletionTimestamp') !== undefined);
  stream.close();
  t.is((await target.call('GET', widgets(namespace, 'owner'))).status, 200);
  await target.must('PATCH', maps(namespace, 'child'), {metadata: {finalizers: null}}, MERGE);
  await untilStatus(target, widgets(namespace, 'owner'), 404);
});

test('orphans stay and forget their owner', async t => {
  const namespace = await target.namespace();
  const owner = await target.must('POST', widgets(namespace), widget('owner'));
  await target.must('POST', maps(namespace), {metadata: {name: 'child', ownerReferences: [ownerOf(owner)]}});
  await target.must('DELETE', `${widgets(namespace, 'owner')}?propagationPolicy=Orphan`);
  await untilStatus(target, widgets(namespace, 'owner'), 404);
  const child = await target.must('GET', maps(namespace, 'child'));
  t.is(at(child, 'metadata', 'ownerReferences'), undefined);
});

test('an object whose owner never was is collected', async t => {
  const namespace = await target.namespace();
  const ghost = {apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: '00000000-0000-4000-8000-000000000000'};
  await target.must('POST', maps(namespace), {metadata: {name: 'child', ownerReferences: [ghost]}});
  await untilStatus(target, maps(namespace, 'child'), 404);
  t.pass();
});

test('a namespace that is being deleted takes nothing new, and goes with its content', async t => {
  const namespace = await target.namespace();
  await target.must('POST', maps(namespace), {metadata: {name: 'a', finalizers: ['mesos.dev/test']}});
  await target.must('POST', widgets(namespace), widget('w'));
  await target.must('DELETE', `/api/v1/namespaces/${namespace}`);
  const late = await target.call('POST', maps(namespace), {metadata: {name: 'late'}});
  t.is(late.status, 403);
  t.is(late.body['reason'], 'Forbidden');
  t.regex(String(late.body['message']), /unable to create new content in namespace .* because it is being terminated/);
  await untilStatus(target, widgets(namespace, 'w'), 404);
  t.is(at(await target.must('GET', `/api/v1/namespaces/${namespace}`), 'status', 'phase'), 'Terminating');
  await target.must('PATCH', maps(namespace, 'a'), {metadata: {finalizers: null}}, MERGE);
  await untilStatus(target, `/api/v1/namespaces/${namespace}`, 404);
});

/** Where a scheduler runs, it must leave these alone. */
const pod = (name: string, spec: object = {}) => ({
  metadata: {name},
  spec: {schedulerName: 'nobody', containers: [{name: 'c', image: 'i:1', ports: [{containerPort: 80}]}], ...spec},
});
const pods = (namespace: string, name = '') => `/api/v1/namespaces/${namespace}/pods${name === '' ? '' : `/${name}`}`;

test('a pod gets its defaults', async t => {
  const namespace = await target.namespace();
  const {spec, status} = await target.must('POST', pods(namespace), {...pod('p'), status: {phase: 'Running'}});
  t.like(spec, {restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30});
  t.like(at(spec, 'containers', 0), {
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    ports: [{containerPort: 80, protocol: 'TCP'}],
  });
  t.is(at(status, 'phase'), 'Pending');
});

test('a pod without a node goes at once, one on a node when the node says so', async t => {
  const namespace = await target.namespace();
  await target.must('POST', pods(namespace), pod('free'));
  await target.must('DELETE', pods(namespace, 'free'));
  t.is((await target.call('GET', pods(namespace, 'free'))).status, 404);
  await target.must(
    'POST',
    pods(namespace),
    pod('bound', {nodeName: 'contract-node', terminationGracePeriodSeconds: 7}),
  );
  const pending = await target.must('DELETE', pods(namespace, 'bound'));
  t.is(at(pending, 'metadata', 'deletionGracePeriodSeconds'), 7);
  t.is((await target.call('GET', pods(namespace, 'bound'))).status, 200);
  await target.must('DELETE', pods(namespace, 'bound'), {gracePeriodSeconds: 0});
  t.is((await target.call('GET', pods(namespace, 'bound'))).status, 404);
});

test('a second deletion with less grace counts from the first one', async t => {
  const namespace = await target.namespace();
  await target.must('POST', pods(namespace), pod('p', {nodeName: 'contract-node'}));
  const first = await target.must('DELETE', pods(namespace, 'p'), {gracePeriodSeconds: 300});
  const graceful = Date.parse(String(at(first, 'metadata', 'deletionTimestamp')));
  const longer = await target.must('DELETE', pods(namespace, 'p'), {gracePeriodSeconds: 400});
  t.is(at(longer, 'metadata', 'deletionTimestamp'), at(first, 'metadata', 'deletionTimestamp'));
  // The clock moves on by more than a second, which the second deletion must not see.
  await new Promise(resolve => setTimeout(resolve, 1100));
  const second = await target.must('DELETE', pods(namespace, 'p'), {gracePeriodSeconds: 100});
  t.is(Date.parse(String(at(second, 'metadata', 'deletionTimestamp'))), graceful - 200_000);
  t.is(at(second, 'metadata', 'deletionGracePeriodSeconds'), 100);
  await target.must('DELETE', pods(namespace, 'p'), {gracePeriodSeconds: 0});
});

test('a pod is bound to a node once, and its spec then stays', async t => {
  const namespace = await target.namespace();
  await target.must('POST', pods(namespace), pod('p'));
  const binding = {apiVersion: 'v1', kind: 'Binding', metadata: {name: 'p'}, target: {kind: 'Node', name: 'n1'}};
  t.is((await target.call('POST', `${pods(namespace, 'p')}/binding`, binding)).status, 201);
  const bound = await target.must('GET', `${pods(namespace)}?fieldSelector=spec.nodeName%3Dn1`);
  t.is(at(bound, 'items', 0, 'metadata', 'name'), 'p');
  t.is((await target.call('POST', `${pods(namespace, 'p')}/binding`, binding)).status, 409);
  const moved = await target.call('PATCH', pods(namespace, 'p'), {spec: {nodeName: 'n2'}}, MERGE);
  t.is(moved.status, 422);
  t.regex(String(moved.body['message']), /spec: Forbidden: pod updates may not change fields other than/);
  await target.must('DELETE', pods(namespace, 'p'), {gracePeriodSeconds: 0});
});

test('an event is one object in both of its groups', async t => {
  const namespace = await target.namespace();
  const event = {
    metadata: {name: 'e'},
    involvedObject: {kind: 'Pod', namespace, name: 'p', uid: 'u'},
    reason: 'Tried',
    message: 'it was tried',
    type: 'Normal',
    count: 2,
    source: {component: 'contract'},
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
  };
  await target.must('POST', `/api/v1/namespaces/${namespace}/events`, event);
  const other = await target.must('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events/e`);
  t.is(other['apiVersion'], 'events.k8s.io/v1');
  t.is(other['note'], 'it was tried');
  t.is(at(other, 'regarding', 'name'), 'p');
  t.is(other['deprecatedCount'], 2);
  const query = encodeURIComponent('involvedObject.name=p,involvedObject.kind=Pod,type=Normal,reason=Tried');
  const found = await target.must('GET', `/api/v1/namespaces/${namespace}/events?fieldSelector=${query}`);
  t.is(at(found, 'items', 0, 'metadata', 'name'), 'e');
});

test('a definition that is deleted takes its objects along', async t => {
  const name = 'gadgets.contract.mesos.dev';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {name},
    spec: {
      group: 'contract.mesos.dev',
      scope: 'Cluster',
      names: {plural: 'gadgets', kind: 'Gadget'},
      versions: [{name: 'v1', served: true, storage: true, schema: {openAPIV3Schema: {type: 'object'}}}],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await target.must('POST', path, definition);
  await untilStatus(target, '/apis/contract.mesos.dev/v1/gadgets', 200);
  const established = await target.must('GET', `${path}/${name}`);
  t.deepEqual(at(established, 'status', 'storedVersions'), ['v1']);
  t.is(at(established, 'status', 'acceptedNames', 'singular'), 'gadget');
  const gadget = {apiVersion: 'contract.mesos.dev/v1', kind: 'Gadget', metadata: {name: 'g'}};
  await target.must('POST', '/apis/contract.mesos.dev/v1/gadgets', gadget);
  await target.must('DELETE', `${path}/${name}`);
  await untilStatus(target, `${path}/${name}`, 404);
  await untilStatus(target, '/apis/contract.mesos.dev/v1/gadgets', 404);
});
