import type {Random} from '../../lib/clock.ts';
import type {ClusterTotal} from './cluster-total.ts';
import type {Node} from './tree-sorter.ts';
import {rankChildren, TreeSorter} from './tree-sorter.ts';

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
    return this.#visitNode(this.root, ask);
  }

  protected touched(_node: Node<T>): void {}

  protected joined(_node: Node<T>): void {}

  #visitNode(node: Node<T>, ask: (client: T) => boolean): boolean {
    if (node.client !== undefined) return ask(node.client);
    if (node.live === undefined) return false;
    rankChildren(node);
    // One fixed order first: the same chance must lead to the same permutation, however the clients came in.
    const sorted = [...node.live.nodes].sort((a, b) => a.rank - b.rank);
    return this.#shuffled(sorted).some(child => this.#visitNode(child, ask));
  }

  /** Each waits an exponential time with its weight as the rate; who waits least comes first (Efraimidis, Spirakis 2006). */
  #shuffled(nodes: readonly Node<T>[]): Node<T>[] {
    return nodes
      .map(node => ({node, wait: -Math.log(1 - this.#random()) / node.weight}))
      .sort((a, b) => a.wait - b.wait)
      .map(({node}) => node);
  }
}
