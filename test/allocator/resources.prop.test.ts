import test from 'ava';
import fc from 'fast-check';
import type {Resource} from '../../src/allocator/resource.ts';
import {Resources} from '../../src/allocator/resources.ts';
import {formatResources} from '../../src/allocator/text-form.ts';
import {ranges, scalar, set} from '../../src/allocator/value.ts';
import {res} from './cluster.ts';

const role = fc.constantFrom(undefined, 'a', 'a/b');
const reserved = (resource: Resource, owner: string | undefined): Resource =>
  owner === undefined ? resource : {...resource, reservations: [{type: 'STATIC', role: owner}]};
const amount = fc.tuple(fc.constantFrom('cpus', 'mem'), fc.nat(9999)).map(([name, milli]) => ({
  name,
  value: scalar(milli / 1000),
}));
const range = fc.tuple(fc.nat(40), fc.nat(9)).map(([begin, length]) => ({begin, end: begin + length}));
const ports = fc.array(range, {maxLength: 4}).map(list => ({name: 'ports', value: ranges(list)}));
const zones = fc.subarray(['a', 'b', 'c', 'd']).map(items => ({name: 'zones', value: set(items)}));
const resource = fc.tuple(fc.oneof(amount, ports, zones), role).map(([value, owner]) => reserved(value, owner));
const bag = fc.array(resource, {maxLength: 6}).map(list => Resources.of(list));

const holds =
  <T extends [unknown, ...unknown[]]>(arbitraries: fc.IProperty<T>): (() => void) =>
  () => {
    fc.assert(arbitraries);
  };

test('the text form reads back', t => {
  t.notThrows(holds(fc.property(bag, a => res(formatResources(a)).equals(a))));
});

test('a sum has both parts, in any order', t => {
  t.notThrows(
    holds(
      fc.property(bag, bag, (a, b) => {
        const sum = a.add(b);
        return sum.contains(a) && sum.contains(b) && sum.equals(b.add(a));
      }),
    ),
  );
});

test('a part and its rest make the whole', t => {
  t.notThrows(
    holds(
      fc.property(bag, bag, (whole, other) => {
        const rest = whole.subtract(other);
        const part = whole.subtract(rest);
        return whole.contains(rest) && other.contains(part) && rest.add(part).equals(whole);
      }),
    ),
  );
});

test('containing is having nothing left over', t => {
  t.notThrows(holds(fc.property(bag, bag, (a, b) => a.contains(b) === b.subtract(a).isEmpty)));
});

test('quantities follow sums', t => {
  t.notThrows(
    holds(
      fc.property(bag, bag, (a, b) => {
        const sum = a.add(b).milli;
        return ['cpus', 'mem'].every(n => (sum.get(n) ?? 0) === (a.milli.get(n) ?? 0) + (b.milli.get(n) ?? 0));
      }),
    ),
  );
});
