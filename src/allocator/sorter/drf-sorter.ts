import type {Node} from './tree-sorter.ts';
import {rankChildren, TreeSorter} from './tree-sorter.ts';

/** Above so many changed nodes, sorting everything is cheaper than moving each. */
const MANY = 64;

/**
 * Dominant Resource Fairness: the smallest share over weight first, then the fewest allocations, then the path. Between
 * two visits only nodes that changed are looked at again and moved to their new place among their siblings.
 */
export class DrfSorter<T> extends TreeSorter<T> {
  readonly #dirty: Node<T>[] = [];
  readonly #unsorted: Node<T>[] = [];
  #totalVersion = -1;

  visit(ask: (client: T) => boolean): boolean {
    this.#refresh();
    return visitNode(this.root, ask);
  }

  protected touched(node: Node<T>): void {
    if (node.dirty) return;
    node.dirty = true;
    this.#dirty.push(node);
  }

  protected joined({parent}: Node<T>): void {
    if (parent === undefined) return;
    this.#unsorted.push(parent);
    // A child without siblings is kept without numbers.
    if (parent.live?.size === 2) for (const node of parent.live.nodes) this.touched(node);
  }

  #refresh(): void {
    const newTotal = this.#totalVersion !== this.total.version;
    if (!newTotal && this.#dirty.length === 0 && this.#unsorted.length === 0) return;
    const many = this.#dirty.length > MANY;
    for (const node of this.#dirty) this.#update(node, newTotal, many);
    this.#dirty.length = 0;
    if (newTotal) this.#rekeyAll();
    this.#totalVersion = this.total.version;
    for (const node of this.#unsorted) sort(node);
    this.#unsorted.length = 0;
  }

  #update(node: Node<T>, newTotal: boolean, many: boolean): void {
    node.dirty = false;
    const {parent} = node;
    // What is not live is written when it joins.
    if (parent?.live === undefined || node.active === 0 || parent.live.size === 1) return;
    const {live} = parent;
    const share = this.shareOf(node);
    if (!newTotal && !many && !live.stale) return live.move(node, share);
    live.set(node, share);
    if (newTotal || live.stale) return;
    live.stale = true;
    this.#unsorted.push(parent);
  }

  #rekeyAll(): void {
    for (const node of this.parents) {
      const {live} = node;
      if (live === undefined || live.size === 1) continue;
      const wasStale = live.stale;
      live.rekey(this.total);
      if (live.stale && !wasStale) this.#unsorted.push(node);
    }
  }
}

function sort<T>(node: Node<T>): void {
  if (node.live?.stale !== true) return;
  rankChildren(node);
  node.live.sort();
}

function visitNode<T>(node: Node<T>, ask: (client: T) => boolean): boolean {
  if (node.client !== undefined) return ask(node.client);
  const {live} = node;
  if (live === undefined) return false;
  for (let i = 0; i < live.size; i++) {
    const child = live.at(i);
    if (child !== undefined && visitNode(child, ask)) return true;
  }
  return false;
}
