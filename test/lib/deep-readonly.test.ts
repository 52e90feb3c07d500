import test from 'ava';
import type {DeepReadonly} from '../../src/lib/deep-readonly.ts';

class Amount {
  readonly #value: number;
  constructor(value: number) {
    this.#value = value;
  }
  add(more: Amount): Amount {
    return new Amount(this.#value + more.#value);
  }
  get value(): number {
    return this.#value;
  }
}

type House = {rooms: Map<string, {doors: string[]; amount: Amount}>; names: Set<string>; count: () => number};

const house = (): House => ({
  rooms: new Map([['hall', {doors: ['north'], amount: new Amount(1)}]]),
  names: new Set(['ours']),
  count: () => 1,
});

// The compiler is what is tested here: it fails when a line below an `expect-error` is allowed.
test('a reader can change nothing, at any depth, and read everything', t => {
  const mine = house();
  const seen: DeepReadonly<House, Amount> = mine;
  // @ts-expect-error no property is set
  const setProperty = (): void => void (seen.names = new Set());
  // @ts-expect-error no entry is set
  const setEntry = (): unknown => seen.rooms.set('cellar', mine.rooms.get('hall'));
  // @ts-expect-error no member is added
  const addMember = (): unknown => seen.names.add('theirs');
  // @ts-expect-error nothing is pushed to a list inside
  const push = (): unknown => seen.rooms.get('hall')?.doors.push('south');
  // @ts-expect-error a reader's view is not the owner's
  const owners: House = seen;
  t.is([setProperty, setEntry, addMember, push, owners].length, 5);
  t.is(seen.rooms.get('hall')?.amount.add(new Amount(2)).value, 3);
  t.is(seen.count(), 1);
});
