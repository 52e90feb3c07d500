import type {Marathon} from '../marathon.ts';

/** What the REST interface needs of Marathon. */
export type MarathonAccess = Pick<
  Marathon,
  'apps' | 'app' | 'change' | 'killInstances' | 'nameVictims' | 'newStamp' | 'nowMs' | 'flags'
>;
