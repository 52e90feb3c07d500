import type {AppDefinition} from '../apps/app.ts';
import type {AppId} from '../ids.ts';

/** What a change makes of an app; without a definition the app goes. */
export type PlannedApp = {
  readonly app: AppId;
  readonly definition: AppDefinition | undefined;
  /** The restart request that goes with it; absent: the one that is there. */
  readonly restartedAt?: {readonly value: string | undefined};
};

/** What a change makes of a group: what its apps depend on; undefined when nothing is said of it any more. */
export type PlannedGroup = {readonly group: AppId; readonly dependencies: readonly AppId[] | undefined};
