import test from 'ava';
import type {OperatorCall} from '../../../../../src/api/mesos/v1/operator.ts';
import type {Resource} from '../../../../../src/api/mesos/v1/resources.ts';
import {isRoleCall, readRoleCall, type RoleCall} from '../../../../../src/controller/mesos/core/roles/role-calls.ts';
import {roleQuota} from '../../../../../src/controller/mesos/core/roles/quota.ts';
import {agentRecord, cpusAndMem, launchOf, task, World} from '../world.ts';

const cpus = (value: number) => ({cpus: {value}});
const resource = (name: string, value: number, more: Partial<Resource> = {}): Resource => ({
  name,
  type: 'SCALAR',
  scalar: {value},
  ...more,
});
const weights = (...weight_infos: {role?: string; weight: number}[]): RoleCall => ({
  type: 'UPDATE_WEIGHTS',
  update_weights: {weight_infos},
});
const update = (role: string, guarantee: number, limit?: number, force?: boolean): RoleCall => ({
  type: 'UPDATE_QUOTA',
  update_quota: {
    ...(force !== undefined && {force}),
    quota_configs: [{role, guarantees: cpus(guarantee), ...(limit !== undefined && {limits: cpus(limit)})}],
  },
});
const set = (role: string, guarantee: readonly Resource[], force?: boolean): RoleCall => ({
  type: 'SET_QUOTA',
  set_quota: {quota_request: {role, guarantee, ...(force !== undefined && {force})}},
});
const remove = (role: string): RoleCall => ({type: 'REMOVE_QUOTA', remove_quota: {role}});

/** Four cores; `busy` uses three of them; `old` is guaranteed one. */
function cluster(): World {
  const world = new World();
  world.addAgent(agentRecord(0, 'cpus:4;mem:1000'));
  const stream = world.subscribe({role: 'busy'});
  world.allocate();
  world.accept('M-0000', world.takeOffers(stream), [launchOf(task('t', 'S0', {resources: cpusAndMem(3, 10)}))], 1e6);
  world.wish({role: 'old', quota: roleQuota(new Map([['cpus', 1]]), new Map())});
  return world;
}
const read = (call: RoleCall) => readRoleCall(cluster().master, call);

/** Roles with what changes about them, amounts of cpus only. */
function edits(call: RoleCall) {
  const answer = read(call);
  if (!answer.ok) return answer.error.message;
  return answer.value.map(({role, weight, quota}) =>
    quota === undefined
      ? [role, weight]
      : [role, quota.guarantees.get('cpus'), quota.limits.get('cpus'), ...(quota.force ? ['force'] : [])],
  );
}

const done: Record<string, {call: RoleCall; want: unknown}> = {
  'weights, names without spaces around them': {call: weights({role: ' a ', weight: 2.5}), want: [['a', 2.5]]},
  'of several weights for one role the last': {
    call: weights({role: 'a', weight: 2}, {role: 'b', weight: 1}, {role: 'a', weight: 3}),
    want: [
      ['a', 3],
      ['b', 1],
    ],
  },
  'the least weight': {call: weights({role: 'a', weight: 0.000001}), want: [['a', 0.000001]]},
  'a guarantee and a limit': {call: update('a', 1, 2), want: [['a', 1, 2]]},
  'all that the cluster has left': {call: update('a', 3), want: [['a', 3, undefined]]},
  'more than the cluster has, by force': {call: update('a', 9, undefined, true), want: [['a', 9, undefined, 'force']]},
  'a limit at what is used': {call: update('busy', 0, 3), want: [['busy', undefined, 3]]},
  'a limit below what is used, by force': {call: update('busy', 0, 2, true), want: [['busy', undefined, 2, 'force']]},
  'no quota any more, which needs no force': {
    call: update('old', 0, undefined, true),
    want: [['old', undefined, undefined]],
  },
  'the older call: the guarantee is the limit': {call: set('a', [resource('cpus', 1)]), want: [['a', 1, 1]]},
  'the older call by force': {call: set('a', [resource('cpus', 9)], true), want: [['a', 9, 9, 'force']]},
  'the end of a quota': {call: remove('old'), want: [['old', undefined, undefined]]},
};
for (const [title, {call, want}] of Object.entries(done)) {
  test(`asked for: ${title}`, t => t.deepEqual(edits(call), want));
}

