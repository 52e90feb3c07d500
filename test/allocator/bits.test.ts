import test from 'ava';
import fc from 'fast-check';
import {Bits, isCovered} from '../../src/allocator/bits.ts';

const numbers = fc.uniqueArray(fc.nat(130));
const bitsOf = (members: readonly number[]): Bits => {
  const bits = new Bits();
  for (const member of members) bits.add(member);
  return bits;
};

test('a set of bits has what was added and not deleted', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(numbers, numbers, (added, deleted) => {
        const bits = bitsOf(added);
        for (const member of deleted) bits.delete(member);
        for (let i = 0; i < 140; i++)
          if (bits.has(i) !== (added.includes(i) && !deleted.includes(i))) throw new Error(String(i));
      }),
    );
  });
});

test('a set takes no more words than its largest member needs', t => {
  t.is(bitsOf([0, 31]).words.length, 1);
  t.is(bitsOf([32]).words.length, 2);
});

test('members are covered when each is in one of the others', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(numbers, fc.array(numbers, {maxLength: 3}), (members, others) => {
        const covered = isCovered(
          bitsOf(members),
          others.map(other => ({members: bitsOf(other)})),
        );
        if (covered !== members.every(member => others.some(other => other.includes(member)))) throw new Error();
      }),
    );
  });
  t.true(isCovered(bitsOf([1, 40]), [{members: bitsOf([1])}, {members: bitsOf([40])}]));
  t.false(isCovered(bitsOf([1, 40]), [{members: bitsOf([1])}]));
});
