import type {Vector} from './cluster-total.ts';

/** What a subtree is compared with its siblings by. */
export type Standing = {
  readonly allocated: Vector;
  /** Hand-outs ever made to it. */
  readonly allocations: number;
  readonly weight: number;
};

/**
 * Orders clients by policy. A client is a path `a/b/c` in a tree (roles, or frameworks as one flat level) and an object
 * of the owner. A path may be a client and the parent of others at once. New clients are inactive.
 */
export interface Sorter<T> {
  readonly size: number;
  /** How many clients are active. */
  readonly activeCount: number;
  has(path: string): boolean;
  add(path: string, client: T): void;
  /** Also forgets what the client holds; its weight stays with the path. */
  remove(path: string): void;
  isActive(path: string): boolean;
  activate(path: string): void;
  /** An inactive client is not visited; what it holds still counts for its parents. */
  deactivate(path: string): void;
  /** @param weight above zero; 1 for every path that was never named. Paths need not be clients. */
  setWeight(path: string, weight: number): void;
  /** One hand-out to the client: it holds more, and one allocation more was made to it and its parents. */
  allocated(path: string, amounts: Vector): void;
  /** The client holds less. The number of allocations made stays. */
  unallocated(path: string, amounts: Vector): void;
  /** What the whole subtree of a path holds, `''` being the root; empty for a path that is not in the tree. */
  holdings(path: string): Vector;
  /** Dominant share of the subtree of a path over its weight, 0 for a path that is not in the tree. */
  share(path: string): number;
  /** How a path stood when the last run began or ended, or stands now; undefined for a path that is not in the tree. */
  standing(path: string, when: 'before' | 'after' | 'now'): Standing | undefined;
  /** Hand-outs ever made to the nodes of the tree, by path; the hidden leaf of a client that is a parent is `a/.`. */
  handOuts(): ReadonlyMap<string, number>;
  /** Puts such numbers back into a tree of the same clients. */
  setHandOuts(counts: ReadonlyMap<string, number>): void;
  /**
   * Offers each active client to `ask`, best first, until it answers true. Hand-outs made meanwhile change the next
   * visit, not this one; clients must not be added, removed, activated or deactivated meanwhile.
   *
   * @returns whether `ask` ended it
   */
  visit(ask: (client: T) => boolean): boolean;
}
