import test from 'ava';
import type {Offer} from '../../../../../src/api/mesos/v1/common.ts';
import type {Resource} from '../../../../../src/api/mesos/v1/resources.ts';
import {
  available,
  availablePorts,
  hasResourcesFor,
  offerPool,
  takePorts,
  takeScalar,
  toMilli,
} from '../../../../../src/controller/marathon/core/offers/offer-pool.ts';

const cpus = (value: number, more: Partial<Resource> = {}): Resource => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: {value},
  ...more,
});
const ports = (...ranges: readonly (readonly [number, number])[]): Resource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: {range: ranges.map(([begin, end]) => ({begin, end}))},
});
const reserved = (role: string): Partial<Resource> => ({reservations: [{type: 'STATIC', role}]});

const offer = (resources: Resource[], more: Partial<Offer> = {}): Offer => ({
  id: {value: 'O1'},
  framework_id: {value: 'F'},
  agent_id: {value: 'A'},
  hostname: 'a',
  allocation_info: {role: 'dev'},
  resources,
  ...more,
});
const pool = (...resources: Resource[]) => offerPool(offer(resources));
const ANY = ['*', 'dev'];

const roleRows = {
  'the offer says its role': {offer: offer([cpus(1)]), want: 'dev'},
  'an older master says the role with each resource': {
    offer: offer([cpus(1, {allocation_info: {role: 'ops'}})], {allocation_info: undefined}),
    want: 'ops',
  },
  'an offer without any role is for the default one': {
    offer: offer([cpus(1)], {allocation_info: undefined}),
    want: '*',
  },
  'an offer of nothing is for the default role': {
    offer: offer([], {allocation_info: undefined, resources: undefined}),
    want: '*',
  },
};
for (const [title, row] of Object.entries(roleRows)) test(title, t => void t.is(offerPool(row.offer).role, row.want));

const plainRows = {
  'a plain resource may be used': {resource: cpus(2), want: 2000},
  'a revocable resource is for those who ask for it': {resource: cpus(2, {revocable: {}}), want: 0},
  'a shared resource is for those who ask for it': {resource: cpus(2, {shared: {}}), want: 0},
  'a persistent volume is for its owner': {
    resource: cpus(2, {disk: {persistence: {id: 'v'}}}),
    want: 0,
  },
  'a disk of its own is for those who ask for it': {
    resource: cpus(2, {disk: {source: {type: 'MOUNT'}}}),
    want: 0,
  },
  'a reservation of the role may be used': {resource: cpus(2, reserved('dev')), want: 2000},
  'a reservation of another role may not': {resource: cpus(2, reserved('ops')), want: 0},
  'the innermost reservation counts': {
    resource: cpus(2, {
      reservations: [
        {type: 'STATIC', role: 'ops'},
        {type: 'DYNAMIC', role: 'dev'},
      ],
    }),
    want: 2000,
  },
  'the role of an older master counts where no reservation is named': {
    resource: cpus(2, {role: 'ops'}),
    want: 0,
  },
  'a resource of another name is none of cpus': {resource: {...cpus(2), name: 'gpus'}, want: 0},
};
for (const [title, {resource, want}] of Object.entries(plainRows)) {
  test(title, t => void t.is(available(pool(resource), 'cpus', ANY), want));
}

test('a scalar counts in thousandths', t => {
  t.deepEqual([0, 0.1, 0.29, 1.0004, 1.0006].map(toMilli), [0, 100, 290, 1000, 1001]);
});

test('what several shares have left is summed up', t => {
  t.is(available(pool(cpus(1), cpus(0.5, reserved('dev'))), 'cpus', ANY), 1500);
});

test('an offer has resources for a role when one of its shares is of the role', t => {
  const some = pool(cpus(1, reserved('ops')), cpus(1, reserved('dev')));
  t.deepEqual([hasResourcesFor(some, ['dev']), hasResourcesFor(some, ['*'])], [true, false]);
});

test('a reserved share is taken before an unreserved one', t => {
  const some = pool(cpus(1), cpus(0.5, reserved('dev')));
  t.deepEqual(takeScalar(some, 'cpus', 700, ANY), [cpus(0.5, reserved('dev')), cpus(0.2)]);
  t.deepEqual(
    some.shares.map(({milli}) => milli),
    [800, 0],
  );
  t.is(available(some, 'cpus', ANY), 800);
});

test('a share that is used up, or is not needed, is left out of what was taken', t => {
  const some = pool(cpus(0.5, reserved('dev')), cpus(1));
  t.deepEqual(takeScalar(some, 'cpus', 500, ANY), [cpus(0.5, reserved('dev'))]);
  t.deepEqual(takeScalar(some, 'cpus', 1, ANY), [cpus(0.001)]);
  t.deepEqual(takeScalar(some, 'cpus', 0, ANY), []);
  t.is(available(some, 'cpus', ANY), 999);
});

const portRows = {
  'a port at the beginning of a range': {take: [10], taken: [[10, 10]], left: [[11, 14]]},
  'a port at the end of a range': {take: [14], taken: [[14, 14]], left: [[10, 13]]},
  'a port in the middle splits its range': {
    take: [12],
    taken: [[12, 12]],
    left: [
      [10, 11],
      [13, 14],
    ],
  },
  'neighbours are one range, whatever their order': {
    take: [13, 12, 11],
    taken: [[11, 13]],
    left: [
      [10, 10],
      [14, 14],
    ],
  },
  'ports that are not neighbours are ranges of their own': {
    take: [10, 12],
    taken: [
      [10, 10],
      [12, 12],
    ],
    left: [
      [11, 11],
      [13, 14],
    ],
  },
  'a whole range leaves nothing': {take: [10, 11, 12, 13, 14], taken: [[10, 14]], left: []},
};
for (const [title, {take, taken, left}] of Object.entries(portRows)) {
  test(title, t => {
    const some = pool(ports([10, 14]));
    t.deepEqual(
      takePorts(some, take, ANY).map(({ranges}) => (ranges?.range ?? []).map(({begin, end}) => [begin, end])),
      [taken],
    );
    t.deepEqual(
      availablePorts(some, ANY).map(({begin, end}) => [begin, end]),
      left,
    );
  });
}

test('ports are taken from the share that has them, and each once', t => {
  const some = pool(ports([10, 11]), {...ports([20, 21]), ...reserved('dev')}, ports([30, 31]));
  t.deepEqual(takePorts(some, [11, 20], ANY), [{...ports([20, 20]), ...reserved('dev')}, ports([11, 11])]);
  t.deepEqual(availablePorts(some, ANY), [
    {begin: 21, end: 21},
    {begin: 10, end: 10},
    {begin: 30, end: 31},
  ]);
});

test('a port is taken from whichever range of its share has it', t => {
  t.deepEqual(takePorts(pool(ports([10, 11], [20, 21])), [21], ANY), [ports([21, 21])]);
});
