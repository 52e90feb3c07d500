import test, {type ExecutionContext} from 'ava';
import {MESOS_ROLES, type MesosRole} from '../../../../src/crds/mesos-role.ts';
import type {KubeObject} from '../../../../src/kube/types.ts';
import type {Kind} from '../../../../src/crds/kind.ts';
import {KINDS} from '../../../../src/crds/kinds.ts';
import {TestKube} from '../../../support/test-kube.ts';
import {call, frameworkInfo, subscribe} from '../../../support/scheduler-client.ts';
import {addAgent, getJson, NAMESPACE, testMaster} from '../../../support/test-master.ts';
import {VirtualClock} from '../../../support/virtual-clock.ts';

type Amounts = Readonly<Record<string, number>>;

/** A master with one agent of 4 cpus, of which 1 is reserved to `dev/ops`. */
async function master(t: ExecutionContext, argv: readonly string[] = [], kinds: readonly Kind[] = KINDS) {
  const clock = new VirtualClock();
  const kube = new TestKube({clock, kinds});
  if (!kinds.includes(MESOS_ROLES)) kube.define(MESOS_ROLES);
  await addAgent(kube.client, clock, 'a1', 'cpus:3;mem:8192;cpus(dev/ops):1');
  const running = await testMaster({client: kube.client, clock, argv});
  t.teardown(running.close);
  const spec = (name: string): MesosRole['spec'] | undefined =>
    kube.find(MESOS_ROLES, name)?.spec as MesosRole['spec'] | undefined;
  return {...running, kube, clock, spec};
}

const send = async (method: string, url: string, body?: unknown): Promise<number> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, {method, body: text, headers: {'Content-Type': 'application/json'}});
  await response.arrayBuffer();
  return response.status;
};
const operate = (url: string, body: unknown) => send('POST', `${url}/api/v1`, body);

const values = (amounts: Amounts = {}) =>
  Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, {value}]));
type Config = readonly [role: string, guarantees?: Amounts, limits?: Amounts];
const updateQuota = (configs: readonly Config[], force?: boolean) => ({
  type: 'UPDATE_QUOTA',
  update_quota: {
    force,
    quota_configs: configs.map(([role, guarantees, limits]) => ({
      role,
      guarantees: values(guarantees),
      limits: values(limits),
    })),
  },
});
const updateWeights = (...weight_infos: readonly unknown[]) => ({
  type: 'UPDATE_WEIGHTS',
  update_weights: {weight_infos},
});
const cpus = (value: number, more: object = {}) => ({name: 'cpus', type: 'SCALAR', scalar: {value}, ...more});
const setQuota = (role: string, guarantee: readonly unknown[], force?: boolean) => ({
  type: 'SET_QUOTA',
  set_quota: {quota_request: {role, guarantee, force}},
});

type Configs = {
  readonly configs?: readonly {readonly role: string; readonly guarantees?: object; readonly limits?: object}[];
};

test('UPDATE_QUOTA writes MesosRoles and answers when they are in effect', async t => {
  const {url, spec, kube} = await master(t);
  t.is(
    await operate(
      url,
      updateQuota([
        ['eng', {cpus: 2}, {cpus: 3, mem: 100}],
        ['ops', {cpus: 1}],
      ]),
    ),
    200,
  );
  t.deepEqual(spec('eng'), {role: 'eng', guarantee: {cpus: 2}, limit: {cpus: 3, mem: 100}});
  const status = kube.find(MESOS_ROLES, 'eng')?.status;
  t.like(status, {guarantee: {cpus: 2}, limit: {cpus: 3, mem: 100}, headroom: {cpus: 2}, observedGeneration: 1});
  t.deepEqual((await getJson<Configs>(`${url}/quota`)).configs, [
    {role: 'eng', guarantees: {cpus: {value: 2}}, limits: {cpus: {value: 3}, mem: {value: 100}}},
    {role: 'ops', guarantees: {cpus: {value: 1}}},
  ]);
});

test('a later UPDATE_QUOTA replaces all amounts, and one of nothing takes the quota away', async t => {
  const {url, spec} = await master(t);
  await operate(url, updateQuota([['eng', {cpus: 100}, {cpus: 100, mem: 100}]], true));
  t.like(spec('eng'), {force: true});
  await operate(url, updateQuota([['eng', {mem: 5}]]));
  t.deepEqual(spec('eng'), {role: 'eng', guarantee: {mem: 5}});
  t.is(await operate(url, updateQuota([['eng']])), 200);
  t.deepEqual(spec('eng'), {role: 'eng'});
  t.deepEqual(await getJson<Configs>(`${url}/quota`), {});
});

