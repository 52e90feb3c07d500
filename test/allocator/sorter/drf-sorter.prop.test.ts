import test from 'ava';
import fc from 'fast-check';
import {ClusterTotal, ScalarNames} from '../../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../../src/allocator/sorter/drf-sorter.ts';

const TREE = ['a', 'b', 'a/x', 'a/y', 'a/x/1', 'b/z', 'c', 'd/e/f', 'd/e', 'g', 'h', 'i'];
/** Enough siblings that many may change between two looks. */
const WIDE = Array.from({length: 90}, (_, i) => `r${i}`);

type Client = {path: string; active: boolean; cpus: number; mem: number; allocations: number};

/** The order from scratch: no tree is kept, every sum is made anew. */
class Recomputed {
  readonly clients = new Map<string, Client>();
  readonly weights = new Map<string, number>();
  total = {cpus: 1000, mem: 1000};

  order(parent = ''): string[] {
    return this.#children(parent)
      .sort((p, q) => this.#share(p) - this.#share(q) || this.#count(p) - this.#count(q) || (p < q ? -1 : 1))
      .flatMap(path => (this.#isLeaf(path) ? this.#ifActive(path) : this.order(path)));
  }

  #children(parent: string): string[] {
    const prefix = parent === '' ? '' : `${parent}/`;
    const below = [...this.clients.keys()].filter(path => path.startsWith(prefix) && path !== parent);
    const names = new Set(below.map(path => prefix + (path.slice(prefix.length).split('/')[0] ?? '')));
    return this.clients.has(parent) ? [...names, `${parent}/.`] : [...names];
  }

  #isLeaf(path: string): boolean {
    return path.endsWith('/.') || this.#children(path).every(child => child.endsWith('/.'));
  }

  #ifActive(path: string): string[] {
    const client = this.clients.get(path.replace(/\/[.]$/, ''));
    return client?.active === true ? [client.path] : [];
  }

  #below(path: string): Client[] {
    if (path.endsWith('/.')) return [...this.clients.values()].filter(c => c.path === path.slice(0, -2));
    return [...this.clients.values()].filter(c => c.path === path || c.path.startsWith(`${path}/`));
  }

  #share(path: string): number {
    const clients = this.#below(path);
    const cpus = clients.reduce((sum, c) => sum + c.cpus, 0) / this.total.cpus;
    const mem = clients.reduce((sum, c) => sum + c.mem, 0) / this.total.mem;
    return Math.max(cpus, mem) / (this.weights.get(path) ?? 1);
  }

  #count(path: string): number {
    return this.#below(path).reduce((sum, c) => sum + c.allocations, 0);
  }
}

type Op = {kind: 'toggle' | 'take' | 'give' | 'weight' | 'total' | 'look'; path: string; cpus: number; mem: number};
const opOn = (paths: readonly string[]): fc.Arbitrary<Op> =>
  fc.record({
    kind: fc.constantFrom('toggle', 'take', 'take', 'take', 'take', 'give', 'give', 'weight', 'total', 'look', 'look'),
    path: fc.constantFrom(...paths),
    cpus: fc.nat(4),
    mem: fc.nat(4),
  });

function orderOf(sorter: DrfSorter<string>): string[] {
  const paths: string[] = [];
  sorter.visit(path => {
    paths.push(path);
    return false;
  });
  return paths;
}

function agrees(paths: readonly string[], ops: readonly Op[]): boolean {
  const total = new ClusterTotal(new ScalarNames());
  total.add(
    new Map([
      ['cpus', 1000],
      ['mem', 1000],
    ]),
    1,
  );
  const sorter = new DrfSorter<string>(total);
  const model = new Recomputed();
  for (const path of paths) {
    sorter.add(path, path);
    sorter.activate(path);
    model.clients.set(path, {path, active: true, cpus: 0, mem: 0, allocations: 0});
  }
  return ops.every(next => step(sorter, total, model, next)) && orderOf(sorter).join() === model.order().join();
}

test('the kept order is the order from scratch: a tree', t => {
  const paths = fc.shuffledSubarray(TREE, {minLength: 3});
  t.notThrows(() => {
    fc.assert(fc.property(paths, fc.array(opOn(TREE), {maxLength: 100, size: 'max'}), agrees), {numRuns: 300});
  });
});

test('the kept order is the order from scratch: many siblings', t => {
  const ops = fc.array(opOn(WIDE), {maxLength: 300, size: 'max'});
  t.notThrows(() => {
    fc.assert(fc.property(fc.constant(WIDE), ops, agrees), {numRuns: 30});
  });
});

/** @returns whether both agree, if the step looks */
function step(sorter: DrfSorter<string>, total: ClusterTotal, model: Recomputed, {kind, path, cpus, mem}: Op): boolean {
  const client = model.clients.get(path);
  switch (kind) {
    case 'weight':
      sorter.setWeight(path, cpus + 1);
      model.weights.set(path, cpus + 1);
      return true;
    case 'total':
      total.add(
        new Map([
          ['cpus', cpus],
          ['mem', mem],
        ]),
        1,
      );
      model.total = {cpus: model.total.cpus + cpus, mem: model.total.mem + mem};
      return true;
    case 'look':
      return orderOf(sorter).join() === model.order().join();
    case 'toggle':
      if (client === undefined) return true;
      client.active = !client.active;
      if (client.active) sorter.activate(path);
      else sorter.deactivate(path);
      return true;
    case 'take':
      if (client === undefined) return true;
      sorter.allocated(path, [cpus, mem]);
      client.cpus += cpus;
      client.mem += mem;
      client.allocations++;
      return true;
    case 'give':
      if (client === undefined) return true;
      sorter.unallocated(path, [client.cpus, client.mem]);
      client.cpus = 0;
      client.mem = 0;
      return true;
    default:
      return kind satisfies never;
  }
}
