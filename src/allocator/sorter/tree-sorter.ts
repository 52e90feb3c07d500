import type {ClusterTotal, Vector} from './cluster-total.ts';
import {sum} from './cluster-total.ts';
import {Siblings} from './siblings.ts';
import type {Sorter, Standing} from './sorter.ts';

/** A client that is also a parent sits in a hidden leaf of this name, a full sibling of its children. */
const SELF = '.';

export type Node<T> = {
  readonly path: string;
  readonly parent: Node<T> | undefined;
  /** The leaves, which are most nodes, share an empty one. */
  children: Map<string, Node<T>>;
  /** Children with an active client in their subtree; undefined before there was one. */
  live: Siblings<Node<T>> | undefined;
  /** Position by path among all children of the parent, once `ranked` says so there. */
  rank: number;
  /** Whether the ranks of the children are up to date. */
  ranked: boolean;
  /** Where the parent's `live` keeps its numbers. */
  place: number;
  /** Set on leaves only. */
  client: T | undefined;
  /** Active clients in the subtree. */
  active: number;
  weight: number;
  /** Hand-outs to the subtree, ever. */
  allocations: number;
  /** Of exactly the length that is needed: there are many. */
  allocated: number[];
  /** As it was at another time, once it has changed since. */
  memory: Memory | undefined;
  /** Whether what it was last sorted by may be out of date. */
  dirty: boolean;
};

/** Never written to. */
const NO_CHILDREN = new Map<string, never>();

/** What a node held and had been handed out until a phase of `ClusterTotal` changed it. */
type Past = {readonly until: number; readonly allocated: Vector; readonly allocations: number};

/** What the node was at the beginning and the end of the last run. */
type Memory = {phase: number; beforeRun: Past | undefined; afterRun: Past | undefined};

/** The tree of clients with its sums. What the order is, the sorters made from it decide. */
export abstract class TreeSorter<T> implements Sorter<T> {
  protected readonly total: ClusterTotal;
  protected readonly root: Node<T>;
  /** Nodes with live children, or that had some. */
  protected readonly parents = new Set<Node<T>>();
  readonly #leaves = new Map<string, Node<T>>();
  /** Most sorters have none. */
  #weights: Map<string, number> | undefined = undefined;

  constructor(total: ClusterTotal) {
    this.total = total;
    this.root = newNode('', undefined, 1);
  }

  abstract visit(ask: (client: T) => boolean): boolean;

  /** Called after what a node is sorted by may have changed. */
  protected abstract touched(node: Node<T>): void;

  get size(): number {
    return this.#leaves.size;
  }

  get activeCount(): number {
    return this.root.active;
  }

  has(path: string): boolean {
    return this.#leaves.has(path);
  }

  add(path: string, client: T): void {
    if (this.has(path)) throw new Error(`Bug: ${path} is a client already`);
    let node = this.root;
    for (const segment of path.split('/')) {
      if (node.client !== undefined) this.#split(node);
      node = node.children.get(segment) ?? this.#grow(node, segment);
    }
    if (node.children.size > 0) node = this.#grow(node, SELF);
    node.client = client;
    this.#leaves.set(path, node);
  }

  remove(path: string): void {
    this.deactivate(path);
    const leaf = this.#leaf(path);
    this.#leaves.delete(path);
    for (let node = leaf.parent; node !== undefined; node = node.parent) {
      this.#add(node, leaf.allocated, -1);
      this.touched(node);
    }
    this.#prune(leaf);
  }

  isActive(path: string): boolean {
    return (this.#leaves.get(path)?.active ?? 0) > 0;
  }

  activate(path: string): void {
    if (this.isActive(path)) return;
    for (let node: Node<T> | undefined = this.#leaf(path); node !== undefined; node = node.parent) {
      if (node.active++ === 0) this.#join(node);
    }
  }

  deactivate(path: string): void {
    if (!this.isActive(path)) return;
    for (let node: Node<T> | undefined = this.#leaf(path); node !== undefined; node = node.parent) {
      if (--node.active === 0) quit(node);
    }
  }

  setWeight(path: string, weight: number): void {
    this.#weights ??= new Map();
    this.#weights.set(path, weight);
    const node = this.#find(path);
    if (node === undefined) return;
    node.weight = weight;
    this.touched(node);
  }

  allocated(path: string, amounts: Vector): void {
    for (let node: Node<T> | undefined = this.#leaf(path); node !== undefined; node = node.parent) {
      this.#add(node, amounts, 1);
      node.allocations++;
      if (node !== this.root) this.touched(node);
    }
  }

  unallocated(path: string, amounts: Vector): void {
    for (let node: Node<T> | undefined = this.#leaf(path); node !== undefined; node = node.parent) {
      this.#add(node, amounts, -1);
      if (node !== this.root) this.touched(node);
    }
  }

  holdings(path: string): Vector {
    return this.#find(path)?.allocated ?? [];
  }

  share(path: string): number {
    const node = this.#find(path);
    return node === undefined ? 0 : this.shareOf(node);
  }

  standing(path: string, when: 'before' | 'after' | 'now'): Standing | undefined {
    const node = this.#find(path);
    if (node === undefined) return undefined;
    const {allocated, allocations} = when === 'now' ? node : pastOf(node, this.total.phase, when);
    return {allocated, allocations, weight: node.weight};
  }

  handOuts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const node of this.#nodes(this.root)) if (node.allocations > 0) counts.set(node.path, node.allocations);
    return counts;
  }

