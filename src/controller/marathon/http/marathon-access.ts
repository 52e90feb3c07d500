import type {Marathon} from '../marathon.ts';

/** What the REST interface needs of Marathon. */
export type MarathonAccess = Pick<
  Marathon,
  | 'apps'
  | 'app'
  | 'appsIn'
  | 'groups'
  | 'group'
  | 'groupVersion'
  | 'isCyclic'
  | 'plan'
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
  | 'revertDeployment'
  | 'nowMs'
  | 'events'
  | 'flags'
>;
