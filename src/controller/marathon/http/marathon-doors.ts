import type {LevelSwitch} from '../../../kube/log.ts';
import type {Clock} from '../../../lib/clock.ts';
import type {Leadership} from '../../web/leadership.ts';
import type {Route} from '../../web/route.ts';
import type {AppsService} from './apps-service.ts';
import type {GroupsService} from './groups-service.ts';
import type {MarathonAccess} from './marathon-access.ts';
import type {Turns} from './turns.ts';

/** What Marathon's routes show and whom they ask. */
export type MarathonDoors = {
  readonly access: MarathonAccess;
  readonly apps: AppsService;
  readonly groups: GroupsService;
  readonly turns: Turns;
  readonly leadership: Leadership;
  /** As GET /v2/info shows it. */
  readonly info: () => Readonly<Record<string, unknown>>;
  /** Metrics in the text form of Prometheus. */
  readonly prometheus: () => Promise<string>;
  /** The same as GET /metrics shows it. */
  readonly metrics: () => Readonly<Record<string, unknown>>;
  /** Those in effect, as text, by name. */
  readonly flags: () => Readonly<Record<string, string>>;
  /** Undefined when nothing can be changed. */
  readonly logging: LevelSwitch | undefined;
  readonly clock: Clock;
  /** Lets another process lead. */
  readonly abdicate: () => void;
};

export type MarathonRoute = Route<MarathonDoors>;
