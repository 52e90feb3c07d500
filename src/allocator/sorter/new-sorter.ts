import type {Random} from '../../lib/clock.ts';
import type {ClusterTotal} from './cluster-total.ts';
import {DrfSorter} from './drf-sorter.ts';
import {RandomSorter} from './random-sorter.ts';
import type {Sorter} from './sorter.ts';

/** Values of `--role_sorter` and `--framework_sorter`. */
export type SorterKind = 'drf' | 'random';

export const newSorter = <T>(kind: SorterKind | undefined, total: ClusterTotal, random: Random): Sorter<T> =>
  kind === 'random' ? new RandomSorter<T>(total, random) : new DrfSorter<T>(total);
