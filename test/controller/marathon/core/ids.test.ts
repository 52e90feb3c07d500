import test from 'ava';
import {
  appIdFromName,
  discoveryName,
  groupAround,
  newInstanceId,
  objectNameOf,
  parseTaskId,
  taskIdOf,
  toAppId,
  uuid,
} from '../../../../src/controller/marathon/core/ids.ts';
import {seededRandom} from '../simulation.ts';

test('an instance id has the path and a UUID', t => {
  const id = newInstanceId(toAppId('/prod/web'), seededRandom(1));
  t.regex(id, /^prod_web[.]instance-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('a task id names its instance and incarnation', t => {
  const instance = newInstanceId(toAppId('/prod/web'), seededRandom(1));
  t.deepEqual(parseTaskId(taskIdOf(instance, 3)), {instanceId: instance, incarnation: 3});
});

for (const foreign of ['prod_web.marathon-1', 'x', '', 'a.instance-b._app.1']) {
  test(`"${foreign}" is not a task id of ours`, t => {
    t.is(parseTaskId(foreign), undefined);
  });
}

test('the discovery name is the reversed path', t => {
  t.is(discoveryName(toAppId('/a/b/c')), 'c.b.a');
});

const names = {'/basic1': 'basic1', '/prod/web': 'prod.web'};
for (const [id, name] of Object.entries(names)) {
  test(`${id} is kept in ${name}, and back`, t => {
    t.is(objectNameOf(toAppId(id)), name);
    t.is(appIdFromName(name), toAppId(id));
  });
}

test('a long path gets a name that Kubernetes takes', t => {
  const long = (last: string): string => objectNameOf(toAppId(`/${'abc-'.repeat(70)}x/${last}`));
  t.regex(long('a'), /^[a-z0-9][a-z0-9.-]{200,243}-[0-9a-f]{8}$/);
  t.true(long('a').length <= 244);
  t.not(long('a'), long('b'));
});

test('a segment with a dot gets a name of its own', t => {
  t.regex(objectNameOf(toAppId('/prod.web')), /^prod[.]web-[0-9a-f]{8}$/);
});

const around: Record<string, {ids: readonly string[]; want: string}> = {
  'nothing is in the root': {ids: [], want: '/'},
  'an app of the root is in the root': {ids: ['/a'], want: '/'},
  'an app is in its innermost group': {ids: ['/a/b/c'], want: '/a/b'},
  'several apps are in the root, whatever they share': {ids: ['/a/b', '/a/c'], want: '/'},
};
for (const [title, {ids, want}] of Object.entries(around)) {
  test(title, t => void t.is(groupAround(ids.map(toAppId)), want));
}

test('a UUID says that it is random, whatever chance says', t => {
  t.is(
    uuid(() => 0),
    '00000000-0000-4000-8000-000000000000',
  );
  t.is(
    uuid(() => 0.999),
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  );
});
