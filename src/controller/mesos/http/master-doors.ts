import type {Segment} from '../../../allocator/journal/journal.ts';
import type {MasterInfo} from '../../../api/mesos/v1/container.ts';
import type {Clock} from '../../../lib/clock.ts';
import type {Metrics} from '../../telemetry/metrics.ts';
import type {Verbosity} from '../../runtime/verbosity.ts';
import type {VirtualFiles} from '../../web/virtual-files.ts';
import type {Leadership} from '../../web/leadership.ts';
import type {Route} from '../../web/route.ts';
import type {VersionInfo} from '../master-context.ts';
import type {Serving} from '../calls/transports.ts';
import type {ReadonlyMaster} from '../core/state.ts';
import type {Sight} from '../views/visible.ts';
import type {RateLimit} from './rate-limit.ts';

/** What the master's routes show and whom they ask, alike for all callers. */
export type SharedDoors = {
  readonly leadership: Leadership;
  /** What answers calls; undefined while this process does not lead. */
  readonly serving: () => Serving | undefined;
  readonly core: () => ReadonlyMaster | undefined;
  /** Of the allocator; undefined: none is kept. */
  readonly journal: () => readonly Segment[] | undefined;
  readonly masterInfo: () => MasterInfo;
  readonly version: VersionInfo;
  readonly flagTexts: Readonly<Record<string, string>>;
  readonly clusterName: string | undefined;
  readonly startedMs: number;
  readonly electedMs: () => number | undefined;
  readonly metrics: Metrics;
  readonly verbosity: Verbosity;
  readonly files: VirtualFiles;
  readonly snapshotLimit: RateLimit;
  readonly clock: Clock;
  readonly maxBufferedBytes: number;
};

/** The same for one caller: `core` shows what it may see. */
export type MasterDoors = SharedDoors & {readonly sight: Sight};

export type MasterRoute = Route<MasterDoors>;
