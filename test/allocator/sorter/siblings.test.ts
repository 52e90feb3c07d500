import test from 'ava';
import fc from 'fast-check';
import {ClusterTotal, ScalarNames} from '../../../src/allocator/sorter/cluster-total.ts';
import {Siblings} from '../../../src/allocator/sorter/siblings.ts';

type Kid = {name: string; place: number; rank: number; weight: number; allocations: number; allocated: number[]};

const kid = (name: string, allocated: number[], more: Partial<Kid> = {}): Kid => ({
  name,
  place: 0,
  rank: name.codePointAt(0) ?? 0,
  weight: 1,
  allocations: 0,
  allocated,
  ...more,
});

/** 100 of each resource. */
function totalOf(...names: string[]): ClusterTotal {
  const total = new ClusterTotal(new ScalarNames());
  total.add(new Map(names.map(name => [name, 100])), 1);
  return total;
}

const shareIn = (total: ClusterTotal, {allocated, weight}: Kid): number => total.dominantShare(allocated) / weight;

function family(total: ClusterTotal, kids: readonly Kid[]): Siblings<Kid> {
  const siblings = new Siblings<Kid>();
  for (const each of kids) siblings.add(each);
  for (const each of kids) siblings.set(each, shareIn(total, each));
  siblings.sort();
  return siblings;
}

/** In order, best first. */
const namesOf = (siblings: Siblings<Kid>): string =>
  Array.from({length: siblings.size}, (_, i) => siblings.at(i)?.name).join('');

const cpus = totalOf('cpus');

test('a child alone is the first', t => {
  const siblings = new Siblings<Kid>();
  t.is(siblings.at(0), undefined);
  siblings.add(kid('a', [1]));
  t.is(namesOf(siblings), 'a');
});

test('of cleared siblings none is left', t => {
  const siblings = family(cpus, [kid('a', [1]), kid('b', [2])]);
  siblings.clear();
  t.is(siblings.size, 0);
  t.is(siblings.at(0), undefined);
});

test('a new child makes the order stale until it is sorted', t => {
  const siblings = family(cpus, [kid('a', [2]), kid('b', [1])]);
  t.false(siblings.stale);
  siblings.add(kid('c', [0]));
  t.true(siblings.stale);
  siblings.sort();
  t.false(siblings.stale);
});

for (const gone of 'abcde') {
  test(`the others stay in order without sorting when ${gone} of five goes, and so does each after it`, t => {
    const kids = [kid('c', [3]), kid('a', [1]), kid('e', [5]), kid('b', [2]), kid('d', [4])];
    const siblings = family(cpus, kids);
    let left = 'abcde';
    for (const name of [gone, ...'cadbe'.replace(gone, '')]) {
      const one = kids.find(each => each.name === name);
      if (one !== undefined) siblings.remove(one);
      left = left.replace(name, '');
      t.is(namesOf(siblings), left);
      t.false(siblings.stale);
    }
  });
}

/** Five that hold 10, 20, 30, 40 and 50 % of the cluster; `to` is what one of them holds then. */
const moves = {
  'to the front': {moved: 'd', to: 1, want: 'dabce'},
  'to the back': {moved: 'b', to: 60, want: 'acdeb'},
  'one place on': {moved: 'b', to: 35, want: 'acbde'},
  'one place back': {moved: 'd', to: 25, want: 'abdce'},
  'two places on': {moved: 'a', to: 35, want: 'bcade'},
  'two places back': {moved: 'e', to: 25, want: 'abecd'},
  'nowhere from the middle': {moved: 'c', to: 31, want: 'abcde'},
  'nowhere from the front': {moved: 'a', to: 5, want: 'abcde'},
  'nowhere from the back': {moved: 'e', to: 90, want: 'abcde'},
  'from the front to the back': {moved: 'a', to: 60, want: 'bcdea'},
  'from the back to the front': {moved: 'e', to: 1, want: 'eabcd'},
  'behind an equal share of a better rank': {moved: 'd', to: 10, want: 'adbce'},
  'before an equal share of a worse rank': {moved: 'b', to: 40, want: 'acbde'},
};
for (const [title, {moved, to, want}] of Object.entries(moves)) {
  test(`a child that holds another amount moves ${title}`, t => {
    const kids = [...'abcde'].map((name, i) => kid(name, [10 * (i + 1)]));
    const siblings = family(cpus, kids);
    const one = kids['abcde'.indexOf(moved)] ?? kid('?', []);
    one.allocated = [to];
    siblings.move(one, shareIn(cpus, one));
    t.is(namesOf(siblings), want);
    t.false(siblings.stale);
  });

  test(`without sorting, a cluster of another size moves one child ${title}`, t => {
    const total = totalOf('cpus');
    // Only this one holds memory, 600 MiB: how much all agents have changes its share and no other.
    const kids = [...'abcde'].map((name, i) => kid(name, name === moved ? [0, 600] : [10 * (i + 1)]));
    const mem = (percent: number): Map<string, number> => new Map([['mem', 60_000 / percent]]);
    const percentBefore = 10 * ('abcde'.indexOf(moved) + 1);
    total.add(mem(percentBefore), 1);
    const siblings = family(total, kids);
    t.is(namesOf(siblings), 'abcde');
    total.add(mem(percentBefore), -1);
    total.add(mem(to), 1);
    siblings.rekey(total);
    t.false(siblings.stale);
    t.is(namesOf(siblings), want);
  });
}

