import type {MarathonError} from '../../../api/marathon/v2/errors.ts';
import type {Result} from '../../../lib/result.ts';
import type {Change, ChangeError, ChangeResult, Stamp} from '../calls/change-app.ts';
import type {PlannedEdits} from '../calls/plans.ts';
import type {DeploymentStep} from '../core/deployments/deployment.ts';
import type {AppId} from '../core/ids.ts';
import type {EventHub} from '../event-hub.ts';
import type {Marathon} from '../marathon.ts';

type Needed = Pick<
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

type Failed = ChangeError<MarathonError>;

/** What the REST interface needs of Marathon: all of it, or what one caller may see and do. */
export type MarathonAccess = Omit<Needed, 'plan' | 'change' | 'changeAll' | 'events'> & {
  readonly plan: (edits: PlannedEdits<MarathonError>) => Promise<Result<readonly DeploymentStep[], Failed>>;
  readonly change: (change: Change<MarathonError>) => Promise<Result<ChangeResult, Failed>>;
  readonly changeAll: (
    edits: PlannedEdits<MarathonError>,
    force: boolean,
    stamp: Stamp,
  ) => Promise<Result<void, Failed>>;
  readonly events: Pick<EventHub, 'publish' | 'expect' | 'after' | 'listen'>;
  /** Whether the caller may change an app other than by `change`; absent: all. */
  readonly mayChange?: (id: AppId) => boolean;
  /** The same of all apps of a deployment. */
  readonly mayCancel?: (deploymentId: string) => boolean;
};
