import type {Random} from '../../lib/clock.ts';
import type {ClusterTotal} from './cluster-total.ts';
import type {Node} from './tree-sorter.ts';
import {TreeSorter} from './tree-sorter.ts';

/**
 * A new weighted permutation on each visit and level: the chance to come first is a sibling's weight over the sum of
 * the active siblings' weights. Shares play no part.
 */
export class RandomSorter<T> extends TreeSorter<T> {
  readonly #random: Random;

  constructor(total: ClusterTotal, random: Random) {
    super(total);
    this.#random = random;
  }

  visit(ask: (client: T) => boolean): boolean {
    // One fixed order first: the same chance must lead to the same permutation, however the clients came in.
    for (const node of this.unsorted) {
      node.live.sort((a, b) => (a.path < b.path ? -1 : 1));
      node.stale = false;
    }
    this.unsorted.length = 0;
    return this.#visitNode(this.root, ask);
  }

  protected touched(_node: Node<T>): void {}

  #visitNode(node: Node<T>, ask: (client: T) => boolean): boolean {
    if (node.client !== undefined) return ask(node.client);
    return this.#shuffled(node.live).some(child => this.#visitNode(child, ask));
  }

  /** Each waits an exponential time with its weight as the rate; who waits least comes first (Efraimidis, Spirakis 2006). */
  #shuffled(nodes: readonly Node<T>[]): Node<T>[] {
    return nodes
      .map(node => ({node, wait: -Math.log(1 - this.#random()) / node.weight}))
      .sort((a, b) => a.wait - b.wait)
      .map(({node}) => node);
  }
}
