import test from 'ava';
import {configHash} from '../../../../../src/controller/marathon/core/apps/config-hash.ts';
import {podSelector, selectorName} from '../../../../../src/controller/marathon/core/apps/selector.ts';
import {app, normalise, spec} from '../fixtures.ts';

test('the defaults of an app', t => {
  const definition = app();
  t.like(definition, {instances: 1, role: '*', networkMode: 'host', minimumHealthCapacity: 1, maximumOverCapacity: 1});
  t.deepEqual(definition.backoff, {initialMs: 1000, factor: 1.15, maxMs: 300_000});
  t.deepEqual(definition.unreachable, {inactiveAfterMs: 0, expungeAfterMs: 0});
  t.deepEqual(definition.ports, [{name: 'default', protocol: 'tcp', labels: {}, servicePort: 0, hostPort: 'any'}]);
});

test('the default port of a bridge is on the host, of a container network it is not', t => {
  const container = {docker: {image: 'nginx'}};
  t.is(app({container, networks: [{mode: 'container/bridge'}]}).ports[0]?.hostPort, 'any');
  t.is(app({container, networks: [{mode: 'container', name: 'x'}]}).ports[0]?.hostPort, 'none');
});

const wrong = {
  'cmd and args': {args: ['a']},
  'an unknown operator': {constraints: [['hostname', 'NEAR']]},
  'a role that it does not have': {acceptedResourceRoles: ['dev']},
  'a limit below the request': {mem: 256, resourceLimits: {mem: 128}},
  'inactive later than expunged': {unreachableStrategy: {inactiveAfterSeconds: 9, expungeAfterSeconds: 3}},
  'port mappings on the host network': {container: {type: 'MESOS', portMappings: [{containerPort: 80}]}},
  'a persistent volume of no role': {
    container: {type: 'MESOS', volumes: [{containerPath: 'd', mode: 'RW', persistent: {size: 1}}]},
  },
};
for (const [title, fields] of Object.entries(wrong)) {
  test(`refused: ${title}`, t => {
    t.false(normalise(fields).ok);
  });
}

const strategies: Record<string, {fields: Record<string, unknown>; want: readonly [number, number]}> = {
  'an app': {fields: {}, want: [1, 1]},
  'an app with a strategy in part': {fields: {upgradeStrategy: {minimumHealthCapacity: 0.2}}, want: [0.2, 1]},
  'an app with an external volume': {
    fields: {container: {type: 'MESOS', volumes: [{containerPath: 'd', external: {name: 'data'}}]}},
    want: [0.5, 0],
  },
};
for (const [title, {fields, want}] of Object.entries(strategies)) {
  test(`the upgrade strategy of ${title}`, t => {
    const {minimumHealthCapacity, maximumOverCapacity} = app(fields);
    t.deepEqual([minimumHealthCapacity, maximumOverCapacity], want);
  });
}

const hash = (fields: Record<string, unknown>, restartedAt?: string) => configHash(spec(fields), restartedAt);
const same = {
  'the number of instances': {instances: 7},
  'a default that is written out': {backoffFactor: 1.15, upgradeStrategy: {minimumHealthCapacity: 1}},
};
for (const [title, fields] of Object.entries(same)) {
  test(`no new configuration: ${title}`, t => {
    t.is(hash(fields), hash({}));
  });
}
const other = {
  'the command': {cmd: 'true'},
  'a label': {labels: {a: 'b'}},
  'the order of args': {cmd: undefined, args: ['a', 'b']},
  'a default of a nested object': {healthChecks: [{protocol: 'TCP'}]},
  'the upgrade strategy': {upgradeStrategy: {minimumHealthCapacity: 0.5}},
};
for (const [title, fields] of Object.entries(other)) {
  test(`another configuration: ${title}`, t => {
    t.not(hash(fields), hash({}));
  });
}

test('a default that is not written down is no other configuration', t => {
  const full = spec({healthChecks: [{protocol: 'TCP'}]});
  const {backoffFactor: _factor, ...others} = full;
  t.is(configHash(others as typeof full, undefined), configHash(full, undefined));
  const [check] = full.healthChecks ?? [];
  if (check === undefined) return t.fail();
  const {intervalSeconds: _interval, ...plain} = check;
  t.is(configHash({...full, healthChecks: [plain as typeof check]}, undefined), configHash(full, undefined));
});

test('a name that is too long for a label value has a hash instead', t => {
  t.is(selectorName('x'.repeat(63)), 'x'.repeat(63));
  t.regex(selectorName('x'.repeat(64)), /^[0-9a-f]{40}$/);
  t.is(podSelector('web'), 'marathon.mesos.dev/name=web');
});

test('a strategy that is written down in part has defaults for the rest', t => {
  t.like(app({upgradeStrategy: {maximumOverCapacity: 0.5}}), {minimumHealthCapacity: 1, maximumOverCapacity: 0.5});
  t.like(app({upgradeStrategy: {minimumHealthCapacity: 0.5}}), {minimumHealthCapacity: 0.5, maximumOverCapacity: 1});
});

test('a restart request is another configuration', t => {
  t.not(hash({}, '2026-01-01T00:00:00.000Z'), hash({}));
});

test('the order of keys does not matter', t => {
  t.is(hash({env: {A: '1', B: '2'}}), hash({env: {B: '2', A: '1'}}));
});
