import type {Marathon} from '../marathon.ts';

/** What the REST interface needs of Marathon. */
export type MarathonAccess = Pick<
  Marathon,
  | 'apps'
  | 'app'
  | 'isGroup'
  | 'isPortUsed'
  | 'deployments'
  | 'versions'
  | 'version'
  | 'change'
  | 'changeAll'
  | 'killInstances'
  | 'newStamp'
  | 'resetDelay'
  | 'cancelDeployment'
  | 'nowMs'
  | 'flags'
>;
