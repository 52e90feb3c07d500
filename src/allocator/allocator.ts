import type {HierarchicalAllocator} from './hierarchical-allocator.ts';

/** What an allocator does, whoever does it: the real one, or one that also writes down what it is told. */
export type Allocator = Pick<HierarchicalAllocator, keyof HierarchicalAllocator>;
