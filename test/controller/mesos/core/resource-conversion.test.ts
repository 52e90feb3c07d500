import test from 'ava';
import type {Resource} from '../../../../src/api/mesos/v1/resources.ts';
import {resourcesFromWire, resourcesToWire} from '../../../../src/controller/mesos/core/resource-conversion.ts';

const cpus = (more: Partial<Resource> = {}): Resource => ({name: 'cpus', type: 'SCALAR', scalar: {value: 2}, ...more});
const disk = (more: Resource['disk']): Resource => ({name: 'disk', type: 'SCALAR', scalar: {value: 9}, disk: more});
const REFINED = {type: 'DYNAMIC' as const, role: 'a', principal: 'p', labels: {labels: [{key: 'k', value: 'v'}]}};

/** The same in both directions, in the form with stacks of reservations. */
const both: Record<string, Resource> = {
  'an amount': cpus(),
  ranges: {
    name: 'ports',
    type: 'RANGES',
    ranges: {
      range: [
        {begin: 1, end: 1},
        {begin: 5, end: 9},
      ],
    },
  },
  'a set': {name: 'zones', type: 'SET', set: {item: ['a', 'b']}},
  'what may be taken back': cpus({revocable: {}}),
  'what is shared': cpus({shared: {}}),
  'what a provider brings': cpus({provider_id: {value: 'P'}}),
  'a static reservation': cpus({reservations: [{type: 'STATIC', role: 'a'}]}),
  'reservations in a stack': cpus({
    reservations: [
      {type: 'STATIC', role: 'a'},
      {...REFINED, role: 'a/b'},
    ],
  }),
  'a volume': disk({persistence: {id: 'v', principal: 'p'}, volume: {container_path: 'd', mode: 'RW'}}),
  'a path': disk({source: {type: 'PATH', path: {root: '/p'}}}),
  'a mount': disk({source: {type: 'MOUNT', mount: {root: '/m'}}}),
  'a mount without a root': disk({source: {type: 'MOUNT', mount: {}}}),
  'a block device': disk({source: {type: 'BLOCK', id: 'i', vendor: 'v', profile: 'p'}}),
};
for (const [title, resource] of Object.entries(both)) {
  test(`there and back: ${title}`, t => {
    const held = resourcesFromWire([resource]);
    if (!held.ok) return t.fail(held.error);
    t.deepEqual(resourcesToWire(held.value, undefined, true), [resource]);
  });
}

const same: Record<string, readonly [Resource, Resource]> = {
  'no role is the role *': [cpus(), cpus({role: '*'})],
  'a role is a static reservation': [cpus({reservations: [{type: 'STATIC', role: 'a'}]}), cpus({role: 'a'})],
  'a role with a reservation is a dynamic one': [
    cpus({reservations: [REFINED]}),
    cpus({role: 'a', reservation: {principal: 'p', labels: REFINED.labels}}),
  ],
};
for (const [title, [refined, plain]] of Object.entries(same)) {
  test(`the older form: ${title}`, t => {
    const [a, b] = [resourcesFromWire([refined]), resourcesFromWire([plain])];
    if (!a.ok || !b.ok) return t.fail();
    t.true(a.value.equals(b.value));
    t.deepEqual(resourcesToWire(a.value, 'r', false), [{role: '*', ...plain, allocation_info: {role: 'r'}}]);
  });
}

const OLDER = {principal: 'p', labels: REFINED.labels};
const twice: Record<string, Resource> = {
  'a static reservation': cpus({role: 'a', reservations: [{type: 'STATIC', role: 'a'}]}),
  'a dynamic reservation': cpus({role: 'a', reservation: OLDER, reservations: [REFINED]}),
  'a dynamic reservation without labels': cpus({
    role: 'a',
    reservation: {principal: 'p'},
    reservations: [{type: 'DYNAMIC', role: 'a', principal: 'p'}],
  }),
};
for (const [title, resource] of Object.entries(twice)) {
  test(`both forms that say the same are one: ${title}`, t => {
    const [a, b] = [resourcesFromWire([resource]), resourcesFromWire([cpus({reservations: resource.reservations})])];
    t.true(a.ok && b.ok && a.value.equals(b.value));
  });
}