const refused: Record<string, {body: unknown; want: number}> = {
  'UPDATE_QUOTA without a body': {body: {type: 'UPDATE_QUOTA'}, want: 400},
  'quota on a nested role': {body: updateQuota([['a/b', {cpus: 1}]]), want: 400},
  'quota on no role': {body: updateQuota([['', {cpus: 1}]]), want: 400},
  'a guarantee above the limit': {body: updateQuota([['a', {cpus: 2}, {cpus: 1}]]), want: 400},
  'an amount below 0': {body: updateQuota([['a', {cpus: -1}]]), want: 400},
  'an infinite amount': {body: updateQuota([['a', undefined, {cpus: Number.POSITIVE_INFINITY}]]), want: 400},
  'a guarantee that the cluster cannot meet': {body: updateQuota([['a', {cpus: 4.001}]]), want: 400},
  'one wrong config among several': {
    body: updateQuota([
      ['a', {cpus: 1}],
      ['b/c', {cpus: 1}],
    ]),
    want: 400,
  },
  'guarantees that fit only one by one': {
    body: updateQuota([
      ['a', {cpus: 3}],
      ['b', {cpus: 3}],
    ]),
    want: 400,
  },
  'a limit below what is reserved': {body: updateQuota([['dev', undefined, {cpus: 0.5}]]), want: 400},
  'SET_QUOTA of nothing': {body: setQuota('a', []), want: 400},
  'SET_QUOTA of a reservation': {body: setQuota('a', [cpus(1, {role: 'b'})]), want: 400},
  'SET_QUOTA of ports': {body: setQuota('a', [{name: 'ports', type: 'RANGES', ranges: {range: []}}]), want: 400},
  'SET_QUOTA of one thing twice': {body: setQuota('a', [cpus(1), cpus(1)]), want: 400},
  'SET_QUOTA of what is revocable': {body: setQuota('a', [cpus(1, {revocable: {}})]), want: 400},
  'SET_QUOTA on a nested role': {body: setQuota('a/b', [cpus(1)]), want: 400},
  'SET_QUOTA above what the cluster has': {body: setQuota('a', [cpus(5)]), want: 409},
  'REMOVE_QUOTA where there is none': {body: {type: 'REMOVE_QUOTA', remove_quota: {role: 'a'}}, want: 400},
  'a weight of 0': {body: updateWeights({role: 'a', weight: 0}), want: 400},
  'a weight below 0': {body: updateWeights({role: 'b', weight: 1}, {role: 'a', weight: -1}), want: 400},
  'a weight without a role': {body: updateWeights({weight: 1}), want: 400},
  'a weight of a role that is none': {body: updateWeights({role: 'x y', weight: 1}), want: 400},
  'a role without a weight': {body: updateWeights({role: 'a'}), want: 400},
};
for (const [title, {body, want}] of Object.entries(refused)) {
  test(`${want}: ${title}; nothing is written`, async t => {
    const {url, kube} = await master(t);
    t.is(await operate(url, body), want);
    t.deepEqual(kube.objects(MESOS_ROLES), []);
  });
}

test('force skips what can be forced', async t => {
  const {url} = await master(t);
  t.is(
    await operate(
      url,
      updateQuota(
        [
          ['a', {cpus: 100}],
          ['dev', undefined, {cpus: 0}],
        ],
        true,
      ),
    ),
    200,
  );
  t.is(await operate(url, setQuota('b', [cpus(100)], true)), 200);
  t.is(await operate(url, updateQuota([['c', {cpus: 2}, {cpus: 1}]], true)), 400);
});

test('guarantees move from one role to another in one call', async t => {
  const {url} = await master(t);
  t.is(await operate(url, updateQuota([['a', {cpus: 4}]])), 200);
  t.is(await operate(url, updateQuota([['b', {cpus: 4}], ['a']])), 200);
  const {configs} = await getJson<Configs>(`${url}/quota`);
  t.deepEqual(
    configs?.map(({role}) => role),
    ['b'],
  );
});

test('calls that would overcommit together are judged one after the other', async t => {
  const {url} = await master(t);
  const calls = ['a', 'b', 'c'].map(role => operate(url, updateQuota([[role, {cpus: 3}]])));
  t.deepEqual((await Promise.all(calls)).sort(), [200, 400, 400]);
});

test('SET_QUOTA guarantees and limits, once; REMOVE_QUOTA ends it', async t => {
  const {url, spec} = await master(t);
  t.is(await operate(url, setQuota('a', [cpus(2)])), 200);
  t.deepEqual(spec('a'), {role: 'a', guarantee: {cpus: 2}, limit: {cpus: 2}});
  t.is(await operate(url, setQuota('a', [cpus(1)])), 400);
  t.is(await operate(url, {type: 'REMOVE_QUOTA', remove_quota: {role: 'a'}}), 200);
  t.deepEqual(await getJson<Configs>(`${url}/quota`), {});
});

