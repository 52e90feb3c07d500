import type {Leadership} from '../../web/leadership.ts';
import type {Route} from '../../web/route.ts';
import type {AppsService} from './apps-service.ts';
import type {GroupsService} from './groups-service.ts';
import type {MarathonAccess} from './marathon-access.ts';

/** What Marathon's routes show and whom they ask. */
export type MarathonDoors = {
  readonly access: MarathonAccess;
  readonly apps: AppsService;
  readonly groups: GroupsService;
  readonly leadership: Leadership;
  /** As GET /v2/info shows it. */
  readonly info: () => Readonly<Record<string, unknown>>;
  /** Metrics in the text form of Prometheus. */
  readonly prometheus: () => Promise<string>;
};

export type MarathonRoute = Route<MarathonDoors>;