  setHandOuts(counts: ReadonlyMap<string, number>): void {
    for (const node of this.#nodes(this.root)) {
      node.allocations = counts.get(node.path) ?? 0;
      if (node !== this.root) this.touched(node);
    }
  }

  protected shareOf(node: Node<T>): number {
    return this.total.dominantShare(node.allocated) / node.weight;
  }

  /** Called after a node came to its parent's live children. */
  protected abstract joined(node: Node<T>): void;

  *#nodes(node: Node<T>): Iterable<Node<T>> {
    yield node;
    for (const child of node.children.values()) yield* this.#nodes(child);
  }

  #add(node: Node<T>, amounts: Vector, sign: 1 | -1): void {
    const {phase} = this.total;
    if (node.memory?.phase !== phase && node !== this.root) remember(node, phase);
    node.allocated = sum(node.allocated, amounts, sign);
  }

  #leaf(path: string): Node<T> {
    const leaf = this.#leaves.get(path);
    if (leaf === undefined) throw new Error(`Bug: ${path} is no client`);
    return leaf;
  }

  #find(path: string): Node<T> | undefined {
    if (path === '') return this.root;
    let node: Node<T> | undefined = this.root;
    for (const segment of path.split('/')) node = node?.children.get(segment);
    return node;
  }

  #grow(parent: Node<T>, name: string): Node<T> {
    const path = parent === this.root ? name : `${parent.path}/${name}`;
    const node = newNode(path, parent, this.#weights?.get(path) ?? 1);
    if (parent.children === NO_CHILDREN) parent.children = new Map();
    parent.children.set(name, node);
    parent.ranked = false;
    return node;
  }

  /** A client gets children: it moves into a hidden leaf, with all that it holds and all allocations made to it. */
  #split(node: Node<T>): void {
    const leaf = this.#grow(node, SELF);
    leaf.client = node.client;
    node.client = undefined;
    leaf.allocated = [...node.allocated];
    leaf.allocations = node.allocations;
    leaf.active = node.active;
    this.#leaves.set(node.path, leaf);
    if (leaf.active > 0) this.#join(leaf);
  }

  /** Removes a leaf and the parents that have become empty; the last child's client moves back out of the hidden leaf. */
  #prune(leaf: Node<T>): void {
    let node = leaf;
    while (node.parent !== undefined && node.children.size === 0) {
      this.parents.delete(node);
      node.parent.children.delete(node.path.slice(node.path.lastIndexOf('/') + 1));
      node = node.parent;
    }
    const self = node.children.get(SELF);
    if (self === undefined || node.children.size > 1) return;
    node.children = NO_CHILDREN;
    this.parents.delete(node);
    node.live?.clear();
    node.client = self.client;
    self.active = 0;
    this.#leaves.set(node.path, node);
  }

  #join(node: Node<T>): void {
    if (node.parent === undefined) return;
    node.parent.live ??= new Siblings();
    node.parent.live.add(node);
    this.parents.add(node.parent);
    this.touched(node);
    this.joined(node);
  }
}

const quit = <T>(node: Node<T>): void => node.parent?.live?.remove(node);

/** Before the first change of a phase: keeps what the node was. */
function remember<T>(node: Node<T>, phase: number): void {
  node.memory ??= {phase, beforeRun: undefined, afterRun: undefined};
  const {memory} = node;
  memory.phase = phase;
  const past = {until: phase, allocated: [...node.allocated], allocations: node.allocations};
  if (phase % 2 === 1) memory.beforeRun = past;
  else memory.afterRun = past;
}

/** @param phase even: between runs */
function pastOf<T>(node: Node<T>, phase: number, when: 'before' | 'after'): Pick<Past, 'allocated' | 'allocations'> {
  const {beforeRun, afterRun} = node.memory ?? {};
  if (when === 'before' && beforeRun?.until === phase - 1) return beforeRun;
  return afterRun?.until === phase ? afterRun : node;
}

/** The ranks of a node's children, made anew if children have come. */
export function rankChildren<T>(node: Node<T>): void {
  if (node.ranked) return;
  const sorted = [...node.children.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const [rank, child] of sorted.entries()) child.rank = rank;
  node.ranked = true;
}

function newNode<T>(path: string, parent: Node<T> | undefined, weight: number): Node<T> {
  return {
    path,
    parent,
    children: NO_CHILDREN,
    live: undefined,
    rank: 0,
    ranked: false,
    place: 0,
    client: undefined,
    active: 0,
    weight,
    allocations: 0,
    allocated: [],
    memory: undefined,
    dirty: false,
  };
}