test('a cluster of another size that moves two children makes the order stale', t => {
  const total = totalOf('cpus', 'mem');
  const kids = [kid('a', [10]), kid('b', [0, 20]), kid('c', [30]), kid('d', [0, 40])];
  const siblings = family(total, kids);
  total.add(new Map([['mem', 800]]), 1);
  siblings.rekey(total);
  t.true(siblings.stale);
  siblings.sort();
  t.is(namesOf(siblings), 'bdac');
});

test('a cluster of another size leaves a stale order stale', t => {
  const siblings = family(cpus, [kid('a', [1]), kid('b', [2])]);
  siblings.stale = true;
  siblings.rekey(cpus);
  t.true(siblings.stale);
});

test('a child that is changed behind the back of its siblings is a bug', t => {
  const [a, b, c] = [kid('a', [1]), kid('b', [2]), kid('c', [3])];
  const siblings = family(cpus, [a, b, c]);
  siblings.set(c, 0);
  t.throws(() => siblings.move(c, 0.1), {message: /Bug/});
});

type Op = {
  kind: 'add' | 'remove' | 'move' | 'weigh' | 'resize';
  which: number;
  amount: number;
  resource: number;
};
const ops = fc.array(
  fc.record<Op>({
    kind: fc.constantFrom('add', 'add', 'remove', 'move', 'move', 'weigh', 'resize', 'resize'),
    which: fc.nat(11),
    amount: fc.nat(3),
    resource: fc.nat(6),
  }),
  {maxLength: 60, size: 'max'},
);
/** More than there is room for at first. */
const RESOURCES = ['cpus', 'mem', 'disk', 'gpus', 'iops', 'licenses', 'slots'];

/** Siblings, and the plain list that they must agree with. */
class Both {
  readonly total = totalOf(...RESOURCES);
  readonly siblings = new Siblings<Kid>();
  kids: Kid[] = [];

  /** Best first, from scratch. */
  sorted(): Kid[] {
    const {total} = this;
    return this.kids.toSorted(
      (a, b) => shareIn(total, a) - shareIn(total, b) || a.allocations - b.allocations || a.rank - b.rank,
    );
  }

  /** @returns whether both have the same order, and it was sorted only if more than one had to move */
  step({kind, which, amount, resource}: Op): boolean {
    const {siblings, total, kids} = this;
    const one = kids[which % Math.max(1, kids.length)];
    if (kind === 'add') this.#add(String.fromCodePoint(97 + which));
    else if (one === undefined) return true;
    else if (kind === 'remove') {
      siblings.remove(one);
      this.kids = kids.filter(each => each !== one);
    } else if (kind === 'resize') {
      const before = this.sorted();
      total.add(new Map([[RESOURCES[resource] ?? 'cpus', 100 * amount]]), 1);
      // One alone is kept without numbers.
      if (kids.length < 2) return this.#agrees();
      siblings.rekey(total);
      if (siblings.stale !== !isOneMove(before, this.sorted())) return false;
      if (siblings.stale) siblings.sort();
    } else {
      if (kind === 'weigh') Object.assign(one, {weight: amount + 1});
      else this.#take(one, resource, amount);
      if (kids.length > 1) siblings.move(one, shareIn(total, one));
    }
    return this.#agrees();
  }

  #agrees(): boolean {
    const {siblings} = this;
    const names = this.sorted().map(({name}) => name);
    return !siblings.stale && siblings.size === names.length && namesOf(siblings) === names.join('');
  }

  #add(name: string): void {
    if (this.kids.some(each => each.name === name)) return;
    const one = kid(name, []);
    this.kids.push(one);
    this.siblings.add(one);
    // One alone has had no numbers yet.
    for (const each of this.kids.length === 2 ? this.kids : [one]) this.siblings.set(each, shareIn(this.total, each));
    this.siblings.sort();
  }

  #take(one: Kid, resource: number, amount: number): void {
    while (one.allocated.length <= resource) one.allocated.push(0);
    one.allocated[resource] = 10 * amount;
    one.allocations++;
  }
}

/** Whether one that is taken out and put in elsewhere makes an order of the other. */
function isOneMove(before: readonly Kid[], after: readonly Kid[]): boolean {
  return before.some(one =>
    before.filter(kid => kid !== one).every((kid, i) => kid === after.filter(kid => kid !== one)[i]),
  );
}

test('whatever comes, goes and changes, the order is the order from scratch', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(ops, all => {
        const both = new Both();
        return all.every(op => both.step(op));
      }),
      {numRuns: 200},
    );
  });
});