test('the object that speaks for a role is the one that is written, whatever its name', async t => {
  const {url, kube, spec} = await master(t);
  const role = {metadata: {name: 'mine', namespace: NAMESPACE}, spec: {role: 'eng', weight: 2}};
  await kube.client.create(MESOS_ROLES, {apiVersion: 'mesos.dev/v1', kind: 'MesosRole', ...role});
  t.is(await operate(url, updateQuota([['eng', {cpus: 2}]])), 200);
  t.deepEqual(spec('mine'), {role: 'eng', weight: 2, guarantee: {cpus: 2}});
  t.is(kube.objects(MESOS_ROLES).length, 1);
});

const names: Record<string, {role: string; want: RegExp}> = {
  'of a plain role is the role': {role: 'eng', want: /^eng$/},
  'of a nested role has dots': {role: 'eng/ads', want: /^eng\.ads$/},
  'of the role of everybody is a hash': {role: '*', want: /^role-[0-9a-f]{16}$/},
  'of a role that no object can be called': {role: 'a_b', want: /^role-[0-9a-f]{16}$/},
};
for (const [title, {role, want}] of Object.entries(names)) {
  test(`the name of an object ${title}`, async t => {
    const {url, kube} = await master(t);
    t.is(await operate(url, updateWeights({role, weight: 2})), 200);
    t.deepEqual(
      kube.objects(MESOS_ROLES).map(({spec}) => spec),
      [{role, weight: 2}],
    );
    t.regex(kube.objects(MESOS_ROLES)[0]?.metadata.name ?? '', want);
  });
}

test('a name that another role has is not taken from it', async t => {
  const {url, spec, kube} = await master(t);
  await operate(url, updateWeights({role: 'a/b', weight: 2}));
  t.is(await operate(url, updateWeights({role: 'A/B', weight: 3})), 200);
  t.deepEqual(spec('a.b'), {role: 'a/b', weight: 2});
  t.is(kube.objects(MESOS_ROLES).length, 2);
});

test('what cannot be written is put back: all or nothing', async t => {
  const {url, kube, spec} = await master(t);
  await operate(url, updateQuota([['a', {cpus: 1}]]));
  kube.fault = ({verb, kind, name}) =>
    verb === 'create' && kind.plural === 'mesosroles' && name === 'b'
      ? {kind: 'http', status: 403, reason: 'Forbidden', message: 'no'}
      : undefined;
  t.is(
    await operate(
      url,
      updateQuota([
        ['a', {cpus: 2}],
        ['b', {cpus: 1}],
      ]),
    ),
    503,
  );
  t.deepEqual(spec('a')?.guarantee, {cpus: 1});
});

test('weights: PUT /weights, UPDATE_WEIGHTS, GET_WEIGHTS and GET /weights', async t => {
  const {url} = await master(t);
  t.is(await send('PUT', `${url}/weights`, [{role: 'a', weight: 3}]), 200);
  t.is(await operate(url, updateWeights({role: ' b ', weight: 0.5}, {role: 'a/b', weight: 1})), 200);
  t.deepEqual(await getJson(`${url}/weights`), [
    {role: 'a', weight: 3},
    {role: 'a/b', weight: 1},
    {role: 'b', weight: 0.5},
  ]);
});

test('quota in the words of the older pages', async t => {
  const {url} = await master(t);
  t.is(await send('POST', `${url}/master/quota`, {role: 'l', guarantee: [cpus(2)]}), 200);
  t.deepEqual(await getJson(`${url}/quota`), {
    infos: [{role: 'l', guarantee: [{name: 'cpus', type: 'SCALAR', scalar: {value: 2}}]}],
    configs: [{role: 'l', guarantees: {cpus: {value: 2}}, limits: {cpus: {value: 2}}}],
  });
  t.is(await send('POST', `${url}/quota`, {role: 'l', guarantee: [cpus(1)]}), 400);
  t.is(await send('POST', `${url}/quota`, {role: 'm', guarantee: [cpus(9)]}), 409);
  t.is(await send('DELETE', `${url}/quota/l`), 200);
  t.is(await send('DELETE', `${url}/quota/l`), 400);
});

