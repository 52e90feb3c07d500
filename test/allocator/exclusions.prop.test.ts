import test from 'ava';
import fc from 'fast-check';
import type {OfferConstraints} from '../../src/allocator/offer-constraints.ts';
import {agent, Cluster, cm, fw, readable, seeded} from './cluster.ts';

const AGENTS = ['a1', 'a2', 'a3'];
const FRAMEWORKS = ['f1', 'f2', 'f3'];
const RACKS = ['r1', 'r2'];

const onRack = (rack: string | undefined): OfferConstraints | undefined =>
  rack === undefined
    ? undefined
    : [[{selector: {kind: 'attribute', name: 'rack'}, predicate: {kind: 'text-equals', value: rack}}]];

type Op =
  | {readonly kind: 'agent' | 'move'; readonly id: string; readonly rack: string}
  | {readonly kind: 'framework' | 'want'; readonly id: string; readonly rack: string | undefined}
  | {readonly kind: 'run'};
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('agent', 'move'),
    id: fc.constantFrom(...AGENTS),
    rack: fc.constantFrom(...RACKS),
  }),
  fc.record({
    kind: fc.constantFrom('framework', 'want'),
    id: fc.constantFrom(...FRAMEWORKS),
    rack: fc.constantFrom(...RACKS, undefined),
  }),
  fc.constant({kind: 'run'}),
  fc.constant({kind: 'run'}),
);

const traits = (rack: string, hostname: string) => ({attributes: [{name: 'rack', value: rack}], hostname});

/** Offers come back at once, without filters: what may be offered depends on racks alone. */
class World {
  readonly cluster: Cluster;
  readonly racks = new Map<string, string>();
  readonly wishes = new Map<string, string | undefined>();
  readonly log: string[] = [];

  constructor(seed: number) {
    this.cluster = new Cluster({random: seeded(seed)});
  }

  /** @param forgets makes the allocator forget whom constraints leave out where, before each run */
  do(next: Op, forgets: boolean): void {
    const {allocator} = this.cluster;
    switch (next.kind) {
      case 'agent':
        if (this.racks.delete(next.id)) return allocator.removeAgent(agent(next.id));
        this.racks.set(next.id, next.rack);
        return void this.cluster.agent(next.id, cm(1, 1024), traits(next.rack, ''));
      case 'move':
        if (!this.racks.has(next.id)) return;
        this.racks.set(next.id, next.rack);
        return allocator.updateAgent(agent(next.id), cm(1, 1024), traits(next.rack, ''));
      case 'framework':
        if (this.wishes.delete(next.id)) return allocator.removeFramework(fw(next.id));
        this.wishes.set(next.id, next.rack);
        return void this.cluster.framework(next.id, 'r', this.#wish(next.rack));
      case 'want':
        if (!this.wishes.has(next.id)) return;
        this.wishes.set(next.id, next.rack);
        return allocator.updateFramework({frameworkId: fw(next.id), roles: ['r'], ...this.#wish(next.rack)});
      case 'run':
        return this.#run(forgets);
      default:
        next satisfies never;
    }
  }

  #wish(rack: string | undefined) {
    const constraints = onRack(rack);
    return constraints === undefined ? {} : {offerConstraints: new Map([['r', constraints]])};
  }

  #run(forgets: boolean): void {
    for (const [id, rack] of this.racks) {
      const hostname = forgets ? `h${this.log.length}` : '';
      if (forgets) this.cluster.allocator.updateAgent(agent(id), cm(1, 1024), traits(rack, hostname));
    }
    const offers = this.cluster.periodic();
    const fits = (frameworkId: string, agentId: string): boolean =>
      [undefined, this.racks.get(agentId)].includes(this.wishes.get(frameworkId));
    const wanted = [...this.racks.keys()].filter(id => [...this.wishes.keys()].some(other => fits(other, id)));
    if (offers.length !== wanted.length) throw new Error(`offered ${readable(offers).join()}, wanted ${wanted.join()}`);
    const odd = offers.find(({frameworkId, agentId}) => !fits(frameworkId, agentId));
    if (odd !== undefined) throw new Error(`offered in vain: ${readable([odd]).join()}`);
    for (const offer of offers) this.cluster.giveBack(offer);
    this.log.push(readable(offers).join());
  }
}

test('whom constraints leave out is remembered without changing any decision', t => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(op, {maxLength: 60, size: 'max'}), fc.integer(), (ops, seed) => {
        const [remembering, forgetting] = [new World(seed), new World(seed)];
        for (const next of ops) {
          remembering.do(next, false);
          forgetting.do(next, true);
        }
        return remembering.log.join('\n') === forgetting.log.join('\n');
      }),
      {numRuns: 300},
    );
  });
});