test('a source that nobody knows is none', t => {
  const held = resourcesFromWire([disk({source: {type: 'UNKNOWN'}})]);
  t.deepEqual(held.ok && held.value.list()[0]?.disk, {});
});

const wrong: Record<string, readonly [Resource, string]> = {
  'an amount below 0': [cpus({scalar: {value: -1}}), 'the amount must be 0 or more'],
  'an amount without end': [cpus({scalar: {value: Infinity}}), 'the amount must be 0 or more'],
  'no amount': [cpus({scalar: undefined}), 'a scalar must have only scalar'],
  'an amount with ranges': [cpus({ranges: {range: []}}), 'a scalar must have only scalar'],
  'an amount with a set': [cpus({set: {item: []}}), 'a scalar must have only scalar'],
  'a range that ends before it begins': [
    {
      name: 'ports',
      type: 'RANGES',
      ranges: {
        range: [
          {begin: 1, end: 2},
          {begin: 4, end: 3},
        ],
      },
    },
    'a range must not end before it begins',
  ],
  'ranges with an amount': [{name: 'p', type: 'RANGES', scalar: {value: 1}}, 'ranges must have only ranges'],
  'ranges with a set': [{name: 'p', type: 'RANGES', set: {item: []}}, 'ranges must have only ranges'],
  'a set with an item twice': [{name: 's', type: 'SET', set: {item: ['a', 'a']}}, 'a set must not repeat an item'],
  'a set with an amount': [{name: 's', type: 'SET', scalar: {value: 1}}, 'a set must have only set'],
  'a set with ranges': [{name: 's', type: 'SET', ranges: {range: []}}, 'a set must have only set'],
  text: [{name: 't', type: 'TEXT'}, 'a resource cannot be text'],
  'both forms, and a refinement': [
    cpus({role: 'a', reservations: [REFINED, {...REFINED, role: 'a/b'}]}),
    'either role and reservation or reservations, when it is refined',
  ],
  'a reservation of no role beside a stack': [
    cpus({reservation: {}, reservations: [REFINED]}),
    "role 'undefined' is not that of its reservations",
  ],
  'another role than that of its stack': [
    cpus({role: 'b', reservations: [REFINED]}),
    "role 'b' is not that of its reservations",
  ],
  'a role beside a dynamic reservation in a stack': [
    cpus({role: 'a', reservations: [REFINED]}),
    'role without reservation, where reservations has a dynamic one',
  ],
  'a reservation beside a static one in a stack': [
    cpus({role: 'a', reservation: {}, reservations: [{type: 'STATIC', role: 'a'}]}),
    'a static reservation has none besides',
  ],
  'a reservation of another principal than in its stack': [
    cpus({role: 'a', reservation: {principal: 'q', labels: REFINED.labels}, reservations: [REFINED]}),
    'reservation is not the one in reservations',
  ],
  'a reservation with other labels than in its stack': [
    cpus({role: 'a', reservation: {principal: 'p'}, reservations: [REFINED]}),
    'reservation is not the one in reservations',
  ],
  'a reservation without a role': [cpus({reservation: {}}), 'a reservation needs a role'],
  'a reservation for everybody': [cpus({role: '*', reservation: {}}), 'a reservation needs a role'],
};
for (const [title, [resource, why]] of Object.entries(wrong)) {
  test(`refused: ${title}`, t => {
    const read = resourcesFromWire([cpus(), resource]);
    t.deepEqual(read, {ok: false, error: `Invalid resource '${resource.name}': ${why}`});
  });
}

test('an amount of nothing is well-formed', t => {
  const read = resourcesFromWire([cpus({scalar: {value: 0}})]);
  t.true(read.ok && read.value.isEmpty);
});