const older: Record<string, {method: string; path: string; body?: unknown; want: number}> = {
  'POST /quota that is no JSON': {method: 'POST', path: '/quota', body: '{', want: 400},
  'POST /quota without a role': {method: 'POST', path: '/quota', body: {guarantee: [cpus(1)]}, want: 400},
  'DELETE /quota without a role': {method: 'DELETE', path: '/quota', want: 400},
  'PUT /quota': {method: 'PUT', path: '/quota', body: {}, want: 405},
  'PUT /weights that is no list': {method: 'PUT', path: '/weights', body: {role: 'a', weight: 3}, want: 400},
  'PUT /weights without a weight': {method: 'PUT', path: '/weights', body: [{role: 'a'}], want: 400},
  'PUT /weights below 0': {method: 'PUT', path: '/weights', body: [{role: 'a', weight: -3}], want: 400},
  'PUT /weights of nothing': {method: 'PUT', path: '/weights', body: [], want: 200},
  'POST /weights': {method: 'POST', path: '/weights', body: [], want: 405},
};
for (const [title, {method, path, body, want}] of Object.entries(older)) {
  test(`${title}: ${want}`, async t => {
    const {url} = await master(t);
    t.is(await send(method, url + path, body), want);
  });
}

type Roles = {readonly roles: readonly {readonly name: string; readonly quota: object; readonly reserved: object}[]};

test('/roles shows quota with what is consumed of it, reservations included', async t => {
  const {url} = await master(t);
  await operate(url, updateQuota([['dev', undefined, {cpus: 5}]]));
  const {roles} = await getJson<Roles>(`${url}/roles`);
  t.deepEqual(
    roles.map(({name, quota}) => [name, quota]),
    [
      ['dev', {role: 'dev', guarantee: {}, limit: {cpus: 5}, consumed: {cpus: 1}}],
      ['dev/ops', {role: 'dev/ops', guarantee: {}, limit: {}, consumed: {cpus: 1}}],
    ],
  );
  t.like(roles[0]?.reserved, {cpus: 1});
});

test('metrics have quota, and lose it with the quota', async t => {
  const {url, service} = await master(t);
  await operate(url, updateQuota([['dev', {cpus: 2}, {mem: 100}]]));
  const prefix = 'allocator/mesos/quota/roles/dev/resources';
  t.like(service.metrics.snapshot(), {
    [`${prefix}/cpus/guarantee`]: 2,
    [`${prefix}/cpus/offered_or_allocated`]: 0,
    [`${prefix}/cpus/consumed`]: 1,
    [`${prefix}/mem/limit`]: 100,
  });
  t.false(`${prefix}/mem/guarantee` in service.metrics.snapshot());
  await operate(url, updateQuota([['dev']]));
  t.false(`${prefix}/cpus/guarantee` in service.metrics.snapshot());
});

test('a role outside --roles gets no weight and no quota', async t => {
  const {url} = await master(t, ['--roles=a,b']);
  t.is(await operate(url, updateWeights({role: 'c', weight: 2})), 400);
  t.is(await operate(url, updateQuota([['c', {cpus: 1}]])), 400);
  t.is(await operate(url, updateQuota([['a', {cpus: 1}]])), 200);
  const {roles} = await getJson<Roles>(`${url}/roles`);
  t.deepEqual(
    roles.map(({name}) => name),
    ['a', 'b'],
  );
});

test('two teams over HTTP: each gets what its quota says, at its limit it is offered nothing', async t => {
  const {url, clock} = await master(t);
  await operate(
    url,
    updateQuota([
      ['a', undefined, {cpus: 1, mem: 1000}],
      ['b', {cpus: 2}],
    ]),
  );
  const a = await subscribe(url, frameworkInfo('fa', {roles: ['a']}));
  const [offer] = (await a.next('OFFERS')).offers.offers ?? [];
  const amount = (name: string) => offer?.resources?.find(resource => resource.name === name)?.scalar?.value;
  t.deepEqual([amount('cpus'), amount('mem')], [1, 1000]);
  const b = await subscribe(url, frameworkInfo('fb', {roles: ['b']}));
  const offers = await b.next('OFFERS');
  t.is(offers.offers.offers?.[0]?.resources?.find(({name}) => name === 'cpus')?.scalar?.value, 2);
  // `b` gives its part back; `a` has its limit on offer, so nobody else is asked again.
  const offerIds = offers.offers.offers?.map(({id}) => id) ?? [];
  t.is(await call(url, b, {type: 'DECLINE', decline: {offer_ids: offerIds, filters: {refuse_seconds: 3600}}}), 202);
  for (let second = 0; second < 5; second++) await clock.advanceAsync(1000);
  t.is(a.events.filter(({type}) => type === 'OFFERS').length, 1);
});

