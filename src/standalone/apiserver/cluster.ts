import type {Clock, Random} from '../../lib/clock.ts';
import type {Logger} from '../../kube/log.ts';
import type {Registry} from './registry.ts';
import type {Store} from './store.ts';

/** What every request and every background controller of the server works on. */
export type Cluster = {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** Names new objects: a version 4 UUID. */
  readonly newUid: () => string;
  readonly log: Logger;
};
