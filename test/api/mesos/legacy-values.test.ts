import test from 'ava';
import {legacyAttributes, legacyResources, reservedRole} from '../../../src/api/mesos/legacy-values.ts';
import type {Resource} from '../../../src/api/mesos/v1/resources.ts';

const scalar = (name: string, value: number, more: Partial<Resource> = {}): Resource => ({
  name,
  type: 'SCALAR',
  scalar: {value},
  ...more,
});
const ports = (...pairs: [number, number][]): Resource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: {range: pairs.map(([begin, end]) => ({begin, end}))},
});
const NONE = {cpus: 0, gpus: 0, mem: 0, disk: 0};

const rows = {
  'the four are always there': {resources: [], want: NONE},
  'equal names add up, in thousandths': {
    resources: [scalar('cpus', 0.1), scalar('cpus', 0.2)],
    want: {...NONE, cpus: 0.3},
  },
  'ranges are a text': {resources: [ports([1, 2], [5, 9])], want: {...NONE, ports: '[1-2, 5-9]'}},
  'ranges of several resources are one text': {
    resources: [ports([1, 2]), ports([5, 9])],
    want: {...NONE, ports: '[1-2, 5-9]'},
  },
  'sets are a text': {
    resources: [{name: 'zones', type: 'SET', set: {item: ['a', 'b']}} satisfies Resource],
    want: {...NONE, zones: '{a, b}'},
  },
  'revocable ones have a name of their own': {
    resources: [scalar('cpus', 1), scalar('cpus', 2, {revocable: {}})],
    want: {...NONE, cpus: 1, cpus_revocable: 2},
  },
};
for (const [title, {resources, want}] of Object.entries(rows)) {
  test(title, t => {
    t.deepEqual(legacyResources(resources), want);
  });
}

test('the reservation that counts is the last of the stack', t => {
  t.is(reservedRole(scalar('cpus', 1)), undefined);
  t.is(reservedRole(scalar('cpus', 1, {role: '*'})), undefined);
  t.is(reservedRole(scalar('cpus', 1, {role: 'eng'})), 'eng');
  t.is(
    reservedRole(
      scalar('cpus', 1, {
        reservations: [
          {role: 'a', type: 'STATIC'},
          {role: 'a/b', type: 'DYNAMIC'},
        ],
      }),
    ),
    'a/b',
  );
});

test('attributes are numbers and texts', t => {
  const attributes = legacyAttributes([
    {name: 'rack', type: 'TEXT', text: {value: 'r1'}},
    {name: 'level', type: 'SCALAR', scalar: {value: 10}},
    {name: 'ids', type: 'RANGES', ranges: {range: [{begin: 1, end: 2}]}},
    {name: 'tags', type: 'SET', set: {item: ['a', 'b']}},
  ]);
  t.deepEqual(attributes, {rack: 'r1', level: 10, ids: '[1-2]', tags: '{a, b}'});
});