const object = (name: string, spec: object): KubeObject => ({
  apiVersion: 'mesos.dev/v1',
  kind: 'MesosRole',
  metadata: {name, namespace: NAMESPACE},
  spec,
});

test('a MesosRole that cannot be in effect says why, and changes nothing', async t => {
  const {kube, url, clock} = await master(t);
  await operate(url, updateQuota([['big', {cpus: 1}]]));
  await kube.client.patch(MESOS_ROLES, 'big', NAMESPACE, 'merge', {spec: {guarantee: {cpus: 100}, weight: 7}});
  await kube.client.create(MESOS_ROLES, object('nested', {role: 'x/y', limit: {cpus: 1}}));
  for (let i = 0; i < 5; i++) await clock.advanceAsync(1000);
  const ready = (name: string) =>
    (kube.find(MESOS_ROLES, name)?.status as MesosRole['status'])?.conditions?.find(({type}) => type === 'Ready');
  t.like(ready('big'), {status: 'False', reason: 'Overcommitted', observedGeneration: 2});
  t.like(kube.find(MESOS_ROLES, 'big')?.status, {guarantee: {cpus: 1}, weight: 1});
  t.like(ready('nested'), {status: 'False', reason: 'NestedRole'});
  await addAgent(kube.client, clock, 'a2', 'cpus:96');
  for (let i = 0; i < 10; i++) await clock.advanceAsync(1000);
  t.like(ready('big'), {status: 'True'});
  t.like(kube.find(MESOS_ROLES, 'big')?.status, {guarantee: {cpus: 100}, weight: 7});
});

test('a deleted MesosRole takes its quota and weight with it', async t => {
  const {kube, url, clock} = await master(t);
  await operate(url, updateQuota([['eng', {cpus: 1}]]));
  await operate(url, updateWeights({role: 'eng', weight: 2}));
  await kube.client.delete(MESOS_ROLES, 'eng', NAMESPACE);
  await clock.advanceAsync(1000);
  t.deepEqual(await getJson<Configs>(`${url}/quota`), {});
  t.deepEqual(await getJson(`${url}/weights`), []);
});

test('what does not take effect in time is refused with 503 and put back', async t => {
  const {kube, url, clock, spec} = await master(t);
  kube.fault = ({verb, kind, subresource}) =>
    verb === 'patch' && kind.plural === 'mesosroles' && subresource === 'status'
      ? {kind: 'http', status: 500, reason: 'InternalError', message: 'no'}
      : undefined;
  const answer = operate(url, updateWeights({role: 'a', weight: 2}));
  let status = 0;
  void answer.then(given => {
    status = given;
  });
  // The request has to come over a socket first.
  while (status === 0) await clock.advanceAsync(1000);
  t.is(status, 503);
  t.is(spec('a'), undefined);
});

test('a later leader has quota and weights from its first moment', async t => {
  const {kube, url, clock, close} = await master(t);
  await operate(url, updateQuota([['a', {cpus: 1}]]));
  await operate(url, updateWeights({role: 'b', weight: 2}));
  await addAgent(kube.client, clock, 'a2', 'cpus:4');
  for (let i = 0; i < 5; i++) await clock.advanceAsync(1000);
  await close();
  await clock.advanceAsync(3000);
  const next = await testMaster({client: kube.client, clock});
  t.teardown(next.close);
  const stream = await subscribe(next.url, frameworkInfo('f', {roles: ['b']}));
  await stream.next('SUBSCRIBED');
  t.deepEqual(
    (await getJson<Configs>(`${next.url}/quota`)).configs?.map(({role}) => role),
    ['a'],
  );
  t.deepEqual(await getJson(`${next.url}/weights`), [{role: 'b', weight: 2}]);
  const offers = await stream.next('OFFERS');
  t.is(offers.offers.offers?.length, 2);
});

test('a MesosRole whose form is wrong says so; what was in effect stays', async t => {
  // As under a definition that another version left: it lets the wrong object in.
  const others = KINDS.filter(kind => kind !== MESOS_ROLES);
  const {kube, url, clock} = await master(t, [], others);
  await operate(url, updateQuota([['eng', {cpus: 1}]]));
  kube.patch(MESOS_ROLES, 'eng', {spec: {guarantee: {cpus: 'many'}}});
  for (let i = 0; i < 3; i++) await clock.advanceAsync(1000);
  t.regex(JSON.stringify(kube.find(MESOS_ROLES, 'eng')?.status), /"False".*"InvalidSpec".*spec.guarantee.cpus/);
  t.deepEqual((await getJson<Configs>(`${url}/quota`)).configs, [{role: 'eng', guarantees: {cpus: {value: 1}}}]);
});
