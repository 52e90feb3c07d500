import test from 'ava';
import {decideRoles, type RoleObject} from '../../../../../../src/controller/mesos/objects/role-object.ts';
import {decideRole, type RoleFacts} from '../../../../../../src/controller/mesos/outbox/statuses/mesosrole/decide.ts';

const object = (name: string, role: string, rest: Partial<RoleObject> = {}): RoleObject => ({
  name,
  uid: `${name}-uid`,
  role,
  spec: {},
  status: undefined,
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  ...rest,
});

test('the oldest object speaks for its role, whatever the order of the list', t => {
  const younger = object('b', 'eng', {spec: {weight: 5}, createdAt: '2026-01-02T00:00:00Z'});
  const older = object('c', 'eng', {spec: {weight: 3}, generation: 7});
  for (const objects of [
    [younger, older],
    [older, younger],
  ]) {
    const {wishes, duplicates} = decideRoles(objects);
    t.deepEqual(wishes, [
      {role: 'eng', weight: 3, force: false, generation: 7, about: {kind: 'MesosRole', name: 'c', version: 'c-uid/7'}},
    ]);
    t.deepEqual([...duplicates], [['b', 'c']]);
  }
});

test('of one age the first by name speaks', t => {
  const {speakers} = decideRoles([object('b', 'eng'), object('a', 'eng')]);
  t.is(speakers.get('eng')?.name, 'a');
});

test('each role has its own wish, the oldest first', t => {
  const {wishes, duplicates} = decideRoles([object('b', 'eng/ads', {spec: {weight: 3}}), object('a', 'eng')]);
  t.deepEqual(
    wishes.map(({role, weight}) => [role, weight]),
    [
      ['eng', undefined],
      ['eng/ads', 3],
    ],
  );
  t.is(duplicates.size, 0);
});

const quotas = {
  'no guarantee and no limit is no quota': {spec: {}, want: undefined},
  'amounts are rounded to thousandths': {spec: {guarantee: {cpus: 1.00049}}, want: [[['cpus', 1]], []]},
  'a guarantee of nothing is none': {spec: {guarantee: {cpus: 0, mem: 5}}, want: [[['mem', 5]], []]},
  'a limit of nothing is one': {spec: {limit: {cpus: 0}}, want: [[], [['cpus', 0]]]},
};
for (const [title, {spec, want}] of Object.entries(quotas)) {
  test(`a wish: ${title}`, t => {
    const quota = decideRoles([object('a', 'a', {spec})]).wishes[0]?.quota;
    t.deepEqual(quota && [[...quota.guarantees], [...quota.limits]], want);
  });
}

test('what was in effect is read off the status, not off the spec', t => {
  const status = {weight: 2, guarantee: {cpus: 4}};
  const {inEffect} = decideRoles([object('a', 'a', {spec: {weight: 9, limit: {cpus: 1}}, status})]);
  const quota = {guarantees: new Map([['cpus', 4]]), limits: new Map()};
  t.deepEqual(inEffect, [
    {role: 'a', weight: 2, quota, about: {kind: 'MesosRoleStatus', name: 'a', version: 'a-uid/1'}},
  ]);
});

const facts: RoleFacts = {
  role: 'eng',
  generation: 1,
  weight: 1,
  guarantee: new Map(),
  limit: new Map(),
  consumption: new Map(),
  counted: new Map(),
  share: 1 / 3,
  frameworks: 2,
  allocated: new Map([['cpus', 3]]),
  tasks: undefined,
  problem: undefined,
};

test('a share has four digits', t => {
  t.is(decideRole(facts).fields.dominantShare, 0.3333);
});

test('headroom is what the guarantee lacks, offers counted; consumption leaves them out', t => {
  const {fields, ready} = decideRole({
    ...facts,
    guarantee: new Map([
      ['cpus', 10],
      ['mem', 100],
    ]),
    consumption: new Map([['cpus', 2]]),
    counted: new Map([
      ['cpus', 3.1],
      ['mem', 200],
    ]),
  });
  t.like(fields, {guarantee: {cpus: 10, mem: 100}, consumption: {cpus: 2}, headroom: {cpus: 6.9, mem: 0}});
  t.like(ready, {type: 'Ready', status: 'True', reason: 'InEffect'});
});

test('a problem is told with its reason', t => {
  const {ready} = decideRole({...facts, problem: {reason: 'Overcommitted', message: 'too much'}});
  t.deepEqual(ready, {type: 'Ready', status: 'False', reason: 'Overcommitted', message: 'too much'});
});