const refused: Record<string, readonly [RoleCall, number, RegExp]> = {
  'a weight of a role with a bad name': [weights({role: 'a b', weight: 1}), 400, /^Invalid role 'a b'/],
  'a weight without a role': [weights({weight: 1}), 400, /^Invalid role ''/],
  'a weight of 0': [weights({role: 'a', weight: 0}), 400, /^Invalid weight '0' of role 'a'/],
  'a weight below the least': [weights({role: 'a', weight: 0.0000009}), 400, /^Invalid weight/],
  'a weight that is no number': [weights({role: 'a', weight: NaN}), 400, /^Invalid weight/],
  'a weight without end': [weights({role: 'a', weight: Infinity}), 400, /^Invalid weight/],
  'one bad weight of several': [weights({role: 'a', weight: 1}, {role: 'b', weight: -1}), 400, /role 'b'/],
  'more guarantees than the cluster has': [
    update('a', 3.001),
    400,
    /^Invalid QuotaConfig: .*; 'force' skips this check$/,
  ],
  'a limit below what is used': [
    update('busy', 0, 2),
    400,
    /^Invalid QuotaConfig: Role 'busy' consumes cpus:3 already/,
  ],
  'a quota of a nested role, by force too': [
    update('a/b', 1, undefined, true),
    400,
    /^Invalid QuotaConfig: Quota on the nested/,
  ],
  'a guarantee above its limit': [update('a', 2, 1), 400, /^Invalid QuotaConfig: The guarantee/],
  'an empty guarantee': [set('a', []), 400, /the guarantee is empty$/],
  'a guarantee of what is no amount': [set('a', [{name: 'ports', type: 'RANGES'}]), 400, /'ports' is no scalar$/],
  'a guarantee of what is reserved': [set('a', [resource('cpus', 1, {role: 'b'})]), 400, /'cpus' is reserved$/],
  'a guarantee of what has a reservation': [set('a', [resource('cpus', 1, {reservation: {}})]), 400, /is reserved$/],
  'a guarantee of what has a stack of reservations': [
    set('a', [resource('cpus', 1, {reservations: [{type: 'STATIC', role: 'b'}]})]),
    400,
    /is reserved$/,
  ],
  'a guarantee of what may be taken back': [set('a', [resource('cpus', 1, {revocable: {}})]), 400, /is revocable$/],
  'a guarantee of a volume': [set('a', [resource('disk', 1, {disk: {}})]), 400, /has disk information$/],
  'a guarantee that is given twice': [set('a', [resource('cpus', 1), resource('cpus', 1)]), 400, /is given twice$/],
  'a second quota by the older call': [set('old', [resource('cpus', 1)]), 400, /role 'old' has a quota already$/],
  'the older call below what is used': [
    set('busy', [resource('cpus', 1)]),
    400,
    /^Invalid quota request: Role 'busy' consumes/,
  ],
  'the older call beyond the cluster': [set('a', [resource('cpus', 4)]), 409, /'force' skips this check$/],
  'the end of a quota that there is not': [remove('a'), 400, /^Role 'a' has no quota$/],
};
for (const [title, [call, status, message]] of Object.entries(refused)) {
  test(`refused: ${title}`, t => {
    const answer = read(call);
    if (answer.ok) return t.fail();
    t.is(answer.error.status, status);
    t.regex(answer.error.message, message);
  });
}

test('calls about roles are known as such', t => {
  t.true(isRoleCall(remove('a')));
  t.false(isRoleCall({type: 'GET_ROLES'} as OperatorCall));
});
