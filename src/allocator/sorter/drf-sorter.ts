import type {Node} from './tree-sorter.ts';
import {TreeSorter} from './tree-sorter.ts';

/** Above so many changed nodes, sorting everything is cheaper than moving each. */
const MANY = 64;

/**
 * Dominant Resource Fairness: the smallest share over weight first, then the fewest allocations, then the path. Between
 * two visits only nodes that changed are looked at again and moved to their new place among their siblings.
 */
export class DrfSorter<T> extends TreeSorter<T> {
  readonly #dirty: Node<T>[] = [];
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

  #refresh(): void {
    if (this.#totalVersion === this.total.version && this.#dirty.length === 0 && this.unsorted.length === 0) return;
    if (this.#totalVersion !== this.total.version) {
      this.#totalVersion = this.total.version;
      this.#rekeyAll(this.root);
    } else if (this.#dirty.length > MANY) {
      for (const {parent} of this.#dirty) if (parent !== undefined) this.unsort(parent);
    }
    for (const node of this.#dirty) this.#rekey(node);
    this.#dirty.length = 0;
    for (const node of this.unsorted) {
      // Most often everything grew alike and nothing has to move: looking is cheaper than sorting.
      if (!inOrder(node.live)) node.live.sort(compare);
      node.stale = false;
    }
    this.unsorted.length = 0;
  }

  /** Every share has changed. Nodes that are not live get their key when they join. */
  #rekeyAll(node: Node<T>): void {
    setKey(node, this.shareOf(node));
    if (node.live.length > 1) this.unsort(node);
    for (const child of node.live) this.#rekeyAll(child);
  }

  #rekey(node: Node<T>): void {
    node.dirty = false;
    const {parent} = node;
    const share = this.shareOf(node);
    const unchanged = share === node.key.share && node.allocations === node.key.allocations;
    if (unchanged) return;
    if (parent === undefined || parent.stale || node.active === 0) return setKey(node, share);
    const from = placeOf(parent.live, node, 0, parent.live.length);
    if (parent.live[from] !== node) throw new Error(`Bug: ${node.path} is not where its key says`);
    setKey(node, share);
    move(parent.live, from);
  }
}

function visitNode<T>(node: Node<T>, ask: (client: T) => boolean): boolean {
  if (node.client !== undefined) return ask(node.client);
  for (const child of node.live) if (visitNode(child, ask)) return true;
  return false;
}

function setKey<T>(node: Node<T>, share: number): void {
  node.key.share = share;
  node.key.allocations = node.allocations;
}

// No epsilon: shares that differ at all are different (as in Mesos).
const compare = <T>(a: Node<T>, b: Node<T>): number =>
  a.key.share - b.key.share ||
  a.key.allocations - b.key.allocations ||
  (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

function inOrder<T>(nodes: readonly Node<T>[]): boolean {
  let before: Node<T> | undefined = undefined;
  for (const node of nodes) {
    if (before !== undefined && compare(before, node) > 0) return false;
    before = node;
  }
  return true;
}

/** Where a node is, by its key, or would be, among sorted siblings from `low` up to but not including `high`. */
function placeOf<T>(sorted: readonly Node<T>[], node: Node<T>, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (other !== undefined && compare(other, node) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Moves the one node that may be out of place; all others are in order. Splicing moves blocks of memory, not nodes. */
function move<T>(live: Node<T>[], from: number): void {
  const node = live[from];
  if (node === undefined) return;
  const [before, after] = [live[from - 1], live[from + 1]];
  if (after !== undefined && compare(after, node) < 0) {
    const to = placeOf(live, node, from + 2, live.length) - 1;
    live.splice(from, 1);
    live.splice(to, 0, node);
  } else if (before !== undefined && compare(before, node) > 0) {
    const to = placeOf(live, node, 0, from - 1);
    live.splice(from, 1);
    live.splice(to, 0, node);
  }
}
